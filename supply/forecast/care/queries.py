"""What is asked of care: what was entered, as a run needs it and as pages show it; what a run says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import RowMapping, text

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.transaction import reading
from supply.forecast.care.inputs import ACTIVITIES, CareInputs
from supply.forecast.care.outcome import QUANTILES, CareOutcome, Measure
from supply.forecast.care.oxygen import Sources
from supply.forecast.care.rows import CAPACITIES, ActivityRow, CapacityRow, CensusRow
from supply.forecast.cases import FloatArray
from supply.forecast.norms import (
    CONCENTRATOR_FLOW,
    CYLINDER_GAS,
    CYLINDER_OUTLET,
    TEST_KINDS,
    TIERS,
)
from supply.forecast.sharing import load_share_rules

CENSUS_BEFORE_DAYS = 14  # an older census says less than the reported cases do
CENSUS_AFTER_DAYS = 6  # a run's cases end on a Saturday; patients are counted on the days since


def _ask(sql: str, **params: object) -> Sequence[RowMapping]:
    with reading() as session:
        return session.connection().execute(text(sql), params).mappings().all()


_CENSUS = """
SELECT DISTINCT ON (c.facility_id, c.tier) c.facility_id, c.tier, c.on_day, c.patients, c.recorded_at,
       concat_ws(' ', u.first_name, u.last_name) AS by
FROM facility_census c JOIN ab_user u ON u.id = c.recorded_by
WHERE c.facility_id = ANY (:facilities) AND c.on_day BETWEEN :first AND :last
ORDER BY c.facility_id, c.tier, c.on_day DESC, c.id DESC
"""


def census(facility_ids: Sequence[int], first: dt.date, last: dt.date) -> list[CensusRow]:
    """Of each facility and tier the newest day's census between two days, the latest entry of it."""
    rows = _ask(_CENSUS, facilities=list(facility_ids), first=first, last=last)
    return [CensusRow(**row) for row in rows]


_CAPACITY = """
SELECT DISTINCT ON (facility_id, what) facility_id, what, value, valid_from, source
FROM facility_capacity WHERE facility_id = ANY (:facilities) AND valid_from <= :day
ORDER BY facility_id, what, valid_from DESC, id DESC
"""


def capacities(facility_ids: Sequence[int], on: dt.date | None = None) -> list[CapacityRow]:
    """What each facility can do on a day (today): as entered, else beds as the facility's own record
    has them, where its kind takes patients into beds by the sharing rules."""
    day = on or today()
    wanted = set(facility_ids)
    found = {
        (row["facility_id"], row["what"]): CapacityRow(
            row["facility_id"],
            row["what"],
            None if row["value"] is None else float(row["value"]),
            row["valid_from"],
            row["source"],
        )
        for row in _ask(_CAPACITY, facilities=list(facility_ids), day=day)
    }
    kinds = {rule.facility_kind for rule in load_share_rules(day) if rule.care == "bed"}
    for place in catalog.facilities():
        if place.id not in wanted:
            continue
        takes = place.kind in kinds
        own = {
            "beds": max(place.beds - place.icu_beds, 0) if takes else 0,
            "icu_beds": place.icu_beds if takes else 0,
        }
        for what, value in own.items():
            usual = CapacityRow(place.id, what, float(value), None, "", entered=False)
            found.setdefault((place.id, what), usual)
    order = list(CAPACITIES)
    return sorted(found.values(), key=lambda row: (row.facility_id, order.index(row.what)))


_ACTIVITIES = """
SELECT a.id, a.facility_id, a.activity, a.programme, a.first_day, a.last_day,
       a.per_day::float8 AS per_day, concat_ws(' ', u.first_name, u.last_name) AS by
FROM facility_activity a JOIN ab_user u ON u.id = a.recorded_by
WHERE a.facility_id = ANY (:facilities) AND a.last_day >= :first
  AND (CAST(:last AS date) IS NULL OR a.first_day <= :last) AND a.per_day > 0
  AND NOT EXISTS (SELECT FROM facility_activity later WHERE later.replaces_id = a.id)
ORDER BY a.first_day, a.id
"""


def activities(
    facility_ids: Sequence[int], first: dt.date, last: dt.date | None = None
) -> list[ActivityRow]:
    """Planned work that stands and falls on some day from `first` to `last` (None: any later day)."""
    rows = _ask(_ACTIVITIES, facilities=list(facility_ids), first=first, last=last)
    return [ActivityRow(**row) for row in rows]


