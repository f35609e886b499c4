"""Replay as a job: a past period solved again under another policy, told beside what happened.

Nothing is stored but the job's result, which the page shows to whoever asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from supply.allocation import core
from supply.allocation.comparison import idle_quotas
from supply.allocation.gather import gather
from supply.allocation.problem import Question, build_problem
from supply.allocation.seeing.past import first_day, read_past
from supply.allocation.seeing.replay import (
    Outcome,
    Past,
    Replay,
    ReplayRequest,
    as_it_was,
    missed,
    outcome,
    real_quotas,
    real_trips,
)
from supply.allocation.transport import transport_on
from supply.allocation.words import POLICIES, RESERVE_DAYS_MAX
from supply.catalog import queries as catalog
from supply.core import jobs
from supply.core.clock import today
from supply.core.errors import Conflict, Fault, InvalidInput, NotFound
from supply.core.jobs import JobState, Progress, job
from supply.core.text import Text
from supply.core.transaction import reading
from supply.forecast import needs
from supply.planning.runs import chosen_run

KIND = "allocation.replay"
DAYS = (7, 14, 21, 28)
SOLVE_SECONDS, SOLVE_SECONDS_A_DAY = 60.0, 6.0
"""The solver's time: the larger of a minute and six seconds for each day of the period."""
KEPT_READ, KEPT_SHOWN = 100, 12
WITHOUT = ("own-weights",)
"""Policies that need more than a name."""


def policies() -> list[str]:
    """The policies a replay can be made with."""
    return [name for name in POLICIES if name not in WITHOUT]


def faults_of(asked: ReplayRequest) -> list[Fault]:
    """Everything that is wrong with the request by itself."""
    wrong: list[tuple[str, Text]] = []
    if asked.policy not in policies():
        wrong.append(("policy", Text("Hãy chọn một cách phân bổ.", "Choose a way to allocate.")))
    if asked.days not in DAYS:
        words = ", ".join(map(str, DAYS))
        wrong.append(("days", Text(f"Số ngày phải là {words}.", f"Days must be one of {words}.")))
    if not 0 <= asked.reserve_days <= RESERVE_DAYS_MAX:
        words = f"0 – {RESERVE_DAYS_MAX}"
        text = Text(f"Dự trữ tại chỗ: {words} ngày.", f"The on-site reserve: {words} days.")
        wrong.append(("reserve_days", text))
    try:
        end = dt.date.fromisoformat(asked.start) + dt.timedelta(days=asked.days)
    except (ValueError, OverflowError):
        words_of = Text("Hãy chọn ngày bắt đầu.", "Choose the first day.")
        return [Fault(*one) for one in (*wrong, ("start", words_of))]
    if end > today():
        text = Text(
            f"Kỳ phải kết thúc trước hôm nay ({today():%d/%m/%Y}); hãy chọn ngày sớm hơn.",
            f"The period must end before today ({today():%d/%m/%Y}); choose an earlier day.",
        )
        wrong.append(("start", text))
    return [Fault(*one) for one in wrong]


def start_replay(asked: ReplayRequest) -> int:
    """Ask for a replay as a job; returns the job's id. Raises InvalidInput (fields named), NotFound,
    Conflict (no forecast to tell the classes)."""
    _check(asked)
    return jobs.enqueue(KIND, **asdict(asked))


def _check(asked: ReplayRequest) -> tuple[catalog.DistrictRow, int]:
    district = catalog.district(asked.district_slug)
    faults = faults_of(asked)
    if not faults:
        first = first_day(district)
        if first is None or dt.date.fromisoformat(asked.start) < first:
            since = "" if first is None else f" ({first:%d/%m/%Y})"
            text = Text(
                f"Sổ kho chưa có số liệu cấp phát ngày đó; hãy chọn từ ngày đầu tiên có{since}.",
                f"The books tell of no use on that day; choose from the first day they do{since}.",
            )
            faults = [Fault("start", text)]
    if faults:
        raise InvalidInput(faults=faults)
    return district, chosen_run(district, None).id


def page_of(plan_id: int) -> str:
    """Where a replay is asked for and shown: of a plan, or by itself (0)."""
    return f"/plans/{plan_id}/replay" if plan_id else "/plans/replay"


@job(
    KIND,
    Text("Thử lại một kỳ đã qua", "Replay a past period"),
    lambda params: page_of(params["plan_id"]),
)
def replay_job(progress: Progress, **params: Any) -> dict[str, Any]:
    """The same as a job: its result leads to the page that shows it."""
    asked = ReplayRequest(**params)
    found = replay(asked, progress)
    told = {name: getattr(found, name).to_json() for name in ("real", "idle", "plan")}
    figures = {
        name: getattr(found, name)
        for name in ("bound", "status", "asked_units", "guessed_units", "unknown_classes", "run_id")
    }
    url = f"{page_of(asked.plan_id)}?job={progress.job_id}"
    return {"request": params, **told, **figures, "url": url}


