"""A large ledger for benchmarks, written set by set in the owner's transaction: ten districts of ten
stores, 200 items, a receipt a quarter and 20 issue lines from it.

Sound in quantities and values; documents carry no seals. Its database is thrown away: foreign keys
and indexes are taken off while it is filled, and only the indexes come back.
"""

from __future__ import annotations

import time

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

FACILITIES, DISTRICTS, ITEMS, ISSUES_A_QUARTER, QUARTER_DAYS = 100, 10, 200, 20, 90
LINES_A_QUARTER = FACILITIES * ITEMS * (ISSUES_A_QUARTER + 1)

_CATALOGUE = """
INSERT INTO district (code, slug, name, province, population)
SELECT format('Z%s', n), format('bench-%s', n), format('Huyện đo %s', n), 'Đo', 100000
FROM generate_series(1, :districts) n;
INSERT INTO facility (code, name_vi, name_en, kind, district_id, is_depot, is_private, beds, icu_beds,
                      active, search)
SELECT format('Z-%s', lpad(n::text, 3, '0')), format('Cơ sở đo %s', n), format('Bench %s', n),
       'ward_station', d.id, false, false, 0, 0, true, format('z-%s co so do', n)
FROM generate_series(1, :facilities) n
JOIN district d ON d.slug = format('bench-%s', 1 + (n - 1) * :districts / :facilities);
INSERT INTO item (code, name_vi, name_en, inn, category, base_unit_vi, base_unit_en, litres_per_unit,
                  is_essential, cold_chain, is_reusable, active, search)
SELECT format('Z%s', lpad(n::text, 4, '0')), format('Mặt hàng đo %s', n), format('Bench item %s', n),
       '', 'drug', 'viên', 'tablet', 0.01, true, 'none', false, true, format('z%s mat hang do', n)
FROM generate_series(1, :items) n;
CREATE TEMP TABLE place AS
SELECT row_number() OVER (ORDER BY f.id) AS f, f.id AS facility_id, l.id AS store_id
FROM facility f JOIN location l ON l.facility_id = f.id AND l.kind = 'store'
WHERE f.code LIKE 'Z-%';
CREATE TEMP TABLE goods AS
SELECT row_number() OVER (ORDER BY id) AS i, id AS item_id FROM item WHERE code LIKE 'Z%'
"""

