"""The decision on a plan and what follows: put forward, approve, reject, send what it says."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from supply.allocation.carrying.free import Missing, free_stock, missing
from supply.allocation.gather import stock_now
from supply.allocation.hand.changes import needs_what_is_not_there
from supply.allocation.models import PlanRow
from supply.allocation.services import PlanRequest, start_plan
from supply.allocation.transfers import Trip, trips
from supply.allocation.transport import transport_on
from supply.catalog import queries as catalog
from supply.core.errors import (
    AlreadyDone,
    Conflict,
    Fault,
    InvalidInput,
    NotAllowed,
    NotFound,
    SupplyError,
)
from supply.core.scope import acting_user_id
from supply.core.text import Text, group_digits
from supply.core.transaction import add_translator, reading, transaction
from supply.inventory import services as stock

REASON_LENGTH_MAX = 500
_MY_DISTRICTS = text("SELECT supply_plan_district_ids()")
NO_PLAN = Text("Không có kế hoạch này.", "There is no such plan.")


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
ONLY_A_TRIAL = Text(
    "Đây mới là phương án thử; người lập trình duyệt rồi mới quyết định được.",
    "This is only a trial; it can be decided once its maker puts it forward.",
)
NOT_YOUR_TRIAL = Text(
    "Chỉ người lập mới trình duyệt được phương án thử của mình.",
    "Only whoever made a trial can put it forward.",
)
NOT_YOURS = Text(
    "Chỉ cán bộ kế hoạch của địa bàn mới quyết định được kế hoạch này.",
    "Only planners of this district may decide on this plan.",
)


def _explain(state: str, _code: str, _details: dict[str, object]) -> SupplyError | None:
    """What the plan's trigger refuses (migrations/sql/0028_plan_trials.sql)."""
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
    if state == "SP304":
        return NotAllowed(NOT_YOURS)
    if state == "SP305":
        return Conflict(
            Text(
                "Không còn phiếu chuyển nào chờ gửi, nên không có gì để rút lại.",
                "No transfer waits to be sent, so there is nothing to withdraw.",
            )
        )
    if state == "SP306":
        return Conflict(ONLY_A_TRIAL)
    return None


add_translator(_explain)


def put_forward(plan_id: int) -> None:
    """Ask for a decision on a trial; only its maker does.

    Raises NotFound, NotAllowed, AlreadyDone (it waits or is decided), Conflict (it counts on goods
    that are only supposed).
    """
    with transaction() as session:
        plan = _lock(plan_id, "trial")
        if plan.created_by != acting_user_id():
            raise NotAllowed(NOT_YOUR_TRIAL)
        if needs_what_is_not_there(plan.params.get("changes") or ()):
            raise Conflict(ONLY_SUPPOSED)
        plan.status = "proposed"
        session.flush()


def approve(plan_id: int, client_key: UUID | None = None) -> list[int]:
    """Approve a plan, once: transfer drafts are made for each sender, receiver and day, and the plan
    is sealed, together or not at all. Returns the drafts' ids; sent again with the key it was approved
    with, by the same person, those of then.

    Raises NotFound, NotAllowed (planners of the district only, and not whoever made the plan),
    AlreadyDone, Conflict (the stock is no longer there: plan again; or was only supposed).
    """
    with transaction() as session:
        before = approved_with(plan_id, client_key)
        if before is not None:
            return before
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
        plan.approval_key = client_key
        session.flush()
        return [int(row["draft"]) for row in drafts]


def approved_with(plan_id: int, client_key: UUID | None) -> list[int] | None:
    """The drafts of the plan that the acting person approved with this key; None where not so."""
    if client_key is None:
        return None
    with reading() as session:
        drafts: list[dict[str, Any]] | None = session.scalar(
            select(PlanRow.drafts).where(
                PlanRow.id == plan_id,
                PlanRow.approval_key == client_key,
                PlanRow.approved_by == acting_user_id(),
            )
        )
    return None if drafts is None else [int(row["draft"]) for row in drafts]


