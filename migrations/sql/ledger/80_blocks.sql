-- Lots that are recalled leave no store. Planners and the administrator say so.

CREATE OR REPLACE FUNCTION ledger_may_block() RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF supply_user_id() IS NULL THEN
        PERFORM ledger_refuse('SP001', 'not_signed_in', 'user');
    ELSIF NOT (supply_has_role('planner') OR supply_has_role('administrator')) THEN
        PERFORM ledger_refuse('SP002', 'may_not_block', 'user');
    END IF;
END $$;

-- Block a lot on behalf of a recall; blocking it again for the same recall changes nothing.
CREATE OR REPLACE FUNCTION ledger_block_lot(p_lot_id bigint, p_recall_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    its_item integer;
BEGIN
    PERFORM ledger_may_block();
    SELECT item_id INTO its_item FROM lot WHERE id = p_lot_id;
    IF NOT FOUND THEN
        PERFORM ledger_refuse('SP007', 'no_such_lot', 'lot');
    END IF;
    INSERT INTO lot_block (lot_id, item_id, recall_id) VALUES (p_lot_id, its_item, p_recall_id)
    ON CONFLICT (lot_id, recall_id) WHERE until IS NULL DO NOTHING;
END $$;

-- End all blocks of a recall; returns how many there were. A lot that another recall blocks stays so.
CREATE OR REPLACE FUNCTION ledger_unblock_lot(p_recall_id bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    ended integer;
BEGIN
    PERFORM ledger_may_block();
    UPDATE lot_block SET until = now() WHERE recall_id = p_recall_id AND until IS NULL;
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END $$;
