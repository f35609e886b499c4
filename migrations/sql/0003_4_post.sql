-- `post_document`: the one door into the ledger.

-- What the hash covers: each field of the document, and of each entry with its lot and money,
-- as JSON arrays in a fixed order (UTF-8, ISO dates, UTC times: nothing depends on a locale).
CREATE FUNCTION ledger_document_text(d document, entries jsonb) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        d.previous_hash, d.id, d.facility_id, d.kind, d.number, d.year,
        to_char(d.happened_on, 'YYYY-MM-DD'),
        to_char(d.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), d.recorded_by,
        d.counterpart_facility_id, d.partner_id, d.recipient, d.origin, d.paper_reference, d.note,
        d.reason, d.client_key, d.request_digest, d.reverses_id, d.follows_id, entries)::text
$$;

CREATE FUNCTION ledger_hash(content text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256(convert_to(content, 'UTF8')), 'hex')
$$;

CREATE FUNCTION ledger_entry_array(e entry, l lot, c consignment) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        e.line_no, e.item_id, e.lot_id, l.number, to_char(l.expiry, 'YYYY-MM-DD'),
        e.consignment_id, c.fund_id, c.partner_id, c.paper_reference, c.unit_price_vnd,
        e.from_location_id, e.to_location_id, e.quantity, e.amount_vnd,
        to_char(e.happened_on, 'YYYY-MM-DD'))
$$;

-- One line, and the whole of a posted document, as `post_document` hands them back.
CREATE FUNCTION ledger_line_object(e entry, item_code text, l lot) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'line', e.line_no, 'item', item_code, 'lot', l.number, 'expiry', l.expiry,
        'consignment_id', e.consignment_id, 'quantity', e.quantity, 'amount_vnd', e.amount_vnd)
$$;

CREATE FUNCTION ledger_result(d document, lines jsonb, replayed boolean) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'document_id', d.id, 'facility_id', d.facility_id, 'kind', d.kind, 'number', d.number,
        'year', d.year, 'happened_on', d.happened_on, 'hash', d.hash, 'replayed', replayed,
        'lines', lines)
$$;

