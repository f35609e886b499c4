"""Purchase plans: proposed from forecast, stock and orders; saved whole; approved by a second person."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import AlreadyDone, Conflict, Fault, InvalidInput, NotAllowed, NotFound
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction
from supply.forecast import needs
from supply.forecast.queries import RunRow
from supply.inventory import queries as inventory
from supply.inventory.on_order import NewOrder, place_orders
from supply.planning.purchase import Line, Stock, Terms, Wanted, plan_lines, together
from supply.planning.reserve_lists import approved_reserve
from supply.planning.returning import reason_of_return
from supply.planning.runs import chosen_run
from supply.planning.tables import LeadTimes, load_lead_times

SERVICE_LEVELS = (0.8, 0.9, 0.95, 0.975, 0.99)
REVIEW_DAYS_MAX = 90
STATUS_NAMES = {
    "proposed": Text("Chờ duyệt", "To be approved"),
    "approved": Text("Đã duyệt", "Approved"),
    "returned": Text("Trả lại", "Returned"),
    "withdrawn": Text("Đã rút", "Withdrawn"),
}


@dataclass(frozen=True)
class Asked:
    """What a plan is asked for with. `per_facility`: each store by itself, else the district's stock
    together. `funds`: category -> fund code, '' = of all others."""

    run_id: int | None = None
    review_days: int = 14
    service_level: float = 0.95
    per_facility: bool = False
    with_reserve: bool = True
    category: str = ""
    funds: Mapping[str, str] = field(default_factory=dict)

    def fund(self, category: str) -> str:
        """The fund that pays for a category; '' = not chosen."""
        return self.funds.get(category) or self.funds.get("", "")

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**self.__dict__, "funds": dict(self.funds)}


@dataclass(frozen=True)
class PlanRow:
    """A line with what it is of. `facility_id` None: the whole district."""

    facility_id: int | None
    facility_code: str
    facility_name: Text
    item_id: int
    item_code: str
    item_name: Text
    unit: Text
    category: str
    pack_name: Text
    fund_code: str
    line: Line

    def to_json(self) -> dict[str, Any]:
        """Plain values, read back by `row_of`."""
        return {**self.__dict__, "line": self.line.to_json()}


def row_of(told: Mapping[str, Any]) -> PlanRow:
    """A stored line."""
    names = {
        name: Text(*told[name]) for name in ("facility_name", "item_name", "unit", "pack_name")
    }
    return PlanRow(**{**told, **names, "line": Line(**told["line"])})


@dataclass(frozen=True)
class Proposal:
    """What a plan would say today. `rows` are those to buy, the soonest to order first."""

    run: RunRow
    asked: Asked
    day: dt.date
    rows: tuple[PlanRow, ...]
    enough: int
    lead_is_assumed: bool

    @property
    def total_vnd(self) -> int:
        """Money of the lines with a price."""
        return sum(row.line.amount_vnd or 0 for row in self.rows)

    @property
    def without_price(self) -> int:
        """Lines whose price nobody knows."""
        return sum(row.line.amount_vnd is None for row in self.rows)


def by_fund(rows: tuple[PlanRow, ...]) -> list[tuple[str, int, int]]:
    """(fund code or '', đồng, lines) of each fund, the most money first."""
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row.fund_code, []).append(row.line.amount_vnd or 0)
    return sorted(((c, sum(v), len(v)) for c, v in found.items()), key=lambda one: -one[1])


def propose(district_slug: str, asked: Asked) -> Proposal:
    """What to buy as things stand. Raises InvalidInput by field, NotFound, Conflict (no forecast)."""
    _check(asked)
    district = catalog.district(district_slug)
    with reading():
        run = chosen_run(district, asked.run_id)
        found = needs.shortage(run.id, district_slug)
        prices = inventory.last_prices([f.id for f in found.facilities])
        kept = approved_reserve(district.id) if asked.with_reserve else {}
    lead = load_lead_times(found.stock_day)
    cells = [
        (place, i)
        for i, item in enumerate(found.items)
        if asked.category in ("", item.category)
        for place in _places(found, asked, i)
    ]
    lines = plan_lines(
        [_wanted(found, lead, place, i, prices, kept) for place, i in cells],
        Terms(asked.review_days, asked.service_level),
    )
    rows = [_row(found, asked, *cell, line) for cell, line in zip(cells, lines, strict=True)]
    wanted = sorted((row for row in rows if row.line.units), key=_urgency)
    return Proposal(
        run, asked, found.stock_day, tuple(wanted), len(rows) - len(wanted), lead.is_assumed
    )


def _check(asked: Asked) -> None:
    faults = []
    if not 0 <= asked.review_days <= REVIEW_DAYS_MAX:
        words = Text(
            f"Số ngày giữa hai lần đặt phải từ 0 đến {REVIEW_DAYS_MAX}.",
            f"Days between orders must be from 0 to {REVIEW_DAYS_MAX}.",
        )
        faults.append(Fault("review_days", words))
    if not 0.5 <= asked.service_level <= 0.999:
        words = Text(
            "Mức bảo đảm phải từ 50 % đến 99,9 %.", "The service level must be from 50 % to 99.9 %."
        )
        faults.append(Fault("service_level", words))
    known = {fund.code for fund in catalog.funds()}
    unknown = sorted({code for code in asked.funds.values() if code} - known)
    if unknown:
        words = Text(f"Không có nguồn quỹ {unknown[0]}.", f"There is no fund {unknown[0]}.")
        faults.append(Fault("fund", words))
    if faults:
        raise InvalidInput(faults=faults)


def _places(found: needs.Shortage, asked: Asked, item: int) -> list[int | None]:
    """Where an item is planned: the district together (None), or each facility that uses it."""
    used = found.burn.total_mean[:, item].any(axis=-1)
    if not used.any():
        return []
    return [int(f) for f in np.flatnonzero(used)] if asked.per_facility else [None]


def _wanted(
    found: needs.Shortage,
    lead: LeadTimes,
    place: int | None,
    i: int,
    prices: Mapping[int, inventory.LastPrice],
    kept: Mapping[tuple[int, int], int],
) -> Wanted:
    """An item's use and stock, of one facility or (None) of all together."""
    item = found.items[i]
    of = slice(None) if place is None else slice(place, place + 1)
    burn, lots = found.burn, found.lots
    mine = (lots.item == i) & ((place is None) | (lots.facility == place))
    price = prices.get(item.id)
    return Wanted(
        together(burn.total_mean[of, i].cumsum(axis=-1), burn.cumulative_sd[of, i]),
        Stock(
            lots.quantity[mine],
            lots.expiry_day[mine],
            lots.arrival_day[mine],
            found.lot_place[mine],
        ),
        lead_days=lead.days(item.code, item.category),
        pack_units=next((pack.units_per_pack for pack in item.packs), 1),
        unit_price_vnd=None if price is None else price.unit_price_vnd,
        reserve=sum(kept.get((f.id, item.id), 0) for f in found.facilities[of]),
    )


