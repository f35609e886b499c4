-- What was proved is written: ids in the order of the documents, numbers without gaps, the chain.

-- Inserting row by row is slow for one reason: each row asks for each of its references again. Where
-- the owner may, that is left out while the proved rows go in (the proof has asked, set by set, and
-- what could be deleted meanwhile is held); where it may not, the rows are asked one by one.
CREATE OR REPLACE FUNCTION ledger_bulk_trust(p_on boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF has_parameter_privilege(current_user, 'session_replication_role', 'SET') THEN
        IF p_on THEN
            PERFORM FROM fund WHERE id = ANY (
                ARRAY(SELECT DISTINCT fund_id FROM bulk_consignment)) FOR KEY SHARE;
            PERFORM FROM partner WHERE id = ANY (
                ARRAY(SELECT DISTINCT partner_id FROM bulk_document)) FOR KEY SHARE;
            PERFORM FROM facility WHERE id = ANY (ARRAY(
                SELECT facility_id FROM bulk_document
                UNION SELECT counterpart_facility_id FROM bulk_document)) FOR KEY SHARE;
            PERFORM FROM item WHERE id = ANY (
                ARRAY(SELECT DISTINCT item_id FROM bulk_move)) FOR KEY SHARE;
            PERFORM FROM location WHERE id = ANY (ARRAY(
                SELECT DISTINCT from_location_id FROM bulk_move
                UNION SELECT DISTINCT to_location_id FROM bulk_move)) FOR KEY SHARE;
            PERFORM FROM ab_user WHERE id = supply_user_id() FOR KEY SHARE;
        END IF;
        PERFORM set_config('session_replication_role', CASE WHEN p_on THEN 'replica' ELSE 'origin' END,
                           true);
    END IF;
END $$;

-- Real ids for what is new, in the order in which it came into being.
CREATE OR REPLACE FUNCTION ledger_bulk_number() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE bulk_document_id ON COMMIT DROP AS
    SELECT n, nextval('document_id_seq') AS id, happened_on,
           '"' || to_char(happened_on, 'YYYY-MM-DD') || '"]' AS words
    FROM (SELECT n, happened_on FROM bulk_document ORDER BY n) o;
    ALTER TABLE bulk_document_id ADD PRIMARY KEY (n);
    CREATE TEMP TABLE bulk_lot_id ON COMMIT DROP AS
    SELECT ref, nextval('lot_id_seq') AS id FROM (SELECT ref FROM bulk_lot ORDER BY ref) o
    UNION ALL SELECT k.ref, k.ref FROM bulk_known_lot k
        WHERE NOT EXISTS (SELECT FROM bulk_lot b WHERE b.ref = k.ref);
    ALTER TABLE bulk_lot_id ADD PRIMARY KEY (ref);
    CREATE TEMP TABLE bulk_consignment_id ON COMMIT DROP AS
    SELECT ref, nextval('consignment_id_seq') AS id
    FROM (SELECT ref FROM bulk_consignment ORDER BY ref) o
    UNION ALL SELECT k.ref, k.ref FROM bulk_known_consignment k
        WHERE NOT EXISTS (SELECT FROM bulk_consignment b WHERE b.ref = k.ref);
    ALTER TABLE bulk_consignment_id ADD PRIMARY KEY (ref);
    ANALYZE bulk_document_id;
    ANALYZE bulk_lot_id;
    ANALYZE bulk_consignment_id;
END $$;

-- Each facility's chain: a document's text begins with the hash of the one before it, so all that
-- follows that hash is put together set by set, and the chain runs over finished texts. The text is
-- ledger_document_text's, letter for letter (`ledger verify` reads it by that), but without making jsonb
-- of the entries only to write it out again. What no file can say (reversals, settlements, other places,
-- details) is not in it: ledger_bulk_heads leaves those fields empty.
CREATE OR REPLACE FUNCTION ledger_bulk_seal() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
    places integer[];
    texts text[];
    befores text[] := '{}';
    hashes text[] := '{}';
    place integer := -1;
    previous text;
BEGIN
    SELECT array_agg(t.id ORDER BY t.facility_id, t.id),
           array_agg(t.facility_id ORDER BY t.facility_id, t.id),
           array_agg(t.words ORDER BY t.facility_id, t.id)
    INTO ids, places, texts
    FROM (
        SELECT h.id, h.facility_id,
               '", ' || substr(jsonb_build_array(
                   h.id, h.facility_id, h.kind, h.number, h.year,
                   to_char(h.happened_on, 'YYYY-MM-DD'),
                   to_char(h.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                   h.recorded_by, h.counterpart_facility_id, h.partner_id, h.recipient, h.origin,
                   h.paper_reference, h.note, h.reason, h.client_key, h.request_digest, NULL,
                   h.follows_id, '[]'::jsonb)::text, 2) AS head,
               e.words AS entries, h.purpose, l.lines
        FROM bulk_head h
        JOIN bulk_entries e ON e.document_id = h.id
        LEFT JOIN (
            SELECT x.document_id, jsonb_agg(ledger_line_array(x) ORDER BY x.line_no) AS lines
            FROM document_line x WHERE x.document_id IN (SELECT id FROM bulk_document_id)
            GROUP BY x.document_id
        ) l ON l.document_id = h.id
    ) p
    -- The head ends with the place of the entries, "[]]".
    CROSS JOIN LATERAL (SELECT p.id, p.facility_id,
        left(p.head, -3) || p.entries || CASE WHEN p.purpose = '' AND p.lines IS NULL THEN ''
            ELSE ', ' || (
                CASE WHEN p.purpose <> '' THEN jsonb_build_object('purpose', p.purpose)
                     ELSE '{}' END
                || CASE WHEN p.lines IS NOT NULL THEN jsonb_build_object('lines', p.lines)
                     ELSE '{}' END)::text END || ']' AS words) t;
    FOR i IN 1..cardinality(ids) LOOP
        IF places[i] <> place THEN
            place := places[i];
            SELECT hash INTO STRICT previous FROM chain_head WHERE facility_id = place;
        END IF;
        befores[i] := previous;
        previous := encode(sha256(convert_to('["' || previous || texts[i], 'UTF8')), 'hex');
        hashes[i] := previous;
    END LOOP;
    CREATE TEMP TABLE bulk_chain ON COMMIT DROP AS
    SELECT * FROM unnest(ids, befores, hashes) AS c (id, before, hash);
    ANALYZE bulk_chain;
END $$;

-- Heads of what is staged: id, number, links; hashes are still empty.
CREATE OR REPLACE FUNCTION ledger_bulk_heads() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    me integer := supply_user_id();
BEGIN
    CREATE TEMP TABLE bulk_head (LIKE document) ON COMMIT DROP;
    ALTER TABLE bulk_head ALTER previous_hash DROP NOT NULL, ALTER hash DROP NOT NULL;
    INSERT INTO bulk_head (id, facility_id, kind, number, year, happened_on, recorded_at, recorded_by,
                           counterpart_facility_id, partner_id, recipient, origin, paper_reference,
                           note, reason, client_key, request_digest, follows_id, purpose, from_place,
                           details)
    SELECT i.id, x.facility_id, x.kind,
           coalesce(k.number, 0) + row_number() OVER (
               PARTITION BY x.facility_id, x.kind, extract(year FROM x.happened_on) ORDER BY x.n),
           extract(year FROM x.happened_on), x.happened_on, clock_timestamp(), me,
           x.counterpart_facility_id, x.partner_id, x.recipient, x.origin, x.paper_reference, x.note,
           x.reason, x.client_key, encode(sha256(convert_to('import ' || x.client_key, 'UTF8')), 'hex'),
           CASE WHEN x.kind IN ('transfer_receipt', 'return') THEN coalesce(x.follows_id, f.id) END,
           x.purpose, 'store', '{}'
    FROM bulk_document x
    JOIN bulk_document_id i ON i.n = x.n
    LEFT JOIN bulk_document_id f ON f.n = x.follows_n
    LEFT JOIN (
        SELECT d.facility_id, d.kind, d.year, max(d.number) AS number
        FROM document d JOIN bulk_scope s ON s.facility_id = d.facility_id
        GROUP BY d.facility_id, d.kind, d.year
    ) k ON k.facility_id = x.facility_id AND k.kind = x.kind
        AND k.year = extract(year FROM x.happened_on);
END $$;

CREATE OR REPLACE FUNCTION ledger_bulk_documents() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO document (id, facility_id, kind, number, year, happened_on, recorded_at, recorded_by,
                          counterpart_facility_id, partner_id, recipient, origin, paper_reference,
                          note, reason, client_key, request_digest, follows_id, purpose, from_place,
                          details, previous_hash, hash)
    SELECT h.id, h.facility_id, h.kind, h.number, h.year, h.happened_on, h.recorded_at, h.recorded_by,
           h.counterpart_facility_id, h.partner_id, h.recipient, h.origin, h.paper_reference,
           h.note, h.reason, h.client_key, h.request_digest, h.follows_id, h.purpose, h.from_place,
           h.details, c.before, c.hash
    FROM bulk_head h JOIN bulk_chain c ON c.id = h.id
    ORDER BY h.id;
END $$;

-- Balances of what is new come into being; those of the ledger's own consignments grow and shrink. (An
-- insert of less than nothing would be refused before it met the row it is to lessen, so they are two.)
CREATE OR REPLACE FUNCTION ledger_bulk_balances() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE bulk_sum ON COMMIT DROP AS
    SELECT f.location_id, l.facility_id, c.id AS consignment_id, k.item_id, i.id AS lot_id,
           f.quantity, f.amount_vnd, f.is_new
    FROM (
        SELECT location_id, consignment_ref, consignment_ref >= 1152921504606846976 AS is_new,
               sum(quantity)::bigint AS quantity, sum(amount_vnd)::bigint AS amount_vnd
        FROM bulk_flow GROUP BY location_id, consignment_ref
    ) f
    JOIN location l ON l.id = f.location_id
    JOIN bulk_consignment_id c ON c.ref = f.consignment_ref
    JOIN bulk_known_consignment b ON b.ref = f.consignment_ref
    JOIN bulk_known_lot k ON k.ref = b.lot_ref
    JOIN bulk_lot_id i ON i.ref = b.lot_ref;
    ANALYZE bulk_sum;
    UPDATE balance b SET quantity = b.quantity + s.quantity, amount_vnd = b.amount_vnd + s.amount_vnd
    FROM bulk_sum s
    WHERE NOT s.is_new AND b.location_id = s.location_id AND b.consignment_id = s.consignment_id;
    INSERT INTO balance (location_id, consignment_id, facility_id, item_id, lot_id, quantity,
                         amount_vnd)
    SELECT s.location_id, s.consignment_id, s.facility_id, s.item_id, s.lot_id, s.quantity,
           s.amount_vnd
    FROM bulk_sum s
    WHERE s.is_new
    ORDER BY s.item_id, s.lot_id, s.consignment_id;
    INSERT INTO balance (location_id, consignment_id, facility_id, item_id, lot_id, quantity,
                         amount_vnd)
    SELECT s.location_id, s.consignment_id, s.facility_id, s.item_id, s.lot_id, s.quantity,
           s.amount_vnd
    FROM bulk_sum s
    WHERE NOT s.is_new AND NOT EXISTS (
        SELECT FROM balance b
        WHERE b.location_id = s.location_id AND b.consignment_id = s.consignment_id)
    ORDER BY s.item_id, s.lot_id, s.consignment_id
    ON CONFLICT (location_id, consignment_id) DO UPDATE
    SET quantity = balance.quantity + excluded.quantity,
        amount_vnd = balance.amount_vnd + excluded.amount_vnd;
END $$;

-- Closing balances of months that are made: what ledger_keep_closings does for one document.
CREATE OR REPLACE FUNCTION ledger_bulk_closings() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(ledger_closings_key());
    IF NOT EXISTS (SELECT FROM closing_month
                   WHERE month_end >= (SELECT min(happened_on) FROM bulk_document)) THEN
        RETURN;
    END IF;
    INSERT INTO closing_balance AS kept (location_id, month_end, consignment_id, item_id, lot_id,
                                         facility_id, quantity, amount_vnd)
    SELECT f.location_id, m.month_end, c.id, k.item_id, i.id, l.facility_id,
           sum(f.quantity)::bigint, sum(f.amount_vnd)::bigint
    FROM (
        SELECT f.location_id, f.consignment_ref, x.happened_on, sum(f.quantity) AS quantity,
               sum(f.amount_vnd) AS amount_vnd
        FROM bulk_flow f JOIN bulk_document x ON x.n = f.document_n
        GROUP BY f.location_id, f.consignment_ref, x.happened_on
    ) f
    JOIN closing_month m ON m.month_end >= f.happened_on
    JOIN location l ON l.id = f.location_id
    JOIN bulk_consignment_id c ON c.ref = f.consignment_ref
    JOIN bulk_known_consignment b ON b.ref = f.consignment_ref
    JOIN bulk_known_lot k ON k.ref = b.lot_ref
    JOIN bulk_lot_id i ON i.ref = b.lot_ref
    GROUP BY f.location_id, m.month_end, c.id, k.item_id, i.id, l.facility_id
    HAVING sum(f.quantity) <> 0 OR sum(f.amount_vnd) <> 0
    ORDER BY f.location_id, m.month_end, k.item_id, c.id
    ON CONFLICT (location_id, month_end, item_id, consignment_id) DO UPDATE
    SET quantity = kept.quantity + excluded.quantity,
        amount_vnd = kept.amount_vnd + excluded.amount_vnd;
END $$;

-- Post what is staged, all of it or nothing; returns how many documents and entries. No nested loops:
-- within one transaction the planner knows nothing yet of the rows that were just written, takes them for
-- few, and what should be one pass would be a pass for each row.
CREATE OR REPLACE FUNCTION ledger_bulk_post() RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET work_mem = '64MB'
SET enable_nestloop = off SET jit = off SET default_statistics_target = 10
AS $$
DECLARE
    documents integer;
    entries integer;
BEGIN
    PERFORM ledger_bulk_is_open();
    ANALYZE bulk_document;
    ANALYZE bulk_move;
    ANALYZE bulk_consignment;
    PERFORM ledger_bulk_prove_documents();
    PERFORM ledger_bulk_prove_follows();
    PERFORM ledger_bulk_prove_moves();
    PERFORM ledger_bulk_prove_stock();
    PERFORM ledger_bulk_number();
    PERFORM ledger_bulk_heads();
    PERFORM ledger_bulk_trust(true);
    INSERT INTO lot (id, item_id, number, expiry)
    SELECT i.id, l.item_id, l.number, l.expiry
    FROM bulk_lot l JOIN bulk_lot_id i ON i.ref = l.ref ORDER BY i.id;
    INSERT INTO consignment (id, lot_id, fund_id, partner_id, paper_reference, unit_price_vnd,
                             document_id)
    SELECT i.id, l.id, c.fund_id, c.partner_id, c.paper_reference, c.unit_price_vnd, d.id
    FROM bulk_consignment c
    JOIN bulk_consignment_id i ON i.ref = c.ref
    JOIN bulk_lot_id l ON l.ref = c.lot_ref
    JOIN bulk_document_id d ON d.n = c.document_n
    ORDER BY i.id;
    INSERT INTO document_line (document_id, line_no, item_id, entered_quantity, pack_id)
    SELECT d.id, l.line_no, l.item_id, l.entered_quantity, k.id
    FROM bulk_line l
    JOIN bulk_document_id d ON d.n = l.document_n
    JOIN item_pack k ON k.id = l.pack_id AND k.item_id = l.item_id;
    PERFORM ledger_bulk_entries();
    PERFORM ledger_bulk_seal();
    PERFORM ledger_bulk_documents();
    SELECT count(*) INTO documents FROM bulk_document;
    PERFORM ledger_bulk_balances();
    PERFORM ledger_bulk_trust(false);
    UPDATE chain_head h SET hash = x.hash, documents = h.documents + x.documents
    FROM (
        SELECT DISTINCT ON (d.facility_id) d.facility_id, c.hash,
               count(*) OVER (PARTITION BY d.facility_id) AS documents
        FROM bulk_head d JOIN bulk_chain c ON c.id = d.id
        ORDER BY d.facility_id, d.id DESC
    ) x
    WHERE x.facility_id = h.facility_id;
    PERFORM ledger_bulk_closings();
    PERFORM ledger_bulk_sums();
    SELECT count(*) INTO entries FROM bulk_move;
    RETURN jsonb_build_object('documents', documents, 'entries', entries);
END $$;

-- A first load brings more than the ledger holds: then the indexes of its entries are made anew in one
-- sweep instead of row by row, if nobody looks at them at this moment. Returns how to make them again.
CREATE OR REPLACE FUNCTION ledger_bulk_drop_indexes() RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    staged bigint := (SELECT count(*) FROM bulk_move);
    made text[] := '{}';
    r record;
BEGIN
    IF staged < 10000 OR current_setting('session_replication_role') <> 'replica'
       OR (SELECT count(*) FROM (SELECT FROM entry LIMIT staged) e) = staged THEN
        RETURN made;
    END IF;
    BEGIN
        LOCK TABLE entry IN ACCESS EXCLUSIVE MODE NOWAIT;
    EXCEPTION WHEN lock_not_available THEN
        RETURN made;
    END;
    FOR r IN
        SELECT i.indexrelid::regclass AS name, pg_get_indexdef(i.indexrelid) AS definition
        FROM pg_index i
        WHERE i.indrelid = 'entry'::regclass
          AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
    LOOP
        made := made || r.definition;
        EXECUTE format('DROP INDEX %s', r.name);
    END LOOP;
    RETURN made;
END $$;

CREATE OR REPLACE FUNCTION ledger_bulk_entries() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    dropped text[] := ledger_bulk_drop_indexes();
    definition text;
BEGIN
    -- What ledger_entry_array says of a consignment is written once for all of its entries.
    CREATE TEMP TABLE bulk_part ON COMMIT DROP AS
    SELECT i.ref, i.id, c.lot_id, substr(p.words, 2, length(p.words) - 2) AS words
    FROM bulk_consignment_id i
    JOIN consignment c ON c.id = i.id
    JOIN lot l ON l.id = c.lot_id
    CROSS JOIN LATERAL (SELECT jsonb_build_array(
        l.item_id, l.id, l.number, to_char(l.expiry, 'YYYY-MM-DD'), c.id, c.fund_id, c.partner_id,
        c.paper_reference, c.unit_price_vnd)::text AS words) p;
    ANALYZE bulk_part;
    CREATE TEMP TABLE bulk_entries ON COMMIT DROP AS
    WITH ready AS MATERIALIZED (
        SELECT d.id AS document_id, m.line_no, m.seq, m.item_id, p.lot_id, p.id AS consignment_id,
               m.from_location_id, m.to_location_id, m.quantity, m.amount_vnd, d.happened_on,
               p.words AS part, d.words AS day
        FROM bulk_move m
        JOIN bulk_document_id d ON d.n = m.document_n
        JOIN bulk_part p ON p.ref = m.consignment_ref
        ORDER BY d.id, m.line_no, m.seq
    ), written AS (
        INSERT INTO entry (document_id, line_no, item_id, lot_id, consignment_id, from_location_id,
                           to_location_id, quantity, amount_vnd, happened_on)
        SELECT document_id, line_no, item_id, lot_id, consignment_id, from_location_id,
               to_location_id, quantity, amount_vnd, happened_on
        FROM ready
    )
    -- Each entry as ledger_entry_array writes it, and all of a document's as one array.
    SELECT document_id,
           '[[' || string_agg(
               concat_ws(', ', line_no, part, from_location_id, to_location_id, quantity, amount_vnd,
                         day),
               ', [' ORDER BY line_no, seq) || ']' AS words
    FROM ready
    GROUP BY document_id;
    ANALYZE bulk_entries;
    FOREACH definition IN ARRAY dropped LOOP
        EXECUTE definition;
    END LOOP;
END $$;

DO $$
DECLARE
    web text := current_setting('supply.web_role');
    name regprocedure;
BEGIN
    FOR name IN
        SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'public' AND p.proname LIKE 'ledger\_bulk\_%'
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
    END LOOP;
    EXECUTE format('GRANT EXECUTE ON FUNCTION ledger_bulk_begin(integer[]),
                        ledger_bulk_hold(bigint[]), ledger_bulk_post() TO %I', web);
END $$;
