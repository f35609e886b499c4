"""Kits: home bags, a mobile station's set, opening sets by beds. See docs.md."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_READ = (("can_read", "Kits"),)
_WRITE = (*_READ, ("can_write", "Kits"))
_DEFINE = (*_READ, ("can_define", "Kits"))

MODULE = Module(
    name="kits",
    title=Text("Bộ cơ số", "Kits"),
    depends=("inventory",),
    views=("views:KitsView",),
    apis=("api:KitsApi",),
    menu=(
        MenuItem(
            Text("Kho", "Stock"),
            Text("Bộ cơ số", "Kits"),
            "/kits/",
            "bandaid",
            "Kits",
            order=170,
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
    reference_data=("data:load_kits",),
)
