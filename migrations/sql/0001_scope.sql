-- Who acts, told by the application at the start of each transaction and sealed, so that SQL that
-- slipped in through the web role can neither widen its scope nor take another person's.

CREATE TABLE scope_secret (single boolean PRIMARY KEY DEFAULT true CHECK (single), secret text NOT NULL);
REVOKE ALL ON scope_secret FROM PUBLIC;

CREATE FUNCTION supply_sign(payload text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT encode(sha256(convert_to(secret || payload || secret, 'UTF8')), 'hex') FROM scope_secret
$$;
REVOKE ALL ON FUNCTION supply_sign(text) FROM PUBLIC;

-- Sealed with the transaction's own start, so that a scope cannot be kept for later.
CREATE FUNCTION supply_scope(key text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    payload text := nullif(current_setting('supply.scope', true), '');
BEGIN
    IF payload IS NULL
       OR current_setting('supply.seal', true) IS DISTINCT FROM supply_sign(now()::text || payload) THEN
        RETURN NULL;
    END IF;
    RETURN payload::jsonb ->> key;
END
$$;

CREATE FUNCTION supply_user_id() RETURNS int
LANGUAGE sql STABLE AS $$ SELECT supply_scope('user')::int $$;

CREATE FUNCTION supply_read_ids() RETURNS int[]
LANGUAGE sql STABLE AS $$ SELECT coalesce(supply_scope('read'), '{}')::int[] $$;

CREATE FUNCTION supply_write_ids() RETURNS int[]
LANGUAGE sql STABLE AS $$ SELECT coalesce(supply_scope('write'), '{}')::int[] $$;

CREATE FUNCTION supply_has_role(role text) RETURNS boolean
LANGUAGE sql STABLE AS $$ SELECT role = ANY (coalesce(supply_scope('roles'), '{}')::text[]) $$;

-- Storekeepers and heads write in their own facilities; planners, finance and auditors read those of
-- their districts; the administrator reads all and writes master data only.
CREATE FUNCTION supply_enter(p_user_id int, p_proof text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    held text[];
    mine int[];
    payload text;
BEGIN
    IF p_proof IS DISTINCT FROM supply_sign('user:' || p_user_id) THEN
        RAISE EXCEPTION 'scope_refused' USING ERRCODE = '42501';
    END IF;
    SELECT coalesce(array_agg(DISTINCT r.name), '{}') INTO held
    FROM ab_user u
    JOIN (
        SELECT user_id, role_id FROM ab_user_role
        UNION
        SELECT ug.user_id, gr.role_id FROM ab_user_group ug JOIN ab_group_role gr USING (group_id)
    ) ur ON ur.user_id = u.id
    JOIN ab_role r ON r.id = ur.role_id
    WHERE u.id = p_user_id AND u.active;
    SELECT coalesce(array_agg(DISTINCT f.id), '{}') INTO mine
    FROM facility f
    WHERE cardinality(held) > 0
      AND ('administrator' = ANY (held)
           OR EXISTS (
               SELECT FROM user_scope s
               WHERE s.user_id = p_user_id AND (s.facility_id = f.id OR s.district_id = f.district_id)
           ));
    payload := jsonb_build_object(
        'user', p_user_id,
        'roles', held::text,
        'read', mine::text,
        'write', CASE WHEN held && ARRAY['storekeeper', 'facility_head'] AND NOT held && ARRAY['auditor']
                      THEN mine ELSE '{}' END::text
    )::text;
    PERFORM set_config('supply.scope', payload, true),
            set_config('supply.seal', supply_sign(now()::text || payload), true);
END
$$;

DO $$
DECLARE
    web text := current_setting('supply.web_role');
    account text;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', web);
    EXECUTE format('GRANT EXECUTE ON FUNCTION supply_scope(text), supply_enter(int, text) TO %I', web);

    -- Accounts: read by sign-in, written by the administrator; a person may touch their own row.
    FOR account IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'ab\_%' LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', account);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', account);
        EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', account);
        EXECUTE format('CREATE POLICY sign_in_reads ON %I FOR SELECT TO %I USING (true)', account, web);
        EXECUTE format(
            'CREATE POLICY administrator_writes ON %I TO %I USING ((SELECT supply_has_role(''administrator'')))
             WITH CHECK ((SELECT supply_has_role(''administrator'')))', account, web);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO %I', account, web);
    END LOOP;
    EXECUTE format('CREATE POLICY own_row ON ab_user FOR UPDATE TO %I USING (id = (SELECT supply_user_id()))
                    WITH CHECK (id = (SELECT supply_user_id()))', web);
    EXECUTE format('CREATE POLICY own_keys ON ab_api_key TO %I USING (user_id = (SELECT supply_user_id()))
                    WITH CHECK (user_id = (SELECT supply_user_id()))', web);

    ALTER TABLE user_scope ENABLE ROW LEVEL SECURITY;
    ALTER TABLE user_scope FORCE ROW LEVEL SECURITY;
    CREATE POLICY owner_all ON user_scope TO CURRENT_USER USING (true) WITH CHECK (true);
    EXECUTE format('CREATE POLICY own_or_administrator ON user_scope TO %I
        USING (user_id = (SELECT supply_user_id()) OR (SELECT supply_has_role(''administrator'')))
        WITH CHECK ((SELECT supply_has_role(''administrator'')))', web);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON user_scope TO %I', web);

    ALTER TABLE job ENABLE ROW LEVEL SECURITY;
    ALTER TABLE job FORCE ROW LEVEL SECURITY;
    CREATE POLICY owner_all ON job TO CURRENT_USER USING (true) WITH CHECK (true);
    EXECUTE format('CREATE POLICY own_jobs ON job TO %I USING (user_id = (SELECT supply_user_id()))
        WITH CHECK (user_id = (SELECT supply_user_id()))', web);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON job TO %I', web);

    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO %I', web);
END
$$;

-- Whose job it is, for the worker, which then acts as that person. Says nothing else of the job.
CREATE FUNCTION supply_job_owner(job_id int) RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT user_id FROM job WHERE id = job_id
$$;

-- Sign-in attempts by name, so that guessing is slow whichever process or address it comes through.
CREATE UNLOGGED TABLE sign_in_attempt (
    name text PRIMARY KEY,
    failures int NOT NULL,
    last_at timestamptz NOT NULL
);

-- Seconds to wait: none before the fifth failure, then 15, 30, 60 … up to 15 minutes.
CREATE FUNCTION supply_sign_in_wait(p_name text) RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((
        SELECT greatest(0, ceil(extract(epoch FROM
            last_at + make_interval(secs => least(900, 15 * 2 ^ least(failures - 5, 10))) - clock_timestamp()
        )))::int
        FROM sign_in_attempt
        WHERE name = p_name AND failures >= 5
    ), 0)
$$;

CREATE FUNCTION supply_sign_in_tried(p_name text, p_ok boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF p_ok THEN
        DELETE FROM sign_in_attempt WHERE name = p_name;
    ELSE
        INSERT INTO sign_in_attempt AS a VALUES (p_name, 1, clock_timestamp())
        ON CONFLICT (name) DO UPDATE SET
            failures = CASE WHEN a.last_at < clock_timestamp() - interval '1 hour' THEN 1 ELSE a.failures + 1 END,
            last_at = clock_timestamp();
        DELETE FROM sign_in_attempt WHERE last_at < clock_timestamp() - interval '1 day';
    END IF;
END
$$;
