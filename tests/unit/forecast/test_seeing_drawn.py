"""The heat table's cells and the small multiples' drawings."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from supply.catalog.queries import WardRow
from supply.forecast.queries import ProjectionView, Series
from supply.forecast.seeing.heat import cell_of, heat_table
from supply.forecast.seeing.multiples import HEIGHT, WIDTH, fan_rows, panels

WARDS = [WardRow(1, "a", "An", 1000), WardRow(2, "b", "Đông", 1000), WardRow(3, "c", "Ca", 1000)]


@dataclass(frozen=True)
class _Named:
    """What the table reads of a facility and of an item."""

    ward_id: int | None = None
    category: str = ""


@dataclass(frozen=True)
class _Line:
    """A stock line with a chance of its own."""

    facility: _Named
    item: _Named
    days: float
    days_low: float = 1.0
    horizon_days: int = 28
    chance: float = 0.0

    def out_within(self, days: int) -> float:
        return self.chance


def _line(ward: int | None, category: str, days: float, chance: float = 0.0) -> Any:
    return _Line(_Named(ward_id=ward), _Named(category=category), days, chance=chance)


def test_a_cell_by_hand() -> None:
    cell = cell_of([_line(1, "ppe", d, c) for d, c in ((2, 1.0), (5, 0.5), (28, 0.0))])
    assert (cell.lines, cell.out, cell.days, cell.low) == (3, 2, 5, 1.0)
    assert cell.chance == pytest.approx(0.5)
    assert cell.style("days") == "h4c"
    assert cell.style("chance") == "h4c"
    assert cell_of([_line(1, "ppe", 28)]).style("days") == "h1c"
    assert cell_of([]).style("low") == "h0"


def test_wards_in_order_and_the_districts_own_last() -> None:
    lines = [_line(2, "drug", 3), _line(None, "ppe", 9), _line(1, "ppe", 28)]
    table = heat_table(lines, WARDS, ["drug", "ppe"])
    assert [line.ward.name if line.ward else None for line in table] == ["An", "Đông", None]
    assert [cell.lines for line in table for cell in line.cells] == [0, 1, 1, 0, 0, 1]


def _view(histories: list[list[float]]) -> ProjectionView:
    ends = tuple(dt.date(2022, 1, 1) + dt.timedelta(weeks=n) for n in range(len(histories[0])))
    ahead = tuple(ends[-1] + dt.timedelta(weeks=n + 1) for n in range(4))

    def series(ward: int | None, name: str, history: list[float]) -> Series:
        last = history[-1]
        levels = np.linspace(0.5, 1.5, 23) * (last if ward != 2 else 2 * last)
        return Series(ward, name, np.array(history), np.tile(levels, (4, 1)))

    @dataclass(frozen=True)
    class Run:
        origin: dt.date

    wards = tuple(
        series(ward.id, ward.name, history) for ward, history in zip(WARDS, histories, strict=True)
    )
    total = [float(sum(column)) for column in zip(*histories, strict=True)]
    run: Any = Run(ends[-1])
    return ProjectionView(run, ends, ahead, series(None, "Quận", total), wards)


VIEW = _view([[4, 8, 10], [1, 2, 4], [0, 0, 0]])


def _pairs(points: str) -> np.ndarray:
    return np.array([[float(v) for v in pair.split(",")] for pair in points.split()])


def test_orders() -> None:
    def names(order: str) -> list[str]:
        return [p.name for p in panels(VIEW, shared=False, order=order)]

    assert names("growth") == ["Đông", "An", "Ca"]  # no cases, no growth: last
    assert names("name") == ["An", "Ca", "Đông"]  # Đ sorts by its letter
    assert names("cases") == ["An", "Đông", "Ca"]


@pytest.mark.parametrize("shared", [True, False])
def test_everything_is_drawn_inside_and_zero_lies_on_the_axis(shared: bool) -> None:
    found = panels(VIEW, shared=shared, order="name")
    for panel in found:
        for points in (panel.past, panel.median, panel.band_50, panel.band_95):
            drawn = _pairs(points)
            assert (drawn >= 0).all()
            assert (drawn[:, 0] <= WIDTH + 0.05).all()
            assert (drawn[:, 1] <= HEIGHT).all()
    assert len({panel.top for panel in found}) == (1 if shared else 3)
    empty = next(panel for panel in found if panel.name == "Ca")
    assert (_pairs(empty.past)[:, 1] == HEIGHT).all()
    assert empty.growth is None


def test_the_fan_begins_at_the_last_point_reported() -> None:
    panel = panels(VIEW, shared=False, order="name")[0]
    np.testing.assert_array_equal(_pairs(panel.median)[0], _pairs(panel.past)[-1])
    assert panel.points[-1][0] == panel.origin_x
    assert panel.growth == pytest.approx(0.0)
    assert panel.ahead[1] < panel.ahead[0] < panel.ahead[2]


def test_the_fan_in_figures() -> None:
    rows = fan_rows(VIEW, VIEW.wards[0])
    assert [row.reported for row in rows] == [4, 8, 10, None, None, None, None]
    assert rows[-1].median == 10
    assert rows[-1].within_50 is not None
    assert rows[-1].within_95 is not None
    assert rows[-1].within_95[0] < rows[-1].within_50[0] < 10 < rows[-1].within_50[1]
