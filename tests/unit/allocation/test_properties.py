"""What must always hold, over small made-up instances (``docs/formats``, ``facts`` of allocation).

Of plans, under every policy: the day's rules (``replay``), every unit of every lot accounted for,
never below the bound. Of the programmes, which is where it is true exactly: more stock, a vehicle
or an arc never lowers the best worst coverage θ nor raises the shortage, and neither the names of
facilities nor the unit of measure mean anything. Of *plans* the last two hold only where ties are
not broken by name and no pack is split, so they are asked of the programmes alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from supply.allocation.arrays import ProblemArrays, build_arrays
from supply.allocation.core import solve
from supply.allocation.instance import CLASSES, Arc, Instance, Lot, Vehicle
from supply.allocation.market import open_market
from supply.allocation.model import Linear, add_rows, create_item_model, join
from supply.allocation.plan import Plan, weighted_shortage
from supply.allocation.policies import POLICIES
from supply.allocation.solver import solve_linear
from tests.unit.allocation.build import instances
from tests.unit.allocation.replay import Paper

SECONDS = 10.0
CLOSE = 1e-6
few = settings(max_examples=12, deadline=None)


@settings(max_examples=30, deadline=None)
@given(instances(), st.sampled_from(sorted(POLICIES)))
def test_every_plan_keeps_the_rules_of_the_day_and_loses_nothing(
    made: Instance, policy: str
) -> None:
    plan = solve(made, policy, SECONDS)
    fate = Paper(made, plan).carry_out()
    parts = fate.used + fate.expired + fate.left + fate.on_the_road
    assert +fate.came == +parts
    assert sum(fate.used.values()) == sum(quota.quantity for quota in plan.quotas)
    assert plan.shortage.bound <= plan.shortage.plan
    assert plan.shortage.plan == weighted_shortage(made, plan.quotas, plan.weights)
    assert within_need(made, plan)


def within_need(made: Instance, plan: Plan) -> bool:
    left: dict[tuple[str, str, str, int], int] = {}
    for need in made.demand:
        key = (need.facility, need.item, need.demand_class, need.day)
        left[key] = left.get(key, 0) + need.quantity
    for given_units in plan.quotas:
        left[given_units.facility, given_units.item, given_units.demand_class, given_units.day] -= (
            given_units.quantity
        )
    return min(left.values(), default=0) >= 0


def joint_programme(problem: ProblemArrays) -> tuple[Linear, sparse.csr_matrix]:
    """All items over shared vehicles, no reserve days chosen: what bounds every plan; and
    (F · C, columns) the units each facility's class is served."""
    models = [
        create_item_model(item, problem.network, problem.weights, with_pins=False)
        for item in problem.items
    ]
    linear, _ = join(models, problem.network, problem.network.vehicle_litres)
    rows, columns, start = [], [], 0
    for model in models:
        facility, cls, _ = model.serve.keys
        rows.append(facility * len(CLASSES) + cls)
        columns.append(start + model.serve.index)
        start += len(model.linear.cost)
    place = (np.concatenate(rows), np.concatenate(columns))
    shape = (problem.network.n_facilities * len(CLASSES), start)
    return linear, sparse.csr_matrix((np.ones(len(place[0])), place), shape=shape)


def least_shortage(made: Instance) -> float:
    """Weighted units no plan can serve, by the joint programme; moving costs nothing here."""
    problem = build_arrays(made)
    linear, served = joint_programme(problem)
    points = np.tile(problem.weights, problem.network.n_facilities).astype(float)
    cost = -np.asarray(served.T @ points).ravel()
    needed = sum(
        float((item.demand.sum(axis=(0, 2)) * problem.weights).sum()) for item in problem.items
    )
    return needed + solve_linear(replace(linear, cost=cost), SECONDS).objective


def best_worst(made: Instance, cls: int) -> float:
    """θ: the worst coverage of the class over facilities, all items and days together, at best."""
    problem = build_arrays(made)
    linear, served = joint_programme(problem)
    need = sum(item.demand.sum(axis=2) for item in problem.items).ravel().astype(float)
    mine = (np.arange(len(need)) % len(CLASSES) == cls) & (need > 0)
    if not mine.any():
        return 1.0
    wide = Linear(
        cost=np.concatenate([np.zeros(len(linear.cost)), [-1.0]]),
        lower=np.concatenate([linear.lower, [0.0]]),
        upper=np.concatenate([linear.upper, [1.0]]),
        matrix=sparse.csr_matrix(
            sparse.hstack([linear.matrix, sparse.csr_matrix((linear.matrix.shape[0], 1))])
        ),
        row_lower=linear.row_lower,
        row_upper=linear.row_upper,
    )
    floors = sparse.csr_matrix(
        sparse.hstack([served[mine], -sparse.csr_matrix(need[mine][:, None])])
    )
    lower = np.zeros(int(mine.sum()))
    return -solve_linear(
        add_rows(wide, floors, lower, np.full(len(lower), np.inf)), SECONDS
    ).objective


