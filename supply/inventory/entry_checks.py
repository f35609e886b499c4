"""What the screen asks of a document beyond what the ledger needs: a reason for passing a lot over. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from supply.core.errors import Fault
from supply.core.text import Text
from supply.inventory.documents import Document, Line
from supply.inventory.entry_queries import EntryLot

Units = Mapping[int, int]


def lots_passed_over(
    document: Document, lots: Mapping[str, Sequence[EntryLot]], units: Units, on: dt.date
) -> list[Fault]:
    """Lines that take a lot while one that expires earlier would remain, and give no reason.

    `lots`: what lies in the place by item code, first to expire first; `units`: base units per pack
    by the pack's id. A lot counts as remaining when the document's other lines of the item do not
    use it up.
    """
    faults = []
    for number, line in enumerate(document.lines, 1):
        if not line.lot_number or line.reason.strip():
            continue
        other = _passed_over(line, document.lines, lots.get(line.item_code, ()), units, on)
        if other is not None:
            faults.append(Fault("reason", _why(other), number))
    return faults


def _passed_over(
    line: Line, lines: Sequence[Line], lots: Sequence[EntryLot], units: Units, on: dt.date
) -> EntryLot | None:
    mine = next((lot for lot in lots if lot.lot_number == line.lot_number), None)
    if mine is None:
        return None
    earlier = [lot for lot in lots if _usable(lot, on) and _expires(lot) < _expires(mine)]
    taken = sum(
        other.quantity * units.get(other.pack_id or 0, 1)
        for other in lines
        if other.item_code == line.item_code and other.lot_number != line.lot_number
    )
    for lot in earlier:
        if taken < lot.quantity:
            return lot
        taken -= lot.quantity
    return None


def _usable(lot: EntryLot, on: dt.date) -> bool:
    return not lot.blocked and (lot.expiry is None or lot.expiry >= on)


def _expires(lot: EntryLot) -> dt.date:
    return lot.expiry or dt.date.max


def _why(other: EntryLot) -> Text:
    day = f"{other.expiry:%d/%m/%Y}" if other.expiry else ""
    return Text(
        f"Lô {other.lot_number or 'không số'} hết hạn trước ({day}) vẫn còn; hãy ghi lý do lấy "
        "lô này.",
        f"Lot {other.lot_number or 'without a number'} expires earlier ({day}) and remains; "
        "say why this one goes.",
    )
