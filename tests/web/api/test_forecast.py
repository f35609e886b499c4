"""Forecasts handed out to other programs: what they say, in pages, to whom."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from supply.core.openapi import document_of
from supply.core.scope import acting_as
from supply.forecast import queries
from supply.forecast.services import record_cases, run_forecast
from tests.integration.forecast.conftest import SOURCE, ward_codes_of, weekly_rows
from tests.web.api.conftest import Depot
from tests.web.forecast.test_pages import last_saturday


@pytest.fixture(scope="module")
def run_id(depot: Depot) -> int:
    with acting_as(depot.people["kehoach"]):
        record_cases("ba-dinh", weekly_rows(ward_codes_of(depot.db), last_saturday()), SOURCE)
        return run_forecast("ba-dinh", draws=50)


def held_to_the_description(depot: Depot, path: str, answer: Any) -> None:
    """The answer has the shape that the document promises."""
    with depot.app.app_context():
        document = document_of(depot.app)
    operation = document["paths"][f"/api/v1{path}"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer, schema | {"components": document["components"]})


def test_a_run_its_projection_use_and_shortage(depot: Depot, run_id: int) -> None:
    planner = depot.program("kehoach", may_write=False)
    with acting_as(depot.people["kehoach"]):
        stored = queries.run(run_id)
        burn = queries.stored_burn(run_id)
        wards, district = queries.stored_quantiles(run_id)
    for path in ("", "/projection", "/burn?limit=5", "/shortage?limit=5"):
        answer = planner.get(f"/forecast/runs/{run_id}{path}")
        assert answer.status_code == 200, answer.text
        described = "/forecast/runs/{run_id}" + path.partition("?")[0]
        held_to_the_description(depot, described, answer.json)
    run = planner.found(f"/forecast/runs/{run_id}")
    assert run["inputs_digest"] == stored.inputs_digest
    assert run["kind"] == "forecast"
    projection = planner.found(f"/forecast/runs/{run_id}/projection")
    assert [place["ward"] for place in projection["places"]][:2] == [None, "00001"]
    assert projection["places"][0]["quantiles"] == district.tolist()
    assert projection["places"][1]["quantiles"] == wards[0].tolist()
    used = planner.found(
        f"/forecast/runs/{run_id}/burn?facility={depot.places['BD-TTYT']}&limit=500"
    )
    f = burn.facility_ids.index("BD-TTYT")
    by_item = {row["item"]: row["spans"][1]["mean"] for row in used}
    assert by_item
    for item, mean in by_item.items():
        i = burn.item_codes.index(item)
        assert mean == pytest.approx(burn.total_mean[f, i, :14].sum())
    short = planner.found(f"/forecast/runs/{run_id}/shortage?item=PH001&limit=500")
    assert {row["item"] for row in short} == {"PH001"}
    assert all(row["on_hand"] == 0 and row["days"] < 1 for row in short)


def test_every_row_comes_once_in_pages(depot: Depot, run_id: int) -> None:
    planner = depot.program("kehoach")
    whole = planner.found(f"/forecast/runs/{run_id}/burn?limit=500&item=PH001")
    seen, after = [], ""
    while True:
        page = planner.get(f"/forecast/runs/{run_id}/burn?limit=4&item=PH001{after}").json
        seen += page["result"]
        if page["next_after"] is None:
            break
        after = f"&after={page['next_after']}"
    assert seen == whole
    assert len(seen) > 4
    other = planner.get(f"/forecast/runs/{run_id}/shortage?limit=4{after}")
    assert other.status_code == 422  # a page of another list


def test_runs_are_listed_newest_first(depot: Depot, run_id: int) -> None:
    planner = depot.program("kehoach")
    answer = planner.get("/forecast/runs?district=ba-dinh")
    held_to_the_description(depot, "/forecast/runs", answer.json)
    numbers = [run["id"] for run in answer.json["result"]]
    assert numbers == sorted(numbers, reverse=True)
    assert run_id in numbers
    assert planner.found("/forecast/runs?kind=scenario") == []
    assert planner.get("/forecast/runs?district=rach-gia").status_code == 404


def test_everybody_sees_what_is_theirs(depot: Depot, run_id: int) -> None:
    keeper = depot.program("kho_px")
    assert keeper.get("/forecast/runs").status_code == 403
    used = keeper.found(f"/forecast/runs/{run_id}/burn?limit=500")
    assert {row["facility_id"] for row in used} == {depot.places["BD-TYT-01"]}
    other = depot.program("kho_rg")
    for path in ("burn", "shortage"):
        assert other.get(f"/forecast/runs/{run_id}/{path}").status_code == 404
    assert depot.program("kehoach").get("/forecast/runs/999999").status_code == 404
