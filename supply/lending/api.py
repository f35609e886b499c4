"""Loans for other programs. Lending and borrowing are documents (`POST /documents`); so is giving back,
which here is held to what is still owed."""

from __future__ import annotations

from typing import Any

from supply.core.api import Answer, Api, operation
from supply.core.errors import Fault, InvalidInput
from supply.core.shape_of import shape_of, with_also
from supply.core.shapes import Bool, Day, Int, Listed, Obj, Shape, Str
from supply.core.text import Text
from supply.inventory.api import FACILITY, PAGING, in_scope, page_answer, paged
from supply.inventory.api_documents import KEYED, fields_as_sent
from supply.inventory.api_shapes import ID, SIGNED, one_of
from supply.inventory.parsing import MONEY_VND_MAX, QUANTITY_MAX
from supply.lending import queries, services
from supply.lending.loans import Loan, LoanLine, Settlement

TAG = "Loans"
ITEM_CODE = Str(shortest=1, longest=50, example="TH001")
_MORE: dict[str, Shape] = {"age_days": SIGNED, "overdue_days": Int(), "is_open": Bool()}
_LINES = Listed(of=shape_of(LoanLine, "LoanLine", also={"owed": SIGNED}))
LOAN = Obj(name="Loan", fields={**shape_of(Loan, also=_MORE).fields, "lines": _LINES})
VIEW = Obj(
    name="LoanView",
    fields={**LOAN.fields, "settlements": Listed(of=shape_of(Settlement, "Settlement"))},
)
AT = {"document_id": ID}
UNITS = Int(lowest=1, highest=QUANTITY_MAX, about="Base units", example=20)
BACK_LINE = Obj(
    name="LoanReturnLine",
    fields={
        "item": ITEM_CODE,
        "quantity": UNITS,
        "lot_number": Str(longest=50, about="Of what a borrower outside brings back"),
        "expiry": Day(null=True),
        "fund": Str(longest=50),
        "unit_price_vnd": Int(highest=MONEY_VND_MAX),
    },
    required=frozenset({"item", "quantity"}),
)
BACK = Obj(
    name="NewLoanReturn",
    fields={
        "lines": Listed(of=BACK_LINE, longest=500, lines=True),
        "happened_on": Day(null=True, about="Absent: today"),
        "paper_reference": Str(longest=100),
        "note": Str(longest=1000),
    },
    required=frozenset({"lines"}),
)
REGULAR = Obj(
    name="NewLoanRegularisation",
    fields={
        "item": ITEM_CODE,
        "quantity": UNITS,
        "paper_reference": Str(
            shortest=1,
            longest=100,
            about="By this paper it need not come back",
            example="QĐ 12/2022",
        ),
        "note": Str(longest=1000),
    },
    required=frozenset({"item", "quantity", "paper_reference"}),
)
DUE = Obj(
    name="LoanDue",
    fields={"due_on": Day(example="2022-03-31"), "note": Str(longest=500)},
    required=frozenset({"due_on"}),
)
STATE = {200: Answer("As it stands now", one_of(VIEW))}
_RECEIVED = {"lot_number": "lot_number", "expiry": "expiry", "fund": "fund_code",
             "unit_price_vnd": "unit_price_vnd"}  # fmt: skip


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
        return _view(document_id)

    @operation(
        method="POST",
        path="/loans/{document_id}/returns",
        tag=TAG,
        permission="write",
        summary=Text("Trả hàng mượn", "Give back"),
        about="Who owes posts it; for goods lent to a partner outside, the lender posts what came back,"
        " with lot, fund and price.",
        in_path=AT,
        headers=KEYED,
        body=BACK,
        answers=STATE,
        errors=(409,),
    )
    def give_back(self, document_id: int, body: dict[str, Any], headers: dict[str, Any]) -> Any:
        """Never more than is owed; once per key."""
        lines = body["lines"]
        if len({line["item"] for line in lines}) < len(lines):
            words = Text("Mỗi mặt hàng chỉ ghi một dòng.", "Name each item on one line only.")
            raise InvalidInput(words, [Fault("lines", words)])
        with fields_as_sent():
            services.give_back(
                document_id,
                {line["item"]: line["quantity"] for line in lines},
                client_key=headers["Idempotency-Key"],
                happened_on=body.get("happened_on"),
                paper_reference=body.get("paper_reference", ""),
                note=body.get("note", ""),
                received={line["item"]: _received(line) for line in lines},
            )
        return _view(document_id)

    @operation(
        method="POST",
        path="/loans/{document_id}/regularisations",
        tag=TAG,
        permission="write",
        summary=Text("Hợp thức hóa khoản mượn", "Make part of a loan regular"),
        in_path=AT,
        headers=KEYED,
        body=REGULAR,
        answers=STATE,
        errors=(409,),
    )
    def regularise(self, document_id: int, body: dict[str, Any], headers: dict[str, Any]) -> Any:
        """Once per key."""
        services.regularise(
            document_id,
            body["item"],
            body["quantity"],
            body["paper_reference"],
            body.get("note", ""),
            headers["Idempotency-Key"],
        )
        return _view(document_id)

    @operation(
        method="POST",
        path="/loans/{document_id}/due",
        tag=TAG,
        permission="write",
        summary=Text("Hẹn ngày trả", "Agree when it comes back"),
        in_path=AT,
        body=DUE,
        answers=STATE,
        errors=(409,),
    )
    def agree_due(self, document_id: int, body: dict[str, Any]) -> Any:
        """The latest agreement counts."""
        services.agree_due(document_id, body["due_on"], body.get("note", ""))
        return _view(document_id)


def _view(document_id: int) -> dict[str, Any]:
    found = _loan(queries.loan(document_id))
    return {"result": found | {"settlements": queries.settlements(document_id)}}


def _received(line: dict[str, Any]) -> dict[str, Any]:
    return {to: line[name] for name, to in _RECEIVED.items() if line.get(name) is not None}


def _loan(loan: Loan) -> dict[str, Any]:
    return with_also(loan, *_MORE) | {"lines": [with_also(line, "owed") for line in loan.lines]}
