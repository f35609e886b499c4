"""Behind a figure of use: from reported cases to drivers, with each table's source; from norm to what
the ledger taught; and the ledger's own days."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from supply.catalog.queries import FacilityRow
from supply.core.text import Text
from supply.forecast.burn import BurnTable
from supply.forecast.chain import Params
from supply.forecast.explain import Explanation
from supply.forecast.norms import DATA_FOLDER, TIERS
from supply.forecast.rates import queries as rates
from supply.forecast.rates.words import METHOD_WORDS
from supply.forecast.seeing.words import TIER_WORDS
from supply.inventory import queries as inventory

LEDGER_DAYS = 28


@dataclass(frozen=True)
class Assumption:
    """One row of a norm table that a driver comes from."""

    name: Text
    value: str
    source: str
    status: str


@dataclass(frozen=True)
class OwnRate:
    """One facility: units by the norm alone × multiplier + base = units expected.

    `norm_per_day`, `observed_per_day` over the days learned from; None where there were none.
    """

    facility: FacilityRow
    by_norm: float
    multiplier: float
    base: float
    units: float
    method: Text
    weight: float
    norm_per_day: float | None
    observed_per_day: float | None
    days_seen: int
    days_stocked_out: int


@dataclass(frozen=True)
class LedgerUse:
    """What a facility issued to use over the days `first`..`last`: the rows behind it stand on the
    stock card of those days."""

    facility: FacilityRow
    units: int
    days: int
    first: dt.date
    last: dt.date


def assumptions(explanation: Explanation, params: Params) -> list[Assumption]:
    """The tables behind the drivers of a figure: severity split, delay, stay, staff hours, tests."""
    drivers = {part.driver for part in explanation.parts if part.units}
    tiers = [tier for tier in TIERS if any(driver.endswith(f"_{tier}") for driver in drivers)]
    shifts = bool({"staff_shift", "cleaner_shift"} & drivers)
    tiers = list(TIERS) if shifts else tiers
    days = Text("ngày", "days")
    found = []
    for tier in tiers:
        name = TIER_WORDS[tier]
        for file, column, words, unit in (
            ("severity", "share", Text("Tỷ lệ ca mức", "Share of cases:"), None),
            ("delay", "delay_days", Text("Từ báo cáo đến điều trị, mức", "Report to care:"), days),
            ("stay", "stay_days", Text("Thời gian điều trị, mức", "Stay:"), days),
        ):
            found += _rows(file, params, words, name, column, unit, {"tier": tier})
        if shifts:
            words = Text(
                "Giờ nhân viên mỗi người bệnh mỗi ngày, mức", "Staff hours per patient-day:"
            )
            found += _rows(
                "staff", params, words, name, "staff_hours_per_patient_day",
                Text("giờ", "hours"), {"tier": tier},
            )  # fmt: skip
    if any(driver.startswith("test") for driver in drivers):
        words = Text("Số xét nghiệm mỗi ca mới", "Tests per new case")
        found += _rows(
            "testing", params, words, Text("", ""), "value", None, {"name": "tests_per_new_case"}
        )
    return found


def _rows(
    file: str,
    params: Params,
    words: Text,
    name: Text,
    column: str,
    unit: Text | None,
    wanted: dict[str, str],
) -> list[Assumption]:
    """The row in force at the origin, as an assumption; none where the table has no such row."""
    rows = [
        row for row in _in_force(file, params) if all(row.get(k) == v for k, v in wanted.items())
    ]
    if not rows:
        return []
    row = max(rows, key=lambda row: row.get("valid_from") or "")
    value = f"{float(row[column]):.4g}".replace(".", ",")
    label = Text(f"{words.vi} {name.vi.lower()}".strip(), f"{words.en} {name.en.lower()}".strip())
    shown = f"{value} {unit.vi if unit else ''}".strip()
    return [Assumption(label, shown, row["source"], row["status"])]


def _in_force(file: str, params: Params) -> Iterable[dict[str, str]]:
    on = params.origin.isoformat()
    with (DATA_FOLDER / f"norms_{file}.csv").open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            started = not row.get("valid_from") or row["valid_from"] <= on
            running = not row.get("valid_to") or row["valid_to"] >= on
            if started and running and row.get("set", params.severity_set) == params.severity_set:
                yield row


def own_rates(
    run_id: int,
    burn: BurnTable,
    places: Sequence[FacilityRow],
    item_code: str,
    by_norm: Sequence[float],
) -> list[OwnRate]:
    """Each facility's figure: by the norm (`by_norm`, in the order of `places`), then as the run has it."""
    codes = [place.code for place in places]
    kept = rates.stored(run_id, codes)
    known = kept is not None and item_code in kept.item_codes
    item = burn.item_codes.index(item_code)
    out = []
    for n, (place, norm) in enumerate(zip(places, by_norm, strict=True)):
        units = float(burn.total_mean[burn.facility_ids.index(place.code), item].sum())
        if not units and not norm:
            continue
        if kept is None or not known:
            out.append(
                OwnRate(place, norm, 1.0, 0.0, units, METHOD_WORDS["norm"], 0.0, None, None, 0, 0)
            )
            continue
        learned, at = kept.learned, (n, kept.item_codes.index(item_code))
        out.append(
            OwnRate(
                place,
                norm,
                float(learned.multiplier[at]),
                float(learned.base_per_day[at]) * burn.days,
                units,
                METHOD_WORDS[str(learned.method[at])],
                float(np.nan_to_num(learned.weight[at])),
                _or_none(learned.norm_per_day[at]),
                _or_none(learned.observed_per_day[at]),
                int(np.nan_to_num(learned.days_seen[at])),
                int(np.nan_to_num(learned.days_stocked_out[at])),
            )
        )
    return sorted(out, key=lambda rate: -rate.units)


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def ledger_use(places: Sequence[FacilityRow], item_code: str, last: dt.date) -> list[LedgerUse]:
    """What was issued to use over the `LEDGER_DAYS` days up to `last`, facility by facility."""
    first = last - dt.timedelta(days=LEDGER_DAYS - 1)
    table = inventory.consumption_daily([place.id for place in places], first, last)
    table = table[table["item_code"] == item_code]
    return [
        LedgerUse(
            place, int(rows["quantity"].sum()), int((rows["quantity"] > 0).sum()), first, last
        )
        for place in places
        if len(rows := table[table["facility_id"] == place.id])
    ]
