"""The rules a planner sees: each with its code, its words, and what it did to which rows."""

from __future__ import annotations

import datetime as dt
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from supply.forecast.cases import read_cases
from supply.forecast.history import Reports, weekly_history
from supply.forecast.intake import thresholds, totals
from supply.forecast.intake.checking import Choices, Preview, check
from supply.forecast.intake.found import Counted, Given, Key, Row, Ward
from supply.forecast.intake.late import late_days
from supply.forecast.intake.places import Area, Matcher
from supply.forecast.intake.reading import Asked, read_paste
from supply.forecast.intake.revisions import DELAYS_WEEKS, Recorded, triangle
from supply.forecast.intake.series import merged, whole_weeks
from supply.forecast.intake.spikes import spikes

TODAY = dt.date(2022, 3, 12)
SATURDAY = dt.date(2022, 3, 5)
DAY = dt.timedelta(days=1)
LAST = dt.date(2025, 6, 30)
NAMES = ("Phúc Xá", "Trúc Bạch", "Vĩnh Phúc", "Cống Vị", "Liễu Giai")
WARDS = tuple(Ward(n, f"0000{n}", name, 10_000 * n, None, LAST) for n, name in enumerate(NAMES, 1))
AREA = Area("Ba Đình", "Hà Nội", WARDS, 259_900, 8_330_000)
LIMITS = thresholds.limits(TODAY)
ONE, TWO = WARDS[0], WARDS[1]


def checked(
    text: str,
    state: dict[Key, Counted] | None = None,
    *,
    area: Area = AREA,
    today: dt.date = TODAY,
    choices: Choices | None = None,
    days: int | None = None,
) -> Preview:
    table = read_paste(text, Asked(today, None, days))
    assert not table.faults
    return check(table.given, area, state or {}, choices or Choices({}), today, LIMITS)


def long(*rows: str) -> str:
    return "Ngày\tPhường\tSố ca\n" + "\n".join(rows)


def habit(days: int = 42, level: int = 10, until: dt.date = SATURDAY) -> dict[Key, Counted]:
    """Every ward at about the same level, weekends low."""
    return {
        (w.id, until - n * DAY, 1): Counted(_usual(until - n * DAY, level), False)
        for w in WARDS
        for n in range(1, days + 1)
    }


def _usual(on: dt.date, level: int) -> int:
    return level // 2 if on.isoweekday() == 7 else level


def codes(found: Preview) -> set[str]:
    return {f.code for f in found.findings}


def words(found: Preview) -> list[str]:
    return [f.message() for f in found.faults]


# --- duplicates, impossible figures ----------------------------------------------------------------


def test_equal_duplicates_are_kept_once_and_different_ones_refused() -> None:
    same = checked(long("03/03/2022\tPhúc Xá\t5", "03/03/2022\tP. Phuc Xa\t5"))
    assert [c.row.cases for c in same.changes] == [5]
    assert ("duplicate", (3,)) in [(f.code, f.lines) for f in same.findings]
    differ = checked(long("03/03/2022\tPhúc Xá\t5", "03/03/2022\t00001\t6"))
    assert words(differ) == [
        "Dòng 3: Phúc Xá ngày 03/03/2022 có hai số khác nhau: 5 (dòng 2) và 6; hãy giữ một số."
    ]
    assert not differ.may_keep


def test_a_duplicate_that_says_more_of_its_mark_is_the_one_kept() -> None:
    rows = "Ngày;Phường;Số ca;Bất thường\n03/03/2022;Phúc Xá;5;\n03/03/2022;Phúc Xá;5;1"
    found = checked(rows)
    assert [(c.row.cases, c.anomaly) for c in found.changes] == [(5, True)]
    assert not checked(rows.replace("5;\n", "5;0\n")).may_keep


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("13/03/2022\tPhúc Xá\t5", "ngày chưa đến (hôm nay 12/03/2022)"),
        ("31/12/2019\tPhúc Xá\t5", "trước năm 2020"),
        ("03/03/2022\tPhúc Xá\t10.001", "nhiều hơn số dân"),
    ],
)
def test_what_cannot_be_is_refused(row: str, said: str) -> None:
    (fault,) = checked(long(row)).faults
    assert fault.line == 2
    assert said in fault.text.vi


