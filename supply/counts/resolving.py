"""How a compared count ends: one adjustment through the inventory's door, and results for ever."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import RowMapping, text

from supply.core.errors import Conflict, Fault, InvalidInput
from supply.core.text import Text
from supply.core.transaction import transaction
from supply.counts import queries
from supply.counts.asked import LINES_MAX, Member, Resolution, resolution_faults
from supply.counts.rows import ComparedLine, SheetLine
from supply.counts.states import lock
from supply.counts.variance import corrections
from supply.counts.words import too_many_lots
from supply.inventory import services as stock
from supply.inventory.documents import Adjustment, AdjustmentLine
from supply.inventory.services import Posted


def resolve(count_id: int, resolution: Resolution) -> Posted | None:
    """Put the book right by what was counted: one adjustment dated on the count's day, exact by lot,
    and book and counted kept for ever. None: nothing differed, so nothing was posted.

    Raises InvalidInput (committee, reasons, uncounted, fund of a lot never held), Conflict (the book
    or the count changed since it was looked at), NotEnoughStock (goods missing by the count have
    left since), AlreadyDone, and what posting refuses, for example a closed period.
    """
    with transaction() as session:
        head = lock(count_id, "compared")
        session.execute(text("SELECT store_lock(:f)"), {"f": head["facility_id"]})
        _price(count_id, resolution)
        found = queries.compare(count_id)
        if found.book_seen != resolution.book_seen:
            raise Conflict(
                Text(
                    "Sổ hoặc số đếm đã thay đổi từ lúc đối chiếu. Hãy xem lại rồi xử lý.",
                    "The book or the count has changed since you compared. Look again, then resolve.",
                )
            )
        lines = [_with_uncounted(line, resolution.uncounted) for line in found.lines]
        differing = [line for line in lines if line.variance.difference]
        faults = resolution_faults(
            resolution,
            [(line.sheet.id, _name(line)) for line in differing],
            sum(line.counted is None for line in found.lines),
        )
        if faults:
            raise InvalidInput(faults=faults)
        posted, amounts = _post(found.head.label, count_id, head, differing)
        _keep_results(count_id, head["facility_id"], lines, resolution, amounts)
        _close(count_id, resolution, posted)
    return posted


def _price(count_id: int, resolution: Resolution) -> None:
    """Fund and price of lots that the store never held, as named while resolving."""
    with transaction() as session:
        for line_id, (fund, price) in resolution.funds.items():
            session.execute(
                text(
                    "UPDATE stock_count_line SET fund_id = (SELECT id FROM fund WHERE code = :fund),"
                    " unit_price_vnd = :price WHERE id = :line AND count_id = :id"
                ),
                {"fund": fund, "price": price, "line": line_id, "id": count_id},
            )


def _with_uncounted(line: ComparedLine, uncounted: str) -> ComparedLine:
    """A lot nobody counted: as the book says, or taken as gone."""
    if line.counted is not None or uncounted != "zero":
        return line
    v = line.variance
    return ComparedLine(
        line.sheet, type(v)(v.book_quantity, v.book_amount_vnd, 0, v.unit_price_vnd), ()
    )


def _name(line: ComparedLine) -> Text:
    code, lot = line.sheet.item_code, line.sheet.lot_number
    return Text(f"{code}, lô {lot}", f"{code}, lot {lot}") if lot else Text(code, code)


def _post(
    label: str, count_id: int, head: RowMapping, differing: Sequence[ComparedLine]
) -> tuple[Posted | None, dict[int, int]]:
    """The adjustment, and line of the sheet -> value it moved (shortage negative)."""
    held = queries.held_lots(count_id)
    lines: list[AdjustmentLine] = []
    sources: list[int] = []
    faults: list[Fault] = []
    for line in differing:
        sheet = line.sheet
        for c in corrections(
            line.variance.difference, held.get((sheet.item_id, sheet.lot_number), [])
        ):
            if c.consignment_id is None and (
                sheet.fund_code is None or sheet.unit_price_vnd is None
            ):
                faults.append(_fund_missing(line))
                continue
            lines.append(_line(sheet, c.direction, c.quantity, c.consignment_id))
            sources.append(sheet.id)
    if faults:
        raise InvalidInput(faults=faults)
    if len(lines) > LINES_MAX:
        raise InvalidInput(faults=[Fault("lines", too_many_lots(len(lines), LINES_MAX))])
    if not lines:
        return None, {}
    posted = stock.adjust(
        Adjustment(
            facility_id=head["facility_id"],
            lines=lines,
            happened_on=head["counted_on"],
            reason="count",
            origin=f"count:{count_id}",
            note=f"Theo biên bản kiểm kê {label} ngày {head['counted_on']:%d/%m/%Y}",
            client_key=uuid5(NAMESPACE_OID, f"count:{count_id}"),
        )
    )
    amounts: dict[int, int] = {}
    for moved in posted.lines:
        sign = 1 if lines[moved.line - 1].direction == "in" else -1
        key = sources[moved.line - 1]
        amounts[key] = amounts.get(key, 0) + sign * moved.amount_vnd
    return posted, amounts


def _line(
    sheet: SheetLine, direction: str, quantity: int, consignment_id: int | None
) -> AdjustmentLine:
    if consignment_id is not None:
        return AdjustmentLine(
            item_code=sheet.item_code,
            quantity=quantity,
            direction=direction,
            consignment_id=consignment_id,
        )
    return AdjustmentLine(
        item_code=sheet.item_code,
        quantity=quantity,
        direction=direction,
        lot_number=sheet.lot_number or None,
        expiry=sheet.expiry if sheet.lot_number else None,
        fund_code=sheet.fund_code,
        unit_price_vnd=sheet.unit_price_vnd,
    )


def _fund_missing(line: ComparedLine) -> Fault:
    return Fault(
        f"fund-{line.sheet.id}",
        Text(
            f"{_name(line).vi}: kho chưa từng có lô này, hãy ghi nguồn quỹ và đơn giá (0 nếu được cho).",
            f"{_name(line).en}: the store never held this lot, name its fund and price (0 if given).",
        ),
    )


_RESULT = """
INSERT INTO stock_count_result (line_id, count_id, facility_id, item_id, lot_number, book_quantity,
    book_amount_vnd, counted_quantity, poor, spoiled, adjusted_amount_vnd, reason)
