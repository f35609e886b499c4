-- Master data: read by anyone signed in; written by the administrator.
ALTER TABLE user_scope
    ADD CONSTRAINT user_scope_facility_id_fkey FOREIGN KEY (facility_id) REFERENCES facility ON DELETE CASCADE,
    ADD CONSTRAINT user_scope_district_id_fkey FOREIGN KEY (district_id) REFERENCES district ON DELETE CASCADE;

DO $$
DECLARE
    web text := current_setting('supply.web_role');
    master text;
BEGIN
    FOREACH master IN ARRAY ARRAY['district', 'ward', 'facility', 'vehicle', 'item', 'item_pack', 'partner', 'fund'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', master);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', master);
        EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', master);
        EXECUTE format('CREATE POLICY signed_in_reads ON %I FOR SELECT TO %I USING ((SELECT supply_user_id()) IS NOT NULL)', master, web);
        EXECUTE format(
            'CREATE POLICY administrator_writes ON %I TO %I USING ((SELECT supply_has_role(''administrator'')))
             WITH CHECK ((SELECT supply_has_role(''administrator'')))', master, web);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO %I', master, web);
    END LOOP;
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO %I', web);
END
$$;
