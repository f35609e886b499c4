"""What was typed on the page that adjusts a plan, read into pins and changes. Pure of Flask.

The page's lines come first as typed pins, then edited or locked lines, then the pins kept from before;
a line or a new pin takes the place of a kept pin of the same pair and item.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from supply.allocation.hand import changes as supposing
from supply.allocation.hand.pins import KINDS, PinRow, pin_of
from supply.allocation.instance import Instance
from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text

NEW_PINS = 3
"""Empty lines for new pins on the page."""

_WHOLE = re.compile(r"\d{1,13}|\d{1,3}(?:[., ]\d{3}){1,4}")
_SEPARATORS = str.maketrans("", "", "., ")


@dataclass
class Hand:
    """What the planner asks: ``policy``, and JSON rows of ``pins`` and ``changes``. ``lines`` says of
    each pin on which line of the new pins it was typed (None: elsewhere)."""

    policy: str
    pins: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int | None] = field(default_factory=list)

    def add(self, pin: PinRow, line: int | None) -> None:
        """One more pin."""
        self.pins.append(pin.to_json())
        self.lines.append(line)

    def on_page(self, faults: Sequence[Fault]) -> list[Fault]:
        """Faults of the rows, each with the words of its place on the page."""
        return [self._on_page(fault) for fault in faults]

    def _on_page(self, fault: Fault) -> Fault:
        table, _, column = fault.field.partition(".")
        at = (fault.line or 0) - 1
        if table == "pins" and 0 <= at < len(self.lines):
            return Fault(fault.field, fault.text, self.lines[at])
        if table == "changes" and 0 <= at < len(self.changes):
            kind = self.changes[at]["kind"]
            name, words = supposing.KINDS[kind], fault.text
            return Fault(
                f"{kind}-{column}", Text(f"{name.vi}: {words.vi}", f"{name.en}: {words.en}")
            )
        return fault


def read_hand(
    typed: Mapping[str, str],
    rows: Sequence[str],
    kept: Sequence[str],
    instance: Instance,
    policy: str,
    pins: Sequence[PinRow] = (),
) -> Hand:
    """The form's meaning. ``rows``: the hidden keys of the lines shown (from|to|item|units); ``kept``:
    the ticked ones (from|to|item|min|max) of ``pins``, the planner's before. Raises InvalidInput for what is no number or no date, and
    where nothing was changed at all."""
    faults: list[Fault] = []
    hand = Hand(typed.get("policy", "") or policy)
    packs = {item.id: item.pack_size for item in instance.items}
    for number in range(NEW_PINS):
        _new_pin(typed, number, packs, hand, faults)
    _lines(typed, rows, hand, faults)
    before = _kept(kept)
    spoken = {(pin["from"], pin["to"], pin["item"]) for pin in hand.pins}
    for pin in before:
        if pin.key not in spoken:
            hand.add(pin, None)
    hand.changes = _changes(typed, instance, faults)
    if faults:
        raise InvalidInput(faults=faults)
    same = set(pins) == set(before)
    if not spoken and not hand.changes and same and hand.policy == policy:
        words = Text(
            "Chưa có thay đổi nào: hãy ghim, sửa một dòng, đặt giả định hoặc chọn cách khác.",
            "Nothing was changed: pin or edit a line, suppose something or choose another way.",
        )
        raise InvalidInput(faults=[Fault("policy", words)])
    return hand


def _new_pin(
    typed: Mapping[str, str], number: int, packs: Mapping[str, int], hand: Hand, faults: list[Fault]
) -> None:
    kind = typed.get(f"kind-{number}", "")
    if kind not in KINDS:
        return
    key = tuple(typed.get(f"{name}-{number}", "") for name in ("from", "to", "item"))
    units = 0
    if kind in ("at-least", "at-most", "lock"):
        units = _whole(typed.get(f"units-{number}", ""), "units", faults, number + 1)
    hand.add(pin_of(kind, (key[0], key[1], key[2]), units, packs.get(key[2], 1)), number + 1)


def _lines(typed: Mapping[str, str], rows: Sequence[str], hand: Hand, faults: list[Fault]) -> None:
    """Lines whose quantity was changed or that are to stay as they are."""
    for number, row in enumerate(rows):
        *key, was = row.split("|")
        if len(key) != 3 or not was.isdigit():
            continue
        told = typed.get(f"quantity-{number}", was)
        units = _whole(told, f"quantity-{number}", faults)
        lock = typed.get(f"lock-{number}") == "1" or typed.get("lock-all") == "1"
        if lock or units != int(was):
            hand.add(pin_of("lock", (key[0], key[1], key[2]), units, 1), None)


def _kept(kept: Sequence[str]) -> list[PinRow]:
    pins = []
    for row in kept:
        *key, least, most = row.split("|")
        if len(key) == 3 and least.isdigit() and (most.isdigit() or not most):
            pins.append(PinRow(key[0], key[1], key[2], int(least), int(most) if most else None))
    return pins


def _changes(
    typed: Mapping[str, str], instance: Instance, faults: list[Fault]
) -> list[dict[str, Any]]:
    """One row for each what-if whose first field was filled."""

    def told(name: str) -> str:
        return typed.get(name, "").strip()

    def whole(name: str, blank: int | None = None) -> int | None:
        return blank if not told(name) else _whole(told(name), name, faults)

    rows: list[dict[str, Any]] = []
    if told("donation-facility") or told("donation-quantity"):
        lots = {row.lot for row in instance.stock_rows}
        name = told("donation-lot") or next(
            f"TT-{n}" for n in range(1, len(lots) + 2) if f"TT-{n}" not in lots
        )
        rows.append(
            {
                "kind": "donation",
                "facility": told("donation-facility"),
                "item": told("donation-item"),
                "quantity": whole("donation-quantity"),
                "day": whole("donation-day", 0),
                "expiry": _day(told("donation-expiry"), "donation-expiry", faults),
                "lot": name,
            }
        )
    if told("vehicle-facility"):
        rows.append(
            {
                "kind": "vehicle",
                "facility": told("vehicle-facility"),
                "trips": whole("vehicle-trips", 1),
                "litres_per_trip": whole("vehicle-litres_per_trip"),
                "first_day": whole("vehicle-first_day", 0),
                "last_day": whole("vehicle-last_day"),
            }
        )
    if told("closed-facility"):
        rows.append({"kind": "closed", "facility": told("closed-facility")})
    if told("longer-expiry-lot"):
        item, _, lot = told("longer-expiry-lot").partition("|")
        days = whole("longer-expiry-days")
        rows.append({"kind": "longer-expiry", "item": item, "lot": lot, "days": days})
    return rows


def _whole(told: str, name: str, faults: list[Fault], line: int | None = None) -> int:
    """ "1.200" → 1200; "2,5" is no whole number."""
    text = told.strip().replace("\u00a0", " ")
    if _WHOLE.fullmatch(text):
        return int(text.translate(_SEPARATORS))
    words = Text(
        f"Số lượng “{text[:40]}” không phải số nguyên, xin ghi như 1200 hoặc 1.200."
        if text
        else "Còn thiếu số lượng, xin điền.",
        f"“{text[:40]}” is not a whole number, write 1200 or 1,200."
        if text
        else "The quantity is missing, fill it in.",
    )
    faults.append(Fault(name, words, line))
    return 0


def _day(told: str, name: str, faults: list[Fault]) -> str | None:
    if not told:
        return None
    try:
        found: date = datetime.strptime(told, "%d/%m/%Y").date()
    except ValueError:
        words = Text(
            f"Hạn dùng “{told[:40]}” cần ghi dạng ngày/tháng/năm, ví dụ 30/09/2022.",
            f"Write the expiry “{told[:40]}” as day/month/year, such as 30/09/2022.",
        )
        faults.append(Fault(name, words))
        return None
    return found.isoformat()
