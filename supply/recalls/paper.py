"""A recall on paper: the letter to the facilities with who holds the lot and who has answered. Pure."""

from __future__ import annotations

from supply.core.clock import VIETNAM
from supply.core.text import Text
from supply.paper.forms import Typed
from supply.paper.layout import Column, Fact, Paper, Row, with_sums
from supply.paper.phrases import EMPTY, SIGNED_ON, TOTAL, long_day, sayer, signatures
from supply.recalls.recalls import CLASSES, STANDINGS
from supply.recalls.rows import View


def recall_paper(view: View, typed: Typed) -> Paper:
    """The recall's letter and list, A4 landscape, as far as the reader's scope goes."""
    say = sayer(typed.language)
    head, goods = view.head, view.head.goods
    started = head.started_at.astimezone(VIETNAM)
    due = f"{head.due_at.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
    expiry = f"{goods.expiry:%d/%m/%Y}" if goods.expiry else "–"
    paper = Paper(
        code="recall",
        language=typed.language,
        landscape=True,
        unit=head.district_name,
        department="",
        form_number="",
        basis="",
        title=say(Text("THÔNG BÁO THU HỒI LÔ HÀNG", "RECALL OF A LOT")),
        date_line=long_day(started.date(), typed.language),
        number=head.label,
        columns=(
            Column(say(Text("STT", "No.")), "index", "10mm"),
            Column(say(Text("Cơ sở", "Facility")), "text", "2fr"),
            Column(say(Text("Trong kho", "In store")), "whole", "22mm", sums=True),
            Column(say(Text("Đang chuyển đến", "Coming")), "whole", "22mm", sums=True),
            Column(say(Text("Biệt trữ", "Quarantine")), "whole", "22mm", sums=True),
            Column(say(Text("Đã xuất dùng", "Issued")), "whole", "22mm", sums=True),
            Column(say(Text("Trả lời", "Answer")), "text", "30mm"),
            Column(say(Text("Ý kiến, người trả lời", "Comment, by")), "text", "1fr"),
        ),
        rows=tuple(
            Row(
                (
                    number,
                    say(h.facility_name),
                    h.held + h.in_kits,
                    h.coming,
                    h.quarantined,
                    h.issued,
                    say(STANDINGS[h.standing]),
                    f"{h.answer.by}. {h.answer.comment}".strip() if h.answer else "",
                )
            )
            for number, h in enumerate(view.holders, 1)
        ),
        facts=(
            (
                Fact(say(Text("Mặt hàng", "Item")), f"{say(goods.item_name)} ({goods.item_code})"),
                Fact(say(Text("Số lô", "Lot")), goods.lot_number),
                Fact(say(Text("Hạn dùng", "Expiry")), expiry),
            ),
            (
                Fact(say(Text("Lý do", "Reason")), head.reason),
                *(
                    [Fact(say(Text("Căn cứ", "By letter")), head.paper_reference)]
                    if head.paper_reference
                    else []
                ),
            ),
            (
                Fact(say(Text("Phân loại", "Class")), say(CLASSES[head.recall_class])),
                Fact(say(Text("Trả lời trước", "Answer by")), due),
                Fact(say(Text("Đơn vị tính", "Unit")), say(goods.unit)),
            ),
        ),
        notes=(Fact(say(Text("Việc phải làm", "What to do")), head.instructions),),
        signed_on=say(SIGNED_ON),
        signatures=signatures(("preparer", "head"), typed, preparer=head.started_by),
        day=started.date(),
        empty_note=say(EMPTY),
    )
    return with_sums(paper, say(TOTAL))
