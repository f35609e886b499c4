-- Parts of `post_document`: reading the lines, choosing lots, moving balances.
-- Lock order, the same for every document: chain_head of the own facility, documents referred to,
-- lots (by item, number), then balances. A store's balances are changed only under its own chain
-- head, so they cannot be waited for crosswise; balances of transit places, which two facilities
-- change, are always taken in the order item, lot, consignment.

CREATE TYPE ledger_line AS (
    line_no integer, item_id integer, item_code text, quantity bigint, lost_quantity bigint,
    lot_number text, expiry date, consignment_id bigint, fund_id integer, amount_vnd bigint,
    incoming boolean, place_id bigint);

CREATE TYPE ledger_move AS (
    line_no integer, item_id integer, lot_id bigint, consignment_id bigint,
    from_location_id bigint, to_location_id bigint, quantity bigint, amount_vnd bigint);

-- A demonstration database stands on a day of its own (supply/core/clock.py).
CREATE FUNCTION supply_today() RETURNS date LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('supply.today', true), '')::date,
                   (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date) $$;

CREATE FUNCTION ledger_fault(code text, line integer, field text, params jsonb DEFAULT '{}')
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('code', code, 'line', line, 'field', field)) || params
$$;

-- Raise `faults` (an array): SQLSTATE `state`, the first code as message, all of them as detail.
CREATE FUNCTION ledger_refuse(state text, faults jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = state, MESSAGE = faults->0->>'code', DETAIL = faults::text;
END $$;

CREATE FUNCTION ledger_refuse(state text, code text, field text, params jsonb DEFAULT '{}')
RETURNS void LANGUAGE sql AS $$
    SELECT ledger_refuse(state, jsonb_build_array(ledger_fault(code, NULL, field, params)))
$$;

CREATE FUNCTION ledger_place(p_kind text, p_facility integer DEFAULT NULL) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT id FROM location WHERE kind = p_kind AND facility_id IS NOT DISTINCT FROM p_facility
$$;

-- Where an adjustment of this reason comes from or goes to.
CREATE FUNCTION ledger_reason_place(reason text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN reason IN ('damaged', 'expired', 'lost', 'disposed') THEN 'loss'
        WHEN reason = 'opening' THEN 'opening'
        WHEN reason IN ('count', 'found', 'correction') THEN 'adjustment'
    END
$$;

-- What is wrong with one line by itself, as an array of faults (empty: nothing).
-- r: the line as typed, with what the catalogue says about it.
CREATE FUNCTION ledger_line_faults(r record, p_kind text, p_on date) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    faults jsonb := '[]';
    n integer := r.line_no;
    brings boolean := p_kind = 'receipt' OR (p_kind = 'adjustment' AND r.fund IS NOT NULL);
BEGIN
    IF r.item_id IS NULL THEN
        faults := faults || ledger_fault('unknown_item', n, 'item',
                                         jsonb_build_object('item', r.item));
    ELSIF NOT r.item_active AND p_kind = 'receipt' THEN
        faults := faults || ledger_fault('item_closed', n, 'item',
                                         jsonb_build_object('item', r.item));
    END IF;
    IF r.quantity IS NULL OR r.quantity <> trunc(r.quantity)
       OR r.quantity < (CASE p_kind WHEN 'transfer_receipt' THEN 0 ELSE 1 END)
       OR r.quantity * coalesce(r.units_per_pack, 1) > 1000000000 THEN
        faults := faults || ledger_fault('bad_quantity', n, 'quantity',
                                         jsonb_build_object('given', r.quantity::text));
    END IF;
    IF r.lost_quantity <> trunc(r.lost_quantity) OR r.lost_quantity < 0
       OR r.lost_quantity * coalesce(r.units_per_pack, 1) > 1000000000
       OR (r.lost_quantity > 0 AND p_kind <> 'transfer_receipt') THEN
        faults := faults || ledger_fault('bad_quantity', n, 'lost_quantity',
                                         jsonb_build_object('given', r.lost_quantity::text));
    END IF;
    IF r.pack_id IS NOT NULL AND r.pack_item_id IS DISTINCT FROM r.item_id THEN
        faults := faults || ledger_fault('pack_of_other_item', n, 'pack',
                                         jsonb_build_object('item', r.item));
    END IF;
    IF p_kind = 'adjustment' AND r.incoming IS NULL THEN
        faults := faults || ledger_fault('missing_direction', n, 'direction');
    END IF;
    IF NOT brings THEN
        RETURN faults;
    END IF;
    IF r.fund_id IS NULL THEN
        faults := faults || ledger_fault(
            CASE WHEN r.fund IS NULL THEN 'missing_fund' ELSE 'unknown_fund' END, n, 'fund',
            jsonb_build_object('fund', coalesce(r.fund, '')));
    ELSIF NOT r.fund_open THEN
        faults := faults || ledger_fault('fund_closed', n, 'fund',
                                         jsonb_build_object('fund', r.fund));
    END IF;
    IF r.expiry IS NOT NULL AND r.lot_number IS NULL THEN
        faults := faults || ledger_fault('missing_lot', n, 'lot_number');
    END IF;
    IF p_kind = 'receipt' AND r.expiry < p_on THEN
        faults := faults || ledger_fault('expired_lot', n, 'expiry', jsonb_build_object(
            'item', r.item, 'lot', r.lot_number, 'expiry', r.expiry));
    END IF;
    IF r.amount IS NULL OR r.amount < 0 OR r.amount <> trunc(r.amount)
       OR r.amount > 1000000000000000 THEN
        faults := faults || ledger_fault('bad_price', n, 'unit_price_vnd');
    END IF;
    RETURN faults;
END $$;

-- Read and check the lines of a request; all faults are raised together. Sorted as they are
-- worked on: by item, lines that name a lot before those that leave the choice.
CREATE FUNCTION ledger_read_lines(p jsonb, p_kind text, p_on date, p_place bigint)
RETURNS ledger_line[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    faults jsonb := '[]';
    lines ledger_line[] := '{}';
    one ledger_line;
    r record;
BEGIN
    FOR r IN
        SELECT x.item, x.quantity, coalesce(x.lost_quantity, 0) AS lost_quantity,
               nullif(btrim(x.lot_number), '') AS lot_number, x.expiry, x.consignment_id,
               x.fund, x.pack_id, x.direction = 'in' AS incoming, x.line_no::integer AS line_no,
               i.id AS item_id, i.active AS item_active, k.units_per_pack,
               k.item_id AS pack_item_id, f.id AS fund_id,
               f.active AND p_on >= coalesce(f.valid_from, p_on)
                   AND p_on <= coalesce(f.valid_to, p_on) AS fund_open,
               coalesce(x.amount_vnd, x.quantity * x.unit_price_vnd) AS amount
        FROM ROWS FROM (jsonb_to_recordset(p->'lines') AS (
                item text, quantity numeric, lost_quantity numeric, lot_number text, expiry date,
                consignment_id bigint, fund text, pack_id integer, direction text,
                unit_price_vnd numeric, amount_vnd numeric))
             WITH ORDINALITY AS x (item, quantity, lost_quantity, lot_number, expiry,
                consignment_id, fund, pack_id, direction, unit_price_vnd, amount_vnd, line_no)
        LEFT JOIN item i ON i.code = x.item
        LEFT JOIN item_pack k ON k.id = x.pack_id
        LEFT JOIN fund f ON f.code = x.fund
        ORDER BY i.id, (x.lot_number IS NULL AND x.consignment_id IS NULL),
                 btrim(x.lot_number) COLLATE "C", x.line_no
    LOOP
        faults := faults || ledger_line_faults(r, p_kind, p_on);
        IF faults = '[]' THEN
            one := ROW(r.line_no, r.item_id, r.item, r.quantity * coalesce(r.units_per_pack, 1),
                       r.lost_quantity * coalesce(r.units_per_pack, 1), r.lot_number, r.expiry,
                       r.consignment_id, r.fund_id, r.amount, coalesce(r.incoming, false),
                       p_place);
            lines := lines || one;
        END IF;
    END LOOP;
    IF faults <> '[]' THEN
        PERFORM ledger_refuse('SP004', (
            SELECT jsonb_agg(f ORDER BY (f->>'line')::integer) FROM jsonb_array_elements(faults) f));
    END IF;
    RETURN lines;
END $$;

-- How much of `p_quantity` on hand may leave on `p_on` so that no later day goes below zero:
-- on hand now, less the most that later entries (from any later day to today) have added.
CREATE FUNCTION ledger_free(
    p_location bigint, p_item integer, p_consignment bigint, p_quantity bigint, p_on date)
RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT p_quantity - greatest(0, coalesce(max(added_since), 0)::bigint) FROM (
        SELECT sum(sum(moved)) OVER (ORDER BY happened_on DESC) AS added_since
        FROM (
            SELECT happened_on, quantity AS moved FROM entry
            WHERE to_location_id = p_location AND item_id = p_item AND happened_on > p_on
              AND consignment_id = p_consignment
            UNION ALL
            SELECT happened_on, -quantity FROM entry
            WHERE from_location_id = p_location AND item_id = p_item AND happened_on > p_on
              AND consignment_id = p_consignment
        ) later
        GROUP BY happened_on
    ) days
$$;

-- The value that goes with q of a balance (Q, V): round(V * q / Q), all of V with the last unit.
CREATE FUNCTION ledger_share(q bigint, of_quantity bigint, of_amount bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN of_quantity = q THEN of_amount
                ELSE round(of_amount::numeric * q / of_quantity)::bigint END
$$;

-- Take from a balance that others may change too, and return the value that goes with it (a
-- reversal names it); NULL where there is too little.
CREATE FUNCTION ledger_take(
    p_location bigint, p_consignment bigint, p_quantity bigint, p_amount bigint DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    had_quantity bigint;
    had_amount bigint;
    amount bigint;
BEGIN
    SELECT quantity, amount_vnd INTO had_quantity, had_amount FROM balance
    WHERE location_id = p_location AND consignment_id = p_consignment FOR NO KEY UPDATE;
    IF had_quantity IS NULL OR had_quantity < p_quantity THEN
        RETURN NULL;
    END IF;
    amount := coalesce(p_amount, ledger_share(p_quantity, had_quantity, had_amount));
    IF amount > had_amount OR (had_quantity = p_quantity AND amount <> had_amount) THEN
        RETURN NULL;
    END IF;
    UPDATE balance SET quantity = quantity - p_quantity, amount_vnd = amount_vnd - amount
    WHERE location_id = p_location AND consignment_id = p_consignment AND quantity >= p_quantity;
    RETURN amount;
END $$;

CREATE FUNCTION ledger_put(p_location bigint, p_facility integer, m ledger_move)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO balance (location_id, consignment_id, facility_id, item_id, lot_id,
                         quantity, amount_vnd)
    VALUES (p_location, m.consignment_id, p_facility, m.item_id, m.lot_id,
            m.quantity, m.amount_vnd)
    ON CONFLICT (location_id, consignment_id) DO UPDATE
    SET quantity = balance.quantity + excluded.quantity,
        amount_vnd = balance.amount_vnd + excluded.amount_vnd
$$;

-- The maker's lot of a line: found or made. A blank expiry never overwrites a known one;
-- another expiry for the same number is refused, naming both.
CREATE FUNCTION ledger_lot(l ledger_line) RETURNS lot LANGUAGE plpgsql AS $$
DECLARE
    found_lot lot;
BEGIN
    SELECT * INTO found_lot FROM lot
    WHERE item_id = l.item_id AND number = coalesce(l.lot_number, '');
    IF NOT FOUND THEN
        INSERT INTO lot (item_id, number, expiry)
        VALUES (l.item_id, coalesce(l.lot_number, ''), l.expiry)
        ON CONFLICT (item_id, number) DO NOTHING RETURNING * INTO found_lot;
        IF NOT FOUND THEN
            SELECT * INTO found_lot FROM lot
            WHERE item_id = l.item_id AND number = coalesce(l.lot_number, '');
        END IF;
    END IF;
    IF l.expiry IS NOT NULL AND found_lot.expiry IS DISTINCT FROM l.expiry THEN
        PERFORM ledger_refuse('SP004', jsonb_build_array(ledger_fault(
            'lot_expiry_differs', l.line_no, 'expiry', jsonb_build_object(
                'item', l.item_code, 'lot', found_lot.number,
                'given', l.expiry, 'known', coalesce(found_lot.expiry::text, '')))));
    END IF;
    RETURN found_lot;
END $$;

-- Goods that come from outside: one new consignment per line, so that each đồng keeps its fund.
CREATE FUNCTION ledger_bring_in(lines ledger_line[], d document, p_store bigint)
RETURNS ledger_move[] LANGUAGE plpgsql AS $$
DECLARE
    moves ledger_move[] := '{}';
    l ledger_line;
    its_lot lot;
    m ledger_move;
BEGIN
    FOREACH l IN ARRAY lines LOOP
        its_lot := ledger_lot(l);
        IF d.kind = 'receipt' AND its_lot.expiry < d.happened_on THEN
            PERFORM ledger_refuse('SP004', jsonb_build_array(ledger_fault(
                'expired_lot', l.line_no, 'expiry', jsonb_build_object(
                    'item', l.item_code, 'lot', its_lot.number, 'expiry', its_lot.expiry))));
        END IF;
        INSERT INTO consignment (lot_id, fund_id, partner_id, paper_reference, unit_price_vnd,
                                 document_id)
        VALUES (its_lot.id, l.fund_id, d.partner_id, d.paper_reference,
                round(l.amount_vnd::numeric / l.quantity), d.id)
        RETURNING id INTO m.consignment_id;
        m := ROW(l.line_no, l.item_id, its_lot.id, m.consignment_id, l.place_id, p_store,
                 l.quantity, l.amount_vnd);
        PERFORM ledger_put(p_store, d.facility_id, m);
        moves := moves || m;
    END LOOP;
    RETURN moves;
END $$;

-- Why a line could not be met: the lot is unknown, expired, or there is too little.
CREATE FUNCTION ledger_short(
    l ledger_line, p_store bigint, p_on date, p_available bigint, p_expired_refused boolean)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN l.lot_number IS NOT NULL AND count(*) = 0 THEN
            ledger_fault('unknown_lot', l.line_no, 'lot_number', jsonb_build_object(
                'item', l.item_code, 'lot', l.lot_number))
        WHEN (l.lot_number IS NOT NULL OR l.consignment_id IS NOT NULL) AND p_expired_refused
             AND max(lot.expiry) < p_on THEN
            ledger_fault('expired_lot', l.line_no, 'lot_number', jsonb_build_object(
                'item', l.item_code, 'lot', max(lot.number), 'expiry', max(lot.expiry)))
        ELSE
            ledger_fault('not_enough', l.line_no, 'quantity', jsonb_build_object(
                'item', l.item_code, 'lot', coalesce(l.lot_number, ''),
                'unit_vi', (SELECT base_unit_vi FROM item WHERE id = l.item_id),
                'unit_en', (SELECT base_unit_en FROM item WHERE id = l.item_id),
                'available', p_available, 'asked', l.quantity,
                'on_hand', coalesce(sum(b.quantity), 0) + p_available,
                'expired', coalesce(sum(b.quantity) FILTER (WHERE lot.expiry < p_on), 0)))
    END
    FROM balance b JOIN lot ON lot.id = b.lot_id
    WHERE b.location_id = p_store AND b.item_id = l.item_id
      AND (l.lot_number IS NULL OR lot.number = l.lot_number)
      AND (l.consignment_id IS NULL OR b.consignment_id = l.consignment_id)
$$;

-- Take each line from the store, first expired first out, or from the lot it names.
-- Only quantities that every later day can spare are taken; all shortfalls are raised together.
CREATE FUNCTION ledger_take_out(
    lines ledger_line[], p_store bigint, p_on date, p_expired_refused boolean)
RETURNS ledger_move[] LANGUAGE plpgsql AS $$
DECLARE
    moves ledger_move[] := '{}';
    faults jsonb := '[]';
    back_dated boolean := p_on < supply_today();
    wanted bigint;
    part bigint;
    l ledger_line;
    b record;
    m ledger_move;
BEGIN
    FOREACH l IN ARRAY lines LOOP
        wanted := l.quantity;
        FOR b IN
            SELECT x.consignment_id, x.lot_id, x.quantity, x.amount_vnd
            FROM balance x JOIN lot ON lot.id = x.lot_id
            WHERE x.location_id = p_store AND x.item_id = l.item_id AND x.quantity > 0
              AND (l.lot_number IS NULL OR lot.number = l.lot_number)
              AND (l.consignment_id IS NULL OR x.consignment_id = l.consignment_id)
              AND (NOT p_expired_refused OR lot.expiry IS NULL OR lot.expiry >= p_on)
            ORDER BY lot.expiry NULLS LAST, x.lot_id, x.consignment_id
        LOOP
            part := b.quantity;
            IF back_dated THEN
                part := ledger_free(p_store, l.item_id, b.consignment_id, part, p_on);
            END IF;
            part := least(part, wanted);
            CONTINUE WHEN part <= 0;
            m := ROW(l.line_no, l.item_id, b.lot_id, b.consignment_id, p_store, l.place_id, part,
                     ledger_share(part, b.quantity, b.amount_vnd));
            -- Nobody else changes a store's balance while its chain head is locked; the condition
            -- holds even if somebody one day does.
            UPDATE balance
            SET quantity = quantity - part, amount_vnd = amount_vnd - m.amount_vnd
            WHERE location_id = p_store AND consignment_id = b.consignment_id
              AND quantity = b.quantity;
            IF NOT FOUND THEN
                PERFORM ledger_refuse('SP008', 'changed_meanwhile', 'lines');
            END IF;
            moves := moves || m;
            wanted := wanted - part;
            EXIT WHEN wanted = 0;
        END LOOP;
        IF wanted > 0 THEN
            faults := faults || ledger_short(l, p_store, p_on, l.quantity - wanted,
                                             p_expired_refused);
        END IF;
    END LOOP;
    IF faults <> '[]' THEN
        PERFORM ledger_refuse('SP005', (
            SELECT jsonb_agg(f ORDER BY (f->>'line')::integer) FROM jsonb_array_elements(faults) f));
    END IF;
    RETURN moves;
END $$;

-- A surplus of a lot the store already knows joins its newest consignment, at its present value.
CREATE FUNCTION ledger_add_found(lines ledger_line[], d document, p_store bigint)
RETURNS ledger_move[] LANGUAGE plpgsql AS $$
DECLARE
    moves ledger_move[] := '{}';
    l ledger_line;
    b record;
    m ledger_move;
BEGIN
    FOREACH l IN ARRAY lines LOOP
        SELECT x.consignment_id, x.lot_id, x.quantity, x.amount_vnd, c.unit_price_vnd INTO b
        FROM balance x JOIN lot ON lot.id = x.lot_id JOIN consignment c ON c.id = x.consignment_id
        WHERE x.location_id = p_store AND x.item_id = l.item_id
          AND lot.number = coalesce(l.lot_number, lot.number)
          AND x.consignment_id = coalesce(l.consignment_id, x.consignment_id)
          AND (l.lot_number IS NOT NULL OR l.consignment_id IS NOT NULL OR lot.number = '')
        ORDER BY x.consignment_id DESC LIMIT 1;
        IF NOT FOUND THEN
            PERFORM ledger_refuse('SP004', jsonb_build_array(ledger_fault(
                'missing_fund', l.line_no, 'fund', jsonb_build_object('fund', ''))));
        END IF;
        m := ROW(l.line_no, l.item_id, b.lot_id, b.consignment_id, l.place_id, p_store, l.quantity,
                 CASE WHEN b.quantity > 0 THEN ledger_share(l.quantity, b.quantity, b.amount_vnd)
                      ELSE b.unit_price_vnd::numeric * l.quantity END);
        PERFORM ledger_put(p_store, d.facility_id, m);
        moves := moves || m;
    END LOOP;
    RETURN moves;
END $$;

-- What of a dispatch is still on its way, per consignment.
CREATE FUNCTION ledger_outstanding(p_dispatch bigint, p_transit bigint)
RETURNS TABLE (item_id integer, lot_id bigint, consignment_id bigint, quantity bigint)
LANGUAGE sql STABLE AS $$
    SELECT e.item_id, e.lot_id, e.consignment_id,
           sum(CASE WHEN e.to_location_id = p_transit THEN e.quantity ELSE -e.quantity END)::bigint
    FROM document d JOIN entry e ON e.document_id = d.id
    WHERE (d.id = p_dispatch OR d.follows_id = p_dispatch)
      AND p_transit IN (e.from_location_id, e.to_location_id)
    GROUP BY e.item_id, e.lot_id, e.consignment_id
    HAVING sum(CASE WHEN e.to_location_id = p_transit THEN e.quantity ELSE -e.quantity END) > 0
    ORDER BY e.item_id, e.lot_id, e.consignment_id
$$;

-- Move between two places whose balances exist or are made; `m.amount_vnd` NULL: by the value
-- rule. In the order of the array, which the caller sorts.
CREATE FUNCTION ledger_shift(m ledger_move, p_on date) RETURNS ledger_move
LANGUAGE plpgsql AS $$
DECLARE
    from_facility integer;
    to_facility integer;
    on_hand bigint;
    amount bigint;
BEGIN
    SELECT facility_id INTO from_facility FROM location WHERE id = m.from_location_id;
    SELECT facility_id INTO to_facility FROM location WHERE id = m.to_location_id;
    IF from_facility IS NOT NULL THEN
        amount := ledger_take(m.from_location_id, m.consignment_id, m.quantity, m.amount_vnd);
        IF amount IS NULL OR (p_on < supply_today() AND m.quantity > ledger_free(
                m.from_location_id, m.item_id, m.consignment_id,
                m.quantity + (SELECT quantity FROM balance
                              WHERE location_id = m.from_location_id
                                AND consignment_id = m.consignment_id), p_on)) THEN
            SELECT quantity INTO on_hand FROM balance
            WHERE location_id = m.from_location_id AND consignment_id = m.consignment_id;
            PERFORM ledger_refuse('SP005', jsonb_build_array(ledger_fault(
                CASE WHEN on_hand >= m.quantity THEN 'moved_since' ELSE 'not_enough' END,
                m.line_no, 'quantity', jsonb_build_object(
                    'item', (SELECT code FROM item WHERE id = m.item_id),
                    'unit_vi', (SELECT base_unit_vi FROM item WHERE id = m.item_id),
                    'unit_en', (SELECT base_unit_en FROM item WHERE id = m.item_id),
                    'lot', (SELECT number FROM lot WHERE id = m.lot_id),
                    'available', coalesce(on_hand, 0), 'asked', m.quantity))));
        END IF;
        m.amount_vnd := amount;
    END IF;
    IF to_facility IS NOT NULL THEN
        PERFORM ledger_put(m.to_location_id, to_facility, m);
    END IF;
    RETURN m;
END $$;
