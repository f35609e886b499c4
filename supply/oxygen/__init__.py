"""Oxygen: cylinders by size and state, liquid, gas, flow, hours left. See docs.md."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_READ = (("can_read", "Oxygen"),)
_WRITE = (*_READ, ("can_write", "Oxygen"))
_DEFINE = (*_READ, ("can_define", "Oxygen"))

MODULE = Module(
    name="oxygen",
    title=Text("Oxy", "Oxygen"),
    depends=("inventory",),
    views=("views:OxygenView",),
    apis=("api:OxygenApi",),
    menu=(
        MenuItem(
            Text("Kho", "Stock"),
            Text("Oxy", "Oxygen"),
            "/oxygen/",
            "droplet",
            "Oxygen",
            order=160,
        ),
    ),
    grants={
        "storekeeper": _WRITE,
        "facility_head": _WRITE,
        "planner": _DEFINE,
        "administrator": _DEFINE,
        "finance": _READ,
        "auditor": _READ,
    },
    reference_data=("data:load_oxygen",),
)
