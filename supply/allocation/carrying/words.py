"""What the states of a line are called when a plan is carried out. Pure."""

from __future__ import annotations

from supply.core.text import Text

LINE_STATE_NAMES: dict[str, Text] = {
    "late": Text("Trễ, chưa gửi", "Late to leave"),
    "overdue": Text("Trễ, chưa nhận", "Late to arrive"),
    "short": Text("Nhận thiếu", "Short"),
    "over": Text("Nhận thừa", "Over"),
    "discarded": Text("Nơi gửi đã bỏ", "Discarded"),
    "reversed": Text("Đã đảo phiếu", "Reversed"),
    "waiting": Text("Chờ gửi", "To be sent"),
    "under_way": Text("Đang đi đường", "On its way"),
    "received": Text("Đã nhận đủ", "Received"),
    "withdrawn": Text("Đã rút lại", "Withdrawn"),
}
LINE_TONES: dict[str, str] = {
    "late": "danger",
    "overdue": "danger",
    "short": "danger",
    "over": "warning",
    "discarded": "danger",
    "reversed": "danger",
    "waiting": "warning",
    "under_way": "info",
    "received": "good",
}
DRAFT_STATE_NAMES: dict[str, Text] = {
    "waiting": Text("chờ gửi", "to be sent"),
    "posted": Text("đã gửi", "sent"),
    "discarded": Text("nơi gửi đã bỏ", "discarded"),
    "withdrawn": Text("đã rút lại", "withdrawn"),
}
DRAFT_TONES: dict[str, str] = {"waiting": "warning", "posted": "good", "discarded": "danger"}