def test_a_closed_ward_is_refused_with_its_last_day() -> None:
    found = checked(long("01/07/2025\tPhúc Xá\t5"), today=dt.date(2025, 7, 2))
    assert "Phúc Xá chỉ có đến hết 30/06/2025" in words(found)[0]
    merged_ward = Ward(9, "00001", "Phúc Xá mới", 50_000, dt.date(2025, 7, 1), None)
    area = Area("Ba Đình", "Hà Nội", (*WARDS, merged_ward))
    again = checked(long("01/07/2025\t00001\t5"), area=area, today=dt.date(2025, 7, 2))
    assert [c.row.ward.id for c in again.changes] == [9]


def test_a_week_ends_on_saturday_and_is_never_negative() -> None:
    week = "Ngày;Phường;Số ca;Kỳ\n04/03/2022;Phúc Xá;5;tuần\n05/03/2022;Phúc Xá;-5;tuần"
    friday, negative = words(checked(week))
    assert "không phải thứ Bảy" in friday
    assert "(05/03/2022)" in friday
    assert "cả tuần không được âm" in negative


# --- daily or weekly -------------------------------------------------------------------------------


def test_daily_and_weekly_rows_mixed_are_refused_and_the_places_named() -> None:
    days = [f"{SATURDAY - n * DAY:%d/%m/%Y}\tPhúc Xá\t5" for n in range(7)]
    weeks = ["26/02/2022\tTrúc Bạch\t30", "05/03/2022\tTrúc Bạch\t31"]
    found = checked(long(*days, *weeks))
    assert "lẫn số liệu ngày (Phúc Xá) và số liệu tuần (Trúc Bạch)" in words(found)[0]
    assert not found.may_keep
    told = checked("Ngày;Phường;Số ca;Kỳ\n04/03/2022;A;1;ngày\n05/03/2022;B;9;tuần".replace("A", "Phúc Xá").replace("B", "Trúc Bạch"))  # fmt: skip
    assert [c.row.days for c in told.changes] == [1, 7]


def test_one_saturday_alone_is_asked_about() -> None:
    assert "số của ngày hay của cả tuần" in words(checked(long("05/03/2022\tPhúc Xá\t5")))[0]
    assert checked(long("05/03/2022\tPhúc Xá\t5"), days=7).changes[0].row.days == 7
    weeks = checked(long("26/02/2022\tPhúc Xá\t5", "05/03/2022\tPhúc Xá\t6"))
    assert {c.row.days for c in weeks.changes} == {7}


def test_a_weekly_figure_stands_over_its_days() -> None:
    state = {(1, SATURDAY - n * DAY, 1): Counted(5, False) for n in range(7)}
    found = checked(long("05/03/2022\tPhúc Xá\t40"), state, days=7)
    assert "week_over_days" in codes(found)


# --- gaps, negatives, spikes, late -----------------------------------------------------------------


def test_gaps_are_named_and_left_unknown() -> None:
    rows = [f"{day:%d/%m/%Y}\t{w}\t5" for day in (dt.date(2022, 2, 27), dt.date(2022, 3, 4)) for w in NAMES[:2]]  # fmt: skip
    found = checked(long(*rows[:-1], "01/03/2022\tPhúc Xá\t5", "02/03/2022\tPhúc Xá\t5"))
    said = {f.code: f.text.vi for f in found.findings}
    assert "Phúc Xá: 28/02/2022, 03/03/2022" in said["gap"]
    assert "không phải 0" in said["gap"]
    assert "Trúc Bạch" in said["not_reported"]
    assert len(found.changes) == 5


def test_missing_weeks_are_named_but_not_those_with_all_days() -> None:
    found = checked(long("12/02/2022\tPhúc Xá\t5", "05/03/2022\tPhúc Xá\t6"))
    (gap,) = [f for f in found.findings if f.code == "gap"]
    assert "19/02/2022, 26/02/2022" in gap.text.vi
    state = {(1, dt.date(2022, 2, 26) - n * DAY, 1): Counted(1, False) for n in range(14)}
    assert "gap" not in codes(
        checked(long("12/02/2022\tPhúc Xá\t5", "05/03/2022\tPhúc Xá\t6"), state)
    )


def test_a_negative_day_is_summed_and_a_negative_week_counts_as_missing() -> None:
    state = {(1, SATURDAY - n * DAY, 1): Counted(5, False) for n in range(1, 7)}
    small = checked(long("05/03/2022\tPhúc Xá\t-3"), state, days=1)
    assert codes(small) >= {"negative_day"}
    assert "negative_week" not in codes(small)
    assert whole_weeks(merged(state, [c.row for c in small.changes]), 1, [SATURDAY]) == {
        SATURDAY: 27
    }
    large = checked(long("05/03/2022\tPhúc Xá\t-90"), state, days=1)
    assert "coi như thiếu: Phúc Xá, tuần đến 05/03/2022" in next(
        f.text.vi for f in large.findings if f.code == "negative_week"
    )
    assert whole_weeks(merged(state, [c.row for c in large.changes]), 1, [SATURDAY]) == {
        SATURDAY: None
    }


