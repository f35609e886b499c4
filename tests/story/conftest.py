"""A real server and a real browser, for stories told as a person lives them.

`server_url`: the application on this test's database, on 127.0.0.1. `page_at(width)`: a page of that
width. `sign_in(page, name)`: through the form. With SCREENSHOTS=1 `shot(page, name)` writes to docs/images.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from waitress.server import create_server

from tests.browser import arguments, executable
from tests.conftest import PASSWORD
from tests.story.stocked import place, stocked  # noqa: F401  a store with goods in it
from tests.web.conftest import SESSION, app, site  # noqa: F401  the same application as the web tests'

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
expect.set_options(timeout=15_000)  # a shared machine may be slow; a right page is not late
HEIGHT = {1280: 860, 390: 844}
COOKIE = ("name", "value", "domain", "path", "httpOnly", "sameSite")
_signed_in: dict[tuple[str, int], Any] = {}  # who -> the cookie of their session


@pytest.fixture
def server_url(app: Flask) -> Iterator[str]:  # noqa: F811  the fixture above
    """The address of a running server."""
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=10)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all stories of a worker."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable(), args=arguments())
        yield chromium
        chromium.close()


@pytest.fixture
def page_at(browser: Browser, server_url: str) -> Iterator[Callable[..., Page]]:
    """`page_at(390)`: an empty page of that width; what its console says as an error fails the
    story at the end."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(width: int = 1280) -> Page:
        context = browser.new_context(
            base_url=server_url,
            viewport={"width": width, "height": HEIGHT.get(width, 860)},
            locale="vi-VN",
            has_touch=width < 600,
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda said: errors.append(said.text) if said.type == "error" else None,
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    # A refused request (4xx) is logged by Chromium as a failed resource: that is the story's own.
    told = [e for e in errors if not e.startswith("Failed to load resource")]
    assert not told, told


@pytest.fixture
def sign_in(people: dict[str, int]) -> Callable[[Page, str], None]:
    """Sign in and see the home page: through the form a person's first time in this worker, then
    with the cookie of that."""

    def enter(page: Page, name: str) -> None:
        who = name, people[name]
        if who in _signed_in:
            page.context.add_cookies([_signed_in[who]])
            page.goto("/")
            return
        page.goto("/login/")
        page.fill("input[name=username]", name)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/")
        kept: Any = next(one for one in page.context.cookies() if one.get("name") == SESSION)
        _signed_in[who] = {key: kept[key] for key in COOKIE if key in kept}

    return enter


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """`shot(page, "stock-390")`: a picture for the documentation, when asked for."""

    def take(page: Page, name: str) -> None:
        if os.environ.get("SCREENSHOTS") == "1":
            folder = Path(os.environ.get("SCREENSHOTS_DIR", IMAGES))
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / f"{name}.png")

    return take
