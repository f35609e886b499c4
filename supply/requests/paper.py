"""A requisition on paper (phiếu dự trù), to sign. Pure."""

from __future__ import annotations

import datetime as dt

from supply.core.text import Text
from supply.paper.forms import Typed
from supply.paper.layout import Column, Fact, Paper, Row
from supply.paper.phrases import EMPTY, SIGNED_ON, long_day, sayer, signatures
from supply.requests.requisitions import STATUS_NAMES
from supply.requests.rows import Line, View


def requisition_paper(view: View, day: dt.date, typed: Typed) -> Paper:
    """What was asked, and what was approved where that is decided, A4 portrait. `day`: its date."""
    say = sayer(typed.language)
    head = view.head
    decided = any(line.approved is not None for line in view.lines)
    facts = [
        (Fact(say(Text("Kính gửi", "To")), say(head.asked_name)),),
        (
            Fact(
                say(Text("Cần trước ngày", "Needed by")),
                f"{head.needed_on:%d/%m/%Y}" if head.needed_on else "",
            ),
            Fact(say(Text("Trạng thái", "State")), say(STATUS_NAMES[head.status])),
        ),
    ]
    return Paper(
        code="requisition",
        language=typed.language,
        landscape=False,
        unit=say(head.facility_name),
        department="",
        form_number="",
        basis="",
        title=say(Text("PHIẾU DỰ TRÙ, YÊU CẦU CẤP HÀNG", "REQUEST FOR SUPPLIES")),
        date_line=long_day(day, typed.language),
        number=head.label,
        columns=(
            Column(say(Text("STT", "No.")), "index", "10mm", "A"),
            Column(say(Text("Tên mặt hàng", "Item")), "text", "2fr", "B"),
            Column(say(Text("Mã số", "Code")), "code", "18mm", "C"),
            Column(say(Text("Đơn vị tính", "Unit")), "unit", "18mm", "D"),
            Column(say(Text("Số yêu cầu", "Asked")), "whole", "24mm", "1"),
            Column(say(Text("Số duyệt", "Approved")), "whole", "24mm", "2"),
            Column(say(Text("Ghi chú", "Note")), "text", "1fr", "3"),
        ),
        rows=tuple(
            Row(
                (
                    number,
                    say(line.item_name),
                    line.item_code,
                    say(line.unit),
                    line.quantity,
                    line.approved if decided else None,
                    _note(line),
                )
            )
            for number, line in enumerate(view.lines, 1)
        ),
        facts=tuple(facts),
        notes=(Fact(say(Text("Ghi chú", "Note")), head.note),) if head.note else (),
        signed_on=say(SIGNED_ON),
        signatures=signatures(("preparer", "storekeeper", "head"), typed),
        day=day,
        empty_note=say(EMPTY),
    )


def _note(line: Line) -> str:
    return "; ".join(words for words in (line.note, line.reason) if words)
