-- The web role may post and block lots; the parts are nobody's to call.
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
    EXECUTE format('GRANT EXECUTE ON FUNCTION post_document(jsonb),
                        ledger_block_lot(bigint, bigint), ledger_unblock_lot(bigint) TO %I',
                   current_setting('supply.web_role'));
END $$;
