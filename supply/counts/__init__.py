"""Stock counts. See docs.md."""

from supply.core.registry import Module
from supply.core.text import Text

MODULE = Module(
    name="counts",
    title=Text("Kiểm kê", "Stock counts"),
    depends=("inventory",),
)
