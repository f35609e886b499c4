"""Stock counts: blind sheet, comparison, recount, resolution by one adjustment. See docs.md."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_READ = (("can_read", "Counts"),)
_WRITE = (*_READ, ("can_write", "Counts"))

MODULE = Module(
    name="counts",
    title=Text("Kiểm kê", "Stock counts"),
    depends=("inventory", "paper"),
    views=("views:CountsView", "views_sheet:CountSheetView"),
    apis=("api:CountsApi",),
    menu=(
        MenuItem(
            Text("Kho", "Stock"),
            Text("Kiểm kê", "Stock counts"),
            "/counts/",
            "clipboard",
            "Counts",
            order=155,
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