def result_of(job_id: int) -> Replay:
    """What a replay found. Raises NotFound, also for another person's."""
    state = jobs.state(job_id)
    told = state.result or {}
    if state.kind != KIND or state.status != "succeeded":
        raise NotFound(Text("Không có kết quả thử lại này.", "There is no such replay."))
    plain = {k: v for k, v in told.items() if k not in ("request", "real", "idle", "plan", "url")}
    return Replay(
        request=ReplayRequest(**told["request"]),
        real=Outcome.from_json(told["real"]),
        idle=Outcome.from_json(told["idle"]),
        plan=Outcome.from_json(told["plan"]),
        **plain,
    )


@dataclass(frozen=True)
class Kept:
    """A replay that was made: what was asked, the points short in truth and with the policy tried."""

    job_id: int
    request: ReplayRequest
    real: int
    plan: int
    finished_at: dt.datetime | None


def kept(district_slugs: Collection[str], plan_id: int = 0) -> list[Kept]:
    """The reader's own replays of these districts, asked from this plan's page (0: from none), the
    newest first."""
    found = []
    for state in jobs.succeeded(KIND, KEPT_READ):
        told = state.result or {}
        asked = ReplayRequest(**told["request"])
        if asked.plan_id == plan_id and asked.district_slug in district_slugs:
            points = (told["real"]["points"], told["plan"]["points"])
            found.append(Kept(state.id, asked, *points, state.finished_at))
    return found[:KEPT_SHOWN]


@dataclass(frozen=True)
class UnderWay:
    """A replay that is not there yet, or failed: what was asked and how it stands."""

    request: ReplayRequest
    job: JobState


def under_way(district_slugs: Collection[str], plan_id: int = 0) -> list[UnderWay]:
    """The reader's own replays that wait, run or failed since the last that was made, asked from this
    plan's page (0: from none), the newest first."""
    found = [UnderWay(ReplayRequest(**dict(job.params)), job) for job in jobs.under_way(KIND)]
    return [
        one
        for one in found
        if one.request.plan_id == plan_id and one.request.district_slug in district_slugs
    ]


def replay(asked: ReplayRequest, progress: Progress | None = None) -> Replay:
    """Solve a past period again. Raises as `start_replay`, Conflict where nothing was needed."""
    _tell(progress, 0, Text("Đọc sổ kho của kỳ đó", "Reading the books of that time"))
    district, run_id = _check(asked)
    start = dt.date.fromisoformat(asked.start)
    past = read_past(district, run_id, start, asked.days)
    transport = transport_on(start)
    with reading():
        now = gather(district, needs.burn_for_allocation(run_id, None, 1), transport, start)
    then = as_it_was(past, now, asked.estimate)
    question = Question(start, asked.days, asked.reserve_days, transport)
    instance = build_problem(then, question).instance
    if not instance.demand:
        raise Conflict(
            Text(
                "Trong kỳ đó không có mặt hàng nào được dùng, chưa có gì để thử lại.",
                "Nothing was used in that period, so there is nothing to replay.",
            )
        )
    seconds = max(SOLVE_SECONDS, SOLVE_SECONDS_A_DAY * asked.days)
    solving = Text("Tính phương án và kiểm tra lại", "Solving and proving the plan")
    _tell(progress, 1, solving, seconds)
    plan = core.solve(instance, asked.policy, seconds)
    _tell(progress, 2, Text("So với thực tế", "Comparing with what happened"))
    trips = len({(t.origin, t.destination, t.day) for t in plan.transfers})
    ours = outcome(instance, plan.quotas, plan.weights, trips, len(plan.transfers))
    real = outcome(
        instance, real_quotas(instance, past.used), plan.weights, *real_trips(past, instance)
    )
    idle = outcome(instance, idle_quotas(instance), plan.weights)
    return Replay(
        asked,
        real,
        idle,
        ours,
        bound=plan.shortage.bound,
        status=plan.status,
        run_id=run_id,
        unknown_classes=len({p for p in past.used if p not in past.shares}),
        **_missed_units(past, asked.estimate),
    )


def _missed_units(past: Past, estimate: bool) -> dict[str, int]:
    """Units asked for and not given, and units guessed for empty stores."""
    known = sum(map(sum, past.asked.values()))
    with_guess = sum(map(sum, missed(past, estimate).values()))
    return {"asked_units": known, "guessed_units": with_guess - known}


def _tell(
    progress: Progress | None, done: int, what: Text, within_seconds: float | None = None
) -> None:
    if progress is not None:
        progress.at(done, 3, what, within_seconds)
