"""What is the same on page after page, written once and kept: what stands round every page (the menu, who
is signed in, the palette), and pieces of a template that say all they depend on.

It is kept with a mark where the form token goes, which is the page's own. Permissions, roles and names of
places are counted by `shared_version`; a person's own name is part of the key.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from supply.core import i18n, kept
from supply.core.frame import asset
from supply.core.i18n import t
from supply.core.registry import MenuItem, modules
from supply.core.security import may
from supply.core.text import Text

_TOKEN = "the-form-token-of-the-page"  # noqa: S105 (a mark in a text, replaced before it is sent)
_PAGE = "<!-- page -->"


@dataclass(frozen=True)
class Around:
    """What comes before a page's content, and after it."""

    top: Markup
    bottom: Markup


def around() -> Around | None:
    """For the person of this request; None where nobody is signed in, or has no page to open."""
    lines = _lines()
    if not lines:
        return None
    here = _here(lines)
    user = current_user._get_current_object()
    key = ("around", i18n.language(), here, request.path == "/", user.first_name, user.last_name,
           asset("icons.svg"), asset("favicon.svg"))  # fmt: skip
    top, bottom = kept.kept(key, lambda: _written(lines, here))
    return Around(_with_token(top), _with_token(bottom))


def kept_piece(key: Hashable, write: Callable[..., Markup], *given: object) -> Markup:
    """What the macro `write` makes of `given`, or what it made before of the same `key`, which names
    all that it depends on beside the language and the form token. The same for everybody."""
    at = ("piece", i18n.language(), asset("icons.svg"), key)
    return _with_token(
        kept.kept(at, lambda: write(*given).replace(generate_csrf(), _TOKEN), of_person=False)
    )


def _with_token(words: str) -> Markup:
    return Markup(words.replace(_TOKEN, generate_csrf()))  # noqa: S704 (written by our templates)


def _written(lines: tuple[MenuItem, ...], here: str) -> tuple[str, str]:
    whole = render_template(
        "supply/around.html", sections=sections(lines, here), csrf_token=lambda: _TOKEN
    )
    top, _, bottom = whole.partition(_PAGE)
    return top, bottom


def _here(lines: tuple[MenuItem, ...]) -> str:
    """The longest address that fits: /documents/new/issue is "Xuất kho", not also "Phiếu"."""
    path = request.path
    return max((i.url for i in lines if path.startswith(i.url.rstrip("/"))), key=len, default="")


def sections(lines: tuple[MenuItem, ...], here: str) -> list[dict[str, Any]]:
    """The menu as sections with their lines."""
    found: dict[Text, list[dict[str, Any]]] = {}
    for item in lines:
        found.setdefault(item.section, []).append(
            {
                "label": t(item.label),
                "url": item.url,
                "icon": item.icon,
                "active": item.url == here,
            }
        )
    return [{"label": t(section), "items": items} for section, items in found.items()]


def navigation() -> list[dict[str, Any]]:
    """The same for a page that shows the menu itself."""
    lines = _lines()
    return sections(lines, _here(lines))


def _lines() -> tuple[MenuItem, ...]:
    """The lines this person may open; nobody's are none."""
    return kept.kept("menu", _menu_of_person) if current_user.is_authenticated else ()


def _menu_of_person() -> tuple[MenuItem, ...]:
    lines = [item for m in modules() for item in m.menu if may(item.permission, item.resource)]
    return tuple(sorted(lines, key=lambda item: item.order))
