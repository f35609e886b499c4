"""What the forms are filled from, read from the ledger as the acting person may see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from supply.catalog.words import CATEGORY
from supply.core.address import args_of
from supply.core.settings import settings
from supply.core.text import Text
from supply.core.transaction import reading
from supply.inventory import queries as inventory
from supply.inventory.asking import Row, ask
from supply.inventory.kinds import INSIDE_PLACES, KINDS, OUTSIDE_PLACES, PURPOSES, REASONS, Kind
from supply.inventory.movement import MovementGroup, MovementRow
from supply.inventory.movement_table import movement_filter
from supply.inventory.places import Places, places_of
from supply.inventory.rows import DocumentLine, DocumentView
from supply.paper.forms import (
    NOWHERE,
    BookLine,
    Movement,
    MovementLine,
    StockBook,
    Unit,
    Voucher,
    VoucherLine,
)
from supply.paper.layout import Seal

HASH_SHOWN = 12
_PLACES: dict[str, Text] = {**INSIDE_PLACES, **OUTSIDE_PLACES}

_HEAD = """
SELECT d.purpose, d.facility_id, d.counterpart_facility_id, d.details->>'kit' AS kit,
       d.details->>'count' AS kits
FROM document d WHERE d.id = :id
"""
_ASKED = """
SELECT a.line_no, a.asked_quantity, a.reason, a.note, i.code, i.name_vi, i.name_en,
       i.base_unit_vi, i.base_unit_en
FROM document_line a JOIN item i ON i.id = a.item_id
WHERE a.document_id = :id ORDER BY a.line_no
"""
_UNITS = """
SELECT f.id, f.name_vi, f.name_en, concat_ws(', ', w.name, d.name, d.province) AS place
FROM facility f
JOIN district d ON d.id = f.district_id
LEFT JOIN ward w ON w.id = f.ward_id
WHERE f.id = ANY (:ids)
"""


@dataclass(frozen=True)
class Printable:
    """A document as its forms need it: the voucher, and the two sides of a handover."""

    voucher: Voucher
    purpose: str
    reason: str
    sender: Unit | None = None
    receiver: Unit | None = None


def printable(document_id: int) -> Printable:
    """One posted document. Raises NotFound, also for one outside the person's scope."""
    with reading():
        view = inventory.document(document_id)
        head = ask(_HEAD, id=document_id)[0]
        said = {r["line_no"]: r for r in ask(_ASKED, id=document_id)}
        sides = [head["facility_id"], head["counterpart_facility_id"]]
        units = facility_units(i for i in sides if i is not None)
        labels = _labels(view)
    ours, other = units[sides[0]], units.get(sides[1]) if sides[1] is not None else None
    kind, purpose = view.head.kind, str(head["purpose"])
    voucher = Voucher(
        kind=kind.value,
        kind_name=KINDS[kind].name,
        label=view.head.label,
        happened_on=view.head.happened_on,
        unit=ours,
        lines=_lines(view, said),
        seal=seal(document_id, view.hash),
        party=view.head.recipient or view.head.partner_name or "",
        party_address=(view.head.partner_name or "") if view.head.recipient else "",
        other=other.name if other else NOWHERE,
        based_on=view.head.paper_reference or labels.get("follows", ""),
        reason=_reason(kind, purpose, view.reason),
        note=view.note,
        kit=f"{head['kit']} × {head['kits']}" if head["kit"] and head["kits"] else "",
        prepared_by=view.recorded_by,
        reversed_by=labels.get("reversed_by", ""),
        reverses=labels.get("reverses", ""),
    )
    arrives = kind == Kind.TRANSFER_RECEIPT
    sender, receiver = (other, ours) if arrives else (ours, other)
    return Printable(voucher, purpose, view.reason, sender, receiver)


def seal(document_id: int, document_hash: str) -> Seal:
    """What leads from paper back to the document."""
    address = f"{settings().public_url.rstrip('/')}/documents/{document_id}"
    return Seal(address, document_hash[:HASH_SHOWN])


