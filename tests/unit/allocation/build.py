"""Small allocation instances in few words, for the tests of this folder."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from supply.allocation.instance import Instance
from supply.allocation.instance_json import parse_instance

CLASSES = ("critical", "severe", "staff", "mild")


def instance_data(**tables: Any) -> dict[str, Any]:
    """Two stations A and B, one item X in packs of 1, five days; ``tables`` replace or add."""
    return {
        "start": "2022-03-01",
        "horizon_days": 5,
        "facilities": [{"id": "A"}, {"id": "B"}],
        "items": [{"id": "X"}],
        **tables,
    }


def instance(**tables: Any) -> Instance:
    """The same, parsed."""
    return parse_instance(instance_data(**tables))


def lot(facility: str, quantity: int, lot: str = "L1", expiry: str | None = None) -> dict[str, Any]:
    """Stock of X on hand."""
    return {
        "facility": facility,
        "item": "X",
        "lot": lot,
        "expiry": expiry,
        "quantity": quantity,
    }


def need(facility: str, quantity: int, day: int = 0, cls: str = "critical") -> dict[str, Any]:
    """Need of X on a day."""
    return {"facility": facility, "item": "X", "class": cls, "day": day, "quantity": quantity}


def arc(origin: str, destination: str, lead_days: int = 0) -> dict[str, Any]:
    """A way."""
    return {"from": origin, "to": destination, "lead_days": lead_days}


@st.composite
def instances(draw: st.DrawFn, packs: bool = True, limits: bool = True) -> Instance:
    """Up to four facilities, two items, four days: small enough to solve many, rich enough to err."""
    names = ["A", "B", "C", "D"][: draw(st.integers(2, 4))]
    items = ["X", "Y"][: draw(st.integers(1, 2))]
    days = draw(st.integers(1, 4))
    small = st.integers(0, 30)
    expiries = {"L1": "2022-03-01", "L2": "2022-03-03", "L3": None}
    where = {"facility": st.sampled_from(names), "item": st.sampled_from(items)}

    def rows(most: int, **columns: st.SearchStrategy[Any]) -> list[dict[str, Any]]:
        return draw(st.lists(st.fixed_dictionaries({**where, **columns}), max_size=most))

    stock = rows(8, lot=st.sampled_from(list(expiries)), quantity=small)
    coming = rows(3, lot=st.sampled_from(list(expiries)), quantity=small, day=st.integers(0, days))
    for row in (*stock, *coming):
        row["expiry"] = expiries[row["lot"]]
    ways = [(a, b) for a in names for b in names if a != b]
    chosen = draw(st.lists(st.sampled_from(ways), unique=True, max_size=6))
    vehicles = {"facility": st.sampled_from(names), "day": st.integers(0, days - 1)}
    trips = {"trips": st.integers(0, 2), "litres_per_trip": st.integers(0, 8)}
    return parse_instance(
        {
            "start": "2022-03-01",
            "horizon_days": days,
            "facilities": [{"id": name} for name in names],
            "items": [
                {
                    "id": name,
                    "pack_size": draw(st.integers(1, 7)) if packs else 1,
                    "litres_per_unit": draw(st.sampled_from([0.0, 0.3, 1.0])),
                    "min_shelf_life_days": draw(st.integers(0, 2)),
                }
                for name in items
            ],
            "lots": stock,
            "arrivals": coming,
            "demand": rows(
                12,
                **{"class": st.sampled_from(CLASSES)},
                day=st.integers(0, days - 1),
                quantity=small,
            ),
            "reserve": rows(4, quantity=st.integers(0, 15)) if limits else [],
            "arcs": [arc(a, b, draw(st.integers(0, 2))) for a, b in chosen],
            "vehicles": draw(st.lists(st.fixed_dictionaries({**vehicles, **trips}), max_size=4))
            if limits
            else [],
        }
    )
