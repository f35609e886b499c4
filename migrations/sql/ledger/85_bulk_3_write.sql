-- What was proved is written: numbers without gaps, the chain, the balances.

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
                ARRAY(SELECT DISTINCT item_id FROM bulk_thing)) FOR KEY SHARE;
            PERFORM FROM location WHERE facility_id IS NULL OR facility_id = ANY (ARRAY(
                SELECT facility_id FROM bulk_document
                UNION SELECT counterpart_facility_id FROM bulk_document)) FOR KEY SHARE;
            PERFORM FROM ab_user WHERE id = supply_user_id() FOR KEY SHARE;
        END IF;
        PERFORM set_config('session_replication_role', CASE WHEN p_on THEN 'replica' ELSE 'origin' END,
                           true);
    END IF;
END $$;

-- A first load brings more than the ledger holds: then the indexes of what it writes are made anew in one
-- sweep instead of row by row, if nobody looks at these tables at this moment. Keys that others refer to
-- stay, and that of the balances, which are looked up. Returns how to make them again.
CREATE OR REPLACE FUNCTION ledger_bulk_drop_indexes() RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    staged bigint := (SELECT count(*) FROM bulk_staged);
    made text[] := '{}';
    r record;
BEGIN
    IF staged < 10000 OR current_setting('session_replication_role') <> 'replica'
       OR (SELECT count(*) FROM (SELECT FROM entry LIMIT staged) e) = staged THEN
        RETURN made;
    END IF;
    BEGIN
        LOCK TABLE document, consignment, entry, balance IN ACCESS EXCLUSIVE MODE NOWAIT;
    EXCEPTION WHEN lock_not_available THEN
        RETURN made;
    END;
    FOR r IN
        SELECT i.indrelid::regclass AS of_table, i.indexrelid::regclass AS name, c.conname,
               pg_get_indexdef(i.indexrelid) AS definition, pg_get_constraintdef(c.oid) AS rule
        FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype <> 'f'
        WHERE i.indrelid IN ('document'::regclass, 'consignment'::regclass, 'entry'::regclass,
                             'balance'::regclass)
          -- An index of few rows costs less row by row; that of imports holds all of them.
          AND (i.indpred IS NULL OR i.indexrelid = 'document_imported'::regclass)
          AND (c.oid IS NULL OR i.indrelid IN ('document'::regclass, 'entry'::regclass))
          AND NOT EXISTS (SELECT FROM pg_constraint f
                          WHERE f.contype = 'f' AND f.conindid = i.indexrelid)
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_constraint'::regclass
                          AND d.refobjid = c.oid AND d.deptype = 'n')
    LOOP
        IF r.conname IS NULL THEN
            made := made || r.definition;
            EXECUTE format('DROP INDEX %s', r.name);
        ELSE
            made := made || format('ALTER TABLE %s ADD CONSTRAINT %I %s', r.of_table, r.conname, r.rule);
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.of_table, r.conname);
        END IF;
    END LOOP;
    RETURN made;
END $$;

-- What came in with the file, and the entries in the order of documents and lines; returns how many.
DROP FUNCTION IF EXISTS ledger_bulk_entries();
CREATE OR REPLACE FUNCTION ledger_bulk_entries() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    entries integer;
BEGIN
    INSERT INTO lot (id, item_id, number, expiry)
    SELECT l.id, l.item_id, l.number, l.expiry
    FROM bulk_known_lot l WHERE l.ref >= 1152921504606846976 ORDER BY l.id;
    INSERT INTO consignment (id, lot_id, fund_id, partner_id, paper_reference, unit_price_vnd,
                             document_id)
    SELECT t.id, t.lot_id, t.fund_id, t.partner_id, t.paper_reference, t.unit_price_vnd, t.document_id
    FROM bulk_thing t WHERE t.document_n IS NOT NULL ORDER BY t.id;
    INSERT INTO document_line (document_id, line_no, item_id, entered_quantity, pack_id)
    SELECT w.id, l.line_no, l.item_id, l.entered_quantity, k.id
    FROM bulk_line l
    JOIN bulk_way w ON w.n = l.document_n
    JOIN item_pack k ON k.id = l.pack_id AND k.item_id = l.item_id;
    INSERT INTO entry (document_id, line_no, item_id, lot_id, consignment_id, from_location_id,
                       to_location_id, quantity, amount_vnd, happened_on)
    SELECT document_id, line_no, item_id, lot_id, consignment_id, from_location_id, to_location_id,
           quantity, amount_vnd, happened_on
    FROM bulk_move ORDER BY document_n, line_no, seq;
    GET DIAGNOSTICS entries = ROW_COUNT;
    RETURN entries;