CREATE FUNCTION ledger_lines_of(p_document bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(ledger_line_object(e, i.code, l) ORDER BY e.line_no, e.id)
    FROM entry e JOIN lot l ON l.id = e.lot_id JOIN item i ON i.id = e.item_id
    WHERE e.document_id = p_document
$$;

-- The head of the document, checked; number, hashes and id are still empty.
CREATE FUNCTION ledger_read_head(p jsonb) RETURNS document LANGUAGE plpgsql STABLE AS $$
DECLARE
    d document;
    today date := supply_today();
BEGIN
    d.facility_id := (p->>'facility_id')::integer;
    d.kind := p->>'kind';
    d.happened_on := coalesce((p->>'happened_on')::date, today);
    d.year := extract(year FROM d.happened_on);
    d.recorded_by := supply_user_id();
    d.counterpart_facility_id := (p->>'counterpart_facility_id')::integer;
    d.recipient := coalesce(p->>'recipient', '');
    d.origin := coalesce(p->>'origin', '');
    d.paper_reference := coalesce(p->>'paper_reference', '');
    d.note := coalesce(p->>'note', '');
    d.reason := coalesce(p->>'reason', '');
    d.client_key := coalesce((p->>'client_key')::uuid, gen_random_uuid());
    d.request_digest := ledger_hash((p - 'client_key')::text);
    d.reverses_id := (p->>'reverses_id')::bigint;
    d.follows_id := (p->>'follows_id')::bigint;
    IF d.recorded_by IS NULL THEN
        PERFORM ledger_refuse('SP001', 'not_signed_in', 'user');
    ELSIF d.facility_id IS NULL OR NOT d.facility_id = ANY (supply_write_ids()) THEN
        PERFORM ledger_refuse('SP002', 'out_of_scope', 'facility');
    ELSIF d.happened_on > today THEN
        PERFORM ledger_refuse('SP004', 'future_date', 'happened_on',
                              jsonb_build_object('date', d.happened_on, 'today', today));
    ELSIF d.happened_on < '2000-01-01' THEN
        PERFORM ledger_refuse('SP004', 'bad_date', 'happened_on',
                              jsonb_build_object('date', d.happened_on));
    ELSIF d.kind IS NULL OR d.kind NOT IN ('receipt', 'issue', 'transfer_dispatch',
                                           'transfer_receipt', 'adjustment', 'reversal') THEN
        PERFORM ledger_refuse('SP004', 'unknown_kind', 'kind');
    ELSIF jsonb_typeof(p->'lines') = 'array' AND jsonb_array_length(p->'lines') > 5000 THEN
        PERFORM ledger_refuse('SP004', 'too_many_lines', 'lines',
                              jsonb_build_object('given', jsonb_array_length(p->'lines')));
    ELSIF d.kind NOT IN ('transfer_receipt', 'reversal')
          AND coalesce(jsonb_array_length(p->'lines'), 0) = 0 THEN
        PERFORM ledger_refuse('SP004', 'no_lines', 'lines');
    ELSIF p->>'partner' IS NOT NULL THEN
        SELECT id INTO d.partner_id FROM partner WHERE code = p->>'partner';
        IF NOT FOUND THEN
            PERFORM ledger_refuse('SP004', 'unknown_partner', 'partner',
                                  jsonb_build_object('partner', p->>'partner'));
        END IF;
    END IF;
    RETURN d;
END $$;

CREATE FUNCTION ledger_receipt(p jsonb, d document) RETURNS ledger_move[]
LANGUAGE sql AS $$
    SELECT ledger_bring_in(
        ledger_read_lines(p, d.kind, d.happened_on, ledger_place(coalesce(
            (SELECT 'donor' FROM partner WHERE id = d.partner_id AND kind = 'donor'), 'supplier'))),
        d, ledger_place('store', d.facility_id))
$$;

CREATE FUNCTION ledger_issue(p jsonb, d document) RETURNS ledger_move[]
LANGUAGE sql AS $$
    SELECT ledger_take_out(
        ledger_read_lines(p, d.kind, d.happened_on, ledger_place('use')),
        ledger_place('store', d.facility_id), d.happened_on, true)
$$;

CREATE FUNCTION ledger_dispatch(p jsonb, d document) RETURNS ledger_move[]
LANGUAGE plpgsql AS $$
DECLARE
    transit bigint;
    moves ledger_move[];
BEGIN
    SELECT l.id INTO transit FROM location l JOIN facility f ON f.id = l.facility_id
    WHERE l.kind = 'transit' AND f.id = d.counterpart_facility_id AND f.active;
    IF transit IS NULL OR d.counterpart_facility_id = d.facility_id THEN
        PERFORM ledger_refuse('SP004', 'bad_counterpart', 'counterpart_facility');
    END IF;
    moves := ledger_take_out(ledger_read_lines(p, d.kind, d.happened_on, transit),
                             ledger_place('store', d.facility_id), d.happened_on, true);
    PERFORM ledger_put(transit, d.counterpart_facility_id, m::ledger_move) FROM (
        SELECT m FROM unnest(moves) m
        ORDER BY m.item_id, m.lot_id, m.consignment_id) sorted;
    RETURN moves;
END $$;

-- The moves of a transfer receipt: every line is met from what is still on its way; no lines
-- means all of it. What is named as lost goes to loss, what is not named stays on its way.
CREATE FUNCTION ledger_arrivals(
    lines ledger_line[], d document, p_transit bigint, p_store bigint, p_loss bigint)
RETURNS ledger_move[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    rest ledger_move[];
    moves ledger_move[] := '{}';
    l ledger_line;
    m ledger_move;
    wanted bigint;
    part bigint;
    pass integer;
BEGIN
    SELECT array_agg(ROW(row_number, o.item_id, o.lot_id, o.consignment_id, p_transit, p_store,
                         o.quantity, NULL)::ledger_move ORDER BY row_number) INTO rest
    FROM (SELECT *, row_number() OVER ()::integer FROM ledger_outstanding(d.follows_id, p_transit)) o;
    IF rest IS NULL THEN
        PERFORM ledger_refuse('SP006', 'already_received', 'follows');
    ELSIF cardinality(lines) = 0 THEN
        RETURN rest;
    END IF;
    FOREACH l IN ARRAY lines LOOP
        FOR pass IN 1..2 LOOP
            wanted := CASE pass WHEN 1 THEN l.quantity ELSE l.lost_quantity END;
            FOR i IN 1..cardinality(rest) LOOP
                EXIT WHEN wanted = 0;
                m := rest[i];
                CONTINUE WHEN m.item_id <> l.item_id OR m.quantity = 0
                    OR m.consignment_id <> coalesce(l.consignment_id, m.consignment_id)
                    OR (l.lot_number IS NOT NULL AND l.lot_number <> (
                        SELECT number FROM lot WHERE id = m.lot_id));
                part := least(wanted, m.quantity);
                rest[i].quantity := m.quantity - part;
                wanted := wanted - part;
                m.line_no := l.line_no;
                m.quantity := part;
                m.to_location_id := CASE pass WHEN 1 THEN p_store ELSE p_loss END;
                moves := moves || m;
            END LOOP;
            IF wanted > 0 THEN
                PERFORM ledger_refuse('SP005', jsonb_build_array(ledger_fault(
                    'more_than_dispatched', l.line_no, 'quantity', jsonb_build_object(
                        'item', l.item_code, 'asked', l.quantity + l.lost_quantity,
                        'available', CASE pass WHEN 1 THEN l.quantity - wanted
                            ELSE l.quantity + l.lost_quantity - wanted END))));
            END IF;
        END LOOP;
    END LOOP;
    RETURN moves;
END $$;

CREATE FUNCTION ledger_shift_all(moves ledger_move[], p_on date) RETURNS ledger_move[]
LANGUAGE plpgsql AS $$
DECLARE
    done ledger_move[] := '{}';
    sorted ledger_move[] := ARRAY(
        SELECT u FROM unnest(moves) u
        ORDER BY u.item_id, u.lot_id, u.consignment_id, u.to_location_id, u.line_no);
    m ledger_move;
BEGIN
    FOREACH m IN ARRAY sorted LOOP
        m := ledger_shift(m, p_on);
        done := done || m;
    END LOOP;
    RETURN done;
END $$;

CREATE FUNCTION ledger_transfer_receipt(p jsonb, d document) RETURNS ledger_move[]
LANGUAGE plpgsql AS $$
DECLARE
    sent document;
    lines ledger_line[];
BEGIN
    SELECT * INTO sent FROM document WHERE id = d.follows_id FOR NO KEY UPDATE;
    IF sent.id IS NULL OR sent.kind <> 'transfer_dispatch'
       OR sent.counterpart_facility_id <> d.facility_id THEN
        PERFORM ledger_refuse('SP007', 'unknown_dispatch', 'follows');
    ELSIF d.happened_on < sent.happened_on THEN
        PERFORM ledger_refuse('SP004', 'before_dispatch', 'happened_on',
                              jsonb_build_object('date', sent.happened_on));
    END IF;
    lines := ledger_read_lines(
        CASE WHEN jsonb_typeof(p->'lines') = 'array' THEN p ELSE '{"lines": []}' END,
        d.kind, d.happened_on, NULL);
    IF d.reason = '' AND EXISTS (SELECT FROM unnest(lines) l WHERE l.lost_quantity > 0) THEN
        PERFORM ledger_refuse('SP004', 'missing_reason', 'reason');
    END IF;
    RETURN ledger_shift_all(
        ledger_arrivals(lines, d, ledger_place('transit', d.facility_id),
                        ledger_place('store', d.facility_id), ledger_place('loss')),
        d.happened_on);
END $$;

-- The lines that come in or go out, with a fund of their own or without, in their order.
CREATE FUNCTION ledger_lines_where(lines ledger_line[], p_incoming boolean, p_funded boolean)
RETURNS ledger_line[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    kept ledger_line[] := '{}';
    l ledger_line;
BEGIN
    FOREACH l IN ARRAY lines LOOP
        IF l.incoming = p_incoming
           AND (p_funded IS NULL OR (l.fund_id IS NOT NULL) = p_funded) THEN
            kept := kept || l;
        END IF;
    END LOOP;
    RETURN kept;
END $$;

-- Losses and shortages leave first, so that what a count finds is not taken for them.
CREATE FUNCTION ledger_adjustment(p jsonb, d document) RETURNS ledger_move[]
LANGUAGE plpgsql AS $$
DECLARE
    place text := ledger_reason_place(d.reason);
    store bigint := ledger_place('store', d.facility_id);
    lines ledger_line[];
BEGIN
    IF place IS NULL THEN
        PERFORM ledger_refuse('SP004', 'missing_reason', 'reason');
    END IF;
    lines := ledger_read_lines(p, d.kind, d.happened_on, ledger_place(place));
    PERFORM ledger_refuse('SP004', jsonb_agg(ledger_fault(
            'reason_does_not_fit', l.line_no, 'direction', jsonb_build_object('reason', d.reason))
            ORDER BY l.line_no))
    FROM unnest(lines) l
    WHERE (place = 'loss' AND l.incoming) OR (place = 'opening' AND NOT l.incoming)
    HAVING count(*) > 0;
    RETURN ledger_take_out(ledger_lines_where(lines, false, NULL), store, d.happened_on, false)
        || ledger_bring_in(ledger_lines_where(lines, true, true), d, store)
        || ledger_add_found(ledger_lines_where(lines, true, false), d, store);
END $$;

-- Every entry of the original, the other way round, with exactly its value.
CREATE FUNCTION ledger_reversal(d document) RETURNS ledger_move[] LANGUAGE plpgsql AS $$
DECLARE
    original document;
    moves ledger_move[];
BEGIN
    SELECT * INTO original FROM document WHERE id = d.reverses_id FOR NO KEY UPDATE;
    IF original.id IS NULL OR original.facility_id <> d.facility_id
       OR original.kind = 'reversal' THEN
        PERFORM ledger_refuse('SP007', 'unknown_document', 'reverses');
    ELSIF EXISTS (SELECT FROM document WHERE reverses_id = original.id) THEN
        PERFORM ledger_refuse('SP006', 'already_reversed', 'reverses');
    ELSIF d.reason = '' THEN
        PERFORM ledger_refuse('SP004', 'missing_reason', 'reason');
    ELSIF d.happened_on < original.happened_on THEN
        PERFORM ledger_refuse('SP004', 'before_original', 'happened_on',
                              jsonb_build_object('date', original.happened_on));
    ELSIF EXISTS (SELECT FROM document r WHERE r.follows_id = original.id AND r.kind = 'transfer_receipt'
                  AND NOT EXISTS (SELECT FROM document x WHERE x.reverses_id = r.id)) THEN
        PERFORM ledger_refuse('SP008', 'already_arriving', 'reverses');
    END IF;
    SELECT array_agg(ROW(line_no, item_id, lot_id, consignment_id, to_location_id,
                         from_location_id, quantity, amount_vnd)::ledger_move) INTO moves
    FROM entry WHERE document_id = original.id;
    RETURN ledger_shift_all(moves, d.happened_on);
END $$;

-- Number, hash and write a document whose balances have been moved.
CREATE FUNCTION ledger_write(d document, moves ledger_move[]) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    entries jsonb;
    lines jsonb;
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
    d.hash := ledger_hash(ledger_document_text(d, entries));
    INSERT INTO document SELECT d.*;
    UPDATE chain_head SET hash = d.hash, documents = documents + 1
    WHERE facility_id = d.facility_id;
    RETURN ledger_result(d, lines, false);
END $$;

-- Post one document: lock, check, move, number, seal; all of it or nothing, in one round trip.
--
-- p: kind, facility_id, happened_on, client_key, lines and what the kind asks for; see
-- docs/formats/document.md. Returns ledger_result(); with a key seen before and the same content,
-- what was posted then ("replayed": true). Refusals: SQLSTATE SPnnn, message = code of the first
-- fault, detail = JSON array of faults {code, field, line?, ...}.
CREATE FUNCTION post_document(p jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    d document := ledger_read_head(p);
    earlier document;
    moves ledger_move[];
BEGIN
    SELECT hash INTO d.previous_hash FROM chain_head
    WHERE facility_id = d.facility_id FOR NO KEY UPDATE;
    SELECT * INTO earlier FROM document WHERE client_key = d.client_key;
    IF FOUND THEN
        IF earlier.request_digest <> d.request_digest THEN
            PERFORM ledger_refuse('SP003', 'key_reused', 'client_key');
        END IF;
        RETURN ledger_result(earlier, ledger_lines_of(earlier.id), true);
    END IF;
    d.id := nextval('document_id_seq');
    CASE d.kind
        WHEN 'receipt' THEN moves := ledger_receipt(p, d);
        WHEN 'issue' THEN moves := ledger_issue(p, d);
        WHEN 'transfer_dispatch' THEN moves := ledger_dispatch(p, d);
        WHEN 'transfer_receipt' THEN moves := ledger_transfer_receipt(p, d);
        WHEN 'adjustment' THEN moves := ledger_adjustment(p, d);
        WHEN 'reversal' THEN moves := ledger_reversal(d);
    END CASE;
    RETURN ledger_write(ledger_linked(d), moves);
END $$;

-- A later document of a transfer carries its dispatch and its other side, so that both see it.
CREATE FUNCTION ledger_linked(d document) RETURNS document LANGUAGE plpgsql STABLE AS $$
DECLARE
    other document;
BEGIN
    IF d.kind NOT IN ('transfer_receipt', 'reversal') THEN
        RETURN d;
    END IF;
    SELECT * INTO other FROM document WHERE id = coalesce(d.reverses_id, d.follows_id);
    d.follows_id := CASE
        WHEN d.kind = 'transfer_receipt' THEN other.id
        WHEN other.kind = 'transfer_dispatch' THEN other.id
        ELSE other.follows_id END;
    d.counterpart_facility_id := CASE d.kind
        WHEN 'transfer_receipt' THEN other.facility_id ELSE other.counterpart_facility_id END;
    d.partner_id := coalesce(d.partner_id, other.partner_id);
    RETURN d;
END $$;

DO $$
DECLARE
    name regprocedure;
BEGIN
    FOR name IN
        SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'public' AND (p.proname LIKE 'ledger\_%' OR p.proname = 'post_document')
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
    END LOOP;
    EXECUTE format('GRANT EXECUTE ON FUNCTION post_document(jsonb) TO %I',
                   current_setting('supply.web_role'));
END $$;
