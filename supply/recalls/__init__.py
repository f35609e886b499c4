"""Recalls. See docs.md."""

from supply.core.registry import Module
from supply.core.text import Text

MODULE = Module(
    name="recalls",
    title=Text("Thu hồi", "Recalls"),
    depends=("inventory",),
)
