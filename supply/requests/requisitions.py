"""A requisition in the words of the people who write it: what makes one valid, how far it is. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID, uuid4

from supply.core.errors import Fault
from supply.core.text import Text, group_digits

LINES_MAX = 500
QUANTITY_MAX = 1_000_000_000
NOTE_MAX = 2000
LINE_NOTE_MAX = 200
REASON_MAX = 500
SUGGESTED_DAYS = (7, 14, 30, 60)
SHOWS = ("", "to_decide", "open", "own_open", "drafts")
"""Which requisitions a list shows; see `queries.requisitions`."""


class Status(StrEnum):
    """How far a requisition is. Nothing here is stored: all follows from events and documents."""

    DRAFT = "draft"
    SENT = "sent"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    APPROVED = "approved"
    ON_WAY = "on_way"
    PART_RECEIVED = "part_received"
    RECEIVED = "received"


STATUS_NAMES: dict[Status, Text] = {
    Status.DRAFT: Text("Nháp", "Draft"),
    Status.SENT: Text("Chờ duyệt", "Waiting for approval"),
    Status.WITHDRAWN: Text("Đã rút", "Withdrawn"),
    Status.REFUSED: Text("Không duyệt", "Refused"),
    Status.APPROVED: Text("Đã duyệt, chờ xuất", "Approved, to be sent"),
    Status.ON_WAY: Text("Đang chuyển", "On its way"),
    Status.PART_RECEIVED: Text("Đã nhận một phần", "Partly received"),
    Status.RECEIVED: Text("Đã nhận đủ", "Received in full"),
}
STATUS_CHIPS: dict[Status, str] = {
    Status.DRAFT: "",
    Status.SENT: "warning",
    Status.WITHDRAWN: "",
    Status.REFUSED: "danger",
    Status.APPROVED: "info",
    Status.ON_WAY: "info",
    Status.PART_RECEIVED: "warning",
    Status.RECEIVED: "good",
}
OPEN_STATUSES = frozenset({Status.SENT, Status.APPROVED, Status.ON_WAY, Status.PART_RECEIVED})


def label_of(year: int | None, number: int | None) -> str:
    """The number as on paper: (2022, 1) -> "DY-2022-0001"; nothing for a draft."""
    return "" if number is None else f"DY-{year}-{number:04d}"


def origin_of(requisition_id: int) -> str:
    """What the `origin` of documents and drafts that carry it out says."""
    return f"requisition:{requisition_id}"


@dataclass(frozen=True)
class Progress:
    """What happened to a requisition. Quantities are compared line by line, never added up over
    items: `any_sent` something left, `all_sent` every line left in full, `on_way` something has
    not arrived yet."""

    is_sent: bool
    decision: str | None = None
    any_sent: bool = False
    all_sent: bool = False
    on_way: bool = False


def status_of(p: Progress) -> Status:
    """The state that follows from what happened."""
    if not p.is_sent:
        return Status.DRAFT
    if p.decision is None:
        return Status.SENT
    if p.decision != "approved":
        return Status.WITHDRAWN if p.decision == "withdrawn" else Status.REFUSED
    if not p.any_sent:
        return Status.APPROVED
    if p.on_way:
        return Status.ON_WAY
    return Status.RECEIVED if p.all_sent else Status.PART_RECEIVED


@dataclass(frozen=True, kw_only=True)
class AskedLine:
    """One item asked for. With `pack_id` the quantity is of that pack."""

    item_code: str
    quantity: int
    pack_id: int | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Requisition:
    """What `facility_id` asks of `asked_id`. The key makes a retry harmless."""

    facility_id: int
    asked_id: int
    lines: Sequence[AskedLine] = ()
    needed_on: dt.date | None = None
    note: str = ""
    client_key: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What is approved of a line, in base units; a cut says why."""

    line: int
    quantity: int
    reason: str = ""


def faults_of(asked: Requisition) -> list[Fault]:
    """Everything that is wrong with the requisition by itself."""
    return [*_head_faults(asked), *_line_faults(asked.lines)]


