"""The rules a planner sees: what each found among the figures and what it did. Pure.

Each rule takes the figures of wards and what counts now, and answers with findings (shown) or faults
(refused). None changes a figure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from supply.core.errors import Fault
from supply.core.text import Text, group_digits
from supply.forecast.intake.found import (
    ASKED,
    DAY,
    SHOWN,
    WEEK,
    Counted,
    Finding,
    Key,
    Row,
    Spike,
    Ward,
    few,
    span,
)
from supply.forecast.intake.late import Late, late_days, late_week
from supply.forecast.intake.series import SATURDAY, Grid, State, grid, merged, week_end
from supply.forecast.intake.spikes import spikes
from supply.forecast.intake.thresholds import Limits

CASES_MAX = 1_000_000
_DAY = dt.timedelta(days=1)


def impossible(rows: Sequence[Row], today: dt.date, limits: Limits) -> list[Fault]:
    """Figures that cannot be: of a day to come, before the epidemic, a week not ending on Saturday,
    a negative week, more cases than people."""
    found = []
    first = dt.date(int(limits["first_day_year"]), 1, 1)
    for row in rows:
        words = _impossible(row, today, first, limits)
        if words is not None:
            found.append(Fault(words[0], words[1], row.line))
    return _once(found)


def _impossible(
    row: Row, today: dt.date, first: dt.date, limits: Limits
) -> tuple[str, Text] | None:
    day = f"{row.on:%d/%m/%Y}"
    if row.on > today:
        what = (
            Text("tuần chưa kết thúc", "the week is not over")
            if row.days == WEEK
            else Text("ngày chưa đến", "a day to come")
        )
        return "on", Text(
            f"{day}: {what.vi} (hôm nay {today:%d/%m/%Y}); hãy kiểm tra lại ngày.",
            f"{day}: {what.en} (today is {today:%d/%m/%Y}); check the date.",
        )
    if row.on < first:
        return "on", Text(
            f"{day}: trước năm {first.year}, chưa có dịch; hãy kiểm tra lại năm.",
            f"{day}: before {first.year} there was no epidemic; check the year.",
        )
    if row.days == WEEK and row.on.isoweekday() != SATURDAY:
        end = week_end(row.on)
        return "on", Text(
            f"{day} không phải thứ Bảy; số liệu tuần ghi ngày thứ Bảy cuối tuần ({end:%d/%m/%Y}).",
            f"{day} is no Saturday; a weekly figure is dated by the week's Saturday ({end:%d/%m/%Y}).",
        )
    if row.days == WEEK and row.cases < 0:
        return "cases", Text(
            f"{row.ward.name}: số ca cả tuần không được âm; số đính chính hãy ghi vào ngày của nó.",
            f"{row.ward.name}: a week's cases cannot be negative; enter a correction on its day.",
        )
    people = row.ward.population * limits["cases_of_population_max"]
    if abs(row.cases) > CASES_MAX or (row.ward.population and row.cases > people):
        return "cases", Text(
            f"{row.ward.name}: {group_digits(row.cases)} ca, nhiều hơn số dân; hãy kiểm tra lại.",
            f"{row.ward.name}: {row.cases:,} cases, more than there are people; please check.",
        )
    return None


def _once(faults: list[Fault]) -> list[Fault]:
    """A total shared to many wards is one row: its fault is told once."""
    return list(dict.fromkeys(faults))


def duplicates(rows: Sequence[Row]) -> tuple[list[Row], list[Finding], list[Fault]]:
    """One row for each ward, day and length: equal ones are kept once, different ones refused."""
    first: dict[Key, Row] = {}
    equal: list[int] = []
    faults: list[Fault] = []
    for row in rows:
        earlier = first.setdefault(row.key, row)
        if earlier is row:
            continue
        if earlier.cases == row.cases and _agree(earlier.anomaly, row.anomaly):
            equal.append(row.line)
            if row.anomaly is not None:
                first[row.key] = row
            continue
        what = Text("tuần đến", "the week to") if row.days == WEEK else Text("ngày", "")
        day = f"{row.on:%d/%m/%Y}"
        faults.append(
            Fault(
                "cases",
                Text(
                    f"{row.ward.name} {what.vi} {day} có hai số khác nhau: {group_digits(earlier.cases)}"
                    f" (dòng {earlier.line}) và {group_digits(row.cases)}; hãy giữ một số.",
                    f"{row.ward.name}, {what.en} {day}, has two figures: {earlier.cases:,}"
                    f" (row {earlier.line}) and {row.cases:,}; keep one.".replace(",  ", ", "),
                ),
                row.line,
            )
        )
    findings = []
    if equal:
        words = Text(
            f"{len(equal)} dòng lặp lại y hệt; mỗi số chỉ ghi một lần.",
            f"{len(equal)} rows are repeated word for word; each figure is kept once.",
        )
        findings.append(Finding("duplicate", SHOWN, words, tuple(equal)))
    return list(first.values()), findings, faults


def _agree(one: bool | None, other: bool | None) -> bool:
    """Two marks agree unless both were said and differ."""
    return one is None or other is None or one == other


def negatives(rows: Sequence[Row], state: State) -> list[Finding]:
    """Negative days are corrections and are summed over their week; a week whose sum is negative
    counts as missing."""
    below = [row for row in rows if row.cases < 0]
    if not below:
        return []
    names = few([f"{r.ward.name} {r.on:%d/%m/%Y} ({r.cases})" for r in below], 4)
    findings = [
        Finding(
            "negative_day",
            SHOWN,
            Text(
                f"Số âm được hiểu là đính chính, cộng vào cả tuần: {names}.",
                f"Negative figures are corrections, summed over the week: {names}.",
            ),
            tuple(row.line for row in below),
        )
    ]
    after = merged(state, rows)
    lost = [(w, end) for w, end in _weeks_of(below) if _is_negative_week(after, w.id, end)]
    if lost:
        where = few([f"{ward.name}, tuần đến {end:%d/%m/%Y}" for ward, end in lost], 4)
        where_en = few([f"{ward.name}, week to {end:%d/%m/%Y}" for ward, end in lost], 4)
        findings.append(
            Finding(
                "negative_week",
                SHOWN,
                Text(
                    f"Cả tuần cộng lại thành số âm nên coi như thiếu: {where}.",
                    f"The whole week adds up to less than nothing and counts as missing: {where_en}.",
                ),
            )
        )
    return findings


def _weeks_of(rows: Sequence[Row]) -> list[tuple[Ward, dt.date]]:
    return sorted({(r.ward, week_end(r.on)) for r in rows}, key=lambda p: (p[0].code, p[1]))


def _is_negative_week(state: State, ward: int, end: dt.date) -> bool:
    if (ward, end, WEEK) in state:
        return False
    week = [state.get((ward, end - n * _DAY, DAY)) for n in range(7)]
    known = [one.cases for one in week if one is not None and not one.anomaly]
    return len(known) == 7 and sum(known) < 0


def both_lengths(rows: Sequence[Row], state: State) -> list[Finding]:
    """A week with a weekly figure and days: the weekly one stands."""
    after = merged(state, rows)
    clash = []
    for ward, end in _weeks_of(rows):
        weekly = after.get((ward.id, end, WEEK))
        days = [after.get((ward.id, end - n * _DAY, DAY)) for n in range(7)]
        known = [one.cases for one in days if one is not None and not one.anomaly]
        if weekly is not None and not weekly.anomaly and known and sum(known) != weekly.cases:
            clash.append(f"{ward.name} {end:%d/%m/%Y}: {weekly.cases} ≠ {sum(known)}")
    if not clash:
        return []
    return [
        Finding(
            "week_over_days",
            SHOWN,
            Text(
                f"Tuần có cả số tuần và số ngày: dùng số tuần ({few(clash, 4)}).",
                f"Weeks with a weekly figure and days: the weekly figure is used ({few(clash, 4)}).",
            ),
        )
    ]


def gaps(rows: Sequence[Row], state: State, wards: Sequence[Ward], limits: Limits) -> list[Finding]:
    """Days (weeks) without a figure between a ward's first and the batch's last, and wards that
    report otherwise but not now. They are left unknown; only calculations fill them."""
    findings: list[Finding] = []
    for days in (DAY, WEEK):
        given = [row for row in rows if row.days == days]
        if not given:
            continue
        last = max(row.on for row in given)
        since = last - dt.timedelta(weeks=int(limits["gap_weeks_back"])) + _DAY
        series = grid(state, given, wards, days, since, last)
        if series is not None:
            findings += _gaps_in(series, merged(state, given), last)
    return findings


def _gaps_in(series: Grid, after: State, last: dt.date) -> list[Finding]:
    missing: dict[str, list[dt.date]] = {}
    silent: list[str] = []
    for n, ward in enumerate(series.wards):
        has = [(ward.id, series.on(t), series.days) in after for t in range(series.cases.shape[1])]
        if not any(has):
            continue
        if not has[-1] and ward.is_open(last):
            silent.append(ward.name)
        first, end = has.index(True), len(has) - has[::-1].index(True)
        holes = [
            series.on(t)
            for t in range(first, end)
            if not has[t] and not _covered(series, after, n, t)
        ]
        if holes:
            missing[ward.name] = holes
    return [*_silent(silent, series.days, last), *_missing(missing, series.days)]


def _covered(series: Grid, after: State, ward: int, time: int) -> bool:
    """Whether a missing day stands in a week that has its own figure, or a missing week has its days."""
    on, key = series.on(time), series.wards[ward].id
    if series.days == DAY:
        return (key, week_end(on), WEEK) in after
    return all((key, on - n * _DAY, DAY) in after for n in range(7))


def _silent(names: list[str], days: int, last: dt.date) -> list[Finding]:
    if not names:
        return []
    what = Text("tuần đến", "the week to") if days == WEEK else Text("ngày", "")
    return [
        Finding(
            "not_reported",
            SHOWN,
            Text(
                f"Chưa có số {what.vi} {last:%d/%m/%Y} của {len(names)} phường, xã vẫn báo cáo: {few(names)}.",
                f"No figure of {what.en} {last:%d/%m/%Y} from {len(names)} wards that report"
                f" otherwise: {few(names)}.".replace("of  ", "of "),
            ),
        )
    ]


def _missing(missing: dict[str, list[dt.date]], days: int) -> list[Finding]:
    if not missing:
        return []
    if days == WEEK:
        said = [
            f"{n}: {', '.join(f'{d:%d/%m/%Y}' for d in found[:4])}" for n, found in missing.items()
        ]
    else:
        said = [f"{name}: {span(found)}" for name, found in missing.items()]
    what = Text("tuần", "weeks") if days == WEEK else Text("ngày", "days")
    return [
        Finding(
            "gap",
            SHOWN,
            Text(
                f"Thiếu {what.vi} ({'; '.join(said[:6])}). Để là chưa biết, không phải 0; chỉ khi tính"
                " mới nội suy.",
                f"Missing {what.en} ({'; '.join(said[:6])}). Left as not known, not as 0; filled in"
                " calculation only.",
            ),
        )
    ]


def implausible(
    rows: Sequence[Row], state: State, wards: Sequence[Ward], limits: Limits
) -> list[Spike]:
    """Figures far above a ward's habit and its neighbours'. A total that was shared is judged as
    the district's."""
    found: list[Spike] = []
    for days in (DAY, WEEK):
        own = [row for row in rows if row.days == days]
        if not own:
            continue
        series = grid(state, own, wards, days)
        if series is None:
            continue
        if all(row.shared for row in own):
            found += _of_total(series, own, state, limits)
            continue
        by_key = {row.key: row for row in own}
        for one in spikes(series.cases, series.new, days, limits):
            key = (series.wards[one.place].id, series.on(one.time), days)
            row = by_key[key]
            found.append(Spike(row, round(one.usual), one.times, _proposed(row, state.get(key))))
    return found


