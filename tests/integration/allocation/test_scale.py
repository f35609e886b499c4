"""Every district of a person planned as jobs, each by whichever worker takes it, and told as one."""

from __future__ import annotations

from app import create_app
from supply.allocation.asking.request import PlanRequest
from supply.allocation.scale.services import standing, start_plans, together
from supply.core import jobs
from supply.core.scope import acting_as
from tests.integration.allocation.conftest import DISTRICT, Town


def test_districts_are_planned_as_jobs_and_what_cannot_be_is_named(town: Town) -> None:
    with acting_as(town.people["kehoach"]):
        started = start_plans(PlanRequest("", horizon_days=4), [DISTRICT, "khong-co"])
        assert [one.job_id is None for one in started] == [False, True]
        assert standing(started).waiting == 1
    for one in started:
        if one.job_id is not None:
            jobs.run_now(one.job_id)
    with acting_as(town.people["kehoach"]):
        at = standing(started)
        assert (at.waiting, set(at.plans), set(at.failed)) == (0, {DISTRICT}, {"khong-co"})
        whole, violations = together(list(at.plans.values()))
    assert violations == []
    assert whole.plan.transfers
    assert whole.plan.shortage.plan < whole.plan.shortage.no_transfer


def test_the_command_does_the_jobs_itself_and_sums_up(town: Town) -> None:
    run = create_app().test_cli_runner().invoke
    asked = ["allocation", "plan-districts", "--as", "kehoach", "--days", "4", "--workers", "2"]
    done = run(args=asked)
    assert done.exit_code == 0, done.output
    assert f"{DISTRICT}: /plans/" in done.output
    assert "0 violations" in done.output
    assert run(args=[*asked[:3], "ai-do"]).exit_code == 2
