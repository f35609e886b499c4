"""What was promised by a supplier or donor and is not here yet (đã đặt).

An order is written once and closed once: received (all or part of it), cancelled or changed. What is
left of a part delivery, and an order that was changed, is an order of its own that follows the first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import AlreadyDone, Conflict, Fault, InvalidInput, NotFound
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction
from supply.inventory.asking import ask, frame, ids
from supply.inventory.kinds import document_label

QUANTITY_MAX = 1_000_000_000
PRICE_MAX_VND = 1_000_000_000_000
CLOSINGS: dict[str, Text] = {
    "received": Text("Đã nhận", "Received"),
    "cancelled": Text("Đã hủy", "Cancelled"),
    "changed": Text("Đã đổi", "Changed"),
}


@dataclass(frozen=True)
class NewOrder:
    """What is promised: base units of one item for one facility, from one partner, by one day.

    `fund_code` may be blank for gifts; `unit_price_vnd` whole đồng for one base unit, if known.
    """

    facility_id: int
    item_code: str
    quantity: int
    expected_on: dt.date
    partner_code: str
    fund_code: str = ""
    unit_price_vnd: int | None = None
    paper_reference: str = ""
    note: str = ""


@dataclass(frozen=True)
class OrderRow:
    """An order as the list shows it; `closed` is '' while it is open."""

    id: int
    facility_id: int
    facility_name: Text
    item_id: int
    item_code: str
    item_name: Text
    unit: Text
    quantity: int
    expected_on: dt.date
    partner_name: str
    partner_kind: str
    fund_id: int | None
    fund_code: str
    unit_price_vnd: int | None
    paper_reference: str
    note: str
    follows_id: int | None
    recorded_by: str
    recorded_at: dt.datetime
    closed: str
    received: int
    document_id: int | None
    closed_reason: str
    closed_by: str
    closed_at: dt.datetime | None

    @property
    def is_open(self) -> bool:
        """Still to come."""
        return self.closed == ""

    def days_late(self, on: dt.date) -> int:
        """Days past the day it was promised for, 0 if not late or closed."""
        return max((on - self.expected_on).days, 0) if self.is_open else 0


_LIST = """
SELECT o.id, o.facility_id, f.name_vi AS facility_vi, f.name_en AS facility_en,
       o.item_id, i.code AS item_code, i.name_vi, i.name_en, i.base_unit_vi, i.base_unit_en,
       o.quantity, o.expected_on, p.name AS partner_name, p.kind AS partner_kind, o.fund_id,
       coalesce(u.code, '') AS fund_code, o.unit_price_vnd, o.paper_reference, o.note,
       o.follows_id, concat_ws(' ', a.first_name, a.last_name) AS recorded_by, o.recorded_at,
       coalesce(c.kind, '') AS closed, coalesce(c.quantity_received, 0) AS received,
       c.document_id, coalesce(c.reason, '') AS closed_reason,
       concat_ws(' ', b.first_name, b.last_name) AS closed_by, c.recorded_at AS closed_at
FROM on_order o
JOIN facility f ON f.id = o.facility_id
JOIN item i ON i.id = o.item_id
JOIN partner p ON p.id = o.partner_id
LEFT JOIN fund u ON u.id = o.fund_id
LEFT JOIN on_order_closing c ON c.order_id = o.id
JOIN ab_user a ON a.id = o.recorded_by
LEFT JOIN ab_user b ON b.id = c.recorded_by
WHERE (CAST(:facility_ids AS int[]) IS NULL OR o.facility_id = ANY (:facility_ids))
  AND (:closed OR c.order_id IS NULL)
  AND (CAST(:id AS bigint) IS NULL OR o.id = :id)
