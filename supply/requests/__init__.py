"""Requisitions: a ward asks, a depot decides, documents carry it out. See docs.md."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_READ = (("can_read", "Requests"),)
_ASK = (*_READ, ("can_write", "Requests"), ("can_approve", "Requests"))

MODULE = Module(
    name="requests",
    title=Text("Phiếu yêu cầu", "Requisitions"),
    depends=("inventory", "paper"),
    views=("views:RequestsView",),
    apis=("api:RequisitionsApi",),
    menu=(
        MenuItem(
            Text("Kho", "Stock"),
            Text("Phiếu yêu cầu", "Requests"),
            "/requests/",
            "clipboard",
            "Requests",
            order=150,
        ),
    ),
    grants={
        "storekeeper": _ASK,
        "facility_head": _ASK,
        "planner": (*_READ, ("can_approve", "Requests")),
        "finance": _READ,
        "auditor": _READ,
    },
)
