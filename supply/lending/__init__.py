"""Lending. See docs.md."""

from supply.core.registry import Module
from supply.core.text import Text

MODULE = Module(
    name="lending",
    title=Text("Hàng mượn", "Lending"),
    depends=("inventory",),
)
