"""Imports: items, opening balances and history from files. See docs.md."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_BRING = (("can_read", "Imports"), ("can_write", "Imports"))

MODULE = Module(
    name="imports",
    title=Text("Nhập từ tệp", "Imports"),
    depends=("inventory",),
    views=("views:ImportsView",),
    commands=("commands:register",),
    menu=(
        MenuItem(
            Text("Kho", "Stock"),
            Text("Nhập từ tệp", "Import files"),
            "/imports/",
            "upload",
            "Imports",
            "can_write",
            185,
        ),
    ),
    grants={"storekeeper": _BRING, "facility_head": _BRING},
    jobs=("services",),
)
