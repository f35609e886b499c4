"""What the entry screen's script says, in the language of the page."""

from __future__ import annotations

from supply.core.i18n import t
from supply.inventory.kinds import Kind


def entry_words(kind: Kind) -> dict[str, str]:
    """Texts by the names that the scripts use; {…} is filled there."""
    said = _columns() | _lines() | _posting(kind) | _keeping() | _finding() | _ahead()
    if kind == Kind.RETURN:
        said |= {"on_way": t("Đã xuất", "Issued"), "received": t("Hoàn trả", "Comes back")}
    return said


def _columns() -> dict[str, str]:
    return {
        "item": t("Mặt hàng", "Item"),
        "direction": t("Tăng, giảm", "More, less"),
        "more": t("Tăng", "More"),
        "less": t("Giảm", "Less"),
        "unit": t("Đơn vị", "Unit"),
        "quantity": t("Số lượng", "Quantity"),
        "received": t("Thực nhận", "Received"),
        "lost": t("Hao hụt", "Lost"),
        "lot": t("Số lô", "Lot"),
        "expiry": t("Hạn dùng", "Expiry"),
        "unit_price": t("Đơn giá", "Unit price"),
        "amount": t("Thành tiền", "Amount"),
        "fund": t("Nguồn quỹ", "Fund"),
        "on_way": t("Đang chuyển", "On the way"),
        "lot_expiry": t("Số lô, hạn dùng", "Lot, expiry"),
        "asked": t("Yêu cầu", "Asked"),
        "reason": t("Lý do", "Reason"),
        "lines": t("Các dòng của phiếu", "Lines of the document"),
        "remove": t("Bỏ dòng (Ctrl Delete)", "Remove the line (Ctrl Delete)"),
    }


def _lines() -> dict[str, str]:
    return {
        "line": t("Dòng", "Line"),
        "on_hand": t("Tồn", "On hand"),
        "expires": t("HSD", "exp."),
        "no_lot": t("không số lô", "no lot number"),
        "no_expiry": t("không hạn", "no expiry"),
        "blocked": t("đang thu hồi", "recalled"),
        "fefo": t("Hết hạn trước, xuất trước", "First to expire first"),
        "limit_left": t(
            "Theo {source}: tính đến ngày của phiếu còn được xuất {left}, đến hết {until} còn {all}. "
            "Hạn mức cả kỳ: {details}.",
            "By {source}: you may still issue {left} by the day of this issue, {all} by the end of {until}. "
            "Quota in all: {details}.",
        ),
        "ahead_of_limit": t(
            "Xuất trước hạn mức {over}, các ngày sau sẽ còn ít hơn; xin ghi lý do",
            "{over} ahead of the quota, less is left for later days; please say why",
        ),
        "over_limit": t(
            "Vượt hạn mức cả kỳ {over}; xin ghi lý do",
            "{over} over the whole quota; please say why",
        ),
        "not_enough": t(
            "Không đủ tồn: còn {available}, cần {asked}.",
            "Not enough stock: {available} left, {asked} needed.",
        ),
        "give_what_is": t(
            "Xuất {given}, ghi thiếu {short}", "Give {given}, note {short} as missing"
        ),
        "short_reason": t("Không đủ tồn", "Not enough stock"),
        "why_short": t("Hãy ghi lý do không đủ số yêu cầu.", "Say why less than asked is given."),
        "why_lot": t(
            "Lô {lot} hết hạn trước ({day}) vẫn còn; hãy ghi lý do lấy lô này.",
            "Lot {lot} expires earlier ({day}) and remains; say why this one goes.",
        ),
        "more_than_sent": t(
            "Nhiều hơn số đang chuyển đến ({sent}).", "More than is on its way ({sent})."
        ),
        "more_than_issued": t(
            "Nhiều hơn số đã xuất chưa trả ({sent}).", "More than was issued and is out ({sent})."
        ),
        "bad_quantity": t(
            "Số lượng phải là số nguyên, ví dụ 1.234.",
            "The quantity must be a whole number, for example 1.234.",
        ),
        "bad_date": t("Ngày này không có trong lịch.", "There is no such day."),
        "expired": t("Hàng đã hết hạn vào ngày của phiếu.", "Expired on the document's date."),
        "unknown_item": t("Không tìm thấy mặt hàng “{text}”.", "There is no item called “{text}”."),
        "unknown_unit": t(
            "Không có quy cách “{text}”; hãy chọn lại đơn vị.",
            "There is no pack called “{text}”; choose the unit.",
        ),
        "choose_item": t("Chọn mặt hàng…", "Choose the item…"),
        "guessed": t(
            "Máy quét không gửi dấu ngăn: xin xem lại số lô, hạn dùng.",
            "The scanner sent no separator: please check lot and expiry.",
        ),
        "as_last": t("Lô, hạn, giá theo lần nhập {day}", "Lot, expiry, price as on {day}"),
        "removed": t("Đã bỏ dòng “{item}”.", "Removed “{item}”."),
        "lines_noun": t("dòng", "lines"),
        "lines_noun_one": t("dòng", "line"),
        "pasted": t("Đã dán {count} dòng.", "Pasted {count} lines."),
        "pasted_one": t("Đã dán {count} dòng.", "Pasted {count} line."),
        "pasted_skipped": t("{count} dòng không có chỗ để dán.", "{count} lines had no place."),
        "pasted_skipped_one": t("{count} dòng không có chỗ để dán.", "{count} line had no place."),
        "pasted_unnamed": t("Bỏ qua cột: {names}.", "Columns left out: {names}."),
    }


