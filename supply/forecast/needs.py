"""What is needed against what is there: shortage, and demand for allocation.

Stock is what `inventory` says now. A run starts the day after its origin; the days that have passed
since are cut off, so that day 0 here is the day the stock is counted.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import InvalidInput, NotFound
from supply.core.text import Text
from supply.core.transaction import reading
from supply.forecast.arrivals import arrivals, load_reliability
from supply.forecast.burn import QUANTILES, BurnTable
from supply.forecast.cases import FloatArray, IntArray
from supply.forecast.norms import CLASSES
from supply.forecast.outage import stock_out_probability
from supply.forecast.queries import RunRow, run, stored_burn
from supply.forecast.shortage import NEVER, ShortageTable, StockLots
from supply.forecast.shortage import shortages as run_down_stock
from supply.inventory import queries as inventory

SHORT_DAYS = (14, 28)
TRANSIT_DAYS = 1  # goods on their way are counted from the next day on
DANGER_DAYS, WARNING_DAYS = 7, 14
_PLACES = _ON_HAND, _IN_TRANSIT, _ON_ORDER = 0, 1, 2
_MEDIAN, _HIGH = QUANTILES.index(0.5), QUANTILES.index(0.95)


@dataclass(frozen=True)
class Shortage:
    """A district's needs against its stock on `stock_day`, arrays [f, i] over `burn`'s codes.

    `days_passed` of the run's days are behind us. `stale`: all of them; then today's stock is set
    against the use from the run's own first day on, and pages say so. `table` runs over all the days left, `tables` over 14 and 28 days at most.
    `out_by_day` [f, i, d]: the chance of having run out by the end of each day, over `table`'s days.
    `lot_place` [lot]: 0 on hand, 1 in transit, 2 on order. `on_order` counts what is promised for any day; in the tables it arrives as `arrivals` says.
    """

    run: RunRow
    stock_day: dt.date
    days_passed: int
    stale: bool
    facilities: tuple[catalog.FacilityRow, ...]
    items: tuple[catalog.ItemRow, ...]
    burn: BurnTable
    lots: StockLots
    lot_place: IntArray
    on_hand: IntArray
    in_transit: IntArray
    on_order: IntArray
    depot_on_hand: IntArray
    tables: dict[int, ShortageTable]
    out_by_day: FloatArray

    @property
    def table(self) -> ShortageTable:
        """Over the longest time looked at."""
        return self.tables[SHORT_DAYS[-1]]


@dataclass(frozen=True)
class ShortageRow:
    """One item at one facility. Days of stock are low - median - high; `horizon_days` or more shows
    as the horizon. Units are base units; `short_*` at the median burn, `_high` at its 0.95.
    `first_class`: the class of highest priority that uses the item here."""

    facility: catalog.FacilityRow
    item: catalog.ItemRow
    on_hand: int
    in_transit: int
    on_order: int
    depot_on_hand: int
    burn_per_day: float
    days_low: float
    days: float
    days_high: float
    horizon_days: int
    stock_out: dt.date | None
    short_14: int
    short_28: int
    short_28_high: int
    expiring: int
    first_class: str
    out_by_day: tuple[float, ...]
    """chance of having run out by the end of each day looked at"""

    def out_within(self, days: int) -> float:
        """The chance of running out within so many days (at most those looked at)."""
        return self.out_by_day[min(days, len(self.out_by_day)) - 1]

    @property
    def has_none(self) -> bool:
        """Nothing usable on hand or on its way."""
        return self.on_hand == 0 and self.in_transit == 0

    @property
    def level(self) -> str:
        """'danger' under 7 days, 'warning' under 14, else 'ok'."""
        if self.days < min(DANGER_DAYS, self.horizon_days):
            return "danger"
        return "warning" if self.days < min(WARNING_DAYS, self.horizon_days) else "ok"


@dataclass(frozen=True)
class Demand:
    """Whole base units needed: `quantity[f, i, c, d]`, classes in order of priority, day 0 = `start`.

    `facility_ids`, `item_ids` are the catalogue's ids, the codes beside them.
    """

    run_id: int
    start: dt.date
    facility_ids: IntArray
    facility_codes: tuple[str, ...]
    item_ids: IntArray
    item_codes: tuple[str, ...]
    classes: tuple[str, ...]
    quantity: IntArray


def shortage(run_id: int, district_slug: str, on: dt.date | None = None) -> Shortage:
    """What runs out where, against the stock of this moment. Raises NotFound.

    `on`: the day the stock stands for (default today); it only shifts the run's days.
    """
    with reading():
        at = run(run_id)
        if at.district_slug != district_slug:
            raise NotFound(
                Text(
                    f"Lượt dự báo {run_id} không phải của {district_slug}.",
                    f"Forecast run {run_id} is not of {district_slug}.",
                )
            )
        facilities = tuple(catalog.facilities(at.district_id))
        burn = stored_burn(run_id)
        items = tuple(catalog.items(burn.item_codes))
        stock = inventory.on_hand_lots(district_slug)
        transit = inventory.in_transit([f.id for f in facilities], usable=True)
        orders = inventory.on_order([f.id for f in facilities])
    day, passed, stale = _since(at, on or today())
    left = burn_from(burn, passed)
    lots, where = _stock_lots(stock, transit, orders, facilities, items, day)
    here, coming, ordered = (_units(lots, where == place, left) for place in _PLACES)
    tables = run_down_stock(left, lots, [min(days, left.days) for days in SHORT_DAYS])
    depots = np.array([f.is_depot for f in facilities], dtype=bool)
    return Shortage(
        at,
        day,
        passed,
        stale,
        facilities,
        items,
        left,
        lots,
        where,
        here,
        coming,
        ordered,
        here[depots].sum(axis=0),
        {days: tables[min(days, left.days)] for days in SHORT_DAYS},
        stock_out_probability(left, lots, min(SHORT_DAYS[-1], left.days)),
    )


def _since(at: RunRow, on: dt.date) -> tuple[dt.date, int, bool]:
    """The stock's day, how many of the run's days have passed, and whether all have: then the run is
    read from its own first day on."""
    passed = (on - at.day_0).days
    stale = passed >= at.params.horizon_days
    return (at.day_0, 0, stale) if stale or passed < 0 else (on, passed, False)


def burn_from(burn: BurnTable, day: int) -> BurnTable:
    """The burn of days `day`… alone. The deviation of their sum is taken as the growth of the
    running one: exact if days move together, which they nearly do, and never too small."""
    if day == 0:
        return burn
    before = burn.cumulative_sd[..., day - 1 : day]
    return BurnTable(
        burn.facility_ids,
        burn.item_codes,
        burn.mean[..., day:],
        burn.sd[..., day:],
        burn.total_sd[..., day:],
        np.maximum(burn.cumulative_sd[..., day:] - before, burn.total_sd[..., day:]),
        burn.driver_mean[..., day:],
    )


def _stock_lots(
    stock: pd.DataFrame,
    transit: pd.DataFrame,
    orders: pd.DataFrame,
    facilities: tuple[catalog.FacilityRow, ...],
    items: tuple[catalog.ItemRow, ...],
    day_0: dt.date,
) -> tuple[StockLots, IntArray]:
    """The three tables as lots of the burn's facilities and items, and which table each is from."""
    columns = ["facility_id", "item_id", "expiry", "quantity"]
    coming = transit.rename(columns={"to_facility_id": "facility_id"})
    parts = [
        stock[columns].assign(arrival=0, place=_ON_HAND),
        coming[columns].assign(arrival=TRANSIT_DAYS, place=_IN_TRANSIT),
        _arriving(orders, day_0),
    ]
    both = pd.concat([part.astype(object) for part in parts], ignore_index=True)
    place = {f.id: number for number, f in enumerate(facilities)}
    kind = {item.id: number for number, item in enumerate(items)}
    both = both[both["facility_id"].isin(place) & both["item_id"].isin(kind)]
    expiry = [NEVER if pd.isna(day) else (day - day_0).days for day in both["expiry"]]
    lots = StockLots(
        np.array([place[id_] for id_ in both["facility_id"]], dtype=np.int64),
        np.array([kind[id_] for id_ in both["item_id"]], dtype=np.int64),
        both["quantity"].to_numpy(dtype=np.int64),
        np.array(expiry, dtype=np.int64),
        both["arrival"].to_numpy(dtype=np.int64),
    )
    return lots, both["place"].to_numpy(dtype=np.int64)