def test_a_spike_is_proposed_never_dropped_and_the_tick_decides() -> None:
    text = long("05/03/2022\tPhúc Xá\t900", *[f"05/03/2022\t{n}\t10" for n in NAMES[1:]])
    found = checked(text, habit(), days=1)
    (spike,) = found.spikes
    assert (spike.row.ward.name, spike.usual, round(spike.times)) == ("Phúc Xá", 10, 82)
    assert "spike" in codes(found)
    by_ward = {c.row.ward.id: c for c in found.changes}
    assert by_ward[1].anomaly
    assert by_ward[1].row.cases == 900
    kept = checked(text, habit(), days=1, choices=Choices({}, frozenset()))
    assert not {c.row.ward.id: c for c in kept.changes}[1].anomaly
    # What was kept unmarked was looked at then: it is not proposed again.
    state = habit() | {(1, SATURDAY, 1): Counted(900, False)}
    again = checked(text, state, days=1)
    assert not again.ticked
    assert {c.row.ward.id: c.kind for c in again.changes}[1] == "unchanged"


def test_a_rise_that_the_neighbours_share_or_that_stays_is_no_spike() -> None:
    grown = long(*[f"05/03/2022\t{n}\t95" for n in NAMES])
    assert not checked(grown, habit(), days=1).spikes
    lone = long("05/03/2022\tPhúc Xá\t95", *[f"05/03/2022\t{n}\t10" for n in NAMES[1:]])
    assert len(checked(lone, habit(), days=1).spikes) == 1
    stays = long(*[f"{SATURDAY + n * DAY:%d/%m/%Y}\tPhúc Xá\t95" for n in range(5)])
    # The first days are confirmed by those after them; the last two nothing confirms yet.
    unconfirmed = [SATURDAY + 3 * DAY, SATURDAY + 4 * DAY]
    assert [s.row.on for s in checked(stays, habit()).spikes] == unconfirmed
    assert not checked(long("05/03/2022\tPhúc Xá\t900"), days=1).spikes  # no habit yet


def test_late_days_are_shown_with_a_factor_and_an_earlier_origin() -> None:
    late = long(*[f"05/03/2022\t{n}\t2" for n in NAMES])
    found = checked(late, habit(), days=1)
    said = next(f.text.vi for f in found.findings if f.code == "late")
    assert "Có thể chưa báo cáo đủ: 05/03/2022 mới có 10 ca, thường khoảng 50" in said
    assert "× 5,0" in said
    assert found.origin == dt.date(2022, 2, 26)
    assert found.may_keep
    full = long(*[f"05/03/2022\t{n}\t9" for n in NAMES])
    assert checked(full, habit(), days=1).origin is None


def test_a_low_sunday_is_habit() -> None:
    sunday = dt.date(2022, 3, 6)
    rows = long(*[f"{sunday:%d/%m/%Y}\t{n}\t5" for n in NAMES])
    state = habit() | {(w.id, SATURDAY, 1): Counted(10, False) for w in WARDS}
    assert checked(rows, state).origin is None


def test_a_late_week_proposes_the_week_before() -> None:
    state = {
        (w.id, SATURDAY - n * 7 * DAY, 7): Counted(70, False) for w in WARDS for n in range(1, 6)
    }
    rows = long(*[f"05/03/2022\t{n}\t10" for n in NAMES])
    assert checked(rows, state, days=7).origin == dt.date(2022, 2, 26)


# --- places and totals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said", ["Phúc Xá", "phuc xa", "P. Phúc Xá", "Phường  Phúc-Xá", "00001", "1", "P Phúc Xá", "Xã Phúc Xá"]
)  # fmt: skip
def test_a_ward_is_found_as_people_write_it(said: str) -> None:
    placed = Matcher(AREA).place(Given(1, said, SATURDAY, 1))
    assert placed.ward == ONE


