"""The list of runs: each opened again with its own figures, and the switch for every night."""

from __future__ import annotations

from collections.abc import Callable

from supply.core import jobs
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.forecast.services import run_forecast
from tests.web.conftest import Browser
from tests.web.forecast.test_pages import forecast

__all__ = ["forecast"]


def test_every_run_can_be_opened_again(
    db: Database, forecast: int, people: dict[str, int], client_for: Callable[[str], Browser]
) -> None:
    with acting_as(people["kehoach"]):
        second = run_forecast("ba-dinh", severity_set="esft", draws=50)
    planner = client_for("kehoach")
    listed = planner.text("/forecast/runs/")
    assert f"run={forecast}" in listed
    assert f"run={second}" in listed
    assert "WHO ESFT" in planner.text(f"/forecast/burn/?district=ba-dinh&run={second}")
    older = planner.text(f"/forecast/projection/?district=ba-dinh&run={forecast}")
    assert "Hà Nội 2021" in older


def test_a_planner_switches_the_nightly_forecast_on_and_off(
    forecast: int, client_for: Callable[[str], Browser]
) -> None:
    planner = client_for("kehoach")
    assert "Đang tắt" in planner.text("/forecast/runs/")
    planner.submit("/forecast/runs/nightly", district="ba-dinh", active="1")
    assert "Đang bật" in planner.text("/forecast/runs/")
    planner.get("/lang/en")
    assert "Switch off" in planner.text("/forecast/runs/")


def test_a_head_reads_the_runs_but_switches_nothing(
    forecast: int, client_for: Callable[[str], Browser]
) -> None:
    head = client_for("truong")
    assert "Bật chạy mỗi đêm" not in head.text("/forecast/runs/")


def test_a_planner_has_a_forecast_made_within_capacity(
    db: Database, forecast: int, people: dict[str, int], client_for: Callable[[str], Browser]
) -> None:
    planner = client_for("kehoach")
    answer = planner.submit(
        "/forecast/run", district="ba-dinh", severity_set="hanoi_2021", capped="1"
    )
    job_id = int(answer.headers["Location"].rsplit("/", 1)[1])
    jobs.run_now(job_id)
    assert "trong năng lực" in planner.text("/forecast/projection/")
    assert planner.text("/forecast/runs/").count("run=") >= 2
