"""Inventory: documents, the ledger, consignments, balances, drafts. See docs.md."""

from supply.core.registry import Module
from supply.core.text import Text

MODULE = Module(
    name="inventory",
    title=Text("Kho", "Inventory"),
    depends=("catalog",),
    has_models=True,
    commands=("commands:ledger",),
)
