-- What is staged is proved set by set; the first thing that does not hold refuses all of it. Faults are
-- counted rather than looked for by EXISTS, which the planner takes as a wish for the first row only and
-- answers with nested loops.

-- Heads: who, when, what, with whom.
CREATE OR REPLACE FUNCTION ledger_bulk_prove_documents() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
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
    ELSIF (SELECT count(*) FROM (SELECT n <= lag(n) OVER nth OR happened_on < lag(happened_on) OVER nth
                                            AS back
                               FROM bulk_document WINDOW nth AS (ORDER BY n)) o WHERE back) > 0 THEN
        PERFORM ledger_bulk_refuse('order');
    ELSIF (
        SELECT count(*) FROM bulk_document x
        LEFT JOIN facility f ON f.id = x.counterpart_facility_id AND f.active
        WHERE x.kind = 'transfer_dispatch' AND (f.id IS NULL OR f.id = x.facility_id)) > 0 THEN
        PERFORM ledger_refuse('SP004', 'bad_counterpart', 'counterpart_facility');
    END IF;
END $$;

-- Nothing was changed between the two calls that post: the person, the documents, closed books.
CREATE OR REPLACE FUNCTION ledger_bulk_prove_unchanged() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    d document;
    me integer := supply_user_id();
BEGIN
    IF (SELECT count(*) FROM bulk_head h WHERE h.recorded_by = me)
       <> (SELECT count(*) FROM bulk_document) THEN
        PERFORM ledger_bulk_refuse('document');
    END IF;
    FOR d.facility_id, d.happened_on IN
        SELECT facility_id, min(happened_on) FROM bulk_document GROUP BY facility_id
    LOOP
        PERFORM ledger_check_period(d);
    END LOOP;
END $$;

-- Every move goes the way its document's kind goes, of things that may go it. `joins`: what a surplus
-- that joins a consignment is worth apiece where none of it is left; `flows`: it changes two stores.
CREATE OR REPLACE FUNCTION ledger_bulk_prove_moves() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    fault text;
BEGIN
    CREATE TEMP TABLE bulk_move ON COMMIT DROP AS
    SELECT s.seq, s.document_n, s.line_no, w.id AS document_id, t.item_id, t.lot_id,
           t.id AS consignment_id, s.incoming, s.quantity, s.amount_vnd, w.happened_on,
           CASE WHEN s.incoming THEN w.in_from ELSE w.out_from END AS from_location_id,
           CASE WHEN s.incoming THEN w.in_to ELSE w.out_to END AS to_location_id,
           (s.incoming AND w.kind = 'transfer_receipt') OR w.kind = 'transfer_dispatch' AS two_stores,
           CASE WHEN s.incoming AND w.kind = 'adjustment' THEN t.unit_price_vnd END AS joins,
           t.document_n IS NOT DISTINCT FROM s.document_n AND s.incoming AS brought,
           -- The entry as ledger_entry_array writes it, without its opening bracket.
           concat(s.line_no, t.words, CASE WHEN s.incoming THEN w.in_words ELSE w.out_words END,
                  s.quantity, ', ', s.amount_vnd, w.day) AS words,
           CASE WHEN w.id IS NULL OR s.quantity NOT BETWEEN 1 AND 1000000000
                  OR s.amount_vnd NOT BETWEEN 0 AND 1000000000000000
                  OR s.line_no NOT BETWEEN 1 AND 5000
                  OR CASE WHEN s.incoming THEN w.in_from IS NULL
                          ELSE w.out_from IS NULL OR w.out_to IS NULL END THEN 'way'
                WHEN t.item_id IS NULL
                  OR (w.must_be_usable AND (t.expiry < w.happened_on OR t.blocked)) THEN 'lot'
                WHEN w.must_be_new AND t.document_n IS DISTINCT FROM s.document_n THEN 'consignment'
           END AS fault
    FROM bulk_staged s
    LEFT JOIN bulk_way w ON w.n = s.document_n
    LEFT JOIN bulk_thing t ON t.ref = s.consignment_ref;
    SELECT m.fault INTO fault FROM bulk_move m WHERE m.fault IS NOT NULL LIMIT 1;
    IF FOUND THEN
        PERFORM ledger_bulk_refuse(fault);
    END IF;
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
    SELECT f.follows_id, NULL::integer AS follows_n, o.consignment_id,
           o.quantity, o.amount_vnd
    FROM (SELECT DISTINCT follows_id, kind, facility_id FROM bulk_follow
          WHERE follows_id IS NOT NULL) f
    CROSS JOIN LATERAL ledger_outstanding(f.follows_id, CASE f.kind
        WHEN 'return' THEN ledger_place('use') ELSE ledger_place('transit', f.facility_id) END) o
    UNION ALL
    SELECT NULL, m.document_n, m.consignment_id, sum(m.quantity)::bigint, sum(m.amount_vnd)::bigint
    FROM bulk_move m WHERE m.document_n IN (SELECT follows_n FROM bulk_follow)
    GROUP BY m.document_n, m.consignment_id;
    IF (
        SELECT count(*) FROM (
            SELECT f.kind, m.quantity, m.amount_vnd, o.quantity AS open_quantity,
                   o.quantity - sum(m.quantity) OVER run + m.quantity AS had,
                   o.amount_vnd - sum(m.amount_vnd) OVER run + m.amount_vnd AS had_amount
            FROM bulk_follow f
            JOIN bulk_move m ON m.document_n = f.n
            LEFT JOIN bulk_open o ON o.consignment_id = m.consignment_id
                AND (o.follows_id = f.follows_id OR o.follows_n = f.follows_n)
            WINDOW run AS (PARTITION BY f.follows_id, f.follows_n, m.consignment_id
                           ORDER BY m.seq)
        ) p
        WHERE p.open_quantity IS NULL OR p.quantity > p.had
           OR (p.kind = 'return'
               AND p.amount_vnd <> ledger_share(
                   p.quantity, p.had::bigint, p.had_amount::bigint))) > 0 THEN
        PERFORM ledger_bulk_refuse('more_than_open');
    END IF;
