"""Case files: `date,place,population,cases[,anomaly]`, daily or weekly, to whole weeks.

Weeks end on Saturday. The rules are those of `docs/formats/cases.md`:

* two dates less than 7 days apart in one place make the file daily; weekly rows are Saturdays;
* negative days are corrections and are summed, a week whose total is negative is missing;
* a week with an absent, blank or anomalous day is missing;
* only an empty field is blank (`NA` is a place name: Namibia).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from supply.forecast.faults import Fault, InputFaults

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
DateArray = npt.NDArray[np.datetime64]

REQUIRED_COLUMNS = ("date", "place", "population", "cases")
FIRST_DATE = np.datetime64("1900-01-01")
LAST_DATE = np.datetime64("2199-12-31")
_A_SATURDAY = np.datetime64("2022-01-01")


@dataclass(frozen=True)
class CaseRows:
    """The accepted rows of a case file, one array entry per row, in file order.

    `cases` is NaN where blank; `date_days` are datetime64[D]; `place_index` points into `places`
    (sorted); `row` is the line in the file.
    """

    places: tuple[str, ...]
    place_index: IntArray
    dates: DateArray
    cases: FloatArray
    population: FloatArray
    anomaly: BoolArray
    row: IntArray

    def is_daily(self) -> bool:
        """True when some place has two dates less than 7 days apart."""
        order = np.lexsort((self.dates, self.place_index))
        gap_days = np.diff(self.dates[order].astype("datetime64[D]").astype(np.int64))
        same_place = np.diff(self.place_index[order]) == 0
        return bool(np.any(same_place & (gap_days < 7)))


@dataclass(frozen=True)
class WeeklyCases:
    """Cases per whole week: `cases[place, week]`, NaN where the week is not whole.

    `week_ends` are consecutive Saturdays; `population` is the last one stated per place or NaN.
    `late[place, week]` is `late_rise`, NaN where not known; None in a weekly file.
    """

    places: tuple[str, ...]
    week_ends: DateArray
    cases: FloatArray
    population: FloatArray
    daily: bool
    late: FloatArray | None = None

    @property
    def whole(self) -> BoolArray:
        """[place, week]: True where all seven days (or the weekly figure) are known."""
        return ~np.isnan(self.cases)

    def until(self, week_end: np.datetime64) -> WeeklyCases:
        """The same weeks up to and including `week_end`."""
        keep = int(np.searchsorted(self.week_ends, week_end, side="right"))
        late = None if self.late is None else self.late[:, :keep]
        return WeeklyCases(
            self.places,
            self.week_ends[:keep],
            self.cases[:, :keep],
            self.population,
            self.daily,
            late,
        )


def read_cases(source: str | Path | bytes) -> CaseRows:
    """Read and check a case file (path, or its bytes), or raise `InputFaults` with every fault."""
    table = _read_table(source)
    faults: list[Fault] = []
    blank_line = (table == "").all(axis=1)
    table = table[~blank_line]
    row = table.index.to_numpy(dtype=np.int64) + 2
    if table.empty:
        raise InputFaults([Fault("file", "tệp không có dòng số liệu nào", "no data rows")])
    dates = _dates(table["date"], row, faults)
    cases = _numbers(table["cases"], row, "cases", faults)
    population = _numbers(table["population"], row, "population", faults)
    _refuse(
        row,
        population <= 0,
        Fault("population", "dân số phải lớn hơn 0 hoặc để trống", "must be above 0 or left empty"),
        faults,
    )
    place = table["place"].to_numpy(dtype=object)
    no_place = (table["place"].str.strip() == "").to_numpy()
    _refuse(row, no_place, Fault("place", "thiếu tên địa bàn", "the place is missing"), faults)
    names, place_index = np.unique(place.astype(str), return_inverse=True)
    rows = CaseRows(
        tuple(str(name) for name in names),
        place_index.astype(np.int64),
        dates,
        cases,
        population,
        _anomalies(table, row, faults),
        row,
    )
    known = ~np.isnat(dates) & ~no_place
    _refuse_duplicates(rows, known, faults)
    if not faults:
        _refuse_off_saturday(rows, faults)
    if faults:
        raise InputFaults(sorted(faults, key=lambda fault: fault.row or 0))
    return rows


def _read_table(source: str | Path | bytes) -> pd.DataFrame:
    """The file as text columns; index 0 is the line after the header."""
    try:
        raw = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        raise InputFaults(
            [Fault("file", f"không đọc được tệp ({error})", f"cannot read the file ({error})")]
        ) from error
    try:
        text = raw.decode("utf-8-sig")
        whole = pd.read_csv(
            io.StringIO(text), dtype=str, header=None, na_filter=False, skip_blank_lines=False
        ).fillna("")
    except UnicodeDecodeError as error:
        raise InputFaults(
            [Fault("file", "tệp phải được lưu bằng mã UTF-8", "the file must be saved as UTF-8")]
        ) from error
    except pd.errors.EmptyDataError as error:
        raise InputFaults([Fault("file", "tệp rỗng", "the file is empty")]) from error
    except (pd.errors.ParserError, ValueError) as error:
        reason = str(error).strip().splitlines()[-1]
        raise InputFaults(
            [Fault("file", f"không đúng dạng CSV ({reason})", f"not a well-formed CSV ({reason})")]
        ) from error
    names = [str(name).strip() for name in whole.iloc[0]]
    _check_header(names)
    return whole.iloc[1:].set_axis(names, axis=1).reset_index(drop=True)


def _check_header(names: list[str]) -> None:
    found = ", ".join(names)
    faults = [
        Fault(name, f"thiếu cột (tệp có: {found})", f"column missing (found: {found})", 1)
        for name in REQUIRED_COLUMNS
        if name not in names
    ]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults += [Fault(name, "cột bị lặp", "column appears twice", 1) for name in twice]
    if faults:
        raise InputFaults(faults)


def _refuse(row: IntArray, bad: npt.ArrayLike, like: Fault, faults: list[Fault]) -> None:
    """One copy of `like` for every row marked bad."""
    faults += [Fault(like.field, like.vi, like.en, int(number)) for number in row[np.asarray(bad)]]


def _dates(column: pd.Series[str], row: IntArray, faults: list[Fault]) -> DateArray:
    iso = column.str.fullmatch(r"\d{4}-\d{2}-\d{2}")
    parsed = pd.to_datetime(column.where(iso), format="%Y-%m-%d", errors="coerce")
    dates: DateArray = parsed.to_numpy().astype("datetime64[D]")
    for number, text in zip(row[np.isnat(dates)], column[np.isnat(dates)], strict=True):
        faults.append(
            Fault(
                "date",
                f"“{text}” không phải ngày dạng năm-tháng-ngày, ví dụ 2022-03-05",
                f"“{text}” is not a date written year-month-day, such as 2022-03-05",
                int(number),
            )
        )
    far = (dates < FIRST_DATE) | (dates > LAST_DATE)
    _refuse(row, far, Fault("date", "năm phải từ 1900 đến 2199", "year must be 1900-2199"), faults)
    return dates


def _numbers(column: pd.Series[str], row: IntArray, name: str, faults: list[Fault]) -> FloatArray:
    """Plain decimal numbers; empty is NaN. `1,5`, `1e3`, `nan` and `inf` are refused."""
    text = column.str.strip()
    blank = (text == "").to_numpy()
    good = text.str.fullmatch(r"[+-]?\d{1,15}(\.\d*)?").to_numpy(dtype=bool)
    bad = ~(blank | good)
    for number, wrong in zip(row[bad], column[bad], strict=True):
        faults.append(
            Fault(
                name,
                f"“{wrong}” không phải số (chỉ dùng chữ số, dấu chấm thập phân; chưa có thì để trống)",
                f"“{wrong}” is not a number (digits and a decimal point; leave empty if unknown)",
                int(number),
            )
        )
    values = np.full(len(text), np.nan)
    values[good] = text[good].astype(float).to_numpy()
    return values


def _anomalies(table: pd.DataFrame, row: IntArray, faults: list[Fault]) -> BoolArray:
    if "anomaly" not in table:
        return np.zeros(len(table), dtype=bool)
    mark = table["anomaly"].str.strip()
    bad = (~mark.isin(["", "0", "1"])).to_numpy()
    _refuse(row, bad, Fault("anomaly", "chỉ nhận 0, 1 hoặc trống", "must be 0, 1 or empty"), faults)
    flags: BoolArray = (mark == "1").to_numpy(dtype=bool)
    return flags


def _refuse_duplicates(rows: CaseRows, known: BoolArray, faults: list[Fault]) -> None:
    keys = pd.DataFrame({"place": rows.place_index, "date": rows.dates, "row": rows.row})[known]
    first = keys.groupby(["place", "date"])["row"].transform("min")
    again = keys[keys["row"] != first]
    for number, earlier, place, date in zip(
        again["row"], first[again.index], again["place"], again["date"], strict=True
    ):
        name, day = rows.places[place], date.date().isoformat()
        faults.append(
            Fault(
                "date",
                f"{name} ngày {day} đã có ở dòng {earlier}; chỉ giữ một dòng",
                f"{name} on {day} already stands in row {earlier}; keep one of them",
                int(number),
            )
        )


def _refuse_off_saturday(rows: CaseRows, faults: list[Fault]) -> None:
    """In a weekly file every row is dated by the Saturday that ends its week."""
    if rows.is_daily():
        return
    off = (rows.dates - _A_SATURDAY).astype(np.int64) % 7 != 0
    like = Fault(
        "date",
        "số liệu theo tuần phải ghi ngày thứ Bảy cuối tuần",
        "a weekly row must be dated by the Saturday that ends its week",
    )
    _refuse(rows.row, off, like, faults)


def weekly_cases(rows: CaseRows) -> WeeklyCases:
    """Sum rows to whole weeks ending on Saturday, [place, week]; NaN where a week is not whole."""
    daily = rows.is_daily()
    week = (rows.dates - _A_SATURDAY).astype(np.int64)
    week = -((-week) // 7)  # ceiling: the Saturday on or after the day
    first, count = int(week.min()), int(week.max() - week.min()) + 1
    cell = rows.place_index * count + (week - first)
    size = len(rows.places) * count
    usable = ~np.isnan(rows.cases) & ~rows.anomaly
    days_known = np.bincount(cell[usable], minlength=size)
    total = np.bincount(cell[usable], weights=rows.cases[usable], minlength=size)
    whole = (days_known == (7 if daily else 1)) & (total >= 0)
    cases = np.where(whole, total, np.nan).reshape(len(rows.places), count)
    week_ends = _A_SATURDAY + 7 * np.arange(first, first + count)
    late = late_rise(_day_grid(rows, week_ends), cases) if daily else None
    return WeeklyCases(rows.places, week_ends, cases, _last_population(rows), daily, late)


def _day_grid(rows: CaseRows, week_ends: DateArray) -> FloatArray:
    """[place, week, 7]: the days' cases, Sunday first; NaN where not known or anomalous."""
    days = np.full((len(rows.places), len(week_ends) * 7), np.nan)
    day = (rows.dates - (week_ends[0] - 6)).astype(np.int64)
    days[rows.place_index, day] = np.where(rows.anomaly, np.nan, rows.cases)
    return days.reshape(len(rows.places), len(week_ends), 7)


