-- Carrying a plan out: a second person approves; an approved plan may be ended once, which throws away
-- the drafts that still wait, so that the next plan is free to use that stock.

ALTER TABLE plan ADD COLUMN ended_by integer REFERENCES ab_user (id);
ALTER TABLE plan ADD COLUMN ended_at timestamptz;
ALTER TABLE plan ADD COLUMN end_reason text NOT NULL DEFAULT '' CHECK (length(end_reason) <= 500);
ALTER TABLE plan ADD COLUMN withdrawn jsonb;
ALTER TABLE plan ADD COLUMN approval_key uuid CHECK (approval_key IS NULL OR status = 'approved');
ALTER TABLE plan ADD CONSTRAINT plan_end_is_signed CHECK (
    (ended_by IS NULL OR status = 'approved')
    AND (ended_by IS NULL) = (ended_at IS NULL)
    AND (ended_by IS NULL) = (withdrawn IS NULL)
    AND (ended_by IS NULL) = (end_reason = ''));

-- Only the decision may be written, once, by whoever did not make the plan where it is an approval;
-- after an approval only the end, once, with no draft left waiting. Holds for everybody, the owner
-- included.
CREATE OR REPLACE FUNCTION plan_keep() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    decision text[] := ARRAY['status', 'approved_by', 'approved_at',
                             'rejected_by', 'rejected_at', 'reject_reason', 'drafts',
                             'approval_key'];
    ending text[] := ARRAY['ended_by', 'ended_at', 'end_reason', 'withdrawn'];
    may_change text[] := decision;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'plan_kept' USING ERRCODE = 'SP302';
    END IF;
    IF OLD.status <> 'proposed' THEN
        IF OLD.status <> 'approved' OR OLD.ended_by IS NOT NULL OR NEW.ended_by IS NULL THEN
            RAISE EXCEPTION 'plan_decided' USING ERRCODE = 'SP301';
        END IF;
        may_change := ending;
    END IF;
    IF to_jsonb(NEW) - may_change IS DISTINCT FROM to_jsonb(OLD) - may_change THEN
        RAISE EXCEPTION 'plan_kept' USING ERRCODE = 'SP302';
    ELSIF OLD.status = 'proposed' AND NEW.approved_by = OLD.created_by THEN
        RAISE EXCEPTION 'plan_own' USING ERRCODE = 'SP303';
    ELSIF NEW.ended_by IS NOT NULL AND EXISTS (
            SELECT FROM draft WHERE posted_document_id IS NULL AND id IN (
                SELECT (x ->> 'draft')::bigint FROM jsonb_array_elements(NEW.drafts) x)) THEN
        RAISE EXCEPTION 'plan_drafts_wait' USING ERRCODE = 'SP302';
    END IF;
    RETURN NEW;
END $$;

-- End an approved plan: returns the drafts thrown away. As the owner, since a draft lies in its
-- sender's store; the planner's right is asked here.
CREATE FUNCTION plan_end(p_id bigint, p_reason text) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    its plan;
    gone bigint[];
BEGIN
    SELECT * INTO its FROM plan WHERE id = p_id
        AND district_id = ANY (supply_plan_district_ids()) FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'plan_not_yours' USING ERRCODE = 'SP304';
    ELSIF its.status <> 'approved' OR its.ended_by IS NOT NULL THEN
        RAISE EXCEPTION 'plan_decided' USING ERRCODE = 'SP301';
    END IF;
    WITH thrown AS (
        DELETE FROM draft WHERE posted_document_id IS NULL AND id IN (
            SELECT (x ->> 'draft')::bigint FROM jsonb_array_elements(its.drafts) x) RETURNING id
    ) SELECT array_agg(id ORDER BY id) INTO gone FROM thrown;
    IF gone IS NULL THEN
        RAISE EXCEPTION 'plan_nothing_waits' USING ERRCODE = 'SP305';
    END IF;
    UPDATE plan SET ended_by = supply_user_id(), ended_at = now(), end_reason = p_reason,
                    withdrawn = to_jsonb(gone)
    WHERE id = p_id;
    RETURN gone;
END $$;

DO $$
BEGIN
    REVOKE ALL ON FUNCTION plan_end(bigint, text) FROM PUBLIC;
    EXECUTE format('GRANT EXECUTE ON FUNCTION plan_end(bigint, text) TO %I',
                   current_setting('supply.web_role'));
END $$;

-- What approved plans allow each place to give out, a row for each class and day, so that a store's
-- screen finds its own without opening the plan. Written with the approval, never changed.
CREATE TABLE plan_quota (
    plan_id bigint NOT NULL REFERENCES plan,
    facility_id integer NOT NULL REFERENCES facility,
    item_id integer NOT NULL REFERENCES item,
    class text NOT NULL CHECK (class IN ('critical', 'severe', 'staff', 'mild')),
    day date NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (plan_id, facility_id, item_id, day, class)
);
CREATE INDEX plan_quota_facility ON plan_quota (facility_id, day);

CREATE FUNCTION plan_keep_quotas(p plan) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO plan_quota (plan_id, facility_id, item_id, class, day, quantity)
    SELECT p.id, f.id, i.id, q.class, (p.instance ->> 'start')::date + q.day, sum(q.quantity)
    FROM jsonb_to_recordset(p.result -> 'quotas')
         AS q (facility text, item text, class text, day integer, quantity bigint)
    JOIN facility f ON f.code = q.facility AND f.district_id = p.district_id
    JOIN item i ON i.code = q.item
    WHERE q.quantity > 0
    GROUP BY f.id, i.id, q.class, q.day
$$;

CREATE FUNCTION plan_approved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM plan_keep_quotas(NEW);
    RETURN NULL;
END $$;
CREATE TRIGGER plan_approved AFTER UPDATE OF status ON plan FOR EACH ROW
    WHEN (OLD.status <> 'approved' AND NEW.status = 'approved') EXECUTE FUNCTION plan_approved();
SELECT plan_keep_quotas(p) FROM plan p WHERE p.status = 'approved';

CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_quota
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

DO $$
DECLARE
    web text := current_setting('supply.web_role');
BEGIN
    ALTER TABLE plan_quota ENABLE ROW LEVEL SECURITY;
    ALTER TABLE plan_quota FORCE ROW LEVEL SECURITY;
    CREATE POLICY owner_all ON plan_quota TO CURRENT_USER USING (true) WITH CHECK (true);
    REVOKE ALL ON plan_quota FROM PUBLIC;
    REVOKE ALL ON FUNCTION plan_keep_quotas(plan), plan_approved() FROM PUBLIC;
    EXECUTE format('GRANT SELECT ON plan_quota TO %I', web);
    EXECUTE format('CREATE POLICY scope_reads ON plan_quota FOR SELECT TO %I
                    USING (facility_id = ANY ((SELECT supply_read_ids())::int[]))', web);
END $$;
