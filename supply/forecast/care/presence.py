"""Who is present on each day: arrivals, stays, the census people entered. Pure.

One timeline of past and coming days; day 0 is at index `past`. Arrivals of a tier come `delay` after
the report and stay as their kernel S says; a patient who leaves intensive care may lie some days more
in a bed of the tier below. Where a census was entered for a day a, it replaces what the cases say:

    present(d) = census · (share of those present on a who are still here on d) + arrivals after a

The share comes from the arrivals before a; without any, arrivals are taken as having been even.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from supply.forecast.care.stays import Spread, after_delay, matrix, remaining, staying
from supply.forecast.cases import FloatArray, IntArray


@dataclass(frozen=True)
class Inflow:
    """People who begin to be present: `arrivals[draw, facility, t]` with their stay."""

    arrivals: FloatArray
    stay: Spread


@dataclass(frozen=True)
class Census:
    """`patients[facility]` (NaN = not entered) present at index `at[facility]` of the timeline."""

    patients: FloatArray
    at: IntArray


def reported_to_care(coming: FloatArray, past: FloatArray, delay: Spread) -> FloatArray:
    """[draw, facility, t]: arrivals from cases reported in the past [facility, past day] and in the
    days to come [draw, facility, day]. Who was reported before the timeline is left out."""
    draws = coming.shape[0]
    before = np.broadcast_to(past, (draws, *past.shape))
    reported = np.concatenate([before, coming], axis=-1)
    return after_delay(reported, delay)


def present(inflows: Sequence[Inflow], census: Census) -> FloatArray:
    """[draw, facility, t]: people present, the census standing where one was entered."""
    length = inflows[0].arrivals.shape[-1]
    tables = [matrix(staying(one.stay, length)) for one in inflows]
    here = _sum(_through(one.arrivals, table) for one, table in zip(inflows, tables, strict=True))
    entered = ~np.isnan(census.patients) & (census.at >= 0) & (census.at < length)
    for at in np.unique(census.at[entered]):
        rows = np.flatnonzero(entered & (census.at == at))
        here[:, rows, at:] = _from_census(inflows, tables, rows, int(at), census.patients[rows])
    return here


def _from_census(
    inflows: Sequence[Inflow],
    tables: Sequence[FloatArray],
    rows: IntArray,
    at: int,
    patients: FloatArray,
) -> FloatArray:
    """[draw, row, t ≥ at]: those of the census who are left, and who came after it."""
    pairs = [(one.arrivals[:, rows], table) for one, table in zip(inflows, tables, strict=True)]
    carried = _sum(came[..., : at + 1] @ table[: at + 1, at:] for came, table in pairs)
    later = _sum(came[..., at + 1 :] @ table[at + 1 :, at:] for came, table in pairs)
    even = remaining(tables[0][0], inflows[0].stay.mean_days)  # row 0 of a table is its kernel
    first = carried[..., :1]
    left = np.where(first > 0, carried / np.where(first > 0, first, 1.0), even[: carried.shape[-1]])
    result: FloatArray = patients[:, None] * left + later
    return result


def leaving(arrivals: FloatArray, here: FloatArray, census: Census) -> FloatArray:
    """[draw, facility, t]: who leaves, from who came and who is present: came(t) + here(t−1) − here(t).

    On the day of a census the jump is no leaving: there as many leave as on the day after.
    """
    out = np.zeros_like(here)
    out[..., 1:] = arrivals[..., 1:] + here[..., :-1] - here[..., 1:]
    length = here.shape[-1]
    for row in np.flatnonzero(~np.isnan(census.patients) & (census.at >= 0)):
        at = int(census.at[row])
        if at < length:
            out[:, row, at] = out[:, row, min(at + 1, length - 1)]
    return np.maximum(out, 0.0)


def _through(arrivals: FloatArray, table: FloatArray) -> FloatArray:
    """arrivals @ table as one product of two matrices, which is quicker than one for each draw."""
    flat = arrivals.reshape(-1, arrivals.shape[-1]) @ table
    return flat.reshape(*arrivals.shape[:-1], table.shape[1])


def _sum(parts: Iterable[FloatArray]) -> FloatArray:
    return reduce(np.add, parts)
