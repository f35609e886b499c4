"""A job reaches what its owner reaches, is done once, and tells how far it is."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from supply.core import jobs
from supply.core.database import Database
from supply.core.errors import InvalidInput, NotFound
from supply.core.scope import acting_as
from supply.core.text import Text
from supply.core.transaction import reading

ran: list[int] = []


@jobs.job("test.count", Text("Đếm", "Count"))
def count(progress: jobs.Progress, *, to: int) -> dict[str, object]:
    progress.at(1, to, Text("Đang đếm", "Counting"))
    with reading() as session:
        ran.append(session.execute(text("SELECT supply_user_id()")).scalar_one())
    return {"url": "/"}


@jobs.job("test.refuse", Text("Từ chối", "Refuse"))
def refuse(progress: jobs.Progress) -> dict[str, object]:
    raise InvalidInput(Text("Thiếu số liệu.", "Figures are missing."))


seen: list[jobs.JobState] = []


@jobs.job("test.watched", Text("Được xem", "Watched"), lambda params: f"/asked/{params['n']}")
def watched(progress: jobs.Progress, *, n: int) -> dict[str, object]:
    def look() -> None:
        seen.append(jobs.state(progress.job_id))

    progress.at(1, 4, Text("Đang tính", "Solving"), 3600.0)
    look()
    progress.at(1, 4, Text("Đang tính", "Solving"), 1e-9)
    look()
    progress.at(2, 4, Text("Đang lưu", "Storing"))
    look()
    return {"url": "/found"}


@pytest.fixture(autouse=True)
def _fresh_queue(db: Database) -> None:
    jobs.queue.cache_clear()
    ran.clear()
    seen.clear()


def test_a_job_acts_as_who_asked_and_is_done_once(db: Database, people: dict[str, int]) -> None:
    with acting_as(people["kehoach"]):
        job_id = jobs.enqueue("test.count", to=4)
        assert jobs.state(job_id).status == "waiting"
    jobs.run_now(job_id)
    jobs.run_now(job_id)
    assert ran == [people["kehoach"]]
    with acting_as(people["kehoach"]):
        state = jobs.state(job_id)
    assert (state.status, state.done, state.total) == ("succeeded", 1, 4)


def test_a_page_asks_for_a_job_while_a_worker_runs_in_the_same_process(
    db: Database, people: dict[str, int]
) -> None:
    def ask() -> int:
        with acting_as(people["kehoach"]):
            return jobs.enqueue("test.count", to=2)

    async def beside_a_worker() -> int:
        async with jobs.worker_app().open_async() as app:
            job_id = await asyncio.to_thread(ask)
            await app.run_worker_async(wait=False, install_signal_handlers=False)
        return job_id

    # A thread of its own: a browser test of the same run may hold this one's event loop.
    with ThreadPoolExecutor(1) as pool:
        job_id = pool.submit(asyncio.run, beside_a_worker()).result()
    with acting_as(people["kehoach"]):
        assert jobs.state(job_id).status == "succeeded"


def test_a_worker_that_begins_at_the_hour_of_the_nightly_work_does_both(
    db: Database, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hour of the night once stopped every worker that was awake then."""
    nights: list[str] = []
    monkeypatch.setattr(jobs, "NIGHT", "* * * * *")
    monkeypatch.setattr(jobs, "_nightly", [lambda: nights.append("done")])
    with acting_as(people["kehoach"]):
        job_id = jobs.enqueue("test.count", to=2)

    async def awake() -> None:
        async with jobs.worker_app().open_async() as app:
            await app.run_worker_async(wait=False, install_signal_handlers=False)
            await app.run_worker_async(wait=False, install_signal_handlers=False)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, awake()).result()
    with acting_as(people["kehoach"]):
        assert jobs.state(job_id).status == "succeeded"
    assert nights


