"""Inventory: documents, the ledger, consignments, balances, drafts. See docs.md."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_SECTION = Text("Kho", "Stock")
_READ = (("can_read", "Stock"), ("can_read", "Documents"))
_WRITE = (*_READ, ("can_write", "Documents"))

MODULE = Module(
    name="inventory",
    title=Text("Kho", "Inventory"),
    depends=("catalog",),
    has_models=True,
    views=(
        "views:StockView",
        "views:DocumentsView",
        "views:EntryView",
        "views:AskingView",
    ),
    apis=(
        "api:StockApi",
        "api_documents:DocumentsApi",
        "api_documents:DraftsApi",
        "api_attachments:AttachmentsApi",
    ),
    commands=("commands:ledger",),
    menu=(
        MenuItem(
            _SECTION, Text("Tồn kho", "Stock on hand"), "/stock/", "boxes", "Stock", order=100
        ),
        MenuItem(
            _SECTION,
            Text("Nhập kho", "Receive"),
            "/documents/new/receipt",
            "arrow-in",
            "Documents",
            "can_write",
            110,
        ),
        MenuItem(
            _SECTION,
            Text("Xuất kho", "Issue"),
            "/documents/new/issue",
            "arrow-out",
            "Documents",
            "can_write",
            120,
        ),
        MenuItem(
            _SECTION, Text("Phiếu", "Documents"), "/documents/", "files", "Documents", order=130
        ),
        MenuItem(
            _SECTION,
            Text("Phiếu nháp", "Drafts"),
            "/documents/drafts/",
            "pencil",
            "Documents",
            "can_write",
            140,
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
