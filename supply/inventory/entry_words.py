"""What the entry screen's script says, in the language of the page."""

from __future__ import annotations

from supply.core.i18n import t
from supply.inventory.kinds import Kind


def entry_words(kind: Kind) -> dict[str, str]:
    """Texts by the names that `static/entry.js` uses; {…} is filled there."""
    posts = {
        Kind.TRANSFER_DISPATCH: t("Ghi sổ và gửi", "Post and send"),
        Kind.TRANSFER_RECEIPT: t("Ghi sổ đã nhận", "Post as received"),
    }
    return {
        "post": posts.get(kind, t("Ghi sổ", "Post")),
        "posting": t("Đang ghi…", "Posting…"),
        "retry": t("Thử lại", "Try again"),
        "line": t("Dòng", "Line"),
        "on_hand": t("Tồn", "On hand"),
        "expires": t("HSD", "exp."),
        "no_lot": t("không số lô", "no lot number"),
        "no_expiry": t("không hạn", "no expiry"),
        "not_enough": t(
            "Không đủ tồn: còn {available}, cần {asked}.",
            "Not enough stock: {available} left, {asked} needed.",
        ),
        "more_than_sent": t(
            "Nhiều hơn số đang chuyển đến ({sent}).", "More than is on its way ({sent})."
        ),
        "bad_quantity": t(
            "Số lượng phải là số nguyên, ví dụ 1.234.",
            "The quantity must be a whole number, for example 1.234.",
        ),
        "bad_date": t("Ngày này không có trong lịch.", "There is no such day."),
        "expired": t("Hàng đã hết hạn vào ngày của phiếu.", "Expired on the document's date."),
        "mend": t("Cần sửa các mục dưới đây rồi ghi sổ.", "Mend the entries below, then post."),
        "lost": t(
            "Chưa liên lạc được với máy chủ. Phiếu vẫn còn nguyên; hãy bấm “Thử lại”, phiếu "
            "không bị ghi hai lần.",
            "The server could not be reached. Nothing is lost: press “Try again”; the document "
            "is never posted twice.",
        ),
        "signed_out": t(
            "Phiên làm việc đã hết. Hãy đăng nhập ở một thẻ khác, rồi tải lại trang này; phiếu "
            "vẫn còn.",
            "You were signed out. Sign in in another tab, then reload this page; the document is "
            "kept.",
        ),
        "offline": t(
            "Mất kết nối: chưa tìm được mặt hàng.", "No connection: items cannot be looked up."
        ),
        "removed": t("Đã bỏ dòng “{item}”.", "Removed “{item}”."),
    }
