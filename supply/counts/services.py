"""The verbs of a count: open, count, compare, recount, resolve, cancel.

Each: validate, write, say what came of it. Only `resolve` touches stock, by one adjustment through
the inventory's door, dated on the count's day.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from supply.core.clock import today
from supply.core.errors import Fault, InvalidInput, NotAllowed
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import transaction
from supply.counts import queries
from supply.counts.asked import (
    LINES_MAX,
    CountRequest,
    FoundLot,
    Resolution,
    TallyInput,
    found_lot_faults,
    request_faults,
    tally_faults,
)
from supply.counts.resolving import resolve
from supply.counts.rows import SheetLine, Tally
from supply.counts.states import enter, lock
from supply.counts.words import NOTHING_HELD, too_many_lots

__all__ = [
    "CountRequest",
    "FoundLot",
    "Resolution",
    "Saved",
    "TallyInput",
    "add_found_lot",
    "cancel",
    "compare",
    "open_count",
    "recount",
    "resolve",
    "save_tallies",
]

# --- opening -------------------------------------------------------------------------------------

_OPEN = """
INSERT INTO stock_count (facility_id, counted_on, scope, category, note, client_key)
VALUES (:facility, :day, :scope, :category, :note, :key)
ON CONFLICT (client_key) DO NOTHING RETURNING id
"""
# The lots held at the end of the day, of the items asked for.
_LIST = """
INSERT INTO stock_count_line (count_id, facility_id, item_id, lot_number, expiry, listed, added_by)
SELECT c.id, c.facility_id, k.item_id, t.number, t.expiry, true, :user
FROM stock_count c
CROSS JOIN LATERAL store_book(c.facility_id, c.counted_on) k
JOIN lot t ON t.id = k.lot_id
JOIN item i ON i.id = k.item_id
WHERE c.id = :id AND (c.scope = 'all' OR (c.scope = 'category' AND i.category = c.category)
    OR (c.scope = 'items' AND (i.code = ANY (:items) OR k.item_id IN (
        SELECT item_id FROM stock_count_line WHERE count_id = c.id))))
GROUP BY c.id, k.item_id, t.id HAVING sum(k.quantity) > 0
ON CONFLICT ON CONSTRAINT stock_count_line_once DO NOTHING
"""


def open_count(request: CountRequest) -> int:
    """Open a count with the lots held at the end of its day; returns its id. The same key again gives
    the same count. Raises InvalidInput, NotAllowed."""
    faults = request_faults(request, today())
    if faults:
        raise InvalidInput(faults=faults)
    with transaction() as session:
        made = session.execute(
            text(_OPEN),
            {
                "facility": request.facility_id,
                "day": request.counted_on,
                "scope": request.scope,
                "category": request.category if request.scope == "category" else "",
                "note": request.note,
                "key": request.client_key,
            },
        ).scalar_one_or_none()
        if made is None:
            return _opened_before(request.client_key)
        count_id = int(made)
        listed = _list_lots(count_id, list(request.item_codes))
        if listed == 0:
            raise InvalidInput(faults=[Fault("scope", NOTHING_HELD)])
        if listed > LINES_MAX:
            raise InvalidInput(faults=[Fault("scope", too_many_lots(listed, LINES_MAX))])
    return count_id


def _opened_before(key: UUID) -> int:
    with transaction() as session:
        found = session.execute(
            text("SELECT id FROM stock_count WHERE client_key = :key"), {"key": key}
        ).scalar_one_or_none()
    if found is None:
        raise NotAllowed()
    return int(found)


def _list_lots(count_id: int, item_codes: list[str]) -> int:
    with transaction() as session:
        done = session.execute(
            text(_LIST), {"id": count_id, "items": item_codes, "user": acting_user_id()}
        )
        return int(done.rowcount)  # type: ignore[attr-defined]


# --- counting ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Saved:
    """What became of saved quantities: `tallies` line -> what stands now; `conflicts` the lines on
    which somebody else had written meanwhile, with theirs; yours was not taken there."""

    tallies: dict[int, Tally]
    conflicts: dict[int, Tally]


_TALLY = """
INSERT INTO stock_count_tally (count_id, line_id, facility_id, round, quantity, poor, spoiled, note,
                               counted_by)
