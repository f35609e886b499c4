"""Case files: what is read, what is refused and with which words."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.forecast.cases import filled_history, read_cases, weekly_cases
from supply.forecast.faults import InputFaults

HEADER = "date,place,population,cases\n"


def _daily(first: str, cases: list[object], place: str = "A") -> str:
    days = np.datetime64(first) + np.arange(len(cases))
    return "".join(f"{day},{place},,{count}\n" for day, count in zip(days, cases, strict=True))


def _weekly(text: str, header: str = HEADER):
    return weekly_cases(read_cases((header + text).encode()))


def _lines(text: str, header: str = HEADER) -> list[str]:
    with pytest.raises(InputFaults) as refused:
        read_cases((header + text).encode())
    return refused.value.bilingual_lines()


def test_days_sum_to_weeks_that_end_on_saturday() -> None:
    weekly = _weekly(_daily("2022-01-02", [1, 2, 3, 4, 5, 6, 7, 10]))  # Sunday to Sunday
    assert [str(day) for day in weekly.week_ends] == ["2022-01-08", "2022-01-15"]
    assert weekly.cases[0, 0] == 28
    assert np.isnan(weekly.cases[0, 1])
    assert weekly.daily


def test_saturday_rows_a_week_apart_are_weekly() -> None:
    weekly = _weekly("2022-01-08,A,100,5\n2022-01-15,A,100,6\n")
    assert not weekly.daily
    assert weekly.cases.tolist() == [[5, 6]]
    assert weekly.population.tolist() == [100]


def test_negative_days_are_summed_and_a_negative_week_is_missing() -> None:
    corrected = _weekly(_daily("2022-01-02", [10, 10, 10, 10, 10, 10, -20]))
    assert corrected.cases[0, 0] == 40
    negative = _weekly(_daily("2022-01-02", [1, 1, 1, 1, 1, 1, -20]))
    assert np.isnan(negative.cases[0, 0])


@pytest.mark.parametrize(
    "spoiled", ["2022-01-12,A,,,0\n", "2022-01-12,A,,9,1\n", ""], ids=["blank", "anomaly", "absent"]
)
def test_a_week_with_a_day_not_known_is_missing(spoiled: str) -> None:
    header = "date,place,population,cases,anomaly\n"
    rows = [f"2022-01-{day:02d},A,,1,0\n" for day in range(2, 23) if day != 12]
    weekly = _weekly("".join(rows) + spoiled, header)
    assert weekly.whole.tolist() == [[True, False, True]]


def test_a_blank_first_days_later_row_leaves_other_places_whole() -> None:
    weekly = _weekly(_daily("2022-01-02", [1] * 7, "A") + _daily("2022-01-04", [1] * 5, "B"))
    assert weekly.whole.tolist() == [[True], [False]]


def test_only_an_empty_field_is_missing_and_namibia_is_a_place() -> None:
    weekly = _weekly("2022-01-08,NA,,5\n2022-01-15,NA,,6\n2022-01-08,null,,7\n")
    assert weekly.places == ("NA", "null")
    assert "“NA” is not a number" in _lines("2022-01-08,A,,NA\n")[0]


def test_place_text_is_kept_as_it_is() -> None:
    assert _weekly('2022-01-08,"  Hà Nội, ""ngoài"" ",,5\n').places == ('  Hà Nội, "ngoài" ',)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("31/02/2022,A,,5\n", "Row 2, date: “31/02/2022” is not a date"),
        ("2022-02-31,A,,5\n", "Row 2, date: “2022-02-31” is not a date"),
        ("0022-02-05,A,,5\n", "Row 2, date"),
        ("2022-01-08,A,,1e3\n", "Row 2, cases: “1e3” is not a number"),
        ('2022-01-08,A,,"1,5"\n', "Row 2, cases: “1,5” is not a number"),
        ("2022-01-08,A,,inf\n", "Row 2, cases"),
        ("2022-01-08,A,-3,5\n", "Row 2, population: must be above 0"),
        ("2022-01-08,,,5\n", "Row 2, place: the place is missing"),
        (
            "2022-01-08,A,,5\n2022-01-08,A,,6\n",
            "Row 3, date: A on 2022-01-08 already stands in row 2",
        ),
        (
            "2022-01-07,A,,5\n2022-01-14,A,,6\n",
            "Row 2, date: a weekly row must be dated by the Saturday",
        ),
        ("2022-01-08,A,,5,6,7\n", "file: not a well-formed CSV"),
    ],
)
def test_a_bad_row_is_refused_naming_row_and_field_in_both_languages(row: str, said: str) -> None:
    line = _lines(row)[0]
    vietnamese, english = line.split(" | ", 1)
    assert english.startswith(said)
    assert vietnamese.startswith("Dòng") == english.startswith("Row")


def test_every_fault_of_a_file_is_said_at_once() -> None:
    lines = _lines("x,A,,5\n2022-01-08,,,z\n")
    assert [line.split(" | ")[1].split(":")[0] for line in lines] == [
        "Row 2, date",
        "Row 3, cases",
        "Row 3, place",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (HEADER.encode(), "no data rows"),
        (b"date;place;population;cases\n", "column missing"),
        (b"date,place,cases,cases,population\n1,2,3,4,5\n", "column appears twice"),
        ("Hà Nội".encode("utf-16"), "UTF-8"),
        (b"date,place,population,cases,anomaly\n2022-01-08,A,,5,yes\n", "must be 0, 1 or empty"),
    ],
)
def test_a_bad_file_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(InputFaults) as refused:
        read_cases(content)
    assert said in "\n".join(refused.value.bilingual_lines())


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFaults):
        read_cases(tmp_path / "none.csv")


def test_a_gap_is_filled_linearly_and_ends_are_left() -> None:
    nan = np.nan
    filled = filled_history(np.array([[nan, 4, nan, nan, 10, nan]]))
    np.testing.assert_array_equal(filled, [[nan, 4, 6, 8, 10, nan]])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 500)), min_size=1, max_size=15))
def test_filling_once_is_filling_up_to_each_whole_week(weeks: list[int | None]) -> None:
    cases = np.array([[np.nan if week is None else float(week) for week in weeks]])
    whole = filled_history(cases)
    for origin in np.flatnonzero(~np.isnan(cases[0])):
        upto = filled_history(cases[:, : origin + 1])
        np.testing.assert_array_equal(upto, whole[:, : origin + 1])


def test_byte_order_mark_windows_line_ends_and_blank_lines_do_no_harm() -> None:
    text = "\ufeff" + HEADER + "2022-01-08,A,,5\n\n2022-01-15,A,,6\n"
    weekly = weekly_cases(read_cases(text.replace("\n", "\r\n").encode()))
    assert weekly.cases.tolist() == [[5, 6]]


def test_steady_growth_within_a_week_is_no_late_rise_and_a_last_minute_jump_is() -> None:
    steady = [round(200 * 1.04**day) for day in range(7 * 8)]
    late = _weekly(_daily("2022-01-02", steady)).late
    assert late is not None
    np.testing.assert_allclose(late[0, 2:], 0.5 * 7 * np.log(1.04), atol=0.05)
    jump = [*steady[:-3], *(3 * count for count in steady[-3:])]
    jumped = _weekly(_daily("2022-01-02", jump)).late
    assert jumped is not None
    assert jumped[0, -1] > late[0, -1] + 0.5
    np.testing.assert_array_equal(jumped[0, :-1], late[0, :-1])


def test_a_weekend_habit_is_taken_off_the_late_rise() -> None:
    habit = [100, 100, 100, 100, 100, 100, 10] * 8  # nobody reports on Saturdays
    late = _weekly(_daily("2022-01-02", habit)).late
    assert late is not None
    np.testing.assert_allclose(late[0, 2:], 0.0, atol=1e-9)


def test_a_weekly_file_has_no_late_rise() -> None:
    assert _weekly("2022-01-08,A,100,5\n2022-01-15,A,100,6\n").late is None
