"""What the entry screen's script is told: items, lots, lines, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from supply.core.i18n import num, t
from supply.inventory import entry_followups, entry_queries, queries
from supply.inventory.documents import document_from_payload
from supply.inventory.entry_forms import FORMS
from supply.inventory.entry_queries import EntryItem, EntryLot, LastHead
from supply.inventory.kinds import Kind
from supply.inventory.typed import typed_of


def item_json(item: EntryItem) -> dict[str, Any]:
    """An item to write a line of."""
    last = item.last
    return {
        "code": item.code,
        "name": t(item.name),
        "unit": t(item.unit),
        "search": item.search,
        "quantity": item.quantity,
        "uses": item.uses,
        "packs": [
            {
                "id": pack.id,
                "name": t(pack.name),
                "units_per_pack": pack.units_per_pack,
                "is_default": pack.is_default,
            }
            for pack in item.packs
        ],
        "last": last
        and {
            "lot_number": last.lot_number,
            "expiry": last.expiry.isoformat() if last.expiry else None,
            "fund_code": last.fund_code,
            "quantity": last.quantity,
            "amount_vnd": last.amount_vnd,
            "happened_on": last.happened_on.isoformat(),
        },
    }


def lot_json(lot: EntryLot) -> dict[str, Any]:
    """A lot lying in a place."""
    return {
        "consignment_id": lot.consignment_id,
        "lot_number": lot.lot_number,
        "expiry": lot.expiry.isoformat() if lot.expiry else None,
        "fund_code": lot.fund_code,
        "quantity": lot.quantity,
        "amount_vnd": lot.amount_vnd,
        "blocked": lot.blocked,
    }


def items_json(codes: Iterable[str], facility_id: int, kind: Kind) -> dict[str, dict[str, Any]]:
    """Items by code, as this kind's screen shows them."""
    form = FORMS[kind]
    found = entry_queries.items_of(
        codes, facility_id, place=form.place, proposes=kind == Kind.RECEIPT
    )
    return {code: item_json(item) for code, item in found.items()}


def known_json(facility_id: int, kind: Kind) -> list[dict[str, Any]]:
    """The items the store uses, most used first."""
    found = entry_queries.known_items(
        facility_id, place=FORMS[kind].place, proposes=kind == Kind.RECEIPT
    )
    return [item_json(item) for item in found]


# --- lines from earlier documents ----------------------------------------------------------------


def arriving_lines(dispatch_id: int, facility_ids: Iterable[int]) -> list[dict[str, Any]]:
    """What is still on its way of a dispatch, one line per consignment, all of it received."""
    frame = queries.in_transit(list(facility_ids))
    found = frame[frame["dispatch_id"] == dispatch_id]
    return [
        {
            "item_code": row["item_code"],
            "quantity": num(row["quantity"]),
            "lost_quantity": "",
            "lot_number": row["lot_number"],
            "expiry": f"{row['expiry']:%d/%m/%Y}" if row["expiry"] else "",
            "consignment_id": str(row["consignment_id"]),
            "on_way": int(row["quantity"]),
        }
        for row in found.to_dict("records")
    ]


def returning_lines(issue_id: int) -> list[dict[str, Any]]:
    """What of an issue is still out; how much of it comes back is for the person to say."""
    return [
        {
            "item_code": line.item_code,
            "quantity": "",
            "lot_number": line.lot_number,
            "expiry": f"{line.expiry:%d/%m/%Y}" if line.expiry else "",
            "consignment_id": str(line.consignment_id),
            "on_way": line.quantity,
        }
        for line in entry_followups.issued_lines(issue_id)
    ]


def owed_lines(loan_id: int) -> list[dict[str, Any]]:
    """What of a loan is still owed, as lines to give back."""
    return [
        {"item_code": code, "quantity": num(quantity)}
        for code, quantity in entry_followups.owed_items(loan_id).items()
    ]


def with_on_way(
    lines: list[dict[str, Any]], open_lines: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """A draft's lines with what is open now."""
    blank: dict[str, Any] = {}
    left = {line["consignment_id"]: line for line in open_lines}
    found: list[dict[str, Any]] = []
    for line in lines:
        known = left.get(str(line.get("consignment_id"))) or blank
        shown: dict[str, Any] = {n: known[n] for n in ("lot_number", "expiry") if n in known}
        found.append({**line, **shown, "on_way": known.get("on_way", 0)})
    return found


# --- a document to write again -------------------------------------------------------------------


def template_form(payload: Mapping[str, Any], facility_id: int, kind: Kind) -> dict[str, Any]:
    """A template as a new form: day and papers are its own, lots are chosen anew where goods go
    out."""
    known = typed_of(document_from_payload({**payload, "facility_id": facility_id}))
    names = [name for name in FORMS[kind].head if known.get(name) and name not in _ITS_OWN]
    kept: dict[str, Any] = {name: known[name] for name in names}
    kept["lines"] = [_again(line, kind) for line in known["lines"]]
    return kept


def copied_form(head: LastHead) -> dict[str, Any]:
    """A posted document as a new form, in the same way."""
    names = [name for name in FORMS[head.kind].head if name not in _ITS_OWN]
    kept: dict[str, Any] = {name: getattr(head, name, "") for name in names}
    if head.purpose == "loan_return":
        kept["purpose"] = ""
    kept["lines"] = posted_lines(head.document_id, head.kind)
    return kept


_ITS_OWN = frozenset({"paper_reference", "follows_id", "settles_id"})
_NOT_AGAIN = frozenset({"consignment_id", "asked_quantity", "reason", "lost_quantity"})


def _again(line: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    chosen_anew: set[str] = set() if FORMS[kind].brings else {"lot_number", "expiry"}
    dropped = _NOT_AGAIN | chosen_anew
    return {name: value for name, value in line.items() if name not in dropped and value}


def posted_lines(document_id: int, kind: Kind) -> list[dict[str, Any]]:
    """The lines of a posted document, to write them again."""
    form = FORMS[kind]
    lines = []
    for line in entry_queries.lines_to_copy(document_id):
        shown: dict[str, Any] = {
            "item_code": line.item_code,
            "quantity": num(line.asked_quantity or line.quantity),
            "pack_id": str(line.pack_id or ""),
        }
        if form.brings:
            shown |= {
                "lot_number": line.lot_number,
                "expiry": f"{line.expiry:%d/%m/%Y}" if line.expiry else "",
                "fund_code": line.fund_code,
                "amount_vnd": num(line.amount_vnd),
            }
        if form.adjusts:
            shown |= {"direction": line.direction, "lot_number": line.lot_number}
        lines.append(shown)
    return lines
