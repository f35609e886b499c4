"""What can go wrong, one class and one HTTP status each, with words in both languages.

SupplyError                     500
├─ InvalidInput                 422  what was typed; `faults` name line and field
├─ NotFound                     404
├─ NotAllowed                   403
├─ Conflict                     409  the state does not let it happen
│  ├─ NotEnoughStock            409
│  ├─ AlreadyDone               409  posted, reversed, approved before
│  └─ KeyReused                 409  same idempotency key, other content
├─ NotSignedIn                  401  no or a bad key, token or session
├─ Unreadable                   400  not JSON, not a form
├─ WrongType                    415  another content type than is taken
├─ TooFast                      429  more requests a minute than are served
├─ TooMuch                      413
└─ Unavailable                  503  the database or a needed part cannot be reached
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from supply.core.text import Text


@dataclass(frozen=True)
class Fault:
    """One thing to mend: `line` counts from 1 (None: the head), `field` is the field's name."""

    field: str
    text: Text
    line: int | None = None

    def message(self, language: str = "vi") -> str:
        """The fault with its line, in `language`."""
        words = self.text.in_language(language)
        if self.line is None:
            return words
        return f"{'Line' if language == 'en' else 'Dòng'} {self.line}: {words}"


class SupplyError(Exception):
    """The root; carries a text in both languages and the faults behind it."""

    status = 500
    code = "error"
    default = Text("Có lỗi trong hệ thống.", "Something went wrong in the system.")

    def __init__(self, text: Text | None = None, faults: Sequence[Fault] = ()) -> None:
        self.text = text or self.default
        self.faults = tuple(faults)
        super().__init__(self.text.en)

    def message(self, language: str = "vi") -> str:
        """The head line in `language`."""
        return self.text.in_language(language)

    def lines(self, language: str = "vi") -> list[str]:
        """One line per fault, or the head line where there is none."""
        return [f.message(language) for f in self.faults] or [self.message(language)]


class InvalidInput(SupplyError):
    """What was typed cannot be taken; nothing was changed."""

    status = 422
    code = "invalid_input"
    default = Text("Cần sửa các mục dưới đây.", "Please mend the entries below.")


class NotFound(SupplyError):
    """There is no such thing, or none within the person's facilities."""

    status = 404
    code = "not_found"
    default = Text("Không tìm thấy.", "Not found.")


class NotAllowed(SupplyError):
    """The person may not do this; the text says whose permission it needs."""

    status = 403
    code = "not_allowed"
    default = Text("Bạn không có quyền làm việc này.", "You are not allowed to do this.")


class Conflict(SupplyError):
    """The present state does not let it happen; look again and retry."""

    status = 409
    code = "conflict"
    default = Text(
        "Dữ liệu vừa thay đổi, xin xem lại.", "The data has just changed, please look again."
    )


class NotEnoughStock(Conflict):
    """A balance would go below zero."""

    code = "not_enough_stock"
    default = Text("Không đủ tồn kho.", "Not enough stock.")


class AlreadyDone(Conflict):
    """It happened before and happens once only."""

    code = "already_done"
    default = Text("Việc này đã làm rồi.", "This was already done.")


class KeyReused(Conflict):
    """The same idempotency key came with other content."""

    code = "key_reused"
    default = Text(
        "Khóa chống ghi trùng đã dùng cho nội dung khác.",
        "The idempotency key was used for other content.",
    )


class NotSignedIn(SupplyError):
    """Nobody is signed in: no key, a bad, expired or revoked one."""

    status = 401
    code = "not_signed_in"
    default = Text("Xin đăng nhập hoặc gửi khóa API.", "Please sign in or send an API key.")


class Unreadable(SupplyError):
    """What was sent is not of the form it says it is."""

    status = 400
    code = "unreadable"
    default = Text("Nội dung gửi lên không đọc được.", "What was sent cannot be read.")


class WrongType(SupplyError):
    """What was sent is of another content type than is taken here."""

    status = 415
    code = "wrong_type"
    default = Text("Kiểu nội dung này không nhận ở đây.", "This content type is not taken here.")


class TooFast(SupplyError):
    """More requests in a minute than are served."""

    status = 429
    code = "too_fast"
    default = Text("Thao tác quá nhanh, xin đợi một phút.", "Too fast, please wait a minute.")


class TooMuch(SupplyError):
    """Larger than what is taken in one go."""

    status = 413
    code = "too_much"
    default = Text("Dữ liệu gửi lên quá lớn.", "What was sent is too large.")


class Unavailable(SupplyError):
    """A part that is needed cannot be reached now; nothing was changed."""

    status = 503
    code = "unavailable"
    default = Text(
        "Hệ thống tạm thời chưa phục vụ được, xin thử lại sau ít phút.",
        "The system cannot serve this now, please try again in a few minutes.",
    )