def facility_units(facility_ids: Iterable[int]) -> dict[int, Unit]:
    """Facilities by id, with the ward and district they lie in."""
    found = ask(_UNITS, ids=list(facility_ids))
    return {r["id"]: Unit(Text(r["name_vi"], r["name_en"]), place=r["place"]) for r in found}


def _labels(view: DocumentView) -> dict[str, str]:
    """The numbers of the papers this one belongs to."""
    others = {
        "reverses": view.head.reverses_id,
        "reversed_by": view.head.reversed_by_id,
        "follows": view.head.follows_id,
    }
    return {
        name: inventory.document(other).head.label
        for name, other in others.items()
        if other is not None
    }


def _reason(kind: Kind, purpose: str, reason: str) -> Text:
    """Why: the purpose, the reason of an adjustment, or what was typed."""
    named = PURPOSES.get(kind, {}).get(purpose)
    given = REASONS[reason].name if reason in REASONS else Text(reason, reason)
    if named is None:
        return given
    return named if not reason else Text(f"{named.vi}: {given.vi}", f"{named.en}: {given.en}")


# --- lines ---------------------------------------------------------------------------------------


def _lines(view: DocumentView, said: Mapping[int, Row]) -> tuple[VoucherLine, ...]:
    """One voucher line per line, lot, price and way; what a transfer lost is a shortfall of its lot."""
    merged: dict[tuple[object, ...], VoucherLine] = {}
    arrives = view.head.kind == Kind.TRANSFER_RECEIPT
    for line in view.lines:
        lost = arrives and line.to_kind == "loss"
        way = () if arrives else (line.from_kind, line.to_kind)
        key = (line.line, line.lot_number, line.expiry, line.unit_price_vnd, *way)
        known = merged.get(key) or _empty_line(line)
        merged[key] = replace(
            known,
            asked=(known.asked or 0) + line.quantity,
            quantity=known.quantity + (0 if lost else line.quantity),
            amount_vnd=known.amount_vnd + (0 if lost else line.amount_vnd),
        )
    return tuple(_with_what_was_said(merged, said))


def _empty_line(line: DocumentLine) -> VoucherLine:
    return VoucherLine(
        item_code=line.item_code,
        item_name=line.item_name,
        unit=line.unit,
        lot_number=line.lot_number,
        expiry=line.expiry,
        asked=None,
        quantity=0,
        unit_price_vnd=line.unit_price_vnd,
        amount_vnd=0,
        from_place=_PLACES[line.from_kind],
        to_place=_PLACES[line.to_kind],
    )


def _with_what_was_said(
    merged: Mapping[tuple[object, ...], VoucherLine], said: Mapping[int, Row]
) -> list[VoucherLine]:
    """What was asked of a line stands on its first lot, and so does its note; a line of which
    nothing could be given stands there too."""
    by_line: dict[int, list[VoucherLine]] = {}
    for key, line in merged.items():
        by_line.setdefault(int(str(key[0])), []).append(line)
    for number, words in said.items():
        lots = by_line.setdefault(number, [_nothing_given(words)])
        note = "; ".join(words[name] for name in ("reason", "note") if words[name])
        asked = words["asked_quantity"]
        lots[0] = replace(lots[0], note=note)
        if asked is not None:
            lots[:] = [replace(lots[0], asked=asked), *(replace(x, asked=None) for x in lots[1:])]
    return [line for number in sorted(by_line) for line in by_line[number]]


def _nothing_given(words: Row) -> VoucherLine:
    return VoucherLine(
        item_code=words["code"],
        item_name=Text(words["name_vi"], words["name_en"]),
        unit=Text(words["base_unit_vi"], words["base_unit_en"]),
        lot_number="",
        expiry=None,
        asked=None,
        quantity=0,
        unit_price_vnd=0,
        amount_vnd=0,
    )


# --- books ---------------------------------------------------------------------------------------


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
        unit = replace(unit, department=_PLACES[wanted.place_kind])
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
