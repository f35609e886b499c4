"""What other programs send and get about stock: the shapes of `docs/formats/api.md`. Pure.

What is sent follows from the classes of documents themselves, so a kind or field that the ledger
learns is taken, checked and described here without another word.
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, Union, get_args, get_origin, get_type_hints

from supply.core.shape_of import shape_of
from supply.core.shapes import (
    ALIASES,
    Anything,
    Bool,
    Choice,
    Day,
    Int,
    Listed,
    Moment,
    Obj,
    OneOf,
    Shape,
    Str,
)
from supply.inventory.document_faults import LINE_NOTE_MAX, TEXT_MAX
from supply.inventory.documents import CLASSES, LINE_CLASSES, LINES_MAX, Document, Line
from supply.inventory.kinds import (
    FROM_PLACES,
    INSIDE_PLACES,
    KINDS,
    PLACES,
    PURPOSES,
    REASONS,
    Kind,
)
from supply.inventory.parsing import MONEY_VND_MAX, QUANTITY_MAX
from supply.inventory.rows import AskedLine

INT4_MAX = 2**31 - 1
SENT_NAMES = ALIASES
_KEPT_BACK = {"client_key", "origin", "lines"}  # the key is a header; the origin is ours to say
_MAY_HAVE_NO_LINES = {Kind.TRANSFER_RECEIPT, Kind.REVERSAL}
_SMALL_IDS = {"facility_id", "counterpart_facility_id", "pack_id"}
_ABOUT = {
    "happened_on": "Today in Hà Nội if absent; never in the future",
    "pack_id": "The quantities (and the price) of the line are of this pack of the item",
    "lot_number": "Receipt: the maker's lot; else take only this lot. Absent: first expired first",
    "consignment_id": "Take only this consignment",
    "asked_quantity": "What was asked for, where less is given",
    "unit_price_vnd": "Per unit of `quantity`",
    "amount_vnd": "For the whole line, instead of a price",
    "details": "A small object kept with the document",
    "follows_id": "The document this one answers: the dispatch, or the issue that comes back",
    "settles_id": "The loan this one settles",
    "reverses_id": "The document to undo",
}
_EXAMPLES: dict[str, Any] = {
    "item": "TH001",
    "fund": "NSTP",
    "partner": "NCC01",
    "lot_number": "L2201",
    "quantity": 30,
    "unit_price_vnd": 45000,
    "facility_id": 12,
    "expiry": "2026-01-31",
}


def document_shape(kind: Kind, *, draft: bool = False) -> Obj:
    """What is sent to post a document of this kind; for a draft everything but the facility may
    still be missing."""
    of = CLASSES[kind]
    found: dict[str, Shape] = {"kind": OneOf(words=[kind.value])}
    found |= _fields_of(of, kind)
    if kind != Kind.REVERSAL:
        found["lines"] = Listed(of=_line_shape(kind, draft), longest=LINES_MAX, lines=True)
    required = {"kind", "facility_id"}
    if not draft:
        required |= {n for n in _needed(of) if n in found}
        required |= set() if kind in _MAY_HAVE_NO_LINES else {"lines"}
    title = "".join(word.title() for word in kind.value.split("_"))
    return Obj(
        name=f"{title}{'Draft' if draft else ''}",
        about=f"{KINDS[kind].name.en}: {KINDS[kind].goes}",
        fields=found,
        required=frozenset(required),
    )


def _line_shape(kind: Kind, draft: bool) -> Obj:
    of = LINE_CLASSES[kind]
    return Obj(
        name=f"{of.__name__}{'Draft' if draft else ''}",
        fields=_fields_of(of, None),
        required=frozenset() if draft else frozenset(_needed(of)),
    )


def _fields_of(of: type[Document] | type[Line], kind: Kind | None) -> dict[str, Shape]:
    hints = get_type_hints(of)
    return {
        SENT_NAMES.get(f.name, f.name): _field_shape(f, hints[f.name], kind)
        for f in fields(of)
        if f.name not in _KEPT_BACK
    }


def _needed(of: type[Document] | type[Line]) -> set[str]:
    return {
        SENT_NAMES.get(f.name, f.name)
        for f in fields(of)
        if f.name not in _KEPT_BACK and is_needed(f)
    }


def is_needed(one: Field[Any]) -> bool:
    """Whether a document of this class cannot be without the field."""
    return one.default is MISSING and one.default_factory is MISSING


def _field_shape(one: Field[Any], hint: Any, kind: Kind | None) -> Shape:
    name = one.name
    said: dict[str, Any] = {"null": _may_be_none(hint), "about": _ABOUT.get(name, "")}
    said["example"] = _EXAMPLES.get(SENT_NAMES.get(name, name))
    plain = _without_none(hint)
    if name == "purpose" and kind is not None:
        return OneOf(words=["", *PURPOSES.get(kind, {})], **said)
    if name == "from_place" and kind is not None:
        return OneOf(words=FROM_PLACES.get(kind, ("store",)), **said)
    if name == "direction":
        return OneOf(words=("in", "out"), **said)
    if name == "reason" and kind == Kind.ADJUSTMENT:
        return OneOf(words=list(REASONS), **said)
    if plain is int:
        return _whole(name, said)
    if plain is dt.date:
        return Day(**said)
    if plain is str:
        return Str(longest=_longest(name, kind), **said)
    if get_origin(plain) in (Mapping, dict):
        return Anything(**said)
    raise TypeError(f"no shape for the field {name}: {hint}")


def _whole(name: str, said: dict[str, Any]) -> Int:
    if name.endswith("_vnd"):
        return Int(highest=MONEY_VND_MAX, **said)
    if name.endswith("quantity"):
        return Int(highest=QUANTITY_MAX, **said)
    if name in _SMALL_IDS:
        return Int(lowest=1, highest=INT4_MAX, **said)
    return Int(lowest=1, **said)


def _longest(name: str, kind: Kind | None) -> int:
    if kind is None and name == "note":
        return LINE_NOTE_MAX
    return TEXT_MAX[name]


def _may_be_none(hint: Any) -> bool:
    return type(None) in get_args(hint)


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        return next(part for part in get_args(hint) if part is not type(None))
    return hint


DOCUMENT = Choice(
    name="NewDocument",
    by="kind",
    about="A document to post; `kind` says which",
    options={kind.value: document_shape(kind) for kind in CLASSES},
)
DRAFT_KINDS = tuple(kind for kind in CLASSES if kind != Kind.REVERSAL)
DRAFT = Choice(
    name="NewDraft",
    by="kind",
    about="A document that is still being written: anything but the facility may be missing",
    options={kind.value: document_shape(kind, draft=True) for kind in DRAFT_KINDS},
)
REVERSAL = Obj(
    name="NewReversal",
    fields={
        "reason": Str(shortest=1, longest=TEXT_MAX["reason"], example="Nhập nhầm số lượng"),
        "happened_on": Day(null=True, about=_ABOUT["happened_on"]),
        "note": Str(longest=TEXT_MAX["note"]),
    },
    required=frozenset({"reason"}),
)

# --- what is handed out ----------------------------------------------------------------------------

ID = Int(lowest=1, example=871)
SMALL_ID = Int(lowest=1, highest=INT4_MAX, example=12)
COUNT = Int(example=3000)
SIGNED = Int(lowest=-(2**63), example=3000)
MONEY = Int(example=1350000)
NAME = Str(longest=400, example="Paracetamol 500 mg")
CODE = Str(longest=50, example="TH001")
WORDS = Str(longest=2000, example="")
LOT_NUMBER = Str(longest=50, example="L2201")
EXPIRY = Day(null=True, example="2026-01-31")
OTHER_ID = Int(lowest=1, null=True)
KIND = OneOf(words=[kind.value for kind in Kind])


def page_of(row: Obj) -> Obj:
    """A page of a list, and where the next begins."""
    after = Str(longest=200, null=True, example="TH001~12", about="null: that was the last page")
    return Obj(name=f"{row.name}Page", fields={"result": Listed(of=row), "next_after": after})


def one_of(row: Obj) -> Obj:
    """One thing."""
    return Obj(name=f"{row.name}Result", fields={"result": row})


FACILITY = Obj(
    name="Facility",
    fields={
        "id": SMALL_ID,
        "code": Str(longest=50, example="BD-TYT-01"),
        "name": Str(longest=400, example="Trạm Y tế phường Phúc Xá"),
        "kind": Str(longest=50, example="ward_station"),
        "district_id": SMALL_ID,
        "is_depot": Bool(example=False),
        "may_write": Bool(about="The key may post here"),
    },
)
PACK = Obj(
    name="Pack",
    fields={
        "id": SMALL_ID,
        "name": Str(longest=200, example="Hộp 100 viên"),
        "units_per_pack": Int(lowest=1, example=100),
        "is_default": Bool(),
    },
)
ITEM = Obj(
    name="Item",
    fields={
        "id": SMALL_ID,
        "item": CODE,
        "name": NAME,
        "category": Str(longest=50, example="drug"),
        "unit": Str(longest=100, example="viên"),
        "is_essential": Bool(),
        "packs": Listed(of=PACK),
    },
)
NAMED = Obj(
    name="Named",
    fields={"id": SMALL_ID, "code": CODE, "name": Str(longest=400, example="Ngân sách thành phố")},
)
STOCK_LINE = Obj(
    name="StockLine",
    about="One item at one facility (or whatever `group` asked for: `key`, `label`), base units",
    fields={
        "key": Int(example=12),
        "label": Str(longest=400, example="Trạm Y tế phường Phúc Xá"),
        "facility_id": Int(highest=INT4_MAX, example=12, about="0: the row is of several"),
        "item_id": SMALL_ID,
        "item": CODE,
        "name": NAME,
        "category": Str(longest=50, example="drug"),
        "unit": Str(longest=100, example="viên"),
        "quantity": COUNT,
        "usable": COUNT,
        "near_expiry": COUNT,
        "expired": COUNT,
        "blocked": COUNT,
        "quarantined": COUNT,
        "on_way": COUNT,
        "next_expiry": EXPIRY,
        "amount_vnd": MONEY,
    },
)
LOT = Obj(
    name="Lot",
    fields={
        "facility_id": SMALL_ID,
        "item_id": SMALL_ID,
        "item": CODE,
        "lot_id": ID,
        "lot_number": LOT_NUMBER,
        "expiry": EXPIRY,
        "consignment_id": ID,
        "fund": Str(longest=50, example="NSTP"),
        "unit_price_vnd": MONEY,
        "place": OneOf(words=list(INSIDE_PLACES)),
        "quantity": COUNT,
        "amount_vnd": MONEY,
    },
)
CARD = Obj(
    name="StockCard",
    about="opening + in − out = closing",
    fields={
        "facility_id": SMALL_ID,
        "item_id": SMALL_ID,
        "first_day": Day(),
        "last_day": Day(),
        "opening": COUNT,
        "closing": COUNT,
        "lines": Listed(
            of=Obj(
                name="CardLine",
                fields={
                    "happened_on": Day(),
                    "document_id": ID,
                    "kind": KIND,
                    "label": Str(longest=40, example="PN-2022-0004"),
                    "words": WORDS,
                    "lot_number": LOT_NUMBER,
                    "expiry": EXPIRY,
                    "quantity_in": COUNT,
                    "quantity_out": COUNT,
                    "balance": SIGNED,
                },
            )
        ),
    },
)
_HEAD: dict[str, Shape] = {
    "id": ID,
    "label": Str(longest=40, example="PN-2022-0004"),
    "kind": KIND,
    "facility_id": SMALL_ID,
    "counterpart_facility_id": Int(lowest=1, highest=INT4_MAX, null=True),
    "number": Int(lowest=1, example=4),
    "year": Int(lowest=1, example=2022),
    "happened_on": Day(),
    "recorded_at": Moment(),
    "partner_name": Str(longest=400, null=True),
    "recipient": WORDS,
    "origin": WORDS,
    "paper_reference": WORDS,
    "line_count": Int(example=1),
    "amount_vnd": MONEY,
    "reverses_id": OTHER_ID,
    "reversed_by_id": OTHER_ID,
    "follows_id": OTHER_ID,
    "purpose": Str(longest=50, example="purchase"),
    "from_place": OneOf(words=list(INSIDE_PLACES)),
    "settles_id": OTHER_ID,
}
DOCUMENT_ROW = Obj(name="DocumentRow", fields=_HEAD)
DOCUMENT_LINE = Obj(
    name="DocumentLine",
    about="One movement; a line that took several lots has several",
    fields={
        "line": Int(lowest=1, example=1),
        "item": CODE,
        "name": NAME,
        "unit": Str(longest=100, example="viên"),
        "lot_number": LOT_NUMBER,
        "expiry": EXPIRY,
        "consignment_id": ID,
        "fund": Str(longest=50, example="NSTP"),
        "from": OneOf(words=list(PLACES), example="supplier"),
        "to": OneOf(words=list(PLACES), example="store"),
        "quantity": COUNT,
        "unit_price_vnd": MONEY,
        "amount_vnd": MONEY,
    },
)
DOCUMENT_VIEW = Obj(
    name="Document",
    fields=_HEAD
    | {
        "recorded_by": WORDS,
        "note": WORDS,
        "reason": WORDS,
        "hash": Str(longest=64, example="9f6c" * 16),
        "lines": Listed(of=DOCUMENT_LINE),
        "asked": Listed(of=shape_of(AskedLine, "DocumentAskedLine")),
        "details": Anything(about="What a room kept with its document"),
    },
)
POSTED = Obj(
    name="Posted",
    fields={
        "document_id": ID,
        "facility_id": SMALL_ID,
        "kind": KIND,
        "label": Str(longest=40, example="PN-2022-0004"),
        "number": Int(lowest=1, example=4),
        "year": Int(lowest=1, example=2022),
        "happened_on": Day(),
        "hash": Str(longest=64, example="9f6c" * 16),
        "replayed": Bool(about="Posted before with the same key; nothing was added", example=False),
        "lines": Listed(
            of=Obj(
                name="PostedLine",
                fields={
                    "line": Int(lowest=1, example=1),
                    "item": CODE,
                    "lot_number": LOT_NUMBER,
                    "expiry": EXPIRY,
                    "consignment_id": ID,
                    "quantity": COUNT,
                    "amount_vnd": MONEY,
                },
            )
        ),
    },
)
DRAFT_ROW = Obj(
    name="DraftRow",
    fields={
        "id": ID,
        "kind": KIND,
        "facility_id": SMALL_ID,
        "origin": WORDS,
        "line_count": Int(example=1),
        "happened_on": Day(null=True),
        "updated_at": Moment(),
        "posted_document_id": OTHER_ID,
    },
)
DRAFT_VIEW = Obj(
    name="Draft",
    fields={
        "id": ID,
        "kind": KIND,
        "facility_id": SMALL_ID,
        "origin": WORDS,
        "updated_at": Moment(),
        "posted_document_id": OTHER_ID,
        "document": Anything(about="As it was sent", example={"kind": "issue", "facility_id": 12}),
    },
)
ATTACHMENT = Obj(
    name="Attachment",
    fields={
        "id": ID,
        "document_id": OTHER_ID,
        "draft_id": OTHER_ID,
        "name": Str(longest=150, example="hóa đơn.jpg"),
        "content_type": Str(longest=50, example="image/jpeg"),
        "size_bytes": Int(lowest=1, example=183204),
        "sha256": Str(longest=64, example="0a" * 32),
        "added_by": WORDS,
        "added_at": Moment(),
        "removed_by": Str(longest=2000, null=True),
        "removed_at": Moment(null=True),
        "removed_reason": WORDS,
    },
)
ATTACHMENTS = Obj(name="Attachments", fields={"result": Listed(of=ATTACHMENT)})
REMOVAL = Obj(
    name="Removal",
    fields={"reason": Str(shortest=1, longest=200, example="Chụp nhầm hóa đơn")},
)
