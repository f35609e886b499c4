"""What was typed on the pages of care, as the services take it. All faults together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from supply.core.clock import today
from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text
from supply.forecast.care.rows import CAPACITIES, TIER_NAMES, CapacityRow
from supply.forecast.care.services import Plan
from supply.inventory.parsing import parse_date_vn

_GROUPED = re.compile(r"[0-9]{1,3}(\.[0-9]{3})+")
_WHOLE = re.compile(r"[0-9]{1,7}")
_BROKEN = re.compile(r"[0-9]{1,7}([.,][0-9]{1,2})?")


def census_of(typed: Mapping[str, Any]) -> tuple[Any, dict[str, int]]:
    """The day and the patients by tier; a tier left blank is not entered. Raises InvalidInput."""
    faults: list[Fault] = []
    day = _day(typed, "on", faults)
    patients = {}
    for tier, name in TIER_NAMES.items():
        value = _number(typed, tier, name, faults, whole=True)
        if value is not None:
            patients[tier] = int(value)
    if faults:
        raise InvalidInput(faults=faults)
    return day, patients


def capacity_of(
    typed: Mapping[str, Any], known: list[CapacityRow]
) -> tuple[Any, dict[str, float | None], str]:
    """The day, the figures that differ from those in force, and the source. Raises InvalidInput."""
    faults: list[Fault] = []
    day = _day(typed, "valid_from", faults)
    before = {row.what: row.value for row in known}
    figures: dict[str, float | None] = {}
    for what, name in CAPACITIES.items():
        value = _number(typed, what, name, faults)
        if value != before.get(what):
            figures[what] = value
    if faults:
        raise InvalidInput(faults=faults)
    return day, figures, str(typed.get("source", ""))


def plan_of(typed: Mapping[str, Any], facility_id: int) -> Plan:
    """Planned work, as its form sends it. Raises InvalidInput."""
    faults: list[Fault] = []
    first, last = _day(typed, "first_day", faults), _day(typed, "last_day", faults)
    each = _number(typed, "per_day", Text("Số mỗi ngày", "A day"), faults)
    if faults:
        raise InvalidInput(faults=faults)
    return Plan(
        facility_id,
        str(typed.get("activity", "")),
        str(typed.get("programme", "")),
        first,
        last,
        each or 0.0,
    )


def _day(typed: Mapping[str, Any], field: str, faults: list[Fault]) -> Any:
    text = str(typed.get(field, "")).strip()
    if not text:
        return today()
    try:
        return parse_date_vn(text, field)
    except InvalidInput as refused:
        faults.extend(refused.faults)
        return today()


def _number(
    typed: Mapping[str, Any], field: str, name: Text, faults: list[Fault], whole: bool = False
) -> float | None:
    """12, "1.200" (1200) or, where parts are allowed, "12,5"; None where nothing was typed."""
    bare = str(typed.get(field, "")).replace(" ", "").strip()
    if not bare:
        return None
    if _GROUPED.fullmatch(bare):
        return float(bare.replace(".", ""))
    if (_WHOLE if whole else _BROKEN).fullmatch(bare):
        return float(bare.replace(",", "."))
    example = ("12", "12") if whole else ("12 hoặc 12,5", "12 or 12.5")
    faults.append(
        Fault(
            field,
            Text(
                f"{name.vi}: “{bare[:20]}” không phải là số; ví dụ {example[0]}.",
                f"{name.en}: “{bare[:20]}” is not a number; for example {example[1]}.",
            ),
        )
    )
    return None
