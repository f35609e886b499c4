"""What was typed on the pages of requisitions, as requisitions and decisions. Pure but for its input.

Everything wrong is told at once, by line and field, and what was typed is kept for the form.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from werkzeug.datastructures import MultiDict

from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text
from supply.inventory.parsing import parse_date_vn, parse_quantity
from supply.requests.requisitions import AskedLine, Decision, Requisition


@dataclass
class TypedLine:
    """One row of the form as typed."""

    item_code: str
    quantity: str = ""
    pack_id: str = ""
    note: str = ""


@dataclass
class Typed:
    """The whole form as typed."""

    facility_id: int
    asked_id: int | None = None
    needed_on: str = ""
    note: str = ""
    client_key: str = field(default_factory=lambda: str(uuid4()))
    requisition_id: int | None = None
    lines: list[TypedLine] = field(default_factory=list)

    def merge(self, lines: list[AskedLine]) -> int:
        """Add lines for items that are not there yet; returns how many came."""
        known = {line.item_code for line in self.lines}
        fresh = [line for line in lines if line.item_code not in known]
        self.lines += [typed_line(line) for line in fresh]
        return len(fresh)


def typed_line(line: AskedLine) -> TypedLine:
    """A line as a person would type it."""
    return TypedLine(line.item_code, str(line.quantity), str(line.pack_id or ""), line.note)


def read_form(form: MultiDict[str, str]) -> Typed:
    """The form as typed; what is not a number counts as not chosen."""
    columns = [form.getlist(name) for name in ("item", "quantity", "pack", "line_note")]
    return Typed(
        facility_id=_number(form.get("facility_id", "")) or 0,
        asked_id=_number(form.get("asked_id", "")),
        needed_on=form.get("needed_on", "").strip()[:20],
        note=form.get("note", ""),
        client_key=form.get("client_key", "")[:40],
        requisition_id=_number(form.get("requisition_id", "")),
        lines=[TypedLine(*row) for row in zip(*columns, strict=False)],
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def requisition_of(typed: Typed) -> Requisition:
    """What was typed as a requisition. Raises InvalidInput with all faults."""
    faults: list[Fault] = []
    if typed.asked_id is None:
        words = Text("Hãy chọn nơi được yêu cầu.", "Choose whom to ask.")
        faults.append(Fault("asked_id", words))
    needed_on = _day(typed.needed_on, faults)
    lines = []
    for number, row in enumerate(typed.lines, 1):
        try:
            units = parse_quantity(row.quantity, "quantity", number)
        except InvalidInput as error:
            faults += error.faults
            units = 1
        lines.append(
            AskedLine(
                item_code=row.item_code.strip()[:20],
                quantity=units,
                pack_id=_number(row.pack_id),
                note=row.note.strip(),
            )
        )
    if faults:
        raise InvalidInput(faults=faults)
    return Requisition(
        facility_id=typed.facility_id,
        asked_id=typed.asked_id or 0,
        needed_on=needed_on,
        note=typed.note.strip(),
        client_key=key_of(typed.client_key),
        lines=tuple(lines),
    )


def _day(typed: str, faults: list[Fault]) -> dt.date | None:
    if not typed:
        return None
    try:
        return parse_date_vn(typed, "needed_on")
    except InvalidInput as error:
        faults += error.faults
        return None


def key_of(typed: str) -> UUID:
    """The form's key. Raises InvalidInput."""
    try:
        return UUID(typed)
    except ValueError as error:
        raise InvalidInput(
            Text("Trang đã cũ, hãy tải lại.", "The page is out of date, please reload it.")
        ) from error


def read_decisions(form: Mapping[str, str], asked: Mapping[int, int]) -> list[Decision]:
    """What is approved of each line; an empty cell is 0. Raises InvalidInput by line."""
    faults: list[Fault] = []
    decisions = []
    for line in asked:
        typed = form.get(f"approve-{line}", "").strip()
        units = 0
        if typed not in ("", "0"):
            try:
                units = parse_quantity(typed, "quantity", line)
            except InvalidInput as error:
                faults += error.faults
        decisions.append(
            Decision(line=line, quantity=units, reason=form.get(f"reason-{line}", "").strip())
        )
    if faults:
        raise InvalidInput(faults=faults)
    return decisions
