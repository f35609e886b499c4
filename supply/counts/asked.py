"""What people ask of a count, and what is wrong with it by itself. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from supply.core.errors import Fault
from supply.core.text import Text, group_digits
from supply.counts.variance import Counted
from supply.inventory.documents import LINES_MAX
from supply.inventory.parsing import QUANTITY_MAX

__all__ = [
    "LINES_MAX",
    "TALLIES_MAX",
    "CountRequest",
    "FoundLot",
    "Member",
    "Resolution",
    "TallyInput",
    "found_lot_faults",
    "request_faults",
    "resolution_faults",
    "tally_faults",
]

TALLIES_MAX = 500
"""Lines saved in one go; a sheet saves itself in chunks."""
MEMBERS_MAX = 12
FAULTS_SHOWN = 5
"""lines of one fault that are each named; more are told together"""


@dataclass(frozen=True, kw_only=True)
class CountRequest:
    """A count to open: all of a store, a category (`category`) or chosen items (`item_codes`)."""

    facility_id: int
    counted_on: dt.date
    scope: str = "all"
    category: str = ""
    item_codes: Sequence[str] = ()
    note: str = ""
    client_key: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, kw_only=True)
class TallyInput:
    """What was counted of a line. `seen`: the tally that stood when the person wrote theirs, so that
    two people on one line notice each other; None: there was none."""

    line_id: int
    quantity: int
    poor: int = 0
    spoiled: int = 0
    note: str = ""
    seen: int | None = None

    @property
    def counted(self) -> Counted:
        """The same as a quantity with its quality."""
        return Counted(self.quantity, self.poor, self.spoiled)


@dataclass(frozen=True, kw_only=True)
class FoundLot:
    """A lot on the shelf that is not on the sheet. Fund and price are asked for only where the store
    never held the lot; they can be given later, before the count is resolved."""

    item_code: str
    lot_number: str = ""
    expiry: dt.date | None = None
    fund_code: str | None = None
    unit_price_vnd: int | None = None


@dataclass(frozen=True)
class Member:
    """One of the committee that signs the minutes."""

    name: str
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """How a compared count ends. `reasons`: line -> why it differs; `reason` for those not named.
    `uncounted`: what becomes of lots nobody counted, "leave" as the book says, or "zero": not there.
    `funds`: line -> fund code and unit price, for lots the store never held.
    `book_seen`: from the comparison that was decided upon."""

    head: Member
    members: Sequence[Member]
    book_seen: str
    reason: str = ""
    reasons: Mapping[int, str] = field(default_factory=dict)
    uncounted: str = ""
    funds: Mapping[int, tuple[str, int]] = field(default_factory=dict)


def request_faults(request: CountRequest, today: dt.date) -> list[Fault]:
    """What is wrong with a request to open a count."""
    faults = []
    if request.counted_on > today:
        faults.append(
            Fault(
                "counted_on",
                Text(
                    f"Ngày kiểm kê {request.counted_on:%d/%m/%Y} ở tương lai; hôm nay là {today:%d/%m/%Y}.",
                    f"The count's day {request.counted_on:%d/%m/%Y} is in the future; today is {today:%d/%m/%Y}.",
                ),
            )
        )
    elif request.counted_on.year < 2000:
        faults.append(
            Fault(
                "counted_on",
                Text("Hãy xem lại năm của ngày kiểm kê.", "Check the year of the count's day."),
            )
        )
    if request.scope not in ("all", "category", "items"):
        faults.append(Fault("scope", Text("Hãy chọn phạm vi kiểm kê.", "Choose what to count.")))
    if request.scope == "category" and not request.category:
        faults.append(Fault("category", Text("Hãy chọn nhóm hàng.", "Choose the category.")))
    if request.scope == "items" and not request.item_codes:
        faults.append(
            Fault("items", Text("Hãy chọn ít nhất một mặt hàng.", "Choose at least one item."))
        )
    faults += _too_long("note", Text("Ghi chú", "Note"), request.note, 500)
    return faults


def tally_faults(tallies: Sequence[TallyInput]) -> list[Fault]:
    """What is wrong with counted quantities; `line` is the place in the list, from 1."""
    if len(tallies) > TALLIES_MAX:
        return [
            Fault(
                "lines",
                Text(
                    f"Mỗi lần lưu tối đa {TALLIES_MAX} dòng.",
                    f"At most {TALLIES_MAX} lines are saved at once.",
                ),
            )
        ]
    return [fault for n, one in enumerate(tallies, 1) for fault in _tally(one, n)]


def _tally(one: TallyInput, number: int) -> Iterable[Fault]:
    names = {
        "quantity": Text("Số đếm được", "The quantity counted"),
        "poor": Text("Số kém phẩm chất", "The quantity of poor quality"),
        "spoiled": Text("Số mất phẩm chất", "The quantity spoiled"),
    }
    plain = True
    for name, label in names.items():
        value = getattr(one, name)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= QUANTITY_MAX:
            plain = False
            yield Fault(
                name,
                Text(
                    f"{label.vi} phải là số nguyên từ 0 đến {group_digits(QUANTITY_MAX)}.",
                    f"{label.en} must be a whole number from 0 to {group_digits(QUANTITY_MAX)}.",
                ),
                number,
            )
    if plain and one.counted.good < 0:
        yield Fault(
            "poor",
            Text(
                "Số kém và mất phẩm chất nhiều hơn số đếm được.",
                "More is of poor quality or spoiled than was counted.",
            ),
            number,
        )
    yield from _too_long("note", Text("Ghi chú", "Note"), one.note, 200, number)


def found_lot_faults(found: FoundLot) -> list[Fault]:
    """What is wrong with a lot that was found."""
    faults = []
    if not found.item_code.strip():
        faults.append(Fault("item_code", Text("Hãy chọn mặt hàng.", "Choose the item.")))
    if found.expiry is not None and not found.lot_number.strip():
        faults.append(
            Fault(
                "lot_number",
                Text(
                    "Có hạn dùng thì phải có số lô.", "A lot with an expiry date needs its number."
                ),
            )
        )
    if found.expiry is not None and not 2000 <= found.expiry.year <= 2100:
        faults.append(
            Fault("expiry", Text("Hãy xem lại năm của hạn dùng.", "Check the expiry year."))
        )
    if found.unit_price_vnd is not None and not 0 <= found.unit_price_vnd <= 10**12:
        faults.append(
            Fault(
                "unit_price_vnd",
                Text("Đơn giá phải là số đồng, từ 0.", "The price must be whole đồng, from 0."),
            )
        )
    faults += _too_long("lot_number", Text("Số lô", "Lot number"), found.lot_number, 50)
    return faults


def resolution_faults(
    resolution: Resolution, differing: Sequence[tuple[int, Text]], uncounted: int
) -> list[Fault]:
    """What is missing to resolve: `differing` = (line, its name) whose count differs from the book."""
    faults = []
    if not resolution.head.name.strip():
        faults.append(
            Fault(
                "head", Text("Hãy ghi tên trưởng ban kiểm kê.", "Name the head of the committee.")
            )
        )
    members = [m for m in resolution.members if m.name.strip()]
    if not members:
        faults.append(
            Fault(
                "members",
                Text("Ban kiểm kê cần ít nhất một ủy viên.", "The committee needs a member."),
            )
        )
    elif len(members) > MEMBERS_MAX:
        faults.append(
            Fault(
                "members",
                Text(f"Tối đa {MEMBERS_MAX} ủy viên.", f"At most {MEMBERS_MAX} members."),
            )
        )
    for person in (resolution.head, *members):
        faults += _too_long("members", Text("Họ tên", "Name"), person.name, 100)
        faults += _too_long("members", Text("Chức danh", "Title"), person.title, 100)
    if uncounted and resolution.uncounted not in ("leave", "zero"):
        faults.append(
            Fault(
                "uncounted",
                Text(
                    f"Còn {uncounted} dòng chưa đếm: chọn giữ theo sổ hay coi như không còn.",
                    f"{uncounted} lines are not counted: keep them as the book says, or take them as gone.",
                ),
            )
        )
    faults += _too_long("reason", Text("Lý do", "Reason"), resolution.reason, 200)
    faults += _without_reason(resolution, differing)
    for key, _ in differing:
        reason = resolution.reasons.get(key, "")
        faults += _too_long(f"reason-{key}", Text("Lý do", "Reason"), reason, 200)
    return faults


def _without_reason(
    resolution: Resolution, differing: Sequence[tuple[int, Text]]
) -> Iterator[Fault]:
    """Each line that lacks a reason, where they are few; of many, that the general one is missing."""
    own, general = resolution.reasons, resolution.reason
    silent = [(k, name) for k, name in differing if not (own.get(k) or general).strip()]
    if len(silent) > FAULTS_SHOWN:
        words = Text(
            f"{len(silent)} dòng chênh lệch chưa có lý do: hãy ghi lý do chung, hoặc lý do ở từng dòng.",
            f"{len(silent)} differing lines lack a reason: give a general one, or one at each line.",
        )
        yield Fault("reason", words)
        return
    for key, name in silent:
        words = Text(f"{name.vi}: hãy ghi lý do chênh lệch.", f"{name.en}: say why it differs.")
        yield Fault(f"reason-{key}", words)


def _too_long(
    field_name: str, label: Text, value: str, limit: int, line: int | None = None
) -> list[Fault]:
    if len(value) <= limit and "\x00" not in value:
        return []
    return [
        Fault(
            field_name,
            Text(
                f"{label.vi} dài quá {limit} ký tự hoặc có ký tự lạ.",
                f"{label.en} is longer than {limit} characters or unreadable.",
            ),
            line,
        )
    ]
