"""Looking back: the past is taken as it was, and what is not known is read in its favour."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from supply.allocation import core
from supply.allocation.asking.world import Fleet, Goods, Place, Question, Stock, World
from supply.allocation.check import check
from supply.allocation.instance import CLASSES, STANDARD_WEIGHTS
from supply.allocation.problem import build_problem
from supply.allocation.seeing.replay import (
    Moved,
    Outcome,
    Past,
    as_it_was,
    missed,
    needs,
    outcome,
    real_quotas,
    real_trips,
    split,
)
from supply.allocation.transport import Transport

START, DAYS = dt.date(2022, 1, 1), 4
DEPOT, WARD, ITEM = "KHO", "T01", "GANG"
PLACES = (
    Place(DEPOT, "medical_centre", "", True, False),
    Place(WARD, "ward_station", "W1", False, False),
)
WORLD = World(PLACES, (Goods(ITEM, 10, 0.1),), fleet=(Fleet(DEPOT, 2, 100.0),))
QUESTION = Question(START, DAYS, 0, Transport(1, 1, 2, 0))


def moved(what: str, quantity: int, **more: object) -> Moved:
    row = {
        "facility": WARD,
        "item": ITEM,
        "lot": "L1",
        "expiry": None,
        "day": 1,
        "what": what,
        "counterpart": DEPOT,
        "sent_on": 0,
        "quantity": quantity,
        "document": 1,
    }
    return Moved(**(row | more))  # type: ignore[arg-type]


def past(**more: object) -> Past:
    """A ward that used 10 on the first day and then stood empty, a depot that had plenty."""
    row = {
        "start": START,
        "days": DAYS,
        "stock": (Stock(DEPOT, ITEM, "L1", None, 500), Stock(WARD, ITEM, "L1", None, 10)),
        "moved": (),
        "used": {(WARD, ITEM): [10, 0, 0, 0]},
        "asked": {},
        "empty": {(WARD, ITEM): [0, 1, 1, 1]},
        "usual": {(WARD, ITEM): 10.0},
        "shares": {(WARD, ITEM): (0.5, 0.0, 0.0, 0.5)},
    }
    return Past(**(row | more))  # type: ignore[arg-type]


def test_an_empty_store_missed_its_usual_use_only_if_one_wants_the_estimate() -> None:
    assert missed(past(), estimate=True) == {(WARD, ITEM): [0, 10, 10, 10]}
    assert missed(past(), estimate=False) == {}
    asked = {(WARD, ITEM): [0, 25, 0, 0]}
    assert missed(past(asked=asked), estimate=True) == {(WARD, ITEM): [0, 25, 10, 10]}


def test_another_way_would_have_sent_goods_in_time() -> None:
    then = past()
    problem = build_problem(as_it_was(then, WORLD, estimate=True), QUESTION)
    plan = core.solve(problem.instance, "lexicographic", 2)
    assert check(problem.instance, plan) == []
    real = outcome(problem.instance, real_quotas(problem.instance, then.used), STANDARD_WEIGHTS)
    ours = outcome(problem.instance, plan.quotas, STANDARD_WEIGHTS, 1, len(plan.transfers))
    assert (real.points, real.short_days) == (15 * 1000 + 15, 3)
    assert (ours.points, ours.short_days) == (0, 0)
    assert sum(real.points_by_day) == real.points
    assert real.classes["critical"] == (5, 20, 0.25)
    assert Outcome.from_json(real.to_json()) == real


def test_what_was_on_its_way_or_from_outside_arrives_what_moved_within_does_not() -> None:
    rows = (
        moved("received", 30, sent_on=-2, day=2),
        moved("received", 40, sent_on=0),
        moved("received", 7, counterpart="ELSEWHERE", sent_on=0),
        moved("outside", 50, counterpart="", lot="L9"),
        moved("sent", -40, facility=DEPOT, counterpart=WARD),
        moved("sent", -60, facility=DEPOT, counterpart="ELSEWHERE"),
        moved("other", -6, counterpart=""),
    )
    made = as_it_was(past(moved=rows), WORLD, estimate=False)
    assert {(s.facility, s.quantity) for s in made.on_hand} == {(DEPOT, 440), (WARD, 4)}
    assert sorted((s.day, s.lot, s.quantity) for s in made.coming) == [
        (1, "L1", 7),
        (1, "L9", 50),
        (2, "L1", 30),
    ]
    instance = build_problem(made, QUESTION).instance
    assert real_trips(past(moved=rows), instance) == (1, 1)


def test_what_the_forecast_does_not_know_is_the_last_class() -> None:
    burn = needs(past(shares={}), estimate=False)
    assert [(b.demand_class, list(b.units_per_day)) for b in burn] == [("mild", [10, 0, 0, 0])]


@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=20),
    st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda s: sum(s) > 0.01),
)
def test_every_day_is_shared_whole_and_no_class_strays(
    units: list[int], shares: list[float]
) -> None:
    found = split(units, shares)
    assert [sum(day) for day in zip(*found, strict=True)] == units
    assert len(found) == len(CLASSES)
    for got, share in zip(found, shares, strict=True):
        assert all(n >= 0 for n in got)
        assert abs(sum(got) - sum(units) * share / sum(shares)) <= 4
