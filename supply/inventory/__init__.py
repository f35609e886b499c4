"""Inventory: documents, the ledger, consignments, balances, drafts. See docs.md."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_SECTION = Text("Kho", "Stock")
_READ = (("can_read", "Stock"), ("can_read", "Documents"), ("can_read", "Periods"))
_WRITE = (*_READ, ("can_write", "Documents"), ("can_write", "Periods"))

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
        "views:FindView",
        "views:PreviewView",
        "views:ReportsView",
        "views_minimums:MinimumRulesView",
        "views:PeriodsView",
    ),
    apis=(
        "api:StockApi",
        "api_documents:DocumentsApi",
        "api_documents:DraftsApi",
        "api_attachments:AttachmentsApi",
        "api_reports:ReportsApi",
        "api_reports:PeriodsApi",
    ),
    commands=("commands:ledger",),
    jobs=(
        "periods",
        "stock_table",
        "views_stock",
        "movement_table",
        "report_tables",
        "documents_table",
    ),
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
        MenuItem(
            _SECTION,
            Text("Báo cáo kho", "Stock reports"),
            "/stock-reports/",
            "clipboard-data",
            "Stock",
            order=175,
        ),
        MenuItem(
            _SECTION, Text("Khóa sổ", "Period close"), "/periods/", "lock", "Periods", order=180
        ),
    ),
    grants={
        "storekeeper": _WRITE,
        "facility_head": _WRITE,
        "planner": _READ,
        "finance": (*_READ, ("can_reopen", "Periods")),
        "auditor": _READ,
    },
)