def _row(found: needs.Shortage, asked: Asked, place: int | None, i: int, line: Line) -> PlanRow:
    item = found.items[i]
    facility = None if place is None else found.facilities[place]
    return PlanRow(
        facility_id=None if facility is None else facility.id,
        facility_code="" if facility is None else facility.code,
        facility_name=Text("Toàn địa bàn", "Whole district") if facility is None else facility.name,
        item_id=item.id,
        item_code=item.code,
        item_name=item.name,
        unit=item.base_unit,
        category=item.category,
        pack_name=next((pack.name for pack in item.packs), item.base_unit),
        fund_code=asked.fund(item.category),
        line=line,
    )


def _urgency(row: PlanRow) -> tuple[object, ...]:
    by = row.line.order_by_day
    return (10_000 if by is None else by, row.category, row.item_code, row.facility_code)


# --- saved plans -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlanHead:
    """A saved plan in a list."""

    id: int
    district_id: int
    run_id: int
    day: dt.date
    review_days: int
    service_level: float
    per_facility: bool
    line_count: int
    total_vnd: int
    status: str
    created_by_id: int
    created_by: str
    created_at: dt.datetime
    decided_by: str
    decided_at: dt.datetime | None
    reason: str


@dataclass(frozen=True)
class SavedPlan:
    """A saved plan with its lines, as they were on the day it was made."""

    head: PlanHead
    params: dict[str, Any]
    rows: tuple[PlanRow, ...]
    may_decide: bool
    is_mine: bool


_HEADS = """
SELECT p.id, p.district_id, p.run_id, p.params, jsonb_array_length(p.lines) AS line_count,
       p.total_vnd, coalesce(d.decision, 'proposed') AS status, p.created_by AS created_by_id,
       concat_ws(' ', u.first_name, u.last_name) AS created_by, p.created_at,
       concat_ws(' ', b.first_name, b.last_name) AS decided_by, d.decided_at,
       coalesce(d.reason, '') AS reason
FROM planning_purchase p
JOIN ab_user u ON u.id = p.created_by
LEFT JOIN planning_purchase_decision d ON d.plan_id = p.id
LEFT JOIN ab_user b ON b.id = d.decided_by
WHERE (CAST(:district AS int) IS NULL OR p.district_id = :district)
  AND (CAST(:id AS bigint) IS NULL OR p.id = :id)
ORDER BY p.id DESC LIMIT :limit
"""


def purchase_plans(district_id: int, limit: int = 50) -> list[PlanHead]:
    """A district's plans, newest first."""
    with reading() as session:
        found = session.execute(
            text(_HEADS), {"district": district_id, "id": None, "limit": limit}
        ).mappings()
        return [_head(row) for row in found]


def purchase_plan(plan_id: int) -> SavedPlan:
    """One plan. Raises NotFound."""
    with reading() as session:
        found = session.execute(
            text(_HEADS), {"district": None, "id": plan_id, "limit": 1}
        ).mappings()
        row = next(iter(found), None)
        if row is None:
            raise NotFound(Text("Không có kế hoạch mua này.", "There is no such purchase plan."))
        lines = session.execute(
            text("SELECT lines FROM planning_purchase WHERE id = :id"), {"id": plan_id}
        ).scalar_one()
        decides = may_decide(row["district_id"])
    mine = row["created_by_id"] == acting_user_id()
    return SavedPlan(_head(row), row["params"], tuple(map(row_of, lines)), decides, mine)