END $$;

-- Lots and consignments that are new: what brought them in is what they say, and the fund was open.
CREATE OR REPLACE FUNCTION ledger_bulk_prove_things() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM bulk_lot l WHERE l.number = '' AND l.expiry IS NOT NULL) > 0
       OR (SELECT count(*) FROM bulk_lot l LEFT JOIN item i ON i.id = l.item_id WHERE i.id IS NULL) > 0 THEN
        PERFORM ledger_bulk_refuse('lot');
    ELSIF (
        SELECT count(*) FROM bulk_thing t
        LEFT JOIN bulk_way w ON w.n = t.document_n
        LEFT JOIN fund f ON f.id = t.fund_id
        LEFT JOIN item i ON i.id = t.item_id
        LEFT JOIN (
            SELECT m.consignment_id, count(*) AS times, min(m.quantity) AS quantity,
                   min(m.amount_vnd) AS amount_vnd
            FROM bulk_move m WHERE m.brought GROUP BY m.consignment_id
        ) b ON b.consignment_id = t.id
        WHERE t.ref >= 1152921504606846976 AND (
              w.n IS NULL OR w.kind NOT IN ('receipt', 'opening', 'adjustment')
           OR b.quantity IS NULL OR f.id IS NULL OR NOT f.active OR i.id IS NULL
           OR (w.kind <> 'adjustment' AND b.times <> 1)
           OR w.happened_on < coalesce(f.valid_from, w.happened_on)
           OR w.happened_on > coalesce(f.valid_to, w.happened_on)
           -- ledger_share(1, quantity, amount) in whole numbers: the moves' amounts are proved to fit
           OR (b.times = 1 AND t.unit_price_vnd <> (2 * b.amount_vnd + b.quantity) / (2 * b.quantity))
           OR (w.kind = 'receipt' AND (t.expiry < w.happened_on OR NOT i.active)))) > 0 THEN
        PERFORM ledger_bulk_refuse('consignment');
    END IF;
END $$;

-- What each move changes in the places of facilities, as signed quantities and amounts.
CREATE OR REPLACE FUNCTION ledger_bulk_flow() RETURNS TABLE (
    location_id bigint, consignment_id bigint, seq integer, quantity integer, amount_vnd bigint,
    happened_on date, brought boolean, joins bigint)
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN m.incoming THEN m.to_location_id ELSE m.from_location_id END, m.consignment_id,
           m.seq, CASE WHEN m.incoming THEN m.quantity ELSE -m.quantity END,
           CASE WHEN m.incoming THEN m.amount_vnd ELSE -m.amount_vnd END, m.happened_on, m.brought,
           m.joins
    FROM bulk_move m
    UNION ALL
    SELECT CASE WHEN m.incoming THEN m.from_location_id ELSE m.to_location_id END, m.consignment_id,
           m.seq, CASE WHEN m.incoming THEN -m.quantity ELSE m.quantity END,
           CASE WHEN m.incoming THEN -m.amount_vnd ELSE m.amount_vnd END, m.happened_on, false, NULL
    FROM bulk_move m WHERE m.two_stores
