"""Requisitions. See docs.md."""

from supply.core.registry import Module
from supply.core.text import Text

MODULE = Module(
    name="requests",
    title=Text("Phiếu yêu cầu", "Requisitions"),
    depends=("inventory",),
)