END $$;

-- Heads of what is staged, numbered, with what is sealed of each before its entries (`opening`) and after
-- them (`purpose`). It is ledger_document_text's, letter for letter (`ledger verify` reads it by that),
-- without making jsonb only to write it out again; it begins after the hash of the document before it. What
-- no file can say (reversals, settlements, other places, details) is not in it. From here on documents are
-- staged no more.
CREATE OR REPLACE FUNCTION ledger_bulk_heads() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET work_mem = '128MB'
SET enable_nestloop = off SET enable_mergejoin = off SET jit = off
AS $$
DECLARE
    me integer := supply_user_id();
    recorded timestamptz := clock_timestamp();
    recorded_words text := to_char(recorded AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
BEGIN
    PERFORM ledger_bulk_is_open();
    EXECUTE format('REVOKE INSERT ON pg_temp.bulk_document FROM %I', session_user);
    PERFORM ledger_bulk_prove_documents();
    PERFORM ledger_bulk_ways();
    CREATE TEMP TABLE bulk_head ON COMMIT DROP AS
    SELECT h.*, concat(
        '", ', h.id, ', ', h.facility_id, ', "', h.kind, '", ', h.number, ', ', h.year,
        left(h.day, -1), ', "', recorded_words, '", ', me, ', ',
        coalesce(h.counterpart_facility_id::text, 'null'), ', ',
        coalesce(h.partner_id::text, 'null'), ', ', to_json(h.recipient), ', ', to_json(h.origin), ', ',
        h.paper_words, ', ', to_json(h.note), ', ', to_json(h.reason), ', "',
        h.client_key, '", "', h.request_digest, '", null, ', coalesce(h.follows_id::text, 'null'),
        ', [[') AS opening
    FROM (
        SELECT w.id, x.facility_id, x.kind,
               coalesce(k.number, 0) + row_number() OVER (
                   PARTITION BY x.facility_id, x.kind COLLATE "C", w.year ORDER BY x.n) AS number,
               w.year, x.happened_on, w.day,
               recorded AS recorded_at, me AS recorded_by, x.counterpart_facility_id, x.partner_id,
               x.recipient, x.origin, x.paper_reference, w.paper_words, x.note, x.reason, x.client_key,
               encode(sha256(convert_to('import ' || x.client_key, 'UTF8')), 'hex') AS request_digest,
               CASE WHEN x.kind IN ('transfer_receipt', 'return') THEN coalesce(x.follows_id, f.id) END
                   AS follows_id,
               x.purpose
        FROM bulk_document x
        JOIN bulk_way w ON w.n = x.n
        LEFT JOIN bulk_way f ON f.n = x.follows_n
        LEFT JOIN (
            SELECT d.facility_id, d.kind, d.year, max(d.number) AS number
            FROM document d JOIN bulk_scope s ON s.facility_id = d.facility_id
            GROUP BY d.facility_id, d.kind, d.year
        ) k ON k.facility_id = x.facility_id AND k.kind = x.kind
            AND k.year = w.year
    ) h;
END $$;

-- Each facility's chain, and the documents with it. The texts are hashed one after another as they are
-- made; what is kept of them is the hash.
CREATE OR REPLACE FUNCTION ledger_bulk_seal() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := '{}';
    befores text[] := '{}';
    hashes text[] := '{}';
    sealed integer := 0;
    this bigint;
    of_place integer;
    words text;
    place integer;
    previous text;
BEGIN
    FOR this, of_place, words IN
        SELECT h.id, h.facility_id, concat(h.opening, e.words, ']',
            CASE WHEN h.purpose <> '' OR l.lines IS NOT NULL THEN ', ' || (
                CASE WHEN h.purpose <> '' THEN jsonb_build_object('purpose', h.purpose) ELSE '{}' END
                || CASE WHEN l.lines IS NOT NULL THEN jsonb_build_object('lines', l.lines)
                        ELSE '{}' END)::text END, ']')
        FROM bulk_head h
        JOIN (
            SELECT m.document_id, string_agg(m.words, ', [' ORDER BY m.line_no, m.seq) AS words
            FROM bulk_move m GROUP BY m.document_id
        ) e ON e.document_id = h.id
        LEFT JOIN (
            SELECT x.document_id, jsonb_agg(ledger_line_array(x) ORDER BY x.line_no) AS lines
            FROM document_line x WHERE x.document_id IN (SELECT id FROM bulk_way)
            GROUP BY x.document_id
        ) l ON l.document_id = h.id
        ORDER BY h.facility_id, h.id
    LOOP
        IF of_place IS DISTINCT FROM place THEN
            UPDATE chain_head SET hash = previous WHERE facility_id = place;
            place := of_place;
            SELECT hash INTO STRICT previous FROM chain_head WHERE facility_id = place;
        END IF;
        sealed := sealed + 1;
        ids[sealed] := this;
        befores[sealed] := previous;
        previous := encode(sha256(convert_to('["' || previous || words, 'UTF8')), 'hex');
        hashes[sealed] := previous;
    END LOOP;
    UPDATE chain_head SET hash = previous WHERE facility_id = place;
    IF sealed <> (SELECT count(*) FROM bulk_document) THEN
        PERFORM ledger_bulk_refuse('no_lines');
    END IF;
    UPDATE chain_head h SET documents = h.documents + l.documents
    FROM (SELECT facility_id, count(*) AS documents FROM bulk_head GROUP BY facility_id) l
    WHERE l.facility_id = h.facility_id;
    INSERT INTO document (id, facility_id, kind, number, year, happened_on, recorded_at, recorded_by,
                          counterpart_facility_id, partner_id, recipient, origin, paper_reference,
                          note, reason, client_key, request_digest, follows_id, purpose, from_place,
                          details, previous_hash, hash)
    SELECT h.id, h.facility_id, h.kind, h.number, h.year, h.happened_on, h.recorded_at, h.recorded_by,
           h.counterpart_facility_id, h.partner_id, h.recipient, h.origin,
           h.paper_reference, h.note, h.reason, h.client_key, h.request_digest, h.follows_id, h.purpose,
           'store', '{}', c.before, c.hash
    FROM bulk_head h JOIN unnest(ids, befores, hashes) AS c (id, before, hash) ON c.id = h.id
    ORDER BY h.id;
END $$;

-- Balances of what is new come into being; those of the ledger's own consignments grow and shrink. (An
-- insert of less than nothing would be refused before it met the row it is to lessen, so they are two.)
CREATE OR REPLACE FUNCTION ledger_bulk_balances() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE balance b SET quantity = b.quantity + s.quantity, amount_vnd = b.amount_vnd + s.amount_vnd
    FROM bulk_sum s JOIN bulk_thing t ON t.id = s.consignment_id AND t.document_n IS NULL
    WHERE s.is_last AND b.location_id = s.location_id AND b.consignment_id = s.consignment_id;
    INSERT INTO balance (location_id, consignment_id, facility_id, item_id, lot_id, quantity,
                         amount_vnd)
    SELECT s.location_id, s.consignment_id, l.facility_id, t.item_id, t.lot_id, s.quantity,
           s.amount_vnd
    FROM bulk_sum s
    JOIN bulk_thing t ON t.id = s.consignment_id AND t.document_n IS NOT NULL
    JOIN location l ON l.id = s.location_id
    WHERE s.is_last
    ORDER BY t.item_id, t.lot_id, s.consignment_id;
    INSERT INTO balance (location_id, consignment_id, facility_id, item_id, lot_id, quantity,
                         amount_vnd)
    SELECT s.location_id, s.consignment_id, l.facility_id, t.item_id, t.lot_id, s.quantity,
           s.amount_vnd
    FROM bulk_sum s
    JOIN bulk_thing t ON t.id = s.consignment_id AND t.document_n IS NULL
    JOIN location l ON l.id = s.location_id
    WHERE s.is_last AND NOT EXISTS (
        SELECT FROM balance b
        WHERE b.location_id = s.location_id AND b.consignment_id = s.consignment_id)
    ORDER BY t.item_id, t.lot_id, s.consignment_id
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
    SELECT f.location_id, m.month_end, t.id, t.item_id, t.lot_id, l.facility_id,
           sum(f.quantity)::bigint, sum(f.amount_vnd)::bigint
    FROM (
        SELECT f.location_id, f.consignment_id, f.happened_on, sum(f.quantity) AS quantity,
               sum(f.amount_vnd) AS amount_vnd
        FROM ledger_bulk_flow() f
        GROUP BY f.location_id, f.consignment_id, f.happened_on
    ) f
    JOIN closing_month m ON m.month_end >= f.happened_on
    JOIN location l ON l.id = f.location_id
    JOIN bulk_thing t ON t.id = f.consignment_id
    GROUP BY f.location_id, m.month_end, t.id, t.item_id, t.lot_id, l.facility_id
    HAVING sum(f.quantity) <> 0 OR sum(f.amount_vnd) <> 0
    ORDER BY f.location_id, m.month_end, t.item_id, t.id
    ON CONFLICT (location_id, month_end, item_id, consignment_id) DO UPDATE
    SET quantity = kept.quantity + excluded.quantity,
        amount_vnd = kept.amount_vnd + excluded.amount_vnd;
