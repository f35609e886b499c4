"""The tables of scenarios and levels as files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from supply.catalog import queries as catalog
from supply.core.address import Args, day
from supply.core.errors import NotFound
from supply.core.export import Cell, Column, Table
from supply.core.files import exportable
from supply.core.text import Text
from supply.forecast.scenarios import level_queries
from supply.forecast.scenarios.compare import HORIZONS, Comparison, ItemLine, compare
from supply.forecast.scenarios.level_queries import LevelRow
from supply.forecast.scenarios.levels import CRITERIA, LEVEL_WORDS

COMPARISON = "forecast.scenarios"
LEVELS = "forecast.levels"
TIER_WORDS = {
    "mild": Text("nhẹ", "mild"),
    "moderate": Text("vừa", "moderate"),
    "severe": Text("nặng", "severe"),
    "critical": Text("nguy kịch", "critical"),
}


def slug_of(said: Args) -> str:
    """The district of an address: the one named, else the first in scope. Raises NotFound."""
    found = catalog.districts()
    wanted = said.get("district", "")
    at = next((d for d in found if d.slug == wanted or not wanted), None)
    if at is None:
        raise NotFound()
    return at.slug


def _name(found: Comparison, number: int) -> Text:
    row = found.columns[number].scenario
    return Text("Dự báo", "Projection") if row is None else Text(row.name, row.name)


def _used(number: int, horizon: int) -> Callable[[ItemLine], Cell]:
    def value(line: ItemLine) -> Cell:
        cell = line.by_column[number]
        return None if cell is None else round(cell[horizon], 1)

    return value


@exportable(COMPARISON, "Scenarios")
def comparison_table(said: Args) -> Table:
    """Use of items under each scenario; what the scenarios lead to stands above."""
    ids = [int(x) for x in said.getlist("scenario") if x.isascii() and x.isdigit() and len(x) < 10]
    found = compare(slug_of(said), ids)
    columns = [
        Column("code", Text("Mã hàng", "Code"), lambda r: r.item.code, width=10),
        Column("item", Text("Mặt hàng", "Item"), lambda r: r.item.name, width=36),
        Column("unit", Text("Đơn vị", "Unit"), lambda r: r.item.base_unit, width=9),
    ]
    facts: list[tuple[Text, Cell | Text]] = [
        (
            Text("Lưu ý", "Note"),
            Text("Đây là kịch bản, không phải dự báo.", "These are scenarios, not forecasts."),
        )
    ]
    for n, column in enumerate(found.columns):
        name = _name(found, n)
        for h, days in enumerate(HORIZONS):
            head = Text(f"{name.vi}: {days} ngày", f"{name.en}: {days} days")
            if column.run is not None and column.run.params.horizon_days >= days:
                columns.append(Column(f"use_{n}_{days}", head, _used(n, h), "decimal", 16))
        peak, low, high = (round(v) for v in column.peak_cases)
        week = f"{column.peak_week:%d/%m/%Y}"
        run_vi = "chưa chạy" if column.run is None else f"lượt {column.run.id}"
        run_en = "not run" if column.run is None else f"run {column.run.id}"
        facts.append(
            (
                name,
                Text(
                    f"{run_vi}; cao nhất {peak} ca trong tuần đến {week} (95 %: {low} – {high})",
                    f"{run_en}; at most {peak} cases in the week to {week} (95 %: {low} – {high})",
                ),
            )
        )
        facts += [
            (
                Text(f"{name.vi}: giường, {TIER_WORDS[tier].vi}", f"{name.en}: beds, {tier}"),
                Text(
                    f"cao nhất {round(beds)} người bệnh, ngày {on:%d/%m/%Y}",
                    f"at most {round(beds)} patients, on {on:%d/%m/%Y}",
                ),
            )
            for tier, (beds, on) in column.beds.items()
        ]
    title = Text("So sánh kịch bản", "Scenarios side by side")
    return Table("so-sanh-kich-ban", title, tuple(columns), found.items, tuple(facts))


def _counted(name: str) -> Callable[[LevelRow], Cell | Text]:
    def value(row: LevelRow) -> Cell | Text:
        if name in row.now.not_counted:
            return Text("không tính (chưa có số liệu)", "not counted (not known)")
        step = dict(row.now.counted).get(name)
        return None if step is None else f"{step:+d}"

    return value


def _level(level: int | None) -> Text | None:
    return None if level is None else LEVEL_WORDS[level]


@exportable(LEVELS, "Levels")
def levels_table(said: Args) -> Table:
    """The levels of a week, computed and confirmed."""
    week: dt.date | None = day(said, "week")
    view = level_queries.view(slug_of(said), week)
    if view is None:
        raise NotFound()
    return Table(
        "cap-do-dich",
        Text("Cấp độ dịch", "Epidemic levels"),
        (
            Column("code", Text("Mã", "Code"), lambda r: r.ward.code, width=8),
            Column("ward", Text("Phường, xã", "Ward"), lambda r: r.ward.name, width=22),
            Column("people", Text("Dân số", "People"), lambda r: r.ward.population, "number"),
            Column("cases", Text("Ca trong tuần", "Cases in the week"), lambda r: r.now.cases, "number"),
            Column("rate", Text("Ca/100.000 dân", "Cases per 100,000"), lambda r: r.now.rate, "decimal"),
            *(Column(name, words, _counted(name), width=22) for name, words in CRITERIA.items()),
            Column("computed", Text("Cấp tính được", "Computed"), lambda r: _level(r.now.level), width=18),
            Column("confirmed", Text("Cấp đã xác nhận", "Confirmed"),
                   lambda r: _level(r.decision.confirmed) if r.decision else None, width=18),
            Column("reason", Text("Lý do", "Reason"),
                   lambda r: r.decision.reason if r.decision else None, width=30),
            Column("by", Text("Người xác nhận", "Confirmed by"),
                   lambda r: r.decision.decided_by if r.decision else None, width=22),
        ),
        view.rows,
        (
            (Text("Tuần đến", "Week to"), view.week_end),
            (Text("Theo", "By"), f"{view.rule.name}, {view.rule.valid_from:%d/%m/%Y}"),
        ),
    )  # fmt: skip
