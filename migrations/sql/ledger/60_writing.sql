-- Numbering, sealing and writing a document.

-- What the hash covers: each field of the document, and of each entry with its lot and money,
-- as JSON arrays in a fixed order (UTF-8, ISO dates, UTC times: nothing depends on a locale).
-- Fields that came later stand in one object at the end, each only where it says something, so
-- that documents from before them keep their hashes. p_lines: ledger_line_arrays().
CREATE OR REPLACE FUNCTION ledger_document_text(d document, entries jsonb, p_lines jsonb DEFAULT NULL)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT (jsonb_build_array(
        d.previous_hash, d.id, d.facility_id, d.kind, d.number, d.year,
        to_char(d.happened_on, 'YYYY-MM-DD'),
        to_char(d.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), d.recorded_by,
        d.counterpart_facility_id, d.partner_id, d.recipient, d.origin, d.paper_reference, d.note,
        d.reason, d.client_key, d.request_digest, d.reverses_id, d.follows_id, entries)
        || CASE WHEN (d.purpose, d.from_place, d.details) = ('', 'store', '{}')
                 AND d.settles_id IS NULL AND p_lines IS NULL THEN '[]'
           ELSE jsonb_build_array(
               CASE WHEN d.purpose <> '' THEN jsonb_build_object('purpose', d.purpose)
                    ELSE '{}' END
            || CASE WHEN d.from_place <> 'store' THEN jsonb_build_object('from', d.from_place)
                    ELSE '{}' END
            || CASE WHEN d.settles_id IS NOT NULL THEN jsonb_build_object('settles', d.settles_id)
                    ELSE '{}' END
            || CASE WHEN d.details <> '{}' THEN jsonb_build_object('details', d.details)
                    ELSE '{}' END
            || CASE WHEN p_lines IS NOT NULL THEN jsonb_build_object('lines', p_lines)
                    ELSE '{}' END) END)::text
$$;

-- The rows of document_line of a document, as the hash covers them; NULL where there are none.
CREATE OR REPLACE FUNCTION ledger_line_array(x document_line) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_array(x.line_no, x.item_id, x.asked_quantity, x.entered_quantity, x.pack_id,
                             x.reason, x.note)
$$;

CREATE OR REPLACE FUNCTION ledger_line_arrays(p_document bigint) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(ledger_line_array(x) ORDER BY x.line_no) FROM document_line x
    WHERE x.document_id = p_document
$$;

-- Keep what the lines of a request say beyond their movements; the rows as the hash covers them,
-- NULL where no line says anything (which is usual, and then costs nothing).
CREATE OR REPLACE FUNCTION ledger_keep_lines(p jsonb, p_document bigint) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT p @? '$.lines[*] ? (exists (@.asked_quantity) || exists (@.pack_id)
                               || exists (@.reason) || exists (@.note))' THEN
        RETURN NULL;
    END IF;
    INSERT INTO document_line (document_id, line_no, item_id, asked_quantity, entered_quantity,
                               pack_id, reason, note)
    SELECT p_document, x.line_no, i.id, x.asked_quantity * coalesce(k.units_per_pack, 1),
           CASE WHEN x.pack_id IS NOT NULL THEN x.quantity END, x.pack_id,
           coalesce(btrim(x.reason), ''), coalesce(btrim(x.note), '')
    FROM ROWS FROM (jsonb_to_recordset(p->'lines') AS (
            item text, quantity numeric, pack_id integer, asked_quantity numeric, reason text,
            note text))
         WITH ORDINALITY AS x (item, quantity, pack_id, asked_quantity, reason, note, line_no)
    JOIN item i ON i.code = x.item
    LEFT JOIN item_pack k ON k.id = x.pack_id
    WHERE x.asked_quantity IS NOT NULL OR x.pack_id IS NOT NULL
       OR btrim(x.reason) <> '' OR btrim(x.note) <> '';
    RETURN ledger_line_arrays(p_document);
END $$;

CREATE OR REPLACE FUNCTION ledger_hash(content text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256(convert_to(content, 'UTF8')), 'hex')
$$;

CREATE OR REPLACE FUNCTION ledger_entry_array(e entry, l lot, c consignment) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        e.line_no, e.item_id, e.lot_id, l.number, to_char(l.expiry, 'YYYY-MM-DD'),
        e.consignment_id, c.fund_id, c.partner_id, c.paper_reference, c.unit_price_vnd,
        e.from_location_id, e.to_location_id, e.quantity, e.amount_vnd,
        to_char(e.happened_on, 'YYYY-MM-DD'))
$$;

-- One line, and the whole of a posted document, as `post_document` hands them back.
CREATE OR REPLACE FUNCTION ledger_line_object(e entry, item_code text, l lot) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'line', e.line_no, 'item', item_code, 'lot', l.number, 'expiry', l.expiry,
        'consignment_id', e.consignment_id, 'quantity', e.quantity, 'amount_vnd', e.amount_vnd)
$$;

CREATE OR REPLACE FUNCTION ledger_result(d document, lines jsonb, replayed boolean) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'document_id', d.id, 'facility_id', d.facility_id, 'kind', d.kind, 'number', d.number,
        'year', d.year, 'happened_on', d.happened_on, 'hash', d.hash, 'replayed', replayed,
        'lines', lines)
$$;

CREATE OR REPLACE FUNCTION ledger_lines_of(p_document bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(ledger_line_object(e, i.code, l) ORDER BY e.line_no, e.id)
    FROM entry e JOIN lot l ON l.id = e.lot_id JOIN item i ON i.id = e.item_id
    WHERE e.document_id = p_document
$$;

-- Number, hash and write a document whose balances have been moved.
CREATE OR REPLACE FUNCTION ledger_write(d document, moves ledger_move[], p jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    entries jsonb;
    lines jsonb;
    -- A variable, not an expression below: ledger_document_text is then planned with its caller.
    asked jsonb := ledger_keep_lines(p, d.id);
BEGIN
    WITH written AS (
        INSERT INTO entry (document_id, line_no, item_id, lot_id, consignment_id,
                           from_location_id, to_location_id, quantity, amount_vnd, happened_on)
        SELECT d.id, m.line_no, m.item_id, m.lot_id, m.consignment_id, m.from_location_id,
               m.to_location_id, m.quantity, m.amount_vnd, d.happened_on
        FROM unnest(moves) WITH ORDINALITY AS m (line_no, item_id, lot_id, consignment_id,
            from_location_id, to_location_id, quantity, amount_vnd, nth)
        ORDER BY m.line_no, m.nth
        RETURNING *
    )
    SELECT jsonb_agg(ledger_entry_array(e, l, c) ORDER BY e.id),
           jsonb_agg(ledger_line_object(e, i.code, l) ORDER BY e.id) INTO entries, lines
    FROM written e
    JOIN lot l ON l.id = e.lot_id
    JOIN consignment c ON c.id = e.consignment_id
    JOIN item i ON i.id = e.item_id;
    SELECT coalesce(max(number), 0) + 1 INTO d.number FROM document
    WHERE facility_id = d.facility_id AND kind = d.kind AND year = d.year;
    d.recorded_at := clock_timestamp();
    d.hash := ledger_hash(ledger_document_text(d, entries, asked));
    INSERT INTO document SELECT d.*;
    UPDATE chain_head SET hash = d.hash, documents = documents + 1
    WHERE facility_id = d.facility_id;
    RETURN ledger_result(d, lines, false);
END $$;
