-- `post_document`: the one door into the ledger.

-- A later document of a transfer carries its dispatch and its other side, so that both see it.
CREATE OR REPLACE FUNCTION ledger_linked(d document) RETURNS document LANGUAGE plpgsql STABLE AS $$
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

-- Post one document: lock, check, move, number, seal; all of it or nothing, in one round trip.
--
-- p: kind, facility_id, happened_on, client_key, lines and what the kind asks for; see
-- docs/formats/document.md. Returns ledger_result(); with a key seen before and the same content,
-- what was posted then ("replayed": true). Refusals: SQLSTATE SPnnn, message = code of the first
-- fault, detail = JSON array of faults {code, field, line?, ...}.
CREATE OR REPLACE FUNCTION post_document(p jsonb) RETURNS jsonb
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
    PERFORM ledger_check_period(d);
    IF d.purpose = 'loan_return' THEN
        d := ledger_settling(d);
    END IF;
    d.id := nextval('document_id_seq');
    CASE d.kind
        WHEN 'receipt' THEN moves := ledger_receipt(p, d);
        WHEN 'issue' THEN moves := ledger_issue(p, d);
        WHEN 'transfer_dispatch' THEN moves := ledger_dispatch(p, d);
        WHEN 'transfer_receipt' THEN moves := ledger_transfer_receipt(p, d);
        WHEN 'opening' THEN moves := ledger_opening(p, d);
        WHEN 'return' THEN moves := ledger_return(p, d);
        WHEN 'quarantine' THEN moves := ledger_within(p, d, 'store', 'quarantine');
        WHEN 'release' THEN moves := ledger_within(p, d, 'quarantine', 'store');
        WHEN 'kit_assembly' THEN moves := ledger_within(p, d, 'store', 'kit');
        WHEN 'kit_breakup' THEN moves := ledger_within(p, d, 'kit', 'store');
        WHEN 'cylinder_send' THEN moves := ledger_within(p, d, 'store', 'refill');
        WHEN 'cylinder_exchange' THEN moves := ledger_cylinder_exchange(p, d);
        WHEN 'cylinder_empty' THEN moves := ledger_cylinder_empty(p, d);
        WHEN 'adjustment' THEN moves := ledger_adjustment(p, d);
        WHEN 'reversal' THEN moves := ledger_reversal(d);
    END CASE;
    IF d.settles_id IS NOT NULL THEN
        PERFORM ledger_check_settled(moves, d);
    END IF;
    PERFORM ledger_keep_closings(moves, d);
    PERFORM ledger_keep_sums(moves);
    RETURN ledger_write(ledger_linked(d), moves, p);
END $$;
