"""Making a plan: ask, solve, prove, compare, keep. What is decided on it: `carrying.services`."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from supply.allocation import core
from supply.allocation.comparison import compare
from supply.allocation.gather import gather
from supply.allocation.instance import Instance
from supply.allocation.instance_json import instance_to_json
from supply.allocation.models import PlanRow
from supply.allocation.plan import plan_to_json
from supply.allocation.problem import Question, build_problem
from supply.allocation.transport import transport_on
from supply.allocation.words import POLICIES, QUANTILES, RESERVE_DAYS_MAX
from supply.catalog import queries as catalog
from supply.core import jobs
from supply.core.clock import today
from supply.core.errors import (
    Conflict,
    Fault,
    InvalidInput,
)
from supply.core.jobs import Progress, job
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction
from supply.forecast import needs
from supply.forecast import queries as forecast

SOLVE_SECONDS = 60.0
HORIZON_DAYS_MAX = 28
_DRAFTS_MAX = 10_000


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
