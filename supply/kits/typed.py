"""What was typed on the pages of kits, as what the services take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text
from supply.inventory.parsing import parse_date_vn, parse_quantity
from supply.kits.asked import KitOrder, NewKit, NewVersion
from supply.kits.explode import Component


def order_of(typed: Mapping[str, Any], facility_id: int, kit_code: str) -> KitOrder:
    """An order as a form sends it. Raises InvalidInput naming the field."""
    to = str(typed.get("to_facility", ""))
    day = str(typed.get("happened_on", "")).strip()
    return KitOrder(
        facility_id=facility_id,
        kit_code=kit_code,
        count=parse_quantity(str(typed.get("count", "")), "count"),
        happened_on=parse_date_vn(day, "happened_on") if day else None,
        recipient=str(typed.get("recipient", "")).strip(),
        purpose=str(typed.get("purpose", "home_patient")),
        to_facility_id=int(to) if to.isascii() and to.isdigit() and len(to) < 10 else None,
        note=str(typed.get("note", "")).strip(),
        client_key=key_of(str(typed.get("client_key", ""))),
    )


def kit_of(typed: Mapping[str, Any]) -> NewKit:
    """A new kit, as its form sends it."""
    said = {
        name: str(typed.get(name, "")).strip()
        for name in ("code", "name_vi", "name_en", "kind", "rule_vi", "rule_en")
    }
    return NewKit(
        code=said["code"].upper(),
        name=Text(said["name_vi"], said["name_en"] or said["name_vi"]),
        kind=said["kind"],
        rule=Text(said["rule_vi"], said["rule_en"] or said["rule_vi"]),
    )


def version_of(
    typed: Mapping[str, Any], items: Sequence[str], quantities: Sequence[str], beds: Sequence[str]
) -> NewVersion:
    """A new version as its form sends it; rows without an item are left out."""
    rows = [
        (n, item.split(" ")[0].strip(), quantity, bed)
        for n, (item, quantity, bed) in enumerate(zip(items, quantities, beds, strict=False), 1)
        if item.strip()
    ]
    return NewVersion(
        kit_code=str(typed.get("kit", "")),
        valid_from=_day(str(typed.get("valid_from", ""))),
        source=str(typed.get("source", "")).strip(),
        assumed=typed.get("assumed") == "1",
        components=[
            Component(
                item,
                parse_quantity(quantity, "quantity", n),
                parse_quantity(bed, "per_beds", n) if bed.strip() else None,
            )
            for n, item, quantity, bed in rows
        ],
    )


def _day(typed: str) -> dt.date:
    return parse_date_vn(typed, "valid_from")


def key_of(typed: str) -> UUID:
    """The key of a form, which makes sending it twice harmless."""
    try:
        return UUID(typed)
    except ValueError as error:
        stale = Text("Trang đã cũ, hãy tải lại.", "The page is out of date, please reload it.")
        raise InvalidInput(stale, [Fault("client_key", stale)]) from error
