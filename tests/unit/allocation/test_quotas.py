"""Quotas for fixed transfers: the worked number, and the same sum as a linear programme."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from supply.allocation.arrays import ItemArrays, Moves, Network, build_arrays
from supply.allocation.instance import Instance
from supply.allocation.proportional import proportional_moves
from supply.allocation.quotas import Flows, best_quotas, broken_flows, flows_of
from tests.unit.allocation.build import instance, instances, lot, need

WEIGHTS = np.array([1000, 100, 30, 1])


def quotas_of(made: Instance) -> list[list[int]]:
    problem = build_arrays(made)
    item = problem.items[0]
    given_units = best_quotas(item, flows_of(item, problem.network, Moves.none()), (0, 1, 2, 3))
    return given_units.sum(axis=1).tolist()


def test_the_worked_number_of_the_module() -> None:
    made = instance(
        lots=[lot("A", 5, "old", "2022-03-01"), lot("A", 3, "new")],
        demand=[need("A", 4, 0), need("A", 4, 1)],
    )
    assert quotas_of(made)[0] == [4, 3, 0, 0, 0]


def test_critical_tomorrow_goes_before_mild_today() -> None:
    made = instance(lots=[lot("A", 5)], demand=[need("A", 5, 0, "mild"), need("A", 4, 3)])
    assert quotas_of(made)[0] == [1, 0, 0, 4, 0]


def test_stock_that_comes_later_and_expires_first_cannot_serve_both_ends() -> None:
    made = instance(
        lots=[lot("A", 22)],
        arrivals=[{**lot("A", 50, "brief", "2022-03-03"), "day": 1}],
        demand=[need("A", 16, 0), need("A", 18, 1), need("A", 19, 2), need("A", 18, 3)],
    )
    assert quotas_of(made)[0] == [16, 18, 19, 6, 0]


def best_by_programme(item: ItemArrays, flows: Flows) -> float:
    """The least weighted shortage by a linear programme over lots, written for this test alone."""
    total = 0.0
    for f in range(len(item.reserve)):
        total += _facility_programme(item, flows, f)
    return total


def _facility_programme(item: ItemArrays, flows: Flows, f: int) -> float:
    n_lots, n_days = item.supply.shape[1:]
    n_classes = item.demand.shape[1]
    use = lambda lot, day: lot * n_days + day  # noqa: E731 - one line of index arithmetic
    serve = lambda c, day: n_lots * n_days + c * n_days + day  # noqa: E731
    size = (n_lots + n_classes) * n_days
    held = flows.out[f].sum(axis=1)
    comes = flows.before_dispatch[f] + flows.after_dispatch[f]
    rows, limits = [], []
    for k in range(n_lots):
        for day in range(n_days):
            row = np.zeros(size)
            row[[use(k, d) for d in range(day + 1)]] = 1
            rows.append(row)
            limits.append(max(0, comes[k, : day + 1].sum() - held[k]))
    for day in np.flatnonzero(flows.out[f].sum(axis=0)):
        row, there = np.zeros(size), 0
        for k in range(n_lots):
            if item.expiry_day[k] >= day:
                row[[use(k, d) for d in range(day)]] = 1
                there += int((flows.before_dispatch - flows.out)[f, k, : day + 1].sum())
                there += int(flows.after_dispatch[f, k, :day].sum())
        rows.append(row)
        limits.append(there - item.reserve[f])
    equal = np.zeros((n_days, size))
    for day in range(n_days):
        equal[day, [use(k, day) for k in range(n_lots)]] = 1
        equal[day, [serve(c, day) for c in range(n_classes)]] = -1
    upper = [
        None if day <= item.expiry_day[k] else 0 for k in range(n_lots) for day in range(n_days)
    ]
    upper += item.demand[f].ravel().tolist()
    cost = np.concatenate([np.zeros(n_lots * n_days), -np.repeat(WEIGHTS, n_days)])
    bounds = [(0, top) for top in upper]
    table = (np.array(rows), np.array(limits)) if rows else (None, None)
    found = linprog(cost, *table, A_eq=equal, b_eq=np.zeros(n_days), bounds=bounds)
    assert found.success, found.message
    return float(found.fun)


def some_moves(network: Network, item: ItemArrays, draw: st.DataObject) -> Moves:
    """Sound transfers: random rows, each kept only if nothing breaks with all kept so far."""
    if network.n_arcs == 0 or item.n_lots == 0:
        return Moves.none()
    row = st.tuples(
        st.integers(0, network.n_arcs - 1),
        st.integers(0, item.n_lots - 1),
        st.integers(0, network.n_days - 1),
        st.integers(1, 9),
    )
    kept: list[tuple[int, int, int, int]] = []
    for candidate in draw.draw(st.lists(row, max_size=5)):
        trial = flows_of(item, network, Moves.of([*kept, candidate]))
        if not broken_flows(item, trial):
            kept.append(candidate)
    return Moves.of(kept)


@settings(max_examples=60, deadline=None)
@given(instances(packs=False), st.data())
def test_greedy_quotas_save_as_much_as_a_linear_programme(
    made: Instance, draw: st.DataObject
) -> None:
    problem = build_arrays(made)
    for item in problem.items:
        flows = flows_of(item, problem.network, some_moves(problem.network, item, draw))
        units = best_quotas(item, flows, (0, 1, 2, 3))
        points = -float((units.sum(axis=(0, 2)) * WEIGHTS).sum())
        assert points == np.round(best_by_programme(item, flows), 6)


@settings(max_examples=60, deadline=None)
@given(instances())
def test_proportional_transfers_break_nothing(made: Instance) -> None:
    problem = build_arrays(made)
    for item, moves in zip(problem.items, proportional_moves(problem), strict=True):
        assert not broken_flows(item, flows_of(item, problem.network, moves))
        assert not (moves.quantity % item.pack_size).any()
