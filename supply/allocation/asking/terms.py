"""Under which terms places take part: private facilities' agreements, wards' vulnerability. Dated rows
that are added and never changed; of each facility or ward the latest row in force counts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import Conflict, Fault, InvalidInput, NotFound
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction

WEIGHT_MIN, WEIGHT_MAX = 0.1, 10.0
PAPER_MAX, SOURCE_MAX = 200, 300
NOT_ASSESSED = Text("chưa đánh giá, coi như các nơi khác", "not assessed, taken as any other")

_SERVE_THE_DISTRICT = frozenset({"medical_centre", "treatment_facility"})


@dataclass(frozen=True)
class Agreement:
    """A private facility and what is on record of it on a day; `agreed` is what counts."""

    facility_id: int
    code: str
    name: Text
    agreed: bool
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    paper_reference: str = ""
    recorded_by: str = ""


@dataclass(frozen=True)
class Vulnerability:
    """A ward's weight on a day, 1 where nobody set one, with its source."""

    ward_id: int
    ward_code: str
    ward_name: str
    weight: float
    source: Text
    valid_from: dt.date | None = None
    recorded_by: str = ""


_AGREEMENTS = """
SELECT DISTINCT ON (a.facility_id) a.facility_id, a.agreed, a.valid_from, a.valid_to,
       a.paper_reference, concat_ws(' ', u.first_name, u.last_name) AS recorded_by
FROM allocation_agreement a JOIN ab_user u ON u.id = a.recorded_by
WHERE a.facility_id = ANY (:ids) AND a.valid_from <= :on
ORDER BY a.facility_id, a.valid_from DESC, a.id DESC
"""
_WEIGHTS = """
SELECT DISTINCT ON (v.ward_id) v.ward_id, v.weight::float8 AS weight, v.source, v.valid_from,
       concat_ws(' ', u.first_name, u.last_name) AS recorded_by
FROM ward_vulnerability v JOIN ab_user u ON u.id = v.recorded_by
WHERE v.ward_id = ANY (:ids) AND v.valid_from <= :on
ORDER BY v.ward_id, v.valid_from DESC, v.id DESC
"""


def _latest(sql: str, ids: Iterable[int], on: dt.date, key: str) -> dict[int, Mapping[str, Any]]:
    with reading() as session:
        rows = session.execute(text(sql), {"ids": list(ids), "on": on}).mappings().all()
        return {int(row[key]): dict(row) for row in rows}


def agreements(district_id: int, on: dt.date | None = None) -> list[Agreement]:
    """The district's private facilities by code, each with what holds on the day (default today)."""
    day = on or today()
    private = [f for f in catalog.facilities(district_id) if f.is_private]
    latest = _latest(_AGREEMENTS, [f.id for f in private], day, "facility_id")
    found = []
    for f in private:
        row = latest.get(f.id)
        if row is None:
            found.append(Agreement(f.id, f.code, f.name, False))
            continue
        agreed = row["agreed"] and (row["valid_to"] is None or row["valid_to"] >= day)
        found.append(Agreement(**{**row, "agreed": agreed}, code=f.code, name=f.name))
    return found


def vulnerabilities(district_id: int, on: dt.date | None = None) -> list[Vulnerability]:
    """Every ward of the district by code with its weight on the day (default today)."""
    wards = catalog.wards(district_id)
    latest = _latest(_WEIGHTS, [w.id for w in wards], on or today(), "ward_id")
    found = []
    for ward in wards:
        row = latest.get(ward.id)
        if row is None:
            found.append(Vulnerability(ward.id, ward.code, ward.name, 1.0, NOT_ASSESSED))
            continue
        told = {**row, "source": Text(row["source"], row["source"])}
        found.append(Vulnerability(**told, ward_code=ward.code, ward_name=ward.name))
    return found


