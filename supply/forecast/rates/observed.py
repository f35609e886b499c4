"""From the ledger's rows to arrays: what was used on which day, which days count. Pure.

A day counts where the item had been held before, the facility kept its book then, and the store closed
with stock or gave some out. A facility keeps its book on a day if it issued anything to use within so
many days before or after it: a store that issues nothing to anybody has not stopped using, it has
stopped writing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from supply.forecast.cases import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Observed:
    """[f, i, day], oldest day first: units `used`, days `seen` that count, days `stocked_out` (closed
    empty after the item was first held); `book[f, day]` days the facility kept its book."""

    used: FloatArray
    seen: BoolArray
    stocked_out: BoolArray
    book: BoolArray


def observed(
    used: pd.DataFrame,
    spans: pd.DataFrame,
    facility_ids: Sequence[int],
    item_ids: Sequence[int],
    first_day: date,
    days: int,
    book_gap_days: int,
) -> Observed:
    """From `inventory.queries.consumption_daily` and `empty_spans` of the period; rows of other items
    show only that the book was kept."""
    size = (len(facility_ids), len(item_ids), days)
    book = _book(used, facility_ids, first_day, days, book_gap_days)
    amount = np.zeros(size)
    f, i, known = _places(used, facility_ids, item_ids)
    day = _days(used["date"], first_day)
    np.add.at(
        amount, (f[known], i[known], day[known]), used["quantity"].to_numpy(dtype=float)[known]
    )
    f, i, known = _places(spans, facility_ids, item_ids)
    held_from = np.full(size[:2], days)
    since = np.maximum(_days(spans["held_since"], first_day), 0)
    np.minimum.at(held_from, (f[known], i[known]), since[known])
    held = np.arange(days) >= held_from[..., None]
    stocked_out = _filled(size, spans, f, i, known, first_day)
    seen = held & book[:, None, :] & (~stocked_out | (amount > 0))
    return Observed(amount, seen, stocked_out, book)


def _book(
    used: pd.DataFrame, facility_ids: Sequence[int], first_day: date, days: int, gap: int
) -> BoolArray:
    place = pd.Index(facility_ids).get_indexer(pd.Index(used["facility_id"]))
    day = _days(used["date"], first_day)
    change = np.zeros((len(facility_ids), days + 1))
    ok = place >= 0
    np.add.at(change, (place[ok], np.maximum(day[ok] - gap, 0)), 1)
    np.add.at(change, (place[ok], np.minimum(day[ok] + gap + 1, days)), -1)
    kept: BoolArray = change.cumsum(axis=-1)[:, :days] > 0.5
    return kept


def _filled(
    size: tuple[int, int, int],
    spans: pd.DataFrame,
    f: IntArray,
    i: IntArray,
    known: BoolArray,
    first_day: date,
) -> BoolArray:
    """[f, i, day]: True on the days of the spans, both ends included."""
    real = known & spans["empty_from"].notna().to_numpy()
    change = np.zeros((*size[:2], size[2] + 1))
    begin = _days(spans["empty_from"][real], first_day)
    end = _days(spans["empty_to"][real], first_day)
    np.add.at(change, (f[real], i[real], begin), 1)
    np.add.at(change, (f[real], i[real], end + 1), -1)
    out: BoolArray = change.cumsum(axis=-1)[..., :-1] > 0.5
    return out


def _places(
    rows: pd.DataFrame, facility_ids: Sequence[int], item_ids: Sequence[int]
) -> tuple[IntArray, IntArray, BoolArray]:
    f = pd.Index(facility_ids).get_indexer(pd.Index(rows["facility_id"])).astype(np.int64)
    i = pd.Index(item_ids).get_indexer(pd.Index(rows["item_id"])).astype(np.int64)
    return f, i, np.asarray((f >= 0) & (i >= 0), dtype=bool)


def _days(dates: pd.Series[date], first_day: date) -> IntArray:
    """Days from `first_day`."""
    when = np.array(dates.to_numpy(), dtype="datetime64[D]")
    found: IntArray = (when - np.datetime64(first_day)).astype(np.int64)
    return found
