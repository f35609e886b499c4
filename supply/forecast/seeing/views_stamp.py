"""A run's stamp: what it was made from, the workbook, and the button that makes it again."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from flask import Response, redirect
from flask_appbuilder import expose

from supply.core import jobs
from supply.core.errors import NotAllowed, NotFound
from supply.core.export import XLSX
from supply.core.i18n import language
from supply.core.lists import chosen
from supply.core.security import guarded, may, whose
from supply.core.text import Text
from supply.forecast.seeing.again import KIND
from supply.forecast.seeing.book import book_of, stamp_of
from supply.forecast.seeing.workbook import write_book
from supply.forecast.views_common import ForecastPage, Here, here

WHOLE_DISTRICT = ("can_read", "WhatIf")  # who sees every facility of a district


class StampView(ForecastPage):
    """What a run was made from."""

    route_base = "/forecast/stamp"
    default_view = "index"
    class_permission_name = "Projection"
    method_permission_name = {"index": "read", "workbook": "read", "again": "read"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The stamp; with `job=<id>` how making it again went."""
        at = here()
        if at.run is None:
            return self.page("stamp", at, stamp=None)
        return self.page(
            "stamp",
            at,
            stamp=stamp_of(at.run),
            outcome=_outcome(at.run.id),
            may_compare=may(*WHOLE_DISTRICT),
        )

    @expose("/workbook.xlsx")
    @guarded
    def workbook(self) -> Response:
        """The run as a workbook with charts."""
        run = _run(here())
        with tempfile.TemporaryDirectory(prefix="supply-forecast-") as folder:
            path = Path(folder) / "run.xlsx"
            write_book(path, book_of(run.id), language())
            content = path.read_bytes()
        name = f"du-bao-{run.district_slug}-{run.id}.xlsx"
        return Response(
            content,
            mimetype=XLSX,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @expose("/again", methods=["POST"])
    @guarded
    def again(self) -> Any:
        """Make the run again and compare, as a job; for those who see all that went into it."""
        if not may(*WHOLE_DISTRICT):
            raise NotAllowed(whose(*WHOLE_DISTRICT))
        run = _run(here())
        return redirect(f"/jobs/{jobs.enqueue(KIND, district=run.district_slug, run_id=run.id)}")


def _run(at: Here) -> Any:
    if at.run is None:
        raise NotFound(Text("Chưa có lượt dự báo nào.", "There is no forecast yet."))
    return at.run


def _outcome(run_id: int) -> dict[str, Any] | None:
    """The result of the job in the address, where it made this run again."""
    wanted = chosen("job")
    if wanted is None:
        return None
    state = jobs.state(wanted)
    result = state.result or {}
    if state.kind != KIND or result.get("run_id") != run_id:
        raise NotFound()
    return result
