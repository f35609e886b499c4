"""What people ask of kits, and what is wrong with it by itself. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from supply.core.errors import Fault
from supply.core.text import Text, group_digits
from supply.kits.explode import Component
from supply.kits.words import KIT_KINDS, KITS_MAX

COMPONENTS_MAX = 200


@dataclass(frozen=True, kw_only=True)
class KitOrder:
    """`count` kits at a facility: to assemble, break up, issue (`recipient`, `purpose`) or send
    (`to_facility_id`). `happened_on` None: today. The key makes a retry harmless."""

    facility_id: int
    kit_code: str
    count: int
    happened_on: dt.date | None = None
    recipient: str = ""
    purpose: str = "home_patient"
    to_facility_id: int | None = None
    note: str = ""
    client_key: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, kw_only=True)
class NewVersion:
    """What a kit is to be made of from a day on, with its source."""

    kit_code: str
    valid_from: dt.date
    source: str
    assumed: bool
    components: Sequence[Component]


@dataclass(frozen=True, kw_only=True)
class NewKit:
    """A kit that is not there yet; what it is made of comes as its first version."""

    code: str
    name: Text
    kind: str
    rule: Text = Text("", "")


def kit_faults(new: NewKit) -> list[Fault]:
    """What is wrong with a new kit."""
    faults = []
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9-]{1,19}", new.code):
        faults.append(
            Fault(
                "code",
                Text(
                    "Mã gồm 2 đến 20 chữ hoa không dấu, chữ số, gạch nối; ví dụ TUI-D.",
                    "The code has 2 to 20 capital letters, digits or hyphens; for example BAG-D.",
                ),
            )
        )
    if not all(0 < len(name.strip()) <= 200 for name in new.name):
        faults.append(
            Fault(
                "name_vi",
                Text(
                    "Hãy ghi tên bằng tiếng Việt và tiếng Anh (tối đa 200 ký tự).",
                    "Name it in Vietnamese and in English (at most 200 characters).",
                ),
            )
        )
    if new.kind not in KIT_KINDS:
        faults.append(Fault("kind", Text("Hãy chọn loại bộ.", "Choose what kind of kit it is.")))
    if any(len(rule) > 300 for rule in new.rule):
        faults.append(
            Fault(
                "rule_vi",
                Text("Quy định tối đa 300 ký tự.", "The rule has at most 300 characters."),
            )
        )
    return faults


def order_faults(order: KitOrder) -> list[Fault]:
    """What is wrong with an order."""
    if isinstance(order.count, bool) or not 1 <= order.count <= KITS_MAX:
        return [
            Fault(
                "count",
                Text(
                    f"Số bộ phải từ 1 đến {group_digits(KITS_MAX)}.",
                    f"The number of kits must be between 1 and {group_digits(KITS_MAX)}.",
                ),
            )
        ]
    return []


def version_faults(new: NewVersion, *, by_beds: bool) -> list[Fault]:
    """What is wrong with a new version; `line` is the component's place, from 1."""
    faults = []
    if not new.source.strip() or len(new.source) > 500:
        faults.append(
            Fault(
                "source",
                Text(
                    "Hãy ghi căn cứ của cơ số (văn bản, người quyết định; tối đa 500 ký tự).",
                    "Name the source (paper, who decided; at most 500 characters).",
                ),
            )
        )
    if not new.components:
        faults.append(
            Fault("components", Text("Bộ cần ít nhất một thành phần.", "A kit needs a component."))
        )
    if len(new.components) > COMPONENTS_MAX:
        faults.append(
            Fault(
                "components",
                Text(
                    f"Tối đa {COMPONENTS_MAX} thành phần.", f"At most {COMPONENTS_MAX} components."
                ),
            )
        )
    seen: set[str] = set()
    for line, part in enumerate(new.components, 1):
        faults += _component(part, line, by_beds=by_beds, again=part.item_code in seen)
        seen.add(part.item_code)
    return faults


def _component(part: Component, line: int, *, by_beds: bool, again: bool) -> list[Fault]:
    faults = []
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,20}", part.item_code):
        faults.append(Fault("item", Text("Hãy chọn mặt hàng.", "Choose the item."), line))
    if again:
        faults.append(
            Fault(
                "item",
                Text(
                    f"Mặt hàng {part.item_code} có hai dòng; hãy gộp lại.",
                    f"Item {part.item_code} stands twice; put it on one line.",
                ),
                line,
            )
        )
    if not 1 <= part.quantity <= 1_000_000:
        faults.append(
            Fault(
                "quantity",
                Text("Số lượng phải từ 1 đến 1.000.000.", "The quantity is from 1 to 1,000,000."),
                line,
            )
        )
    if by_beds and not (part.per_beds and 1 <= part.per_beds <= 1000):
        faults.append(
            Fault(
                "per_beds",
                Text("Số giường phải từ 1 đến 1.000.", "Beds are from 1 to 1,000."),
                line,
            )
        )
    return faults
