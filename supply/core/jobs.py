"""Work of over a second: queued in the database, done by a worker, watched by whoever asked.

    @job("forecast.run", Text("Chạy dự báo", "Run the forecast"))
    def run(progress: Progress, *, district: str) -> dict[str, object]: ...

    job_id = enqueue("forecast.run", district="ba-dinh")

The queue is procrastinate's, on the same database. A worker acts as the person who asked, so a job
reaches exactly what that person reaches.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import procrastinate
from sqlalchemy import and_, func, or_, select, text

from supply.core.database import database
from supply.core.errors import NotFound, SupplyError
from supply.core.models import Job
from supply.core.registry import load, modules
from supply.core.scope import acting_as, acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction

log = logging.getLogger(__name__)
JobFunction = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class JobKind:
    """A kind of work: its name for people and what does it."""

    title: Text
    function: JobFunction
    back: Callable[[dict[str, Any]], str] | None = None
    """where it was asked from, by its parameters: where to go when it failed"""


_kinds: dict[str, JobKind] = {}
_nightly: list[Callable[[], object]] = []
NIGHT = "17 18 * * *"  # UTC


# A running job has no result yet: the column keeps since when its present step runs, by the
# database's clock, which is the one that all who watch have in common.
_TELL = text(
    """
    UPDATE job SET done = :done, total = :total, message_vi = :vi, message_en = :en,
           result = CASE WHEN CAST(:within AS float) IS NOT NULL THEN jsonb_build_object(
               'since', extract(epoch FROM clock_timestamp()),
               'within_seconds', CAST(:within AS float)) END
    WHERE id = :id
    """
)


@dataclass(frozen=True)
class Progress:
    """Where a running job tells how far it is; each telling is seen at once."""

    job_id: int

    def at(self, done: int, total: int, what: Text, within_seconds: float | None = None) -> None:
        """`done` of `total` steps; `what` is being done now, and takes about `within_seconds` at most
        where that is known: whoever watches then sees the time pass."""
        told = {"done": done, "total": total, "vi": what.vi, "en": what.en, "id": self.job_id}
        with transaction() as session:
            session.execute(_TELL, told | {"within": within_seconds})


@dataclass(frozen=True)
class JobState:
    """What a person sees of a job."""

    id: int
    kind: str
    title: Text
    status: str
    done: int
    total: int
    message: Text
    result: dict[str, Any] | None
    finished_at: dt.datetime | None = None
    elapsed_seconds: float = 0.0
    """how long the present step runs, where its time is known"""
    within_seconds: float | None = None
    """what the present step takes at most, about; None: not known"""
    params: Mapping[str, Any] = field(default_factory=dict)
    back: str = "/"
    """where it was asked from"""

    @property
    def is_over(self) -> bool:
        """Nothing more will happen."""
        return self.status in {"succeeded", "failed"}

    @property
    def is_late(self) -> bool:
        """The present step takes longer than it said."""
        return self.within_seconds is not None and self.elapsed_seconds > self.within_seconds

    @property
    def bar(self) -> float | None:
        """How far it is, in steps of `total`, with the time of the present step; None: not known."""
        if not self.total or self.is_late:
            return None
        part = self.elapsed_seconds / self.within_seconds if self.within_seconds else 0.0
        return round(self.done + part, 2)


def job(
    kind: str, title: Text, back: Callable[[dict[str, Any]], str] | None = None
) -> Callable[[JobFunction], JobFunction]:
    """Declare a kind of job; the function gets a Progress and the parameters, returns a result.
    ``back``: the page it is asked from, by its parameters."""

    def declare(function: JobFunction) -> JobFunction:
        _kinds[kind] = JobKind(title, function, back)
        return function

    return declare


def nightly(function: Callable[[], object]) -> Callable[[], object]:
    """Declare work for every night (a little past one, Vietnam time), done by one of the workers with
    nobody acting: it sees and changes only what SQL functions do for anybody."""
    _nightly.append(function)
    return function


def enqueue(kind: str, **params: Any) -> int:
    """Ask for a job as the acting person; job and queue entry are written together or not at all."""
    user_id = acting_user_id()
    if user_id is None or kind not in _kinds:
        raise NotFound(Text(f"Không có công việc {kind}.", f"No such job {kind}."))
    with transaction() as session:
        row = Job(kind=kind, user_id=user_id, params=params, status="waiting")
        session.add(row)
        session.flush()
        driver = session.connection().connection.driver_connection
        _task().configure(connection=driver).defer(job_id=row.id)
        return row.id


# A worker says every ten seconds that it lives; one that was killed says nothing more, and its entry
# of the queue stays in the doing. What runs outside a worker was never taken from the queue.
LOST = Text(
    "Máy chủ đã dừng giữa chừng nên việc này chưa xong. Hãy làm lại; phần đã ghi không bị ghi hai lần.",
    "The server stopped in the middle, so this was not finished. Do it again; what was written is not"
    " written twice.",
)
SILENT_SECONDS = 60
_IS_LOST = text(
    """
    SELECT q.id FROM procrastinate_jobs q
    LEFT JOIN procrastinate_workers w ON w.id = q.worker_id
    WHERE q.task_name = 'run_job' AND CAST(q.args ->> 'job_id' AS int) = :id AND q.status = 'doing'
      AND coalesce(w.last_heartbeat, '-infinity') < now() - make_interval(secs => :silent)
    """
)


def settle_if_lost(job_id: int) -> bool:
    """Whether the worker of the acting person's running job was killed; the job then counts as failed."""
    with reading() as session:
        row = session.get(Job, job_id)
        if row is None or row.status != "running":
            return False
        asked = {"id": job_id, "silent": SILENT_SECONDS}
        entry = session.execute(_IS_LOST, asked).scalar()
    if entry is None:
        return False
    with transaction() as session:
        session.execute(
            text("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = :id"), {"id": entry}
        )
        _finish(job_id, "failed", LOST, {})
    log.warning("job %s was lost with its worker", job_id)
    return True


