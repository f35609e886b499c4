-- What is staged is proved set by set; the first thing that does not hold refuses all of it. Faults are
-- counted rather than looked for by EXISTS, which the planner takes as a wish for the first row only and
-- answers with nested loops.

-- Heads: who, when, what, with whom.
CREATE OR REPLACE FUNCTION ledger_bulk_prove_documents() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    d document;
    writable integer[] := supply_write_ids();
    today date := supply_today();
BEGIN
    IF (SELECT count(*) FROM bulk_document x WHERE NOT x.facility_id = ANY (writable)
               OR NOT EXISTS (SELECT FROM bulk_scope s WHERE s.facility_id = x.facility_id)) > 0 THEN
        PERFORM ledger_refuse('SP002', 'out_of_scope', 'facility');
    ELSIF (
        SELECT count(*) FROM bulk_document x
        WHERE x.happened_on > today OR x.happened_on < '2000-01-01'
           OR x.kind NOT IN ('receipt', 'issue', 'transfer_dispatch', 'transfer_receipt', 'opening',
                             'return', 'adjustment')
           OR x.purpose = 'loan_return'
           OR (x.purpose IN ('borrowed', 'loan') AND x.kind <> 'transfer_dispatch'
               AND x.partner_id IS NULL)
           OR x.origin NOT LIKE 'import:%') > 0
       OR (SELECT count(*)
           FROM (SELECT DISTINCT kind, purpose, CASE WHEN kind = 'adjustment' THEN reason END AS reason
                 FROM bulk_document OFFSET 0) x
           WHERE NOT x.purpose = ANY (ledger_purposes(x.kind))
              OR (x.kind = 'adjustment' AND ledger_reason_place(x.reason) IS NULL)) > 0 THEN
        PERFORM ledger_bulk_refuse('document');
    ELSIF (SELECT count(*) <> count(DISTINCT n) FROM bulk_document)
       OR (SELECT count(*) FROM (SELECT happened_on < lag(happened_on) OVER (ORDER BY n) AS back
                               FROM bulk_document) o WHERE back) > 0 THEN
        PERFORM ledger_bulk_refuse('order');
    ELSIF (
        SELECT count(*) FROM bulk_document x
        LEFT JOIN facility f ON f.id = x.counterpart_facility_id AND f.active
        WHERE x.kind = 'transfer_dispatch' AND (f.id IS NULL OR f.id = x.facility_id)) > 0 THEN
        PERFORM ledger_refuse('SP004', 'bad_counterpart', 'counterpart_facility');
    ELSIF (SELECT count(*) FROM bulk_document x WHERE NOT EXISTS (
            SELECT FROM bulk_move m WHERE m.document_n = x.n)) > 0 THEN
        PERFORM ledger_bulk_refuse('no_lines');
    END IF;
    FOR d.facility_id, d.happened_on IN
        SELECT facility_id, min(happened_on) FROM bulk_document GROUP BY facility_id
    LOOP
        PERFORM ledger_check_period(d);
    END LOOP;
END $$;

