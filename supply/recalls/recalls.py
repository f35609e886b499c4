"""A recall in the words of the people who lead and answer it, and its clock. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID, uuid4

from supply.core.errors import Fault
from supply.core.text import Text, group_digits

QUANTITY_MAX = 1_000_000_000
HOURS_MAX = 720
ANSWER_HOURS = (4, 12, 24, 48, 72)

CLASSES: dict[str, Text] = {
    "1": Text("Mức độ 1: nguy hại nghiêm trọng", "Class 1: serious harm"),
    "2": Text(
        "Mức độ 2: có thể ảnh hưởng hiệu quả, an toàn", "Class 2: may affect safety or effect"
    ),
    "3": Text("Mức độ 3: ít ảnh hưởng", "Class 3: little effect"),
}
OUTCOMES: dict[str, Text] = {
    "destroyed": Text("Tiêu hủy", "Destroyed"),
    "returned": Text("Trả nhà cung cấp", "Returned to the supplier"),
    "released": Text("Cho dùng lại", "Released for use"),
}


class Standing(StrEnum):
    """Where a facility stands in a recall."""

    WAITING = "waiting"
    OVERDUE = "overdue"
    MORE = "more"
    ANSWERED = "answered"


STANDINGS: dict[Standing, Text] = {
    Standing.WAITING: Text("Chưa trả lời", "Not answered"),
    Standing.OVERDUE: Text("Quá hạn trả lời", "Answer overdue"),
    Standing.MORE: Text("Còn hàng chưa biệt trữ", "More to set aside"),
    Standing.ANSWERED: Text("Đã trả lời", "Answered"),
}
STANDING_CHIPS = {
    Standing.WAITING: "warning",
    Standing.OVERDUE: "danger",
    Standing.MORE: "danger",
    Standing.ANSWERED: "good",
}


def label_of(year: int, number: int) -> str:
    """The number as on paper: (2022, 1) -> "TH-2022-0001"."""
    return f"TH-{year}-{number:04d}"


def origin_of(recall_id: int) -> str:
    """What the `origin` of documents and drafts of a recall says."""
    return f"recall:{recall_id}"


def standing_of(answered: bool, held: int, overdue: bool) -> Standing:
    """From what the facility said and what its books show: an answer is whole only when nothing of
    the lot is left in its store or kits."""
    if answered:
        return Standing.MORE if held else Standing.ANSWERED
    return Standing.OVERDUE if overdue else Standing.WAITING


@dataclass(frozen=True)
class Clock:
    """How long a recall runs; hours, rounded down. `left_hours` is negative when overdue."""

    started_at: dt.datetime
    due_at: dt.datetime
    now: dt.datetime

    @property
    def run_hours(self) -> int:
        """Hours since it began."""
        return int((self.now - self.started_at).total_seconds() // 3600)

    @property
    def left_hours(self) -> int:
        """Hours until an answer is due; negative: hours overdue, begun ones counted."""
        return int((self.due_at - self.now).total_seconds() // 3600)

    @property
    def overdue(self) -> bool:
        """Whether the answer was due before now."""
        return self.now > self.due_at


@dataclass(frozen=True, kw_only=True)
class Recall:
    """A lot called back. `district_id` None: in every district (the administrator)."""

    lot_id: int
    reason: str
    recall_class: str
    district_id: int | None = None
    instructions: str = ""
    paper_reference: str = ""
    answer_hours: int = 24
    client_key: UUID = field(default_factory=uuid4)


def faults_of(recall: Recall) -> list[Fault]:
    """Everything that is wrong with a recall by itself."""
    return list(_faults(recall))


def _faults(recall: Recall) -> Iterable[Fault]:
    yield from text_faults("reason", recall.reason, 500, Text("Lý do thu hồi", "The reason"), True)
    yield from text_faults(
        "instructions", recall.instructions, 2000, Text("Việc phải làm", "What to do")
    )
    yield from text_faults(
        "paper_reference", recall.paper_reference, 100, Text("Số công văn", "The letter's number")
    )
    if recall.recall_class not in CLASSES:
        yield Fault("recall_class", Text("Hãy chọn mức độ thu hồi.", "Choose the class."))
    if not 1 <= recall.answer_hours <= HOURS_MAX:
        yield Fault(
            "answer_hours",
            Text(
                f"Hạn trả lời phải từ 1 đến {HOURS_MAX} giờ.",
                f"The answer is due within 1 to {HOURS_MAX} hours.",
            ),
        )


def text_faults(
    name: str, value: str, longest: int, label: Text, required: bool = False
) -> Iterable[Fault]:
    """A text that is missing, too long or unreadable."""
    if required and not value.strip():
        yield Fault(name, Text(f"{label.vi} chưa ghi.", f"{label.en} is missing."))
    elif len(value) > longest or "\x00" in value:
        yield Fault(
            name,
            Text(
                f"{label.vi} tối đa {group_digits(longest)} ký tự.",
                f"{label.en} has at most {group_digits(longest)} characters.",
            ),
        )


def amount_faults(name: str, value: int, label: Text) -> Iterable[Fault]:
    """A quantity that is not a whole number of 0 or more."""
    if not 0 <= value <= QUANTITY_MAX:
        yield Fault(
            name,
            Text(
                f"{label.vi} phải từ 0 đến {group_digits(QUANTITY_MAX)}.",
                f"{label.en} is between 0 and {group_digits(QUANTITY_MAX)}.",
            ),
        )