def state(job_id: int) -> JobState:
    """How a job stands. Raises NotFound for another person's."""
    settle_if_lost(job_id)
    with reading() as session:
        row = session.get(Job, job_id)
        if row is None:
            raise NotFound()
        found = _state(row)
        if row.status != "running" or not row.result:
            return found
        now = session.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one()
        return replace(
            found,
            result=None,
            elapsed_seconds=max(0.0, float(now) - row.result["since"]),
            within_seconds=row.result["within_seconds"],
        )


def succeeded(kind: str, limit: int) -> list[JobState]:
    """The acting person's jobs of a kind that came to a result, the newest first."""
    asked = select(Job).where(Job.kind == kind, Job.status == "succeeded")
    with reading() as session:
        return [_state(row) for row in session.scalars(asked.order_by(Job.id.desc()).limit(limit))]


def under_way(kind: str) -> list[JobState]:
    """The acting person's jobs of a kind that wait or run, and those of the last day that failed
    after the last that came to a result: what they look for when they come back. The newest first,
    ten at most."""
    since = select(func.coalesce(func.max(Job.id), 0)).where(
        Job.kind == kind, Job.status == "succeeded"
    )
    open_ = Job.status.in_(("waiting", "running"))
    failed = and_(
        Job.status == "failed",
        Job.id > since.scalar_subquery(),
        Job.finished_at > func.now() - dt.timedelta(days=1),
    )
    asked = select(Job.id).where(Job.kind == kind, or_(open_, failed))
    with reading() as session:
        ids = session.scalars(asked.order_by(Job.id.desc()).limit(10)).all()
    return [state(job_id) for job_id in ids]


def _state(row: Job) -> JobState:
    kind = _kinds.get(row.kind)
    return JobState(
        row.id,
        row.kind,
        kind.title if kind else Text(row.kind, row.kind),
        row.status,
        row.done,
        row.total,
        Text(row.message_vi, row.message_en),
        row.result,
        row.finished_at,
        params=row.params,
        back=kind.back(row.params) if kind and kind.back else "/",
    )


def run_now(job_id: int) -> None:
    """Do a waiting job in this thread, as its owner; a second call finds nothing to do."""
    with database().web_engine.begin() as connection:
        user_id = connection.execute(text("SELECT supply_job_owner(:id)"), {"id": job_id}).scalar()
    if user_id is None:
        return
    with acting_as(user_id):
        with transaction() as session:
            row = session.get(Job, job_id, with_for_update=True)
            if row is None or row.status != "waiting":
                return
            row.status = "running"
            kind, params = row.kind, dict(row.params)
        _finish(job_id, *_outcome(kind, job_id, params))


def _outcome(kind: str, job_id: int, params: dict[str, Any]) -> tuple[str, Text, dict[str, Any]]:
    try:
        result = _kinds[kind].function(Progress(job_id), **params)
    except SupplyError as error:
        return "failed", Text("; ".join(error.lines("vi")), "; ".join(error.lines("en"))), {}
    except Exception:
        log.exception("job %s (%s) failed", job_id, kind)
        return "failed", SupplyError.default, {}
    return "succeeded", Text("Đã xong.", "Done."), result


def _finish(job_id: int, status: str, message: Text, result: dict[str, Any]) -> None:
    with transaction() as session:
        row = session.get(Job, job_id)
        assert row is not None
        row.status, row.result = status, result
        row.message_vi, row.message_en = message.vi[:400], message.en[:400]
        row.finished_at = dt.datetime.now(dt.UTC)


@cache
def queue() -> procrastinate.App:
    """The queue of this process's database."""
    return _app_on(procrastinate.SyncPsycopgConnector(conninfo=_address()))


def _app_on(connector: procrastinate.BaseConnector) -> procrastinate.App:
    """The tasks of this program on a connector. Tasks keep the app they were made with, so an app with
    another connector needs tasks of its own."""
    for module in modules():
        for reference in module.jobs:
            load(module, reference)
    app = procrastinate.App(connector=connector)
    app.task(name="run_job")(_run_job)
    app.periodic(cron=NIGHT)(app.task(name="run_nightly")(_run_nightly))
    return app


def _address() -> str:
    return database().web_url.set(drivername="postgresql").render_as_string(False)


def worker_app() -> procrastinate.App:
    """The same queue for a worker. A connector of its own: once a worker has opened one for asyncio,
    pages of the same process could no longer ask for jobs through it."""
    return _app_on(procrastinate.PsycopgConnector(conninfo=_address(), min_size=1, max_size=3))


def _run_job(job_id: int) -> None:
    run_now(job_id)


def _run_nightly(timestamp: int) -> None:
    """Each piece of work for itself: one that fails does not keep the others from being done."""
    for function in _nightly:
        try:
            function()
        except Exception:
            log.exception("nightly %s failed (asked for at %s)", function.__name__, timestamp)


def _task() -> procrastinate.tasks.Task[..., Any, Any]:
    return queue().tasks["run_job"]


def start_worker() -> threading.Thread:
    """A worker in this process; `flask worker` runs more of them on as many machines as wanted."""
    thread = threading.Thread(target=work, name="worker", daemon=True, kwargs={"signals": False})
    thread.start()
    return thread


def work(*, signals: bool = True) -> None:
    """Take jobs until stopped."""

    async def forever() -> None:
        async with worker_app().open_async() as app:
            await app.run_worker_async(concurrency=1, install_signal_handlers=signals)

    asyncio.run(forever())
