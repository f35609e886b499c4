"""What states of oxygen are called; a colour never stands alone. Pure."""

from __future__ import annotations

from supply.core.text import Text

URGENCY: dict[str, Text] = {
    "danger": Text("Rất gấp", "Very urgent"),
    "warning": Text("Gấp", "Urgent"),
    "good": Text("Đủ", "Enough"),
    "": Text("Chưa dùng", "Not flowing"),
}
DONE: dict[str, Text] = {
    "use": Text("Đã cấp bình cho buồng bệnh", "Cylinders are with the patients"),
    "empty": Text("Đã thu vỏ bình", "Shells are back"),
    "send": Text("Đã gửi vỏ đi nạp", "Shells are at the supplier"),
    "exchange": Text("Đã đổi bình", "Cylinders exchanged"),
}

NORM_NAMES: dict[str, Text] = {
    "severe_litres_per_minute": Text(
        "Người bệnh nặng cần (lít/phút)", "A severe patient needs (L/min)"
    ),
    "critical_litres_per_minute": Text(
        "Người bệnh nguy kịch cần (lít/phút)", "A critical patient needs (L/min)"
    ),
    "liquid_gas_litres_per_litre": Text(
        "1 lít oxy lỏng cho (lít khí)", "1 L of liquid gives (L of gas)"
    ),
    "liquid_kg_per_litre": Text("1 lít oxy lỏng nặng (kg)", "1 L of liquid weighs (kg)"),
    "danger_hours": Text("“Rất gấp” khi còn dưới (giờ)", "“Very urgent” below (hours)"),
    "warning_hours": Text("“Gấp” khi còn dưới (giờ)", "“Urgent” below (hours)"),
    "stale_hours": Text("Lưu lượng là số cũ sau (giờ)", "A flow is old after (hours)"),
}


def hours_in_words(hours: float) -> Text:
    """3.33 -> "3 giờ 20 phút"; 30 -> "30 giờ"; 100 -> "4,2 ngày"."""
    if hours >= 72:
        days = f"{hours / 24:.1f}".replace(".", ",")
        return Text(f"{days} ngày", f"{days} days")
    minutes = round(hours * 60)
    whole, rest = divmod(minutes, 60)
    if whole >= 12 or not rest:
        return Text(f"{round(hours)} giờ", f"{round(hours)} h")
    return Text(f"{whole} giờ {rest} phút", f"{whole} h {rest} min")


def ago(hours: float) -> Text:
    """How long ago: 0 -> "vừa xong", 0.5 -> "30 phút trước", 5.2 -> "5 giờ trước", 60 -> "2 ngày trước"."""
    if hours < 1:
        minutes = round(hours * 60)
        if minutes < 1:
            return Text("vừa xong", "just now")
        return Text(f"{minutes} phút trước", f"{minutes} min ago")
    if hours < 48:
        return Text(f"{int(hours)} giờ trước", f"{int(hours)} h ago")
    return Text(f"{int(hours // 24)} ngày trước", f"{int(hours // 24)} days ago")
