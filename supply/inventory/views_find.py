"""What the command palette finds beyond the menu: papers to write, documents by number, items."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from flask import jsonify, request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.core.i18n import dmy, t
from supply.core.security import guarded, may
from supply.core.text import fold
from supply.inventory import queries
from supply.inventory.entry_forms import FORMS
from supply.inventory.kinds import KINDS, Kind

_EACH_MAX = 6
_LABEL = re.compile(r"([A-Za-z]{2})?-?(?:(\d{4})-)?0*(\d{1,9})")
_PREFIXES = {facts.prefix: kind for kind, facts in KINDS.items()}

Hit = dict[str, str]


class FindView(BaseView):
    """One answer for what a person types after Ctrl K."""

    route_base = "/documents/find"
    class_permission_name = "Documents"
    method_permission_name = {"find": "read"}

    @expose("")
    @guarded
    def find(self) -> Any:
        """Papers to write, documents and items that fit, a few of each."""
        typed = request.args.get("q", "")[:60].replace("\x00", "").strip()
        found = [*_papers(typed), *_documents(typed), *_items(typed)] if typed else []
        return jsonify(found=found)


def _papers(typed: str) -> list[Hit]:
    """New documents, by what one does: "hoan tra", "biet tru"."""
    if not may("can_write", "Documents") or not catalog.facilities(writable=True):
        return []
    words = fold(typed).split()
    return [
        _hit(t(form.verb), t("lập phiếu mới", "new document"), f"/documents/new/{kind.value}")
        for kind, form in FORMS.items()
        if all(
            word in fold(f"{form.verb.vi} {form.verb.en} {KINDS[kind].name.vi}") for word in words
        )
    ][:_EACH_MAX]


def _documents(typed: str) -> list[Hit]:
    """Documents by number: "PX-2022-0012", "px12", "12"."""
    found = _LABEL.fullmatch(typed.replace(" ", ""))
    if not found or (found[1] and found[1].upper() not in _PREFIXES):
        return []
    kind: Kind | None = _PREFIXES.get((found[1] or "").upper())
    page = queries.documents(
        None,
        [kind.value] if kind else None,
        number=int(found[3]),
        year=int(found[2]) if found[2] else None,
        limit=_EACH_MAX,
    )
    return [
        _hit(
            f"{row.label} · {t(row.title)}",
            f"{dmy(row.happened_on)} · {t(row.facility_name)}",
            f"/documents/{row.id}",
        )
        for row in page.rows
    ]


def _items(typed: str) -> list[Hit]:
    """Items, each opening its stock card where a person keeps one store, the stock list otherwise."""
    places = catalog.facilities()
    home = places[0].id if len(places) == 1 else None
    return [
        _hit(
            t(item.name),
            item.code,
            f"/stock/card/{home}/{item.id}"
            if home
            else f"/stock/?{urlencode({'q': item.code, 'show': 'all'})}",
        )
        for item in catalog.search_items(typed, _EACH_MAX)
    ]


def _hit(label: str, note: str, url: str) -> Hit:
    return {"label": label, "note": note, "url": url}
