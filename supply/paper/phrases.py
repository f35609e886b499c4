"""What the forms share in words: days, signatories, places to fill in by hand. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from supply.core.text import Text
from supply.paper.forms import FormTitle, Typed
from supply.paper.layout import Fact, Signature
from supply.paper.words import amount_in_english, amount_in_words

Say = Callable[[Text], str]
SIGNED_ON = Text("Ngày …… tháng …… năm ………", "Date: ……/……/………")
HINT = Text("(Ký, họ tên)", "(Signature, full name)")
HEAD_HINT = Text("(Ký, họ tên, đóng dấu)", "(Signature, full name, stamp)")
TOTAL = Text("Cộng", "Total")
EMPTY = Text("Không có dòng nào.", "No lines.")
ROLES: dict[str, Text] = {
    "preparer": Text("Người lập phiếu", "Prepared by"),
    "reporter": Text("Người lập biểu", "Prepared by"),
    "deliverer": Text("Người giao hàng", "Delivered by"),
    "recipient": Text("Người nhận hàng", "Received by"),
    "storekeeper": Text("Thủ kho", "Storekeeper"),
    "driver": Text("Người vận chuyển", "Carrier"),
    "accountant": Text("Kế toán trưởng", "Chief accountant"),
    "committee": Text("Trưởng ban", "Head of the committee"),
    "member_1": Text("Ủy viên thứ nhất", "First member"),
    "member_2": Text("Ủy viên thứ hai", "Second member"),
    "giver": Text("Đại diện bên giao", "For the giving side"),
    "taker": Text("Đại diện bên nhận", "For the receiving side"),
    "pharmacy": Text("Trưởng khoa Dược", "Head of pharmacy"),
    "head": Text("Thủ trưởng đơn vị", "Head of unit"),
}


def sayer(language: str) -> Say:
    """Texts in one language."""
    return lambda text: text.in_language(language)


def long_day(day: dt.date, language: str) -> str:
    """ "Ngày 03 tháng 03 năm 2022", as vouchers are dated."""
    if language == "en":
        return f"Date: {day:%d/%m/%Y}"
    return f"Ngày {day:%d} tháng {day:%m} năm {day:%Y}"


def period(first_day: dt.date, last_day: dt.date, language: str) -> str:
    """A whole month by its name, else both days."""
    after = last_day + dt.timedelta(days=1)
    if first_day.day == 1 and after.day == 1 and first_day.month == last_day.month:
        return f"{'Month' if language == 'en' else 'Tháng'} {first_day:%m/%Y}"
    pair = Text("Từ ngày {} đến ngày {}", "From {} to {}").in_language(language)
    return pair.format(f"{first_day:%d/%m/%Y}", f"{last_day:%d/%m/%Y}")


def signatures(roles: Sequence[str], typed: Typed, **known: str) -> tuple[Signature, ...]:
    """Who signs, in order; a name typed for this print comes before one that is `known`."""
    say = sayer(typed.language)
    return tuple(
        Signature(
            say(ROLES[role]),
            typed.names.get(role, "") or known.get(role, ""),
            say(HEAD_HINT if role == "head" else HINT),
        )
        for role in roles
    )


def accounts(title: FormTitle, language: str) -> tuple[Fact, ...]:
    """The account lines of the State's vouchers; empty ones are filled in by hand."""
    names = ("Debit", "Credit") if language == "en" else ("Nợ", "Có")
    return (Fact(names[0], title.debit), Fact(names[1], title.credit))


def sum_in_words(amount_vnd: int, typed: Typed) -> tuple[Fact, ...]:
    """The amount in words and the number of attached papers."""
    english = typed.language == "en"
    said = amount_in_english(amount_vnd) if english else amount_in_words(amount_vnd)
    return (
        Fact("Total amount (in words)" if english else "Tổng số tiền (viết bằng chữ)", f"{said}."),
        Fact("Attached documents" if english else "Số chứng từ kèm theo", typed.attached),
    )
