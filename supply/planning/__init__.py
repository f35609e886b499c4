"""Planning: what is on order, what to buy, what to keep in reserve, what waste to expect."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_SECTION = Text("Kế hoạch", "Planning")
_ALL = ("OnOrder", "Purchase", "ReserveLists", "Waste")
_READ = tuple(("can_read", resource) for resource in _ALL)

MODULE = Module(
    name="planning",
    title=_SECTION,
    depends=("forecast", "inventory", "paper"),
    views=(
        "views_orders:OrdersView",
        "views_purchase:PurchaseView",
        "views_reserve:ReserveView",
        "views_waste:WasteView",
    ),
    apis=("api:PurchasePlansApi", "api:ReserveListsApi"),
    menu=(
        MenuItem(
            _SECTION, Text("Kế hoạch mua", "Purchase plans"), "/purchase/", "cash", "Purchase",
            order=360,
        ),
        MenuItem(
            _SECTION, Text("Hàng đã đặt", "On order"), "/on-order/", "inbox", "OnOrder", order=365
        ),
        MenuItem(
            _SECTION, Text("Danh mục dự trữ", "Reserve list"), "/reserve/", "shield",
            "ReserveLists", order=370,
        ),
        MenuItem(
            _SECTION, Text("Chất thải lây nhiễm", "Infectious waste"), "/waste/", "trash", "Waste",
            order=375,
        ),
    ),
    grants={
        "planner": (
            *_READ,
            *(("can_write", resource) for resource in _ALL),
            ("can_approve", "Purchase"),
            ("can_approve", "ReserveLists"),
        ),
        "facility_head": (
            *_READ,
            ("can_write", "OnOrder"),
            ("can_approve", "Purchase"),
            ("can_approve", "ReserveLists"),
        ),
        "storekeeper": (
            ("can_read", "OnOrder"),
            ("can_write", "OnOrder"),
            ("can_read", "ReserveLists"),
        ),
        "finance": (("can_read", "OnOrder"), ("can_read", "Purchase")),
    },
)  # fmt: skip
