"""Kits. See docs.md."""

from supply.core.registry import Module
from supply.core.text import Text

MODULE = Module(
    name="kits",
    title=Text("Bộ cơ số", "Kits"),
    depends=("inventory",),
)