def test_names_that_fold_alike_are_told_apart_by_diacritics_or_asked() -> None:
    hoa = (Ward(1, "1", "An Hòa", 1), Ward(2, "2", "An Hoà", 1), Ward(3, "3", "An Hỏa", 1))
    area = Area("Rạch Giá", "Kiên Giang", hoa)
    assert Matcher(area).place(Given(1, "An Hòa", SATURDAY, 1)).ward == hoa[0]
    asked = Matcher(area).place(Given(1, "An Hoa", SATURDAY, 1))
    assert asked.ward is None
    assert len(asked.candidates) == 3
    assert Matcher(area, {"anhoa": "3"}).place(Given(1, "An Hoa", SATURDAY, 1)).ward == hoa[2]
    clash = Matcher(AREA).place(Given(1, "Trúc Bạch", SATURDAY, 1, code="00001"))
    assert {w.id for w in clash.candidates} == {1, 2}


def test_an_unknown_ward_is_asked_with_the_nearest_names() -> None:
    found = checked(long("03/03/2022\tPhúc Xoa\t5", "03/03/2022\tHoàn Kiếm\t5"))
    assert [(q.said, [w.name for w in q.candidates]) for q in found.questions] == [
        ("Phúc Xoa", ["Phúc Xá"]),
        ("Hoàn Kiếm", []),
    ]
    assert not found.may_keep
    left = checked(long("03/03/2022\tHoàn Kiếm\t5", "03/03/2022\tPhúc Xá\t5"), choices=Choices({"hoankiem": "skip"}))  # fmt: skip
    assert left.may_keep
    assert len(left.changes) == 1


def test_a_total_beside_wards_is_compared_and_alone_is_shared() -> None:
    beside = checked(long("03/03/2022\tPhúc Xá\t5", "03/03/2022\tTổng cộng\t9"))
    assert codes(beside) >= {"total_row", "total_differs"}
    assert len(beside.changes) == 1
    alone = checked(long("03/03/2022\tQuận Ba Đình\t150", "04/03/2022\tQuận Ba Đình\t151"))
    assert sum(c.row.cases for c in alone.changes) == 301
    assert alone.assumed is not None
    province = checked(long("03/03/2022\tTP Hà Nội\t10000", "04/03/2022\tTP Hà Nội\t10000"))
    assert sum(c.row.cases for c in province.changes) == pytest.approx(2 * 10_000 * 259_900 / 8_330_000, abs=2)  # fmt: skip
    nobody = Area("Rạch Giá", "Kiên Giang", WARDS)
    unknown = checked(long("03/03/2022\tKiên Giang\t9", "04/03/2022\tKiên Giang\t9"), area=nobody)
    assert "Chưa có dân số của Kiên Giang" in words(unknown)[0]


# --- properties ------------------------------------------------------------------------------------

PEOPLE = st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(lambda p: sum(p) > 0)


@drawn(st.integers(-(10**6), 10**6), PEOPLE, st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)))
def test_shared_parts_are_whole_near_their_share_and_add_up(
    total: int, people: list[int], on: dt.date
) -> None:
    parts = totals.share(total, people, on)
    assert sum(parts) == total
    for part, population in zip(parts, people, strict=True):
        assert abs(part - total * population / sum(people)) < 1.0 + 1e-6


def test_sharing_is_fair_over_time() -> None:
    days = [SATURDAY - n * DAY for n in range(400)]
    sums = np.sum([totals.share(3, (100, 100, 200, 600), day) for day in days], axis=0)
    np.testing.assert_allclose(sums, 1200 * np.array([0.1, 0.1, 0.2, 0.6]), atol=3)


FIGURE = st.tuples(st.integers(0, 4), st.integers(0, 20), st.integers(-20, 200), st.booleans())


def _row(figure: tuple[int, int, int, bool]) -> Row:
    ward, day, cases, mark = figure
    return Row(1, WARDS[ward], SATURDAY - day * DAY, 1, cases, mark)


@settings(max_examples=60)
@drawn(st.lists(FIGURE, max_size=60), st.lists(st.integers(0, 60), max_size=6))
def test_any_split_of_the_same_rows_in_order_counts_the_same(
    figures: list[tuple[int, int, int, bool]], cuts: list[int]
) -> None:
    rows = [_row(f) for f in figures]
    edges = [0, *sorted(min(c, len(rows)) for c in cuts), len(rows)]
    state: dict[Key, Counted] = {}
    for a, b in pairwise(edges):
        state = merged(state, rows[a:b])
    assert state == merged({}, rows)


