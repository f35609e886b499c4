"""What the sliders start from: a run's inputs and the stock, kept in the process for the next answer.

Kept by run and digest, the few used last. Whoever asks must be let see the run and every facility in
it, each time: nobody gets figures out of what somebody else was shown.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np

from supply.catalog import queries as catalog
from supply.core.errors import Conflict, NotAllowed
from supply.core.text import Text
from supply.core.transaction import reading
from supply.forecast import chain, needs
from supply.forecast.inputs import as_stored, district_of, gather
from supply.forecast.queries import RunRow, run
from supply.forecast.seeing.whatif import Base, Figures, figures, prepare
from supply.forecast.shortage import StockLots

KEPT = 6
STOCK_SECONDS = 60.0  # a slider moves for seconds; stock older than this is read again


@dataclass(frozen=True)
class Ready:
    """A run ready to be changed. `lots` index the facilities and items of `base.inputs`, `stock_day`
    is their day 0, `days_passed` of the run's days lie before it; `plain`: the figures with nothing
    changed; `read_at` by the monotonic clock."""

    run: RunRow
    base: Base
    lots: StockLots
    plain: Figures
    stock_day: dt.date
    days_passed: int
    stale: bool
    facilities: tuple[catalog.FacilityRow, ...]
    items: tuple[catalog.ItemRow, ...]
    read_at: float


_kept: OrderedDict[tuple[int, str], Ready] = OrderedDict()
_lock = Lock()


def ready(run_id: int) -> Ready:
    """A run of the acting person's district, ready to be changed.

    Raises NotFound, NotAllowed for who does not see all its facilities, Conflict where its inputs or
    norms are no longer those it was made with.
    """
    with reading():
        at = run(run_id)
        facilities = tuple(catalog.facilities(at.district_id))
        key = (at.id, at.inputs_digest)
        with _lock:
            found = _kept.get(key)
        if found is None:
            found = _made(at)
        elif time.monotonic() - found.read_at > STOCK_SECONDS:
            found = _with_stock(at, found.base)
        if tuple(f.code for f in facilities) != found.base.inputs.facility_codes:
            raise NotAllowed(
                Text(
                    "Chỉ người xem được mọi cơ sở của quận, huyện mới dùng được trang này.",
                    "This page is for those who may see every facility of the district.",
                )
            )
    with _lock:
        _kept[key] = found
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def forget() -> None:
    """Keep nothing: another database is looked at from now on."""
    with _lock:
        _kept.clear()


def inputs_of(at: RunRow) -> chain.Inputs:
    """The inputs a run was made with. Raises Conflict where they can no longer be had."""
    where = district_of(at.district_slug)
    inputs = as_stored(at.id, gather(where, at.params, at.last_report_id))
    if chain.model_version() != at.model_version or chain.digest(inputs) != at.inputs_digest:
        raise Conflict(
            Text(
                "Định mức, số liệu hoặc mô hình đã đổi sau lượt dự báo này. Xin chạy dự báo mới.",
                "Norms, figures or model have changed since this forecast. Please run a new one.",
            )
        )
    return inputs


def _made(at: RunRow) -> Ready:
    inputs = inputs_of(at)
    days = min(inputs.params.horizon_days, chain.HORIZON_DAYS_MAX)  # of a scenario, its first weeks
    params = replace(inputs.params, horizon_days=days)
    return _with_stock(at, prepare(replace(inputs, params=params)))


def _with_stock(at: RunRow, base: Base) -> Ready:
    found = needs.shortage(at.id, at.district_slug)
    codes = base.inputs
    place = _places_of(found.burn.facility_ids, codes.facility_codes)
    kind = _places_of(found.burn.item_codes, codes.item_codes)
    known = (place[found.lots.facility] >= 0) & (kind[found.lots.item] >= 0)
    lots = replace(
        found.lots,
        facility=place[found.lots.facility[known]],
        item=kind[found.lots.item[known]],
        quantity=found.lots.quantity[known],
        expiry_day=found.lots.expiry_day[known],
        arrival_day=found.lots.arrival_day[known],
    )
    items = {item.code: item for item in catalog.items(codes.item_codes)}
    return Ready(
        at,
        base,
        lots,
        figures(base, lots, days_passed=found.days_passed),
        found.stock_day,
        found.days_passed,
        found.stale,
        found.facilities,
        tuple(items[code] for code in codes.item_codes),
        time.monotonic(),
    )


def _places_of(
    names: Sequence[str], among: Sequence[str]
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Where each name stands in `among`, −1 where it does not."""
    at = {name: number for number, name in enumerate(among)}
    return np.array([at.get(name, -1) for name in names], dtype=np.int64)
