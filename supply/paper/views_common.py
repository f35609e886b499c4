"""What the pages of paper share: what is typed for one print, and the file as an answer."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, redirect, request

from supply.core import jobs
from supply.core.errors import NotFound
from supply.core.i18n import language
from supply.paper.forms import Typed
from supply.paper.layout import Paper
from supply.paper.orders import MIME, Order
from supply.paper.services import FileKind, file_of

NAME_LENGTH_MAX = 100
NAMES_MAX = 20
_ROLE = re.compile(r"name_([a-z_0-9]{1,30})")


def typed_for_print() -> Typed:
    """Signatories' names (`name_<role>`), attached papers and language, from the address."""
    names = {
        found[1]: value.strip()[:NAME_LENGTH_MAX]
        for key, value in list(request.args.items())[: 2 * NAMES_MAX]
        if (found := _ROLE.fullmatch(key)) and value.strip()
    }
    asked = request.args.get("lang")
    return Typed(
        language=asked if asked in ("vi", "en") else language(),
        names=names,
        attached=request.args.get("attached", "").strip()[:NAME_LENGTH_MAX],
    )


def answer(order: Order, kind: str, name: str = "") -> Any:
    """The file: a PDF opens in the browser, a workbook is saved; a long one is a job's work.

    `name`: of the file, without its ending; the form's number where none is given.
    """
    wanted: FileKind = "xlsx" if kind == "xlsx" else "pdf"
    paper = order.paper()
    name = name or paper.number
    if order.is_long(paper, wanted):
        job_id = jobs.enqueue("paper.print", **order.as_params(), file_type=wanted, name=name)
        return redirect(f"/jobs/{job_id}")
    return _sent(paper, wanted, name)


def file_answer(paper: Paper, kind: str, name: str) -> Response:
    """A paper that another room built: a PDF opens in the browser, a workbook is saved. Raises
    NotFound for another kind of file."""
    if kind not in MIME:
        raise NotFound()
    wanted: FileKind = "xlsx" if kind == "xlsx" else "pdf"
    return _sent(paper, wanted, f"{name}-{paper.number}")


def _sent(paper: Paper, wanted: FileKind, name: str) -> Response:
    how = "attachment" if wanted == "xlsx" else "inline"
    return Response(
        file_of([paper], wanted),
        mimetype=MIME[wanted],
        headers={
            "Content-Disposition": f'{how}; filename="{name}.{wanted}"',
            "Cache-Control": "private, no-store",
        },
    )
