-- How often what everybody shares has changed: places, items, packs, funds, partners, who may do what and
-- where. A page asks for this number together with its person, and takes from its process what was read
-- under the same number (supply/core/kept.py); whoever commits a change has counted it in the same
-- transaction. One row and one count a transaction, whichever tables it changes.

CREATE TABLE shared_version (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    changes bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO shared_version (changes) VALUES (1);

CREATE FUNCTION shared_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    here text := pg_current_xact_id()::text;
BEGIN
    IF current_setting('supply.shared_changed', true) IS DISTINCT FROM here THEN
        UPDATE shared_version SET changes = changes + 1;
        PERFORM set_config('supply.shared_changed', here, true);
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION shared_changed() FROM PUBLIC;

DO $$
DECLARE
    web text := current_setting('supply.web_role');
    name text;
BEGIN
    ALTER TABLE shared_version ENABLE ROW LEVEL SECURITY;
    ALTER TABLE shared_version FORCE ROW LEVEL SECURITY;
    CREATE POLICY owner_all ON shared_version TO CURRENT_USER USING (true) WITH CHECK (true);
    EXECUTE format('CREATE POLICY anyone_reads ON shared_version FOR SELECT TO %I USING (true)', web);
    REVOKE ALL ON shared_version FROM PUBLIC;
    EXECUTE format('GRANT SELECT ON shared_version TO %I', web);
    FOREACH name IN ARRAY ARRAY[
        'district', 'ward', 'facility', 'item', 'item_pack', 'fund', 'partner', 'user_scope',
        'saved_view',
        'ab_role', 'ab_group', 'ab_user_role', 'ab_user_group', 'ab_group_role', 'ab_permission',
        'ab_view_menu', 'ab_permission_view', 'ab_permission_view_role'] LOOP
        EXECUTE format('CREATE TRIGGER shared_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %I
                        FOR EACH STATEMENT EXECUTE FUNCTION shared_changed()', name);
    END LOOP;
END $$;
