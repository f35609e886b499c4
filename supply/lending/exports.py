"""Loans as a file: one row per loan and item."""

from __future__ import annotations

from supply.core.address import Args, number
from supply.core.export import Column, Table
from supply.core.files import exportable
from supply.core.text import Text
from supply.lending import queries


@exportable("lending.loans", "Loans")
def loans_table(said: Args) -> Table:
    """Who owes what to whom."""
    place = number(said, "facility")
    found = queries.loans(None if place is None else [place], settled=said.get("settled") == "1")
    return Table(
        name="hang-muon",
        title=Text("Hàng mượn, cho mượn", "Lent and borrowed goods"),
        columns=(
            Column("label", Text("Số phiếu", "Document"), lambda r: r[0].document_label),
            Column("day", Text("Ngày", "Date"), lambda r: r[0].happened_on, "date"),
            Column("lender", Text("Bên cho mượn", "Lender"), lambda r: r[0].lender_name, width=32),
            Column("borrower", Text("Bên mượn", "Borrower"), lambda r: r[0].borrower_name, width=32),
            Column("item", Text("Mã hàng", "Item code"), lambda r: r[1].item_code),
            Column("name", Text("Mặt hàng", "Item"), lambda r: r[1].item_name, width=36),
            Column("unit", Text("Đơn vị", "Unit"), lambda r: r[1].unit),
            Column("lent", Text("Đã mượn", "Lent"), lambda r: r[1].lent, "number"),
            Column("returned", Text("Đã trả", "Returned"), lambda r: r[1].returned, "number"),
            Column(
                "regular", Text("Hợp thức hóa", "Made regular"), lambda r: r[1].regularised, "number"
            ),
            Column("owed", Text("Còn nợ", "Owed"), lambda r: r[1].owed, "number"),
            Column("due", Text("Hẹn trả", "Due"), lambda r: r[0].due_on, "date"),
            Column("late", Text("Quá hạn (ngày)", "Overdue (days)"), lambda r: r[0].overdue_days, "number"),
        ),
        rows=[(loan, line) for loan in found for line in loan.lines],
    )  # fmt: skip
