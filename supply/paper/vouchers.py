"""Vouchers: goods received (C30-HD), goods issued (C31-HD), transfers with their pick list, and the
form for every other kind of document. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from supply.core.text import Text
from supply.paper.forms import FormTitle, Typed, Voucher, VoucherLine
from supply.paper.layout import Column, Fact, Paper, Row, with_sums
from supply.paper.phrases import (
    EMPTY,
    SIGNED_ON,
    TOTAL,
    Say,
    accounts,
    long_day,
    sayer,
    signatures,
    sum_in_words,
)

_BY_PAPER = Text("Theo chứng từ", "By the paper")
_RECEIVED = Text("Thực nhập", "Received")
_ASKED = Text("Yêu cầu", "Asked")
_ISSUED = Text("Thực xuất", "Issued")
_PLACE = Text("Địa điểm", "Place")
_BASED_ON = Text("Theo chứng từ số", "Based on document no.")


def receipt_voucher(data: Voucher, title: FormTitle, typed: Typed) -> Paper:
    """Phiếu nhập kho (C30-HD): by the paper and really received."""
    say = sayer(typed.language)
    facts = (
        (Fact(say(Text("Họ và tên người giao", "Delivered by")), _party(data, say)),),
        (Fact(say(_BASED_ON), data.based_on),),
        (
            Fact(say(Text("Nhập tại kho", "Received into store")), say(data.unit.name)),
            Fact(say(_PLACE), data.unit.place),
        ),
    )
    roles = ("preparer", "deliverer", "storekeeper", "accountant", "head")
    return _voucher(data, title, typed, facts, (_BY_PAPER, _RECEIVED), roles)


def issue_voucher(data: Voucher, title: FormTitle, typed: Typed) -> Paper:
    """Phiếu xuất kho (C31-HD): asked and really issued."""
    say = sayer(typed.language)
    facts = (
        (
            Fact(say(Text("Họ và tên người nhận hàng", "Received by")), data.party),
            Fact(say(Text("Địa chỉ (bộ phận)", "Address (department)")), say(data.other) or data.party_address),
        ),
        (Fact(say(Text("Lý do xuất kho", "Reason")), _reason(data, say)),),
        *_given(Fact(say(_BASED_ON), data.based_on)),
        (
            Fact(say(Text("Xuất tại kho", "Issued from store")), say(data.unit.name)),
            Fact(say(_PLACE), data.unit.place),
        ),
    )  # fmt: skip
    roles = ("preparer", "recipient", "storekeeper", "accountant", "head")
    return _voucher(data, title, typed, facts, (_ASKED, _ISSUED), roles)


def transfer_voucher(data: Voucher, title: FormTitle, pick_title: FormTitle, typed: Typed) -> Paper:
    """Phiếu chuyển kho: the issue voucher of a transfer, with the list to pick by behind it."""
    paper = issue_voucher(data, title, typed)
    roles = ("preparer", "storekeeper", "driver", "recipient", "head")
    names = signatures(roles, typed, preparer=data.prepared_by)
    return replace(paper, signatures=names, appendix=(pick_list(data, pick_title, typed),))


def pick_list(data: Voucher, title: FormTitle, typed: Typed) -> Paper:
    """What to take from the shelves, lot by lot, with room to tick."""
    say = sayer(typed.language)
    return replace(
        _blank(data, title, typed),
        columns=(
            Column(say(Text("STT", "No.")), "index", "9mm"),
            Column(say(Text("Tên, nhãn hiệu, quy cách", "Name, specification")), "text", "1fr"),
            Column(say(Text("Mã số", "Code")), "code", "19mm"),
            Column(say(Text("Số lô", "Lot")), "code", "21mm"),
            Column(say(Text("Hạn dùng", "Expiry")), "date", "19mm"),
            Column(say(Text("Số lượng", "Quantity")), "whole", "18mm"),
            Column(say(Text("ĐVT", "Unit")), "unit", "14mm"),
            Column(say(Text("Quy cách", "Packs")), "unit", "30mm"),
            Column(say(Text("Đã soạn", "Picked")), "tick", "13mm"),
        ),
        rows=tuple(
            Row((n, say(line.item_name), line.item_code, line.lot_number, line.expiry,
                 line.quantity, say(line.unit), say(line.packed), "☐"))
            for n, line in enumerate(data.lines, start=1)
        ),
        facts=(
            (Fact(say(Text("Nơi nhận", "Receiver")), say(data.other)),),
        ),
        signatures=signatures(("storekeeper", "driver"), typed),
    )  # fmt: skip


def write_off_minutes(data: Voucher, title: FormTitle, typed: Typed) -> Paper:
    """Minutes of an adjustment or write-off: what went or came, why, and who was there."""
    say = sayer(typed.language)
    head, member = Text("Trưởng ban", "Head of the committee"), Text("Ủy viên", "Member")
    position = say(Text("Chức vụ", "Position"))
    reason = Fact(say(Text("Lý do", "Reason")), _reason(data, say))
    committee = tuple(
        (Fact(say(role), typed.names.get(key, "")), Fact(position))
        for role, key in ((head, "committee"), (member, "member_1"), (member, "member_2"))
    )
    paper = replace(
        _blank(data, title, typed),
        national=True,
        columns=_general_columns(say),
        rows=_general_rows(data.lines, say),
        facts=(
            *committee,
            (reason,),
            *_given(
                Fact(say(_BASED_ON), data.based_on), Fact(say(Text("Ghi chú", "Note")), data.note)
            ),
        ),
        notes=(
            *sum_in_words(data.amount_vnd, typed),
            Fact(say(Text("Kết luận, cách xử lý", "Conclusion")), ""),
        ),
        signed_on=say(SIGNED_ON),
        signatures=signatures(
            ("preparer", "storekeeper", "accountant", "committee", "head"),
            typed,
            preparer=data.prepared_by,
        ),
    )
    return with_sums(paper, say(TOTAL))


def general_voucher(data: Voucher, title: FormTitle, typed: Typed) -> Paper:
    """Every other kind: what moved from where to where."""
    say = sayer(typed.language)
    given = (
        Fact(say(Text("Nơi giao, nhận", "Other side")), _party(data, say)),
        Fact(say(_BASED_ON), data.based_on),
        Fact(say(Text("Bộ cơ số", "Kit")), data.kit),
        Fact(say(Text("Lý do", "Reason")), _reason(data, say)),
        Fact(say(Text("Ghi chú", "Note")), data.note),
    )
    paper = replace(
        _blank(data, title, typed),
        columns=_general_columns(say),
        rows=_general_rows(data.lines, say),
        facts=_given(*given),
        notes=sum_in_words(data.amount_vnd, typed),
        signed_on=say(SIGNED_ON),
        signatures=signatures(
            ("preparer", "deliverer", "recipient", "storekeeper", "head"),
            typed,
            preparer=data.prepared_by,
        ),
    )
    return with_sums(paper, say(TOTAL))


# --- what they share -----------------------------------------------------------------------------


def _blank(data: Voucher, title: FormTitle, typed: Typed) -> Paper:
    """The head of any voucher."""
    say = sayer(typed.language)
    return Paper(
        code=title.code,
        language=typed.language,
        landscape=False,
        unit=say(data.unit.name),
        department=say(data.unit.department),
        form_number=title.number,
        basis=title.basis,
        title=say(title.title),
        date_line=long_day(data.happened_on, typed.language),
        number=data.label,
        columns=(),
        rows=(),
        banner=_banner(data, say),
        seal=data.seal,
        day=data.happened_on,
        empty_note=say(EMPTY),
    )


def _voucher(
    data: Voucher,
    title: FormTitle,
    typed: Typed,
    facts: tuple[tuple[Fact, ...], ...],
    quantities: tuple[Text, Text],
    roles: Sequence[str],
) -> Paper:
    say = sayer(typed.language)
    note = ((Fact(say(Text("Ghi chú", "Note")), data.note),),) if data.note else ()
    group = say(Text("Số lượng", "Quantity"))
    paper = replace(
        _blank(data, title, typed),
        accounts=accounts(title, typed.language),
        facts=(*facts, *note),
        columns=(
            Column(say(Text("STT", "No.")), "index", "8mm", "A"),
            Column(say(Text("Tên, nhãn hiệu, quy cách, phẩm chất", "Name, specification, quality")),
                   "text", "1fr", "B"),
            Column(say(Text("Mã số", "Code")), "code", "15mm", "C"),
            Column(say(Text("Đơn vị tính", "Unit")), "unit", "12mm", "D"),
            Column(say(Text("Số lô", "Lot")), "code", "21mm"),
            Column(say(Text("Hạn dùng", "Expiry")), "date", "18mm"),
            Column(say(quantities[0]), "whole", "15mm", "1", group),
            Column(say(quantities[1]), "whole", "15mm", "2", group),
            Column(say(Text("Đơn giá", "Price")), "money", "17mm", "3"),
            Column(say(Text("Thành tiền", "Amount")), "money", "22mm", "4", sums=True),
        ),
        rows=tuple(
            Row((n, _named(line, say), line.item_code, say(line.unit), line.lot_number, line.expiry,
                 line.asked, line.quantity, line.unit_price_vnd, line.amount_vnd))
            for n, line in enumerate(data.lines, start=1)
        ),
        notes=sum_in_words(data.amount_vnd, typed),
        signed_on=say(SIGNED_ON),
        signatures=signatures(roles, typed, preparer=data.prepared_by),
    )  # fmt: skip
    return with_sums(paper, say(TOTAL))


def _given(*facts: Fact) -> tuple[tuple[Fact, ...], ...]:
    """A line for each fact that says something."""
    return tuple((fact,) for fact in facts if fact.value)


def _general_columns(say: Say) -> tuple[Column, ...]:
    return (
        Column(say(Text("STT", "No.")), "index", "8mm"),
        Column(say(Text("Tên, nhãn hiệu, quy cách", "Name, specification")), "text", "1fr"),
        Column(say(Text("Mã số", "Code")), "code", "15mm"),
        Column(say(Text("ĐVT", "Unit")), "unit", "12mm"),
        Column(say(Text("Số lô", "Lot")), "code", "21mm"),
        Column(say(Text("Hạn dùng", "Expiry")), "date", "18mm"),
        Column(say(Text("Từ", "From")), "unit", "17mm"),
        Column(say(Text("Đến", "To")), "unit", "17mm"),
        Column(say(Text("Số lượng", "Quantity")), "whole", "16mm"),
        Column(say(Text("Thành tiền", "Amount")), "money", "22mm", sums=True),
    )


def _general_rows(lines: Sequence[VoucherLine], say: Say) -> tuple[Row, ...]:
    return tuple(
        Row((n, _named(line, say), line.item_code, say(line.unit), line.lot_number, line.expiry,
             say(line.from_place), say(line.to_place), line.quantity, line.amount_vnd))
        for n, line in enumerate(lines, start=1)
    )  # fmt: skip


def _named(line: VoucherLine, say: Say) -> str:
    return f"{say(line.item_name)} ({line.note})" if line.note else say(line.item_name)


def _party(data: Voucher, say: Say) -> str:
    return " - ".join(part for part in (data.party, say(data.other)) if part)


def _reason(data: Voucher, say: Say) -> str:
    return say(data.reason)


def _banner(data: Voucher, say: Say) -> str:
    if data.reversed_by:
        return say(Text("ĐÃ ĐẢO bằng phiếu {}", "REVERSED by {}")).format(data.reversed_by)
    if data.reverses:
        return say(Text("Đảo phiếu {}", "Reverses {}")).format(data.reverses)
    return ""