def _head_faults(asked: Requisition) -> Iterable[Fault]:
    if asked.facility_id == asked.asked_id:
        yield Fault(
            "asked_id",
            Text("Hãy chọn một nơi khác để xin cấp.", "Choose another facility to ask."),
        )
    if len(asked.lines) > LINES_MAX:
        yield Fault(
            "lines",
            Text(
                f"Phiếu có {len(asked.lines)} dòng; mỗi phiếu tối đa {LINES_MAX} dòng.",
                f"The request has {len(asked.lines)} lines; at most {LINES_MAX} are taken.",
            ),
        )
    if len(asked.note) > NOTE_MAX or "\x00" in asked.note:
        yield Fault(
            "note",
            Text(
                f"Ghi chú tối đa {group_digits(NOTE_MAX)} ký tự.",
                f"The note is at most {group_digits(NOTE_MAX)} characters long.",
            ),
        )


def _line_faults(lines: Sequence[AskedLine]) -> Iterable[Fault]:
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if line.item_code in seen:
            yield Fault(
                "item_code",
                Text(
                    f"Mặt hàng này đã có ở dòng {seen[line.item_code]}; hãy gộp số lượng.",
                    f"This item is already on line {seen[line.item_code]}; put them together.",
                ),
                number,
            )
        seen.setdefault(line.item_code, number)
        if isinstance(line.quantity, bool) or not 1 <= line.quantity <= QUANTITY_MAX:
            yield Fault(
                "quantity",
                Text(
                    f"Số lượng phải là số nguyên từ 1 đến {group_digits(QUANTITY_MAX)}.",
                    f"The quantity is a whole number from 1 to {group_digits(QUANTITY_MAX)}.",
                ),
                number,
            )
        if len(line.note) > LINE_NOTE_MAX or "\x00" in line.note:
            yield Fault(
                "note",
                Text(
                    f"Ghi chú dòng tối đa {LINE_NOTE_MAX} ký tự.",
                    f"A line's note is at most {LINE_NOTE_MAX} characters long.",
                ),
                number,
            )


def decision_faults(decisions: Sequence[Decision], asked: dict[int, int]) -> list[Fault]:
    """What is wrong with an approval; `asked`: line → units asked for."""
    faults = []
    given = {d.line: d for d in decisions}
    for line, quantity in asked.items():
        one = given.get(line)
        if one is None or not 0 <= one.quantity <= quantity:
            faults.append(
                Fault(
                    "quantity",
                    Text(
                        f"Số duyệt phải từ 0 đến số yêu cầu {group_digits(quantity)}.",
                        f"Approve between 0 and the {group_digits(quantity)} asked for.",
                    ),
                    line,
                )
            )
        elif one.quantity < quantity and not one.reason.strip():
            faults.append(
                Fault(
                    "reason",
                    Text("Duyệt ít hơn thì ghi lý do.", "Say why less is approved."),
                    line,
                )
            )
        elif len(one.reason) > LINE_NOTE_MAX:
            faults.append(
                Fault(
                    "reason",
                    Text(
                        f"Lý do tối đa {LINE_NOTE_MAX} ký tự.",
                        f"The reason is at most {LINE_NOTE_MAX} characters long.",
                    ),
                    line,
                )
            )
    if not faults and not any(d.quantity for d in decisions):
        faults.append(
            Fault(
                "quantity",
                Text(
                    "Chưa duyệt dòng nào. Nếu không cấp, hãy bấm “Không duyệt” và ghi lý do.",
                    "Nothing is approved. To give nothing, refuse it and say why.",
                ),
            )
        )
    return faults


def suggested_quantity(
    on_hand: int, on_way: int, monthly_use: float, days: int, units_per_pack: int = 1
) -> int:
    """Units to ask for so that stock lasts `days` days, in whole packs; 0 where there is enough.

    Asked = use · days / 30 − on hand − on the way, rounded up to packs. With 100 on hand, 20 on the
    way and 300 a month, 14 days need 140, so 20 are asked, or 50 in packs of 50.
    """
    wanted = monthly_use * days / 30 - on_hand - on_way
    if wanted <= 0:
        return 0
    packs = -(-wanted // units_per_pack)
    return min(QUANTITY_MAX, int(packs) * units_per_pack)


def days_of_stock(on_hand: int, monthly_use: float | None) -> float | None:
    """How many days the stock lasts at the usual pace; None where the pace is not known or 0."""
    if not monthly_use:
        return None
    return on_hand / (monthly_use / 30)
