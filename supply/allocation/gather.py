"""Ask the rooms below for all that a district's allocation needs to know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import select

from supply.allocation.asking.terms import facility_weights
from supply.allocation.asking.world import (
    Burn,
    Fleet,
    Goods,
    Listed,
    Order,
    Place,
    Promise,
    Stock,
    Wish,
    World,
)
from supply.allocation.models import PlanRow
from supply.allocation.transfers import lot_name, order_lot
from supply.allocation.transport import Transport
from supply.catalog import queries as catalog
from supply.core.transaction import reading
from supply.forecast import needs
from supply.forecast.arrivals import arrivals, load_reliability
from supply.inventory import queries as inventory
from supply.inventory.on_order import receipts_to_name
from supply.planning.queries import approved_reserve
from supply.requests import queries as requests
from supply.requests.requisitions import OPEN_STATUSES, Status

_EARLY = dt.timedelta(days=7)  # goods may come so long before the day promised
_DRAFTS_MAX = 10_000
_REQUESTS_MAX = 1_000
_TANK_UNIT = "kg"  # oxygen counted by weight lies in a fixed tank


def gather(
    district: catalog.DistrictRow,
    demand: needs.Demand,
    transport: Transport,
    on: dt.date | None = None,
) -> World:
    """The district as it is now, with the projected demand from `demand.start` on. `on`: the day whose
    terms hold (default today), also where the run has gone by and is read from its own first day."""
    start = demand.start
    places = catalog.facilities(district.id)
    codes = {f.id: f.code for f in places}
    wards = {w.id: w.code for w in catalog.wards(district.id)}
    weights = facility_weights(district.id, on)
    items = catalog.items()
    names = {item.id: item.code for item in items}
    now = stock_now(district, start, transport)
    return World(
        places=tuple(
            Place(
                f.code,
                f.kind,
                wards.get(f.ward_id or 0, ""),
                f.is_depot,
                f.is_private,
                weights[f.code],
            )
            for f in places
        ),
        goods=tuple(_goods(item) for item in items),
        on_hand=now.on_hand,
        coming=now.coming,
        promised=now.promised,
        burn=_burn(demand),
        fleet=tuple(
            Fleet(codes[v.facility_id], v.trips_per_day, float(v.litres_per_trip), v.cold_chain)
            for v in catalog.vehicles(list(codes))
        ),
        wishes=now.wishes,
        listed=tuple(
            Listed(codes[place], names[item], units)
            for (place, item), units in sorted(approved_reserve(district.id, on).items())
            if place in codes and item in names
        ),
        orders=now.orders,
    )


@dataclass(frozen=True)
class StockNow:
    """What lies where, what comes, and who has a claim on it, before anything is planned."""

    on_hand: tuple[Stock, ...]
    coming: tuple[Stock, ...]
    promised: tuple[Promise, ...]
    wishes: tuple[Wish, ...]
    orders: tuple[Order, ...]


def stock_now(district: catalog.DistrictRow, start: dt.date, transport: Transport) -> StockNow:
    """A district's stock now; days count from `start`."""
    codes = {f.id: f.code for f in catalog.facilities(district.id)}
    wishes, claims = _requested(codes, start, transport)
    ordered, orders = _ordered(codes, start)
    return StockNow(
        on_hand=_on_hand(district.slug),
        coming=(*_coming(codes, start, transport), *ordered),
        promised=(*promised(district.id, start, transport), *claims),
        wishes=wishes,
        orders=orders,
    )


def _goods(item: catalog.ItemRow) -> Goods:
    pack = next((p.units_per_pack for p in item.packs if p.is_default), 1)
    in_a_tank = item.category == "oxygen" and item.base_unit.vi == _TANK_UNIT
    return Goods(item.code, pack, item.litres_per_unit, not in_a_tank, item.cold_chain)


def _on_hand(district_slug: str) -> tuple[Stock, ...]:
    frame = inventory.on_hand_lots(district_slug)
    keys = ["facility_code", "item_code", "lot_number", "expiry"]
    total = frame.groupby(keys, dropna=False, sort=True)["quantity"].sum().reset_index()
    return tuple(
        Stock(
            row["facility_code"],
            row["item_code"],
            lot_name(row["lot_number"]),
            _date(row["expiry"]),
            int(row["quantity"]),
        )
        for row in total.to_dict("records")
    )


