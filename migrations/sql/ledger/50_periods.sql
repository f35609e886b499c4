-- Closed periods and monthly closing balances: what `post_document` asks of them.

-- Refuse (SP011 `period_closed`) a document dated in a period that its facility has closed.
-- Called after the facility's chain head is locked.
CREATE OR REPLACE FUNCTION ledger_check_period(d document) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RETURN;
END $$;

-- Keep the closing balances of months after `d.happened_on` true to `moves`.
-- Called when the moves are known, before the document is numbered and written.
CREATE OR REPLACE FUNCTION ledger_keep_closings(moves ledger_move[], d document) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RETURN;
END $$;
