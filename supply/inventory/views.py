"""The storekeeper's pages, by room."""

from supply.inventory import home_tiles  # noqa: F401  declares the tiles of the home page
from supply.inventory.views_asking import AskingView
from supply.inventory.views_documents import DocumentsView
from supply.inventory.views_entry import EntryView
from supply.inventory.views_find import FindView
from supply.inventory.views_periods import PeriodsView
from supply.inventory.views_preview import PreviewView
from supply.inventory.views_reports import ReportsView
from supply.inventory.views_stock import StockView

__all__ = [
    "AskingView",
    "DocumentsView",
    "EntryView",
    "FindView",
    "PeriodsView",
    "PreviewView",
    "ReportsView",
    "StockView",
]
