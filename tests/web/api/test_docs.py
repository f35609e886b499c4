"""What docs/formats/api.md tells people to type works as it stands there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from waitress.server import create_server

from supply.core.openapi import document_of
from tests.unit.inventory.test_attachment_files import picture
from tests.web.api.conftest import Depot, day

PAGE = Path(__file__).resolve().parents[3] / "docs" / "formats" / "api.md"
BLOCKS = re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
COMMANDS = [c for block in BLOCKS for c in re.split(r"\n(?=curl )", block.strip())]


@pytest.fixture
def url(depot: Depot) -> Iterator[str]:
    server = create_server(depot.app, host="127.0.0.1", port=0, threads=2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=10)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_every_command_of_the_page_works_as_it_stands(url, depot, keeper, posted, tmp_path):
    photo = tmp_path / "hoa-don.jpg"
    photo.write_bytes(picture())
    # The page's issue takes what expires first; this receipt is reversed whole.
    last = depot.receipt()["lines"][0] | {"lot_number": "LO9", "expiry": day(3000)}
    document = posted(depot.receipt("BD-TYT-01", last))["document_id"]
    environment = os.environ | {
        "URL": url,
        "KEY": keeper.key,
        "FACILITY": str(depot.places["BD-TYT-01"]),
        "DOCUMENT": str(document),
        "PHOTO": str(photo),
    }
    assert len(COMMANDS) == 12
    for command in COMMANDS:
        done = subprocess.run(
            ["/bin/sh", "-c", command], capture_output=True, env=environment, timeout=60
        )
        answer = json.loads(done.stdout)
        assert "result" in answer, (command, answer)


def test_the_description_is_complete_and_holds_only_ours(depot):
    found = document_of(depot.app)
    assert not [path for path in found["paths"] if "/security/" in path or "_openapi" in path]
    for path, operations in found["paths"].items():
        for method, one in operations.items():
            where = f"{method} {path}"
            assert one["summary"], where
            assert {"401", "403", "422", "429", "500", "503"} <= one["responses"].keys(), where
            if "{" in path:
                assert "404" in one["responses"], where
            for status, answer in one["responses"].items():
                if status.startswith("2"):
                    assert answer["description"], where
            for content in one.get("requestBody", {}).get("content", {}).values():
                assert content["schema"], where
    ids = [one["operationId"] for ops in found["paths"].values() for one in ops.values()]
    assert len(ids) == len(set(ids))


def test_every_example_fits_its_schema(depot):
    found = document_of(depot.app)

    def check(schema: object, example: object) -> None:
        whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}  # type: ignore[dict-item]
        jsonschema.validate(example, {**whole, "components": found["components"]})

    for operations in found["paths"].values():
        for one in operations.values():
            for parameter in one["parameters"]:
                if "example" in parameter:
                    check(parameter["schema"], parameter["example"])
            body = one.get("requestBody", {}).get("content", {}).get("application/json")
            for example in (body or {}).get("examples", {}).values():
                check(body["schema"], example["value"])
            for status, answer in one["responses"].items():
                content = answer.get("content", {}).get("application/json")
                if status.startswith("2") and content:
                    check(content["schema"], content["example"])
