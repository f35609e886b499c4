"""Lending and borrowing, derived from documents. See docs.md."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_READ = (("can_read", "Loans"),)
_WRITE = (*_READ, ("can_write", "Loans"))

MODULE = Module(
    name="lending",
    title=Text("Hàng mượn", "Lending"),
    depends=("inventory",),
    views=("views:LoansView",),
    apis=("api:LoansApi",),
    menu=(
        MenuItem(
            Text("Kho", "Stock"),
            Text("Hàng mượn", "Loans"),
            "/loans/",
            "transfer",
            "Loans",
            order=167,
        ),
    ),
    grants={
        "storekeeper": _WRITE,
        "facility_head": _WRITE,
        "planner": _READ,
        "finance": _READ,
        "auditor": _READ,
    },
)
