"""Allocation."""

from supply.core.registry import Module
from supply.core.text import Text

MODULE = Module(
    name="allocation",
    title=Text("Điều phối", "Allocation"),
    depends=(
        "inventory",
        "forecast",
    ),
)
