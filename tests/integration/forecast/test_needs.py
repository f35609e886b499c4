"""Shortage against stock in the ledger equals a calculation by hand; demand in whole units."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.clock import VIETNAM
from supply.core.database import Database
from supply.core.errors import InvalidInput, NotFound
from supply.core.scope import acting_as
from supply.forecast import needs, queries
from supply.forecast.burn import QUANTILES
from supply.forecast.services import record_cases, run_forecast
from supply.forecast.why import explain
from supply.inventory.documents import (
    IssueLine,
    Receipt,
    ReceiptLine,
    TransferDispatch,
)
from supply.inventory.services import post
from tests.integration.forecast.conftest import SOURCE, ward_codes_of, weekly_rows

ITEM, WARD_STORE, DEPOT = "XN001", "BD-TYT-01", "BD-TTYT"
MEDIAN = QUANTILES.index(0.5)


def last_saturday() -> dt.date:
    today = dt.datetime.now(VIETNAM).date()
    return today - dt.timedelta(days=(today.weekday() - 5) % 7)


@pytest.fixture(scope="module")
def world(shared_db: Database, shared_people: dict[str, int]) -> tuple[dict[str, int], int]:
    """Ba Đình with cases to last Saturday and a run; the people and the run's id."""
    rows = weekly_rows(ward_codes_of(shared_db), last_saturday())
    with acting_as(shared_people["kehoach"]):
        record_cases("ba-dinh", rows, SOURCE)
        run_id = run_forecast("ba-dinh", draws=200)
    return shared_people, run_id


def _fund(db: Database) -> str:
    with db.owner_engine.connect() as connection:
        return str(
            connection.execute(
                text("SELECT code FROM fund WHERE active AND valid_to IS NULL ORDER BY code")
            ).scalar()
        )


def _receive(db: Database, place: int, lots: list[tuple[str, dt.date, int]]) -> None:
    lines = tuple(
        ReceiptLine(
            item_code=ITEM,
            lot_number=lot,
            expiry=expiry,
            quantity=quantity,
            fund_code=_fund(db),
            unit_price_vnd=1000,
        )
        for lot, expiry, quantity in lots
    )
    post(Receipt(facility_id=place, lines=lines))


def _by_hand(use: list[float], lots: list[list[float]]) -> tuple[float, int, float]:
    """Days of stock, first day short, units short: `lots` are [first day, last day, quantity]."""
    days, out, short = float(len(use)), -1, 0.0
    for day, wanted in enumerate(use):
        left = wanted
        for lot in sorted(lots, key=lambda lot: lot[1]):
            if lot[0] <= day <= lot[1]:
                taken = min(left, lot[2])
                lot[2] -= taken
                left -= taken
        if left > 1e-6 and out < 0:
            days, out = day + 1 - left / wanted, day
        short += left
    return days, out, short


def test_shortage_equals_a_calculation_by_hand(
    shared_db: Database, world: tuple[dict[str, int], int]
) -> None:
    people, run_id = world
    with acting_as(people["kehoach"]):
        day_0 = queries.run(run_id).day_0
        burn = queries.stored_burn(run_id)
        place = {f.code: f.id for f in catalog.facilities()}
    f, i = burn.facility_ids.index(WARD_STORE), burn.item_codes.index(ITEM)
    use = np.diff(burn.cumulative_quantiles()[f, i, :, MEDIAN], prepend=0.0)
    assert use.min() > 1
    soon, later, coming = int(use[:15].sum()), int(use[:4].sum()), int(use[:2].sum())
    far = day_0 + dt.timedelta(days=400)
    with acting_as(people["kho_px"]):
        _receive(
            shared_db,
            place[WARD_STORE],
            [("A", day_0 + dt.timedelta(days=9), soon), ("B", far, later)],
        )
    with acting_as(people["kho_tt"]):
        _receive(shared_db, place[DEPOT], [("C", far, coming)])
        post(
            TransferDispatch(
                facility_id=place[DEPOT],
                counterpart_facility_id=place[WARD_STORE],
                lines=(IssueLine(item_code=ITEM, quantity=coming),),
            )
        )
    with acting_as(people["kehoach"]):
        found = needs.shortage(run_id, "ba-dinh", on=day_0)
        row = next(
            r
            for r in needs.shortage_rows(found)
            if (r.facility.code, r.item.code) == (WARD_STORE, ITEM)
        )
    lots = [[0, 9, soon], [0, 400, later], [1, 400.5, coming]]
    days, out, short = _by_hand(use.tolist(), [list(map(float, lot)) for lot in lots])
    assert (row.on_hand, row.in_transit) == (soon + later, coming)
    assert row.days == pytest.approx(days)
    assert 10 < row.days < 28  # what expires on day 9 is lost
    assert row.stock_out == day_0 + dt.timedelta(days=out)
    assert row.short_28 == np.ceil(short - 1e-6)
    assert row.expiring == int(soon - use[:10].sum() + 1e-6)
    assert row.days_low < row.days < row.days_high


