"""The decision on a plan and what follows: approve, reject, send what it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from supply.allocation.carrying.free import Missing, free_stock, missing
from supply.allocation.gather import stock_now
from supply.allocation.hand.changes import needs_what_is_not_there
from supply.allocation.models import PlanRow
from supply.allocation.transfers import Trip, origin_of, trips
from supply.allocation.transport import transport_on
from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import (
    AlreadyDone,
    Conflict,
    Fault,
    InvalidInput,
    NotAllowed,
    NotFound,
    SupplyError,
)
from supply.core.scope import acting_as, acting_user_id
from supply.core.text import Text, group_digits
from supply.core.transaction import add_translator, reading, transaction
from supply.inventory import queries as inventory
from supply.inventory import services as stock
from supply.inventory.documents import TransferReceipt
from supply.inventory.services import Posted

_DRAFTS_MAX = 10_000


OWN_PLAN = Text(
    "Người lập không tự duyệt kế hoạch của mình; xin người thứ hai duyệt.",
    "Whoever made a plan cannot approve it; a second person does.",
)
ONLY_SUPPOSED = Text(
    "Kế hoạch này tính cả hàng mới chỉ giả định (tài trợ, gia hạn dùng). Khi hàng đã vào sổ, hãy lập kế "
    "hoạch mới.",
    "This plan counts on goods that are only supposed (a donation, an extended expiry). Once they are "
    "in the books, make a new plan.",
)


def _explain(state: str, _code: str, _details: dict[str, object]) -> SupplyError | None:
    """What the plan's trigger refuses (migrations/sql/0025_allocation_carrying.sql)."""
    if state == "SP301":
        return AlreadyDone(
            Text(
                "Kế hoạch này đã có quyết định, không sửa được nữa.",
                "This plan was already decided and cannot change.",
            )
        )
    if state == "SP302":
        return Conflict(
            Text(
                "Nội dung kế hoạch không sửa được; hãy lập kế hoạch mới.",
                "A plan's content cannot change; make a new plan.",
            )
        )
    if state == "SP303":
        return NotAllowed(OWN_PLAN)
    return None


add_translator(_explain)


def approve(plan_id: int) -> list[int]:
    """Approve a plan, once: transfer drafts are made for each sender, receiver and day, and the plan
    is sealed, together or not at all. Returns the drafts' ids.

    Raises NotFound, NotAllowed (planners of the district only, and not whoever made the plan),
    AlreadyDone, Conflict (the stock is no longer there: plan again; or was only supposed).
    """
    with transaction() as session:
        plan = _lock(plan_id)
        if plan.created_by == acting_user_id():
            raise NotAllowed(OWN_PLAN)
        if needs_what_is_not_there(plan.params.get("changes") or ()):
            raise Conflict(ONLY_SUPPOSED)
        _stock_is_still_there(plan)
        drafts = _make_drafts(plan)
        plan.status = "approved"
        plan.approved_by = acting_user_id()
        plan.approved_at = dt.datetime.now(dt.UTC)
        plan.drafts = drafts
        session.flush()
        return [int(row["draft"]) for row in drafts]


def reject(plan_id: int, reason: str) -> None:
    """Turn a plan down, with the reason; it stays readable and never changes again."""
    reason = reason.strip()
    if not reason or len(reason) > 500:
        words = Text(
            "Hãy ghi lý do không duyệt (tối đa 500 ký tự).",
            "Say why the plan is turned down (at most 500 characters).",
        )
        raise InvalidInput(faults=[Fault("reason", words)])
    with transaction() as session:
        plan = _lock(plan_id)
        plan.status = "rejected"
        plan.rejected_by = acting_user_id()
        plan.rejected_at = dt.datetime.now(dt.UTC)
        plan.reject_reason = reason
        session.flush()


def _lock(plan_id: int) -> PlanRow:
    """The plan, for this transaction alone. The database shows it for writing to its planners only."""
    with transaction() as session:
        if session.scalar(select(PlanRow.id).where(PlanRow.id == plan_id)) is None:
            raise NotFound(Text("Không có kế hoạch này.", "There is no such plan."))
        plan = session.scalar(select(PlanRow).where(PlanRow.id == plan_id).with_for_update())
        if plan is None:
            raise NotAllowed(
                Text(
                    "Chỉ cán bộ kế hoạch của địa bàn mới duyệt được kế hoạch này.",
                    "Only planners of this district may decide on this plan.",
                )
            )
        if plan.status != "proposed":
            decided = {
                "approved": Text("Kế hoạch này đã được duyệt.", "This plan is already approved."),
                "rejected": Text("Kế hoạch này đã bị từ chối.", "This plan was turned down."),
            }
            raise AlreadyDone(decided[plan.status])
        return plan


