"""A plan in sentences that a planner can read out in a meeting. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from supply.allocation.queries import ClassRow, PlanView
from supply.allocation.words import CLASS_NAMES
from supply.core.text import Text, group_digits


def percent(share: float) -> str:
    """0.984 -> "98", never "100" for what is not whole, never "0" for what is not nothing."""
    whole = round(100 * share)
    if share < 1:
        whole = min(whole, 99)
    return str(max(whole, 1) if share > 0 else 0)


def short_name(name: Text) -> Text:
    """A facility's name for a picture: "TYT Phúc Xá"."""
    vi, en = name
    for long, short in _SHORTER_VI:
        vi = vi.replace(long, short)
    for long, short in _SHORTER_EN:
        en = en.replace(long, short)
    return Text(vi.partition(", ")[0], en.partition(", ")[0])


_SHORTER_VI = (
    ("Trạm Y tế phường ", "TYT "),
    ("Trạm Y tế xã ", "TYT xã "),
    ("Trạm Y tế lưu động", "Trạm lưu động"),
    ("Trung tâm Y tế quận ", "TTYT "),
    ("Trung tâm Y tế thành phố ", "TTYT "),
    ("Cơ sở thu dung, điều trị COVID-19 quận ", "Thu dung "),
    ("Cơ sở thu dung, điều trị COVID-19 thành phố ", "Thu dung "),
    ("Phòng khám đa khoa tư nhân ", "PKĐK "),
)
_SHORTER_EN = (
    (" District COVID-19 Treatment Facility", " treatment"),
    (" District Mobile Health Station", " mobile"),
    (" District Medical Centre", " MC"),
    (" Ward Health Station", " WHS"),
    (" Commune Health Station", " CHS"),
    (" Medical Centre", " MC"),
    (" COVID-19 Treatment Facility", " treatment"),
    (" Mobile Health Station", " mobile"),
)


@dataclass(frozen=True)
class Story:
    """The headline, then what the proportional rule would have done."""

    headline: Text
    beside: Text


def tell(plan: PlanView) -> Story:
    """What the plan does, in two sentences."""
    head = plan.head
    if head.no_transfer == 0:
        return Story(
            Text(
                "Mọi nơi đủ hàng trong kỳ này, không cần chuyển.",
                "Every place has enough for this period; nothing needs to move.",
            ),
            Text("", ""),
        )
    if not plan.transfers:
        return Story(
            Text(
                "Không chuyển được gì: nơi còn dư không có hàng mà nơi thiếu cần, hoặc hàng đến "
                f"không kịp. Điểm thiếu vẫn là {group_digits(head.no_transfer)}.",
                "Nothing can be moved: whoever has more does not hold what is lacking, or it would "
                f"come too late. Shortage stays at {group_digits(head.no_transfer)} points.",
            ),
            Text("", ""),
        )
    senders = len({t.origin for t in plan.transfers})
    receivers = len({t.destination for t in plan.transfers})
    trips = len({(t.origin, t.destination, t.day) for t in plan.transfers})
    down = percent(head.relief_percent / 100)
    return Story(
        Text(
            f"{trips} chuyến chuyển hàng từ {senders} nơi đến {receivers} nơi; điểm thiếu giảm "
            f"{down}\u00a0% (từ {group_digits(head.no_transfer)} xuống {group_digits(head.plan)})."
            + _most_urgent(plan.classes).vi,
            f"{trips} trips from {senders} places to {receivers}; shortage falls by {down}\u00a0% "
            f"(from {group_digits(head.no_transfer)} to {group_digits(head.plan)} points)."
            + _most_urgent(plan.classes).en,
        ),
        _beside(plan),
    )


def _most_urgent(classes: tuple[ClassRow, ...]) -> Text:
    """Of the most urgent class whose share changes; that none does is said of the most urgent."""
    if not classes:
        return Text("", "")

    def shares(row: ClassRow) -> tuple[str, str]:
        return percent(row.coverage("no_transfer")), percent(row.coverage("plan"))

    row = next((r for r in classes if len(set(shares(r))) == 2), classes[0])
    before, after = shares(row)
    name = CLASS_NAMES[row.name]
    if before == after:
        return Text(
            f" Nhóm {name.vi.lower()} vẫn được đáp ứng {after}\u00a0%.",
            f" The {name.en.lower()} class stays served at {after}\u00a0%.",
        )
    up = float(after) > float(before)
    return Text(
        f" Nhóm {name.vi.lower()} được đáp ứng từ {before}\u00a0% {'lên' if up else 'xuống'}"
        f" {after}\u00a0%.",
        f" The {name.en.lower()} class is served from {before}\u00a0% to {after}\u00a0%.",
    )


def _beside(plan: PlanView) -> Text:
    """Fair to both: in points, and by the place that is left worst off."""
    head = plan.head
    if head.policy == "proportional":
        return Text("", "")
    other = percent((head.no_transfer - head.proportional) / head.no_transfer)
    vi = f"Chia theo tỷ lệ (cách làm tay) giảm được {other}\u00a0%"
    en = f"The proportional rule (as done by hand) takes off {other}\u00a0%"
    if plan.classes:
        row = plan.classes[0]
        theirs, ours = percent(row.worst["proportional"]), percent(row.worst["plan"])
        name = CLASS_NAMES[row.name]
        vi += f", nơi thấp nhất của nhóm {name.vi.lower()} được {theirs}\u00a0%; kế hoạch này {ours}\u00a0%"
        en += f", its worst-off place in the {name.en.lower()} class gets {theirs}\u00a0%; this plan {ours}\u00a0%"
    return Text(vi + ".", en + ".")
