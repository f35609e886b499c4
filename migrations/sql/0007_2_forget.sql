-- The functions and types of migrations before 0007; their one home is now ledger/*.sql. Trigger
-- functions stay, since tables hold on to them.
DO $$
DECLARE
    name regprocedure;
BEGIN
    FOR name IN
        SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'public' AND p.prorettype <> 'trigger'::regtype
          AND (p.proname LIKE 'ledger\_%' OR p.proname = 'post_document')
    LOOP
        EXECUTE format('DROP FUNCTION %s', name);
    END LOOP;
END $$;
DROP TYPE IF EXISTS ledger_line;
DROP TYPE IF EXISTS ledger_move;
