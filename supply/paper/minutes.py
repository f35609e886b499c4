"""Minutes: of a stock count, of a handover, of what was written off. Pure."""

from __future__ import annotations

from supply.core.text import Text
from supply.paper.forms import CountLine, CountMinutes, FormTitle, Handover, Party, Typed
from supply.paper.layout import Cell, Column, Fact, Paper, Row, with_sums
from supply.paper.phrases import (
    EMPTY,
    SIGNED_ON,
    TOTAL,
    Say,
    long_day,
    sayer,
    signatures,
)

_TWO_COPIES = Text(
    "Biên bản lập thành 02 bản có giá trị như nhau, mỗi bên giữ 01 bản.",
    "Made in two copies of equal value, one for each side.",
)
NOT_COUNTED = Text("chưa kiểm", "not counted")


def count_minutes(data: CountMinutes, title: FormTitle, typed: Typed) -> Paper:
    """Biên bản kiểm kê (C33-HD, columns as 05-VT), A4 landscape."""
    say = sayer(typed.language)
    paper = Paper(
        code="count_minutes",
        language=typed.language,
        landscape=True,
        unit=say(data.unit.name),
        department=say(data.unit.department),
        form_number=title.number,
        basis=title.basis,
        title=say(title.title),
        date_line=long_day(data.counted_on, typed.language),
        number=data.number,
        subtitle=say(data.scope),
        columns=_count_columns(say),
        rows=tuple(_count_row(n, line, say) for n, line in enumerate(data.lines, start=1)),
        facts=_committee(data, say),
        notes=(Fact(say(Text("Ý kiến giải quyết số chênh lệch", "How differences are settled")), data.opinion),),
        signed_on=say(SIGNED_ON),
        signatures=signatures(
            ("head", "accountant", "storekeeper", "committee"),
            typed,
            committee=next((m.name for m in data.members if m.is_head), ""),
        ),
        seal=data.seal,
        day=data.counted_on,
        empty_note=say(EMPTY),
    )  # fmt: skip
    return with_sums(paper, say(TOTAL))


def _committee(data: CountMinutes, say: Say) -> tuple[tuple[Fact, ...], ...]:
    """The time, then who counted: three empty lines where nobody is named yet."""
    time = Text("Thời điểm kiểm kê", "Time of the count")
    head = Text("Trưởng ban", "Head of the committee")
    member = Text("Ủy viên", "Member")
    position, behalf = Text("Chức vụ", "Position"), Text("Đại diện", "On behalf of")
    lines: list[tuple[Fact, ...]] = [(Fact(say(time), data.time),)]
    named = [(say(head if m.is_head else member), m) for m in data.members]
    for title, m in named:
        lines.append(
            (Fact(title, m.name), Fact(say(position), m.position), Fact(say(behalf), m.on_behalf))
        )
    for role in (head, member, member) if not named else ():
        lines.append((Fact(say(role)), Fact(say(position)), Fact(say(behalf))))
    return tuple(lines)


def _count_columns(say: Say) -> tuple[Column, ...]:
    book = say(Text("Theo sổ kế toán", "By the book"))
    counted = say(Text("Theo kiểm kê", "As counted"))
    more, less = say(Text("Chênh lệch thừa", "Surplus")), say(Text("Chênh lệch thiếu", "Shortage"))
    quality = say(Text("Phẩm chất", "Quality"))
    quantity, value = say(Text("Số lượng", "Quantity")), say(Text("Thành tiền", "Value"))
    return (
        Column(say(Text("STT", "No.")), "index", "8mm", "A"),
        Column(say(Text("Tên, nhãn hiệu, quy cách", "Name, specification")), "text", "1fr", "B"),
        Column(say(Text("Mã số", "Code")), "code", "12mm", "C"),
        Column(say(Text("ĐVT", "Unit")), "unit", "11mm", "D"),
        Column(say(Text("Số lô", "Lot")), "code", "19mm"),
        Column(say(Text("Hạn dùng", "Expiry")), "date", "16mm"),
        Column(say(Text("Đơn giá", "Price")), "money", "14mm", "1"),
        Column(quantity, "whole", "13mm", "2", book),
        Column(value, "money", "20mm", "3", book, sums=True),
        Column(quantity, "whole", "13mm", "4", counted),
        Column(value, "money", "20mm", "5", counted, sums=True),
        Column(quantity, "whole", "12mm", "6", more),
        Column(value, "money", "17mm", "7", more, sums=True),
        Column(quantity, "whole", "12mm", "8", less),
        Column(value, "money", "17mm", "9", less, sums=True),
        Column(say(Text("Còn tốt", "Good")), "whole", "12mm", "10", quality),
        Column(say(Text("Kém", "Poor")), "whole", "10mm", "11", quality),
        Column(say(Text("Mất", "Lost")), "whole", "10mm", "12", quality),
    )


