-- Sums per facility and item (`stock_sum`), kept in step with the balances.
-- A store's rows are changed under its own chain head, but `on_way` by whoever sends goods there. Hence one
-- statement, in the order item, facility, after every balance and closing of the document: whoever holds
-- a sum waits for nothing else, so nobody waits crosswise.

-- What moves do to the sums. A row comes into being with the first balance of its facility and item, of
-- whichever place, and stays.
CREATE OR REPLACE FUNCTION ledger_keep_sums(moves ledger_move[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO stock_sum AS kept (item_id, facility_id, quantity, amount_vnd, quarantined, on_way)
    SELECT m.item_id, l.facility_id,
           coalesce(sum(m.quantity) FILTER (WHERE l.kind = 'store'), 0),
           coalesce(sum(m.amount_vnd) FILTER (WHERE l.kind = 'store'), 0),
           coalesce(sum(m.quantity) FILTER (WHERE l.kind = 'quarantine'), 0),
           coalesce(sum(m.quantity) FILTER (WHERE l.kind = 'transit'), 0)
    FROM (
        SELECT item_id, to_location_id AS location_id, quantity, amount_vnd FROM unnest(moves)
        UNION ALL
        SELECT item_id, from_location_id, -quantity, -amount_vnd FROM unnest(moves)
    ) m
    JOIN location l ON l.id = m.location_id AND l.facility_id IS NOT NULL
    GROUP BY m.item_id, l.facility_id
    ORDER BY m.item_id, l.facility_id
    ON CONFLICT (item_id, facility_id) DO UPDATE
    SET quantity = kept.quantity + excluded.quantity,
        amount_vnd = kept.amount_vnd + excluded.amount_vnd,
        quarantined = kept.quarantined + excluded.quarantined,
        on_way = kept.on_way + excluded.on_way
$$;

-- The same for all that is staged in bulk, from what it does to the balances (85_bulk_2_proof.sql).
CREATE OR REPLACE FUNCTION ledger_bulk_sums() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_sum AS kept (item_id, facility_id, quantity, amount_vnd, quarantined, on_way)
    SELECT t.item_id, l.facility_id,
           coalesce(sum(s.quantity) FILTER (WHERE l.kind = 'store'), 0),
           coalesce(sum(s.amount_vnd) FILTER (WHERE l.kind = 'store'), 0),
           coalesce(sum(s.quantity) FILTER (WHERE l.kind = 'quarantine'), 0),
           coalesce(sum(s.quantity) FILTER (WHERE l.kind = 'transit'), 0)
    FROM bulk_sum s
    JOIN bulk_thing t ON t.id = s.consignment_id
    JOIN location l ON l.id = s.location_id
    WHERE s.is_last
    GROUP BY t.item_id, l.facility_id
    ORDER BY t.item_id, l.facility_id
    ON CONFLICT (item_id, facility_id) DO UPDATE
    SET quantity = kept.quantity + excluded.quantity,
        amount_vnd = kept.amount_vnd + excluded.amount_vnd,
        quarantined = kept.quarantined + excluded.quarantined,
        on_way = kept.on_way + excluded.on_way;
END $$;

-- Work out all sums anew, for whoever wrote balances past `post_document` (a migration, made-up data).
CREATE OR REPLACE FUNCTION ledger_make_sums() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    LOCK TABLE stock_sum IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM stock_sum;
    INSERT INTO stock_sum (item_id, facility_id, quantity, amount_vnd, quarantined, on_way)
    SELECT b.item_id, b.facility_id,
           coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'store'), 0),
           coalesce(sum(b.amount_vnd) FILTER (WHERE l.kind = 'store'), 0),
           coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'quarantine'), 0),
           coalesce(sum(b.quantity) FILTER (WHERE l.kind = 'transit'), 0)
    FROM balance b JOIN location l ON l.id = b.location_id
    GROUP BY b.item_id, b.facility_id
    ORDER BY b.item_id, b.facility_id;
END $$;
