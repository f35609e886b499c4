"""What of planning needs somebody today, on the home page."""

from __future__ import annotations

from supply.catalog import queries as catalog
from supply.core.home import Tile, tiles_for
from supply.core.text import Text
from supply.planning import queries

_ACT = Text("Xem và duyệt, hoặc trả lại", "Look at them; approve, or give back")


@tiles_for("can_approve", "Purchase")
def purchases_to_decide() -> list[Tile]:
    """Purchase plans that wait for a second person."""
    found = [
        plan
        for district in catalog.districts()
        for plan in queries.purchase_plans(district.id)
        if plan.status == "proposed"
    ]
    return _tile(
        len(found), Text("Kế hoạch mua chờ duyệt", "Purchase plans to approve"), "/purchase/"
    )


@tiles_for("can_approve", "ReserveLists")
def reserves_to_decide() -> list[Tile]:
    """Reserve lists that wait for a second person."""
    found = [
        one
        for district in catalog.districts()
        for one in queries.reserve_lists(district.id)
        if one.status == "submitted"
    ]
    return _tile(
        len(found), Text("Danh mục dự trữ chờ duyệt", "Reserve lists to approve"), "/reserve/"
    )


def _tile(count: int, label: Text, url: str) -> list[Tile]:
    return (
        [Tile(label, str(count), url, Text("bản", "to do"), "warning", 18, _ACT)] if count else []
    )