def _head(row: Any) -> PlanHead:
    told = dict(row)
    params = told.pop("params")
    return PlanHead(
        day=dt.date.fromisoformat(params["day"]),
        review_days=params["review_days"],
        service_level=params["service_level"],
        per_facility=params["per_facility"],
        **told,
    )


def may_decide(district_id: int) -> bool:
    """Whether the acting person may approve what others planned for a district."""
    with reading() as session:
        return bool(
            session.execute(
                text("SELECT CAST(:id AS int) = ANY (supply_decide_district_ids())"),
                {"id": district_id},
            ).scalar_one()
        )


def save_purchase(district_slug: str, asked: Asked) -> int:
    """Keep what is proposed now; returns the plan's id. Raises as `propose`, Conflict (nothing to
    buy), NotAllowed."""
    with transaction() as session:
        made = propose(district_slug, asked)
        if not made.rows:
            raise Conflict(
                Text(
                    "Không có mặt hàng nào cần mua theo điều kiện này.",
                    "Nothing needs to be bought under these terms.",
                )
            )
        params = asked.to_json() | {"run_id": made.run.id, "day": made.day.isoformat()}
        return int(
            session.execute(
                text(
                    "INSERT INTO planning_purchase (district_id, run_id, params, lines, total_vnd,"
                    " created_by) VALUES (:district, :run, CAST(:params AS jsonb),"
                    " CAST(:lines AS jsonb), :total, :me) RETURNING id"
                ),
                {
                    "district": made.run.district_id,
                    "run": made.run.id,
                    "params": json.dumps(params),
                    "lines": json.dumps([row.to_json() for row in made.rows], ensure_ascii=False),
                    "total": made.total_vnd,
                    "me": acting_user_id(),
                },
            ).scalar_one()
        )


def approve_purchase(plan_id: int) -> None:
    """A second person approves. Raises NotFound, NotAllowed (the author), AlreadyDone."""
    _decide(plan_id, "approved", "")


def return_purchase(plan_id: int, reason: str) -> None:
    """A second person sends it back, and says why. Raises InvalidInput, and as `approve_purchase`."""
    _decide(plan_id, "returned", reason_of_return(reason))


def withdraw_purchase(plan_id: int) -> None:
    """The author takes it back while nobody has decided. Raises NotFound, NotAllowed, AlreadyDone."""
    _decide(plan_id, "withdrawn", "")


def _decide(plan_id: int, decision: str, reason: str) -> None:
    with transaction() as session:
        plan = purchase_plan(plan_id)
        if plan.head.status != "proposed":
            state = STATUS_NAMES[plan.head.status]
            raise AlreadyDone(
                Text(
                    f"Kế hoạch này đã xong: {state.vi.lower()}.",
                    f"This plan is settled: {state.en.lower()}.",
                )
            )
        if plan.is_mine != (decision == "withdrawn"):
            raise NotAllowed(
                Text(
                    "Người lập không tự duyệt được; xin người thứ hai duyệt."
                    if plan.is_mine
                    else "Chỉ người lập rút lại được kế hoạch.",
                    "Whoever made it cannot approve it; a second person does."
                    if plan.is_mine
                    else "Only its author may withdraw it.",
                )
            )
        session.execute(
            text(
                "INSERT INTO planning_purchase_decision (plan_id, decision, reason, decided_by)"
                " VALUES (:id, :decision, :reason, :me)"
            ),
            {"id": plan_id, "decision": decision, "reason": reason, "me": acting_user_id()},
        )


def order_from_plan(
    plan_id: int,
    facility_id: int,
    partner_code: str,
    item_codes: list[str] | None = None,
    paper_reference: str = "",
) -> list[int]:
    """Write an approved plan's lines as orders to come to one facility, each after its lead time;
    returns the orders' ids. A plan by facility orders each line for its own facility.

    Raises Conflict (not approved, no such lines), InvalidInput, NotAllowed, NotFound.
    """
    plan = purchase_plan(plan_id)
    if plan.head.status != "approved":
        raise Conflict(
            Text("Kế hoạch chưa được duyệt nên chưa đặt hàng.", "The plan is not approved yet.")
        )
    rows = [row for row in plan.rows if item_codes is None or row.item_code in item_codes]
    wanted = [
        NewOrder(
            facility_id=row.facility_id or facility_id,
            item_code=row.item_code,
            quantity=row.line.units,
            expected_on=today() + dt.timedelta(days=row.line.lead_days),
            partner_code=partner_code,
            fund_code=row.fund_code,
            unit_price_vnd=row.line.unit_price_vnd,
            paper_reference=paper_reference.strip() or f"KHM-{plan_id}",
        )
        for row in rows
    ]
    if not wanted:
        raise Conflict(Text("Hãy chọn ít nhất một mặt hàng.", "Choose at least one item."))
    return place_orders(wanted)
