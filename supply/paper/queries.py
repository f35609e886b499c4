"""What the forms are filled from, read from the ledger as the acting person may see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from supply.catalog.words import CATEGORY
from supply.core.address import args_of
from supply.core.settings import settings
from supply.core.text import Text
from supply.core.transaction import reading
from supply.inventory import queries as inventory
from supply.inventory.asking import ask
from supply.inventory.kinds import KINDS, PLACES, REASONS
from supply.inventory.movement import MovementGroup, MovementRow
from supply.inventory.movement_table import movement_filter
from supply.inventory.places import Places, places_of
from supply.paper.forms import (
    NOWHERE,
    BookLine,
    Movement,
    MovementLine,
    StockBook,
    Unit,
)
from supply.paper.layout import Seal

HASH_SHOWN = 12

_UNITS = """
SELECT f.id, f.name_vi, f.name_en, concat_ws(', ', w.name, d.name, d.province) AS place
FROM facility f
JOIN district d ON d.id = f.district_id
LEFT JOIN ward w ON w.id = f.ward_id
WHERE f.id = ANY (:ids)
"""


def seal(document_id: int, document_hash: str) -> Seal:
    """What leads from paper back to the document."""
    address = f"{settings().public_url.rstrip('/')}/documents/{document_id}"
    return Seal(address, document_hash[:HASH_SHOWN])


def facility_units(facility_ids: Iterable[int]) -> dict[int, Unit]:
    """Facilities by id, with the ward and district they lie in."""
    found = ask(_UNITS, ids=list(facility_ids))
    return {r["id"]: Unit(Text(r["name_vi"], r["name_en"]), place=r["place"]) for r in found}


def stock_book(facility_id: int, item_id: int, first_day: dt.date, last_day: dt.date) -> StockBook:
    """The stock book of an item in a store; the caller has checked that the store is in scope."""
    with reading():
        card = inventory.stock_card(facility_id, item_id, first_day, last_day)
        item = ask(
            "SELECT code, name_vi, name_en, base_unit_vi, base_unit_en FROM item WHERE id = :id",
            id=item_id,
        )[0]
        unit = facility_units([facility_id])[facility_id]
    lines = tuple(
        BookLine(
            line.happened_on,
            line.label,
            line.quantity_in > 0,
            _described(KINDS[line.kind].name, line.words, line.lot_number),
            line.quantity_in,
            line.quantity_out,
            line.balance,
        )
        for line in card.lines
    )
    return StockBook(
        unit=unit,
        item_code=item["code"],
        item_name=Text(item["name_vi"], item["name_en"]),
        base_unit=Text(item["base_unit_vi"], item["base_unit_en"]),
        first_day=first_day,
        last_day=last_day,
        opening=card.opening,
        closing=card.closing,
        lines=lines,
    )


def _described(kind: Text, words: str, lot_number: str) -> Text:
    """ "Phiếu nhập kho - Công ty Dược (lô A1)"."""
    said = REASONS[words].name if words in REASONS else Text(words, words)
    lot = Text(f" (lô {lot_number})", f" (lot {lot_number})") if lot_number else NOWHERE
    return Text(
        f"{kind.vi}{' - ' if said.vi else ''}{said.vi}{lot.vi}",
        f"{kind.en}{' - ' if said.en else ''}{said.en}{lot.en}",
    )


ALL_PLACES = Text("Các cơ sở trong phạm vi phụ trách", "All facilities in scope")


def movement(query: str) -> Movement:
    """The movement report under the filters of its page's address (a query string), by category.

    Raises NotFound for a facility outside of the person's scope.
    """
    said = args_of(query)
    with reading():
        wanted = replace(movement_filter(said), group=MovementGroup.ITEM)
        found = inventory.movement(wanted)
        unit = _unit_of(places_of(said))
    order = list(CATEGORY)
    rows = sorted(found, key=lambda r: (order.index(r.category), r.item_code))
    if wanted.place_kind != "store":
        unit = replace(unit, department=PLACES[wanted.place_kind])
    lines = tuple(_movement_line(r) for r in rows)
    return Movement(unit, wanted.first_day, wanted.last_day, lines)


def _unit_of(places: Places) -> Unit:
    """Whose report it is: the one facility, the ward or district chosen, or all in scope."""
    facility_id = places.only_facility_id
    if facility_id is not None:
        return facility_units([facility_id])[facility_id]
    wards = [w.name for w in places.wards if w.id == places.ward_id]
    districts = [d.name for d in places.districts if d.id == places.district_id]
    name = next(iter([*wards, *districts]), None)
    return Unit(ALL_PLACES if name is None else Text(name, name))


def _movement_line(r: MovementRow) -> MovementLine:
    came, went, closing = r.incoming, r.outgoing, r.closing
    return MovementLine(
        group=CATEGORY[r.category],
        item_code=r.item_code,
        item_name=r.item_name,
        unit=r.unit,
        opening=r.opening.quantity,
        opening_vnd=r.opening.amount_vnd,
        came=came.quantity,
        came_vnd=came.amount_vnd,
        went=went.quantity,
        went_vnd=went.amount_vnd,
        closing=closing.quantity,
        closing_vnd=closing.amount_vnd,
    )
