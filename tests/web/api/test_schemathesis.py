"""Whatever another program sends, the interface does what its own document says: no 5xx, no answer
of another shape, nothing taken that the document refuses, nobody in without a key."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import Phase as Stage
from PIL import Image
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.hypothesis.builder import (
    HypothesisTestConfig,
    HypothesisTestMode,
    create_test,
)

from supply.core.api import Api
from supply.core.openapi import operations_of
from supply.core.registry import load, modules
from supply.core.scope import acting_as
from supply.planning import services as planning
from tests.integration.allocation.conftest import DISTRICT, build_town
from tests.web.api.conftest import Depot, Program

EXAMPLES = 15
# What is well formed may still be refused: an item nobody has (422), bytes that are no picture (415).
TAKEN_OR_REFUSED = ["2xx", "401", "403", "404", "409", "415", "422"]
CONFIG = {
    "generation": {"deterministic": True, "database": "none"},
    "checks": {
        "positive_data_acceptance": {"expected-statuses": TAKEN_OR_REFUSED},
        "negative_data_rejection": {"expected-statuses": ["4xx"]},
    },
}
# Every boundary of every field of every endpoint besides takes minutes: SCHEMATHESIS=full.
DRAWN_ONLY = {"POST /documents", "POST /drafts", "PUT /drafts/{draft_id}"}  # 15 kinds each
PLANNED = {"cases", "forecast", "plans", "purchase-plans", "recalls", "reserve-lists"}
# One name in the address, another thing by path.
REAL_BY_PATH: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "loans": lambda known: {"document_id": known["loan"]},
    "purchase-plans": lambda known: {"plan_id": known["purchase_plan"]},
}
_DISTRICT = f"SELECT id FROM district WHERE slug = '{DISTRICT}'"
FULL = os.environ.get("SCHEMATHESIS") == "full"


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture(scope="module")
def known(depot: Depot) -> dict[str, Any]:
    """Things that exist, so that not everything ends in "not found"."""
    keeper = depot.program("kho_px")
    place = depot.places["BD-TYT-01"]
    document = keeper.send("/documents", depot.receipt()).json["result"]["document_id"]
    draft = keeper.send("/drafts", depot.issue()).json["result"]["id"]
    paper = keeper.upload(f"/documents/{document}/attachments", picture()).json["result"]["id"]
    borrowed = depot.receipt("BD-TYT-01", purpose="borrowed")
    loan = keeper.send("/documents", borrowed).json["result"]["document_id"]
    asked = {"facility_id": place, "asked_id": depot.places["BD-TTYT"]}
    asked["lines"] = [{"item": "TH001", "quantity": 100}]
    return {
        "document_id": document,
        "draft_id": draft,
        "attachment_id": paper,
        "loan": loan,
        "requisition_id": keeper.send("/requisitions", asked).json["result"]["head"]["id"],
        "facility_id": place,
        "item": "TH001",
    } | planned(depot)


def planned(depot: Depot) -> dict[str, Any]:
    """A run, a plan, a purchase plan, a reserve list and a recall of the district."""
    town = build_town(depot.db, depot.people)
    with acting_as(depot.people["kehoach"]):
        bought = planning.save_purchase(DISTRICT, planning.Asked())
        kept = planning.make_reserve(DISTRICT, town.run_id, 0.95)
    recalled = {"lot_id": depot.one("SELECT max(id) FROM lot"), "recall_class": "2"}
    recalled |= {"reason": "Không đạt", "district_id": depot.one(_DISTRICT)}
    recall = depot.program("kehoach").send("/recalls", recalled).json["result"]["head"]["id"]
    return {
        "run_id": town.run_id,
        "plan_id": town.plan(policy="proportional"),
        "purchase_plan": bought,
        "list_id": kept,
        "recall_id": recall,
    }


@pytest.fixture(scope="module")
def api_schema(depot: Depot, known: dict[str, Any]) -> Any:
    return schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", depot.app, config=SchemathesisConfig.from_dict(CONFIG)
    )


@pytest.fixture(scope="module")
def programs(depot: Depot) -> dict[str, Program]:
    return {name: depot.program(name) for name in ("kho_px", "duyet")}


def who(path: str) -> str:
    """Whose key opens most of it: a planner's for what is planned, a storekeeper's for the rest."""
    return "duyet" if PLANNED & set(path.split("/")) else "kho_px"


def endpoints() -> list[str]:
    """Every marked endpoint of the installed modules, without an application."""
    groups = [load(module, reference) for module in modules() for reference in module.apis]
    return [
        f"{one.method} {one.path}"
        for group in groups
        if isinstance(group, type) and issubclass(group, Api)
        for one in operations_of(group)
    ]


@pytest.mark.parametrize("endpoint", endpoints())
def test_the_interface_keeps_to_its_document(endpoint, api_schema, programs, known):
    method, path = endpoint.split()
    real = known | REAL_BY_PATH.get(path.split("/")[1], lambda _: {})(known)
    modes = [HypothesisTestMode.EXAMPLES, HypothesisTestMode.FUZZING]
    if FULL and endpoint not in DRAWN_ONLY:
        modes.append(HypothesisTestMode.COVERAGE)

    def check(case: Any) -> None:
        if case.meta is not None and case.meta.generation.mode.is_positive:
            _make_real(case, real)
        elif any(value in (None, [], {}) for value in (case.query or {}).values()):
            return  # what makes it wrong has no form in an address, and would not be sent
        case.call_and_validate(
            headers={
                "Authorization": f"Bearer {programs[who(path)].key}",
                "Accept-Encoding": "identity",
            }
        )

    # Schemathesis's own pytest plugin does not know this pytest; what it builds, we run.
    create_test(
        operation=api_schema[f"/api/v1{path}"][method],
        test_func=check,
        config=HypothesisTestConfig(
            project=api_schema.config,
            modes=modes,
            settings=settings(
                max_examples=EXAMPLES,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Stage.explicit, Stage.generate],
                suppress_health_check=list(HealthCheck),
            ),
        ),
    )()


def _make_real(case: Any, known: dict[str, Any]) -> None:
    """Point half of the well-formed requests at what exists."""
    if len(str(case.body) + str(case.query)) % 2:
        return
    for name in case.path_parameters or {}:
        case.path_parameters[name] = known.get(name, case.path_parameters[name])
    if isinstance(case.body, dict) and "facility_id" in case.body:
        case.body["facility_id"] = known["facility_id"]
        for line in case.body.get("lines") or []:
            if isinstance(line, dict) and "item" in line:
                line["item"] = known["item"]
