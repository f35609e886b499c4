"""What makes a document valid by itself: everything that can be said without asking the database. Pure."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping

from supply.core.errors import Fault
from supply.core.text import Text, group_digits
from supply.inventory.document_kinds import (
    LINES_MAX,
    AdjustmentLine,
    Document,
    EmptyLine,
    Issue,
    KitAssembly,
    KitBreakup,
    Line,
    ReceiptLine,
    TransferDispatch,
    TransferReceiptLine,
)
from supply.inventory.kinds import FROM_PLACES, PURPOSES, REASONS, Kind
from supply.inventory.parsing import MONEY_VND_MAX, QUANTITY_MAX, YEAR_MAX, YEAR_MIN

TEXT_MAX = {
    "recipient": 200,
    "origin": 100,
    "paper_reference": 100,
    "note": 2000,
    "reason": 200,
    "partner_code": 20,
    "item_code": 20,
    "lot_number": 50,
    "fund_code": 20,
}
LINE_NOTE_MAX = 500
DETAILS_MAX_BYTES = 20_000

Check = Callable[[Document], Iterable[Fault]]


def faults_of(document: Document) -> list[Fault]:
    """Everything that is wrong with `document` by itself; empty when nothing is."""
    if len(document.lines) > LINES_MAX:
        return list(_line_count(document))
    return [fault for check in CHECKS for fault in check(document)]


def size_faults_of(document: Document) -> list[Fault]:
    """What is too large even for a draft: too many lines, texts beyond their limits."""
    too_many = _line_count(document) if len(document.lines) > LINES_MAX else ()
    return list(too_many) or list(_texts(document))


def _line_count(document: Document) -> Iterable[Fault]:
    if len(document.lines) > LINES_MAX:
        yield Fault(
            "lines",
            Text(
                f"Phiếu có {group_digits(len(document.lines))} dòng; mỗi phiếu tối đa "
                f"{group_digits(LINES_MAX)} dòng, hãy tách thành nhiều phiếu.",
                f"The document has {group_digits(len(document.lines))} lines; at most {group_digits(LINES_MAX)} are taken, "
                "please split it.",
            ),
        )
    elif not document.lines and document.kind not in (Kind.TRANSFER_RECEIPT, Kind.REVERSAL):
        yield Fault("lines", Text("Phiếu chưa có dòng nào.", "The document has no lines."))


def _date(document: Document) -> Iterable[Fault]:
    if document.happened_on is not None:
        yield from _plausible("happened_on", document.happened_on, None)


_REASON_ASKED = {
    Kind.REVERSAL: Text("Hãy ghi lý do đảo phiếu.", "Give the reason to reverse."),
    Kind.QUARANTINE: Text("Hãy ghi lý do biệt trữ.", "Give the reason to set the goods aside."),
    Kind.RELEASE: Text("Hãy ghi lý do giải tỏa.", "Give the reason to release the goods."),
}


def _reason(document: Document) -> Iterable[Fault]:
    if document.kind == Kind.ADJUSTMENT and document.reason not in REASONS:
        yield Fault("reason", Text("Hãy chọn lý do điều chỉnh.", "Choose the reason to adjust."))
    asked = _REASON_ASKED.get(document.kind)
    if asked is not None and not document.reason.strip():
        yield Fault("reason", asked)
    lost = any(getattr(line, "lost_quantity", 0) for line in document.lines)
    if lost and not document.reason.strip():
        yield Fault("reason", Text("Hãy ghi lý do hao hụt.", "Give the reason for the loss."))


def _purpose(document: Document) -> Iterable[Fault]:
    purpose = getattr(document, "purpose", "")
    if purpose and str(purpose) not in PURPOSES.get(document.kind, {}):
        yield Fault(
            "purpose", Text("Hãy chọn mục đích trong danh sách.", "Choose a listed purpose.")
        )
    partner = getattr(document, "partner_code", None)
    if not partner and (
        purpose == "borrowed" or (purpose == "loan" and isinstance(document, Issue))
    ):
        yield Fault(
            "partner_code",
            Text("Hãy chọn nơi mượn hoặc cho mượn.", "Choose the partner of the loan."),
        )
    if purpose == "loan_return" and getattr(document, "settles_id", None) is None:
        yield Fault(
            "settles", Text("Hãy chọn phiếu mượn được trả.", "Choose the loan that is given back.")
        )


def _place(document: Document) -> Iterable[Fault]:
    place = getattr(document, "from_place", "store")
    if place not in FROM_PLACES.get(document.kind, ("store",)):
        yield Fault(
            "from_place",
            Text("Không xuất được từ nơi này bằng loại phiếu này.",
                 "This kind of document cannot draw on that place."),
        )  # fmt: skip


def _details(document: Document) -> Iterable[Fault]:
    details = document.details
    if not isinstance(details, Mapping):
        yield Fault("details", Text("Dữ liệu kèm phiếu sai dạng.", "The details are malformed."))
        return
    if details and len(json.dumps(details, ensure_ascii=False).encode()) > DETAILS_MAX_BYTES:
        yield Fault("details", Text("Dữ liệu kèm phiếu quá lớn.", "The details are too large."))
    if isinstance(document, (KitAssembly, KitBreakup)):
        count = details.get("count")
        if not details.get("kit") or not isinstance(count, int) or isinstance(count, bool):
            yield Fault("details", Text("Hãy chọn bộ và số bộ.", "Choose the kit and how many."))
        elif count < 1:
            yield Fault("details", Text("Số bộ phải từ 1.", "At least one kit."))


def _texts(document: Document) -> Iterable[Fault]:
    yield from _short_texts(document, None)
    for number, line in enumerate(document.lines, 1):
        yield from _short_texts(line, number)


def _short_texts(part: Document | Line, line: int | None) -> Iterable[Fault]:
    for name, value in part.__dict__.items():
        limit = LINE_NOTE_MAX if line is not None and name == "note" else TEXT_MAX.get(name)
        if limit is None or value is None:
            continue
        if len(value) > limit:
            yield Fault(
                name,
                Text(
                    f"Mục “{FIELD_NAMES[name].vi}” dài {group_digits(len(value))} ký tự; "
                    f"tối đa {group_digits(limit)}.",
                    f"“{FIELD_NAMES[name].en}” has {group_digits(len(value))} characters; "
                    f"at most {group_digits(limit)} are taken.",
                ),
                line,
            )
        elif "\x00" in value:
            yield Fault(
                name,
                Text(
                    f"Mục “{FIELD_NAMES[name].vi}” có ký tự không đọc được.",
                    f"“{FIELD_NAMES[name].en}” has an unreadable character.",
                ),
                line,
            )


def _quantities(document: Document) -> Iterable[Fault]:
    for number, line in enumerate(document.lines, 1):
        asked = line.asked_quantity
        if asked is not None:
            yield from _whole("asked_quantity", asked, 0, QUANTITY_MAX, number)
        yield from _whole("quantity", line.quantity, _lowest(document, line), QUANTITY_MAX, number)
        if isinstance(line, TransferReceiptLine):
            yield from _whole("lost_quantity", line.lost_quantity, 0, QUANTITY_MAX, number)
    if (
        isinstance(document, (Issue, TransferDispatch))
        and document.lines
        and all(line.quantity == 0 for line in document.lines)
    ):
        yield Fault("lines", NOTHING_GIVEN)


NOTHING_GIVEN = Text(
    "Phiếu chưa cấp mặt hàng nào; cần ít nhất một dòng có số lượng.",
    "Nothing is given; at least one line needs a quantity.",
)


def _lowest(document: Document, line: Line) -> int:
    """0 where a line may say that nothing arrived, or that nothing of what was asked was given."""
    if document.kind == Kind.TRANSFER_RECEIPT:
        return 0
    asked = isinstance(line.asked_quantity, int) and line.asked_quantity > 0
    return 0 if asked and isinstance(document, (Issue, TransferDispatch)) else 1


def _brings(document: Document, line: ReceiptLine) -> bool:
    """Whether the line comes from outside under a fund and at a price of its own."""
    if document.kind == Kind.CYLINDER_EXCHANGE:
        return getattr(line, "direction", "") == "in"
    return document.kind != Kind.ADJUSTMENT or line.fund_code is not None


def _prices(document: Document) -> Iterable[Fault]:
    for number, line in enumerate(document.lines, 1):
        if not isinstance(line, ReceiptLine):
            continue
        for name in ("unit_price_vnd", "amount_vnd"):
            value = getattr(line, name)
            if value is not None:
                yield from _whole(name, value, 0, MONEY_VND_MAX, number)
        if _brings(document, line) and line.unit_price_vnd is None and line.amount_vnd is None:
            yield Fault(
                "unit_price_vnd",
                Text(
                    "Chưa có đơn giá; hàng không mất tiền thì ghi 0.",
                    "The price is missing; write 0 for goods that cost nothing.",
                ),
                number,
            )


def _receipt_lines(document: Document) -> Iterable[Fault]:
    for number, line in enumerate(document.lines, 1):
        if isinstance(line, ReceiptLine):
            if line.expiry is not None:
                yield from _plausible("expiry", line.expiry, number)
            fund_asked = document.kind != Kind.ADJUSTMENT and _brings(document, line)
        else:
            fund_asked = isinstance(line, EmptyLine)
        if fund_asked and not getattr(line, "fund_code", None):
            yield Fault("fund_code", Text("Hãy chọn nguồn quỹ.", "Choose the fund."), number)


def _directions(document: Document) -> Iterable[Fault]:
    facts = REASONS.get(document.reason) if document.kind == Kind.ADJUSTMENT else None
    for number, line in enumerate(document.lines, 1):
        if not isinstance(line, AdjustmentLine):
            continue
        if line.direction not in ("in", "out"):
            yield Fault(
                "direction", Text("Hãy chọn tăng hay giảm.", "Choose more or less."), number
            )
        elif facts and not (facts.may_come_in if line.direction == "in" else facts.may_go_out):
            yield Fault(
                "direction",
                Text(
                    f"Lý do “{facts.name.vi}” chỉ dùng cho dòng "
                    f"{'giảm' if line.direction == 'in' else 'tăng'}.",
                    f"The reason “{facts.name.en}” is only for lines that "
                    f"{'take out' if line.direction == 'in' else 'bring in'}.",
                ),
                number,
            )


def _whole(name: str, value: object, lowest: int, highest: int, line: int) -> Iterable[Fault]:
    label = FIELD_NAMES[name]
    if isinstance(value, bool) or not isinstance(value, int):
        yield Fault(
            name,
            Text(f"{label.vi} phải là số nguyên.", f"{label.en} must be a whole number."),
            line,
        )
    elif not lowest <= value <= highest:
        yield Fault(
            name,
            Text(
                f"{label.vi} phải từ {lowest} đến {group_digits(highest)}.",
                f"{label.en} must be between {lowest} and {group_digits(highest)}.",
            ),
            line,
        )


def _plausible(name: str, date: dt.date, line: int | None) -> Iterable[Fault]:
    if not YEAR_MIN <= date.year <= YEAR_MAX:
        yield Fault(
            name,
            Text(
                f"{FIELD_NAMES[name].vi} {date:%d/%m/%Y} không hợp lệ; hãy xem lại năm.",
                f"{FIELD_NAMES[name].en} {date:%d/%m/%Y} is not plausible; check the year.",
            ),
            line,
        )


FIELD_NAMES = {
    "item_code": Text("Mã hàng", "Item code"),
    "quantity": Text("Số lượng", "Quantity"),
    "lost_quantity": Text("Số lượng hao hụt", "Lost quantity"),
    "asked_quantity": Text("Số lượng yêu cầu", "Quantity asked"),
    "lot_number": Text("Số lô", "Lot number"),
    "expiry": Text("Hạn dùng", "Expiry date"),
    "fund_code": Text("Nguồn quỹ", "Fund"),
    "unit_price_vnd": Text("Đơn giá", "Unit price"),
    "amount_vnd": Text("Thành tiền", "Amount"),
    "happened_on": Text("Ngày phát sinh", "Date"),
    "recipient": Text("Người nhận", "Recipient"),
    "origin": Text("Nguồn gốc", "Origin"),
    "paper_reference": Text("Số chứng từ giấy", "Paper reference"),
    "note": Text("Ghi chú", "Note"),
    "reason": Text("Lý do", "Reason"),
    "partner_code": Text("Đối tác", "Partner"),
}

CHECKS: tuple[Check, ...] = (
    _line_count,
    _date,
    _reason,
    _purpose,
    _place,
    _details,
    _texts,
    _quantities,
    _prices,
    _receipt_lines,
    _directions,
)
