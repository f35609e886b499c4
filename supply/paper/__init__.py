"""Paper. See docs.md."""

from supply.core.registry import Module
from supply.core.text import Text

MODULE = Module(
    name="paper",
    title=Text("Giấy tờ", "Paper"),
    depends=("inventory",),
)