def _arriving(orders: pd.DataFrame, day_0: dt.date) -> pd.DataFrame:
    """What is on order, in the parts that come on time and late. Its expiry is not known yet."""
    promised = [
        (int(quantity), (day - day_0).days, str(kind))
        for quantity, day, kind in orders[["quantity", "expected_on", "partner_kind"]].to_numpy()
    ]
    parts = arrivals(promised, load_reliability(day_0)) if promised else []
    number = [part[0] for part in parts]
    return pd.DataFrame(
        {
            "facility_id": orders["facility_id"].to_numpy()[number],
            "item_id": orders["item_id"].to_numpy()[number],
            "expiry": None,
            "quantity": [part[1] for part in parts],
            "arrival": [part[2] for part in parts],
            "place": _ON_ORDER,
        }
    )


def _units(lots: StockLots, here: NDArray[np.bool_], burn: BurnTable) -> IntArray:
    """[f, i]: units among these lots that can be used."""
    units: IntArray = np.zeros((len(burn.facility_ids), len(burn.item_codes)), dtype=np.int64)
    good = here & (lots.expiry_day >= 0)
    np.add.at(units, (lots.facility[good], lots.item[good]), lots.quantity[good])
    return units


def shortage_rows(found: Shortage) -> list[ShortageRow]:
    """Every item that a facility uses, the worst first."""
    first = min(SHORT_DAYS[0], found.burn.days)
    per_day: FloatArray = found.burn.total_mean[..., :first].mean(axis=-1)
    table = found.table
    short = {days: found.tables[days].units_short for days in SHORT_DAYS}
    rows = []
    for f, i in np.argwhere(found.burn.total_mean.any(axis=-1)):
        low, middle, high = table.interval(f, i)
        rows.append(
            ShortageRow(
                found.facilities[f],
                found.items[i],
                int(found.on_hand[f, i]),
                int(found.in_transit[f, i]),
                int(found.on_order[f, i]),
                int(found.depot_on_hand[i]),
                float(per_day[f, i]),
                low,
                middle,
                high,
                table.horizon_days,
                table.stock_out_date(f, i, found.stock_day),
                int(short[14][f, i, _MEDIAN]),
                int(short[28][f, i, _MEDIAN]),
                int(short[28][f, i, _HIGH]),
                int(table.units_expiring[f, i, _MEDIAN]),
                CLASSES[int(np.argmax(found.burn.mean[f, i].any(axis=-1)))],
                tuple(found.out_by_day[f, i].tolist()),
            )
        )
    rows.sort(key=_urgency)
    return rows


