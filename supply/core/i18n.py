"""Language, numbers and dates on pages. Vietnamese first; English complete."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Flask, current_app, has_request_context, request, session
from flask.wrappers import Response
from flask_babel.speaklater import LazyString

from supply.core.clock import VIETNAM as VIETNAM
from supply.core.clock import demo_day
from supply.core.clock import today as today
from supply.core.text import Text, counted, group_digits

LANGUAGES = {
    "vi": {"flag": "vn", "name": "Tiếng Việt"},
    "en": {"flag": "gb", "name": "English"},
}
COOKIE = "language"
_KNOWN = "supply.language"


def language() -> str:
    """'vi' or 'en', for the present request."""
    if not has_request_context():
        return "vi"
    # A page asks for its words a thousand times: what decides is read once a request.
    environ = request._get_current_object().environ  # type: ignore[attr-defined]
    known: str | None = environ.get(_KNOWN)
    if known is not None:
        return known
    if _by_header():
        known = request.accept_languages.best_match(["vi", "en"]) or "vi"
    else:
        known = "en" if session.get("locale") == "en" else "vi"
        if request.path.startswith("/lang/"):  # the switch changes it within the request
            return known
    environ[_KNOWN] = known
    return known


def _by_header() -> bool:
    """Another program says its language with each request. A page's own script does not: its
    browser would say the browser's language, not the one the person chose here."""
    return request.path.startswith("/api/") and (
        "Authorization" in request.headers
        or str(current_app.config["SESSION_COOKIE_NAME"]) not in request.cookies
    )


def t(vi: str | Text, en: str = "") -> str:
    """The text in the present language: `t("Tồn kho", "Stock on hand")` or `t(a_text)`."""
    if isinstance(vi, Text):
        return vi.in_language(language())
    return en if language() == "en" else vi


def noun(number: object, vi: str | Text, en: str = "") -> str:
    """What is counted, in the present language: `noun(n, "lô", "lots")` is "lot" for 1."""
    return t(counted(number, vi if isinstance(vi, Text) else Text(vi, en)))


def lazy_t(vi: str | Text, en: str = "") -> LazyString:
    """The same, decided when shown; for labels fixed at start."""
    return LazyString(lambda: t(vi, en))


def num(value: int | float | None, decimals: int = 0) -> str:
    """1.234.567 or 1.234,5; nothing for None."""
    if value is None:
        return ""
    if decimals == 0:
        return group_digits(round(value))
    whole, _, rest = f"{value:,.{decimals}f}".partition(".")
    return f"{whole.replace(',', '.')},{rest}"


def money(value: int | None) -> str:
    """1.234.567 ₫."""
    return "" if value is None else f"{group_digits(value)} ₫"


def dmy(value: dt.date | dt.datetime | None) -> str:
    """dd/mm/yyyy, in Vietnam's time."""
    if isinstance(value, dt.datetime):
        value = value.astimezone(VIETNAM)
    return "" if value is None else value.strftime("%d/%m/%Y")


def dmyhm(value: dt.datetime | None) -> str:
    """dd/mm/yyyy hh:mm, in Vietnam's time."""
    return "" if value is None else value.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")


def install(app: Flask) -> None:
    """The switch that stays (a cookie of a year), and the words and numbers of templates."""
    app.config.update(
        BABEL_DEFAULT_LOCALE="vi",
        BABEL_TRANSLATION_DIRECTORIES=str(app.root_path) + "/translations",
        LANGUAGES=LANGUAGES,
    )

    @app.before_request
    def _remembered() -> None:
        if not _by_header() and session.get("locale") not in LANGUAGES:
            chosen = request.cookies.get(COOKIE, "vi")
            session["locale"] = chosen if chosen in LANGUAGES else "vi"
            request.environ.pop(_KNOWN, None)

    @app.after_request
    def _remember(response: Response) -> Response:
        if request.path.startswith("/lang/"):
            response.set_cookie(
                COOKIE,
                language(),
                max_age=365 * 86_400,
                samesite="Lax",
                httponly=True,
                secure=bool(app.config["SESSION_COOKIE_SECURE"]),
            )
        return response

    app.jinja_env.filters.update(num=num, money=money, dmy=dmy, dmyhm=dmyhm)
    app.jinja_env.globals.update(t=t, noun=noun, today=today, demo_day=demo_day)

    @app.context_processor
    def _words() -> dict[str, Any]:
        return {"locale": language()}