def _of_total(series: Grid, rows: Sequence[Row], state: State, limits: Limits) -> list[Spike]:
    """The district's sum; every ward's part of a spike is proposed."""
    reporting = [n for n in range(len(series.wards)) if not np.isnan(series.cases[n]).all()]
    total = series.cases[reporting].sum(axis=0)[None]
    new = np.atleast_2d(series.new.any(axis=0))
    found = []
    for one in spikes(total, new, series.days, limits):
        for row in rows:
            if row.on == series.on(one.time):
                usual = round((row.cases + 1) / one.times - 1)
                found.append(
                    Spike(row, max(usual, 0), one.times, _proposed(row, state.get(row.key)))
                )
    return found


def _proposed(row: Row, old: Counted | None) -> bool:
    """What was kept before without a mark was looked at then: it is not proposed again."""
    if row.anomaly is not None:
        return row.anomaly
    return not (old is not None and old.cases == row.cases and not old.anomaly)


def spike_findings(found: Sequence[Spike]) -> list[Finding]:
    """The spikes in words."""
    if not found:
        return []
    names = few(
        [f"{s.row.ward.name} {s.row.on:%d/%m/%Y} ({group_digits(s.row.cases)})" for s in found], 4
    )
    return [
        Finding(
            "spike",
            ASKED,
            Text(
                f"Cao bất thường so với mức thường có: {names}. Số vẫn được ghi; để dấu chọn thì số"
                " được đánh dấu bất thường và không dùng khi dự báo.",
                f"Unusually high for these wards: {names}. They are recorded all the same; leave the"
                " tick and they are marked and not used in forecasts.",
            ),
            tuple(s.row.line for s in found),
        )
    ]