def test_another_person_does_not_see_it(db: Database, people: dict[str, int]) -> None:
    with acting_as(people["kehoach"]):
        job_id = jobs.enqueue("test.count", to=1)
    with acting_as(people["kho_px"]), pytest.raises(NotFound):
        jobs.state(job_id)


def test_a_refusal_is_told_in_both_languages(db: Database, people: dict[str, int]) -> None:
    with acting_as(people["kehoach"]):
        job_id = jobs.enqueue("test.refuse")
        jobs.run_now(job_id)
        state = jobs.state(job_id)
    assert state.status == "failed"
    assert state.message == Text("Thiếu số liệu.", "Figures are missing.")


def test_job_and_queue_entry_are_written_together_or_not_at_all(
    db: Database, people: dict[str, int]
) -> None:
    with acting_as(people["kehoach"]), pytest.raises(NotFound):
        jobs.enqueue("test.unknown")
    with db.owner_engine.connect() as connection:
        both = "SELECT (SELECT count(*) FROM job), (SELECT count(*) FROM procrastinate_jobs)"
        assert tuple(connection.exec_driver_sql(both).one()) == (0, 0)


def test_a_job_whose_worker_was_killed_counts_as_failed_and_says_so(
    db: Database, people: dict[str, int]
) -> None:
    with acting_as(people["kehoach"]):
        job_id = jobs.enqueue("test.count", to=1)
    with db.owner_engine.begin() as owner:
        worker = owner.execute(
            text("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        ).scalar_one()
        owner.execute(
            text(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = :worker"
                " WHERE CAST(args ->> 'job_id' AS int) = :id"
            ),
            {"worker": worker, "id": job_id},
        )
        owner.execute(text("UPDATE job SET status = 'running' WHERE id = :id"), {"id": job_id})
    with acting_as(people["kehoach"]):
        assert jobs.state(job_id).status == "running"  # it said so just now
    with db.owner_engine.begin() as owner:
        owner.execute(
            text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
        )
    with acting_as(people["kho_px"]):
        assert not jobs.settle_if_lost(job_id)  # another person's
    with acting_as(people["kehoach"]):
        assert jobs.settle_if_lost(job_id)
        state = jobs.state(job_id)
    assert (state.status, state.message) == ("failed", jobs.LOST)
    jobs.run_now(job_id)
    assert ran == []


def test_a_step_with_a_known_time_is_seen_to_pass_and_nothing_is_claimed_beyond_it(
    people: dict[str, int],
) -> None:
    with acting_as(people["kehoach"]):
        job_id = jobs.enqueue("test.watched", n=7)
        (waiting,) = jobs.under_way("test.watched")
        assert (waiting.id, waiting.status, waiting.bar) == (job_id, "waiting", None)
    jobs.run_now(job_id)
    running, late, unknown = seen
    assert running.within_seconds == 3600
    assert 0 < running.elapsed_seconds < 3600
    assert running.bar is not None
    assert 1 <= running.bar < 2
    assert (running.result, late.result) == (None, None)
    assert (late.is_late, late.bar) == (True, None)
    assert (unknown.within_seconds, unknown.is_late, unknown.bar) == (None, False, 2)
    with acting_as(people["kehoach"]):
        done = jobs.state(job_id)
        assert jobs.under_way("test.watched") == []
    assert (done.result, done.within_seconds, done.back) == ({"url": "/found"}, None, "/asked/7")


def test_a_job_that_failed_is_told_until_one_comes_to_a_result(people: dict[str, int]) -> None:
    with acting_as(people["kehoach"]):
        failed = jobs.enqueue("test.refuse")
    jobs.run_now(failed)
    with acting_as(people["kehoach"]):
        assert [(job.id, job.status) for job in jobs.under_way("test.refuse")] == [
            (failed, "failed")
        ]
        assert jobs.under_way("test.count") == []
    with acting_as(people["duyet"]):
        assert jobs.under_way("test.refuse") == []
