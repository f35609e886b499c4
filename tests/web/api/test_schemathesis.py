"""Whatever another program sends, the interface does what its own document says: no 5xx, no answer
of another shape, nothing taken that the document refuses, nobody in without a key."""

from __future__ import annotations

import io
import os
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
FULL = os.environ.get("SCHEMATHESIS") == "full"


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture(scope="module")
def known(depot: Depot) -> dict[str, Any]:
    """Things that exist, so that not everything ends in "not found"."""
    keeper = depot.program("kho_px")
    document = keeper.send("/documents", depot.receipt()).json["result"]["document_id"]
    draft = keeper.send("/drafts", depot.issue()).json["result"]["id"]
    paper = keeper.upload(f"/documents/{document}/attachments", picture()).json["result"]["id"]
    return {
        "document_id": document,
        "draft_id": draft,
        "attachment_id": paper,
        "facility_id": depot.places["BD-TYT-01"],
        "item": "TH001",
    }


@pytest.fixture(scope="module")
def api_schema(depot: Depot, known: dict[str, Any]) -> Any:
    return schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", depot.app, config=SchemathesisConfig.from_dict(CONFIG)
    )


@pytest.fixture(scope="module")
def program(depot: Depot) -> Program:
    return depot.program("kho_px")


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
def test_the_interface_keeps_to_its_document(endpoint, api_schema, program, known):
    method, path = endpoint.split()
    modes = [HypothesisTestMode.EXAMPLES, HypothesisTestMode.FUZZING]
    if FULL and endpoint not in DRAWN_ONLY:
        modes.append(HypothesisTestMode.COVERAGE)

    def check(case: Any) -> None:
        if case.meta is not None and case.meta.generation.mode.is_positive:
            _make_real(case, known)
        case.call_and_validate(
            headers={"Authorization": f"Bearer {program.key}", "Accept-Encoding": "identity"}
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
