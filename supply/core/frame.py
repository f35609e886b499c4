"""Pieces of the frame that every page shows many times over: written once, then kept.

What is kept depends on nothing but the words it is given, so no person's page can reach another's.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from flask import request, url_for
from markupsafe import Markup, escape

from supply.core import i18n
from supply.core.i18n import t
from supply.core.settings import ROOT
from supply.core.text import Text

_ASSET_SECONDS = 2.0
_assets: dict[tuple[str, str], tuple[float, str]] = {}
_LINE = Markup(
    '<a class="line {on}" href="{url}" {current}><svg class="icon" aria-hidden="true">'
    '<use href="{icons}#{icon}"></use></svg>{label}</a>'
)
_CURRENT = Markup('aria-current="page"')
# Heading and lines (active, address, icon, label) of each section.
_MenuWords = tuple[tuple[str, tuple[tuple[bool, str, str, str], ...]], ...]


def asset(path: str) -> str:
    """`app.css` is the frame's; `inventory:document.js` is a module's own. Versioned by the file's
    time, which is looked at every other second only: a page names its icons a hundred times."""
    key = (request.script_root, path)
    now = time.monotonic()
    known = _assets.get(key)
    if known is not None and now - known[0] < _ASSET_SECONDS:
        return known[1]
    name, _, file_name = path.rpartition(":")
    file = ROOT / "supply" / (name or "core") / "static" / file_name
    stamp = int(file.stat().st_mtime) if file.exists() else 0
    address = url_for(f"assets_{name or 'core'}.static", filename=file_name, v=stamp)
    _assets[key] = (now, address)
    return address


def menu_lines(sections: list[dict[str, Any]], flat: bool = False) -> Markup:
    """The lines of the menu, `flat` without its headings; every page has them three times."""
    words = tuple(
        (
            section["label"],
            tuple((i["active"], i["url"], i["icon"], i["label"]) for i in section["items"]),
        )
        for section in sections
    )
    return _menu_written(asset("icons.svg"), flat, words)


@lru_cache(maxsize=512)
def _menu_written(icons: str, flat: bool, sections: _MenuWords) -> Markup:
    parts = []
    for heading, items in sections:
        if not flat:
            parts.append(Markup("<h6>{}</h6>").format(heading))
        for active, url, icon, label in items:
            on, current = "on" if active and not flat else "", _CURRENT if active else ""
            line = {"on": on, "current": current, "url": url, "icon": icon, "label": label}
            parts.append(_LINE.format(icons=icons, **line))
    return Markup("").join(parts)


def option_list(options: Iterable[tuple[object, str]], value: object = "") -> Markup:
    """The options of a select, the one of `value` chosen; lists of places have a hundred."""
    return _options_written(tuple((str(key), str(words)) for key, words in options), str(value))


@lru_cache(maxsize=256)
def _options_written(options: tuple[tuple[str, str], ...], chosen: str) -> Markup:
    parts = []
    for key, words in options:
        mark = "selected" if key == chosen else ""
        parts.append(f'<option value="{escape(key)}" {mark}>{escape(words)}</option>')
    return Markup("".join(parts))  # noqa: S704 (each part is escaped)


def expiry_chip(day: dt.date | None, now: dt.date | None = None) -> Markup:
    """An expiry as words and colour, seen from `now` (today); lists have one in every row."""
    if day is None:
        return Markup('<span class="text-secondary">{}</span>').format(t("không hạn", "no expiry"))
    return _chip_written(day, (day - (now or i18n.today())).days, i18n.language())


@lru_cache(maxsize=4096)
def _chip_written(day: dt.date, left: int, lang: str) -> Markup:
    tone, words = "", ""
    if left < 0:
        tone, words = "danger", Text(" · hết hạn", " · expired").in_language(lang)
    elif left <= 90:
        tone = "warning"
        words = Text(f" · còn {left} ngày", f" · {left} days left").in_language(lang)
    return Markup('<span class="chip {}">{}{}</span>').format(tone, i18n.dmy(day), words)
