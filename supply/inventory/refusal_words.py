"""Every code with which the database refuses, in words. Pure; `refusals.py` fills them in."""

from __future__ import annotations

from supply.core.errors import Conflict, KeyReused
from supply.core.text import Text
from supply.inventory.document_faults import NOTHING_GIVEN

WORDS: dict[str, Text] = {
    "not_signed_in": Text("Hãy đăng nhập để ghi sổ.", "Sign in to post."),
    "out_of_scope": Text(
        "Bạn không được ghi sổ cho cơ sở này.", "You may not post for this facility."
    ),
    "key_reused": KeyReused.default,
    "future_date": Text(
        "Ngày phát sinh {date} ở tương lai; hôm nay là {today}.",
        "The date {date} is in the future; today is {today}.",
    ),
    "bad_date": Text("Ngày phát sinh {date} không hợp lệ.", "The date {date} is not plausible."),
    "unknown_kind": Text("Không có loại phiếu này.", "There is no such kind of document."),
    "too_many_lines": Text(
        "Phiếu có {given} dòng; mỗi phiếu tối đa 5.000 dòng.",
        "The document has {given} lines; at most 5,000 are taken.",
    ),
    "no_lines": Text("Phiếu chưa có dòng nào.", "The document has no lines."),
    "unknown_partner": Text(
        "Không có đối tác mã “{partner}”.", "There is no partner with code “{partner}”."
    ),
    "unknown_item": Text(
        "Không có mặt hàng mã “{item}”; hãy chọn từ danh mục.",
        "There is no item with code “{item}”; choose one from the catalogue.",
    ),
    "item_closed": Text(
        "Mặt hàng “{item}” đã ngừng dùng.", "The item “{item}” is no longer in use."
    ),
    "bad_quantity": Text(
        "Số lượng “{given}” phải là số nguyên từ 1 đến 1.000.000.000 đơn vị cơ sở.",
        "The quantity “{given}” must be a whole number between 1 and 1,000,000,000 base units.",
    ),
    "pack_of_other_item": Text(
        "Đơn vị tính đã chọn không phải của mặt hàng “{item}”; hãy chọn lại.",
        "The chosen unit does not belong to item “{item}”; please choose again.",
    ),
    "missing_direction": Text("Hãy chọn tăng hay giảm.", "Choose more or less."),
    "missing_fund": Text("Hãy chọn nguồn quỹ.", "Choose the fund."),
    "unknown_fund": Text("Không có nguồn quỹ mã “{fund}”.", "There is no fund with code “{fund}”."),
    "fund_closed": Text(
        "Nguồn quỹ “{fund}” không còn hiệu lực vào ngày này.",
        "The fund “{fund}” is not valid on this date.",
    ),
    "missing_lot": Text(
        "Có hạn dùng thì phải có số lô.", "A line with an expiry date needs its lot number."
    ),
    "bad_price": Text(
        "Đơn giá phải là số đồng nguyên, từ 0 trở lên.",
        "The price must be whole đồng, zero or more.",
    ),
    "expired_lot": Text(
        "Lô “{lot}” của “{item}” đã hết hạn ngày {expiry}.",
        "Lot “{lot}” of “{item}” expired on {expiry}.",
    ),
    "lot_expiry_differs": Text(
        "Lô “{lot}” của “{item}” đã có hạn dùng {known}, phiếu ghi {given}; "
        "hãy xem lại số lô hoặc hạn dùng.",
        "Lot “{lot}” of “{item}” is known with expiry {known}, the document says {given}; "
        "check the lot number or the date.",
    ),
    "unknown_lot": Text(
        "{place_vi} không có lô “{lot}” của “{item}”.", "{place_en}: no lot “{lot}” of “{item}”."
    ),
    "lot_recalled": Text(
        "Lô “{lot}” của “{item}” đang bị thu hồi, không được xuất; hãy chọn lô khác "
        "hoặc chuyển sang biệt trữ.",
        "Lot “{lot}” of “{item}” is recalled and may not leave; take another lot, "
        "or set it aside in quarantine.",
    ),
    "not_enough": Text(
        "Không đủ tồn {item}: còn {available} {unit_vi}, cần {asked}.",
        "Not enough of {item}: {available} {unit_en} available, {asked} asked.",
    ),
    "not_enough_there": Text(
        "{place_vi} không đủ {item}: còn {available} {unit_vi}, cần {asked}.",
        "{place_en}: not enough of {item}: {available} {unit_en} available, {asked} asked.",
    ),
    "moved_since": Text(
        "Không đảo được {item}, lô “{lot}”: hàng đã được dùng hoặc chuyển sau đó.",
        "{item}, lot “{lot}”, cannot be undone: the goods were used or moved since.",
    ),
    "bad_counterpart": Text(
        "Hãy chọn một cơ sở nhận khác, đang hoạt động.",
        "Choose another facility, one in operation, to receive the goods.",
    ),
    "unknown_dispatch": Text(
        "Không có phiếu chuyển này gửi đến cơ sở của bạn.",
        "There is no such transfer to your facility.",
    ),
    "before_dispatch": Text(
        "Ngày nhận không thể trước ngày chuyển {date}.",
        "The goods cannot arrive before they were sent on {date}.",
    ),
    "already_received": Text(
        "Phiếu chuyển này đã nhận đủ.", "All of this transfer was already received."
    ),
    "more_than_dispatched": Text(
        "Nhận nhiều hơn số đang chuyển của {item}: còn {available}, ghi {asked}.",
        "More of {item} than is on its way: {available} left, {asked} given.",
    ),
    "nothing_given": NOTHING_GIVEN,
    "bad_asked": Text(
        "Số lượng yêu cầu “{given}” phải là số nguyên từ 0 đến 1.000.000.000 đơn vị cơ sở.",
        "The quantity asked “{given}” must be a whole number up to 1,000,000,000 base units.",
    ),
    "too_long": Text(
        "Lý do tối đa 200 ký tự, ghi chú của dòng tối đa 500 ký tự.",
        "A line's reason has at most 200 characters, its note at most 500.",
    ),
    "empty_has_no_price": Text(
        "Vỏ bình thu về ghi giá 0.", "Empty cylinders come back at price 0."
    ),
    "bad_purpose": Text("Hãy chọn mục đích trong danh sách.", "Choose a listed purpose."),
    "bad_place": Text(
        "Không xuất được từ nơi này bằng loại phiếu này.",
        "This kind of document cannot draw on that place.",
    ),
    "missing_partner": Text("Hãy chọn nơi mượn hoặc cho mượn.", "Choose the partner of the loan."),
    "other_partner": Text(
        "Đối tác khác với phiếu mượn; hãy bỏ trống hoặc chọn đúng đối tác.",
        "The partner is not that of the loan; leave it blank or choose the right one.",
    ),
    "bad_details": Text(
        "Dữ liệu kèm phiếu sai dạng hoặc quá lớn (tối đa 20 kB).",
        "The details are malformed or too large (at most 20 kB).",
    ),
    "missing_kit": Text("Hãy chọn bộ và số bộ, từ 1.", "Choose the kit and how many, at least 1."),
    "unknown_issue": Text(
        "Không tìm thấy phiếu xuất này trong cơ sở của bạn.",
        "There is no such issue in your facility.",
    ),
    "issue_reversed": Text(
        "Phiếu xuất này đã bị đảo, hàng đã về kho.",
        "This issue was reversed; its goods are back already.",
    ),
    "before_issue": Text(
        "Ngày hoàn trả không thể trước ngày xuất {date}.",
        "Goods cannot come back before they were issued on {date}.",
    ),
    "already_returned": Text(
        "Hàng của phiếu xuất này đã hoàn trả hết.", "All of this issue was already returned."
    ),
    "more_than_issued": Text(
        "Hoàn trả nhiều hơn số đã xuất của {item}: còn {available}, ghi {asked}.",
        "More of {item} than was issued: {available} still out, {asked} given.",
    ),
    "already_returning": Text(
        "Đã có hàng hoàn trả của phiếu xuất này; hãy đảo phiếu hoàn trả trước.",
        "Goods of this issue came back; reverse the return first.",
    ),
    "unknown_loan": Text(
        "Không tìm thấy phiếu mượn này để trả.", "There is no such loan to give back."
    ),
    "loan_reversed": Text("Phiếu mượn này đã bị đảo.", "This loan was reversed."),
    "before_loan": Text(
        "Ngày trả không thể trước ngày mượn {date}.",
        "A loan cannot be given back before it was made on {date}.",
    ),
    "more_than_lent": Text(
        "Trả nhiều hơn số còn mượn của {item}: còn {available}, ghi {asked}.",
        "More of {item} than is still on loan: {available} left, {asked} given.",
    ),
    "already_settled": Text(
        "Đã có phiếu trả cho phiếu mượn này; hãy đảo phiếu trả trước.",
        "Some of this loan was given back; reverse that first.",
    ),
    "may_not_block": Text(
        "Chỉ người lập kế hoạch hoặc quản trị viên được chặn lô hàng.",
        "Only a planner or the administrator may block a lot.",
    ),
    "no_such_lot": Text("Không tìm thấy lô hàng này.", "There is no such lot."),
    "period_closed": Text(
        "Sổ kho của {facility_vi} đã khóa đến hết ngày {date}. Hãy ghi ngày sau đó, hoặc nhờ kế toán "
        "hay quản trị mở lại kỳ (phải nêu lý do).",
        "The books of {facility_en} are closed through {date}. Use a later date, or ask finance or "
        "the administrator to reopen the period (with a reason).",
    ),
    "not_the_closer": Text(
        "Chỉ thủ kho hoặc thủ trưởng của cơ sở này được khóa sổ.",
        "Only the storekeeper or the head of this facility may close its books.",
    ),
    "not_the_opener": Text(
        "Chỉ kế toán hoặc quản trị được mở lại kỳ đã khóa.",
        "Only finance or the administrator may reopen a closed period.",
    ),
    "bad_period_end": Text(
        "Chỉ khóa sổ đến ngày cuối của một tháng đã qua; hôm nay là {today}.",
        "Books are closed through the last day of a month that has ended; today is {today}.",
    ),
    "already_closed": Text(
        "Sổ đã khóa đến hết ngày {date}.", "The books are already closed through {date}."
    ),
    "already_open": Text(
        "Không có kỳ nào sau ngày này đang khóa.", "No period after this day is closed."
    ),
    "missing_reason": Text("Hãy ghi lý do.", "Give the reason."),
    "reason_does_not_fit": Text(
        "Lý do này không dùng cho chiều tăng/giảm của dòng.",
        "This reason does not fit the direction of the line.",
    ),
    "unknown_document": Text(
        "Không tìm thấy phiếu cần đảo trong cơ sở của bạn.",
        "There is no such document to reverse in your facility.",
    ),
    "already_reversed": Text("Phiếu này đã được đảo.", "This document was already reversed."),
    "before_original": Text(
        "Ngày đảo không thể trước ngày của phiếu gốc {date}.",
        "A reversal cannot be dated before its original, {date}.",
    ),
    "already_arriving": Text(
        "Nơi nhận đã nhận hàng; hãy đảo phiếu nhận trước.",
        "The goods were received; reverse the receipt first.",
    ),
    "changed_meanwhile": Conflict.default,
    "never_changed": Text(
        "Chứng từ đã ghi sổ không sửa, không xóa; hãy lập phiếu đảo.",
        "What was posted is never changed or deleted; post a reversal.",
    ),
}
