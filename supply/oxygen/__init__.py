"""Oxygen. See docs.md."""

from supply.core.registry import Module
from supply.core.text import Text

MODULE = Module(
    name="oxygen",
    title=Text("Oxy", "Oxygen"),
    depends=("inventory",),
)
