"""Ask the rooms below for all that a district's allocation needs to know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
from sqlalchemy import select

from supply.allocation.models import PlanRow
from supply.allocation.problem import Burn, Fleet, Goods, Place, Promise, Stock, World
from supply.allocation.transfers import lot_name
from supply.allocation.transport import Transport
from supply.catalog import queries as catalog
from supply.core.transaction import reading
from supply.forecast import needs
from supply.inventory import queries as inventory

_DRAFTS_MAX = 10_000
_TANK_UNIT = "kg"  # oxygen counted by weight lies in a fixed tank


def gather(district: catalog.DistrictRow, demand: needs.Demand, transport: Transport) -> World:
    """The district as it is now, with the projected demand from `demand.start` on."""
    places = catalog.facilities(district.id)
    codes = {f.id: f.code for f in places}
    wards = {w.id: w.code for w in catalog.wards(district.id)}
    return World(
        places=tuple(
            Place(f.code, f.kind, wards.get(f.ward_id or 0, ""), f.is_depot, f.is_private)
            for f in places
        ),
        goods=tuple(_goods(item) for item in catalog.items()),
        on_hand=_on_hand(district.slug),
        coming=_coming(codes, demand.start, transport),
        promised=promised(district.id, demand.start, transport),
        burn=_burn(demand),
        fleet=tuple(
            Fleet(codes[v.facility_id], v.trips_per_day, float(v.litres_per_trip))
            for v in catalog.vehicles(list(codes))
        ),
    )


def _goods(item: catalog.ItemRow) -> Goods:
    pack = next((p.units_per_pack for p in item.packs if p.is_default), 1)
    in_a_tank = item.category == "oxygen" and item.base_unit.vi == _TANK_UNIT
    return Goods(item.code, pack, item.litres_per_unit, movable=not in_a_tank)


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
        )
        for row in rows
        if row["to_facility_id"] in codes
    )


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
