"""What policies, classes and states of a plan are called, and what each means in plain words. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from supply.core.text import Text


@dataclass(frozen=True)
class PolicyWords:
    """A policy's name and what it does, in one sentence a health officer would say."""

    name: Text
    meaning: Text


POLICIES: dict[str, PolicyWords] = {
    "lexicographic": PolicyWords(
        Text("Nơi khó nhất trước", "Worst-off first"),
        Text(
            "Lo đủ cho người bệnh nguy kịch trước, rồi nặng, nhân viên, nhẹ; trong mỗi nhóm, nâng nơi "
            "đang thiếu nhất lên trước.",
            "Critical patients first, then severe, staff, mild; within each class the place that is "
            "worst off is raised first.",
        ),
    ),
    "least-shortage": PolicyWords(
        Text("Thiếu ít nhất", "Least shortage"),
        Text(
            "Giảm tổng điểm thiếu của toàn địa bàn xuống thấp nhất, nhóm khẩn cấp nặng điểm hơn; có "
            "thể để một nơi thiếu nhiều hơn nơi khác.",
            "The lowest total shortage points of the district, urgent classes weighing more; one place "
            "may stay shorter than another.",
        ),
    ),
    "proportional": PolicyWords(
        Text("Chia theo tỷ lệ", "Proportional"),
        Text(
            "Nơi dư chia phần dư cho nơi thiếu theo tỷ lệ thiếu, như cách chia tay lâu nay.",
            "Whoever has more than needed splits it in proportion to what the others lack, as is done "
            "by hand.",
        ),
    ),
    "equity": PolicyWords(
        Text("Đồng đều", "Equal coverage"),
        Text(
            "Đưa mức đáp ứng của các nơi về gần bằng nhau.",
            "Brings the coverage of all places as close together as can be.",
        ),
    ),
    "two-phase": PolicyWords(
        Text("Hai bước", "Two phases"),
        Text(
            "Trước hết mỗi nơi được ít nhất 20 % nhu cầu, theo thứ tự nhóm; phần còn lại dùng để giảm tổng "
            "điểm thiếu.",
            "First at least 20 % of need for every place, class by class; the rest goes where it takes off "
            "most shortage points.",
        ),
    ),
    "own-weights": PolicyWords(
        Text("Điểm riêng", "Own points"),
        Text(
            "Như thiếu ít nhất, nhưng điểm của từng nhóm do người lập kế hoạch ghi; điểm thiếu của kế hoạch "
            "này không so được với kế hoạch khác.",
            "As least shortage, with the points of each class as the planner gives them; the plan's points "
            "cannot be set beside another plan's.",
        ),
    ),
}

CLASS_NAMES: dict[str, Text] = {
    "critical": Text("Nguy kịch", "Critical"),
    "severe": Text("Nặng", "Severe"),
    "staff": Text("Nhân viên", "Staff"),
    "mild": Text("Nhẹ", "Mild"),
}

STATES: dict[str, Text] = {
    "trial": Text("Phương án thử", "Trial"),
    "proposed": Text("Chờ duyệt", "To be approved"),
    "approved": Text("Đã duyệt", "Approved"),
    "under_way": Text("Đang thực hiện", "Under way"),
    "done": Text("Xong", "Done"),
    "rejected": Text("Không duyệt", "Rejected"),
    "ended": Text("Kết thúc sớm", "Ended early"),
}
STATE_BAR = ("proposed", "approved", "under_way", "done")

TRIP_STATES: dict[str, Text] = {
    "waiting": Text("Chờ gửi", "To be sent"),
    "under_way": Text("Đang đi đường", "On its way"),
    "received": Text("Đã nhận", "Received"),
    "reversed": Text("Đã đảo", "Reversed"),
    "discarded": Text("Nơi gửi đã bỏ", "Discarded by the sender"),
}

QUANTILES: dict[float, Text] = {
    0.5: Text("Mức giữa (50 %)", "Middle (50 %)"),
    0.75: Text("Thận trọng (75 %)", "Cautious (75 %)"),
    0.95: Text("Xấu nhất thường tính (95 %)", "Worst usually planned for (95 %)"),
}

HORIZON_DAYS = (7, 14, 21, 28)
RESERVE_DAYS_MAX = 14
