"""The tables of the projection and of use as files: what their pages show under their filters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from supply.catalog import queries as catalog
from supply.catalog.words import CATEGORY as CATEGORY_NAMES
from supply.core.address import Args, number
from supply.core.errors import NotFound
from supply.core.export import Column, Table
from supply.core.files import exportable
from supply.core.text import Text
from supply.forecast import queries, screens
from supply.forecast.queries import RunRow, Series
from supply.forecast.score import HUB_QUANTILES

USE_DAYS = (7, 14, 28)
_LEVELS = (0.025, 0.25, 0.5, 0.75, 0.975)


def run_of(said: Args) -> RunRow:
    """The run an address asks for, else the district's newest forecast. Raises NotFound."""
    slug = said.get("district", "")
    wanted = number(said, "run")
    for district in catalog.districts():
        if slug in ("", district.slug):
            run = queries.latest_run(district.id) if wanted is None else queries.run(wanted)
            if run is not None and run.district_id == district.id:
                return run
    raise NotFound(Text("Không có lượt dự báo này.", "There is no such forecast run."))


def _facts(run: RunRow) -> tuple[tuple[Text, Any], ...]:
    return (
        (Text("Lượt dự báo", "Forecast run"), run.id),
        (Text("Ca mắc đến hết", "Cases up to"), run.origin),
        (Text("Mã số liệu đầu vào", "Inputs digest"), run.inputs_digest),
    )


def _week(series: Series, week: int, level: float) -> float:
    return round(float(series.quantiles[week, HUB_QUANTILES.index(level)]), 1)


def _level(level: float) -> Any:
    return lambda row: _week(row[0], row[2], level)


PROJECTION = (
    Column("place", Text("Địa bàn", "Place"), lambda row: row[0].name, width=26),
    Column("week", Text("Tuần đến", "Week to"), lambda row: row[1], "date"),
    *(
        Column(
            f"q{level:g}",
            Text(f"Mức {100 * level:g} %".replace(".", ","), f"Quantile {level:g}"),
            _level(level),
            "decimal",
        )
        for level in _LEVELS
    ),
)


@exportable("forecast.projection", "Projection")
def projection_table(said: Args) -> Table:
    """Every place and week with five quantiles."""
    run = run_of(said)
    view = queries.projection(run.id)
    rows = (
        (series, end, week)
        for series in (view.district, *view.wards)
        for week, end in enumerate(view.week_ends)
    )
    return Table(
        "du-bao-ca-mac", Text("Dự báo ca mắc", "Projection"), PROJECTION, rows, _facts(run)
    )


def _span(days: int, part: int) -> Any:
    return lambda row: round(row[2].by_horizon[USE_DAYS.index(days)][part], 1)


_PARTS = (
    Text("trung bình", "mean"),
    Text("mức 5 %", "5 %"),
    Text("mức 95 %", "95 %"),
)
BURN = (
    Column("facility", Text("Cơ sở", "Facility"), lambda row: row[0], width=34),
    Column("code", Text("Mã hàng", "Item code"), lambda row: row[1].code, width=10),
    Column("item", Text("Mặt hàng", "Item"), lambda row: row[1].name, width=36),
    Column("unit", Text("Đơn vị", "Unit"), lambda row: row[1].base_unit, width=10),
    Column(
        "day",
        Text("Mỗi ngày, 7 ngày đầu", "Per day, first 7 days"),
        lambda row: round(row[2].per_day, 1),
        "decimal",
    ),
    *(
        Column(
            f"u{days}_{part}",
            Text(f"{days} ngày, {words.vi}", f"{days} days, {words.en}"),
            _span(days, part),
            "decimal",
        )
        for days in USE_DAYS
        for part, words in enumerate(_PARTS)
    ),
)


@exportable("forecast.burn", "Burn")
def burn_table(said: Args) -> Table:
    """Use by facility and item, under the page's filters."""
    run = run_of(said)
    facilities = catalog.facilities(run.district_id)
    wanted, category = number(said, "facility"), said.get("category", "")
    burn = queries.stored_burn(run.id)
    items = {item.code: item for item in catalog.items(burn.item_codes)}

    def rows() -> Iterator[tuple[Any, ...]]:
        for n, facility in enumerate(facilities):
            if wanted not in (None, facility.id):
                continue
            for line in screens.burn_lines(burn, [n], USE_DAYS):
                item = items[line.item_code]
                if category in ("", item.category):
                    yield facility.name, item, line

    facts = _facts(run)
    if category in CATEGORY_NAMES:
        facts = (*facts, (Text("Nhóm hàng", "Item group"), CATEGORY_NAMES[category]))
    return Table("muc-tieu-hao", Text("Mức tiêu hao", "Use"), BURN, rows(), facts)