def late_rise(days: FloatArray, cases: FloatArray) -> FloatArray:
    """How much a week's last three days stood above its first four, beyond that place's habit.

    r = log(mean of Thu-Sat + 1/3) − log(mean of Sun-Wed + 1/4); steady growth g a week gives r = g/2,
    and what r − g/2 was in the 4 weeks before is the habit of reporting, which is taken off. `days`
    [place, week, 7] and `cases` [place, week] to [place, week]; NaN where the week is not whole.
    """
    counted = np.maximum(days, 0.0)
    first, last = counted[..., :4].sum(axis=-1), counted[..., 4:].sum(axis=-1)
    rise = np.clip(np.log((last + 1.0) / 3.0) - np.log((first + 1.0) / 4.0), -1.5, 1.5)
    growth = np.full(cases.shape, np.nan)
    growth[:, 1:] = np.clip(np.diff(np.log(cases + 1.0), axis=1), -1.0, 1.0)
    beyond = rise - 0.5 * growth
    total, count = np.zeros(cases.shape), np.zeros(cases.shape)
    for lag in range(1, 5):
        before = beyond[:, :-lag]
        total[:, lag:] += np.nan_to_num(before)
        count[:, lag:] += ~np.isnan(before)
    return rise - total / np.maximum(count, 1.0)


