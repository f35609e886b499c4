"""The verbs of allocation: make a plan, approve it, reject it, send what it says."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import select

from supply.allocation import core
from supply.allocation.comparison import compare
from supply.allocation.gather import gather, promised
from supply.allocation.instance import Instance
from supply.allocation.instance_json import instance_to_json
from supply.allocation.models import PlanRow
from supply.allocation.plan import plan_to_json
from supply.allocation.problem import Question, build_problem
from supply.allocation.transfers import Trip, lot_name, origin_of, trips
from supply.allocation.transport import transport_on
from supply.allocation.words import POLICIES, QUANTILES, RESERVE_DAYS_MAX
from supply.catalog import queries as catalog
from supply.core import jobs
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
from supply.core.jobs import Progress, job
from supply.core.scope import acting_as, acting_user_id
from supply.core.text import Text, group_digits
from supply.core.transaction import add_translator, reading, transaction
from supply.forecast import needs
from supply.forecast import queries as forecast
from supply.inventory import queries as inventory
from supply.inventory import services as stock
from supply.inventory.documents import TransferReceipt
from supply.inventory.services import Posted

SOLVE_SECONDS = 60.0
HORIZON_DAYS_MAX = 28
_DRAFTS_MAX = 10_000


def _explain(state: str, _code: str, _details: dict[str, object]) -> SupplyError | None:
    """What the plan's trigger refuses (migrations/sql/0005_allocation.sql)."""
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
    return None


add_translator(_explain)


@dataclass(frozen=True)
class PlanRequest:
    """What a planner asks for. `quantile`: how cautiously the projected use is read."""

    district_slug: str
    policy: str = "lexicographic"
    horizon_days: int = 14
    quantile: float = 0.5
    reserve_days: int = 3
    include_private: bool = False


def faults_of(request: PlanRequest) -> list[Fault]:
    """Everything that is wrong with the request by itself."""
    faults = []
    if request.policy not in POLICIES:
        faults.append(
            Fault("policy", Text("Hãy chọn một cách phân bổ.", "Choose a way to allocate."))
        )
    if not 1 <= request.horizon_days <= HORIZON_DAYS_MAX:
        faults.append(
            Fault(
                "horizon_days",
                Text(
                    f"Số ngày của kế hoạch phải từ 1 đến {HORIZON_DAYS_MAX}.",
                    f"The plan covers between 1 and {HORIZON_DAYS_MAX} days.",
                ),
            )
        )
    if request.quantile not in QUANTILES:
        faults.append(
            Fault(
                "quantile",
                Text("Hãy chọn một mức thận trọng trong danh sách.", "Choose a listed caution."),
            )
        )
    if not 0 <= request.reserve_days <= RESERVE_DAYS_MAX:
        faults.append(
            Fault(
                "reserve_days",
                Text(
                    f"Dự trữ tại chỗ phải từ 0 đến {RESERVE_DAYS_MAX} ngày.",
                    f"The on-site reserve is between 0 and {RESERVE_DAYS_MAX} days.",
                ),
            )
        )
    return faults


def start_plan(request: PlanRequest) -> int:
    """Ask for a plan as a job; returns the job's id. Refuses at once what could not succeed."""
    _asked(request)
    return jobs.enqueue("allocation.plan", **asdict(request))


@job("allocation.plan", Text("Lập kế hoạch phân bổ", "Make an allocation plan"))
def plan_job(progress: Progress, **params: Any) -> dict[str, object]:
    """The same as a job: its result leads to the plan's page."""
    plan_id = make_plan(**params, progress=progress)
    return {"plan_id": plan_id, "url": f"/plans/{plan_id}"}


def make_plan(
    district_slug: str,
    policy: str = "lexicographic",
    horizon_days: int = 14,
    quantile: float = 0.5,
    reserve_days: int = 3,
    include_private: bool = False,
    progress: Progress | None = None,
    on: dt.date | None = None,
) -> int:
    """Plan for a district from its latest forecast and its stock now; returns the plan's id.

    `on`: the plan's first day (default today), the day the stock stands for. Raises InvalidInput
    (fields named), NotFound (district), Conflict (no forecast, nothing needed), NotAllowed. Nothing
    is moved: a plan is a proposal.
    """
    request = PlanRequest(
        district_slug, policy, horizon_days, quantile, reserve_days, include_private
    )
    _tell(
        progress, 0, Text("Đọc dự báo, tồn kho, phương tiện", "Reading forecast, stock, vehicles")
    )
    with reading():
        district, run = _asked(request)
        demand = needs.burn_for_allocation(run.id, quantile, horizon_days, on)
        transport = transport_on(demand.start)
        world = gather(district, demand, transport)
    problem = build_problem(
        world, Question(demand.start, horizon_days, reserve_days, transport, include_private)
    )
    if not problem.instance.demand:
        raise Conflict(
            Text(
                "Dự báo không có nhu cầu nào trong kỳ này, chưa có gì để phân bổ.",
                "The forecast shows no need in this period, so there is nothing to allocate.",
            )
        )
    _tell(progress, 1, Text("Tính phương án và kiểm tra lại", "Solving and proving the plan"))
    plan = core.solve(problem.instance, policy, SOLVE_SECONDS)
    _tell(progress, 2, Text("So sánh với các cách khác", "Comparing with other ways"))
    compared = compare(problem.instance, plan)
    _tell(progress, 3, Text("Lưu kế hoạch", "Storing the plan"))
    notes = (*_stale_note(run), *problem.notes)
    return _store(
        district.id, run.id, request, problem.instance, plan_to_json(plan), compared, notes
    )


