"""Places may be called anything: the proportional plan is the same but for the names."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from supply.allocation.arrays import build_arrays
from supply.allocation.instance import Instance
from supply.allocation.instance_json import instance_to_json, parse_instance
from supply.allocation.naming import order_by_nature
from supply.allocation.proportional import proportional_moves, quotas_for, shortage_points
from supply.allocation.synthetic import synthetic_instance
from tests.unit.allocation.build import arc, instance, instances, lot, need


def renamed(made: Instance, new: dict[str, str]) -> Instance:
    """The same instance under other names."""

    def row_of(row: dict[str, Any]) -> dict[str, Any]:
        places = {"id", "facility", "from", "to"}
        return {key: new.get(v, v) if key in places else v for key, v in row.items()}

    data = instance_to_json(made)
    tables = {name: rows for name, rows in data.items() if isinstance(rows, list)}
    tables = {name: [row_of(row) for row in rows] for name, rows in tables.items()}
    return parse_instance(data | tables | {"items": data["items"]})


def sent_by_name(made: Instance, back: dict[str, str]) -> list[tuple[Any, ...]]:
    """The proportional plan's transfers under the names of ``back``."""
    problem = build_arrays(made)
    names, network = problem.facility_ids, problem.network
    return sorted(
        (
            back[names[network.origin[a]]],
            back[names[network.destination[a]]],
            problem.item_ids[k],
            problem.items[k].lot_ids[number],
            day,
            quantity,
        )
        for k, moves in enumerate(proportional_moves(problem))
        for a, number, day, quantity in moves.rows()
    )


def points(made: Instance) -> int:
    """Shortage of the proportional plan."""
    problem = build_arrays(made)
    return shortage_points(
        problem, quotas_for(problem, proportional_moves(problem)), problem.weights
    )


@settings(max_examples=40, deadline=None)
@given(instances(), st.permutations(["A", "B", "C", "D"]))
def test_renaming_changes_no_figure_of_the_proportional_plan(
    made: Instance, names: list[str]
) -> None:
    new = dict(zip("ABCD", names, strict=True))
    assert points(renamed(made, new)) == points(made)


def test_renaming_a_district_renames_its_plan() -> None:
    made = synthetic_instance(12, 4, 7)
    names = [row.id for row in made.facilities]
    shuffled = random.Random(5).sample(names, len(names))
    there, back = dict(zip(names, shuffled, strict=True)), dict(zip(shuffled, names, strict=True))
    same = {name: name for name in names}
    assert sent_by_name(renamed(made, there), back) == sent_by_name(made, same)
    assert sent_by_name(made, same)


def test_of_two_donors_the_one_first_in_turn_is_not_the_one_first_by_name() -> None:
    """Both could give all that C misses; by names A would, by figures the one who has more."""
    for few, more in (("A", "B"), ("B", "A")):
        made = instance(
            facilities=[{"id": "A"}, {"id": "B"}, {"id": "C"}],
            lots=[lot(few, 10), lot(more, 20)],
            demand=[need("C", 10)],
            arcs=[arc("A", "C"), arc("B", "C")],
        )
        (row,) = sent_by_name(made, {name: name for name in "ABC"})
        assert row[0] == more


def test_alike_places_are_told_apart_together_with_their_neighbours() -> None:
    """Two pairs A-C, B-D, alike: whoever of A and B comes first, C and D come in the same order."""
    facilities = [{"id": name} for name in "ABCD"]
    for ways in ([arc("A", "C"), arc("B", "D")], [arc("A", "D"), arc("B", "C")]):
        made = instance(facilities=facilities, arcs=ways)
        problem = build_arrays(made)
        rank = order_by_nature(problem)
        assert sorted(rank.tolist()) == [0, 1, 2, 3]
        first = {int(t): int(o) for o, t in problem.network.arc_index}
        c, d = 2, 3
        assert (rank[c] < rank[d]) == (rank[first[c]] < rank[first[d]])
