"""The verbs of lending: lend, borrow, give back, make regular afterwards.

Goods move by documents of the inventory only. Who owes what is derived from them; what is made
regular is the one thing recorded here (`loan_regularise` of migrations/sql/0010_2_lending.sql).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from supply.core.errors import Conflict, Fault, InvalidInput, NotFound, SupplyError
from supply.core.text import Text, group_digits
from supply.core.transaction import add_translator, transaction
from supply.inventory import services as stock
from supply.inventory.documents import (
    Document,
    Issue,
    IssueLine,
    Receipt,
    ReceiptLine,
    TransferDispatch,
)
from supply.inventory.services import Posted
from supply.lending import queries
from supply.lending.loans import Loan


def _explain(state: str, code: str, details: dict[str, object]) -> SupplyError | None:
    """What 0010_2_lending.sql refuses."""
    if state == "SP451":
        return NotFound(
            Text(
                "Không tìm thấy phiếu mượn này trong cơ sở của bạn.",
                "There is no such loan in your facilities.",
            )
        )
    if state == "SP452":
        owed = details.get("owed")
        if isinstance(owed, int):
            return Conflict(
                Text(
                    f"Chỉ còn nợ {group_digits(owed)}; hãy ghi không quá số này.",
                    f"Only {group_digits(owed)} are still owed; record no more than that.",
                )
            )
        return Conflict(
            Text(
                "Trả nhiều hơn số còn nợ. Hãy tải lại trang và ghi lại số trả.",
                "More than is still owed. Reload the page and give the quantity again.",
            )
        )
    if state == "SP453":
        return Conflict(
            Text(
                "Phiếu mượn này đã có phần hợp thức hóa nên không đảo được nữa.",
                "Part of this loan was made regular, so it can no longer be reversed.",
            )
        )
    return None


add_translator(_explain)


@dataclass(frozen=True, kw_only=True)
class Lend:
    """Goods lent to a facility (`to_facility_id`) or to a partner outside (`partner_code`)."""

    facility_id: int
    lines: Sequence[IssueLine]
    to_facility_id: int | None = None
    partner_code: str | None = None
    due_on: dt.date | None = None
    happened_on: dt.date | None = None
    recipient: str = ""
    paper_reference: str = ""
    note: str = ""
    client_key: UUID = field(default_factory=uuid4)


def lend(asked: Lend) -> Posted:
    """Post the loan: a dispatch to a facility, an issue to a partner. Raises what `post` raises,
    and InvalidInput unless exactly one receiver is named."""
    if (asked.to_facility_id is None) == (asked.partner_code is None):
        words = Text("Hãy chọn một nơi mượn.", "Choose one borrower.")
        raise InvalidInput(faults=[Fault("to_facility_id", words)])
    head: dict[str, Any] = {
        "facility_id": asked.facility_id,
        "lines": tuple(asked.lines),
        "happened_on": asked.happened_on,
        "recipient": asked.recipient,
        "paper_reference": asked.paper_reference,
        "note": asked.note,
        "details": _due(asked.due_on),
        "purpose": "loan",
        "client_key": asked.client_key,
    }
    document: Document
    if asked.to_facility_id is not None:
        document = TransferDispatch(counterpart_facility_id=asked.to_facility_id, **head)
    else:
        document = Issue(partner_code=asked.partner_code, **head)
    return stock.post(document)


def borrow(
    facility_id: int,
    partner_code: str,
    lines: Sequence[ReceiptLine],
    *,
    due_on: dt.date | None = None,
    happened_on: dt.date | None = None,
    paper_reference: str = "",
    note: str = "",
    client_key: UUID | None = None,
) -> Posted:
    """Goods borrowed from a partner outside come in. From a facility: that one lends."""
    return stock.post(
        Receipt(
            facility_id=facility_id,
            partner_code=partner_code,
            lines=tuple(lines),
            purpose="borrowed",
            details=_due(due_on),
            happened_on=happened_on,
            paper_reference=paper_reference,
            note=note,
            client_key=client_key or uuid4(),
        )
    )


def _due(due_on: dt.date | None) -> dict[str, str]:
    return {"due_on": due_on.isoformat()} if due_on else {}


def give_back(
    loan_id: int,
    quantities: Mapping[str, int],
    *,
    client_key: UUID,
    happened_on: dt.date | None = None,
    paper_reference: str = "",
    note: str = "",
    received: Mapping[str, Mapping[str, Any]] | None = None,
) -> Posted:
    """Settle (part of) a loan: item code → base units. Who owes posts it: a dispatch back to the
    lending facility, an issue back to the partner. For goods lent to a partner outside, the lender
    posts what came back; `received`: item code → lot_number, expiry, fund_code, unit_price_vnd.

    Raises InvalidInput (more than is owed: by item), NotFound, NotAllowed, NotEnoughStock.
    """
    with transaction() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(72046, :id)"), {"id": loan_id % 2**31})
        found = queries.loan(loan_id)
        if not _is_replay(client_key):
            _check_owed(found, quantities)
        head: dict[str, Any] = {
            "happened_on": happened_on,
            "paper_reference": paper_reference,
            "note": note,
            "purpose": "loan_return",
            "settles_id": loan_id,
            "client_key": client_key,
        }
        wanted = {code: units for code, units in quantities.items() if units}
        out = tuple(IssueLine(item_code=code, quantity=units) for code, units in wanted.items())
        document: Document
        if found.document_kind == "transfer_dispatch":
            document = TransferDispatch(
                facility_id=found.borrower_id or 0,
                counterpart_facility_id=found.lender_id or 0,
                lines=out,
                **head,
            )
        elif found.document_kind == "receipt":
            document = Issue(facility_id=found.borrower_id or 0, lines=out, **head)
        else:
            came = received or {}
            document = Receipt(
                facility_id=found.lender_id or 0,
                lines=tuple(
                    ReceiptLine(item_code=code, quantity=units, **came.get(code, {}))
                    for code, units in wanted.items()
                ),
                **head,
            )
        return stock.post(document)


def _is_replay(client_key: UUID) -> bool:
    """This giving-back was posted before; the ledger will say so by its key."""
    with transaction() as session:
        found = session.execute(
            text("SELECT 1 FROM document WHERE client_key = :key"), {"key": client_key}
        )
        return found.first() is not None


def _check_owed(found: Loan, quantities: Mapping[str, int]) -> None:
    owed = {line.item_code: line for line in found.lines}
    faults = []
    for number, (code, units) in enumerate(quantities.items(), 1):
        still = owed[code].owed if code in owed else 0
        if units < 0 or units > still:
            faults.append(
                Fault(
                    "quantity",
                    Text(
                        f"{code}: còn nợ {group_digits(still)}, trả {group_digits(units)}.",
                        f"{code}: {group_digits(still)} still owed, {group_digits(units)} given.",
                    ),
                    number,
                )
            )
    if not faults and not any(quantities.values()):
        faults.append(Fault("quantity", Text("Hãy ghi số lượng trả.", "Say how much is returned.")))
    if faults:
        raise InvalidInput(faults=faults)


def regularise(
    loan_id: int,
    item_code: str,
    quantity: int,
    paper_reference: str,
    note: str = "",
    client_key: UUID | None = None,
) -> int:
    """Make part of a loan regular afterwards (hợp thức hóa sau): by this paper it need not come
    back. Either side may record it. Returns the record's id; the same key adds nothing.

    Raises InvalidInput, NotFound, Conflict (more than is owed, saying how much is).
    """
    faults = []
    if not paper_reference.strip() or len(paper_reference) > 100:
        words = Text(
            "Hãy ghi số giấy tờ hợp thức hóa (tối đa 100 ký tự).",
            "Give the number of the paper that makes it regular (at most 100 characters).",
        )
        faults.append(Fault("paper_reference", words))
    if quantity < 1:
        words = Text("Số lượng phải từ 1 trở lên.", "The quantity is at least 1.")
        faults.append(Fault("quantity", words))
    if len(note) > 1000:
        faults.append(
            Fault("note", Text("Ghi chú tối đa 1.000 ký tự.", "At most 1,000 characters."))
        )
    if faults:
        raise InvalidInput(faults=faults)
    with transaction() as session:
        item_id = next(
            (x.item_id for x in queries.loan(loan_id).lines if x.item_code == item_code), 0
        )
        found = session.execute(
            text("SELECT loan_regularise(:loan, :item, :quantity, :paper, :note, :key)"),
            {
                "loan": loan_id,
                "item": item_id,
                "quantity": quantity,
                "paper": paper_reference,
                "note": note.strip(),
                "key": client_key or uuid4(),
            },
        ).scalar_one()
    return int(found)


def agree_due(loan_id: int, due_on: dt.date, note: str = "") -> None:
    """Record the day agreed for giving back; the latest agreement counts. Raises NotFound."""
    if len(note) > 500:
        words = Text("Ghi chú tối đa 500 ký tự.", "The note is at most 500 characters.")
        raise InvalidInput(faults=[Fault("note", words)])
    with transaction() as session:
        session.execute(
            text("SELECT loan_agree_due(:loan, :due, :note)"),
            {"loan": loan_id, "due": due_on, "note": note.strip()},
        )