SELECT l.count_id, l.id, l.facility_id, l.round, x.quantity, x.poor, x.spoiled, x.note, :user
FROM jsonb_to_recordset(CAST(:tallies AS jsonb)) AS x (
    line_id bigint, quantity bigint, poor bigint, spoiled bigint, note text)
JOIN stock_count_line l ON l.id = x.line_id AND l.count_id = :id
"""


def save_tallies(count_id: int, tallies: Sequence[TallyInput]) -> Saved:
    """Keep counted quantities; safe to send again. Two people on one line: the second is told.

    Raises InvalidInput (by place in the list), NotFound, Conflict (no longer being counted).
    """
    faults = tally_faults(tallies)
    if faults:
        raise InvalidInput(faults=faults)
    wanted = {one.line_id: one for one in tallies}
    me = acting_user_id()
    with transaction() as session:
        head = lock(count_id, "open", "counting")
        rounds = _rounds(count_id, list(wanted))
        standing = {
            line: next((t for t in found if t.round == rounds.get(line)), None)
            for line, found in queries.tallies(count_id, list(wanted)).items()
        }
        fresh, conflicts = [], {}
        for line, one in wanted.items():
            now = standing.get(line)
            if line not in rounds or (now is not None and _same(now, one)):
                continue
            if now is not None and now.id != one.seen and now.by_id != me:
                conflicts[line] = now
            else:
                fresh.append(one)
        if fresh:
            body = [
                {
                    "line_id": f.line_id,
                    "quantity": f.quantity,
                    "poor": f.poor,
                    "spoiled": f.spoiled,
                    "note": f.note,
                }
                for f in fresh
            ]
            session.execute(text(_TALLY), {"id": count_id, "user": me, "tallies": json.dumps(body)})
            if head["state"] == "open":
                enter(count_id, "counting")
        after = queries.tallies(count_id, list(wanted))
    stands = {line: found[-1] for line, found in after.items() if found}
    return Saved({k: v for k, v in stands.items() if k not in conflicts}, conflicts)


def _same(now: Tally, one: TallyInput) -> bool:
    return (now.quantity, now.poor, now.spoiled, now.note) == (
        one.quantity,
        one.poor,
        one.spoiled,
        one.note,
    )


def _rounds(count_id: int, line_ids: list[int]) -> dict[int, int]:
    with transaction() as session:
        found = session.execute(
            text(
                "SELECT id, round FROM stock_count_line WHERE count_id = :id AND id = ANY (:lines)"
            ),
            {"id": count_id, "lines": line_ids},
        )
        return {row.id: row.round for row in found}


_FOUND = """
INSERT INTO stock_count_line (count_id, facility_id, item_id, lot_number, expiry, listed, fund_id,
                              unit_price_vnd, added_by)
SELECT c.id, c.facility_id, i.id, :lot, coalesce(:expiry, t.expiry), false, u.id, :price, :user
FROM stock_count c JOIN item i ON i.code = :item
LEFT JOIN lot t ON t.item_id = i.id AND t.number = :lot
LEFT JOIN fund u ON u.code = :fund
WHERE c.id = :id
ON CONFLICT ON CONSTRAINT stock_count_line_once DO UPDATE
SET fund_id = coalesce(excluded.fund_id, stock_count_line.fund_id),
    unit_price_vnd = coalesce(excluded.unit_price_vnd, stock_count_line.unit_price_vnd)
