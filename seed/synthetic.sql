-- A synthetic district's ledger in one go: set-based, in the owner's transaction, with the ledger's own
-- functions for what is hashed. Reads `synthetic` (one row of parameters), `synthetic_facility`,
-- `synthetic_item`. The stores' rules hold by construction: each period's goods come before its use,
-- older lots leave first, a line moves price x quantity.

-- What each station uses: some items a day, turning through the list.
CREATE TEMP TABLE synthetic_use ON COMMIT DROP AS
SELECT f.n AS f, (d * s.lines + k + f.n * 3) % s.items AS i, d,
       1 + ((hashint8extended(f.n::bigint * 1000003 + (d * s.lines + k), s.seed) >> 3) & 15)::bigint
           AS quantity
FROM synthetic s
CROSS JOIN generate_series(0, s.days - 1) d
CROSS JOIN generate_series(0, s.lines - 1) k
JOIN synthetic_facility f ON f.depot <> f.n;

-- What each is sent at the start of each period: its use, and a little more.
CREATE TEMP TABLE synthetic_need ON COMMIT DROP AS
SELECT u.f, f.depot AS g, u.i, u.d / s.period AS p,
       (sum(u.quantity) + (hashint8extended(u.f::bigint * 65537 + u.i * 257 + u.d / s.period, s.seed)
           & 7))::bigint AS quantity
FROM synthetic_use u
CROSS JOIN synthetic s
JOIN synthetic_facility f ON f.n = u.f
GROUP BY u.f, f.depot, u.i, u.d / s.period, s.seed;

INSERT INTO lot (item_id, number, expiry)
SELECT x.item_id, format('S%s-%s', s.district_id, lpad(p::text, 3, '0')),
       s.first_day + p * s.period + s.days + 200
FROM synthetic_item x CROSS JOIN synthetic s
CROSS JOIN LATERAL generate_series(0, (s.days - 1) / s.period) p;

-- One consignment a depot, item and period; what is not sent on stays in the depot.
CREATE TEMP TABLE synthetic_consignment ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('consignment', 'id')) AS id, x.*
FROM (
    SELECT n.g, n.i, n.p, l.id AS lot_id, l.item_id,
           s.funds[1 + (n.i + n.p) % cardinality(s.funds)] AS fund_id,
           500 + ((hashint8extended(n.i::bigint, s.seed) & 1023) * 100)::bigint AS price,
           sum(n.quantity)::bigint + 10 + n.i % 40 AS quantity
    FROM synthetic_need n CROSS JOIN synthetic s
    JOIN synthetic_item x ON x.n = n.i
    JOIN lot l ON l.item_id = x.item_id
        AND l.number = format('S%s-%s', s.district_id, lpad(n.p::text, 3, '0'))
    GROUP BY n.g, n.i, n.p, l.id, l.item_id, s.funds, s.seed
    ORDER BY n.p, n.g, n.i
) x;
CREATE INDEX ON synthetic_consignment (g, i, p);

-- The documents in the order of their days; ids follow the last one there is.
CREATE TEMP TABLE synthetic_document ON COMMIT DROP AS
SELECT (SELECT coalesce(max(id), 0) FROM document)
           + row_number() OVER (ORDER BY d, rank, f, other) AS id, x.*
FROM (
    SELECT DISTINCT p * s.period AS d, 1 AS rank, 'receipt' AS kind, g AS f, NULL::int AS other, p
    FROM synthetic_consignment CROSS JOIN synthetic s
    UNION ALL
    SELECT DISTINCT p * s.period, 2, 'transfer_dispatch', g, f, p
    FROM synthetic_need CROSS JOIN synthetic s
    UNION ALL
    SELECT DISTINCT p * s.period, 3, 'transfer_receipt', f, g, p
    FROM synthetic_need CROSS JOIN synthetic s
    UNION ALL
    SELECT DISTINCT d, 4, 'issue', f, NULL::int, NULL::int FROM synthetic_use
) x;
CREATE INDEX ON synthetic_document (kind, f, other, p);
CREATE INDEX ON synthetic_document (kind, f, d);
ANALYZE synthetic_document;
SELECT setval(pg_get_serial_sequence('document', 'id'), greatest(1, max(id)))
FROM synthetic_document;

