"""Who owes what to whom, derived from documents. Rows outside the scope do not appear."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import RowMapping, text

from supply.core.clock import today
from supply.core.errors import NotFound
from supply.core.text import Text
from supply.core.transaction import reading
from supply.inventory.kinds import document_label
from supply.lending.loans import Loan, LoanLine, Settlement

# `loan_line` (migrations/sql/0010_2_lending.sql) is the one definition of what is owed.
_LOANS = """
SELECT d.id, d.kind, d.year, d.number, d.happened_on, d.note, d.recipient, d.facility_id,
       coalesce((SELECT a.due_on::text FROM loan_due a WHERE a.document_id = d.id
                 ORDER BY a.id DESC LIMIT 1), d.details ->> 'due_on') AS due_on, f.name_vi, f.name_en, d.counterpart_facility_id,
       o.name_vi AS other_vi, o.name_en AS other_en, coalesce(p.name, '') AS partner_name,
       l.item_id, i.code, i.name_vi AS item_vi, i.name_en AS item_en, i.base_unit_vi,
       i.base_unit_en, l.lent, l.returned, l.regularised
FROM loan_line l
JOIN document d ON d.id = l.document_id
JOIN facility f ON f.id = d.facility_id
LEFT JOIN facility o ON o.id = d.counterpart_facility_id
LEFT JOIN partner p ON p.id = d.partner_id
JOIN item i ON i.id = l.item_id
WHERE (CAST(:document AS bigint) IS NULL OR d.id = :document)
  AND (CAST(:facility_ids AS int[]) IS NULL OR d.facility_id = ANY (:facility_ids)
       OR d.counterpart_facility_id = ANY (:facility_ids))
  AND (NOT :open OR EXISTS (
      SELECT FROM loan_line x
      WHERE x.document_id = d.id AND x.lent > x.returned + x.regularised))
ORDER BY d.happened_on, d.id, i.code
"""


def _ask(sql: str, **params: object) -> Sequence[RowMapping]:
    with reading() as session:
        return session.connection().execute(text(sql), params).mappings().all()


def loans(facility_ids: Iterable[int] | None = None, *, settled: bool = False) -> list[Loan]:
    """Loans of these facilities on either side, the oldest first; `settled`: also those over."""
    found = _ask(
        _LOANS,
        document=None,
        facility_ids=None if facility_ids is None else list(facility_ids),
        open=not settled,
    )
    return _loans(found)


def loan(document_id: int) -> Loan:
    """One loan by its document. Raises NotFound (none, reversed, or outside the scope)."""
    found = _loans(_ask(_LOANS, document=document_id, facility_ids=None, open=False))
    if not found:
        raise NotFound(Text("Không có phiếu mượn này.", "There is no such loan."))
    return found[0]


def _loans(rows: Sequence[RowMapping]) -> list[Loan]:
    by_document: dict[int, list[RowMapping]] = {}
    for row in rows:
        by_document.setdefault(row["id"], []).append(row)
    return [_loan(lines) for lines in by_document.values()]


def _loan(rows: list[RowMapping]) -> Loan:
    r = rows[0]
    home = (r["facility_id"], Text(r["name_vi"], r["name_en"]))
    outside = r["partner_name"] or r["recipient"]
    other: tuple[int | None, Text] = (
        (r["counterpart_facility_id"], Text(r["other_vi"], r["other_en"]))
        if r["counterpart_facility_id"] is not None
        else (None, Text(outside, outside))
    )
    lender, borrower = (other, home) if r["kind"] == "receipt" else (home, other)
    return Loan(
        document_id=r["id"],
        document_label=document_label(r["kind"], r["year"], r["number"]),
        document_kind=r["kind"],
        happened_on=r["happened_on"],
        due_on=_day(r["due_on"]),
        today=today(),
        lender_id=lender[0],
        lender_name=lender[1],
        borrower_id=borrower[0],
        borrower_name=borrower[1],
        note=r["note"],
        lines=tuple(
            LoanLine(
                x["item_id"],
                x["code"],
                Text(x["item_vi"], x["item_en"]),
                Text(x["base_unit_vi"], x["base_unit_en"]),
                x["lent"],
                x["returned"],
                x["regularised"],
            )
            for x in rows
        ),
    )


def _day(written: str | None) -> dt.date | None:
    """The day agreed, as `details` of the document says it; nonsense counts as none."""
    try:
        return dt.date.fromisoformat(written) if written else None
    except ValueError:
        return None


_SETTLED = """
SELECT s.id, s.kind, s.year, s.number, s.happened_on, i.code, sum(e.quantity)::bigint AS quantity,
       s.paper_reference, s.note, concat_ws(' ', u.first_name, u.last_name) AS by
FROM document s JOIN entry e ON e.document_id = s.id JOIN item i ON i.id = e.item_id
LEFT JOIN ab_user u ON u.id = s.recorded_by
WHERE s.settles_id = :id AND s.kind <> 'reversal'
  AND NOT EXISTS (SELECT FROM document x WHERE x.reverses_id = s.id)
GROUP BY s.id, i.code, u.id
UNION ALL
SELECT NULL, NULL, NULL, NULL, (g.recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, i.code,
       g.quantity, g.paper_reference, g.note, concat_ws(' ', u.first_name, u.last_name)
FROM loan_regularisation g JOIN item i ON i.id = g.item_id
LEFT JOIN ab_user u ON u.id = g.recorded_by
WHERE g.document_id = :id
ORDER BY 5, 1 NULLS LAST
"""


def settlements(document_id: int) -> list[Settlement]:
    """What settled a loan so far, in the order of days."""
    return [
        Settlement(
            r["id"],
            document_label(r["kind"], r["year"], r["number"]) if r["kind"] else "",
            r["happened_on"],
            r["code"],
            r["quantity"],
            r["paper_reference"],
            r["note"],
            r["by"],
        )
        for r in _ask(_SETTLED, id=document_id)
    ]


_FACTS = """
SELECT DISTINCT ON (i.code) i.code, t.number AS lot_number, t.expiry, u.code AS fund_code,
       c.unit_price_vnd
FROM entry e
JOIN item i ON i.id = e.item_id
JOIN lot t ON t.id = e.lot_id
JOIN consignment c ON c.id = e.consignment_id
JOIN fund u ON u.id = c.fund_id
WHERE e.document_id = :id ORDER BY i.code, e.id
"""


def lent_facts(document_id: int) -> dict[str, dict[str, Any]]:
    """Item code → lot_number, expiry, fund_code, unit_price_vnd of what was lent first, for the
    receipt of the same goods coming back."""
    return {
        r["code"]: {
            "lot_number": r["lot_number"] or None,
            "expiry": r["expiry"],
            "fund_code": r["fund_code"],
            "unit_price_vnd": r["unit_price_vnd"],
        }
        for r in _ask(_FACTS, id=document_id)
    }
