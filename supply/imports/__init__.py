"""Imports. See docs.md."""

from supply.core.registry import Module
from supply.core.text import Text

MODULE = Module(
    name="imports",
    title=Text("Nhập từ tệp", "Imports"),
    depends=("inventory",),
)