ORDER BY (c.order_id IS NOT NULL), o.expected_on, o.id
LIMIT :limit
"""


def orders(
    facility_ids: Iterable[int] | None = None, *, closed: bool = False, limit: int = 1000
) -> list[OrderRow]:
    """Open orders of these facilities, the soonest first; `closed`: the closed ones after them."""
    found = ask(_LIST, facility_ids=ids(facility_ids), closed=closed, id=None, limit=limit)
    return [_row(row) for row in found]


def order(order_id: int) -> OrderRow:
    """One order. Raises NotFound, also outside the scope."""
    found = ask(_LIST, facility_ids=None, closed=True, id=order_id, limit=1)
    if not found:
        raise NotFound(Text("Không có đơn đặt hàng này.", "There is no such order."))
    return _row(found[0])


def _row(r: Mapping[Any, Any]) -> OrderRow:
    return OrderRow(
        id=r["id"],
        facility_id=r["facility_id"],
        facility_name=Text(r["facility_vi"], r["facility_en"]),
        item_id=r["item_id"],
        item_code=r["item_code"],
        item_name=Text(r["name_vi"], r["name_en"]),
        unit=Text(r["base_unit_vi"], r["base_unit_en"]),
        quantity=r["quantity"],
        expected_on=r["expected_on"],
        partner_name=r["partner_name"],
        partner_kind=r["partner_kind"],
        fund_id=r["fund_id"],
        fund_code=r["fund_code"],
        unit_price_vnd=r["unit_price_vnd"],
        paper_reference=r["paper_reference"],
        note=r["note"],
        follows_id=r["follows_id"],
        recorded_by=r["recorded_by"],
        recorded_at=r["recorded_at"],
        closed=r["closed"],
        received=r["received"],
        document_id=r["document_id"],
        closed_reason=r["closed_reason"],
        closed_by=r["closed_by"],
        closed_at=r["closed_at"],
    )


_OPEN = """
SELECT o.id AS order_id, o.facility_id, o.item_id, i.code AS item_code, o.quantity, o.expected_on,
       p.kind AS partner_kind
FROM on_order o
JOIN item i ON i.id = o.item_id
JOIN partner p ON p.id = o.partner_id
WHERE o.facility_id = ANY (:facility_ids)
  AND NOT EXISTS (SELECT FROM on_order_closing c WHERE c.order_id = o.id)
