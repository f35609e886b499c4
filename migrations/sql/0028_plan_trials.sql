-- A plan made from another (another policy, pins, what-if) is a trial: it waits for nobody's decision
-- until its maker puts it forward. Plans made before keep the state they had.

ALTER TABLE plan DROP CONSTRAINT plan_status_check;
ALTER TABLE plan ADD CONSTRAINT plan_status_check
    CHECK (status IN ('trial', 'proposed', 'approved', 'rejected'));

-- As 0025 has it, and before that a trial: it becomes a proposal, by its maker, and nothing else.
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
    IF OLD.status = 'trial' THEN
        IF NEW.status <> 'proposed' OR supply_user_id() IS DISTINCT FROM OLD.created_by THEN
            RAISE EXCEPTION 'plan_trial' USING ERRCODE = 'SP306';
        END IF;
        may_change := ARRAY['status'];
    ELSIF OLD.status <> 'proposed' THEN
        IF OLD.status <> 'approved' OR OLD.ended_by IS NOT NULL OR NEW.ended_by IS NULL THEN
            RAISE EXCEPTION 'plan_decided' USING ERRCODE = 'SP301';
        END IF;
        may_change := ending;
    END IF;
    IF to_jsonb(NEW) - may_change IS DISTINCT FROM to_jsonb(OLD) - may_change THEN
        RAISE EXCEPTION 'plan_kept' USING ERRCODE = 'SP302';
    ELSIF OLD.status = 'proposed' AND NEW.status = 'trial' THEN
        RAISE EXCEPTION 'plan_decided' USING ERRCODE = 'SP301';
    ELSIF OLD.status = 'proposed' AND NEW.approved_by = OLD.created_by THEN
        RAISE EXCEPTION 'plan_own' USING ERRCODE = 'SP303';
    ELSIF NEW.ended_by IS NOT NULL AND EXISTS (
            SELECT FROM draft WHERE posted_document_id IS NULL AND id IN (
                SELECT (x ->> 'draft')::bigint FROM jsonb_array_elements(NEW.drafts) x)) THEN
        RAISE EXCEPTION 'plan_drafts_wait' USING ERRCODE = 'SP302';
    END IF;
    RETURN NEW;
END $$;

DO $$
DECLARE
    web text := current_setting('supply.web_role');
BEGIN
    DROP POLICY planner_proposes ON plan;
    EXECUTE format('CREATE POLICY planner_proposes ON plan FOR INSERT TO %I
                    WITH CHECK (district_id = ANY ((SELECT supply_plan_district_ids())::int[])
                        AND created_by = (SELECT supply_user_id())
                        AND status IN (''trial'', ''proposed''))', web);
    DROP POLICY planner_decides ON plan;
    -- Whoever decides signs with their own name; whoever made a trial may put it forward.
    EXECUTE format('CREATE POLICY planner_decides ON plan FOR UPDATE TO %I
                    USING (district_id = ANY ((SELECT supply_plan_district_ids())::int[]))
                    WITH CHECK (district_id = ANY ((SELECT supply_plan_district_ids())::int[])
                        AND CASE WHEN status = ''proposed''
                            THEN created_by = (SELECT supply_user_id())
                            ELSE coalesce(approved_by, rejected_by) = (SELECT supply_user_id()) END)',
                   web);
END $$;
