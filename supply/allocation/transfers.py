"""A plan's transfers as documents of the store: one for each sender, receiver and day. Pure."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from supply.inventory.documents import IssueLine, TransferDispatch

NO_LOT_NUMBER = "—"
"""Stands in an instance for goods that came without a lot number."""


ORDER_MARK = "ĐĐH-"
"""Before an order's number: goods on order have no lot yet."""


def order_lot(order_id: int) -> str:
    """What the goods of an order are called in an instance until they come."""
    return f"{ORDER_MARK}{order_id}"


def store_lot(name: str) -> str | None:
    """The lot to name in a store's document, None to take what expires first."""
    return None if name == NO_LOT_NUMBER or name.startswith(ORDER_MARK) else name


def lot_name(number: str) -> str:
    """The lot's number as an instance id."""
    return number or NO_LOT_NUMBER


@dataclass(frozen=True)
class Trip:
    """Everything one sender sends one receiver on one day; codes, and days from the plan's first."""

    day: int
    origin: str
    destination: str
    document: TransferDispatch


def trips(
    plan_id: int, start: dt.date, transfers: Iterable[Mapping[str, Any]], ids: Mapping[str, int]
) -> list[Trip]:
    """The plan's trips in the order of their days; `ids`: facility code → id.

    Lines are in base units and name the lot; goods without a lot number leave first expired first.
    """
    lines: defaultdict[tuple[int, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for t in transfers:
        lines[t["day"], t["from"], t["to"]].append(t)
    return [
        Trip(
            day,
            origin,
            destination,
            TransferDispatch(
                facility_id=ids[origin],
                counterpart_facility_id=ids[destination],
                happened_on=start + dt.timedelta(days=day),
                origin=origin_of(plan_id),
                note=f"Theo kế hoạch phân bổ số {plan_id}",
                lines=tuple(
                    IssueLine(
                        item_code=t["item"],
                        quantity=t["quantity"],
                        lot_number=store_lot(t["lot"]),
                    )
                    for t in sorted(lines[day, origin, destination], key=_by_item)
                ),
            ),
        )
        for day, origin, destination in sorted(lines)
    ]


def _by_item(transfer: Mapping[str, Any]) -> tuple[str, str]:
    return transfer["item"], transfer["lot"]


def origin_of(plan_id: int) -> str:
    """What the `origin` of a plan's documents says."""
    return f"plan:{plan_id}"
