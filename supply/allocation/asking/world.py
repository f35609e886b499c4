"""What is known of a district on the morning a plan starts, and what the planner asks of it. Pure.

Facilities, items and lots are named by the codes people know; days count from the plan's first, 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from supply.allocation.transport import Transport

NO_COLD = "none"
"""Of an item: needs no cold chain. Of a vehicle: keeps none."""

RESERVES = ("days", "approved", "both")
"""Where the reserve comes from: days of use, the approved reserve list, the larger of both."""


@dataclass(frozen=True)
class Place:
    """A facility; `ward_code` orders the stations into neighbours ("" for none). `vulnerability` is
    the weight of its ward, or of the wards it serves."""

    code: str
    kind: str
    ward_code: str
    is_depot: bool
    is_private: bool
    vulnerability: float = 1.0


@dataclass(frozen=True)
class Goods:
    """An item: base units in its usual pack (1 without one), litres per unit; `movable`: a lorry or
    motorcycle can carry it (liquid oxygen in a tank is not); `cold`: the band it is kept in, °C."""

    code: str
    pack_size: int
    litres_per_unit: float
    movable: bool = True
    cold: str = NO_COLD


@dataclass(frozen=True)
class Stock:
    """Units of a lot at a facility: on hand (`day` 0), or coming in on the morning of `day`: in
    transit since `days_out` days, or on order (`is_order`)."""

    facility: str
    item: str
    lot: str
    expiry: date | None
    quantity: int
    day: int = 0
    days_out: int = 0
    is_order: bool = False


@dataclass(frozen=True)
class Promise:
    """Goods of an approved transfer that has not left yet: no longer free to plan. Without a `lot`
    the sender takes what expires first."""

    origin: str
    destination: str
    item: str
    lot: str
    quantity: int
    day: int


@dataclass(frozen=True)
class Burn:
    """Projected use of an item by one class, in base units per day (floats), from day 0."""

    facility: str
    item: str
    demand_class: str
    units_per_day: Sequence[float]


@dataclass(frozen=True)
class Fleet:
    """What one vehicle of a facility carries, and the cold band it keeps, °C."""

    facility: str
    trips_per_day: int
    litres_per_trip: float
    cold: str = NO_COLD


@dataclass(frozen=True)
class Wish:
    """What is still owed of a line of an open requisition; `day` it is needed by (None: at once)."""

    label: str
    facility: str
    asked: str
    item: str
    quantity: int
    day: int | None = None


@dataclass(frozen=True)
class Listed:
    """A line of the approved reserve list."""

    facility: str
    item: str
    quantity: int


@dataclass(frozen=True)
class Order:
    """Goods on order: the day they were promised for (below 0: late), and receipts that may already
    have brought them."""

    label: str
    facility: str
    item: str
    quantity: int
    day: int
    receipts: tuple[str, ...] = ()


@dataclass(frozen=True)
class World:
    """Everything known of a district on the morning the plan starts."""

    places: tuple[Place, ...]
    goods: tuple[Goods, ...]
    on_hand: tuple[Stock, ...] = ()
    coming: tuple[Stock, ...] = ()
    promised: tuple[Promise, ...] = ()
    burn: tuple[Burn, ...] = ()
    fleet: tuple[Fleet, ...] = ()
    wishes: tuple[Wish, ...] = ()
    listed: tuple[Listed, ...] = ()
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True)
class Question:
    """What the planner asks: from when, how far, how much is kept back, who takes part.

    `partners`: codes of the private facilities that take part. `reserve`: one of `RESERVES`;
    `reserve_percent` of the approved list that is kept. `weights`: own points per unmet unit,
    classes in order of priority, None for the standard ones.
    """

    start: date
    horizon_days: int
    reserve_days: int
    transport: Transport
    partners: frozenset[str] = frozenset()
    reserve: str = "days"
    reserve_percent: int = 100
    count_requests: bool = False
    vulnerability: bool = False
    weights: tuple[int, int, int, int] | None = None
