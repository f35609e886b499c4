"""The examples in the format pages are real: the plan there is a sound plan of the instance there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from supply.allocation.check import check
from supply.allocation.core import solve
from supply.allocation.instance_json import parse_instance
from supply.allocation.plan import plan_from_json

PAGES = Path(__file__).resolve().parents[3] / "docs" / "formats"


def example(page: str) -> Any:
    found = re.search(r"```json\n(.*?)```", (PAGES / page).read_text(encoding="utf-8"), re.S)
    assert found is not None
    return json.loads(found.group(1))


def test_the_plan_in_the_pages_is_what_solving_their_instance_gives() -> None:
    made = parse_instance(example("allocation-instance.md"))
    shown = plan_from_json(example("allocation-plan.md"))
    assert check(made, shown) == []
    found = solve(made, time_limit_seconds=5)
    assert found.transfers == shown.transfers
    assert found.quotas == shown.quotas
    assert found.shortage == shown.shortage
    assert found.reasons == shown.reasons
