-- Who sees what. The web role reads within its scope and writes nothing but drafts;
-- the owner passes by a policy of its own, because FORCE binds owners too.

CREATE FUNCTION supply_read_location_ids() RETURNS bigint[]
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(id), '{}') FROM location
    WHERE facility_id = ANY ((SELECT supply_read_ids())::int[])
$$;

DO $$
DECLARE
    web text := current_setting('supply.web_role');
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['location', 'document', 'lot', 'consignment', 'entry', 'balance',
                                'chain_head', 'draft'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)',
                       name);
        EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', name);
        EXECUTE format('GRANT SELECT ON %I TO %I', name, web);
    END LOOP;
    EXECUTE format('GRANT INSERT, UPDATE, DELETE ON draft TO %I', web);
    EXECUTE format('GRANT USAGE ON SEQUENCE draft_id_seq TO %I', web);
    EXECUTE format('GRANT EXECUTE ON FUNCTION supply_read_location_ids() TO %I', web);

    -- Places, lots and consignments are shared words of the ledger: any signed-in person.
    FOREACH name IN ARRAY ARRAY['location', 'lot', 'consignment'] LOOP
        EXECUTE format('CREATE POLICY signed_in_reads ON %I FOR SELECT TO %I
                        USING ((SELECT supply_user_id()) IS NOT NULL)', name, web);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['balance', 'chain_head', 'draft'] LOOP
        EXECUTE format('CREATE POLICY scope_reads ON %I FOR SELECT TO %I
                        USING (facility_id = ANY ((SELECT supply_read_ids())::int[]))', name, web);
    END LOOP;
    -- A transfer is seen by both sides.
    EXECUTE format('CREATE POLICY scope_reads ON document FOR SELECT TO %I
                    USING (facility_id = ANY ((SELECT supply_read_ids())::int[])
                        OR counterpart_facility_id = ANY ((SELECT supply_read_ids())::int[]))', web);
    -- The document is asked only where neither place is the reader''s own.
    EXECUTE format('CREATE POLICY scope_reads ON entry FOR SELECT TO %I
                    USING (from_location_id = ANY ((SELECT supply_read_location_ids())::bigint[])
                        OR to_location_id = ANY ((SELECT supply_read_location_ids())::bigint[])
                        OR EXISTS (SELECT FROM document d WHERE d.id = document_id))', web);
    -- Drafts move nothing: a planner may prepare a transfer for a facility of the district.
    EXECUTE format('CREATE POLICY scope_inserts ON draft FOR INSERT TO %I
                    WITH CHECK (created_by = (SELECT supply_user_id()) AND (
                        facility_id = ANY ((SELECT supply_write_ids())::int[])
                        OR (kind = ''transfer_dispatch''
                            AND facility_id = ANY ((SELECT supply_read_ids())::int[])
                            AND (SELECT supply_has_role(''planner'')))))', web);
    EXECUTE format('CREATE POLICY scope_updates ON draft FOR UPDATE TO %I
                    USING (facility_id = ANY ((SELECT supply_write_ids())::int[])
                        OR (posted_document_id IS NULL
                            AND created_by = (SELECT supply_user_id())))', web);
    EXECUTE format('CREATE POLICY scope_deletes ON draft FOR DELETE TO %I
                    USING (posted_document_id IS NULL AND (
                        facility_id = ANY ((SELECT supply_write_ids())::int[])
                        OR created_by = (SELECT supply_user_id())))', web);
END $$;
