"""The page of a job under way: polls replace what is said, never the bar that runs to and fro."""

from __future__ import annotations

import contextvars
import re
from collections.abc import Callable, Iterator

import pytest

from supply.core import jobs
from supply.core.errors import InvalidInput
from supply.core.scope import acting_as
from supply.core.text import Text
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]

watchers: list[Callable[[], None]] = []


@jobs.job("test.page", Text("Việc thử", "A trial"))
def _trial(progress: jobs.Progress) -> dict[str, object]:
    progress.at(1, 3, Text("Bước hai", "Second step"))
    for look in watchers:
        contextvars.copy_context().run(look)  # a request enters a scope of its own
    raise InvalidInput(Text("Thiếu số liệu của phường.", "A ward's figures are missing."))


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    jobs.queue.cache_clear()
    yield
    watchers.clear()


def test_what_is_said_is_replaced_and_the_bar_stays(
    client_for: ClientFor, people: dict[str, int]
) -> None:
    planner = client_for("kehoach")
    with acting_as(people["kehoach"]):
        job_id = jobs.enqueue("test.page")
    waiting = planner.text(f"/jobs/{job_id}")
    assert 'hx-target="#job-said" hx-select="#job-said"' in waiting
    parts = re.fullmatch(r'(?s).*<div id="job-said">(.*?)</div>(.*)', waiting)
    assert parts
    said, after = parts.groups()
    assert "Đang chờ đến lượt" in said
    assert "<progress" not in said
    assert after.lstrip().startswith('<progress class="unknown"')

    pages: list[str] = []
    watchers.append(lambda: pages.append(planner.text(f"/jobs/{job_id}/state")))
    jobs.run_now(job_id)
    (running,) = pages
    known = r'(?s)<div id="job-said">\s*<p>Bước hai.*1/3.*</p><progress value="1(\.0)?" max="3"'
    assert re.search(known, running)

    over = planner.get(f"/jobs/{job_id}/state")
    assert (over.headers["HX-Retarget"], over.headers["HX-Reselect"]) == ("#job", "#job")
    assert "Thiếu số liệu của phường." in over.text
    assert "hx-get" not in over.text
