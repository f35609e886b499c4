"""Reports of wards become whole weeks, whatever mixture of days and weeks comes in."""

from __future__ import annotations

import numpy as np

from supply.forecast.history import Reports, WeeklyHistory, recent_days, weekly_history

SATURDAY = np.datetime64("2022-01-22")


def reports(*rows: tuple[int, int, int, int, bool]) -> Reports:
    """Rows of (ward, days after a Saturday, days, cases, anomaly)."""
    columns = list(zip(*rows, strict=True))
    return Reports(
        np.array(columns[0]),
        SATURDAY + np.array(columns[1]),
        np.array(columns[2]),
        np.array(columns[3]),
        np.array(columns[4], dtype=bool),
    )


def week(ward: int, cases: int, first: int = 1) -> list[tuple[int, int, int, int, bool]]:
    return [(ward, first + day, 1, cases, False) for day in range(7)]


def test_seven_days_make_a_week_that_ends_on_saturday() -> None:
    found = weekly_history(reports(*week(0, 3)), 1)
    assert found.week_ends.tolist() == [(SATURDAY + 7).item()]
    assert found.cases.tolist() == [[21.0]]


def test_six_days_are_no_week() -> None:
    found = weekly_history(reports(*week(0, 3)[:6]), 1)
    assert np.isnan(found.cases).all()
    assert found.last_common_week() is None


def test_an_anomalous_day_is_seen_but_its_week_is_missing() -> None:
    rows = week(0, 3)
    rows[2] = (0, 3, 1, 49_170, True)
    found = weekly_history(reports(*rows), 1)
    assert np.isnan(found.cases).all()
    assert found.anomaly.all()


def test_a_weekly_figure_stands_over_the_days() -> None:
    found = weekly_history(reports(*week(0, 3), (0, 7, 7, 30, False)), 1)
    assert found.cases.tolist() == [[30.0]]


def test_a_correction_lowers_its_week_and_a_negative_week_is_missing() -> None:
    rows = [*week(0, 3), *week(1, 0)]
    rows[0], rows[8] = (0, 1, 1, -5, False), (1, 2, 1, -1, False)
    found = weekly_history(reports(*rows), 2)
    assert found.cases[0, 0] == 13
    assert np.isnan(found.cases[1, 0])


def test_the_origin_waits_for_every_ward_that_reports() -> None:
    rows = [*week(0, 3), *week(1, 2), *week(0, 4, 8)]
    found = weekly_history(reports(*rows), 3)
    assert found.reporting().tolist() == [True, True, False]
    assert found.last_common_week() == 0
    assert found.until(SATURDAY + 7).cases.shape == (3, 1)


def test_no_reports_are_no_weeks() -> None:
    nothing = np.array([], dtype=np.int64)
    empty = Reports(
        nothing, np.array([], dtype="datetime64[D]"), nothing, nothing, nothing.astype(bool)
    )
    assert weekly_history(empty, 2).cases.shape == (2, 0)


def test_recent_days_spread_a_week_evenly_and_carry_over_a_gap() -> None:
    cases = np.array([[7.0, np.nan, 14.0]])
    history = WeeklyHistory(SATURDAY + 7 * np.arange(3), cases, np.zeros((1, 3), bool))
    assert recent_days(history, 3)[0].tolist() == [1.0] * 14 + [2.0] * 7