def care_inputs(facility_ids: Sequence[int], day_0: dt.date, horizon_days: int) -> CareInputs:
    """What was entered until now, for a run of these facilities in this order. A census counts from
    its own day on, which may lie up to two weeks before day 0 or six days after it; capacities are
    those of today, or of day 0 where the run is not of these days."""
    ids = list(facility_ids)
    place = {id_: number for number, id_ in enumerate(ids)}
    told = CareInputs.none(len(ids), horizon_days)
    last = day_0 + dt.timedelta(days=horizon_days - 1)
    latest = min(last, day_0 + dt.timedelta(days=CENSUS_AFTER_DAYS))
    for row in census(ids, day_0 - dt.timedelta(days=CENSUS_BEFORE_DAYS), latest):
        at = place[row.facility_id], TIERS.index(row.tier)
        told.census[at] = row.patients
        told.census_day[at] = (row.on_day - day_0).days
    _fill_capacities(told, capacities(ids, today() if day_0 <= today() <= last else day_0), place)
    for plan in activities(ids, day_0, last):
        first_day = max((plan.first_day - day_0).days, 0)
        last_day = (plan.last_day - day_0).days
        number = ACTIVITIES.index(plan.activity)
        told.planned[number, place[plan.facility_id], first_day : last_day + 1] += plan.per_day
    return told


def _fill_capacities(
    told: CareInputs, rows: Sequence[CapacityRow], place: Mapping[int, int]
) -> None:
    into: dict[str, FloatArray] = {
        "beds": told.beds,
        "icu_beds": told.icu_beds,
        "staff_shifts_per_day": told.staff_shifts_per_day,
        **{f"{kind}_tests_per_day": told.lab_tests_per_day[n] for n, kind in enumerate(TEST_KINDS)},
    }
    for row in rows:
        if row.what in into and row.value is not None:
            into[row.what][place[row.facility_id]] = row.value


def oxygen_sources(
    rows: Sequence[CapacityRow], figures: Mapping[str, float], gas_litres_per_litre: float
) -> dict[int, Sources]:
    """facility id -> its oxygen sources, from capacities, the norms' figures of sources, and how much
    gas a litre of liquid gives."""
    entered: dict[int, dict[str, float]] = {}
    for row in rows:
        entered.setdefault(row.facility_id, {})[row.what] = row.value or 0.0
    return {
        facility: Sources(
            cylinders=has.get("oxygen_cylinders", 0.0),
            cylinder_litres=figures[CYLINDER_GAS],
            exchanges_per_day=has.get("cylinder_exchanges_per_day", 0.0),
            outlet_litres_per_minute=figures[CYLINDER_OUTLET],
            tank_litres=has.get("liquid_tank_litres", 0.0),
            gas_litres_per_litre=gas_litres_per_litre,
            vaporiser_litres_per_minute=has.get("vaporiser_litres_per_minute", 0.0),
            fillings_per_day=has.get("tank_fillings_per_day", 0.0),
            concentrators=has.get("concentrators", 0.0),
            concentrator_litres_per_minute=figures[CONCENTRATOR_FLOW],
            plant_litres_per_minute=has.get("plant_litres_per_minute", 0.0),
        )
        for facility, has in entered.items()
    }


def stored_care(run_id: int, facility_codes: Mapping[int, str], days: int) -> CareOutcome:
    """What a run says of care at the facilities given (id -> code), as far as one may see them."""
    rows = _ask(
        "SELECT facility_id, measure, by_day, peak FROM forecast_care WHERE run_id = :run",
        run=run_id,
    )
    place = {id_: number for number, id_ in enumerate(facility_codes)}
    measures: dict[str, Measure] = {}
    for row in rows:
        if row["facility_id"] not in place:
            continue
        one = measures.setdefault(
            row["measure"],
            Measure(
                np.zeros((len(place), days, len(QUANTILES))),
                np.zeros((len(place), len(QUANTILES))),
            ),
        )
        at = place[row["facility_id"]]
        one.by_day[at] = np.reshape(row["by_day"], (days, len(QUANTILES)))
        one.peak[at] = row["peak"]
    return CareOutcome(tuple(facility_codes.values()), days, measures)
