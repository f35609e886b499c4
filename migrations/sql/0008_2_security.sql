-- Who sees and changes what of 0008.
DO $$
DECLARE
    web text := current_setting('supply.web_role');
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['period_event', 'closing_month', 'closing_balance', 'stock_minimum',
                                'stock_minimum_rule', 'saved_view', 'made_file',
                                'made_file_part'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)',
                       name);
        EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', name);
        EXECUTE format('GRANT SELECT ON %I TO %I', name, web);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['period_event', 'closing_balance', 'stock_minimum'] LOOP
        EXECUTE format('CREATE POLICY scope_reads ON %I FOR SELECT TO %I
                        USING (facility_id = ANY ((SELECT supply_read_ids())::int[]))', name, web);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['closing_month', 'stock_minimum_rule'] LOOP
        EXECUTE format('CREATE POLICY signed_in_reads ON %I FOR SELECT TO %I
                        USING ((SELECT supply_user_id()) IS NOT NULL)', name, web);
    END LOOP;

    -- A store sets its own minimum, a planner those of the district.
    EXECUTE format('GRANT INSERT, UPDATE, DELETE ON stock_minimum TO %I', web);
    EXECUTE format('CREATE POLICY scope_writes ON stock_minimum TO %I
                    USING (facility_id = ANY ((SELECT supply_write_ids())::int[])
                        OR (facility_id = ANY ((SELECT supply_read_ids())::int[])
                            AND (SELECT supply_has_role(''planner''))))
                    WITH CHECK (changed_by = (SELECT supply_user_id()) AND (
                        facility_id = ANY ((SELECT supply_write_ids())::int[])
                        OR (facility_id = ANY ((SELECT supply_read_ids())::int[])
                            AND (SELECT supply_has_role(''planner'')))))', web);
    EXECUTE format('GRANT INSERT, UPDATE, DELETE ON stock_minimum_rule TO %I', web);
    EXECUTE format('CREATE POLICY administrator_writes ON stock_minimum_rule TO %I
                    USING ((SELECT supply_has_role(''administrator'')))
                    WITH CHECK ((SELECT supply_has_role(''administrator'')))', web);

    -- A person's own.
    EXECUTE format('GRANT INSERT, DELETE ON saved_view TO %I', web);
    EXECUTE format('GRANT INSERT, UPDATE, DELETE ON made_file TO %I', web);
    EXECUTE format('GRANT INSERT, DELETE ON made_file_part TO %I', web);
    EXECUTE format('GRANT USAGE ON SEQUENCE saved_view_id_seq, made_file_id_seq TO %I', web);
    FOREACH name IN ARRAY ARRAY['saved_view', 'made_file'] LOOP
        EXECUTE format('CREATE POLICY own_rows ON %I TO %I
                        USING (user_id = (SELECT supply_user_id()))
                        WITH CHECK (user_id = (SELECT supply_user_id()))', name, web);
    END LOOP;
    EXECUTE format('CREATE POLICY own_rows ON made_file_part TO %I
                    USING (EXISTS (SELECT FROM made_file f WHERE f.id = file_id))
                    WITH CHECK (EXISTS (SELECT FROM made_file f WHERE f.id = file_id))', web);
END $$;
