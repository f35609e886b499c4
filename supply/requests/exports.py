"""Requisitions as a file: one row for each line asked for."""

from __future__ import annotations

from collections.abc import Iterator

from supply.core.address import Args, number
from supply.core.export import Column, Table
from supply.core.files import exportable
from supply.core.text import Text
from supply.requests import queries
from supply.requests.requisitions import SHOWS, STATUS_NAMES
from supply.requests.rows import Head, Line

_BATCH = 200


@exportable("requests.list", "Requests")
def requests_table(said: Args) -> Table:
    """What the list shows, line by line."""
    place = number(said, "facility")
    show = said.get("show", "")
    wanted = show if show in SHOWS else ""
    places = None if place is None else [place]
    return Table(
        name="phieu-yeu-cau",
        title=Text("Phiếu yêu cầu", "Requests"),
        columns=(
            Column("label", Text("Số phiếu", "Number"), lambda r: r[0].label),
            Column("by", Text("Nơi yêu cầu", "Asked by"), lambda r: r[0].facility_name, width=32),
            Column("of", Text("Nơi được yêu cầu", "Asked of"), lambda r: r[0].asked_name, width=32),
            Column("needed", Text("Cần trước ngày", "Needed by"), lambda r: r[0].needed_on, "date"),
            Column(
                "status", Text("Trạng thái", "State"), lambda r: STATUS_NAMES[r[0].status], width=24
            ),
            Column("item", Text("Mã hàng", "Item code"), lambda r: r[1].item_code),
            Column("name", Text("Mặt hàng", "Item"), lambda r: r[1].item_name, width=36),
            Column("unit", Text("Đơn vị", "Unit"), lambda r: r[1].unit),
            Column("asked", Text("Yêu cầu", "Asked"), lambda r: r[1].quantity, "number"),
            Column("approved", Text("Duyệt", "Approved"), lambda r: r[1].approved, "number"),
            Column("reason", Text("Lý do giảm", "Why less"), lambda r: r[1].reason, width=28),
            Column("sent", Text("Đã xuất", "Sent"), lambda r: r[1].sent, "number"),
            Column("received", Text("Đã nhận", "Received"), lambda r: r[1].received, "number"),
        ),
        rows=_rows(places, wanted),
        count=lambda: queries.count(wanted, places),
    )


def _rows(places: list[int] | None, show: str) -> Iterator[tuple[Head, Line]]:
    after = None
    while True:
        page = queries.requisitions(places, show, after=after, limit=_BATCH)
        lines = queries.lines([head.id for head in page.rows])
        for head in page.rows:
            yield from ((head, line) for line in lines.get(head.id, ()))
        if page.next_after is None:
            return
        after = page.next_after
