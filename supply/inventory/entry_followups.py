"""Earlier documents that a new one follows: issues whose goods come back, loans to be settled."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from supply.inventory.asking import ask
from supply.inventory.kinds import Kind, document_label

CHOICES_MAX = 100


@dataclass(frozen=True)
class Earlier:
    """A document to choose from; `words`: to whom or from whom."""

    id: int
    label: str
    happened_on: dt.date
    words: str


@dataclass(frozen=True)
class OpenLine:
    """What of an earlier document is still open, base units."""

    item_code: str
    lot_number: str
    expiry: dt.date | None
    consignment_id: int
    quantity: int


_ISSUES = """
SELECT d.id, d.kind, d.year, d.number, d.happened_on, d.recipient AS words FROM document d
WHERE d.facility_id = :facility_id AND d.kind = 'issue'
  AND d.purpose NOT IN ('loan', 'loan_return')
  AND NOT EXISTS (SELECT FROM document r WHERE r.reverses_id = d.id)
ORDER BY d.id DESC LIMIT :limit
"""


def issues_to_return(facility_id: int) -> list[Earlier]:
    """The store's latest standing issues, newest first: goods of one may come back."""
    return _earlier(_ISSUES, facility_id=facility_id)


# Which documents a loan_return of each kind may settle, and the place its goods went to or came from.
_LOAN_OF = {
    Kind.RECEIPT: "d.kind = 'issue' AND d.purpose = 'loan' AND d.facility_id = :facility_id",
    Kind.ISSUE: "d.kind = 'receipt' AND d.purpose = 'borrowed' AND d.facility_id = :facility_id",
    Kind.TRANSFER_DISPATCH: (
        "d.kind = 'transfer_dispatch' AND d.purpose = 'loan'"
        " AND d.counterpart_facility_id = :facility_id"
    ),
}
_LOANS = """
SELECT d.id, d.kind, d.year, d.number, d.happened_on,
       coalesce(p.name, f.name_vi) AS words
FROM document d LEFT JOIN partner p ON p.id = d.partner_id JOIN facility f ON f.id = d.facility_id
WHERE {which}
  AND NOT EXISTS (SELECT FROM document r WHERE r.reverses_id = d.id)
ORDER BY d.id DESC LIMIT :limit
"""


def loans_to_settle(facility_id: int, kind: Kind) -> list[Earlier]:
    """Standing loans that a document of this kind with purpose loan_return may settle."""
    which = _LOAN_OF.get(kind)
    return _earlier(_LOANS.format(which=which), facility_id=facility_id) if which else []


def _earlier(sql: str, facility_id: int) -> list[Earlier]:
    return [
        Earlier(
            r["id"],
            document_label(r["kind"], r["year"], r["number"]),
            r["happened_on"],
            r["words"],
        )
        for r in ask(sql, facility_id=facility_id, limit=CHOICES_MAX)
    ]


# As the ledger counts it: what the issue and the returns that follow it brought to use and took back.
_ISSUED = """
SELECT i.code, t.number, t.expiry, x.consignment_id, x.quantity
FROM (
    SELECT e.item_id, e.lot_id, e.consignment_id, min(e.id) AS first,
           sum(CASE WHEN b.kind = 'use' THEN e.quantity ELSE -e.quantity END)::bigint AS quantity
    FROM document d
    JOIN entry e ON e.document_id = d.id
    JOIN location a ON a.id = e.from_location_id
    JOIN location b ON b.id = e.to_location_id
    WHERE (d.id = :id OR d.follows_id = :id) AND 'use' IN (a.kind, b.kind)
    GROUP BY e.item_id, e.lot_id, e.consignment_id
) x
JOIN item i ON i.id = x.item_id
JOIN lot t ON t.id = x.lot_id
WHERE x.quantity > 0 ORDER BY x.first
"""


def issued_lines(issue_id: int) -> list[OpenLine]:
    """What of an issue is still out, per consignment."""
    return [
        OpenLine(r["code"], r["number"], r["expiry"], r["consignment_id"], r["quantity"])
        for r in ask(_ISSUED, id=issue_id)
    ]


_OWED = """
SELECT i.code, sum(CASE WHEN d.id = :id THEN e.quantity ELSE -e.quantity END)::bigint AS quantity
FROM document d JOIN entry e ON e.document_id = d.id JOIN item i ON i.id = e.item_id
WHERE (d.id = :id OR d.settles_id = :id)
  AND NOT EXISTS (SELECT FROM document r WHERE r.reverses_id = d.id)
GROUP BY i.code
HAVING sum(CASE WHEN d.id = :id THEN e.quantity ELSE -e.quantity END) > 0
ORDER BY i.code
"""


def owed_items(loan_id: int) -> dict[str, int]:
    """What of a loan has not been given back, base units by item code."""
    return {r["code"]: r["quantity"] for r in ask(_OWED, id=loan_id)}
