"""What the pictures and the workbook ask of a plan beyond its page: roads, quotas, costs, inputs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from supply.allocation.queries import PlanView
from supply.allocation.seeing.moves import LotCosts, Move, moves_of
from supply.allocation.transfers import lot_name
from supply.core.errors import NotFound
from supply.core.text import Text
from supply.core.transaction import reading
from supply.inventory import queries as inventory

_ARCS = text("SELECT instance->'arcs' FROM plan WHERE id = :id")


def moves(plan: PlanView) -> tuple[Move, ...]:
    """A plan's transfer lines with the day they arrive and what they cost."""
    with reading() as session:
        arcs: list[dict[str, Any]] | None = session.scalar(_ARCS, {"id": plan.head.id})
    if arcs is None:
        raise NotFound(Text("Không có kế hoạch này.", "There is no such plan."))
    lead = {(row["from"], row["to"]): int(row["lead_days"]) for row in arcs}
    return moves_of(plan.transfers, lead, lot_costs({row.item for row in plan.transfers}))


def lot_costs(items: Iterable[str]) -> LotCosts:
    """(item, lot) → (đồng, units) for all lots of these items, lots named as in an instance."""
    rows = inventory.lot_values(sorted(items)).to_dict("records")
    return {
        (row["item_code"], lot_name(row["lot_number"])): (int(row["amount_vnd"]), int(row["units"]))
        for row in rows
    }