SELECT x.line_id, :id, :facility, l.item_id, l.lot_number, x.book, x.amount, x.counted, x.poor,
       x.spoiled, x.adjusted, x.reason
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS x (
    line_id bigint, book bigint, amount bigint, counted bigint, poor bigint, spoiled bigint,
    adjusted bigint, reason text)
JOIN stock_count_line l ON l.id = x.line_id AND l.count_id = :id
"""


def _keep_results(
    count_id: int,
    facility_id: int,
    lines: Sequence[ComparedLine],
    resolution: Resolution,
    amounts: dict[int, int],
) -> None:
    def reason(line: ComparedLine) -> str:
        if not line.variance.difference:
            return ""
        return (resolution.reasons.get(line.sheet.id) or resolution.reason).strip()

    rows = [
        {
            "line_id": line.sheet.id,
            "book": line.variance.book_quantity,
            "amount": line.variance.book_amount_vnd,
            "counted": line.variance.counted_quantity,
            "poor": line.counted.poor if line.counted else 0,
            "spoiled": line.counted.spoiled if line.counted else 0,
            "adjusted": amounts.get(line.sheet.id, 0),
            "reason": reason(line),
        }
        for line in lines
    ]
    with transaction() as session:
        session.execute(
            text(_RESULT), {"id": count_id, "facility": facility_id, "rows": json.dumps(rows)}
        )


def _close(count_id: int, resolution: Resolution, posted: Posted | None) -> None:
    people: list[Member] = [resolution.head, *(m for m in resolution.members if m.name.strip())]
    committee = [{"name": p.name.strip(), "title": p.title.strip()} for p in people]
    with transaction() as session:
        session.execute(
            text(
                "UPDATE stock_count SET state = 'resolved', document_id = :document,"
                " committee = CAST(:committee AS jsonb) WHERE id = :id"
            ),
            {
                "id": count_id,
                "document": posted.document_id if posted else None,
                "committee": json.dumps(committee, ensure_ascii=False),
            },
        )
