-- Storekeeping, what was left.

-- The days of use that make a minimum: dated, by store or for all of a district, never overwritten. The
-- newest rule in force on a day counts; a store's own before its district's, that before the installation's.
-- A day of its own per rule, so that a report of last month says what was wanted then.
ALTER TABLE stock_minimum_rule DROP CONSTRAINT stock_minimum_rule_once;
ALTER TABLE stock_minimum_rule
    ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ADD COLUMN district_id integer REFERENCES district (id),
    ADD COLUMN valid_from date NOT NULL DEFAULT '2000-01-01',
    ADD COLUMN reason text NOT NULL DEFAULT '' CHECK (length(reason) <= 200),
    ADD COLUMN set_by integer REFERENCES ab_user (id),
    ADD COLUMN set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD CONSTRAINT stock_minimum_rule_of CHECK (facility_id IS NULL OR district_id IS NULL);
ALTER TABLE stock_minimum_rule ALTER COLUMN days_of_use DROP NOT NULL;
COMMENT ON COLUMN stock_minimum_rule.days_of_use IS
    'NULL: from that day on the wider rule holds again';
CREATE INDEX stock_minimum_rule_facility ON stock_minimum_rule (facility_id, valid_from, id);
CREATE INDEX stock_minimum_rule_district ON stock_minimum_rule (district_id, valid_from, id);

-- Days of use that hold for a store on a day.
CREATE FUNCTION stock_minimum_days(p_facility integer, p_day date) RETURNS integer
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(
        (SELECT days_of_use FROM stock_minimum_rule
         WHERE facility_id = p_facility AND valid_from <= p_day
         ORDER BY valid_from DESC, id DESC LIMIT 1),
        (SELECT r.days_of_use FROM stock_minimum_rule r
         JOIN facility f ON f.id = p_facility AND f.district_id = r.district_id
         WHERE r.valid_from <= p_day ORDER BY r.valid_from DESC, r.id DESC LIMIT 1),
        (SELECT days_of_use FROM stock_minimum_rule
         WHERE facility_id IS NULL AND district_id IS NULL AND valid_from <= p_day
         ORDER BY valid_from DESC, id DESC LIMIT 1))
$$;

-- The districts whose rules a planner sets: those with a facility in scope. A head sets their store's.
DO $$
DECLARE
    web text := current_setting('supply.web_role');
BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE ON stock_minimum_rule FROM %I', web);
    DROP POLICY administrator_writes ON stock_minimum_rule;
    EXECUTE format('CREATE POLICY who_may_sets ON stock_minimum_rule FOR INSERT TO %I
        WITH CHECK (set_by = (SELECT supply_user_id()) AND CASE
            WHEN facility_id IS NOT NULL THEN
                (facility_id = ANY ((SELECT supply_write_ids())::int[])
                    AND (SELECT supply_has_role(''facility_head'')))
                OR (facility_id = ANY ((SELECT supply_read_ids())::int[])
                    AND (SELECT supply_has_role(''planner'')))
            WHEN district_id IS NOT NULL THEN
                (SELECT supply_has_role(''planner'')) AND EXISTS (
                    SELECT FROM facility f WHERE f.district_id = stock_minimum_rule.district_id
                    AND f.id = ANY ((SELECT supply_read_ids())::int[]))
            ELSE days_of_use IS NOT NULL AND (SELECT supply_has_role(''administrator''))
        END)', web);
    EXECUTE format('GRANT EXECUTE ON FUNCTION stock_minimum_days(integer, date) TO %I', web);
END $$;
