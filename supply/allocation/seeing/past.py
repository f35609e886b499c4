"""Read a district's past from the books, for `replay`: stock then, moves since, use, empty shelves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from supply.allocation.asking.world import Stock
from supply.allocation.seeing.replay import USUAL_DAYS_MIN, Moved, Pair, Past
from supply.allocation.transfers import lot_name
from supply.catalog import queries as catalog
from supply.core.transaction import reading
from supply.forecast import queries as forecast
from supply.inventory import queries as inventory

LEARN_DAYS = 28
"""Days before the first that tell, with the period itself, what a place usually uses."""


def read_past(district: catalog.DistrictRow, run_id: int, start: dt.date, days: int) -> Past:
    """The district's books from the morning of `start`; class shares from a forecast's run."""
    last, before = start + dt.timedelta(days=days - 1), start - dt.timedelta(days=1)
    learn = start - dt.timedelta(days=LEARN_DAYS)
    with reading():
        codes = {f.id: f.code for f in catalog.facilities(district.id)}
        items = {item.id: item.code for item in catalog.items()}
        held = inventory.held_lots_on(codes, before)
        moves = inventory.shelf_moves(codes, start, last)
        used = inventory.consumption_daily(codes, learn, last)
        asked = inventory.asked_not_given(codes, start, last)
        spans = inventory.empty_spans(codes, learn, last)
        shares = _shares(run_id)
    used = used.assign(facility_code=used["facility_id"].map(codes))
    gone = _empty(spans, codes, items, learn, last)
    by_day = _by_day(used.rename(columns={"date": "day"}), learn, LEARN_DAYS + days)
    usual = {
        pair: told
        for pair, units in by_day.items()
        if (told := _usual(units, gone.get(pair, [0] * len(units)))) is not None
    }
    return Past(
        start=start,
        days=days,
        stock=_stock(held),
        moved=_moved(moves, start),
        used={pair: units[LEARN_DAYS:] for pair, units in by_day.items()},
        asked=_by_day(asked, start, days),
        empty={pair: flags[LEARN_DAYS:] for pair, flags in gone.items()},
        usual=usual,
        shares=shares,
    )


def _shares(run_id: int) -> dict[Pair, tuple[float, ...]]:
    burn = forecast.stored_burn(run_id)
    total = burn.mean.sum(axis=-1)
    return {
        (facility, item): tuple(total[f, i].tolist())
        for f, facility in enumerate(burn.facility_ids)
        for i, item in enumerate(burn.item_codes)
        if total[f, i].sum() > 0
    }


def _date(value: object) -> dt.date | None:
    return None if value is None or pd.isna(value) else value  # type: ignore[call-overload, return-value]


def _stock(held: pd.DataFrame) -> tuple[Stock, ...]:
    return tuple(
        Stock(
            row["facility_code"],
            row["item_code"],
            lot_name(row["lot_number"]),
            _date(row["expiry"]),
            int(row["quantity"]),
        )
        for row in held.to_dict("records")
    )


def _moved(moves: pd.DataFrame, start: dt.date) -> tuple[Moved, ...]:
    return tuple(
        Moved(
            facility=row["facility_code"],
            item=row["item_code"],
            lot=lot_name(row["lot_number"]),
            expiry=_date(row["expiry"]),
            day=(row["day"] - start).days,
            what=row["what"],
            counterpart=row["counterpart_code"] or "",
            sent_on=(row["dispatched_on"] - start).days,
            quantity=int(row["quantity"]),
            document=int(row["document_id"]),
        )
        for row in moves.to_dict("records")
    )


def _by_day(frame: pd.DataFrame, first: dt.date, days: int) -> dict[Pair, list[int]]:
    """Units of each (facility, item) by day, below 0 where more came back than went out."""
    found: dict[Pair, list[int]] = {}
    for row in frame.to_dict("records"):
        pair = (row["facility_code"], row["item_code"])
        found.setdefault(pair, [0] * days)[(row["day"] - first).days] += int(row["quantity"])
    return found


def _empty(
    spans: pd.DataFrame,
    codes: dict[int, str],
    items: dict[int, str],
    first: dt.date,
    last: dt.date,
) -> dict[Pair, list[int]]:
    """1 on days that closed with nothing, and on days before an item first came: for each pair held."""
    days = (last - first).days + 1
    found: dict[Pair, list[int]] = {}
    for row in spans.to_dict("records"):
        pair = (codes[row["facility_id"]], items[row["item_id"]])
        flags = found.setdefault(pair, [0] * days)
        since = _date(row["held_since"])
        ranges: list[tuple[dt.date | None, dt.date | None]] = [
            (_date(row["empty_from"]), _date(row["empty_to"]))
        ]
        if since is not None and since > first:
            ranges.append((first, since - dt.timedelta(days=1)))
        for begin, end in ranges:
            if begin is not None and end is not None:
                _mark(flags, (begin - first).days, (end - first).days)
    return found


def _mark(flags: list[int], begin: int, end: int) -> None:
    for day in range(max(0, begin), min(len(flags) - 1, end) + 1):
        flags[day] = 1


def _usual(units: Iterable[int], empty: Iterable[int]) -> float | None:
    """Mean units a day over the days that had stock; None where those are too few to tell."""
    held = [max(0, n) for n, gone in zip(units, empty, strict=True) if not gone]
    return sum(held) / len(held) if len(held) >= USUAL_DAYS_MIN else None


def first_day(district: catalog.DistrictRow) -> dt.date | None:
    """The first day of the district's books with use to look at; None where there is none."""
    with reading():
        codes = [f.id for f in catalog.facilities(district.id)]
        used = inventory.consumption_daily(codes, dt.date(2000, 1, 1), dt.date(2100, 1, 1))
    return None if used.empty else used["date"].min()