INSERT INTO consignment (id, lot_id, fund_id, partner_id, paper_reference, unit_price_vnd, document_id)
SELECT c.id, c.lot_id, c.fund_id, s.partner_id, format('SY-%s', d.id), c.price, d.id
FROM synthetic_consignment c CROSS JOIN synthetic s
JOIN synthetic_document d ON d.kind = 'receipt' AND d.f = c.g AND d.p = c.p;

-- Every movement: from, to, how much. First in, first out is an overlap of running totals.
CREATE TEMP TABLE synthetic_move ON COMMIT DROP AS
WITH got AS (
    SELECT f, i, p, g, sum(quantity) OVER (PARTITION BY f, i ORDER BY p) AS upto, quantity
    FROM synthetic_need
), used AS (
    SELECT f, i, d, sum(quantity) OVER (PARTITION BY f, i ORDER BY d) AS upto, quantity
    FROM synthetic_use
)
SELECT d.id AS document_id, c.i, c.id AS consignment_id, s.supplier_id AS from_id,
       g.store_id AS to_id, c.quantity
FROM synthetic_consignment c CROSS JOIN synthetic s
JOIN synthetic_document d ON d.kind = 'receipt' AND d.f = c.g AND d.p = c.p
JOIN synthetic_facility g ON g.n = c.g
UNION ALL
SELECT d.id, n.i, c.id, CASE d.kind WHEN 'transfer_dispatch' THEN g.store_id ELSE f.transit_id END,
       CASE d.kind WHEN 'transfer_dispatch' THEN f.transit_id ELSE f.store_id END, n.quantity
FROM synthetic_need n
JOIN synthetic_consignment c ON c.g = n.g AND c.i = n.i AND c.p = n.p
JOIN synthetic_facility f ON f.n = n.f
JOIN synthetic_facility g ON g.n = n.g
JOIN synthetic_document d ON d.p = n.p AND (
    (d.kind = 'transfer_dispatch' AND d.f = n.g AND d.other = n.f)
    OR (d.kind = 'transfer_receipt' AND d.f = n.f AND d.other = n.g))
UNION ALL
SELECT d.id, u.i, c.id, f.store_id, s.use_id,
       least(u.upto, got.upto) - greatest(u.upto - u.quantity, got.upto - got.quantity)
FROM used u CROSS JOIN synthetic s
JOIN got ON got.f = u.f AND got.i = u.i AND got.upto - got.quantity < u.upto
    AND got.upto > u.upto - u.quantity
JOIN synthetic_consignment c ON c.g = got.g AND c.i = got.i AND c.p = got.p
JOIN synthetic_facility f ON f.n = u.f
JOIN synthetic_document d ON d.kind = 'issue' AND d.f = u.f AND d.d = u.d;

INSERT INTO entry (document_id, line_no, item_id, lot_id, consignment_id, from_location_id,
                   to_location_id, quantity, amount_vnd, happened_on)
SELECT m.document_id, dense_rank() OVER (PARTITION BY m.document_id ORDER BY m.i), c.item_id,
       c.lot_id, c.id, m.from_id, m.to_id, m.quantity, m.quantity * c.price, s.first_day + d.d
FROM synthetic_move m CROSS JOIN synthetic s
JOIN synthetic_consignment c ON c.id = m.consignment_id
JOIN synthetic_document d ON d.id = m.document_id
ORDER BY m.document_id, m.i, c.p;

INSERT INTO balance (location_id, consignment_id, facility_id, item_id, lot_id, quantity, amount_vnd)
SELECT x.place_id, c.id, f.facility_id, c.item_id, c.lot_id, sum(x.quantity),
       sum(x.quantity) * c.price