def _last_population(rows: CaseRows) -> FloatArray:
    """The population last stated for each place, NaN where never."""
    population = np.full(len(rows.places), np.nan)
    stated = ~np.isnan(rows.population)
    order = np.argsort(rows.dates[stated], kind="stable")
    population[rows.place_index[stated][order]] = rows.population[stated][order]
    return population


def filled_history(cases: FloatArray) -> FloatArray:
    """Fill gaps linearly between whole weeks, [place, week]; outside them stays NaN.

    A gap closed at or before an origin is filled from both its ends, so filling once is the same as
    filling up to each origin: an origin's own week is always whole.
    """
    weeks = np.arange(cases.shape[1])
    known = ~np.isnan(cases)
    before = np.maximum.accumulate(np.where(known, weeks, -1), axis=1)
    after = np.where(known, weeks, cases.shape[1])[:, ::-1]
    after = np.minimum.accumulate(after, axis=1)[:, ::-1]
    inside = (before >= 0) & (after < cases.shape[1])
    left = np.take_along_axis(cases, np.where(inside, before, 0), axis=1)
    right = np.take_along_axis(cases, np.where(inside, after, 0), axis=1)
    share = np.where(inside, (weeks - before) / np.maximum(after - before, 1), 0.0)
    return np.where(known, cases, np.where(inside, left + share * (right - left), np.nan))