def reject(plan_id: int, reason: str) -> None:
    """Turn a plan down, with the reason; it stays readable and never changes again."""
    reason = _reason(
        reason,
        Text(
            "Hãy ghi lý do không duyệt (tối đa 500 ký tự).",
            "Say why the plan is turned down (at most 500 characters).",
        ),
    )
    with transaction() as session:
        plan = _lock(plan_id)
        plan.status = "rejected"
        plan.rejected_by = acting_user_id()
        plan.rejected_at = dt.datetime.now(dt.UTC)
        plan.reject_reason = reason
        session.flush()


def _reason(reason: str, words: Text) -> str:
    """A reason as it is kept. Raises InvalidInput."""
    reason = reason.replace("\x00", "").strip()
    if not reason or len(reason) > REASON_LENGTH_MAX:
        raise InvalidInput(faults=[Fault("reason", words)])
    return reason


def end(plan_id: int, reason: str) -> list[int]:
    """End an approved plan before its time: the drafts that still wait are thrown away, so that the
    next plan is free to use that stock. What has left goes on its way. Returns those drafts' ids.

    Raises InvalidInput, NotFound, NotAllowed (planners of the district only), AlreadyDone (not
    approved, or ended before), Conflict (no draft waits).
    """
    reason = _reason(
        reason,
        Text(
            "Hãy ghi lý do kết thúc kế hoạch (tối đa 500 ký tự).",
            "Say why the plan ends (at most 500 characters).",
        ),
    )
    with transaction() as session:
        plan = session.get(PlanRow, plan_id)
        if plan is None:
            raise NotFound(NO_PLAN)
        if plan.status != "approved" or plan.ended_by is not None:
            raise AlreadyDone(
                Text(
                    "Kế hoạch này chưa được duyệt hoặc đã kết thúc.",
                    "This plan is not approved, or ended already.",
                )
            )
        gone = session.execute(
            text("SELECT plan_end(:id, :reason)"), {"id": plan_id, "reason": reason}
        ).scalar_one()
        session.expire(plan)
        return [int(draft) for draft in gone]


def replan(plan_id: int, reason: str = "") -> int:
    """Ask for a new plan like this one from today's state; returns the job's id. What is under way
    counts as coming, and what drafts of approved plans promise stays promised; with a `reason` this
    plan is ended first, so that its waiting drafts hold nothing back. Pins and what-ifs of the old
    plan were for its day and are left behind.

    Raises as `end` and as `start_plan`; then nothing was changed.
    """
    with transaction() as session:
        plan = session.get(PlanRow, plan_id)
        if plan is None:
            raise NotFound(NO_PLAN)
        if plan.district_id not in session.execute(_MY_DISTRICTS).scalar_one():
            raise NotAllowed(NOT_YOURS)
        asked = PlanRequest.of(plan.params)
        if reason.strip():
            end(plan_id, reason)
        return start_plan(replace(asked, run_id=None, based_on=plan_id, pins=(), changes=()))


def _lock(plan_id: int, expected: str = "proposed") -> PlanRow:
    """The plan in the status `expected`, for this transaction alone. The database shows it for writing
    to its planners only."""
    with transaction() as session:
        if session.scalar(select(PlanRow.id).where(PlanRow.id == plan_id)) is None:
            raise NotFound(NO_PLAN)
        plan = session.scalar(select(PlanRow).where(PlanRow.id == plan_id).with_for_update())
        if plan is None:
            raise NotAllowed(NOT_YOURS)
        if plan.status != expected:
            if plan.status == "trial":
                raise Conflict(ONLY_A_TRIAL)
            decided = {
                "proposed": Text(
                    "Kế hoạch này đã được trình duyệt.", "This plan was already put forward."
                ),
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
        f"{one.facility}: {one.item}{lot_en} has {group_digits(one.free)} free, "
        f"the plan sends {group_digits(one.wanted)}.",
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
        for trip in trips_of(plan)
    ]


def trips_of(plan: PlanRow) -> list[Trip]:
    """The trips of a plan, as documents of its district's stores."""
    ids = {f.code: f.id for f in catalog.facilities(plan.district_id)}
    start = dt.date.fromisoformat(plan.instance["start"])
    return trips(plan.id, start, plan.result["transfers"], ids)
