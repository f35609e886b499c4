-- Undoing a document by its exact opposite.

-- Documents that rest on another must be undone before it: what arrived of a dispatch, what came
-- back of an issue, what was given back of a loan. NULL where nothing rests on it.
CREATE OR REPLACE FUNCTION ledger_rests_on(original document) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN x.settles_id IS NOT NULL THEN 'already_settled'
                WHEN x.kind = 'return' THEN 'already_returning'
                ELSE 'already_arriving' END
    FROM document x
    WHERE ((x.follows_id = original.id AND x.kind IN ('transfer_receipt', 'return'))
           OR x.settles_id = original.id)
      AND NOT EXISTS (SELECT FROM document r WHERE r.reverses_id = x.id)
    ORDER BY x.id LIMIT 1
$$;

-- Every entry of the original, the other way round, with exactly its value.
CREATE OR REPLACE FUNCTION ledger_reversal(d document) RETURNS ledger_move[] LANGUAGE plpgsql AS $$
DECLARE
    original document;
    resting text;
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
    END IF;
    resting := ledger_rests_on(original);
    IF resting IS NOT NULL THEN
        PERFORM ledger_refuse('SP008', resting, 'reverses');
    END IF;
    SELECT array_agg(ROW(line_no, item_id, lot_id, consignment_id, to_location_id,
                         from_location_id, quantity, amount_vnd)::ledger_move) INTO moves
    FROM entry WHERE document_id = original.id;
    RETURN ledger_shift_all(moves, d.happened_on);
END $$;