def incomplete(
    rows: Sequence[Row], state: State, wards: Sequence[Ward], limits: Limits, revised: float | None
) -> tuple[list[Finding], dt.date | None]:
    """Whether the last days (week) look incomplete, and then the Saturday to forecast from instead.

    `revised`: by how much past weeks grew after they were first known, where that is known.
    """
    for days in (DAY, WEEK):
        given = [row for row in rows if row.days == days]
        if not given:
            continue
        last = max(row.on for row in given)
        series = grid(state, given, wards, days, last - dt.timedelta(weeks=9), last)
        if series is None:
            continue
        late = (late_days if days == DAY else late_week)(series.cases, limits)
        if late is not None:
            return _late_words(series, late, revised)
    return [], None


def _late_words(series: Grid, late: Late, revised: float | None) -> tuple[list[Finding], dt.date]:
    first, last = series.on(late.first), series.on(series.cases.shape[1] - 1)
    origin = week_end(first) - dt.timedelta(weeks=1)
    which = (
        span([series.on(t) for t in range(late.first, series.cases.shape[1])])
        if series.days == DAY
        else f"{last:%d/%m/%Y}"
    )
    factor = f"{revised or late.factor:.1f}"
    by = (
        Text("theo mức các tuần trước tăng thêm sau lần báo đầu", "by how much earlier weeks grew")
        if revised
        else Text("theo thói quen của ngày trong tuần", "by the habit of the weekday")
    )
    vi = (
        f"Có thể chưa báo cáo đủ: {which} mới có {group_digits(round(late.reported))} ca, thường"
        f" khoảng {group_digits(round(late.expected))}. Hệ số bù ước tính × {factor.replace('.', ',')}"
        f" ({by.vi}), chỉ để xem. Nên dự báo từ tuần kết thúc {origin:%d/%m/%Y}."
    )
    en = (
        f"May not be complete yet: {which} has {round(late.reported):,} cases, usually about"
        f" {round(late.expected):,}. Estimated factor × {factor} ({by.en}), for your eyes only."
        f" Better forecast from the week ending {origin:%d/%m/%Y}."
    )
    return [Finding("late", SHOWN, Text(vi, en))], origin


def rows_of(state: State, wards: Sequence[Ward]) -> list[Row]:
    """The figures that count, as rows, to hold them to a rule again."""
    by_id = {ward.id: ward for ward in wards}
    return [
        Row(0, by_id[ward], on, days, one.cases, one.anomaly)
        for (ward, on, days), one in state.items()
        if ward in by_id
    ]


__all__ = [
    "both_lengths",
    "duplicates",
    "gaps",
    "implausible",
    "impossible",
    "incomplete",
    "negatives",
    "rows_of",
    "spike_findings",
]