ORDER BY o.expected_on, o.id
"""


def on_order(facility_ids: Iterable[int]) -> pd.DataFrame:
    """What is still to come, as a frame. Columns: order_id, facility_id, item_id, item_code, quantity
    (base units), expected_on, partner_kind ('supplier' or 'donor')."""
    return frame(_OPEN, facility_ids=list(facility_ids))


# Receipts of the ordered item at the ordering store that no order has named yet.
_RECEIPTS = """
SELECT o.id AS order_id, d.id, d.kind, d.year, d.number, d.happened_on
FROM on_order o
JOIN LATERAL (
    SELECT DISTINCT d.id, d.kind, d.year, d.number, d.happened_on
    FROM document d JOIN entry e ON e.document_id = d.id AND e.item_id = o.item_id
    WHERE d.facility_id = o.facility_id AND d.kind = 'receipt'
      AND d.recorded_at >= o.recorded_at - interval '1 day'
      AND NOT EXISTS (SELECT FROM document r WHERE r.reverses_id = d.id)
      AND NOT EXISTS (SELECT FROM on_order_closing c JOIN on_order n ON n.id = c.order_id
                      WHERE c.document_id = d.id AND n.item_id = o.item_id)
    ORDER BY d.id DESC LIMIT 8
) d ON true
WHERE o.id = ANY (:ids)
ORDER BY o.id, d.id DESC
"""


def receipts_to_name(order_ids: Iterable[int]) -> dict[int, list[tuple[int, str, dt.date]]]:
    """Order id -> receipts that may have brought it, newest first: (document id, label, day)."""
    found: dict[int, list[tuple[int, str, dt.date]]] = {}
    for row in ask(_RECEIPTS, ids=list(order_ids)):
        label = document_label(row["kind"], row["year"], row["number"])
        found.setdefault(row["order_id"], []).append((row["id"], label, row["happened_on"]))
    return found


def place_order(wanted: NewOrder) -> int:
    """Write an order; returns its id. Raises InvalidInput by field, NotAllowed."""
    return place_orders([wanted])[0]


def place_orders(wanted: list[NewOrder]) -> list[int]:
    """Write several, all or none. Faults name the line, from 1."""
    if not wanted:
        raise InvalidInput(Text("Chưa có dòng nào.", "There are no lines."))
    with transaction():
        items = {item.code: item.id for item in catalog.items([w.item_code for w in wanted])}
        partners = {p.code: p.id for p in catalog.partners()}
        funds = {f.code: f.id for f in catalog.funds()}
        places = {f.id for f in catalog.facilities()}
        faults = [
            fault
            for number, one in enumerate(wanted, 1)
            for fault in _faults(one, number, (items, partners, funds, places))
        ]
        if faults:
            raise InvalidInput(faults=faults)
        return [
            _insert(
                facility=one.facility_id,
                item=items[one.item_code],
                quantity=one.quantity,
                expected=one.expected_on,
                partner=partners[one.partner_code],
                fund=funds.get(one.fund_code),
                price=one.unit_price_vnd,
                paper=one.paper_reference.strip(),
                note=one.note.strip(),
                follows=None,
            )
            for one in wanted
        ]


_Known = tuple[dict[str, int], dict[str, int], dict[str, int], set[int]]


def _faults(one: NewOrder, line: int, known: _Known) -> list[Fault]:
    items, partners, funds, places = known
    wrong = []
    if one.facility_id not in places:
        wrong.append(("facility_id", Text("Hãy chọn cơ sở nhận.", "Choose the facility.")))
    if one.item_code not in items:
        wrong.append(
            ("item", Text(f"Không có mặt hàng {one.item_code}.", f"No item {one.item_code}."))
        )
    if one.partner_code not in partners:
        words = Text("Hãy chọn nhà cung cấp, nhà tài trợ.", "Choose the supplier or donor.")
        wrong.append(("partner", words))
    if one.fund_code and one.fund_code not in funds:
        wrong.append(("fund", Text("Không có nguồn quỹ này.", "There is no such fund.")))
    if not 1 <= one.quantity <= QUANTITY_MAX:
        words = Text(
            "Số lượng phải là số nguyên lớn hơn 0.", "The quantity must be a whole number above 0."
        )
        wrong.append(("quantity", words))
    if one.unit_price_vnd is not None and not 0 <= one.unit_price_vnd <= PRICE_MAX_VND:
        words = Text("Đơn giá phải là số đồng nguyên.", "The price must be whole đồng.")
        wrong.append(("unit_price_vnd", words))
    if len(one.paper_reference) > 200 or len(one.note) > 500:
        wrong.append(("note", Text("Ghi chú quá dài.", "The note is too long.")))
    if abs((one.expected_on - today()).days) > 730:
        words = Text(
            f"Ngày dự kiến về {one.expected_on:%d/%m/%Y} không hợp lý, hãy xem lại.",
            f"The day {one.expected_on:%d/%m/%Y} is not plausible, please check it.",
        )
        wrong.append(("expected_on", words))
    return [Fault(field, words, line) for field, words in wrong]


def _insert(**values: object) -> int:
    with transaction() as session:
        return int(
            session.execute(
                text(
                    "INSERT INTO on_order (facility_id, item_id, quantity, expected_on, partner_id,"
                    " fund_id, unit_price_vnd, paper_reference, note, follows_id, recorded_by)"
                    " VALUES (:facility, :item, :quantity, :expected, :partner, :fund, :price,"
                    " :paper, :note, :follows, :me) RETURNING id"
                ),
                {**values, "me": acting_user_id()},
            ).scalar_one()
        )


def receive_order(order_id: int, quantity: int, document_id: int | None = None) -> int | None:
    """So much of it came, as a receipt says where one is named; what is left stays on order, and its
    id is returned. Raises NotFound, AlreadyDone, InvalidInput, Conflict (another store's receipt)."""
    with transaction():
        found = _open(order_id)
        if not 1 <= quantity <= QUANTITY_MAX:
            words = Text(
                "Số lượng nhận phải là số nguyên lớn hơn 0.",
                "The quantity received must be a whole number above 0.",
            )
            raise InvalidInput(faults=[Fault("quantity", words)])
        if document_id is not None:
            _check_receipt(document_id, found)
        _close(order_id, "received", quantity, document_id, "")
        left = found.quantity - quantity
        return None if left <= 0 else _follow(found, left, found.expected_on)


def _check_receipt(document_id: int, found: OrderRow) -> None:
    rows = ask(
        "SELECT d.kind, d.facility_id, EXISTS (SELECT FROM entry e WHERE e.document_id = d.id"
        " AND e.item_id = :item) AS has_item FROM document d WHERE d.id = :id",
        id=document_id,
        item=found.item_id,
    )
    if not rows or rows[0]["kind"] != "receipt" or rows[0]["facility_id"] != found.facility_id:
        raise Conflict(
            Text(
                "Phiếu đã chọn không phải phiếu nhập của cơ sở nhận đơn này.",
                "The document named is not a goods receipt of the ordering facility.",
            )
        )
    if not rows[0]["has_item"]:
        raise Conflict(
            Text(
                f"Phiếu nhập này không có mặt hàng {found.item_code}.",
                f"This receipt has no item {found.item_code}.",
            )
        )


def cancel_order(order_id: int, reason: str) -> None:
    """It will not come. Raises NotFound, AlreadyDone, InvalidInput (no reason)."""
    with transaction():
        _open(order_id)
        _close(order_id, "cancelled", 0, None, _said(reason))


def change_order(order_id: int, quantity: int, expected_on: dt.date, reason: str) -> int:
    """Another quantity or day; returns the id of the order that follows. Raises as `cancel_order`."""
    with transaction():
        found = _open(order_id)
        if not 1 <= quantity <= QUANTITY_MAX:
            words = Text(
                "Số lượng phải là số nguyên lớn hơn 0.",
                "The quantity must be a whole number above 0.",
            )
            raise InvalidInput(faults=[Fault("quantity", words)])
        _close(order_id, "changed", 0, None, _said(reason))
        return _follow(found, quantity, expected_on)


def _said(reason: str) -> str:
    words = " ".join(reason.split())[:500]
    if not words:
        raise InvalidInput(
            faults=[Fault("reason", Text("Hãy ghi lý do.", "Please give the reason."))]
        )
    return words


def _open(order_id: int) -> OrderRow:
    found = order(order_id)
    if not found.is_open:
        raise AlreadyDone(
            Text(
                f"Đơn này đã khép lại ({CLOSINGS[found.closed].vi.lower()}).",
                f"This order is closed already ({CLOSINGS[found.closed].en.lower()}).",
            )
        )
    return found


def _follow(found: OrderRow, quantity: int, expected_on: dt.date) -> int:
    with reading() as session:
        partner = session.execute(
            text("SELECT partner_id FROM on_order WHERE id = :id"), {"id": found.id}
        ).scalar_one()
    return _insert(
        facility=found.facility_id,
        item=found.item_id,
        quantity=quantity,
        expected=expected_on,
        partner=partner,
        fund=found.fund_id,
        price=found.unit_price_vnd,
        paper=found.paper_reference,
        note=found.note,
        follows=found.id,
    )


def _close(order_id: int, kind: str, received: int, document_id: int | None, reason: str) -> None:
    with transaction() as session:
        session.execute(
            text(
                "INSERT INTO on_order_closing (order_id, kind, quantity_received, document_id,"
                " reason, recorded_by) VALUES (:id, :kind, :received, :document, :reason, :me)"
            ),
            {
                "id": order_id,
                "kind": kind,
                "received": received,
                "document": document_id,
                "reason": reason,
                "me": acting_user_id(),
            },
        )
