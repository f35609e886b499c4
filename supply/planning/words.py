"""What planning says to people: why a line has its quantity, when it is to be ordered. Pure."""

from __future__ import annotations

from supply.core.text import Text, counted, group_digits
from supply.planning.purchase_plans import PlanRow


def why(row: PlanRow, service_level: float) -> Text:
    """The whole reckoning of a line, figure by figure."""
    line = row.line
    n = group_digits
    level = f"{service_level * 100:g}".replace(".", ",")
    review = line.cover_days - line.lead_days
    vi = [
        f"{line.cover_days} ngày ({line.lead_days} chờ hàng + {review} giữa hai lần đặt) có thể dùng"
        f" tới {n(line.use_quantile)} {row.unit.vi} (mức {level} %; trung bình {n(line.use_mean)})"
    ]
    en = [
        f"{line.cover_days} days ({line.lead_days} to wait + {review} between orders) may use up to"
        f" {n(line.use_quantile)} {row.unit.en} ({level} %; mean {n(line.use_mean)})"
    ]
    if line.reserve > line.use_quantile:
        vi.append(f"dự trữ đã duyệt {n(line.reserve)}, lấy số lớn hơn")
        en.append(f"approved reserve {n(line.reserve)}, the larger counts")
    vi.append(
        f"trừ đang có {n(line.on_hand)}, đang chuyển {n(line.in_transit)}, đã đặt {n(line.on_order)}"
    )
    en.append(
        f"less on hand {n(line.on_hand)}, on the way {n(line.in_transit)},"
        f" on order {n(line.on_order)}"
    )
    if line.expiring:
        vi.append(f"cộng sẽ hết hạn trước khi dùng {n(line.expiring)}")
        en.append(f"plus expiring before use {n(line.expiring)}")
    vi.append(f"cần {n(line.wanted)}, tròn {n(line.packs)} × {row.pack_name.vi} = {n(line.units)}")
    en.append(
        f"needed {n(line.wanted)}, rounded to {n(line.packs)} × {row.pack_name.en}"
        f" = {n(line.units)}"
    )
    if line.cover_days > line.forecast_days:
        vi.append(f"dự báo chỉ có {line.forecast_days} ngày, phần sau tính theo mức của tuần cuối")
        en.append(f"the forecast has {line.forecast_days} days, the rest goes on at its last week")
    return Text("; ".join(vi) + ".", "; ".join(en) + ".")


def lateness(row: PlanRow) -> tuple[str, Text]:
    """(tone, words) of the day to order by: '' where nothing runs out within the cover."""
    by = row.line.order_by_day
    if by is None:
        return "", Text("không gấp", "not urgent")
    days = counted(abs(by), Text("", f"{abs(by)} days"))
    if by < 0:
        return "danger", Text(f"trễ {-by} ngày", f"{days.en} late")
    if by == 0:
        return "danger", Text("hôm nay", "today")
    return ("warning" if by <= 7 else "good"), Text(f"còn {by} ngày", f"in {days.en}")
