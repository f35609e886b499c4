"""Scenarios and levels on the home page: what no longer holds, what waits to be confirmed."""

from __future__ import annotations

from supply.catalog import queries as catalog
from supply.core.home import Tile, tiles_for
from supply.core.i18n import num
from supply.core.text import Text
from supply.forecast.scenarios import level_queries, queries


@tiles_for("can_write", "Scenarios")
def stale_tiles() -> list[Tile]:
    """Scenarios that cases have left behind, a district each; none is no tile."""
    tiles = []
    for district in catalog.districts():
        count = len(queries.stale_of(queries.active(district.id)))
        if count:
            tiles.append(
                Tile(
                    Text(
                        f"Kịch bản cần tính lại: {district.name}",
                        f"Scenarios out of date: {district.name}",
                    ),
                    num(count),
                    f"/forecast/scenarios/?district={district.slug}",
                    Text("kịch bản", "scenarios"),
                    "warning",
                    35,
                    Text("Tính lại với số ca mới", "Run them again on the new cases"),
                )
            )
    return tiles


@tiles_for("can_write", "Levels")
def level_tiles() -> list[Tile]:
    """Wards whose level of the newest week nobody has confirmed; none is no tile."""
    tiles = []
    for district in catalog.districts():
        view = level_queries.view(district.slug)
        open_rows = [r for r in view.rows if r.decision is None and r.now.level] if view else []
        if open_rows and view is not None:
            tiles.append(
                Tile(
                    Text(
                        f"Cấp độ dịch chưa xác nhận: {district.name}",
                        f"Levels to confirm: {district.name}",
                    ),
                    num(len(open_rows)),
                    f"/forecast/levels/?district={district.slug}",
                    Text("phường, xã", "wards"),
                    "",
                    36,
                )
            )
    return tiles