def _coming(codes: dict[int, str], start: dt.date, transport: Transport) -> tuple[Stock, ...]:
    rows = inventory.in_transit(list(codes), usable=True).to_dict("records")
    return tuple(
        Stock(
            codes[row["to_facility_id"]],
            row["item_code"],
            lot_name(row["lot_number"]),
            _date(row["expiry"]),
            int(row["quantity"]),
            max(0, (row["dispatched_on"] - start).days + transport.depot_lead_days),
            days_out=max(0, (start - row["dispatched_on"]).days),
        )
        for row in rows
        if row["to_facility_id"] in codes
    )


def _ordered(codes: dict[int, str], start: dt.date) -> tuple[tuple[Stock, ...], tuple[Order, ...]]:
    """Goods on order as lots of their order, in the parts that come on time and late, and the orders
    themselves. What was promised for an earlier day is late already."""
    rows = inventory.on_order(list(codes)).to_dict("records")
    receipts = receipts_to_name([int(row["order_id"]) for row in rows])
    promised_on = [
        (int(row["quantity"]), (row["expected_on"] - start).days, str(row["partner_kind"]))
        for row in rows
    ]
    parts = arrivals(promised_on, load_reliability(start)) if rows else []
    stock = tuple(
        Stock(
            codes[rows[number]["facility_id"]],
            rows[number]["item_code"],
            order_lot(int(rows[number]["order_id"])),
            None,
            units,
            day,
            is_order=True,
        )
        for number, units, day in parts
    )
    orders = tuple(
        Order(
            order_lot(int(row["order_id"])),
            codes[row["facility_id"]],
            row["item_code"],
            units,
            day,
            tuple(
                label
                for _, label, received_on in receipts.get(int(row["order_id"]), ())
                if received_on >= row["expected_on"] - _EARLY
            ),
        )
        for row, (units, day, _) in zip(rows, promised_on, strict=True)
    )
    return stock, orders


def _requested(
    codes: dict[int, str], start: dt.date, transport: Transport
) -> tuple[tuple[Wish, ...], tuple[Promise, ...]]:
    """What open requisitions still ask for, and what transfer drafts made for them promise."""
    heads = [
        head
        for head in requests.requisitions(list(codes), "open", limit=_REQUESTS_MAX).rows
        if head.status in OPEN_STATUSES and head.facility_id in codes
    ]
    lines = requests.lines([head.id for head in heads])
    wishes, claims = [], []
    for head in heads:
        to, asked = codes[head.facility_id], codes.get(head.asked_id, "")
        day = None if head.needed_on is None else max(0, (head.needed_on - start).days)
        for line in lines.get(head.id, ()):
            wanted = line.quantity if line.approved is None else line.approved
            if wanted > line.sent:
                left = wanted - line.sent
                wishes.append(Wish(head.label, to, asked, line.item_code, left, day))
        if asked and head.status is not Status.SENT:
            claims += [
                Promise(asked, to, item, "", units, transport.depot_lead_days)
                for item, units in sorted(requests.drafted(head.id).items())
            ]
    return tuple(wishes), tuple(claims)


def _date(value: object) -> dt.date | None:
    return None if value is None or pd.isna(value) else value  # type: ignore[call-overload, return-value]


def _burn(demand: needs.Demand) -> tuple[Burn, ...]:
    return tuple(
        Burn(
            demand.facility_codes[f],
            demand.item_codes[i],
            demand.classes[c],
            demand.quantity[f, i, c].tolist(),
        )
        for f, i, c in np.argwhere(demand.quantity.any(axis=-1)).tolist()
    )


def promised(district_id: int, start: dt.date, transport: Transport) -> tuple[Promise, ...]:
    """Transfers of approved plans whose drafts still wait to be posted."""
    open_drafts = {
        d.id for d in inventory.drafts(limit=_DRAFTS_MAX) if d.origin.startswith("plan:")
    }
    with reading() as session:
        approved: Sequence[PlanRow] = session.scalars(
            select(PlanRow).where(PlanRow.district_id == district_id, PlanRow.status == "approved")
        ).all()
        return tuple(
            promise
            for plan in approved
            if any(row["draft"] in open_drafts for row in plan.drafts or ())
            for promise in _open_transfers(plan, open_drafts, start, transport)
        )


def _open_transfers(
    plan: PlanRow, open_drafts: set[int], start: dt.date, transport: Transport
) -> list[Promise]:
    waiting = {
        (row["from"], row["to"], row["day"])
        for row in plan.drafts or ()
        if row["draft"] in open_drafts
    }
    began = dt.date.fromisoformat(plan.instance["start"])
    return [
        Promise(
            t["from"],
            t["to"],
            t["item"],
            t["lot"],
            t["quantity"],
            max(0, (began - start).days + t["day"]) + transport.depot_lead_days,
        )
        for t in plan.result["transfers"]
        if (t["from"], t["to"], t["day"]) in waiting
    ]
