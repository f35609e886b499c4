"""What others ask of planning. Reads only; rows outside the person's scope do not appear."""

from __future__ import annotations

from supply.planning.purchase_plans import propose, purchase_plan, purchase_plans
from supply.planning.reserve_lists import approved_reserve, reserve_list, reserve_lists
from supply.planning.waste_board import capacities, waste_board

__all__ = [
    "approved_reserve",
    "capacities",
    "propose",
    "purchase_plan",
    "purchase_plans",
    "reserve_list",
    "reserve_lists",
    "waste_board",
]
