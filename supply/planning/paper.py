"""The reserve list on paper (danh mục dự trữ), to sign. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from supply.core.text import Text
from supply.paper.forms import Typed
from supply.paper.layout import Column, Fact, Paper, Row
from supply.paper.phrases import EMPTY, SIGNED_ON, long_day, sayer, signatures
from supply.planning.reserve_lists import STATUS_NAMES, ListHead, ListLine


def reserve_paper(
    head: ListHead, lines: Sequence[ListLine], unit: Text, day: dt.date, typed: Typed
) -> Paper:
    """A version's lines, A4 landscape: what is to be kept, what is held. `unit`: whose it is."""
    say = sayer(typed.language)
    level = f"{head.quantile * 100:g} %".replace(".", ",")
    state = say(STATUS_NAMES[head.status])
    decided = (
        f"{state}: {head.decided_by}, {head.decided_at:%d/%m/%Y}" if head.decided_at else state
    )
    return Paper(
        code="reserve_list",
        language=typed.language,
        landscape=True,
        unit=say(unit),
        department="",
        form_number="",
        basis="",
        title=say(Text("DANH MỤC DỰ TRỮ CHO TÌNH HUỐNG XẤU NHẤT", "RESERVE FOR THE WORST CASE")),
        date_line=long_day(day, typed.language),
        number=f"{head.version}",
        columns=(
            Column(say(Text("STT", "No.")), "index", "10mm", "A"),
            Column(say(Text("Tên mặt hàng", "Item")), "text", "2fr", "B"),
            Column(say(Text("Mã số", "Code")), "code", "18mm", "C"),
            Column(say(Text("Đơn vị tính", "Unit")), "unit", "18mm", "D"),
            Column(say(Text("Nơi giữ", "Kept at")), "text", "1fr", "E"),
            Column(say(Text("Số ngày", "Days")), "whole", "16mm", "1"),
            Column(say(Text("Dự trữ", "Reserve")), "whole", "26mm", "2"),
            Column(say(Text("Đang có", "Held")), "whole", "26mm", "3"),
            Column(say(Text("Còn thiếu", "Missing")), "whole", "26mm", "4"),
        ),
        rows=tuple(
            Row(
                (
                    number,
                    say(line.item_name),
                    line.item_code,
                    say(line.unit),
                    say(line.facility_name),
                    line.days_on_site,
                    line.units,
                    line.held,
                    line.missing,
                )
            )
            for number, line in enumerate(lines, 1)
        ),
        facts=(
            (
                Fact(say(Text("Áp dụng từ ngày", "In force from")), f"{head.valid_from:%d/%m/%Y}"),
                Fact(say(Text("Mức bảo đảm", "Level")), level),
                Fact(say(Text("Trạng thái", "State")), decided),
            ),
        ),
        notes=(Fact(say(Text("Ghi chú", "Note")), head.note),) if head.note else (),
        signed_on=say(SIGNED_ON),
        signatures=signatures(("preparer", "head"), typed, preparer=head.created_by),
        day=day,
        empty_note=say(EMPTY),
    )
