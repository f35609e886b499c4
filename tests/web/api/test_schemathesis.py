"""Whatever another program sends, the interface does what its own document says: no 5xx, no answer
of another shape, nothing taken that the document refuses, nobody in without a key."""

from __future__ import annotations

import io
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import Phase as Stage
from PIL import Image
from schemathesis.config import SchemathesisConfig

from tests.web.api.conftest import Depot, Program

EXAMPLES = 15
CONFIG = {"generation": {"deterministic": True, "database": "none"}}


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


schema = schemathesis.pytest.from_fixture("api_schema")


@pytest.fixture(scope="module")
def program(depot: Depot) -> Program:
    return depot.program("kho_px")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Stage.explicit, Stage.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_interface_keeps_to_its_document(case, program, known):
    if case.meta is not None and case.meta.generation.mode.is_positive:
        _make_real(case, known)
    case.call_and_validate(headers={"Authorization": f"Bearer {program.key}"})


def _make_real(case: Any, known: dict[str, Any]) -> None:
    """Point half of the well-formed requests at what exists."""
    if len(str(case.body) + str(case.query)) % 2:
        return
    for name in case.path_parameters or {}:
        case.path_parameters[name] = known[name]
    if isinstance(case.body, dict) and "facility_id" in case.body:
        case.body["facility_id"] = known["facility_id"]
        for line in case.body.get("lines") or []:
            if isinstance(line, dict) and "item" in line:
                line["item"] = known["item"]
