"""Finance."""

from supply.core.registry import Module
from supply.core.text import Text

MODULE = Module(
    name="finance",
    title=Text("Tài chính", "Finance"),
    depends=("catalog", "inventory",),
)