END $$;

-- Post what is staged, all of it or nothing; returns how many documents and entries. No nested loops:
-- within one transaction the planner knows nothing yet of the rows that were just written, takes them for
-- few, and what should be one pass would be a pass for each row.
CREATE OR REPLACE FUNCTION ledger_bulk_post() RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET work_mem = '128MB'
SET enable_nestloop = off SET enable_mergejoin = off SET jit = off SET default_statistics_target = 10
AS $$
DECLARE
    documents integer;
    entries integer;
    dropped text[];
    definition text;
BEGIN
    PERFORM ledger_bulk_is_open('bulk_way', 'bulk_head');
    PERFORM ledger_bulk_prove_unchanged();
    PERFORM ledger_bulk_things();
    PERFORM ledger_bulk_prove_moves();
    PERFORM ledger_bulk_prove_follows();
    PERFORM ledger_bulk_prove_things();
    PERFORM ledger_bulk_prove_stock();
    PERFORM ledger_bulk_prove_days();
    PERFORM ledger_bulk_trust(true);
    dropped := ledger_bulk_drop_indexes();
    entries := ledger_bulk_entries();
    PERFORM ledger_bulk_seal();
    PERFORM ledger_bulk_balances();
    PERFORM ledger_bulk_trust(false);
    FOREACH definition IN ARRAY dropped LOOP
        EXECUTE definition;
    END LOOP;
    PERFORM ledger_bulk_closings();
    PERFORM ledger_bulk_sums();
    SELECT count(*) INTO documents FROM bulk_document;
    RETURN jsonb_build_object('documents', documents, 'entries', entries);
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
                        ledger_bulk_hold(bigint[]), ledger_bulk_heads(), ledger_bulk_post() TO %I', web);
END $$;