def test_a_store_without_goods_is_out_today(world: tuple[dict[str, int], int]) -> None:
    people, run_id = world
    with acting_as(people["kho_tb"]):
        found = needs.shortage(run_id, "ba-dinh")
        rows = needs.shortage_rows(found)
    assert {r.facility.code for r in rows} == {"BD-TYT-02"}
    assert all(r.days == 0 and r.has_none and r.level == "danger" for r in rows)
    assert rows[0].stock_out == found.stock_day


def test_days_that_have_passed_are_cut_off(world: tuple[dict[str, int], int]) -> None:
    people, run_id = world
    with acting_as(people["kehoach"]):
        day_0 = queries.run(run_id).day_0
        whole = needs.shortage(run_id, "ba-dinh", on=day_0)
        later = needs.shortage(run_id, "ba-dinh", on=day_0 + dt.timedelta(days=5))
        old = needs.shortage(run_id, "ba-dinh", on=day_0 + dt.timedelta(days=28))
    assert (later.days_passed, later.burn.days, later.stale) == (5, 23, False)
    assert np.array_equal(later.burn.mean, whole.burn.mean[..., 5:])
    assert (later.burn.cumulative_quantiles() >= 0).all()
    assert (old.stale, old.stock_day, old.burn.days) == (True, day_0, 28)


def test_demand_for_allocation_is_whole_units_and_at_most_one_above_the_exact(
    world: tuple[dict[str, int], int],
) -> None:
    people, run_id = world
    with acting_as(people["kehoach"]):
        day_0 = queries.run(run_id).day_0
        burn = queries.stored_burn(run_id)
        mean = needs.burn_for_allocation(run_id, None, 14, on=day_0)
        high = needs.burn_for_allocation(run_id, 0.95, 14, on=day_0)
    assert mean.quantity.shape == (len(burn.facility_ids), len(burn.item_codes), 4, 14)
    assert (mean.quantity >= 0).all()
    exact = burn.mean[..., :14].sum(axis=-1)
    over = mean.quantity.sum(axis=-1) - exact
    assert over.min() > -1e-4
    assert over.max() < 1 + 1e-4
    cumulative = burn.cumulative_quantiles()[:, :, 13, QUANTILES.index(0.95)]
    assert (high.quantity.sum(axis=(2, 3)) >= cumulative - 1e-3).all()
    assert high.start == day_0


def test_demand_beyond_the_forecast_is_refused(world: tuple[dict[str, int], int]) -> None:
    people, run_id = world
    with acting_as(people["kehoach"]):
        day = queries.run(run_id).day_0 + dt.timedelta(days=20)
        with pytest.raises(InvalidInput, match="8 days left"):
            needs.burn_for_allocation(run_id, None, 14, on=day)
        with pytest.raises(InvalidInput):
            needs.burn_for_allocation(run_id, 0.6)


def test_an_explanation_adds_up_to_the_burn(world: tuple[dict[str, int], int]) -> None:
    people, run_id = world
    with acting_as(people["kehoach"]):
        burn = queries.stored_burn(run_id)
        item = catalog.items(["PH001"])[0]
        ids = [f.id for f in catalog.facilities()]
        found = explain(run_id, ids, item.id)
    assert found.units == pytest.approx(
        burn.total_mean[:, burn.item_codes.index("PH001")].sum(), rel=1e-4
    )
    assert all(part.source for part in found.parts)
    with acting_as(people["kho_rg"]), pytest.raises(NotFound):
        explain(run_id, ids, item.id)
