"""Recalls of a lot, and quarantine. See docs.md."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_SECTION = Text("Kho", "Stock")
_READ = (("can_read", "Recalls"), ("can_read", "Quarantine"))
_KEEP = (*_READ, ("can_write", "Recalls"), ("can_write", "Quarantine"))

MODULE = Module(
    name="recalls",
    title=Text("Thu hồi", "Recalls"),
    depends=("inventory", "paper"),
    views=("views:RecallsView", "views:QuarantineView"),
    apis=("api:RecallsApi", "api:QuarantineApi"),
    menu=(
        MenuItem(_SECTION, Text("Thu hồi", "Recalls"), "/recalls/", "warning", "Recalls", order=165),
        MenuItem(
            _SECTION, Text("Biệt trữ", "Quarantine"), "/quarantine/", "shield", "Quarantine",
            order=166,
        ),
    ),
    grants={
        "storekeeper": _KEEP,
        "facility_head": _KEEP,
        "planner": (*_READ, ("can_lead", "Recalls")),
        "finance": _READ,
        "auditor": _READ,
    },
)  # fmt: skip
