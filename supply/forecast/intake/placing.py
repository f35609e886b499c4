"""From figures as given to figures of wards: places found, lengths found out, totals shared. Pure."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from supply.core.errors import Fault
from supply.core.text import Text, group_digits
from supply.forecast.intake import totals
from supply.forecast.intake.found import (
    ASKED,
    DAY,
    REFUSED,
    SHOWN,
    WEEK,
    Finding,
    Given,
    Row,
    Ward,
    few,
)
from supply.forecast.intake.places import DISTRICT, PROVINCE, Area, Matcher, Placed, bare
from supply.forecast.intake.series import SATURDAY


@dataclass(frozen=True)
class Question:
    """A place that a person must name: `key` as the form sends it, `said` as it was written."""

    key: str
    said: str
    lines: tuple[int, ...]
    candidates: tuple[Ward, ...]


@dataclass
class Placing:
    """Figures of wards, and what was found on the way. `shared`: totals were shared by population."""

    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    shared: bool = False


def place(given: Sequence[Given], matcher: Matcher) -> Placing:
    """Every figure to its ward."""
    out = Placing()
    lengths = _lengths(given, out)
    by_ward: list[tuple[Given, Ward]] = []
    by_total: dict[str, list[Given]] = defaultdict(list)
    asked: dict[str, list[tuple[Given, Placed]]] = defaultdict(list)
    skipped: list[int] = []
    for one in given:
        found = matcher.place(one) if one.place else Placed(total=DISTRICT)
        if found.ward is not None:
            by_ward.append((one, found.ward))
        elif found.total:
            by_total[found.total].append(one)
        elif found.skip:
            skipped.append(one.line)
        elif found.closed is not None:
            out.faults.append(_closed(one, found.closed))
        else:
            asked[bare(one.place) or one.place].append((one, found))
    out.rows = [_row(one, ward, lengths) for one, ward in by_ward]
    _ask(asked, matcher.area, out)
    if skipped:
        _tell_skipped(skipped, out)
    _totals(by_total, bool(by_ward) or bool(asked), matcher.area, lengths, out)
    return out


def _row(one: Given, ward: Ward, lengths: dict[int, int]) -> Row:
    return Row(one.line, ward, one.on, lengths[id(one)], one.cases, one.anomaly, one.note)


def _closed(one: Given, ward: Ward) -> Fault:
    first, last = ward.valid_from, ward.valid_to
    when_vi = (
        f"chỉ có đến hết {last:%d/%m/%Y}"
        if last and one.on > last
        else f"chỉ có từ {first:%d/%m/%Y}"
    )
    when_en = (
        f"existed until {last:%d/%m/%Y}"
        if last and one.on > last
        else f"exists from {first:%d/%m/%Y}"
    )
    return Fault(
        "ward",
        Text(
            f"{ward.name} {when_vi}; số liệu ngày {one.on:%d/%m/%Y} hãy ghi cho đơn vị hành chính mới.",
            f"{ward.name} {when_en}; enter figures of {one.on:%d/%m/%Y} for the unit of that day.",
        ),
        one.line,
    )


def _ask(asked: dict[str, list[tuple[Given, Placed]]], area: Area, out: Placing) -> None:
    for key, found in asked.items():
        said = found[0][0].place
        lines = tuple(sorted({one.line for one, _ in found}))
        candidates = found[0][1].candidates
        out.questions.append(Question(key, said, lines, candidates))
        names_vi = few([f"{w.name} ({w.code})" for w in candidates])
        vi = (
            f"có thể là {names_vi}; hãy chọn"
            if candidates
            else f"không có trong {area.name}; hãy chọn đúng phường, xã hoặc bỏ qua"
        )
        en = (
            f"may be {names_vi}; choose"
            if candidates
            else f"is not in {area.name}; choose the ward or leave it out"
        )
        out.findings.append(
            Finding(
                "ambiguous_ward" if len(candidates) > 1 else "unknown_ward",
                ASKED,
                Text(f"“{said}” {vi}.", f"“{said}” {en}."),
                lines,
            )
        )


def _tell_skipped(lines: list[int], out: Placing) -> None:
    words = Text(
        f"{len(lines)} số liệu được bỏ qua theo lựa chọn của bạn.",
        f"{len(lines)} figures are left out as you chose.",
    )
    out.findings.append(Finding("left_out", SHOWN, words, tuple(lines)))


# --- lengths -------------------------------------------------------------------------------------


def _lengths(given: Sequence[Given], out: Placing) -> dict[int, int]:
    """id(figure) -> 1 or 7. What was said stands; else a place whose days lie less than a week apart
    is daily, one with Saturdays only weekly; places that differ are refused, not guessed."""
    said = {id(one): one.days for one in given if one.days is not None}
    unsaid: dict[str, list[Given]] = defaultdict(list)
    for one in given:
        if one.days is None:
            unsaid[bare(one.place)].append(one)
    kinds = {name: _kind_of([one.on for one in ones]) for name, ones in unsaid.items()}
    clear = {kind for kind in kinds.values() if kind is not None}
    days = DAY
    if clear == {WEEK}:
        days = WEEK
    elif clear == {DAY, WEEK}:
        _mixed(unsaid, kinds, out)
    elif (
        not clear
        and unsaid
        and all(one.on.isoweekday() == SATURDAY for ones in unsaid.values() for one in ones)
    ):
        first = next(iter(unsaid.values()))[0]
        out.faults.append(
            Fault(
                "days",
                Text(
                    f"Chỉ có một ngày, thứ Bảy {first.on:%d/%m/%Y}: hãy chọn đây là số của ngày"
                    " hay của cả tuần.",
                    f"There is one day only, Saturday {first.on:%d/%m/%Y}: choose whether the"
                    " figures are of the day or of the whole week.",
                ),
                first.line,
            )
        )
    found = {id(one): said.get(id(one), days) for one in given}
    return {key: DAY if value is None else value for key, value in found.items()}


def _kind_of(days: list[dt.date]) -> int | None:
    """1, 7, or None where a single day does not tell."""
    ordered = sorted(set(days))
    gaps = [(b - a).days for a, b in pairwise(ordered)]
    if any(gap < WEEK for gap in gaps):
        return DAY
    if gaps and all(day.isoweekday() == SATURDAY for day in ordered):
        return WEEK
    return None if len(ordered) == 1 and ordered[0].isoweekday() == SATURDAY else DAY


def _mixed(unsaid: dict[str, list[Given]], kinds: dict[str, int | None], out: Placing) -> None:
    names = {
        kind: [ones[0].place for n, ones in unsaid.items() if kinds[n] == kind]
        for kind in (DAY, WEEK)
    }
    line = next(ones[0].line for n, ones in unsaid.items() if kinds[n] == WEEK)
    out.faults.append(
        Fault(
            "days",
            Text(
                f"Tệp lẫn số liệu ngày ({few(names[DAY], 3)}) và số liệu tuần ({few(names[WEEK], 3)});"
                " hãy tách hai tệp hoặc thêm cột “Kỳ” ghi “ngày” hay “tuần”.",
                f"The file mixes daily figures ({few(names[DAY], 3)}) and weekly ones"
                f" ({few(names[WEEK], 3)}); split it, or add a column “Period” with “day” or “week”.",
            ),
            line,
        )
    )


# --- totals --------------------------------------------------------------------------------------


def _totals(
    by_total: dict[str, list[Given]],
    has_wards: bool,
    area: Area,
    lengths: dict[int, int],
    out: Placing,
) -> None:
    if not by_total:
        return
    if has_wards:
        _compare(by_total, lengths, out)
        return
    if len(by_total) > 1:
        words = Text(
            "Tệp có cả số của tỉnh và của quận, huyện; hãy giữ một loại.",
            "The file has figures of the province and of the district; keep one of them.",
        )
        out.faults.append(Fault("ward", words))
        return
    ((which, ones),) = by_total.items()
    if which == PROVINCE and not area.province_population:
        words = Text(
            f"Chưa có dân số của {area.province} nên không chia được số của tỉnh; hãy nhập số của"
            f" {area.name} hoặc của từng phường, xã.",
            f"The population of {area.province} is not known, so its figures cannot be shared; enter"
            f" those of {area.name} or of its wards.",
        )
        out.faults.append(Fault("ward", words, ones[0].line))
        return
    for one in ones:
        _share(one, which, area, lengths[id(one)], out)
    out.shared = True
    what = Text(area.province, area.province) if which == PROVINCE else Text(area.name, area.name)
    out.findings.append(
        Finding(
            "shared_total",
            SHOWN,
            Text(
                f"{len(ones)} số tổng của {what.vi} được chia về phường, xã theo dân số. Đây là giả"
                " định, không phải số phường báo cáo; nguồn số liệu sẽ ghi rõ như vậy.",
                f"{len(ones)} totals of {what.en} are shared to wards by population. This is an"
                " assumption, not what wards reported; the source will say so.",
            ),
            tuple(one.line for one in ones),
        )
    )


def _share(one: Given, which: str, area: Area, days: int, out: Placing) -> None:
    wards = [ward for ward in area.wards if ward.is_open(one.on)]
    if not wards or sum(w.population for w in wards) <= 0:
        words = Text(
            f"Ngày {one.on:%d/%m/%Y} không có phường, xã nào có dân số để chia.",
            f"On {one.on:%d/%m/%Y} there is no ward with a population to share to.",
        )
        out.faults.append(Fault("ward", words, one.line))
        return
    total = one.cases
    if which == PROVINCE:
        total = totals.of_district(total, area.population, area.province_population, one.on)
    parts = totals.share(total, [w.population for w in wards], one.on)
    out.rows += [
        Row(one.line, ward, one.on, days, part, one.anomaly, one.note, shared=True)
        for ward, part in zip(wards, parts, strict=True)
    ]


def _compare(by_total: dict[str, list[Given]], lengths: dict[int, int], out: Placing) -> None:
    """A row of totals beside the wards is not entered; where it differs from their sum, that shows."""
    sums: dict[tuple[dt.date, int], int] = defaultdict(int)
    for row in out.rows:
        sums[row.on, row.days] += row.cases
    said = by_total.get(DISTRICT, [])
    wrong = [
        (one, sums[one.on, lengths[id(one)]])
        for one in said
        if sums[one.on, lengths[id(one)]] != one.cases
    ]
    for one, got in wrong[:5]:
        out.findings.append(
            Finding(
                "total_differs",
                SHOWN,
                Text(
                    f"Ngày {one.on:%d/%m/%Y}: dòng tổng ghi {group_digits(one.cases)}, cộng các phường"
                    f" được {group_digits(got)}.",
                    f"{one.on:%d/%m/%Y}: the row of totals says {one.cases:,}, the wards add up to"
                    f" {got:,}.",
                ),
                (one.line,),
            )
        )
    lines = tuple(one.line for ones in by_total.values() for one in ones)
    words = Text(
        "Dòng tổng chỉ dùng để đối chiếu, không ghi.",
        "Rows of totals are only compared with, not entered.",
    )
    out.findings.append(Finding("total_row", SHOWN, words, tuple(sorted(set(lines)))))


__all__ = ["REFUSED", "Placing", "Question", "place"]
