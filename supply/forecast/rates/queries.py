"""What the rates ask of the database: the past of a district, the rates of a run, what is pinned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sqlalchemy import RowMapping, text

from supply.core.transaction import reading
from supply.forecast import chain
from supply.forecast.care.queries import care_inputs
from supply.forecast.norms import TIERS
from supply.forecast.rates.blend import rates_of
from supply.forecast.rates.expected import Counted, expected_use, realised_drivers
from supply.forecast.rates.fixed import fixed_item_codes, fixed_per_day
from supply.forecast.rates.learned import FIGURES, Learned
from supply.forecast.rates.observed import observed
from supply.forecast.rates.past import Past
from supply.forecast.rates.settings import Settings, load_settings
from supply.forecast.sharing import case_shares, load_share_rules
from supply.inventory import queries as inventory

if TYPE_CHECKING:  # `inputs` itself asks for the rates
    from supply.forecast.inputs import District


def _ask(sql: str, **params: object) -> Sequence[RowMapping]:
    with reading() as session:
        return session.connection().execute(text(sql), params).mappings().all()


@dataclass(frozen=True)
class Use:
    """What a district's ledger tells of use up to and on `last_day`, over the `settings.days` of
    learning: `inventory.queries.consumption_daily`, as known at `known_by` (None: now)."""

    last_day: dt.date
    settings: Settings
    known_by: dt.datetime | None
    used: pd.DataFrame

    @property
    def first_day(self) -> dt.date:
        """The oldest day looked at."""
        return self.last_day - dt.timedelta(days=self.settings.days - 1)

    def item_codes(self) -> frozenset[str]:
        """Items that a run should hold also without a norm: used, or with a fixed term."""
        return frozenset(self.used["item_code"]) | fixed_item_codes()


def district_use(where: District, last_day: dt.date, known_by: dt.datetime | None = None) -> Use:
    """One question for the whole district. Raises `InputFaults` for faulty settings."""
    settings = load_settings(last_day)
    first = last_day - dt.timedelta(days=settings.days - 1)
    ids = [f.id for f in where.facilities]
    used = inventory.consumption_daily(ids, first, last_day, known_by)
    return Use(last_day, settings, known_by, used)


def learned_rates(where: District, inputs: chain.Inputs, use: Use | None = None) -> Learned:
    """Rates of the facilities and items of a run's inputs, from use up to and on its origin (`use`;
    None: asked for, as it is known now).

    What happened after the origin is never read. A handful of questions for the whole district. Raises
    `InputFaults` for faulty tables.
    """
    params = inputs.params
    told = district_use(where, params.origin) if use is None else use
    settings, first = told.settings, told.first_day
    facilities = [where.facility_ids[code] for code in inputs.facility_codes]
    items = [where.item_ids[code] for code in inputs.item_codes]
    kinds = [place.kind for place in inputs.places]
    found = observed(
        told.used,
        inventory.empty_spans(facilities, first, params.origin, told.known_by),
        facilities,
        items,
        first,
        settings.days,
        settings.book_gap_days,
    )
    past = Past(
        _expected(inputs, facilities, first, settings.days),
        np.maximum(found.used, 0.0),
        found.seen,
        found.stocked_out & found.book[:, None, :],
    )
    fixed = fixed_per_day(params.origin, kinds, inputs.item_codes)
    held = pins(facilities, params.origin)
    pinned = np.array([[(f, i) in held for i in items] for f in facilities], dtype=bool)
    return rates_of(past, fixed, pinned.reshape(fixed.shape), settings).rounded()


def _expected(
    inputs: chain.Inputs, facilities: list[int], first: dt.date, days: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """[f, i, day]: use by the norms in force at the origin, had no scenario stood."""
    plain = replace(inputs.params, scenario=None)
    norms = chain.norms_of(plain)
    care = care_inputs(facilities, first, days)
    care = replace(care, census=np.full_like(care.census, np.nan))
    shares = case_shares(load_share_rules(plain.origin), inputs.places, len(inputs.ward_codes))
    drivers = realised_drivers(
        inputs.history,
        days,
        norms,
        shares,
        inputs.facility_codes,
        care,
        _counted(facilities, first, days),
    )
    return expected_use(drivers, norms, inputs.item_codes)


_COUNTED = """
SELECT DISTINCT ON (facility_id, tier, on_day) facility_id, tier, on_day, patients
FROM facility_census
WHERE facility_id = ANY (:facilities) AND on_day BETWEEN :first AND :last
ORDER BY facility_id, tier, on_day, id DESC
"""


def _counted(facilities: list[int], first: dt.date, days: int) -> Counted:
    last = first + dt.timedelta(days=days - 1)
    rows = _ask(_COUNTED, facilities=facilities, first=first, last=last)
    place = {id_: number for number, id_ in enumerate(facilities)}
    return Counted(
        np.array([place[row["facility_id"]] for row in rows], dtype=np.int64),
        np.array([TIERS.index(row["tier"]) for row in rows], dtype=np.int64),
        np.array([(row["on_day"] - first).days for row in rows], dtype=np.int64),
        np.array([row["patients"] for row in rows], dtype=np.float64),
    )


@dataclass(frozen=True)
class Pin:
    """An item of a facility that an officer holds to its norm."""

    facility_id: int
    item_id: int
    valid_from: dt.date
    reason: str
    by: str


_PINS = """
SELECT * FROM (
    SELECT DISTINCT ON (p.facility_id, p.item_id) p.facility_id, p.item_id, p.pinned, p.valid_from,
           p.reason, concat_ws(' ', u.first_name, u.last_name) AS by
    FROM rate_pin p JOIN ab_user u ON u.id = p.recorded_by
    WHERE p.facility_id = ANY (:facilities) AND p.valid_from <= :day
    ORDER BY p.facility_id, p.item_id, p.valid_from DESC, p.id DESC
) latest WHERE pinned
"""


def pins(facility_ids: Sequence[int], on: dt.date) -> dict[tuple[int, int], Pin]:
    """(facility, item) -> the pin in force on a day."""
    rows = _ask(_PINS, facilities=list(facility_ids), day=on)
    return {
        (row["facility_id"], row["item_id"]): Pin(
            row["facility_id"], row["item_id"], row["valid_from"], row["reason"], row["by"]
        )
        for row in rows
    }


_STORED = f"""
SELECT f.code AS facility_code, i.code AS item_code, r.method, {", ".join(f"r.{n}" for n in FIGURES)}
FROM forecast_rate r JOIN facility f ON f.id = r.facility_id JOIN item i ON i.id = r.item_id
WHERE r.run_id = :run
"""


@dataclass(frozen=True)
class Stored:
    """The rates a run kept: `learned` by the facilities asked for and by `item_codes`, sorted."""

    item_codes: tuple[str, ...]
    learned: Learned


def stored(run_id: int, facility_codes: Sequence[str]) -> Stored | None:
    """The rates a run took, by facility code in this order; None if it kept none that one may see. A
    facility that is not kept, or not in the scope, is neutral."""
    rows = _ask(_STORED, run=run_id)
    if not rows:
        return None
    codes = tuple(sorted({row["item_code"] for row in rows}))
    found = Learned.neutral(len(facility_codes), len(codes))
    arrays = {name: getattr(found, name).copy() for name in FIGURES}
    place = {code: number for number, code in enumerate(facility_codes)}
    number_of = {code: number for number, code in enumerate(codes)}
    for row in rows:
        if row["facility_code"] not in place:
            continue
        at = place[row["facility_code"]], number_of[row["item_code"]]
        found.method[at] = row["method"]
        for name, array in arrays.items():
            array[at] = np.nan if row[name] is None else row[name]
    return Stored(codes, replace(found, **arrays))