def _count_row(number: int, line: CountLine, say: Say) -> Row:
    start: tuple[Cell, ...] = (
        number,
        say(line.item_name),
        line.item_code,
        say(line.unit),
        line.lot_number,
        line.expiry,
        line.unit_price_vnd,
        line.book,
        line.book_vnd,
    )
    if line.counted is None:
        return Row((*start, say(NOT_COUNTED), *(None,) * 8))
    quantity, value = line.counted - line.book, line.counted_vnd - line.book_vnd
    return Row(
        (
            *start,
            line.counted,
            line.counted_vnd,
            quantity if quantity > 0 else None,
            value if value > 0 else None,
            -quantity if quantity < 0 else None,
            -value if value < 0 else None,
            line.counted - line.poor - line.spoiled,
            line.poor or None,
            line.spoiled or None,
        )
    )


def handover_minutes(data: Handover, title: FormTitle, typed: Typed) -> Paper:
    """Biên bản giao nhận: both sides, what changes hands, in what condition. A4 portrait."""
    say = sayer(typed.language)
    condition = say(data.condition) or say(Text("Nguyên vẹn", "Intact"))
    paper = Paper(
        code="handover",
        language=typed.language,
        landscape=False,
        national=True,
        unit=say(data.unit.name),
        department=say(data.unit.department),
        form_number=title.number,
        basis=title.basis,
        title=say(title.title),
        subtitle=say(data.reason),
        date_line=long_day(data.happened_on, typed.language),
        number=data.label,
        facts=(
            *_party(say(Text("Bên giao", "Giving side")), data.giver, say),
            *_party(say(Text("Bên nhận", "Receiving side")), data.taker, say),
            (Fact(say(Text("Địa điểm giao nhận", "Place of handover")), data.place),),
        ),
        columns=(
            Column(say(Text("STT", "No.")), "index", "9mm"),
            Column(say(Text("Tên, nhãn hiệu, quy cách", "Name, specification")), "text", "1fr"),
            Column(say(Text("Mã số", "Code")), "code", "17mm"),
            Column(say(Text("ĐVT", "Unit")), "unit", "13mm"),
            Column(say(Text("Số lô", "Lot")), "code", "21mm"),
            Column(say(Text("Hạn dùng", "Expiry")), "date", "19mm"),
            Column(say(Text("Số lượng", "Quantity")), "whole", "18mm"),
            Column(say(Text("Thành tiền", "Value")), "money", "22mm", sums=True),
            Column(say(Text("Tình trạng", "Condition")), "unit", "20mm"),
        ),
        rows=tuple(
            Row(
                (
                    n,
                    say(line.item_name),
                    line.item_code,
                    say(line.unit),
                    line.lot_number,
                    line.expiry,
                    line.quantity,
                    line.amount_vnd,
                    condition,
                )
            )
            for n, line in enumerate(data.lines, start=1)
        ),
        notes=(
            Fact(say(Text("Ghi chú khi giao nhận", "Remarks at the handover"))),
            Fact("", say(_TWO_COPIES)),
        ),
        signatures=signatures(("giver", "driver", "taker"), typed),
        seal=data.seal,
        day=data.happened_on,
        empty_note=say(EMPTY),
    )
    return with_sums(paper, say(TOTAL))


def _party(title: str, party: Party, say: Say) -> tuple[tuple[Fact, ...], ...]:
    person, position = Text("Ông (bà)", "Mr/Ms"), Text("Chức vụ", "Position")
    return (
        (Fact(title, say(party.unit)),),
        (Fact(say(person), party.person), Fact(say(position), party.position)),
    )
