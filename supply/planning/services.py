"""The verbs of planning."""

from __future__ import annotations

from supply.planning.purchase_plans import (
    Asked,
    approve_purchase,
    order_from_plan,
    return_purchase,
    save_purchase,
    withdraw_purchase,
)
from supply.planning.reserve_lists import (
    approve_reserve,
    change_reserve,
    make_reserve,
    return_reserve,
    submit_reserve,
)
from supply.planning.waste_board import set_capacity

__all__ = [
    "Asked",
    "approve_purchase",
    "approve_reserve",
    "change_reserve",
    "make_reserve",
    "order_from_plan",
    "return_purchase",
    "return_reserve",
    "save_purchase",
    "set_capacity",
    "submit_reserve",
    "withdraw_purchase",
]
