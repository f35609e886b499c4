"""Catalogue."""

from supply.core.registry import Module
from supply.core.text import Text

MODULE = Module(
    name="catalog",
    title=Text("Danh mục", "Catalogue"),
    depends=("core",),
    has_models=True,
)