def facility_weights(district_id: int, on: dt.date | None = None) -> dict[str, float]:
    """Facility code -> weight: its ward's; of a place that serves the whole district the mean of all
    wards by population (1 and 1.5, as many people in each: 1.25)."""
    rows = vulnerabilities(district_id, on)
    people = {ward.id: ward.population for ward in catalog.wards(district_id)}
    weight = {row.ward_id: row.weight for row in rows}
    everybody = sum(people.values())
    mean = sum(weight[id_] * people[id_] for id_ in weight) / everybody if everybody else 1.0
    return {
        f.code: round(mean, 4)
        if f.is_depot or f.kind in _SERVE_THE_DISTRICT
        else weight.get(f.ward_id or 0, 1.0)
        for f in catalog.facilities(district_id)
    }


def record_agreement(
    facility_id: int,
    agreed: bool,
    valid_from: dt.date,
    valid_to: dt.date | None,
    paper_reference: str,
) -> int:
    """Write that a private facility takes part, or no longer does; returns the row's id.

    Raises NotFound, Conflict (a public facility always takes part), InvalidInput by field, NotAllowed.
    """
    place = next((f for f in catalog.facilities() if f.id == facility_id), None)
    if place is None:
        raise NotFound(Text("Không có cơ sở này.", "There is no such facility."))
    if not place.is_private:
        raise Conflict(
            Text(
                f"{place.name.vi} là cơ sở công lập, luôn tham gia điều phối.",
                f"{place.name.en} is public and always takes part.",
            )
        )
    paper = " ".join(paper_reference.split())
    faults = _said("paper_reference", paper, PAPER_MAX)
    if valid_to is not None and valid_to < valid_from:
        words = Text(
            "Ngày hết hiệu lực phải từ ngày bắt đầu trở đi.",
            "The last day cannot be before the first.",
        )
        faults.append(Fault("valid_to", words))
    if faults:
        raise InvalidInput(faults=faults)
    return _insert(
        "INSERT INTO allocation_agreement (facility_id, agreed, valid_from, valid_to,"
        " paper_reference, recorded_by) VALUES (:place, :agreed, :first, :last, :paper, :me)"
        " RETURNING id",
        place=facility_id,
        agreed=agreed,
        first=valid_from,
        last=valid_to,
        paper=paper,
    )


def set_vulnerability(ward_id: int, weight: float, valid_from: dt.date, source: str) -> int:
    """Write a ward's weight from a day on; returns the row's id.

    Raises NotFound, InvalidInput by field, NotAllowed.
    """
    known = {w.id for d in catalog.districts() for w in catalog.wards(d.id)}
    if ward_id not in known:
        raise NotFound(Text("Không có phường, xã này.", "There is no such ward."))
    words = " ".join(source.split())
    faults = _said("source", words, SOURCE_MAX)
    if not (math.isfinite(weight) and WEIGHT_MIN <= weight <= WEIGHT_MAX):
        told = Text("Hệ số phải từ 0,1 đến 10.", "The weight must be between 0.1 and 10.")
        faults.append(Fault("weight", told))
    if faults:
        raise InvalidInput(faults=faults)
    return _insert(
        "INSERT INTO ward_vulnerability (ward_id, weight, valid_from, source, recorded_by)"
        " VALUES (:ward, :weight, :first, :source, :me) RETURNING id",
        ward=ward_id,
        weight=round(weight, 2),
        first=valid_from,
        source=words,
    )


def _said(field: str, words: str, longest: int) -> list[Fault]:
    if 0 < len(words) <= longest:
        return []
    told = {
        "paper_reference": Text(
            f"Hãy ghi số, ngày của văn bản thỏa thuận (tối đa {longest} ký tự).",
            f"Give the agreement's number and day (at most {longest} characters).",
        ),
        "source": Text(
            f"Hãy ghi căn cứ của hệ số (tối đa {longest} ký tự).",
            f"Say what the weight is based on (at most {longest} characters).",
        ),
    }
    return [Fault(field, told[field])]


def _insert(sql: str, **values: object) -> int:
    with transaction() as session:
        found = session.execute(text(sql), {**values, "me": acting_user_id()})
        return int(found.scalar_one())
