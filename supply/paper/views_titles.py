"""The page on which an officer confirms what the printed forms are called."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import redirect, request
from flask_appbuilder import BaseView, expose

from supply.core.errors import Fault, InvalidInput
from supply.core.i18n import dmy, today
from supply.core.security import guarded, may
from supply.core.text import Text
from supply.inventory.parsing import parse_date_vn
from supply.paper.titles import (
    LABELS,
    TitleRow,
    form_title,
    form_titles,
    save_title,
    title_by_id,
)


class FormTitlesView(BaseView):
    """Names, numbers and legal basis of the forms, by date."""

    route_base = "/form-titles"
    default_view = "index"
    class_permission_name = "FormTitles"
    method_permission_name = {
        "index": "read",
        "edit": "write",
        "save": "write",
        "new_period": "write",
        "add": "write",
    }

    @expose("/")
    @guarded
    def index(self) -> Any:
        """All of them; which is in force today; which are still to be confirmed."""
        rows = form_titles()
        in_force = {form_title(code, today()).id for code in {r.code for r in rows}}
        return self.render_template(
            "paper/titles.html",
            rows=rows,
            in_force=in_force,
            may_write=may("can_write", "FormTitles"),
            saved=request.args.get("saved") == "1",
        )

    @expose("/<int:title_id>")
    @guarded
    def edit(self, title_id: int) -> Any:
        """One row to change or confirm."""
        return self._form(title_by_id(title_id))

    @expose("/<int:title_id>", methods=["POST"])
    @guarded
    def save(self, title_id: int) -> Any:
        """Change it."""
        return self._save(title_by_id(title_id))

    @expose("/<int:title_id>/new")
    @guarded
    def new_period(self, title_id: int) -> Any:
        """A further period of the same form, with the same words to begin with."""
        return self._form(title_by_id(title_id), is_new=True)

    @expose("/<int:title_id>/new", methods=["POST"])
    @guarded
    def add(self, title_id: int) -> Any:
        """Enter it."""
        return self._save(title_by_id(title_id), is_new=True)

    def _save(self, old: TitleRow, *, is_new: bool = False) -> Any:
        confirmed = request.form.get("confirmed") == "1"
        try:
            save_title(_typed_row(old, is_new), confirmed=confirmed)
        except InvalidInput as error:
            return self._form(old, error, is_new=is_new), error.status
        return redirect("/form-titles/?saved=1")

    def _form(
        self, row: TitleRow, error: InvalidInput | None = None, *, is_new: bool = False
    ) -> Any:
        values = {name: getattr(row, name) for name in LABELS}
        values["valid_from"] = dmy(today()) if is_new else dmy(row.valid_from)
        values["valid_to"] = "" if is_new else dmy(row.valid_to)
        if error is not None:
            values |= {name: request.form.get(name, "") for name in LABELS}
        return self.render_template(
            "paper/title_form.html",
            row=row,
            values=values,
            labels=LABELS,
            faults={f.field: f for f in error.faults} if error else {},
            error=error,
            is_new=is_new,
        )


def _typed_row(old: TitleRow, is_new: bool) -> TitleRow:
    """What was typed. Raises InvalidInput for a day that cannot be read."""
    form = request.form
    return TitleRow(
        code=old.code,
        id=0 if is_new else old.id,
        valid_from=_day("valid_from", required=True) or old.valid_from,
        valid_to=_day("valid_to"),
        number=form.get("number", ""),
        title_vi=form.get("title_vi", ""),
        title_en=form.get("title_en", ""),
        basis=form.get("basis", ""),
        debit=form.get("debit", ""),
        credit=form.get("credit", ""),
    )


def _day(name: str, *, required: bool = False) -> dt.date | None:
    typed = request.form.get(name, "").strip()
    if not typed:
        if required:
            words = Text("Chưa ghi ngày áp dụng.", "The first day is missing.")
            raise InvalidInput(faults=[Fault(name, words)])
        return None
    return parse_date_vn(typed, name)
