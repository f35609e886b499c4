"""Proves the ledger: everything that can be computed from the entries is computed again.

Runs as the owner, reads all facilities, changes nothing. Each check is one set-based question.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection, text

from supply.core.database import database
from supply.core.text import Text

SHOWN_MAX = 20


@dataclass(frozen=True)
class Discrepancy:
    """One kind of thing that does not agree: how often, and the first of them in words."""

    check: str
    title: Text
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class VerifyReport:
    """How much was looked at, and what does not agree."""

    facilities: int
    documents: int
    entries: int
    balances: int
    discrepancies: tuple[Discrepancy, ...]

    @property
    def is_sound(self) -> bool:
        """Nothing disagrees."""
        return not self.discrepancies


TITLES = {
    "balance": Text("Tồn khác với bút toán", "A balance differs from its entries"),
    "negative": Text("Tồn âm vào một ngày", "Stock below zero on some day"),
    "number": Text("Số phiếu bị khuyết", "A gap in document numbers"),
    "hash": Text("Nội dung chứng từ đã bị sửa", "A document's content was changed"),
    "chain": Text("Chuỗi chứng từ bị đứt", "The chain of documents is broken"),
    "entry": Text("Bút toán không khớp phiếu hoặc lô", "An entry contradicts its document or lot"),
    "sum": Text(
        "Tồn cộng theo mặt hàng khác với các lô", "A sum of an item differs from its balances"
    ),
    "closing": Text(
        "Số dư cuối tháng khác với bút toán", "A monthly closing balance differs from its entries"
    ),
    "period": Text("Phiếu ghi vào kỳ đã khóa sổ", "A document was posted into a closed period"),
}

# Each question returns one text per discrepancy.
QUESTIONS = MappingProxyType(
    {
        "balance": """
            WITH moved AS (
                SELECT to_location_id AS location_id, consignment_id, quantity, amount_vnd
                FROM entry
                UNION ALL
                SELECT from_location_id, consignment_id, -quantity, -amount_vnd FROM entry
            ), booked AS (
                SELECT m.location_id, m.consignment_id, sum(m.quantity) AS quantity,
                       sum(m.amount_vnd) AS amount_vnd
                FROM moved m JOIN location l ON l.id = m.location_id
                WHERE l.facility_id IS NOT NULL
                GROUP BY m.location_id, m.consignment_id
            )
            SELECT format('place %s, consignment %s: balance %s (%s VND), entries %s (%s VND)',
                          location_id, consignment_id, coalesce(b.quantity, 0),
                          coalesce(b.amount_vnd, 0), coalesce(k.quantity, 0),
                          coalesce(k.amount_vnd, 0))
            FROM balance b FULL JOIN booked k USING (location_id, consignment_id)
            WHERE (coalesce(b.quantity, 0), coalesce(b.amount_vnd, 0))
                  <> (coalesce(k.quantity, 0), coalesce(k.amount_vnd, 0))
            ORDER BY location_id, consignment_id""",
        "negative": """
            WITH moved AS (
                SELECT to_location_id AS location_id, consignment_id, happened_on, quantity
                FROM entry
                UNION ALL
                SELECT from_location_id, consignment_id, happened_on, -quantity FROM entry
            ), days AS (
                SELECT m.location_id, m.consignment_id, m.happened_on,
                       sum(sum(m.quantity)) OVER (
                           PARTITION BY m.location_id, m.consignment_id
                           ORDER BY m.happened_on) AS stock
                FROM moved m JOIN location l ON l.id = m.location_id
                WHERE l.facility_id IS NOT NULL
                GROUP BY m.location_id, m.consignment_id, m.happened_on
            )
            SELECT format('place %s, consignment %s, %s: %s', location_id, consignment_id,
                          happened_on, stock)
            FROM days WHERE stock < 0 ORDER BY location_id, consignment_id, happened_on""",
        "sum": """
            WITH held AS (
                SELECT b.item_id, b.facility_id,
                       coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'store'), 0) AS quantity,
                       coalesce(sum(b.amount_vnd) FILTER (WHERE l.kind = 'store'), 0)
                           AS amount_vnd,
                       coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'quarantine'), 0)
                           AS quarantined,
                       coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'transit'), 0) AS on_way
                FROM balance b JOIN location l ON l.id = b.location_id
                GROUP BY b.item_id, b.facility_id
            )
            SELECT format('facility %s, item %s: kept %s (%s VND), %s quarantined, %s on the way;'
                          ' balances %s (%s VND), %s, %s', facility_id, item_id, s.quantity,
                          s.amount_vnd, s.quarantined, s.on_way, h.quantity, h.amount_vnd,
                          h.quarantined, h.on_way)
            FROM stock_sum s FULL JOIN held h USING (item_id, facility_id)
            WHERE (s.quantity, s.amount_vnd, s.quarantined, s.on_way)
                  IS DISTINCT FROM (h.quantity, h.amount_vnd, h.quarantined, h.on_way)
            ORDER BY facility_id, item_id""",
        "number": """
            SELECT format('facility %s, %s %s: %s documents, last number %s', facility_id, kind,
                          year, count(*), max(number))
            FROM document GROUP BY facility_id, kind, year
            HAVING count(*) <> max(number) OR min(number) <> 1
            ORDER BY facility_id, kind, year""",
        "hash": """
            WITH content AS (
                SELECT e.document_id, jsonb_agg(ledger_entry_array(e, l, c) ORDER BY e.id) AS lines
                FROM entry e JOIN lot l ON l.id = e.lot_id
                JOIN consignment c ON c.id = e.consignment_id
                GROUP BY e.document_id
            ), asked AS (
                SELECT document_id, jsonb_agg(ledger_line_array(x) ORDER BY line_no) AS lines
                FROM document_line x GROUP BY document_id
            )
            SELECT format('document %s (facility %s, %s %s/%s)', d.id, d.facility_id, d.kind,
                          d.number, d.year)
            FROM document d LEFT JOIN content k ON k.document_id = d.id
            LEFT JOIN asked a ON a.document_id = d.id
            WHERE d.hash <> ledger_hash(ledger_document_text(d, k.lines, a.lines))
            ORDER BY d.id""",
        "chain": """
            WITH linked AS (
                SELECT id, facility_id, hash, previous_hash,
                       lag(hash, 1, repeat('0', 64)) OVER by_facility AS expected
                FROM document WINDOW by_facility AS (PARTITION BY facility_id ORDER BY id)
            ), ends AS (
                SELECT facility_id, count(*) AS documents,
                       (array_agg(hash ORDER BY id DESC))[1] AS hash
                FROM document GROUP BY facility_id
            )
            SELECT format('document %s of facility %s does not follow the one before it', id,
                          facility_id)
            FROM linked WHERE previous_hash <> expected
            UNION ALL
            SELECT format('facility %s: chain of %s ends elsewhere than its %s documents',
                          h.facility_id, h.documents, coalesce(e.documents, 0))
            FROM chain_head h LEFT JOIN ends e USING (facility_id)
            WHERE (h.hash, h.documents)
                  <> (coalesce(e.hash, repeat('0', 64)), coalesce(e.documents, 0))""",
        "entry": """
            SELECT format('entry %s of document %s', e.id, e.document_id)
            FROM entry e
            LEFT JOIN document d ON d.id = e.document_id
            LEFT JOIN consignment c ON c.id = e.consignment_id
            LEFT JOIN lot l ON l.id = c.lot_id
            WHERE (e.item_id, e.lot_id, e.happened_on)
                  IS DISTINCT FROM (l.item_id, c.lot_id, d.happened_on)
            ORDER BY e.id""",
        "closing": """
            WITH moved AS (
                SELECT to_location_id AS location_id, consignment_id, happened_on, quantity,
                       amount_vnd
                FROM entry
                UNION ALL
                SELECT from_location_id, consignment_id, happened_on, -quantity, -amount_vnd
                FROM entry
            ), changed AS (
                SELECT m.location_id, m.consignment_id,
                       (SELECT min(c.month_end) FROM closing_month c
                        WHERE c.month_end >= m.happened_on) AS month_end,
                       sum(m.quantity) AS quantity, sum(m.amount_vnd) AS amount_vnd
                FROM (SELECT location_id, consignment_id, happened_on, sum(quantity) AS quantity,
                             sum(amount_vnd) AS amount_vnd
                      FROM moved GROUP BY location_id, consignment_id, happened_on) m
                JOIN location l ON l.id = m.location_id AND l.facility_id IS NOT NULL
                GROUP BY 1, 2, 3
            ), running AS (
                SELECT location_id, consignment_id, month_end,
                       sum(quantity) OVER w AS quantity, sum(amount_vnd) OVER w AS amount_vnd,
                       lead(month_end) OVER w AS until
                FROM changed WHERE month_end IS NOT NULL
                WINDOW w AS (PARTITION BY location_id, consignment_id ORDER BY month_end)
            ), expected AS (
                SELECT r.location_id, r.consignment_id, c.month_end, r.quantity, r.amount_vnd
                FROM running r JOIN closing_month c ON c.month_end >= r.month_end
                    AND (r.until IS NULL OR c.month_end < r.until)
                WHERE (r.quantity, r.amount_vnd) <> (0, 0)
            )
            SELECT format('%s, place %s, consignment %s: kept %s (%s VND), entries %s (%s VND)',
                          month_end, location_id, consignment_id, coalesce(k.quantity, 0),
                          coalesce(k.amount_vnd, 0), coalesce(e.quantity, 0),
                          coalesce(e.amount_vnd, 0))
            FROM expected e
            FULL JOIN closing_balance k USING (location_id, consignment_id, month_end)
            WHERE (coalesce(k.quantity, 0), coalesce(k.amount_vnd, 0))
                  <> (coalesce(e.quantity, 0), coalesce(e.amount_vnd, 0))
            ORDER BY month_end, location_id, consignment_id""",
        "period": """
            SELECT format('document %s of facility %s, dated %s, recorded after the close of %s',
                          d.id, d.facility_id, d.happened_on, p.through)
            FROM document d
            CROSS JOIN LATERAL (
                SELECT through FROM period_event e
                WHERE e.facility_id = d.facility_id AND e.recorded_at < d.recorded_at
                ORDER BY e.id DESC LIMIT 1) p
            WHERE d.happened_on <= p.through
            ORDER BY d.id""",
    }
)

_COUNTS = text(
    "SELECT (SELECT count(*) FROM chain_head), (SELECT count(*) FROM document),"
    " (SELECT count(*) FROM entry), (SELECT count(*) FROM balance)"
)


def verify_ledger() -> VerifyReport:
    """Recompute balances, numbers and hashes from the ledger; a consistent look at one moment."""
    with database().owner_engine.connect() as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        facilities, documents, entries, balances = connection.execute(_COUNTS).one()
        found = tuple(d for name in QUESTIONS if (d := _ask(connection, name)) is not None)
        connection.rollback()
    return VerifyReport(facilities, documents, entries, balances, found)


def _ask(connection: Connection, name: str) -> Discrepancy | None:
    counted = f"SELECT words, count(*) OVER () FROM ({QUESTIONS[name]}) q (words) LIMIT {SHOWN_MAX}"
    rows = connection.execute(text(counted)).all()
    if not rows:
        return None
    return Discrepancy(name, TITLES[name], rows[0][1], tuple(row[0] for row in rows))