RETURNING id
"""


def add_found_lot(count_id: int, found: FoundLot) -> SheetLine:
    """Put a lot on the sheet that was found on the shelf; one that is there already is given back,
    with the fund and price that were named. Raises InvalidInput, NotFound, Conflict."""
    faults = found_lot_faults(found)
    if faults:
        raise InvalidInput(faults=faults)
    with transaction() as session:
        lock(count_id, "open", "counting", "compared")
        _check_expiry(found)
        line_id = session.execute(
            text(_FOUND),
            {
                "id": count_id,
                "item": found.item_code.strip(),
                "lot": found.lot_number.strip(),
                "expiry": found.expiry,
                "fund": found.fund_code,
                "price": found.unit_price_vnd,
                "user": acting_user_id(),
            },
        ).scalar_one_or_none()
        if line_id is None:
            raise InvalidInput(
                faults=[
                    Fault(
                        "item_code",
                        Text(
                            f"Không có mặt hàng mã “{found.item_code}”.",
                            f"There is no item with code “{found.item_code}”.",
                        ),
                    )
                ]
            )
        return next(line for line in queries.sheet(count_id) if line.id == line_id)


def _check_expiry(found: FoundLot) -> None:
    """A maker's lot has one expiry everywhere; a blank one never overwrites it."""
    with transaction() as session:
        known = session.execute(
            text(
                "SELECT t.expiry FROM lot t JOIN item i ON i.id = t.item_id"
                " WHERE i.code = :item AND t.number = :lot"
            ),
            {"item": found.item_code.strip(), "lot": found.lot_number.strip()},
        ).one_or_none()
    if known is not None and found.expiry is not None and known.expiry != found.expiry:
        said = f"{known.expiry:%d/%m/%Y}" if known.expiry else ""
        raise InvalidInput(
            faults=[
                Fault(
                    "expiry",
                    Text(
                        f"Lô “{found.lot_number}” đã có hạn dùng {said or 'để trống'}; hãy xem lại "
                        "số lô hoặc hạn dùng.",
                        f"Lot “{found.lot_number}” is known with expiry {said or 'none'}; check the "
                        "lot number or the date.",
                    ),
                )
            ]
        )


# --- comparing and what follows ------------------------------------------------------------------


def compare(count_id: int) -> None:
    """Counting is over: set against the book. Lots that the book holds on that day by now and that
    are not on the sheet yet are added, uncounted. Raises Conflict (nothing was counted)."""
    with transaction():
        lock(count_id, "counting")
        _list_lots(count_id, [])
        enter(count_id, "compared")


def recount(count_id: int, line_ids: Sequence[int]) -> None:
    """Have chosen lines counted once more, blind; the first count stays beside the new one."""
    if not line_ids:
        raise InvalidInput(
            faults=[
                Fault("lines", Text("Hãy chọn dòng cần kiểm lại.", "Choose the lines to recount."))
            ]
        )
    with transaction() as session:
        lock(count_id, "compared")
        session.execute(
            text(
                "UPDATE stock_count_line l SET round = l.round + 1"
                " WHERE l.count_id = :id AND l.id = ANY (:lines) AND l.round < 9 AND EXISTS ("
                "SELECT FROM stock_count_tally t WHERE t.line_id = l.id AND t.round = l.round)"
            ),
            {"id": count_id, "lines": list(line_ids)},
        )
        enter(count_id, "counting")


def cancel(count_id: int, reason: str) -> None:
    """Give a count up, with the reason; it stays readable and moves nothing."""
    reason = reason.strip()
    if not reason or len(reason) > 500:
        words = Text(
            "Hãy ghi lý do hủy đợt kiểm kê (tối đa 500 ký tự).",
            "Say why the count is cancelled (at most 500 characters).",
        )
        raise InvalidInput(faults=[Fault("reason", words)])
    with transaction() as session:
        lock(count_id, "open", "counting", "compared")
        session.execute(
            text("UPDATE stock_count SET state = 'cancelled', reason = :reason WHERE id = :id"),
            {"id": count_id, "reason": reason},
        )
