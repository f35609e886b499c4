"""The catalogue: items, packs; districts, wards, facilities; partners, funds."""

from supply.core import ADMIN
from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_SECTION = Text("Danh mục", "Catalogue")
_RESOURCES = ("Items", "Facilities", "Places", "Partners", "Funds")
_READ = tuple((p, r) for r in _RESOURCES for p in ("can_list", "can_show"))
_PAGES = (
    (Text("Mặt hàng", "Items"), "/items/list/", "capsule", "Items"),
    (Text("Quy cách", "Packs"), "/packs/list/", "box", "Items"),
    (Text("Cơ sở", "Facilities"), "/facilities/list/", "hospital", "Facilities"),
    (Text("Phường, xã", "Wards"), "/wards/list/", "map", "Places"),
    (Text("Đối tác", "Partners"), "/partners/list/", "truck", "Partners"),
    (Text("Nguồn quỹ", "Funds"), "/funds/list/", "cash", "Funds"),
)

MODULE = Module(
    name="catalog",
    title=Text("Danh mục", "Catalogue"),
    depends=("core",),
    has_models=True,
    views=(
        "views:ItemView",
        "views:PackView",
        "views:FacilityView",
        "views:VehicleView",
        "views:DistrictView",
        "views:WardView",
        "views:PartnerView",
        "views:FundView",
        "views:ScopeView",
    ),
    menu=(
        *(
            MenuItem(_SECTION, label, url, icon, resource, "can_list", 800 + order)
            for order, (label, url, icon, resource) in enumerate(_PAGES)
        ),
        MenuItem(
            ADMIN,
            Text("Phạm vi cơ sở", "Facility scope"),
            "/scopes/list/",
            "diagram",
            "UserScope",
            "can_list",
            920,
        ),
    ),
    grants=dict.fromkeys(("storekeeper", "facility_head", "planner", "finance"), _READ),
    reference_data=("data:load_reference",),
)