def _tell(progress: Progress | None, done: int, what: Text) -> None:
    if progress is not None:
        progress.at(done, 4, what)


def is_stale(run: forecast.RunRow) -> bool:
    """Whether every day of the forecast is behind us."""
    return today() >= run.day_0 + dt.timedelta(days=run.params.horizon_days)


def _stale_note(run: forecast.RunRow) -> tuple[Text, ...]:
    if not is_stale(run):
        return ()
    return (
        Text(
            f"Dự báo tính đến {run.origin:%d/%m/%Y} đã hết kỳ; kế hoạch lấy nhu cầu của kỳ đó và tồn kho "
            "hôm nay. Nên chạy dự báo mới.",
            f"The forecast of {run.origin:%d/%m/%Y} has run out; the plan sets the need of that time "
            "against today's stock. Better run a new forecast.",
        ),
    )


def _asked(request: PlanRequest) -> tuple[catalog.DistrictRow, forecast.RunRow]:
    """The district and its latest run, if the request can be met at all."""
    district = catalog.district(request.district_slug)
    faults = faults_of(request)
    if faults:
        raise InvalidInput(faults=faults)
    run = forecast.latest_run(district.id)
    if run is None:
        raise Conflict(
            Text(
                f"{district.name} chưa có dự báo. Hãy chạy dự báo trước khi lập kế hoạch.",
                f"{district.name} has no forecast yet. Run the forecast first.",
            )
        )
    return district, run


def _store(
    district_id: int,
    run_id: int,
    request: PlanRequest,
    instance: Instance,
    result: dict[str, Any],
    compared: dict[str, Any],
    notes: tuple[Text, ...],
) -> int:
    told = [{"vi": note.vi, "en": note.en} for note in notes]
    with transaction() as session:
        row = PlanRow(
            district_id=district_id,
            run_id=run_id,
            policy=request.policy,
            params=asdict(request),
            instance=instance_to_json(instance),
            result=result,
            comparison=compared | {"notes": told},
            created_by=acting_user_id(),
        )
        session.add(row)
        session.flush()
        return row.id


# --- the decision --------------------------------------------------------------------------------


def approve(plan_id: int) -> list[int]:
    """Approve a plan, once: transfer drafts are made for each sender, receiver and day, and the plan
    is sealed, together or not at all. Returns the drafts' ids.

    Raises NotFound, NotAllowed (planners of the district only), AlreadyDone, Conflict (the stock is
    no longer there: plan again).
    """
    with transaction() as session:
        plan = _lock(plan_id)
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
    leave must still be there."""
    leaves: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    comes: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for t in plan.result["transfers"]:
        leaves[t["from"], t["item"], t["lot"]] += t["quantity"]
        comes[t["to"], t["item"], t["lot"]] += t["quantity"]
    for a in plan.instance["arrivals"]:
        comes[a["facility"], a["item"], a["lot"]] += a["quantity"]
    held: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for row in inventory.on_hand_lots().to_dict("records"):
        key = (row["facility_code"], row["item_code"], lot_name(row["lot_number"]))
        held[key] += int(row["quantity"])
    start = dt.date.fromisoformat(plan.instance["start"])
    for claim in promised(plan.district_id, start, transport_on(start)):
        held[claim.origin, claim.item, claim.lot] -= claim.quantity
    free = {key: max(0, held[key] + comes[key]) for key in leaves}
    faults = [
        Fault(
            "stock",
            Text(
                f"{key[0]}: {key[1]} lô {key[2]} chỉ còn {group_digits(free[key])} chưa hứa cho ai, "
                f"kế hoạch chuyển {group_digits(units)}.",
                f"{key[0]}: {key[1]} lot {key[2]} has {free[key]:,} free, the plan sends {units:,}.",
            ),
        )
        for key, units in sorted(leaves.items())
        if units > free[key]
    ]
    if faults:
        raise Conflict(
            Text(
                "Tồn kho đã thay đổi từ lúc lập kế hoạch. Hãy lập kế hoạch mới.",
                "Stock has changed since the plan was made. Make a new plan.",
            ),
            faults,
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
