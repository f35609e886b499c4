"""What a replay found, in sentences: the headline, and what must be known to read it fairly. Pure."""

from __future__ import annotations

import datetime as dt

from supply.allocation.seeing.replay import Replay
from supply.allocation.words import POLICIES
from supply.core.text import Text, group_digits

WAYS: dict[str, Text] = {
    "real": Text("Thực tế", "What happened"),
    "plan": Text("Cách được thử", "The policy tried"),
    "idle": Text("Nếu không chuyển gì", "Had nothing moved"),
}


def headline(found: Replay) -> Text:
    """What the policy would have done, in one sentence."""
    asked, real, plan = found.request, found.real, found.plan
    start = dt.date.fromisoformat(asked.start)
    name = POLICIES[asked.policy].name
    when = Text(
        f"Trong {asked.days} ngày từ {start:%d/%m/%Y}, nếu biết trước mọi nhu cầu, cách “{name.vi}”",
        f"Over the {asked.days} days from {start:%d/%m/%Y}, with every need known beforehand, “{name.en}”",
    )
    before, after = group_digits(real.points), group_digits(plan.points)
    lines = Text(
        f"{group_digits(plan.lines)} dòng chuyển, thực tế {group_digits(real.lines)}",
        f"{group_digits(plan.lines)} transfer lines; there were {group_digits(real.lines)}",
    )
    if plan.points >= real.points:
        return Text(
            f"{when.vi} không hơn được thực tế: {after} điểm thiếu, thực tế {before} ({lines.vi}).",
            f"{when.en} would not have done better: {after} shortage points against {before}"
            f" ({lines.en}).",
        )
    down = min(99, round(100 * (real.points - plan.points) / real.points))
    if plan.points == 0:
        down = 100
    return Text(
        f"{when.vi} đã có thể bớt {down}\u00a0% điểm thiếu (từ {before} xuống {after}) với {lines.vi}.",
        f"{when.en} could have taken off {down}\u00a0% of the shortage points (from {before} to"
        f" {after}) with {lines.en}.",
    )


def caveats(found: Replay) -> tuple[Text, ...]:
    """How to read it: what the plan knew that nobody could, and what was guessed."""
    return (
        Text(
            "Đây là nhìn lại: cách được thử biết trước từng ngày nơi nào dùng gì và hàng nào về. Khi đó "
            "không ai biết; con số là mức tốt nhất có thể mong, không phải lời trách.",
            "This is hindsight: the policy tried knows each day's use and arrivals beforehand. Nobody "
            "did then; the figure is the most one could hope for, no reproach.",
        ),
        _need(found),
        Text(
            "Sổ kho không ghi hàng đến nhóm nào. Nhu cầu chia theo tỷ lệ nhóm của lượt dự báo "
            f"{found.run_id}; thực tế được coi là mỗi nơi đã cấp cho nhóm khẩn cấp nhất trước, để không "
            "tính lợi cho cách được thử.",
            "The books do not say which class goods went to. Need is shared as forecast run "
            f"{found.run_id} shares it; in fact every place is taken to have served its most urgent class "
            "first, so that the policy tried is not flattered.",
        ),
        *_unknown(found),
        Text(
            "Đường đi và xe lấy như hiện nay, hàng ngoài địa bàn về đúng ngày đã về, cơ sở ngoài công lập "
            "không tham gia. Hàng hỏng, mất, biệt trữ trong kỳ được trừ khỏi lô ở nơi đó.",
            "Roads and vehicles are today's; goods from outside arrive on the day they did; private "
            "facilities take no part. What was damaged, lost or set aside is taken off its lot there.",
        ),
        Text(
            "Không cách nào, dù biết trước tất cả, xuống dưới "
            f"{group_digits(found.bound)} điểm với xe và dự trữ đó.",
            "No way at all, knowing everything, could go below "
            f"{group_digits(found.bound)} points with those vehicles and reserves.",
        ),
        *_slow(found),
    )


def _need(found: Replay) -> Text:
    asked, guessed = group_digits(found.asked_units), group_digits(found.guessed_units)
    vi = f"Nhu cầu là lượng đã dùng, cộng {asked} đơn vị đã xin mà không được cấp"
    en = f"Need is what was used, plus {asked} units asked for and not given"
    if found.request.estimate:
        vi += (
            f", cộng {guessed} đơn vị ước tính cho những ngày kho hết hàng (mức dùng thường ngày của nơi "
            "đó)"
        )
        en += f", plus {guessed} units guessed for days a store was empty (its usual use)"
    else:
        vi += "; không ước tính cho ngày kho hết hàng, nên thiếu thật có thể lớn hơn"
        en += "; nothing is guessed for days a store was empty, so real shortage may be larger"
    return Text(vi + ".", en + ".")


def _unknown(found: Replay) -> tuple[Text, ...]:
    if not found.unknown_classes:
        return ()
    return (
        Text(
            f"{found.unknown_classes} cặp cơ sở – mặt hàng dự báo không biết: tính vào nhóm nhẹ.",
            f"{found.unknown_classes} facility–item pairs are unknown to the forecast: counted as mild.",
        ),
    )


def _slow(found: Replay) -> tuple[Text, ...]:
    if found.status != "feasible" or found.plan.points <= 1.25 * max(1, found.bound):
        return ()
    return (
        Text(
            "Cách này còn xa mức thấp nhất: một phần là cái giá của chính cách phân bổ, một phần có thể do "
            "hết giờ tính. Thử kỳ ngắn hơn để biết rõ.",
            "This is still far from the lowest possible: partly the price of the policy itself, partly "
            "perhaps because time ran out. Try a shorter period to tell.",
        ),
    )