@settings(max_examples=60)
@drawn(st.lists(FIGURE, min_size=1, max_size=40), st.lists(FIGURE, max_size=20))
def test_the_same_batch_again_changes_nothing_and_old_figures_stay_known(
    first: list[tuple[int, int, int, bool]], later: list[tuple[int, int, int, bool]]
) -> None:
    rows = list({_row(f).key: _row(f) for f in first}.values())
    given = [Given(1, r.ward.name, r.on, r.cases, 1, r.ward.code, anomaly=r.anomaly) for r in rows]
    once = check(given, AREA, {}, Choices({}), TODAY, LIMITS)
    state = merged(
        {}, [c.row for c in once.changes], [c.row.key for c in once.changes if c.anomaly]
    )
    again = check(given, AREA, state, Choices({}), TODAY, LIMITS)
    assert not again.to_keep
    moment = dt.datetime(2022, 3, 5, 8, tzinfo=dt.UTC)
    corrected = dt.date(2022, 3, 14)
    log = [Recorded(r.ward.id, r.on, 1, r.cases, bool(r.anomaly), moment) for r in rows]
    log += [
        Recorded(r.ward.id, r.on, 1, r.cases, bool(r.anomaly), moment + dt.timedelta(days=9))
        for r in map(_row, later)
    ]
    ids = [w.id for w in WARDS]
    before = triangle(log[: len(rows)], ids, SATURDAY, 4)
    after = {w.week_end: w for w in triangle(log, ids, SATURDAY, 4).weeks}
    assert before.weeks
    for week in before.weeks:
        for delay, known in zip(DELAYS_WEEKS, week.at, strict=True):
            if week.week_end + (1 + 7 * delay) * DAY < corrected:
                assert after[week.week_end].at[DELAYS_WEEKS.index(delay)] == known


@settings(max_examples=40)
@drawn(st.lists(FIGURE, max_size=60))
def test_whole_weeks_are_those_of_the_forecast(figures: list[tuple[int, int, int, bool]]) -> None:
    state = merged({}, [_row(f) for f in figures])
    if not state:
        return
    keys = list(state)
    reports = Reports(
        np.array([k[0] - 1 for k in keys]),
        np.array([k[1] for k in keys], dtype="datetime64[D]"),
        np.array([k[2] for k in keys]),
        np.array([state[k].cases for k in keys]),
        np.array([state[k].anomaly for k in keys]),
    )
    history = weekly_history(reports, len(WARDS))
    for column, end in enumerate(history.week_ends.tolist()):
        for ward in WARDS:
            ours = whole_weeks(state, ward.id, [end])[end]
            theirs = history.cases[ward.id - 1, column]
            assert ours == (None if np.isnan(theirs) else int(theirs))


# --- the limits, and real series -------------------------------------------------------------------


def test_limits_are_dated_with_a_source_and_faults_in_the_table_are_told(tmp_path: Path) -> None:
    text = thresholds.FILE.read_text(encoding="utf-8")
    assert all(row.count(",") >= 6 for row in text.splitlines())
    twice = tmp_path / "twice.csv"
    twice.write_text(text + "late_days,2,days,2021-01-01,,x,assumed\n", encoding="utf-8")
    with pytest.raises(ValueError, match="late_days is said twice"):
        thresholds.limits(TODAY, twice)
    assert thresholds.limits(dt.date(2020, 6, 1), twice)["late_days"] == 3
    with pytest.raises(ValueError, match="missing"):
        thresholds.limits(dt.date(2019, 1, 1))


def test_the_wrong_days_of_real_series_are_found_and_few_others() -> None:
    folder = Path(os.environ.get("SUPPLY_SHARED", Path(__file__).parents[4] / "shared")) / "data"
    file = folder / "cases_daily_vietnam_provinces.csv"
    if not file.is_file():
        pytest.skip("the real series are not here: set SUPPLY_SHARED")
    rows = read_cases(file)
    first = rows.dates.min()
    grid = np.full((len(rows.places), int((rows.dates.max() - first).astype(int)) + 1), np.nan)
    grid[rows.place_index, (rows.dates - first).astype(int)] = rows.cases
    found = spikes(grid, np.ones(grid.shape, dtype=bool), 1, LIMITS)
    places = {(rows.places[s.place], str(first + s.time)) for s in found}
    assert ("VN:Kiên Giang", "2021-09-28") in places
    assert len(found) <= 0.003 * np.isfinite(grid).sum()
    late = [late_days(grid[:, :day], LIMITS) is not None for day in range(60, grid.shape[1])]
    assert 0 < np.mean(late) < 0.25