# Ids are arithmetic over facility f, item i and quarter q, so that nothing is joined to find them.
_LEDGER = """
CREATE TEMP TABLE used AS
SELECT f, i, q, k, q * 90 + ((hashint8((f * 1000003 + i * 7919 + q * 104729 + k)::bigint) & 1023) % 90)
           AS d,
       1 + (hashint8((f * 31 + i * 17 + q * 7 + k * 3)::bigint) & 7)::bigint AS quantity
FROM generate_series(1, :facilities) f, generate_series(1, :items) i,
     generate_series(0, :quarters - 1) q, generate_series(1, :issues) k;
INSERT INTO lot (id, item_id, number, expiry)
OVERRIDING SYSTEM VALUE
SELECT 10000000 + (g.i - 1) * :quarters + q, g.item_id, format('Q%s', q),
       CAST(:first AS date) + ((q + 8) * 90)::int
FROM goods g, generate_series(0, :quarters - 1) q;
INSERT INTO consignment (id, lot_id, fund_id, paper_reference, unit_price_vnd, document_id)
OVERRIDING SYSTEM VALUE
SELECT 10000000 + ((f - 1) * :items + i - 1) * :quarters + q,
       10000000 + (i - 1) * :quarters + q,
       (SELECT min(id) FROM fund), 'Z', 100 + i, 10000000 + f * 10000 + q * 90
FROM generate_series(1, :facilities) f, generate_series(1, :items) i,
     generate_series(0, :quarters - 1) q;
CREATE TEMP TABLE got AS
SELECT f, i, q, sum(quantity)::bigint AS used,
       -- What was bought earlier is used up; the last two quarters leave something.
       sum(quantity)::bigint + CASE WHEN q >= :quarters - 2
           THEN 1 + (hashint8((f + i * 3 + q * 11)::bigint) & 15) ELSE 0 END AS quantity
FROM used GROUP BY f, i, q;
INSERT INTO entry (document_id, line_no, item_id, lot_id, consignment_id, from_location_id,
                   to_location_id, quantity, amount_vnd, happened_on)
SELECT 10000000 + m.f * 10000 + m.d + m.rank * 5000, m.i, g.item_id,
       10000000 + (m.i - 1) * :quarters + m.q,
       10000000 + ((m.f - 1) * :items + m.i - 1) * :quarters + m.q,
       CASE m.rank WHEN 0 THEN o.supplier ELSE p.store_id END,
       CASE m.rank WHEN 0 THEN p.store_id ELSE o.use END,
       m.quantity, m.quantity * (100 + m.i), CAST(:first AS date) + m.d::int
FROM (SELECT f, i, q, q * 90 AS d, 0 AS rank, quantity FROM got
      UNION ALL SELECT f, i, q, d, 1, quantity FROM used) m
JOIN place p ON p.f = m.f JOIN goods g ON g.i = m.i
CROSS JOIN (SELECT (SELECT id FROM location WHERE kind = 'supplier') AS supplier,
                   (SELECT id FROM location WHERE kind = 'use') AS use) o
ORDER BY m.d, m.rank, m.f;
INSERT INTO balance (location_id, consignment_id, facility_id, item_id, lot_id, quantity, amount_vnd)
SELECT p.store_id, 10000000 + ((w.f - 1) * :items + w.i - 1) * :quarters + w.q, p.facility_id,
       g.item_id, 10000000 + (w.i - 1) * :quarters + w.q, w.quantity - w.used,
       (w.quantity - w.used) * (100 + w.i)
FROM got w JOIN place p ON p.f = w.f JOIN goods g ON g.i = w.i;
INSERT INTO document (id, facility_id, kind, number, year, happened_on, recorded_at, recorded_by,
                      recipient, origin, paper_reference, note, reason, client_key, request_digest,
                      previous_hash, hash)
OVERRIDING SYSTEM VALUE
SELECT x.id, p.facility_id, CASE WHEN x.rank = 0 THEN 'receipt' ELSE 'issue' END,
       row_number() OVER (PARTITION BY x.f, x.rank, extract(year FROM x.day) ORDER BY x.id),
       extract(year FROM x.day), x.day, x.day + interval '10 hours', :user, '', 'bench', '', '', '',
       md5(x.id::text)::uuid, '', '', ''
FROM (SELECT DISTINCT f, 0 AS rank, CAST(:first AS date) + (q * 90)::int AS day,
             10000000 + f * 10000 + q * 90 AS id FROM got
      UNION ALL SELECT DISTINCT f, 1, CAST(:first AS date) + d::int,
             10000000 + f * 10000 + d + 5000 FROM used) x
JOIN place p ON p.f = x.f
"""
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
FROM pg_index i WHERE i.indrelid = ANY (CAST(:tables AS regclass[]))
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""
_FOREIGN = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE contype = 'f' AND conrelid = ANY (CAST(:tables AS regclass[]))
"""
_TABLES = "{entry,document,consignment,balance,document_line,closing_balance}"


def fill(connection: Connection, lines: int, user_id: int) -> dict[str, float]:
    """Make about `lines` entries that end today, and their closing balances; seconds of each."""
    quarters = max(1, round(lines / LINES_A_QUARTER))
    params = {
        "districts": DISTRICTS, "facilities": FACILITIES, "items": ITEMS,
        "issues": ISSUES_A_QUARTER, "quarters": quarters, "user": user_id,
        "first": connection.execute(
            text("SELECT supply_today() - CAST(:days AS int)"), {"days": quarters * QUARTER_DAYS}
        ).scalar_one(),
    }  # fmt: skip
    began = time.perf_counter()
    connection.execute(text("SET LOCAL synchronous_commit = off"))
    connection.execute(text("SET LOCAL work_mem = '256MB'"))
    connection.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
    for table, name in connection.execute(text(_FOREIGN), {"tables": _TABLES}).all():
        connection.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
    indexes = connection.execute(text(_INDEXES), {"tables": "{entry,balance}"}).all()
    for name, _ in indexes:
        connection.execute(text(f"DROP INDEX {name}"))
    for statement in (_CATALOGUE + ";" + _LEDGER).split(";\n"):
        connection.execute(
            text(statement), {k: v for k, v in params.items() if f":{k}" in statement}
        )
    for _, definition in indexes:
        connection.execute(text(definition))
    filled = time.perf_counter()
    connection.commit()
    connection.execute(text("SELECT ledger_make_sums()"))
    connection.execution_options(isolation_level="AUTOCOMMIT")
    connection.execute(text("VACUUM ANALYZE"))
    vacuumed = time.perf_counter()
    connection.execute(text("SELECT ledger_close_months()"))
    connection.execute(text("VACUUM ANALYZE closing_balance"))
    closed = time.perf_counter()
    return {"fill": filled - began, "vacuum": vacuumed - filled, "close": closed - vacuumed}


def make(lines: int) -> int:
    """Deploy into the process's empty database, fill it; returns a planner's user id, whose scope is
    the first district of ten stores."""
    from supply.core.accounts import NewUser, create_user
    from supply.core.database import database
    from supply.core.deploy import deploying, load_reference_data, migrate

    with deploying() as connection:
        migrate(connection)
        load_reference_data(connection)
        with Session(connection) as session:
            owner = create_user(
                session, NewUser("bench-owner", "Đo", "Đo", "administrator", "a@example.invalid")
            ).id
            session.commit()
    with database().owner_engine.connect() as connection:
        fill(connection, lines, owner)
    with Session(database().owner_engine) as session:
        user = create_user(
            session,
            NewUser("bench", "Đo", "Đo", "planner", "b@example.invalid", (), ("bench-1",)),
        ).id
        session.commit()
    return user