def gains(made: Instance, richer: Instance, cls: int) -> bool:
    """Neither figure gets worse."""
    before, after = least_shortage(made), least_shortage(richer)
    return after <= before + CLOSE * (1 + abs(before)) and best_worst(richer, cls) >= (
        best_worst(made, cls) - CLOSE
    )


classes = st.integers(0, 3)


@few
@given(instances(), st.integers(1, 30), classes, st.data())
def test_more_stock_never_hurts(made: Instance, units: int, cls: int, draw: st.DataObject) -> None:
    place = draw.draw(st.sampled_from(made.facilities)).id
    more = Lot(place, made.items[0].id, "L3", None, units)
    assert gains(made, replace(made, lots=(*made.lots, more)), cls)


@few
@given(instances(), classes, st.data())
def test_one_more_vehicle_never_hurts(made: Instance, cls: int, draw: st.DataObject) -> None:
    """For a sender that counts its vehicles; the first one of a sender without limit *is* a limit."""
    counted = sorted({row.facility for row in made.vehicles})
    if counted:
        sender = draw.draw(st.sampled_from(counted))
        day = draw.draw(st.integers(0, made.horizon_days - 1))
        more = Vehicle(sender, day, 1, 5.0)
        assert gains(made, replace(made, vehicles=(*made.vehicles, more)), cls)


@few
@given(instances(), classes, st.integers(0, 2), st.data())
def test_one_more_arc_never_hurts(made: Instance, cls: int, lead: int, draw: st.DataObject) -> None:
    known = {(row.origin, row.destination) for row in made.arcs}
    names = [row.id for row in made.facilities]
    free = [(a, b) for a in names for b in names if a != b and (a, b) not in known]
    if free:
        more = Arc(*draw.draw(st.sampled_from(free)), lead)
        assert gains(made, replace(made, arcs=(*made.arcs, more)), cls)


def renamed(made: Instance) -> Instance:
    """Every facility under a name that sorts the other way round."""
    new = {row.id: f"Z{9 - index}" for index, row in enumerate(made.facilities)}
    tables: dict[str, Any] = {
        table: tuple(replace(row, facility=new[row.facility]) for row in getattr(made, table))
        for table in ("lots", "arrivals", "demand", "reserve", "vehicles")
    }
    return replace(
        made,
        facilities=tuple(replace(row, id=new[row.id]) for row in made.facilities),
        arcs=tuple(
            replace(row, origin=new[row.origin], destination=new[row.destination])
            for row in made.arcs
        ),
        **tables,
    )


def in_smaller_units(made: Instance, parts: int) -> Instance:
    """The same world told in a unit ``parts`` times smaller, for all items alike: points are per
    unit, so another unit for one item alone would weigh it anew against the others."""
    tables: dict[str, Any] = {
        table: tuple(replace(row, quantity=row.quantity * parts) for row in getattr(made, table))
        for table in ("lots", "arrivals", "demand", "reserve")
    }
    return replace(
        made,
        items=tuple(
            replace(
                row,
                pack_size=row.pack_size * parts,
                litres_per_unit=row.litres_per_unit / parts,
            )
            for row in made.items
        ),
        **tables,
    )


@few
@given(instances(), classes, st.integers(2, 9))
def test_names_and_units_mean_nothing(made: Instance, cls: int, parts: int) -> None:
    shortage, theta = least_shortage(made), best_worst(made, cls)
    close = CLOSE * (1 + shortage)
    assert abs(least_shortage(renamed(made)) - shortage) <= close
    assert abs(best_worst(renamed(made), cls) - theta) <= CLOSE
    fine = in_smaller_units(made, parts)
    assert abs(least_shortage(fine) / parts - shortage) <= close
    assert abs(best_worst(fine, cls) - theta) <= CLOSE


@few
@given(instances())
def test_the_bound_is_below_the_joint_programme_and_close_where_vehicles_are_slack(
    made: Instance,
) -> None:
    """The bound comes from prices or from items apart, in whole points; the programme knows both."""
    bound = open_market(build_arrays(made), build_arrays(made).weights, SECONDS).bound
    truth = least_shortage(made)
    assert bound <= np.ceil(truth + CLOSE * (1 + truth))
    if not made.vehicles:
        assert bound >= truth - 1 - 1e-5 * (1 + truth)