$$;

-- Values and stock: every part carries its exact share of what lay there when it left. One pass along
-- each place and consignment; its last row is what the balance changes by (bulk_sum). Sums run in two
-- halves of an amount, since those of bigint are made as numeric, which takes three times as long.
CREATE OR REPLACE FUNCTION ledger_bulk_prove_stock() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE bulk_sum ON COMMIT DROP AS
    SELECT p.location_id, p.consignment_id, p.run_quantity AS quantity, p.run_amount AS amount_vnd,
           p.is_last, p.had_quantity, p.fault
    FROM (
        SELECT r.*, CASE
            WHEN r.quantity < 0 THEN
                r.had_quantity < -r.quantity OR -r.amount_vnd IS DISTINCT FROM CASE
                    WHEN r.had_amount BETWEEN 0 AND 4000000000 THEN
                        (-2 * r.had_amount * r.quantity + r.had_quantity) / (2 * nullif(r.had_quantity, 0))
                    ELSE ledger_share(-r.quantity, r.had_quantity, r.had_amount) END
            -- What a count found joins a consignment at its present value.
            WHEN r.joins IS NOT NULL AND NOT (r.brought AND r.had_quantity = 0) THEN
                r.amount_vnd IS DISTINCT FROM CASE
                    WHEN r.had_quantity > 0
                        THEN ledger_share(r.quantity, r.had_quantity, r.had_amount)
                    ELSE r.joins::numeric * r.quantity END
            ELSE false END AS fault
        FROM (
            SELECT f.location_id, f.consignment_id, f.quantity, f.amount_vnd, f.joins, f.brought,
                   sum(f.quantity) OVER run AS run_quantity,
                   (sum((f.amount_vnd >> 30)::integer) OVER run << 30)
                       + sum((f.amount_vnd & 1073741823)::integer) OVER run AS run_amount,
                   coalesce(b.quantity, 0) + sum(f.quantity) OVER run - f.quantity AS had_quantity,
                   coalesce(b.amount_vnd, 0) + (sum((f.amount_vnd >> 30)::integer) OVER run << 30)
                       + sum((f.amount_vnd & 1073741823)::integer) OVER run - f.amount_vnd AS had_amount,
                   lead(f.seq) OVER run IS NULL AS is_last
            FROM ledger_bulk_flow() f
            LEFT JOIN bulk_balance b ON b.location_id = f.location_id
                AND b.consignment_id = f.consignment_id
            WINDOW run AS (PARTITION BY f.consignment_id, f.location_id ORDER BY f.seq
                           ROWS UNBOUNDED PRECEDING)
        ) r
    ) p
    WHERE p.is_last OR p.fault;
    IF (SELECT count(*) FROM bulk_sum WHERE fault) > 0 THEN
        PERFORM ledger_bulk_refuse('value');
    END IF;
END $$;

-- No place goes below zero on any day, later ones of the ledger included.
CREATE OR REPLACE FUNCTION ledger_bulk_prove_days() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM bulk_thing WHERE document_n IS NULL) THEN
        RETURN;  -- along what is new, no day was earlier than the part before it
    END IF;
    IF (
        WITH touched AS (
            SELECT DISTINCT f.location_id, f.consignment_id, t.item_id
            FROM ledger_bulk_flow() f
            JOIN bulk_thing t ON t.id = f.consignment_id AND t.document_n IS NULL
            WHERE f.quantity < 0
        ), days AS (
            SELECT t.location_id, t.consignment_id AS id, e.happened_on, e.quantity
            FROM touched t CROSS JOIN LATERAL (
                SELECT happened_on, quantity FROM entry
                WHERE to_location_id = t.location_id AND item_id = t.item_id
                  AND consignment_id = t.consignment_id
                UNION ALL
                SELECT happened_on, -quantity FROM entry
                WHERE from_location_id = t.location_id AND item_id = t.item_id
                  AND consignment_id = t.consignment_id) e
            UNION ALL
            SELECT f.location_id, f.consignment_id, f.happened_on, f.quantity
            FROM touched t JOIN ledger_bulk_flow() f USING (location_id, consignment_id)
        )
        SELECT count(*) FROM (
            SELECT sum(sum(quantity)) OVER (PARTITION BY location_id, id ORDER BY happened_on)
                       AS stock
            FROM days GROUP BY location_id, id, happened_on
        ) s WHERE s.stock < 0) > 0 THEN
        PERFORM ledger_bulk_refuse('negative');
    END IF;
END $$;
