"""Reports: the workbook that gathers everybody's figures. See docs.md."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_MAKE = (("can_read", "Workbook"), ("can_write", "Workbook"))

MODULE = Module(
    name="report",
    title=Text("Báo cáo", "Reports"),
    depends=("inventory", "forecast", "finance", "allocation"),
    has_models=True,
    views=("views:WorkbookView",),
    menu=(
        MenuItem(
            Text("Báo cáo", "Reports"),
            Text("Sổ Excel", "Workbook"),
            "/workbook/",
            "spreadsheet",
            "Workbook",
            order=600,
        ),
    ),
    grants={
        "planner": _MAKE,
        "finance": _MAKE,
        "facility_head": _MAKE,
        # Making a workbook changes nothing but the maker's own list of files.
        "auditor": _MAKE,
    },
    jobs=("services",),
)
