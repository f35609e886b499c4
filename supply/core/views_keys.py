"""The page of API keys: make one, see when it was last used, end it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import request
from flask_appbuilder import BaseView, expose
from sqlalchemy import text

from supply.core import api_keys
from supply.core.errors import Fault, InvalidInput
from supply.core.i18n import VIETNAM
from supply.core.security import guarded
from supply.core.text import Text
from supply.core.transaction import reading

DAYS = (30, 90, 180, 365)


class ApiKeysView(BaseView):
    """One's own keys; for an administrator also everybody else's, to end them."""

    route_base = "/api-keys"
    default_view = "index"
    class_permission_name = "ApiKeys"
    method_permission_name = {"index": "read", "make": "write", "revoke": "write"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The keys, and the form for a new one."""
        return self._page()

    @expose("/", methods=["POST"])
    @guarded
    def make(self) -> Any:
        """Make a key and show it: not by a redirect, since it can never be shown again."""
        form = request.form
        try:
            key = api_keys.make_key(
                form.get("name", ""),
                may_write=form.get("scope") == "write",
                facility_id=_number(form.get("facility", ""), "facility"),
                last_day=dt.datetime.now(VIETNAM).date()
                + dt.timedelta(days=_number(form.get("days", ""), "days") or 0),
            )
        except InvalidInput as error:
            return self._page(error=error), 422
        return self._page(key=key), {"Cache-Control": "no-store"}

    @expose("/<int:key_id>/revoke", methods=["POST"])
    @guarded
    def revoke(self, key_id: int) -> Any:
        """End a key now."""
        api_keys.revoke_key(key_id)
        return self._page(revoked=True)

    def _page(self, **more: Any) -> Any:
        return self.render_template(
            "supply/api_keys.html",
            keys=api_keys.held_keys(),
            places=_places(),
            days=DAYS,
            form=request.form if "error" in more else {},
            **more,
        )


def _number(typed: str, field: str) -> int | None:
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        words = Text("Lựa chọn không hợp lệ.", "The choice is not valid.")
        raise InvalidInput(faults=[Fault(field, words)])
    return int(typed)


def _places() -> list[tuple[int, Text]]:
    """The facilities of the person's scope; the frame lies below the catalogue and asks itself."""
    with reading() as session:
        found = session.execute(
            text(
                "SELECT id, name_vi, name_en FROM facility WHERE active"
                " AND id = ANY ((SELECT supply_read_ids())::int[]) ORDER BY code"
            )
        )
        return [(r.id, Text(r.name_vi, r.name_en)) for r in found]