-- Documents that follow others: the right kind, place and day; never more than is still open.
CREATE OR REPLACE FUNCTION ledger_bulk_prove_follows() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE bulk_follow ON COMMIT DROP AS
    SELECT x.n, x.kind, x.facility_id, x.happened_on, x.counterpart_facility_id,
           coalesce(s.kind, b.kind) AS was, coalesce(s.facility_id, b.facility_id) AS of_facility,
           coalesce(s.happened_on, b.happened_on) AS on_day,
           coalesce(s.counterpart_facility_id, b.counterpart_facility_id) AS sent_to,
           coalesce(s.purpose, b.purpose) AS purpose, coalesce(s.from_place, 'store') AS from_place,
           x.follows_id, x.follows_n
    FROM bulk_document x
    LEFT JOIN document s ON s.id = x.follows_id
    LEFT JOIN bulk_document b ON b.n = x.follows_n
    WHERE x.follows_id IS NOT NULL OR x.follows_n IS NOT NULL
       OR x.kind IN ('transfer_receipt', 'return');
    IF (
        SELECT count(*) FROM bulk_follow f
        WHERE f.was IS NULL OR (f.follows_id IS NULL) = (f.follows_n IS NULL)
           OR f.happened_on < f.on_day OR f.follows_n >= f.n OR f.from_place = 'quarantine'
           OR NOT CASE f.kind
               WHEN 'transfer_receipt' THEN f.was = 'transfer_dispatch'
                   AND f.sent_to = f.facility_id AND f.of_facility = f.counterpart_facility_id
               WHEN 'return' THEN f.was = 'issue' AND f.of_facility = f.facility_id
                   AND f.purpose NOT IN ('loan', 'loan_return')
               ELSE false END) > 0
       OR (SELECT count(*) FROM bulk_follow f JOIN document r ON r.reverses_id = f.follows_id) > 0 THEN
        PERFORM ledger_bulk_refuse('follows');
    END IF;
    -- What is open of each, and what each part takes, in the order of the parts.
    CREATE TEMP TABLE bulk_open ON COMMIT DROP AS
    SELECT f.follows_id, NULL::integer AS follows_n, o.consignment_id AS consignment_ref,
           o.quantity, o.amount_vnd
    FROM (SELECT DISTINCT follows_id, kind, facility_id FROM bulk_follow
          WHERE follows_id IS NOT NULL) f
    CROSS JOIN LATERAL ledger_outstanding(f.follows_id, CASE f.kind
        WHEN 'return' THEN ledger_place('use') ELSE ledger_place('transit', f.facility_id) END) o
    UNION ALL
    SELECT NULL, m.document_n, m.consignment_ref, sum(m.quantity)::bigint, sum(m.amount_vnd)::bigint
    FROM bulk_move m WHERE m.document_n IN (SELECT follows_n FROM bulk_follow)
    GROUP BY m.document_n, m.consignment_ref;
    IF (
        SELECT count(*) FROM (
            SELECT f.kind, m.quantity, m.amount_vnd, o.quantity AS open_quantity,
                   o.quantity - sum(m.quantity) OVER run + m.quantity AS had,
                   o.amount_vnd - sum(m.amount_vnd) OVER run + m.amount_vnd AS had_amount
            FROM bulk_follow f
            JOIN bulk_move m ON m.document_n = f.n
            LEFT JOIN bulk_open o ON o.consignment_ref = m.consignment_ref
                AND (o.follows_id = f.follows_id OR o.follows_n = f.follows_n)
            WINDOW run AS (PARTITION BY f.follows_id, f.follows_n, m.consignment_ref
                           ORDER BY m.seq)
        ) p
        WHERE p.open_quantity IS NULL OR p.quantity > p.had
           OR (p.kind = 'return'
               AND p.amount_vnd <> ledger_share(
                   p.quantity, p.had::bigint, p.had_amount::bigint))) > 0 THEN
        PERFORM ledger_bulk_refuse('more_than_open');
    END IF;
END $$;

-- Every move goes the way its document's kind goes, of things that are what they say.
CREATE OR REPLACE FUNCTION ledger_bulk_prove_moves() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE bulk_way ON COMMIT DROP AS
    SELECT x.n, x.kind, x.happened_on, s.id AS store, o.id AS outside, t.id AS transit,
           c.id AS sent_to
    FROM bulk_document x
    JOIN location s ON s.facility_id = x.facility_id AND s.kind = 'store'
    JOIN location t ON t.facility_id = x.facility_id AND t.kind = 'transit'
    LEFT JOIN location c ON c.facility_id = x.counterpart_facility_id AND c.kind = 'transit'
    LEFT JOIN partner p ON p.id = x.partner_id
    JOIN location o ON o.facility_id IS NULL AND o.kind = CASE x.kind
        WHEN 'receipt' THEN CASE
            WHEN x.purpose = 'borrowed' THEN 'lender'
            WHEN x.purpose = 'donation' OR (x.purpose = '' AND p.kind = 'donor') THEN 'donor'
            ELSE 'supplier' END
        WHEN 'issue' THEN CASE x.purpose WHEN 'loan' THEN 'lender' ELSE 'use' END
        WHEN 'return' THEN 'use'
        WHEN 'opening' THEN 'opening'
        WHEN 'adjustment' THEN ledger_reason_place(x.reason)
        ELSE 'loss' END;
    ALTER TABLE bulk_way ADD PRIMARY KEY (n);
    ANALYZE bulk_way;
    IF (
        SELECT count(*) FROM bulk_move m LEFT JOIN bulk_way w ON w.n = m.document_n
        WHERE w.n IS NULL OR m.quantity NOT BETWEEN 1 AND 1000000000 OR m.amount_vnd < 0
           OR m.line_no NOT BETWEEN 1 AND 5000
           OR NOT CASE w.kind
               WHEN 'receipt' THEN (m.from_location_id, m.to_location_id) = (w.outside, w.store)
               WHEN 'opening' THEN (m.from_location_id, m.to_location_id) = (w.outside, w.store)
               WHEN 'return' THEN (m.from_location_id, m.to_location_id) = (w.outside, w.store)
               WHEN 'issue' THEN (m.from_location_id, m.to_location_id) = (w.store, w.outside)
               WHEN 'transfer_dispatch' THEN
                   (m.from_location_id, m.to_location_id) = (w.store, w.sent_to)
               WHEN 'transfer_receipt' THEN m.from_location_id = w.transit
                   AND m.to_location_id IN (w.store, w.outside)
               ELSE (m.from_location_id, m.to_location_id)
                        IN ((w.store, w.outside), (w.outside, w.store)) END) > 0 THEN
        PERFORM ledger_bulk_refuse('way');
    ELSIF (
        SELECT count(*) FROM bulk_move m JOIN bulk_document x ON x.n = m.document_n
        WHERE (x.kind = 'adjustment' AND x.reason IN ('damaged', 'expired', 'lost', 'disposed')
               AND m.to_location_id IN (SELECT store FROM bulk_way))
           OR (x.kind = 'transfer_receipt' AND x.reason = ''
               AND m.to_location_id = ledger_place('loss'))) > 0 THEN
        PERFORM ledger_bulk_refuse('reason');
    END IF;
    PERFORM ledger_bulk_prove_things();