def _posting(kind: Kind) -> dict[str, str]:
    posts = {
        Kind.TRANSFER_DISPATCH: t("Ghi sổ và gửi", "Post and send"),
        Kind.TRANSFER_RECEIPT: t("Ghi sổ đã nhận", "Post as received"),
    }
    return {
        "post": posts.get(kind, t("Ghi sổ", "Post")),
        "posting": t("Đang ghi…", "Posting…"),
        "retry": t("Thử lại", "Try again"),
        "waiting": t("Chờ có mạng…", "Waiting for a connection…"),
        "mend": t("Cần sửa các mục dưới đây rồi ghi sổ.", "Mend the entries below, then post."),
        "and_more": t("và {count} mục nữa", "and {count} more"),
        "lost": t(
            "Chưa liên lạc được với máy chủ. Phiếu vẫn còn nguyên; hãy bấm “Thử lại”, phiếu "
            "không bị ghi hai lần.",
            "The server could not be reached. Nothing is lost: press “Try again”; the document "
            "is never posted twice.",
        ),
        "lost_offline": t(
            "Đang mất kết nối. Phiếu giữ trên máy này và sẽ tự ghi sổ khi có mạng lại, không bị "
            "ghi hai lần.",
            "You are offline. The document is kept on this device and posted when the connection "
            "is back, never twice.",
        ),
        "signed_out": t(
            "Phiên làm việc đã hết. Hãy đăng nhập ở một thẻ khác, rồi tải lại trang này; phiếu "
            "vẫn còn.",
            "You were signed out. Sign in in another tab, then reload this page; the document is "
            "kept.",
        ),
    }


def _keeping() -> dict[str, str]:
    return {
        "saved": t("Đã lưu nháp lúc {time}", "Draft saved at {time}"),
        "pending": t(
            "Chưa gửi: giữ trên máy này từ {time}", "Not sent: kept on this device since {time}"
        ),
        "restored": t(
            "Đã mở lại phiếu đang viết dở trên máy này.",
            "The document you were writing on this device was reopened.",
        ),
        "other_tab": t(
            "Phiếu loại này đang được viết ở một thẻ khác; thẻ này là phiếu mới.",
            "One of this kind is being written in another tab; this is a new one.",
        ),
    }


def _finding() -> dict[str, str]:
    return {
        "offline": t(
            "Mất kết nối: chưa tìm được mặt hàng.", "No connection: items cannot be looked up."
        ),
        "searching": t("Đang tìm…", "Searching…"),
        "nothing": t(
            "Không có mặt hàng nào khớp. Thử từ khác hoặc mã hàng.",
            "Nothing matches. Try another word, or the code.",
        ),
        "added_up": t(
            "{item}: cộng thêm {count}, thành {total}.", "{item}: {count} more, {total}."
        ),
        "expiry_differs": t(
            "Lô {lot} trong phiếu ghi hạn {known}, mã quét ghi {scanned}; giữ hạn trong phiếu.",
            "Lot {lot} stands with {known}, the code says {scanned}; the document's is kept.",
        ),
        "not_arriving": t(
            "{item} không có trong các dòng của phiếu này.", "{item} is not on this document."
        ),
        "learned": t("Đã nhớ mã {code} là {item}.", "From now on {code} is {item}."),
        "camera_none": t(
            "Không mở được máy ảnh; hãy cho phép dùng máy ảnh, hoặc chụp ảnh mã rồi chọn ảnh.",
            "The camera could not be opened; allow it, or choose a picture of the code.",
        ),
        "camera_nothing": t("Không thấy mã nào trong ảnh.", "No code was found in the picture."),
        "camera_aim": t("Đưa mã vào giữa khung.", "Hold the code in the middle."),
    }


def _ahead() -> dict[str, str]:
    return {
        "base_unit": t("từng {unit}", "single {unit}"),
        "ahead_item": t(
            "{item}: cuối ngày đó {day_before} → {day_after}; hiện tại {now_before} → {now_after}; "
            "thấp nhất {lowest} vào {lowest_on}",
            "{item}: that day {day_before} → {day_after}; now {now_before} → {now_after}; "
            "lowest {lowest} on {lowest_on}",
        ),
    }
