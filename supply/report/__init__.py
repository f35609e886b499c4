"""Reports."""

from supply.core.registry import Module
from supply.core.text import Text

MODULE = Module(
    name="report",
    title=Text("Báo cáo", "Reports"),
    depends=("inventory", "forecast", "allocation", "finance",),
)
