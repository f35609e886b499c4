-- Carrying a plan out: a second person approves; an approved plan may be ended once, which throws away
-- the drafts that still wait, so that the next plan is free to use that stock.

ALTER TABLE plan ADD COLUMN ended_by integer REFERENCES ab_user (id);
ALTER TABLE plan ADD COLUMN ended_at timestamptz;
ALTER TABLE plan ADD COLUMN end_reason text NOT NULL DEFAULT '' CHECK (length(end_reason) <= 500);
ALTER TABLE plan ADD COLUMN withdrawn jsonb;
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
                             'rejected_by', 'rejected_at', 'reject_reason', 'drafts'];
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
    found plan;
    gone bigint[];
BEGIN
    SELECT * INTO found FROM plan WHERE id = p_id
        AND district_id = ANY (supply_plan_district_ids()) FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'plan_not_yours' USING ERRCODE = 'SP304';
    ELSIF found.status <> 'approved' OR found.ended_by IS NOT NULL THEN
        RAISE EXCEPTION 'plan_decided' USING ERRCODE = 'SP301';
    END IF;
    WITH thrown AS (
        DELETE FROM draft WHERE posted_document_id IS NULL AND id IN (
            SELECT (x ->> 'draft')::bigint FROM jsonb_array_elements(found.drafts) x) RETURNING id
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
