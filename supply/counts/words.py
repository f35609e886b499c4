"""What the states and scopes of a count are called. Pure."""

from __future__ import annotations

from supply.core.text import Text, group_digits

STATES: dict[str, Text] = {
    "open": Text("Mới mở", "Open"),
    "counting": Text("Đang kiểm", "Counting"),
    "compared": Text("Đối chiếu", "Compared"),
    "resolved": Text("Đã xử lý", "Resolved"),
    "cancelled": Text("Đã hủy", "Cancelled"),
}
STATE_BAR = ("open", "counting", "compared", "resolved")
STATE_CHIPS = {"open": "info", "counting": "warning", "compared": "warning", "resolved": "good"}
ACTIVE_STATES = ("open", "counting", "compared")

SCOPES: dict[str, Text] = {
    "all": Text("Toàn bộ kho", "The whole store"),
    "category": Text("Một nhóm hàng", "One category"),
    "items": Text("Một số mặt hàng", "Chosen items"),
}

REASONS: tuple[Text, ...] = (
    Text("Đếm, ghi sổ nhầm trước đây", "Earlier slip in counting or recording"),
    Text("Xuất dùng chưa lập phiếu", "Used without a document"),
    Text("Nhập chưa lập phiếu", "Received without a document"),
    Text("Hư hỏng, vỡ, đổ", "Broken or spilt"),
    Text("Mất, chưa rõ nguyên nhân", "Lost, cause not known"),
    Text("Nhầm lô khi xuất", "Wrong lot taken"),
)
"""Offered when a difference is resolved; others may be written."""

QUALITY: dict[str, Text] = {
    "good": Text("Còn tốt", "Good"),
    "poor": Text("Kém phẩm chất", "Poor"),
    "spoiled": Text("Mất phẩm chất", "Spoiled"),
}

NOTHING_HELD = Text(
    "Vào ngày này kho không có lô hàng nào thuộc phạm vi đã chọn.",
    "On this day the store held nothing of what is to be counted.",
)


def too_many_lots(lots: int, limit: int) -> Text:
    """Why a sheet is too long, and what to do."""
    return Text(
        f"Phạm vi này có {group_digits(lots)} lô; mỗi đợt tối đa {group_digits(limit)}. "
        "Hãy kiểm theo từng nhóm hàng.",
        f"This is {group_digits(lots)} lots; a count takes at most {group_digits(limit)}. Count category by category.",
    )
