"""What the inventory's pages share: reading an address, choices for lists, safe CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, request

from supply.catalog import queries as catalog
from supply.catalog.queries import FacilityRow
from supply.catalog.words import CATEGORY as CATEGORY_NAMES
from supply.core.errors import InvalidInput, NotFound, TooMuch
from supply.core.i18n import t, today
from supply.core.text import Text
from supply.inventory.parsing import parse_date_vn

JSON_BYTES_MAX = 4 * 1024 * 1024
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def facility(facility_id: int | None, *, writable: bool = False) -> FacilityRow:
    """A facility in scope. Raises NotFound, so that others' stores do not even seem to exist."""
    for found in catalog.facilities(writable=writable):
        if found.id == facility_id:
            return found
    raise NotFound(
        Text(
            "Không tìm thấy cơ sở này trong phạm vi của bạn.",
            "There is no such facility in your scope.",
        )
    )


def chosen(name: str) -> int | None:
    """A whole number from the address; anything else counts as not chosen."""
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def chosen_facility() -> int | None:
    """The facility of the address, which must be in scope; None for all."""
    found = chosen("facility")
    return None if found is None else facility(found).id


def day_of_address(name: str, fallback: dt.date | None) -> dt.date | None:
    """A date of the address as typed; what cannot be read is as if it were not there."""
    try:
        return parse_date_vn(request.args[name], name) if request.args.get(name) else fallback
    except InvalidInput:
        return fallback


def asks_for_part() -> bool:
    """htmx asks for the rows only, not for the page round them."""
    return request.headers.get("HX-Request") == "true"


def json_body() -> dict[str, Any]:
    """The JSON object that was sent. Raises TooMuch or InvalidInput."""
    if (request.content_length or 0) > JSON_BYTES_MAX:
        raise TooMuch()
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise InvalidInput(
            Text("Nội dung gửi lên không đọc được.", "What was sent cannot be read.")
        )
    return found


def csv_response(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV that spreadsheets open as it is: UTF-8 with its mark, no cell taken for a formula.

    Written before it is sent: the rows are read as the person who asks, while the request lasts.
    """
    body = io.StringIO()
    body.write("\ufeff")
    writer = csv.writer(body)
    writer.writerow(head)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    file_name = f"{name}-{today():%Y%m%d}.csv"
    return Response(
        body.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )


def _plain(cell: object) -> object:
    """Text that a spreadsheet would run as a formula gets a mark before it."""
    if isinstance(cell, dt.date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, str) and cell.startswith(_RISKY):
        return f"'{cell}"
    return cell


def category_choices() -> list[tuple[str, str]]:
    """The categories by name, for a select."""
    return [(code, t(name)) for code, name in CATEGORY_NAMES.items()]
