"""Stored runs against what came: the pairs that `hindsight` scores. Reads only.

Of several runs of one origin the newest counts, so that a nightly run does not weigh seven times. The
baseline is drawn from the figures as they stand now, up to the origin.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import text

from supply.core.clock import today
from supply.core.transaction import reading
from supply.forecast.burn import QUANTILES, gamma_quantiles
from supply.forecast.cases import FloatArray, filled_history
from supply.forecast.history import WeeklyHistory
from supply.forecast.inputs import District, history_of
from supply.forecast.projection import HORIZONS_WEEKS
from supply.forecast.queries import RunRow, runs
from supply.forecast.seeing.hindsight import USE_DAYS, CasePairs, UsePairs, case_pairs
from supply.inventory import queries as inventory

MOST_RUNS = 400
MOST_ORIGINS = 60
_LOW, _HIGH = QUANTILES.index(0.05), QUANTILES.index(0.95)
_CASES = text(
    "SELECT run_id, ward_id, week_end, quantiles FROM forecast_case"
    " WHERE run_id = ANY(CAST(:runs AS int[])) AND ward_id IS NOT NULL"
)
_USE = text(
    "SELECT run_id, facility_id, item_id, (SELECT sum(v) FROM unnest(mean[1 : :days]) v) AS mean,"
    " cumulative_sd[:days] AS sd FROM forecast_burn"
    " WHERE run_id = ANY(CAST(:runs AS int[])) AND class = 'all'"
)
Origins = dict[dt.date, RunRow]


@dataclass(frozen=True)
class Expected:
    """Use expected in windows: origin's day 0, days, facility, item, mean and sd of the window."""

    day_0: dt.date
    days: int
    facility_id: int
    item_id: int
    mean: float
    sd: float


@dataclass(frozen=True)
class Past:
    """What stored runs said and what came. `use` indexes `where`'s facilities and items."""

    runs: int
    cases: CasePairs
    use: UsePairs


def stored(where: District) -> Past:
    """All forecasts of a district whose weeks have come, the newest of each origin."""
    with reading():
        newest: Origins = {}
        for one in runs(where.id, MOST_RUNS):
            newest.setdefault(one.origin, one)
        chosen = dict(sorted(newest.items())[-MOST_ORIGINS:])
        now = history_of(where)
        cases = _case_pairs(where, chosen, now)
        use = use_pairs(where, _expected(chosen))
    return Past(len(chosen), cases, use)


def _case_pairs(where: District, chosen: Origins, now: WeeklyHistory) -> CasePairs:
    with reading() as session:
        rows = session.execute(_CASES, {"runs": [run.id for run in chosen.values()]}).all()
    place = {ward.id: number for number, ward in enumerate(where.wards)}
    table: dict[int, FloatArray] = {}
    origin_of = {run.id: origin for origin, run in chosen.items()}
    shape = (len(where.wards), len(HORIZONS_WEEKS), 23)
    for run_id, ward_id, week_end, quantiles in rows:
        week = (week_end - origin_of[run_id]).days // 7 - 1
        if ward_id in place and week < len(HORIZONS_WEEKS):
            table.setdefault(run_id, np.full(shape, np.nan))[place[ward_id], week] = quantiles
    known = [origin for origin, run in chosen.items() if run.id in table]
    return pairs_of(now, known, [table[chosen[origin].id] for origin in known])


def pairs_of(
    now: WeeklyHistory, origins: Sequence[dt.date], ahead: Sequence[FloatArray]
) -> CasePairs:
    """Pairs of projections `ahead` [ward, week, 23] made at `origins`; NaN = none was made."""
    pasts, cames = [], []
    for origin, made in zip(origins, ahead, strict=True):
        at = int(np.searchsorted(now.week_ends, np.datetime64(origin), side="right"))
        past = now.cases[:, :at]
        whole = np.full(past.shape, np.nan)
        seen = ~np.isnan(past).all(axis=1) if at else np.zeros(len(past), dtype=bool)
        whole[seen] = filled_history(past[seen])
        came = np.full(made.shape[:2], np.nan)
        later = now.cases[:, at : at + made.shape[1]]
        came[:, : later.shape[1]] = later
        came[np.isnan(made).any(axis=(1, 2))] = np.nan
        pasts.append(whole)
        cames.append(came)
    return case_pairs([np.nan_to_num(one) for one in ahead], pasts, cames)


def _expected(chosen: Origins) -> list[Expected]:
    found: list[Expected] = []
    for days in USE_DAYS:
        over = [r for r in chosen.values() if is_over(r.day_0, days, r.params.horizon_days)]
        if not over:
            continue
        day_0 = {run.id: run.day_0 for run in over}
        with reading() as session:
            rows = session.execute(_USE, {"runs": list(day_0), "days": days}).all()
        found += [Expected(day_0[r], days, f, i, mean, sd) for r, f, i, mean, sd in rows]
    return found


def is_over(day_0: dt.date, days: int, horizon_days: int) -> bool:
    """Whether the first `days` of a run were looked at and lie wholly before today."""
    return days <= horizon_days and day_0 + dt.timedelta(days=days) <= today()


def use_pairs(where: District, expected: Sequence[Expected]) -> UsePairs:
    """What was expected against the ledger's consumption, in one question to the ledger."""
    place = {f.id: number for number, f in enumerate(where.facilities)}
    kind = {item.id: number for number, item in enumerate(where.items)}
    known = [e for e in expected if e.facility_id in place and e.item_id in kind]
    if not known:
        none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
        return UsePairs(none, none, none, nothing, nothing, nothing, nothing)
    first = min(e.day_0 for e in known)
    last = max(e.day_0 + dt.timedelta(days=e.days - 1) for e in known)
    ledger = inventory.consumption_daily(list(place), first, last)
    used = _used(ledger, place, kind, first, (last - first).days + 1)
    facility = np.array([place[e.facility_id] for e in known])
    item = np.array([kind[e.item_id] for e in known])
    start = np.array([(e.day_0 - first).days for e in known])
    days = np.array([e.days for e in known])
    mean, sd = np.array([e.mean for e in known]), np.array([e.sd for e in known])
    spread = gamma_quantiles(mean, sd)
    came = used[facility, item, start + days] - used[facility, item, start]
    return UsePairs(facility, item, days, mean, spread[:, _LOW], spread[:, _HIGH], came)


def _used(
    ledger: pd.DataFrame, place: dict[int, int], kind: dict[int, int], first: dt.date, days: int
) -> FloatArray:
    """[f, i, day + 1]: units used before each day, running."""
    used = np.zeros((len(place), len(kind), days + 1))
    rows = ledger[ledger["facility_id"].isin(place) & ledger["item_id"].isin(kind)]
    if len(rows):
        at = (pd.to_datetime(rows["date"]) - pd.Timestamp(first)).dt.days.to_numpy() + 1
        f = rows["facility_id"].map(place).to_numpy()
        i = rows["item_id"].map(kind).to_numpy()
        np.add.at(used, (f, i, at), rows["quantity"].to_numpy(dtype=np.float64))
    running: FloatArray = used.cumsum(axis=-1)
    return running
