"""Which facility looks after a ward's patients: dated rules, each with its source and status.

`data/norms_facility_share.csv`, one row a rule. `care` is `home` (patients at home, and tests) or
`bed`. Rules:

* `every_ward`: facilities of the kind take `share` of every ward, divided among them;
* `own_ward`: a facility takes `share` of the ward it stands in;
* `remainder`: facilities of the kind take what is left of their own ward;
* `ward_without_station`: facilities of the kind take what is left of wards nobody took;
* `by_beds`: all wards of the district go to beds, each bed of the kind weighing `share`.

Worked number: a ward with a station and a clinic, one mobile station in the district, shares 0.1 and
0.1: the station has 0.8 of the ward's home patients, the clinic 0.1, the mobile station 0.1.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from supply.forecast.cases import FloatArray
from supply.forecast.drivers import CaseShares
from supply.forecast.faults import Fault, InputFaults

SHARE_FILE = Path(__file__).parent / "data" / "norms_facility_share.csv"
CARES = ("home", "bed")
RULES = ("every_ward", "own_ward", "remainder", "ward_without_station", "by_beds")


@dataclass(frozen=True)
class ShareRule:
    """One rule in force; `share` in 0-1, or the weight of a bed for `by_beds`."""

    care: str
    facility_kind: str
    rule: str
    share: float
    source: str
    status: str


@dataclass(frozen=True)
class Place:
    """What sharing needs to know of a facility; `ward` indexes the wards, None = the district's."""

    kind: str
    ward: int | None
    beds: int


def load_share_rules(on: date, file: Path = SHARE_FILE) -> tuple[ShareRule, ...]:
    """The rules in force on a day; `InputFaults` names row and field."""
    faults: list[Fault] = []
    rules = []
    with file.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            since, until = row["valid_from"], row["valid_to"]
            if (since and since > on.isoformat()) or (until and until < on.isoformat()):
                continue
            share = _share(row["share"])
            if share is None:
                faults.append(
                    Fault("share", "phải là số từ 0 đến 1", "must be a number from 0 to 1", number)
                )
            for field, allowed in (("care", CARES), ("rule", RULES)):
                if row[field] not in allowed:
                    names = ", ".join(allowed)
                    faults.append(
                        Fault(
                            field, f"phải là một trong: {names}", f"must be one of: {names}", number
                        )
                    )
            rules.append(
                ShareRule(
                    row["care"],
                    row["facility_kind"],
                    row["rule"],
                    share or 0.0,
                    row["source"],
                    row["status"],
                )
            )
    if faults:
        raise InputFaults(faults)
    return tuple(rules)


def _share(text: str) -> float | None:
    try:
        share = float(text)
    except ValueError:
        return None
    return share if 0 <= share <= 1 else None


def case_shares(rules: Sequence[ShareRule], places: Sequence[Place], wards: int) -> CaseShares:
    """[facility, ward] shares of home and of bed patients; each ward's sum to at most 1."""
    home = _home(rules, places, wards)
    bed = np.zeros((len(places), wards))
    weight = {r.facility_kind: r.share for r in rules if r.care == "bed" and r.rule == "by_beds"}
    beds = np.array([place.beds * weight.get(place.kind, 0.0) for place in places])
    if beds.sum() > 0:
        bed += (beds / beds.sum())[:, None]
    return CaseShares(csr_array(home), csr_array(bed))


def _home(rules: Sequence[ShareRule], places: Sequence[Place], wards: int) -> FloatArray:
    """[facility, ward]: fixed shares first, then what is left to stations, then to the centre."""
    share = np.zeros((len(places), wards))
    by_rule = {rule.rule: rule for rule in reversed(rules) if rule.care == "home"}
    for rule in rules:
        of_kind = [
            number for number, place in enumerate(places) if place.kind == rule.facility_kind
        ]
        if rule.care != "home":
            continue
        if rule.rule == "every_ward" and of_kind:
            share[of_kind] += rule.share / len(of_kind)
        if rule.rule == "own_ward":
            for number in of_kind:
                ward = places[number].ward
                if ward is not None:
                    share[number, ward] += rule.share
    over = np.maximum(share.sum(axis=0), 1.0)
    share /= over
    for name in ("remainder", "ward_without_station"):
        if name in by_rule:
            _give_what_is_left(share, places, by_rule[name])
    return share


def _give_what_is_left(share: FloatArray, places: Sequence[Place], rule: ShareRule) -> None:
    of_kind = [number for number, place in enumerate(places) if place.kind == rule.facility_kind]
    left = np.clip(1.0 - share.sum(axis=0), 0.0, 1.0)
    for ward in range(share.shape[1]):
        takers = of_kind
        if rule.rule == "remainder":
            takers = [number for number in of_kind if places[number].ward == ward]
        for number in takers:
            share[number, ward] += left[ward] * rule.share / len(takers)
