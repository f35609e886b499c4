-- Moving quantities and their value between balances.

-- How much of `p_quantity` on hand may leave on `p_on` so that no later day goes below zero:
-- on hand now, less the most that later entries (from any later day to today) have added.
CREATE OR REPLACE FUNCTION ledger_free(
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
CREATE OR REPLACE FUNCTION ledger_share(q bigint, of_quantity bigint, of_amount bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN of_quantity = q THEN of_amount
                ELSE round(of_amount::numeric * q / of_quantity)::bigint END
$$;

-- Take from a balance that others may change too, and return the value that goes with it (a
-- reversal names it); NULL where there is too little.
CREATE OR REPLACE FUNCTION ledger_take(
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

CREATE OR REPLACE FUNCTION ledger_put(p_location bigint, p_facility integer, m ledger_move)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO balance (location_id, consignment_id, facility_id, item_id, lot_id,
                         quantity, amount_vnd)
    VALUES (p_location, m.consignment_id, p_facility, m.item_id, m.lot_id,
            m.quantity, m.amount_vnd)
    ON CONFLICT (location_id, consignment_id) DO UPDATE
    SET quantity = balance.quantity + excluded.quantity,
        amount_vnd = balance.amount_vnd + excluded.amount_vnd
$$;

-- Move between two places whose balances exist or are made; `m.amount_vnd` NULL: by the value
-- rule. In the order of the array, which the caller sorts.
CREATE OR REPLACE FUNCTION ledger_shift(m ledger_move, p_on date) RETURNS ledger_move
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

-- The same for many moves, in the one order of locks.
CREATE OR REPLACE FUNCTION ledger_shift_all(moves ledger_move[], p_on date) RETURNS ledger_move[]
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
