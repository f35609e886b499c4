"""Loans for other programs. Lending, borrowing and giving back are documents (`POST /documents`)."""

from __future__ import annotations

from typing import Any

from supply.core.api import Answer, Api, operation
from supply.core.shape_of import shape_of, with_also
from supply.core.shapes import Bool, Int, Listed, Obj, Shape
from supply.core.text import Text
from supply.inventory.api import FACILITY, PAGING, in_scope, page_answer, paged
from supply.inventory.api_shapes import ID, SIGNED, one_of
from supply.lending import queries
from supply.lending.loans import Loan, LoanLine, Settlement

TAG = "Loans"
_MORE: dict[str, Shape] = {"age_days": SIGNED, "overdue_days": Int(), "is_open": Bool()}
_LINES = Listed(of=shape_of(LoanLine, "LoanLine", also={"owed": SIGNED}))
LOAN = Obj(name="Loan", fields={**shape_of(Loan, also=_MORE).fields, "lines": _LINES})
VIEW = Obj(
    name="LoanView",
    fields={**LOAN.fields, "settlements": Listed(of=shape_of(Settlement, "Settlement"))},
)


class LoansApi(Api):
    """What is lent and borrowed until it is settled."""

    class_permission_name = "Loans"

    @operation(
        method="GET",
        path="/loans",
        tag=TAG,
        permission="read",
        summary=Text("Hàng mượn, cho mượn", "Loans"),
        query=PAGING | {"facility": FACILITY, "settled": Bool(about="Also those that are over")},
        answers=page_answer(LOAN),
        errors=(404,),
    )
    def loans(self, query: dict[str, Any]) -> Any:
        """On either side, newest first."""
        place = in_scope(query)
        found = queries.loans(
            None if place is None else [place], settled=query.get("settled", False)
        )
        got = paged(found, lambda loan: loan.document_id, "loans", query, newest_first=True)
        return got | {"result": [_loan(loan) for loan in got["result"]]}

    @operation(
        method="GET",
        path="/loans/{document_id}",
        tag=TAG,
        permission="read",
        summary=Text("Một khoản mượn", "One loan"),
        in_path={"document_id": ID},
        answers={200: Answer("With what settled it", one_of(VIEW))},
    )
    def loan(self, document_id: int) -> Any:
        """By the document that lent it."""
        found = _loan(queries.loan(document_id))
        return {"result": found | {"settlements": queries.settlements(document_id)}}


def _loan(loan: Loan) -> dict[str, Any]:
    return with_also(loan, *_MORE) | {"lines": [with_also(line, "owed") for line in loan.lines]}
