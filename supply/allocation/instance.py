"""The allocation problem as plain values: who has what, who needs what, who may send to whom.

Quantities are whole base units. Days count from ``start``, which is day 0. The JSON form and the
rules of a day are in ``docs/formats/allocation-instance.md``; reading and checking that form is
``instance_json``'s work, the numeric view is ``arrays``'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

CLASSES: tuple[str, ...] = ("critical", "severe", "staff", "mild")
"""Demand classes in order of priority, the most urgent first."""

STANDARD_WEIGHTS: dict[str, int] = {"critical": 1000, "severe": 100, "staff": 30, "mild": 1}
"""Points per unmet unit of each class in the weighted shortage (``docs/formats``)."""


@dataclass(frozen=True, slots=True)
class Facility:
    """A place that holds stock. A depot has no demand of its own. ``vulnerability`` is how much a
    unit missed here weighs beside one missed elsewhere, where a policy asks."""

    id: str
    depot: bool = False
    vulnerability: float = 1.0


@dataclass(frozen=True, slots=True)
class Item:
    """A supply: how it is packed, its volume, and the shelf life it must arrive with."""

    id: str
    pack_size: int = 1
    litres_per_unit: float = 0.0
    min_shelf_life_days: int = 0


@dataclass(frozen=True, slots=True)
class Lot:
    """Stock on hand on the morning of day 0; ``expiry`` None never expires."""

    facility: str
    item: str
    lot: str
    expiry: date | None
    quantity: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """Stock that comes in from outside on the morning of ``day``."""

    facility: str
    item: str
    lot: str
    expiry: date | None
    day: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Demand:
    """What a class of patients or staff needs on one day; unmet need is lost, not carried over."""

    facility: str
    item: str
    demand_class: str
    day: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Reserve:
    """What must still be on site after each day's dispatches of the item."""

    facility: str
    item: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Arc:
    """A permitted way from ``origin`` to ``destination``, taking ``lead_days`` whole days."""

    origin: str
    destination: str
    lead_days: int


@dataclass(frozen=True, slots=True)
class Vehicle:
    """Transport of a sender on one day: ``trips`` of ``litres_per_trip`` litres each."""

    facility: str
    day: int
    trips: int
    litres_per_trip: float


@dataclass(frozen=True, slots=True)
class Pin:
    """The planner's hand: at least, at most, over all days and lots of one pair and item."""

    origin: str
    destination: str
    item: str
    min_quantity: int = 0
    max_quantity: int | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """A whole allocation problem. Rows with the same key add up (see ``arrays.build_arrays``)."""

    start: date
    horizon_days: int
    facilities: tuple[Facility, ...]
    items: tuple[Item, ...]
    lots: tuple[Lot, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    demand: tuple[Demand, ...] = ()
    reserve: tuple[Reserve, ...] = ()
    arcs: tuple[Arc, ...] = ()
    vehicles: tuple[Vehicle, ...] = ()
    pins: tuple[Pin, ...] = ()
    weights: Mapping[str, int] | None = None
    """Own points per unmet unit and class, ``STANDARD_WEIGHTS`` when None."""

    @property
    def stock_rows(self) -> tuple[Lot | Arrival, ...]:
        """Lots on hand and arrivals together."""
        return (*self.lots, *self.arrivals)
