"""What the inventory's pages share: places and items of an address, choices for lists."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import request

from supply.catalog import queries as catalog
from supply.catalog.queries import FacilityRow, ItemRow
from supply.catalog.words import CATEGORY as CATEGORY_NAMES
from supply.core.errors import InvalidInput, NotFound, TooMuch
from supply.core.i18n import t
from supply.core.lists import asks_for_part, chosen
from supply.core.text import Text
from supply.inventory.parsing import parse_date_vn

__all__ = [
    "JSON_BYTES_MAX",
    "asks_for_part",
    "category_choices",
    "chosen",
    "chosen_facility",
    "day_of_address",
    "facility",
    "item_of",
    "json_body",
]

JSON_BYTES_MAX = 4 * 1024 * 1024


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


def item_of(item_id: int | None) -> ItemRow:
    """An item by its id. Raises NotFound."""
    for found in catalog.items():
        if found.id == item_id:
            return found
    raise NotFound(Text("Không có mặt hàng này.", "There is no such item."))


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


def category_choices() -> list[tuple[str, str]]:
    """The categories by name, for a select."""
    return [(code, t(name)) for code, name in CATEGORY_NAMES.items()]
