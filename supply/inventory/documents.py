"""The documents of a store as JSON, and the public names of this room's documents. Pure.

Classes: `document_kinds.py`; what makes one valid by itself: `document_faults.py`. What needs the
catalogue or the stock is said by `post_document`, which checks everything again that it relies on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any
from uuid import UUID

from supply.inventory.document_faults import faults_of, size_faults_of
from supply.inventory.document_kinds import (
    CLASSES,
    LINE_CLASSES,
    LINES_MAX,
    Adjustment,
    AdjustmentLine,
    CylinderEmpty,
    CylinderExchange,
    CylinderLine,
    CylinderSend,
    Document,
    EmptyLine,
    Issue,
    IssueLine,
    KitAssembly,
    KitBreakup,
    Line,
    Opening,
    Quarantine,
    Receipt,
    ReceiptLine,
    Release,
    Return,
    Reversal,
    TransferDispatch,
    TransferReceipt,
    TransferReceiptLine,
)
from supply.inventory.kinds import Kind
from supply.inventory.parsing import (
    parse_date_vn,
    parse_expiry,
    parse_money_vnd,
    parse_quantity,
)

__all__ = [
    "CLASSES",
    "LINES_MAX",
    "LINE_CLASSES",
    "Adjustment",
    "AdjustmentLine",
    "CylinderEmpty",
    "CylinderExchange",
    "CylinderLine",
    "CylinderSend",
    "Document",
    "EmptyLine",
    "Issue",
    "IssueLine",
    "KitAssembly",
    "KitBreakup",
    "Line",
    "Opening",
    "Quarantine",
    "Receipt",
    "ReceiptLine",
    "Release",
    "Return",
    "Reversal",
    "TransferDispatch",
    "TransferReceipt",
    "TransferReceiptLine",
    "document_from_payload",
    "faults_of",
    "parse_date_vn",
    "parse_expiry",
    "parse_money_vnd",
    "parse_quantity",
    "payload_of",
    "size_faults_of",
]

_BLANK: tuple[Any, ...] = (None, "", {})
_RENAMED = {"item_code": "item", "fund_code": "fund", "partner_code": "partner"}


def payload_of(document: Document) -> dict[str, Any]:
    """The document as the JSON object `post_document` takes; blank fields are left out."""
    found = _payload(document)
    found["kind"] = document.kind.value
    if document.lines:
        found["lines"] = [_payload(line) for line in document.lines]
    return found


def _payload(part: Document | Line) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in part.__dict__.items():
        if value in _BLANK or name == "lines":
            continue
        if name == "from_place" and value == "store":
            continue
        if isinstance(value, (dt.date, UUID)):
            value = str(value)
        found[_RENAMED.get(name, name)] = value
    return found


def document_from_payload(payload: Mapping[str, Any]) -> Document:
    """The document a payload describes (a draft's, an API request's); unknown fields are ignored.

    Raises KeyError, ValueError or TypeError where the payload is not of the form of `payload_of`.
    """
    kind = Kind(payload["kind"])
    values = _values(CLASSES[kind], payload)
    if "lines" in payload:
        values["lines"] = tuple(
            LINE_CLASSES[kind](**_values(LINE_CLASSES[kind], line)) for line in payload["lines"]
        )
    return CLASSES[kind](**values)


def _values(of: type[Document] | type[Line], payload: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in fields(of):
        name = one.name
        value = payload.get(_RENAMED.get(name, name))
        if name == "lines":
            continue
        if value is None:
            if one.type == "str" and one.default is MISSING:
                values[name] = ""  # `payload_of` leaves blanks out; a draft may lack anything
            continue
        if name in {"happened_on", "expiry"}:
            values[name] = dt.date.fromisoformat(value)
        else:
            values[name] = UUID(value) if name == "client_key" else value
    return values
