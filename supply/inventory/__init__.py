"""Inventory."""

from supply.core.registry import Module
from supply.core.text import Text

MODULE = Module(
    name="inventory",
    title=Text("Kho", "Inventory"),
    depends=("catalog",),
)
