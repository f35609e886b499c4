"""Forecast."""

from supply.core.registry import Module
from supply.core.text import Text

MODULE = Module(
    name="forecast",
    title=Text("Dự báo", "Forecast"),
    depends=("catalog", "inventory",),
)
