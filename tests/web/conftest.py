"""A test client that is signed in as a person is: through the form, with its token."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from supply.core import jobs
from supply.core.database import Database
from tests.conftest import PASSWORD

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_META = re.compile(r'name="csrf-token" content="([^"]+)"')
SESSION = "session"
_signed_in: dict[tuple[str, int | None], tuple[str, str]] = {}  # who -> cookie, the page's token


@dataclass
class Browser:
    """A signed-in person's browser, without its screen."""

    client: FlaskClient
    token: str

    def get(self, url: str, **options: Any) -> TestResponse:
        return self.client.get(url, **options)

    def text(self, url: str) -> str:
        """The page as read by a person; fails on anything but 200."""
        answer = self.client.get(url)
        assert answer.status_code == 200, (url, answer.status_code, answer.text[:600])
        return html.unescape(answer.text)

    def send(self, url: str, body: object) -> TestResponse:
        """As the page's script sends it."""
        return self.client.post(
            url, json=body, headers={"X-CSRFToken": self.token, "Accept": "application/json"}
        )

    def submit(self, url: str, **fields: object) -> TestResponse:
        """As a form sends it."""
        return self.client.post(url, data={"csrf_token": self.token, **fields})


@pytest.fixture(scope="session")
def site() -> Flask:
    """One application for all tests: it finds the database of the moment by itself."""
    made = create_app()
    made.config["TESTING"] = True
    made.config["PROPAGATE_EXCEPTIONS"] = False
    made.appbuilder.sm.limiter.enabled = False  # type: ignore[attr-defined]
    return made


@pytest.fixture
def app(site: Flask, db: Database) -> Flask:
    """The application on this test's database."""
    jobs.queue.cache_clear()
    return site


@pytest.fixture
def client_for(app: Flask, people: dict[str, int]) -> Callable[[str], Browser]:
    """`client_for("kho_px")`: that person's browser, signed in. A worker signs a person in through
    the form once; later browsers begin with the cookie of that."""

    def begin(name: str) -> Browser:
        who = name, people.get(name)
        if who[1] is None:
            return _sign_in(app.test_client(), name)
        if who not in _signed_in:
            first = _sign_in(app.test_client(), name)
            cookie = first.client.get_cookie(SESSION)
            assert cookie
            _signed_in[who] = cookie.value, first.token
            return first
        value, token = _signed_in[who]
        browser = Browser(app.test_client(), token)
        browser.client.set_cookie(SESSION, value)
        return browser

    return begin


def _sign_in(client: FlaskClient, name: str) -> Browser:
    """Through the form, as far as the home page."""
    page = client.get("/login/")
    token = _TOKEN.search(page.text)
    assert token, page.text[:500]
    answer = client.post(
        "/login/",
        data={"username": name, "password": PASSWORD, "csrf_token": token[1]},
    )
    assert answer.status_code == 302, answer.text[:800]
    home = client.get("/")
    found = _META.search(home.text)
    assert found, home.text[:500]
    return Browser(client, found[1])
