-- Reading the lines of a request.

-- Whether a line brings goods in from outside, under a fund and at a price of its own.
CREATE OR REPLACE FUNCTION ledger_brings(p_kind text, p_incoming boolean, p_fund text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_kind
        WHEN 'receipt' THEN true
        WHEN 'opening' THEN true
        WHEN 'cylinder_empty' THEN true
        WHEN 'cylinder_exchange' THEN coalesce(p_incoming, false)
        WHEN 'adjustment' THEN p_fund IS NOT NULL
        ELSE false
    END
$$;

-- A quantity as typed, in packs or base units: whole, from `lowest`, not beyond what is taken.
CREATE OR REPLACE FUNCTION ledger_is_count(q numeric, per_pack integer, lowest integer)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(q = trunc(q) AND q >= lowest AND q * coalesce(per_pack, 1) <= 1000000000, false)
$$;

-- What is wrong with fund, expiry and price of a line that brings goods in.
CREATE OR REPLACE FUNCTION ledger_bought_faults(r record, p_kind text, p_on date) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    faults jsonb := '[]';
    n integer := r.line_no;
BEGIN
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
    IF p_kind IN ('receipt', 'cylinder_exchange') AND r.expiry < p_on THEN
        faults := faults || ledger_fault('expired_lot', n, 'expiry', jsonb_build_object(
            'item', r.item, 'lot', r.lot_number, 'expiry', r.expiry));
    END IF;
    IF p_kind = 'cylinder_empty' THEN
        IF r.amount <> 0 THEN
            faults := faults || ledger_fault('empty_has_no_price', n, 'unit_price_vnd');
        END IF;
    ELSIF r.amount IS NULL OR r.amount < 0 OR r.amount <> trunc(r.amount)
       OR r.amount > 1000000000000000 THEN
        faults := faults || ledger_fault('bad_price', n, 'unit_price_vnd');
    END IF;
    RETURN faults;
END $$;

-- What is wrong with one line by itself, as an array of faults (empty: nothing).
-- r: the line as typed, with what the catalogue says about it.
CREATE OR REPLACE FUNCTION ledger_line_faults(r record, p_kind text, p_on date) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    faults jsonb := '[]';
    n integer := r.line_no;
    may_be_none boolean := p_kind = 'transfer_receipt'
        OR (p_kind IN ('issue', 'transfer_dispatch') AND coalesce(r.asked, 0) > 0);
BEGIN
    IF r.item_id IS NULL THEN
        faults := faults || ledger_fault('unknown_item', n, 'item',
                                         jsonb_build_object('item', r.item));
    ELSIF NOT r.item_active AND p_kind = 'receipt' THEN
        faults := faults || ledger_fault('item_closed', n, 'item',
                                         jsonb_build_object('item', r.item));
    END IF;
    IF NOT ledger_is_count(r.quantity, r.units_per_pack, CASE WHEN may_be_none THEN 0 ELSE 1 END) THEN
        faults := faults || ledger_fault('bad_quantity', n, 'quantity',
                                         jsonb_build_object('given', r.quantity::text));
    END IF;
    IF NOT ledger_is_count(r.lost_quantity, r.units_per_pack, 0)
       OR (r.lost_quantity > 0 AND p_kind <> 'transfer_receipt') THEN
        faults := faults || ledger_fault('bad_quantity', n, 'lost_quantity',
                                         jsonb_build_object('given', r.lost_quantity::text));
    END IF;
    IF r.asked IS NOT NULL AND NOT ledger_is_count(r.asked, r.units_per_pack, 0) THEN
        faults := faults || ledger_fault('bad_asked', n, 'asked_quantity',
                                         jsonb_build_object('given', r.asked::text));
    END IF;
    IF length(r.reason) > 200 OR length(r.note) > 500 THEN
        faults := faults || ledger_fault(
            'too_long', n, CASE WHEN length(r.reason) > 200 THEN 'reason' ELSE 'note' END);
    END IF;
    IF r.pack_id IS NOT NULL AND r.pack_item_id IS DISTINCT FROM r.item_id THEN
        faults := faults || ledger_fault('pack_of_other_item', n, 'pack',
                                         jsonb_build_object('item', r.item));
    END IF;
    IF p_kind IN ('adjustment', 'cylinder_exchange') AND r.incoming IS NULL THEN
        faults := faults || ledger_fault('missing_direction', n, 'direction');
    END IF;
    IF ledger_brings(p_kind, r.incoming, r.fund) THEN
        faults := faults || ledger_bought_faults(r, p_kind, p_on);
    END IF;
    RETURN faults;
END $$;

-- Read and check the lines of a request; all faults are raised together. Sorted as they are
-- worked on: by item, lines that name a lot before those that leave the choice. A line of which
-- nothing is given (only asked) moves nothing and is left out here; document_line keeps it.
CREATE OR REPLACE FUNCTION ledger_read_lines(p jsonb, p_kind text, p_on date, p_place bigint)
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
               x.asked_quantity AS asked, x.reason, x.note,
               i.id AS item_id, i.active AS item_active, k.units_per_pack,
               k.item_id AS pack_item_id, f.id AS fund_id,
               f.active AND p_on >= coalesce(f.valid_from, p_on)
                   AND p_on <= coalesce(f.valid_to, p_on) AS fund_open,
               coalesce(x.amount_vnd, x.quantity * x.unit_price_vnd) AS amount
        FROM ROWS FROM (jsonb_to_recordset(p->'lines') AS (
                item text, quantity numeric, lost_quantity numeric, lot_number text, expiry date,
                consignment_id bigint, fund text, pack_id integer, direction text,
                unit_price_vnd numeric, amount_vnd numeric, asked_quantity numeric, reason text,
                note text))
             WITH ORDINALITY AS x (item, quantity, lost_quantity, lot_number, expiry,
                consignment_id, fund, pack_id, direction, unit_price_vnd, amount_vnd,
                asked_quantity, reason, note, line_no)
        LEFT JOIN item i ON i.code = x.item
        LEFT JOIN item_pack k ON k.id = x.pack_id
        LEFT JOIN fund f ON f.code = x.fund
        ORDER BY i.id, (x.lot_number IS NULL AND x.consignment_id IS NULL),
                 btrim(x.lot_number) COLLATE "C", x.line_no
    LOOP
        faults := faults || ledger_line_faults(r, p_kind, p_on);
        CONTINUE WHEN faults <> '[]' OR (r.quantity = 0 AND p_kind <> 'transfer_receipt');
        one := ROW(r.line_no, r.item_id, r.item, r.quantity * coalesce(r.units_per_pack, 1),
                   r.lost_quantity * coalesce(r.units_per_pack, 1), r.lot_number, r.expiry,
                   r.consignment_id, r.fund_id, coalesce(r.amount, 0),
                   coalesce(r.incoming, false), p_place);
        lines := lines || one;
    END LOOP;
    IF faults <> '[]' THEN
        PERFORM ledger_refuse('SP004', (
            SELECT jsonb_agg(f ORDER BY (f->>'line')::integer) FROM jsonb_array_elements(faults) f));
    ELSIF cardinality(lines) = 0 AND p_kind <> 'transfer_receipt' THEN
        PERFORM ledger_refuse('SP004', 'nothing_given', 'lines');
    END IF;
    RETURN lines;
END $$;
