"""Lent and borrowed goods in the words of a store: the ways to lend, what is owed. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from supply.core.text import Text


class Side(StrEnum):
    """Which side of a loan a facility is on."""

    OWES = "owes"
    IS_OWED = "is_owed"


SIDES: dict[Side, Text] = {
    Side.OWES: Text("Mình đang mượn", "We owe"),
    Side.IS_OWED: Text("Cho mượn, chờ trả", "Owed to us"),
}


def overdue_days(due_on: dt.date | None, today: dt.date) -> int:
    """Days past the day agreed; 0 where none was agreed or it has not come."""
    return max(0, (today - due_on).days) if due_on else 0


@dataclass(frozen=True)
class LoanLine:
    """One item of a loan, base units. `owed` = lent − returned − regularised."""

    item_id: int
    item_code: str
    item_name: Text
    unit: Text
    lent: int
    returned: int
    regularised: int

    @property
    def owed(self) -> int:
        """What is still to be given back."""
        return self.lent - self.returned - self.regularised


@dataclass(frozen=True)
class Loan:
    """A loan by its document. Lender and borrower: a facility of the system (with id) or a partner
    outside it (no id)."""

    document_id: int
    document_label: str
    document_kind: str
    happened_on: dt.date
    due_on: dt.date | None
    today: dt.date
    lender_id: int | None
    lender_name: Text
    borrower_id: int | None
    borrower_name: Text
    note: str
    lines: tuple[LoanLine, ...]

    @property
    def overdue_days(self) -> int:
        """Days past the day agreed, while something is owed."""
        return overdue_days(self.due_on, self.today) if self.is_open else 0

    @property
    def age_days(self) -> int:
        """Days since the goods left."""
        return (self.today - self.happened_on).days

    @property
    def is_open(self) -> bool:
        """Something is still owed."""
        return any(line.owed > 0 for line in self.lines)

    @property
    def is_partly_settled(self) -> bool:
        """Something was given back or made regular, not all."""
        return self.is_open and any(line.owed < line.lent for line in self.lines)

    def side_of(self, facility_ids: set[int]) -> Side | None:
        """On which side these facilities are; the debt first where both are theirs."""
        if self.borrower_id in facility_ids:
            return Side.OWES
        return Side.IS_OWED if self.lender_id in facility_ids else None


@dataclass(frozen=True)
class Settlement:
    """Something that settled part of a loan: a document, or a record that made it regular."""

    document_id: int | None
    label: str
    on: dt.date
    item_code: str
    quantity: int
    paper_reference: str
    note: str
    by: str