def _urgency(row: ShortageRow) -> tuple[object, ...]:
    """Soonest first; of those that run out together the most critical patients' and the essential
    items first, then the facility with most to be missed."""
    return (
        row.days,
        CLASSES.index(row.first_class),
        not row.item.is_essential,
        row.item.code,
        -row.short_28,
        row.facility.code,
    )


def burn_for_allocation(
    run_id: int,
    quantile: float | None = 0.5,
    horizon_days: int = 14,
    on: dt.date | None = None,
) -> Demand:
    """Demand by facility, item, class and day from `on` (default today), in whole base units.

    `quantile` is one of 0.05, 0.25, 0.5, 0.75, 0.95 of the use of all the days together, or None for
    the mean; classes share it as they share the mean. Running sums are rounded up, so a horizon's
    total is at most one unit above the exact one. Raises InvalidInput, NotFound.
    """
    if quantile is not None and quantile not in QUANTILES:
        names = "; ".join(f"{q:g}" for q in QUANTILES)
        raise InvalidInput(
            Text(f"Phân vị phải là một trong: {names}.", f"The quantile must be one of: {names}.")
        )
    with reading():
        at = run(run_id)
        burn = stored_burn(run_id)
        facilities = catalog.facilities(at.district_id)
        items = catalog.items(burn.item_codes)
    start, passed, _stale = _since(at, on or today())
    burn = burn_from(burn, passed)
    if not 1 <= horizon_days <= burn.days:
        raise InvalidInput(
            Text(
                f"Lượt dự báo còn {burn.days} ngày, không đủ {horizon_days} ngày."
                " Xin chạy dự báo mới hoặc rút ngắn thời gian.",
                f"The forecast has {burn.days} days left, not {horizon_days}."
                " Run a new forecast or take fewer days.",
            )
        )
    return Demand(
        at.id,
        start,
        np.array([f.id for f in facilities], dtype=np.int64),
        burn.facility_ids,
        np.array([item.id for item in items], dtype=np.int64),
        burn.item_codes,
        CLASSES,
        _whole_units(burn, quantile)[..., :horizon_days],
    )


def _whole_units(burn: BurnTable, quantile: float | None) -> IntArray:
    """[f, i, c, d]: use in whole units, the running sum of each class rounded up."""
    use = burn.mean
    if quantile is not None:
        cumulative = burn.cumulative_quantiles()[..., QUANTILES.index(quantile)]
        daily = np.diff(cumulative, axis=-1, prepend=0.0)
        total = burn.total_mean
        factor = np.divide(daily, total, out=np.zeros_like(total), where=total > 0)
        use = burn.mean * factor[:, :, None, :]
    running = np.ceil(np.round(use.cumsum(axis=-1), 6))
    whole: IntArray = np.diff(running, axis=-1, prepend=0.0).astype(np.int64)
    return whole
