-- Two indexes over the same two columns cost the planner the same, and it took the one that begins with
-- the facility where the stock list walks items: one descent for each of a hundred facilities and item
-- instead of one for each item. By facility alone the wider one is never better.
DROP INDEX IF EXISTS balance_facility_item;
CREATE INDEX IF NOT EXISTS balance_facility ON balance (facility_id);
