-- Lots found or made for what comes in; lots chosen for what goes out.

-- The maker's lot of a line: found or made. A blank expiry never overwrites a known one;
-- another expiry for the same number is refused, naming both.
CREATE OR REPLACE FUNCTION ledger_lot(l ledger_line) RETURNS lot LANGUAGE plpgsql AS $$
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
CREATE OR REPLACE FUNCTION ledger_bring_in(lines ledger_line[], d document, p_store bigint)
RETURNS ledger_move[] LANGUAGE plpgsql AS $$
DECLARE
    moves ledger_move[] := '{}';
    l ledger_line;
    its_lot lot;
    m ledger_move;
BEGIN
    FOREACH l IN ARRAY lines LOOP
        its_lot := ledger_lot(l);
        IF d.kind IN ('receipt', 'cylinder_exchange') AND its_lot.expiry < d.happened_on THEN
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

-- Lots that may not leave a store now, because they are recalled.
CREATE OR REPLACE FUNCTION ledger_blocked_lots() RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(SELECT DISTINCT lot_id FROM lot_block WHERE until IS NULL);
END $$;

-- Why a line could not be met: the lot is unknown, recalled, expired, or there is too little.
-- p_taken: what the line could take of what it asked.
CREATE OR REPLACE FUNCTION ledger_short(
    l ledger_line, p_from bigint, p_on date, p_taken bigint, p_expired_refused boolean,
    p_blocked bigint[])
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    named boolean := l.lot_number IS NOT NULL OR l.consignment_id IS NOT NULL;
    place text := (SELECT kind FROM location WHERE id = p_from);
    r record;
BEGIN
    SELECT count(*) AS lots, max(lot.number) AS lot, max(lot.expiry) AS expiry,
           coalesce(sum(b.quantity), 0) AS quantity,
           coalesce(sum(b.quantity) FILTER (WHERE lot.expiry < p_on), 0) AS expired,
           coalesce(sum(b.quantity) FILTER (
               WHERE lot.id = ANY (p_blocked) AND coalesce(lot.expiry >= p_on, true)), 0) AS blocked,
           bool_or(lot.id = ANY (p_blocked)) AS recalled
    INTO r
    FROM balance b JOIN lot ON lot.id = b.lot_id
    WHERE b.location_id = p_from AND b.item_id = l.item_id
      AND (l.lot_number IS NULL OR lot.number = l.lot_number)
      AND (l.consignment_id IS NULL OR b.consignment_id = l.consignment_id);
    IF l.lot_number IS NOT NULL AND r.lots = 0 THEN
        RETURN ledger_fault('unknown_lot', l.line_no, 'lot_number', jsonb_build_object(
            'item', l.item_code, 'lot', l.lot_number, 'place', place));
    ELSIF named AND r.recalled THEN
        RETURN ledger_fault('lot_recalled', l.line_no, 'lot_number', jsonb_build_object(
            'item', l.item_code, 'lot', r.lot));
    ELSIF named AND p_expired_refused AND r.expiry < p_on THEN
        RETURN ledger_fault('expired_lot', l.line_no, 'lot_number', jsonb_build_object(
            'item', l.item_code, 'lot', r.lot, 'expiry', r.expiry));
    END IF;
    RETURN ledger_fault('not_enough', l.line_no, 'quantity', jsonb_build_object(
        'item', l.item_code, 'lot', coalesce(l.lot_number, ''), 'place', place,
        'unit_vi', (SELECT base_unit_vi FROM item WHERE id = l.item_id),
        'unit_en', (SELECT base_unit_en FROM item WHERE id = l.item_id),
        'available', p_taken, 'asked', l.quantity, 'on_hand', r.quantity + p_taken,
        'expired', r.expired, 'blocked', r.blocked));
END $$;

-- Take each line from a place of the facility, first expired first out, or from the lot it names.
-- Only quantities that every later day can spare are taken; all shortfalls are raised together.
-- p_expired_refused: what has expired on the day is left; p_blocked: lots that may not leave.
CREATE OR REPLACE FUNCTION ledger_take_out(
    lines ledger_line[], p_from bigint, p_on date, p_expired_refused boolean,
    p_blocked bigint[] DEFAULT '{}')
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
            WHERE x.location_id = p_from AND x.item_id = l.item_id AND x.quantity > 0
              AND (l.lot_number IS NULL OR lot.number = l.lot_number)
              AND (l.consignment_id IS NULL OR x.consignment_id = l.consignment_id)
              AND (NOT p_expired_refused OR lot.expiry IS NULL OR lot.expiry >= p_on)
              AND x.lot_id <> ALL (p_blocked)
            ORDER BY lot.expiry NULLS LAST, x.lot_id, x.consignment_id
        LOOP
            part := b.quantity;
            IF back_dated THEN
                part := ledger_free(p_from, l.item_id, b.consignment_id, part, p_on);
            END IF;
            part := least(part, wanted);
            CONTINUE WHEN part <= 0;
            m := ROW(l.line_no, l.item_id, b.lot_id, b.consignment_id, p_from, l.place_id, part,
                     ledger_share(part, b.quantity, b.amount_vnd));
            -- Nobody else changes this balance while the chain head is locked; the condition
            -- holds even if somebody one day does.
            UPDATE balance
            SET quantity = quantity - part, amount_vnd = amount_vnd - m.amount_vnd
            WHERE location_id = p_from AND consignment_id = b.consignment_id
              AND quantity = b.quantity;
            IF NOT FOUND THEN
                PERFORM ledger_refuse('SP008', 'changed_meanwhile', 'lines');
            END IF;
            moves := moves || m;
            wanted := wanted - part;
            EXIT WHEN wanted = 0;
        END LOOP;
        IF wanted > 0 THEN
            faults := faults || ledger_short(l, p_from, p_on, l.quantity - wanted,
                                             p_expired_refused, p_blocked);
        END IF;
    END LOOP;
    IF faults <> '[]' THEN
        PERFORM ledger_refuse(
            CASE WHEN faults @> '[{"code": "lot_recalled"}]' THEN 'SP010' ELSE 'SP005' END, (
            SELECT jsonb_agg(f ORDER BY (f->>'line')::integer) FROM jsonb_array_elements(faults) f));
    END IF;
    RETURN moves;
END $$;

-- The same to another place, whose balances are then filled in the one order of locks.
CREATE OR REPLACE FUNCTION ledger_move_out(
    lines ledger_line[], p_from bigint, p_facility integer, p_on date, p_expired_refused boolean,
    p_blocked bigint[] DEFAULT '{}')
RETURNS ledger_move[] LANGUAGE plpgsql AS $$
DECLARE
    moves ledger_move[] := ledger_take_out(lines, p_from, p_on, p_expired_refused, p_blocked);
    m ledger_move;
BEGIN
    FOR m IN
        SELECT u.* FROM unnest(moves) u ORDER BY u.item_id, u.lot_id, u.consignment_id
    LOOP
        PERFORM ledger_put(m.to_location_id, p_facility, m);
    END LOOP;
    RETURN moves;
END $$;

-- A surplus of a lot the store already knows joins its newest consignment, at its present value.
CREATE OR REPLACE FUNCTION ledger_add_found(lines ledger_line[], d document, p_store bigint)
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

-- The lines that come in or go out, with a fund of their own or without, in their order.
CREATE OR REPLACE FUNCTION ledger_lines_where(lines ledger_line[], p_incoming boolean, p_funded boolean)
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
