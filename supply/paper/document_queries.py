"""A posted document as its forms need it, read as the acting person may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from supply.catalog import queries as catalog
from supply.catalog.queries import PackRow
from supply.core.text import Text
from supply.core.transaction import reading
from supply.inventory import queries as inventory
from supply.inventory.asking import Row, ask
from supply.inventory.kinds import KINDS, PLACES, PURPOSES, REASONS, Kind
from supply.inventory.rows import DocumentLine, DocumentView
from supply.paper.forms import NOWHERE, Unit, Voucher, VoucherLine
from supply.paper.queries import facility_units, seal

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
        lines=_packed(_lines(view, said)) if kind == Kind.TRANSFER_DISPATCH else _lines(view, said),
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


def _packed(lines: tuple[VoucherLine, ...]) -> tuple[VoucherLine, ...]:
    """The same lines, each with what to take in whole packs: "20 × hộp 100 viên + 5 viên"."""
    items = {i.code: i for i in catalog.items([line.item_code for line in lines])}
    return tuple(
        replace(line, packed=_in_packs(line, items[line.item_code].packs))
        if line.item_code in items
        else line
        for line in lines
    )


def _in_packs(line: VoucherLine, packs: Sequence[PackRow]) -> Text:
    if not packs or line.quantity < packs[0].units_per_pack:
        return NOWHERE
    whole, rest = divmod(line.quantity, packs[0].units_per_pack)

    def said(name: str, unit: str) -> str:
        return f"{whole} × {name}" + (f" + {rest} {unit}" if rest else "")

    name = packs[0].name
    return Text(said(name.vi, line.unit.vi), said(name.en, line.unit.en))


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
        from_place=PLACES[line.from_kind],
        to_place=PLACES[line.to_kind],
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
