"""The forecast on the home page: what runs out soon in one's own stores, and how old the forecast is."""

from __future__ import annotations

from supply.catalog import queries as catalog
from supply.core.home import Tile, tiles_for
from supply.core.i18n import num, today
from supply.core.text import Text
from supply.forecast import needs, queries

STALE_DAYS = 14


@tiles_for("can_read", "Shortage")
def shortage_tiles() -> list[Tile]:
    """Stock lines that run out within 7 and 14 days, in the first district with a forecast."""
    for district in catalog.districts():
        run = queries.latest_run(district.id)
        if run is None:
            continue
        rows = needs.shortage_rows(needs.shortage(run.id, district.slug))
        soon = sum(row.level == "danger" for row in rows)
        later = sum(row.level == "warning" for row in rows)
        url = f"/forecast/shortage/?district={district.slug}&within="
        lines = Text("dòng hàng", "stock lines")
        return [
            Tile(
                Text("Hết trong 7 ngày", "Out within 7 days"),
                num(soon),
                f"{url}7",
                lines,
                "danger" if soon else "",
                30,
                Text("Xem mặt hàng nào, bổ sung ngay", "See which, and restock now"),
            ),
            Tile(
                Text("Hết trong 14 ngày", "Out within 14 days"),
                num(soon + later),
                f"{url}14",
                lines,
                "warning" if later and not soon else "",
                31,
                Text("Xem mặt hàng nào, bổ sung trong tuần", "See which, and restock this week"),
            ),
        ]
    return []


@tiles_for("can_write", "Projection")
def run_tiles() -> list[Tile]:
    """The age of each district's newest forecast; none yet is said too."""
    tiles = []
    for order, district in enumerate(catalog.districts()):
        run = queries.latest_run(district.id)
        days = None if run is None else (today() - run.origin).days
        tiles.append(
            Tile(
                Text(
                    f"Dự báo {district.name}: ca mắc đến",
                    f"Forecast of {district.name}: cases to",
                ),
                "–" if run is None or days is None else f"{run.origin:%d/%m/%Y}",
                f"/forecast/projection/?district={district.slug}",
                Text("chưa chạy", "not run yet") if days is None else _ago(days),
                "warning" if days is None or days > STALE_DAYS else "",
                35 + order,
                Text("Nhập số ca mới rồi chạy lại dự báo", "Enter the new cases and run it again"),
            )
        )
    return tiles


def _ago(days: int) -> Text:
    if days < 1:
        return Text("hôm nay", "today")
    return Text(f"{num(days)} ngày trước", f"{num(days)} days ago")