FROM (
    SELECT to_id AS place_id, consignment_id, quantity FROM synthetic_move
    UNION ALL
    SELECT from_id, consignment_id, -quantity FROM synthetic_move
) x
JOIN synthetic_facility f ON x.place_id IN (f.store_id, f.transit_id)
JOIN synthetic_consignment c ON c.id = x.consignment_id
GROUP BY x.place_id, c.id, f.facility_id, c.item_id, c.lot_id, c.price
HAVING sum(x.quantity) > 0;

CREATE TEMP TABLE synthetic_head (LIKE document INCLUDING DEFAULTS) ON COMMIT DROP;
ALTER TABLE synthetic_head ALTER previous_hash DROP NOT NULL, ALTER hash DROP NOT NULL;
INSERT INTO synthetic_head
SELECT d.id, f.facility_id, d.kind,
       row_number() OVER (PARTITION BY d.f, d.kind, extract(year FROM s.first_day + d.d) ORDER BY d.id),
       extract(year FROM s.first_day + d.d), s.first_day + d.d,
       (s.first_day + d.d + time '17:00') AT TIME ZONE 'Asia/Ho_Chi_Minh', s.user_id,
       o.facility_id, CASE d.kind WHEN 'receipt' THEN s.partner_id END, '', s.origin,
       CASE d.kind WHEN 'receipt' THEN format('SY-%s', d.id) ELSE '' END, '', '',
       md5(s.origin || d.d || d.kind || d.f || coalesce(d.other, -1))::uuid,
       ledger_hash(s.origin || d.d || d.kind || d.f || coalesce(d.other, -1)), NULL,
       CASE d.kind WHEN 'transfer_receipt' THEN sent.id END, NULL, NULL
FROM synthetic_document d CROSS JOIN synthetic s
JOIN synthetic_facility f ON f.n = d.f
LEFT JOIN synthetic_facility o ON o.n = d.other
LEFT JOIN synthetic_document sent ON d.kind = 'transfer_receipt' AND sent.kind = 'transfer_dispatch'
    AND sent.f = d.other AND sent.other = d.f AND sent.p = d.p;

CREATE TEMP TABLE synthetic_lines ON COMMIT DROP AS
SELECT e.document_id, jsonb_agg(ledger_entry_array(e, l, c) ORDER BY e.id) AS lines
FROM entry e JOIN lot l ON l.id = e.lot_id JOIN consignment c ON c.id = e.consignment_id
JOIN synthetic_document d ON d.id = e.document_id
GROUP BY e.document_id;
ALTER TABLE synthetic_lines ADD PRIMARY KEY (document_id);

-- The chain: each document seals the one before it in its facility.
DO $$
DECLARE
    d document;
    place integer := -1;
    previous text;
BEGIN
    FOR d IN SELECT * FROM synthetic_head ORDER BY facility_id, id LOOP
        IF d.facility_id <> place THEN
            place := d.facility_id;
            SELECT hash INTO STRICT previous FROM chain_head WHERE facility_id = place;
        END IF;
        d.previous_hash := previous;
        d.hash := ledger_hash(ledger_document_text(
            d, (SELECT lines FROM synthetic_lines WHERE document_id = d.id)));
        INSERT INTO document SELECT d.*;
        previous := d.hash;
    END LOOP;
END $$;

UPDATE chain_head h SET hash = x.hash, documents = h.documents + x.documents
FROM (
    SELECT facility_id, count(*) AS documents, (array_agg(hash ORDER BY id DESC))[1] AS hash
    FROM document WHERE id IN (SELECT id FROM synthetic_document) GROUP BY facility_id
) x
WHERE x.facility_id = h.facility_id;

-- Entries were written past `post_document`: closing balances from the first day on are made again
-- (`flask ledger close-months`), and so are the sums of what each facility holds.
SELECT ledger_forget_closings((SELECT first_day FROM synthetic));
SELECT ledger_make_sums();