END $$;

-- Lots and consignments: each is what its moves say, open to the fund, usable on the day.
CREATE OR REPLACE FUNCTION ledger_bulk_prove_things() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    blocked bigint[] := ledger_blocked_lots();
BEGIN
    CREATE TEMP TABLE bulk_known_lot ON COMMIT DROP AS
    SELECT l.id AS ref, l.item_id, l.expiry, l.id = ANY (blocked) AS blocked
    FROM lot l
    WHERE l.id IN (SELECT lot_ref FROM bulk_move WHERE lot_ref < 1152921504606846976
                   UNION SELECT lot_ref FROM bulk_consignment WHERE lot_ref < 1152921504606846976)
    UNION ALL SELECT ref, item_id, expiry, false FROM bulk_lot;
    ALTER TABLE bulk_known_lot ADD PRIMARY KEY (ref);
    CREATE TEMP TABLE bulk_known_consignment ON COMMIT DROP AS
    SELECT c.id AS ref, c.lot_id AS lot_ref, c.unit_price_vnd FROM consignment c
    WHERE c.id IN (SELECT consignment_ref FROM bulk_move
                   WHERE consignment_ref < 1152921504606846976)
    UNION ALL SELECT ref, lot_ref, unit_price_vnd FROM bulk_consignment;
    ALTER TABLE bulk_known_consignment ADD PRIMARY KEY (ref);
    ANALYZE bulk_known_lot;
    ANALYZE bulk_known_consignment;
    IF (
        SELECT count(*) FROM bulk_move m
        LEFT JOIN bulk_known_consignment c ON c.ref = m.consignment_ref
        LEFT JOIN bulk_known_lot l ON l.ref = m.lot_ref
        JOIN bulk_way w ON w.n = m.document_n
        WHERE (c.lot_ref, l.item_id) IS DISTINCT FROM (m.lot_ref, m.item_id)
           OR (w.kind IN ('issue', 'transfer_dispatch') AND (l.expiry < w.happened_on OR l.blocked))) > 0
       OR (SELECT count(*) FROM bulk_lot l WHERE l.number = '' AND l.expiry IS NOT NULL) > 0
       OR (SELECT count(*) FROM bulk_lot l LEFT JOIN item i ON i.id = l.item_id WHERE i.id IS NULL) > 0 THEN
        PERFORM ledger_bulk_refuse('lot');
    ELSIF (
        SELECT count(*) FROM bulk_consignment c
        LEFT JOIN bulk_document x ON x.n = c.document_n
        LEFT JOIN fund f ON f.id = c.fund_id
        LEFT JOIN bulk_known_lot l ON l.ref = c.lot_ref
        LEFT JOIN item i ON i.id = l.item_id
        LEFT JOIN (
            SELECT m.consignment_ref, m.document_n, count(*) AS times, sum(m.quantity) AS quantity,
                   sum(m.amount_vnd) AS amount_vnd
            FROM bulk_move m JOIN bulk_way w ON w.n = m.document_n
            WHERE m.to_location_id = w.store AND m.from_location_id = w.outside
            GROUP BY m.consignment_ref, m.document_n
        ) b ON b.consignment_ref = c.ref AND b.document_n = c.document_n
        WHERE x.n IS NULL OR x.kind NOT IN ('receipt', 'opening', 'adjustment')
           OR b.quantity IS NULL OR f.id IS NULL OR NOT f.active
           OR (x.kind <> 'adjustment' AND b.times <> 1)
           OR x.happened_on < coalesce(f.valid_from, x.happened_on)
           OR x.happened_on > coalesce(f.valid_to, x.happened_on)
           OR (c.paper_reference, c.partner_id) IS DISTINCT FROM (x.paper_reference, x.partner_id)
           OR (b.times = 1 AND c.unit_price_vnd <> round(b.amount_vnd::numeric / b.quantity))
           OR (x.kind = 'receipt' AND (l.expiry < x.happened_on OR NOT i.active))) > 0 THEN
        PERFORM ledger_bulk_refuse('consignment');
    ELSIF (
        SELECT count(*) FROM bulk_move m JOIN bulk_way w ON w.n = m.document_n
        LEFT JOIN bulk_consignment c ON c.ref = m.consignment_ref AND c.document_n = m.document_n
        WHERE w.kind IN ('receipt', 'opening') AND c.ref IS NULL) > 0 THEN
        PERFORM ledger_bulk_refuse('consignment');
    END IF;