def _stock_is_still_there(plan: PlanRow) -> None:
    """Stock moves between planning and approving, and other plans may have claimed it; what would
    leave must still be there, or on its way."""
    start = dt.date.fromisoformat(plan.instance["start"])
    district = next(d for d in catalog.districts() if d.id == plan.district_id)
    now = stock_now(district, start, transport_on(start))
    here, coming = free_stock(now.on_hand, now.coming, now.promised, start)
    faults = [
        Fault("stock", _not_free(one))
        for one in missing(plan.result["transfers"], (*here, *coming))
    ]
    if faults:
        raise Conflict(
            Text(
                "Tồn kho đã thay đổi từ lúc lập kế hoạch. Hãy lập kế hoạch mới.",
                "Stock has changed since the plan was made. Make a new plan.",
            ),
            faults,
        )


def _not_free(one: Missing) -> Text:
    lot_vi, lot_en = (f" lô {one.lot}", f" lot {one.lot}") if one.lot else ("", "")
    return Text(
        f"{one.facility}: {one.item}{lot_vi} chỉ còn {group_digits(one.free)} chưa hứa cho ai, "
        f"kế hoạch chuyển {group_digits(one.wanted)}.",
        f"{one.facility}: {one.item}{lot_en} has {one.free:,} free, the plan sends {one.wanted:,}.",
    )


def _make_drafts(plan: PlanRow) -> list[dict[str, Any]]:
    """A draft for each trip, in the order of days."""
    return [
        {
            "draft": stock.save_draft(trip.document),
            "from": trip.origin,
            "to": trip.destination,
            "day": trip.day,
        }
        for trip in _trips_of(plan)
    ]


def _trips_of(plan: PlanRow) -> list[Trip]:
    ids = {f.code: f.id for f in catalog.facilities(plan.district_id)}
    start = dt.date.fromisoformat(plan.instance["start"])
    return trips(plan.id, start, plan.result["transfers"], ids)


# --- for the headless demo -----------------------------------------------------------------------


def dispatch_plan_drafts(plan_id: int, storekeepers: Mapping[int, int]) -> list[Posted]:
    """Carry an approved plan out from the first day to the last: each sending storekeeper posts the
    draft, each receiving one receives it before what is passed on leaves again. `storekeepers`:
    facility id → user id. Days to come are dated today, since nothing is posted ahead of its day.

    Returns what was posted. Whatever a posting refuses is raised; what was posted before stays, as
    it would by hand.
    """
    with reading() as session:
        plan = session.get(PlanRow, plan_id)
        if plan is None or plan.drafts is None:
            raise NotFound(
                Text("Không có kế hoạch đã duyệt này.", "There is no such approved plan.")
            )
        drafts = {(row["from"], row["to"], row["day"]): int(row["draft"]) for row in plan.drafts}
        waiting = _trips_of(plan)
    posted: list[Posted] = []
    for day in sorted({trip.day for trip in waiting}):
        for trip in (trip for trip in waiting if trip.day == day):
            document = trip.document
            on = min(document.happened_on or today(), today())
            with acting_as(storekeepers[document.facility_id]), transaction():
                draft = drafts[trip.origin, trip.destination, trip.day]
                stock.save_draft(replace(document, happened_on=on), draft)
                posted.append(stock.post_draft(draft))
        posted += receive_plan_transfers(plan_id, storekeepers)
    return posted


def receive_plan_transfers(plan_id: int, storekeepers: Mapping[int, int]) -> list[Posted]:
    """Receive in full all that a plan's posted documents have on the way, as each receiving
    storekeeper, a lead time after it left (today at the latest)."""
    lead = dt.timedelta(days=transport_on(today()).depot_lead_days)
    sent = inventory.documents(
        kinds=["transfer_dispatch"], origin=origin_of(plan_id), limit=_DRAFTS_MAX
    ).rows
    waiting = set(inventory.in_transit()["dispatch_id"])
    received = []
    for document in sorted(sent, key=lambda d: d.id):
        receiver = document.counterpart_facility_id
        if document.id not in waiting or receiver is None:
            continue
        with acting_as(storekeepers[receiver]):
            received.append(
                stock.receive_transfer(
                    TransferReceipt(
                        facility_id=receiver,
                        follows_id=document.id,
                        happened_on=min(today(), document.happened_on + lead),
                        origin=document.origin,
                    )
                )
            )
    return received
