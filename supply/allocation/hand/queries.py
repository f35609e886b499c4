"""Plans as the planner's hand needs them: the question and the answer whole, with their figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text

from supply.allocation.hand.account import Account, account
from supply.allocation.hand.difference import Difference, difference, same_need
from supply.allocation.hand.pins import PinRow
from supply.allocation.instance import Instance, Pin
from supply.allocation.instance_json import parse_instance
from supply.allocation.models import PlanRow
from supply.allocation.plan import Plan, plan_from_json
from supply.allocation.seeing.queries import lot_costs
from supply.core.errors import Fault, InvalidInput, NotFound
from supply.core.text import Text
from supply.core.transaction import reading

PLANS_MAX = 6
"""Plans that are held side by side; more do not fit a page."""


@dataclass(frozen=True)
class Sheet:
    """A stored plan, parsed: what was asked (``instance``), what was answered (``plan``)."""

    id: int
    district_id: int
    run_id: int
    policy: str
    status: str
    created_at: dt.datetime
    params: Mapping[str, Any]
    notes: tuple[Text, ...]
    inputs: Mapping[str, Any] | None
    instance: Instance
    plan: Plan
    given: tuple[Pin, ...]
    """the instance's pins without the planner's"""

    @property
    def based_on(self) -> int | None:
        """The plan it was made from, if any."""
        return self.params.get("based_on")

    @property
    def changes(self) -> tuple[dict[str, Any], ...]:
        """What it supposes."""
        return tuple(self.params.get("changes") or ())

    @property
    def pins(self) -> tuple[PinRow, ...]:
        """What the planner pinned."""
        return tuple(map(_pin, self.params.get("pins") or ()))


def _pin(row: Mapping[str, Any]) -> PinRow:
    return PinRow(row["from"], row["to"], row["item"], row.get("min") or 0, row.get("max"))


_ANCESTOR = text(
    "SELECT a.params, a.instance->'pins' AS pins FROM plan p, plan a"
    " WHERE p.id = :id AND a.id = (p.params->>'based_on')::bigint"
    " AND a.instance->'start' = p.instance->'start'"
    " AND a.instance->'demand' = p.instance->'demand'"
)


def _given(row: PlanRow, instance: Instance) -> tuple[Pin, ...]:
    """The pins the instance had before the planner's hand came in: those of the nearest plan it was
    made from that has none of the planner's, or what the planner's rows do not speak of."""
    params, plan_id, found = row.params, row.id, instance.pins
    with reading() as session:
        while params.get("pins") and params.get("based_on"):
            above = session.execute(_ANCESTOR, {"id": plan_id}).one_or_none()
            if above is None:
                break
            plan_id, params = params["based_on"], above.params
            found = tuple(
                Pin(p["from"], p["to"], p["item"], p["min_quantity"], p["max_quantity"])
                for p in above.pins
            )
    spoken = {_pin(pin).key for pin in params.get("pins") or ()}
    return tuple(p for p in found if (p.origin, p.destination, p.item) not in spoken)


def sheet(plan_id: int) -> Sheet:
    """One plan. Raises NotFound, also for another district's."""
    with reading() as session:
        row = session.get(PlanRow, plan_id)
        if row is None:
            raise NotFound(Text(f"Không có kế hoạch số {plan_id}.", f"There is no plan {plan_id}."))
        instance = parse_instance(row.instance)
        notes = tuple(Text(n["vi"], n["en"]) for n in row.comparison.get("notes", ()))
        return Sheet(
            id=row.id,
            district_id=row.district_id,
            run_id=row.run_id,
            policy=row.policy,
            status=row.status,
            created_at=row.created_at,
            params=row.params,
            notes=notes,
            inputs=row.comparison.get("inputs"),
            instance=instance,
            plan=plan_from_json(row.result),
            given=_given(row, instance),
        )


@dataclass(frozen=True)
class Beside:
    """Plans side by side: each with its figures; ``same_need`` whether all answer the first's need."""

    sheets: tuple[Sheet, ...]
    accounts: tuple[Account, ...]
    same_need: bool


def side_by_side(plan_ids: Sequence[int]) -> Beside:
    """The plans of these ids in their order. Raises NotFound, InvalidInput for more than PLANS_MAX."""
    ids = list(dict.fromkeys(plan_ids))
    if len(ids) > PLANS_MAX:
        words = Text(
            f"Chỉ so sánh được tối đa {PLANS_MAX} kế hoạch một lúc.",
            f"At most {PLANS_MAX} plans can be compared at once.",
        )
        raise InvalidInput(faults=[Fault("ids", words)])
    sheets = tuple(sheet(plan_id) for plan_id in ids)
    costs = lot_costs({t.item for s in sheets for t in s.instance.stock_rows})
    return Beside(
        sheets,
        tuple(account(s.instance, s.plan, costs) for s in sheets),
        all(same_need(sheets[0].instance, s.instance) for s in sheets[1:]),
    )


def beside_its_base(now: Sheet) -> tuple[Sheet, Difference] | None:
    """What a plan costs beside the one it was made from, where both answer the same need."""
    if now.based_on is None:
        return None
    base = sheet(now.based_on)
    if not same_need(base.instance, now.instance):
        return None
    return base, difference(now.instance, base.plan, now.plan)


_SAME = text(
    "SELECT id, policy FROM plan WHERE (params->>'based_on')::bigint = :id AND status IN ('trial', 'proposed')"
    " AND params->'pins' = CAST(:pins AS jsonb) AND params->'changes' = CAST(:changes AS jsonb)"
    " ORDER BY id"
)


def made_before(base_id: int, pins: str, changes: str) -> dict[str, int]:
    """policy → id of the newest open plan that was made from this one with the same hand (JSON)."""
    with reading() as session:
        rows = session.execute(_SAME, {"id": base_id, "pins": pins, "changes": changes}).all()
    return {row.policy: row.id for row in rows}


def made_from(plan_id: int) -> list[int]:
    """Plans that were made from this one, the newest first."""
    with reading() as session:
        found = session.scalars(
            select(PlanRow.id)
            .where(PlanRow.params["based_on"].as_integer() == plan_id)
            .order_by(PlanRow.id.desc())
            .limit(PLANS_MAX)
        )
        return list(found)


def ids_of(told: str) -> list[int]:
    """ "5,6,x" → [5, 6]; what is no number is passed over."""
    parts: Iterable[str] = (part.strip() for part in told.split(","))
    return [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 19]