END $$;

-- Values and stock: every part carries its exact share of what lay there when it left, and no place
-- goes below zero on any day, later ones of the ledger included.
CREATE OR REPLACE FUNCTION ledger_bulk_prove_stock() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE bulk_flow ON COMMIT DROP AS
    SELECT m.to_location_id AS location_id, m.consignment_ref, m.seq, m.document_n, m.quantity,
           m.amount_vnd, m.from_location_id AS other_id
    FROM bulk_move m JOIN location l ON l.id = m.to_location_id WHERE l.facility_id IS NOT NULL
    UNION ALL
    SELECT m.from_location_id, m.consignment_ref, m.seq, m.document_n, -m.quantity, -m.amount_vnd,
           m.to_location_id
    FROM bulk_move m JOIN location l ON l.id = m.from_location_id WHERE l.facility_id IS NOT NULL;
    ANALYZE bulk_flow;
    IF (
        SELECT count(*) FROM (
            SELECT f.quantity, f.amount_vnd, f.seq, f.consignment_ref, f.document_n, f.other_id,
                   coalesce(b.quantity, 0) + sum(f.quantity) OVER run - f.quantity AS had,
                   coalesce(b.amount_vnd, 0) + sum(f.amount_vnd) OVER run - f.amount_vnd AS had_amount
            FROM bulk_flow f
            LEFT JOIN balance b ON b.location_id = f.location_id
                AND b.consignment_id = f.consignment_ref
            WINDOW run AS (PARTITION BY f.location_id, f.consignment_ref ORDER BY f.seq)
        ) p
        LEFT JOIN bulk_way w ON p.quantity > 0 AND w.n = p.document_n AND w.kind = 'adjustment'
        LEFT JOIN bulk_known_consignment c ON w.n IS NOT NULL AND c.ref = p.consignment_ref
        LEFT JOIN bulk_consignment made ON w.n IS NOT NULL AND made.ref = p.consignment_ref
            AND made.document_n = p.document_n
        WHERE (p.quantity < 0 AND (p.had < -p.quantity OR -p.amount_vnd IS DISTINCT FROM
                    ledger_share(-p.quantity, p.had::bigint, p.had_amount::bigint)))
           -- What a count found joins a consignment at its present value.
           OR (w.n IS NOT NULL AND NOT (made.ref IS NOT NULL AND p.had = 0)
               AND p.amount_vnd IS DISTINCT FROM CASE
                   WHEN p.had > 0 THEN ledger_share(p.quantity, p.had::bigint, p.had_amount::bigint)
                   ELSE c.unit_price_vnd::numeric * p.quantity END)) > 0 THEN
        PERFORM ledger_bulk_refuse('value');
    END IF;
    IF (
        WITH touched AS (
            SELECT DISTINCT f.location_id, f.consignment_ref, l.item_id
            FROM bulk_flow f
            JOIN bulk_known_consignment c ON c.ref = f.consignment_ref
            JOIN bulk_known_lot l ON l.ref = c.lot_ref
            WHERE f.quantity < 0 AND f.consignment_ref < 1152921504606846976
        ), days AS (
            SELECT t.location_id, t.consignment_ref AS ref, e.happened_on, e.quantity
            FROM touched t CROSS JOIN LATERAL (
                SELECT happened_on, quantity FROM entry
                WHERE to_location_id = t.location_id AND item_id = t.item_id
                  AND consignment_id = t.consignment_ref
                UNION ALL
                SELECT happened_on, -quantity FROM entry
                WHERE from_location_id = t.location_id AND item_id = t.item_id
                  AND consignment_id = t.consignment_ref) e
            UNION ALL
            SELECT f.location_id, f.consignment_ref, x.happened_on, f.quantity
            FROM touched t JOIN bulk_flow f USING (location_id, consignment_ref)
            JOIN bulk_document x ON x.n = f.document_n
        )
        SELECT count(*) FROM (
            SELECT sum(sum(quantity)) OVER (PARTITION BY location_id, ref ORDER BY happened_on)
                       AS stock
            FROM days GROUP BY location_id, ref, happened_on
        ) s WHERE s.stock < 0) > 0 THEN
        PERFORM ledger_bulk_refuse('negative');
    END IF;
END $$;
