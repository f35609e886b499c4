-- Questions that must have one answer everywhere: consumption, stock-out days, average monthly
-- consumption. Run as the person who asks, under row-level security, of the stores in the scope only. Definitions: docs/glossary.md.
-- A function of the ledger's owner (SECURITY DEFINER, as `requisition_figures`) asks of any store, since
-- no policy holds for it either: it says itself whom it tells what.
-- Places and days are looked up first and planned for as they are (force_custom_plan), so that the
-- indexes by place and day are used whatever is asked.

-- Places of these facilities that whoever asks may look into.
CREATE OR REPLACE FUNCTION ledger_places(p_facilities integer[], p_kinds text[]) RETURNS bigint[]
LANGUAGE sql STABLE AS $$
    SELECT ARRAY(
        SELECT l.id FROM location l
        WHERE l.kind = ANY (p_kinds) AND l.facility_id = ANY (p_facilities)
          AND (l.facility_id = ANY ((SELECT supply_read_ids())::int[])
               OR (SELECT pg_get_userbyid(c.relowner) = current_user
                   FROM pg_class c WHERE c.oid = 'public.entry'::regclass)))
$$;

-- Units consumed per facility, item and day: out of the store or of kits to use, less what came back
-- from use; documents that were reversed never happened. What came back is taken off the day of its
-- issue, so no day is below zero. Days without consumption have no row. With `p_known_by`, only as
-- documents recorded by that moment tell it.
CREATE OR REPLACE FUNCTION ledger_consumption(
    p_facilities integer[], p_first date, p_last date, p_known_by timestamptz DEFAULT NULL)
RETURNS TABLE (facility_id integer, item_id integer, day date, quantity bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    places bigint[] := ledger_places(p_facilities, ARRAY['store', 'kit']);
    to_use bigint := (SELECT l.id FROM location l WHERE l.kind = 'use');
BEGIN
    RETURN QUERY
    WITH undone AS (
        -- What was reversed, and the reversals: undoing a return moves goods to use, yet uses nothing.
        SELECT reverses_id AS id FROM document WHERE reverses_id IS NOT NULL
            AND (p_known_by IS NULL OR recorded_at <= p_known_by)
        UNION ALL
        SELECT id FROM document WHERE reverses_id IS NOT NULL
        UNION ALL
        SELECT id FROM document WHERE p_known_by IS NOT NULL AND recorded_at > p_known_by
    ), used AS (
        SELECT e.from_location_id AS place_id, e.item_id, e.happened_on AS day,
               sum(e.quantity) AS quantity
        FROM entry e
        WHERE e.from_location_id = ANY (places)
          -- As a test of truth, not by the index of what goes to use: that is most of the ledger.
          AND (e.to_location_id = to_use) IS TRUE
          AND e.happened_on BETWEEN p_first AND p_last
          AND e.document_id NOT IN (SELECT id FROM undone)
        GROUP BY e.from_location_id, e.item_id, e.happened_on
        UNION ALL
        SELECT e.to_location_id, e.item_id, i.happened_on, -sum(e.quantity)
        FROM document r
        JOIN document i ON i.id = r.follows_id
        JOIN entry e ON e.document_id = r.id
        WHERE r.kind = 'return' AND r.facility_id = ANY (p_facilities)
          AND i.from_place <> 'quarantine'
          AND i.happened_on BETWEEN p_first AND p_last
          AND e.to_location_id = ANY (places)
          AND r.id NOT IN (SELECT id FROM undone)
          AND i.id NOT IN (SELECT id FROM undone)
        GROUP BY e.to_location_id, e.item_id, i.happened_on
    )
    SELECT p.facility_id, u.item_id, u.day, sum(u.quantity)::bigint
    FROM used u JOIN location p ON p.id = u.place_id
    GROUP BY p.facility_id, u.item_id, u.day
    HAVING sum(u.quantity) <> 0;
END $$;

-- For each facility and item held in the store before the end of the period: days of the period that
-- closed with stock, days that closed without (after it was first held there), what was on hand at
-- the end. Both ends included.
CREATE OR REPLACE FUNCTION ledger_stock_days(
    p_facilities integer[], p_first date, p_last date)
RETURNS TABLE (facility_id integer, item_id integer, in_stock_days integer,
               stock_out_days integer, on_hand bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    places bigint[] := ledger_places(p_facilities, ARRAY['store']);
    nearest date := (SELECT coalesce(max(c.month_end), '-infinity'::date)
                     FROM closing_month c WHERE c.month_end < p_first);
BEGIN
    RETURN QUERY
    WITH moved AS (
        SELECT c.location_id, c.item_id, p_first AS day, sum(c.quantity) AS quantity
        FROM closing_balance c
        WHERE c.location_id = ANY (places)
          AND c.month_end = nearest
        GROUP BY c.location_id, c.item_id
        UNION ALL
        SELECT e.to_location_id, e.item_id, greatest(e.happened_on, p_first), sum(e.quantity)
        FROM entry e
        WHERE e.to_location_id = ANY (places)
          AND e.happened_on > nearest AND e.happened_on <= p_last
        GROUP BY 1, 2, 3
        UNION ALL
        SELECT e.from_location_id, e.item_id, greatest(e.happened_on, p_first), -sum(e.quantity)
        FROM entry e
        WHERE e.from_location_id = ANY (places)
          AND e.happened_on > nearest AND e.happened_on <= p_last
        GROUP BY 1, 2, 3
    ), stood AS (
        SELECT m.location_id, m.item_id, m.day, sum(sum(m.quantity)) OVER days AS quantity,
               coalesce(lead(m.day) OVER days, p_last + 1) - m.day AS days,
               row_number() OVER days AS nth
        FROM moved m
        GROUP BY m.location_id, m.item_id, m.day
        WINDOW days AS (PARTITION BY m.location_id, m.item_id ORDER BY m.day)
    ), summed AS (
        SELECT s.location_id, s.item_id, min(s.day) AS first_seen,
               coalesce(sum(s.days) FILTER (WHERE s.quantity > 0), 0)::integer AS in_stock_days,
               coalesce(sum(s.days) FILTER (WHERE s.quantity <= 0), 0)::integer AS empty_days,
               (array_agg(s.quantity ORDER BY s.day DESC))[1]::bigint AS on_hand
        FROM stood s GROUP BY s.location_id, s.item_id
    ), held AS (
        -- Items that moved neither in the period nor since the snapshot, and were empty by then.
        SELECT s.location_id, s.item_id, s.first_seen, s.in_stock_days, s.empty_days, s.on_hand
        FROM summed s
        UNION ALL
        SELECT b.location_id, b.item_id, p_first, 0, 0, 0
        FROM balance b
        WHERE b.location_id = ANY (places)
          AND NOT EXISTS (SELECT FROM summed s
                          WHERE s.location_id = b.location_id AND s.item_id = b.item_id)
        GROUP BY b.location_id, b.item_id
    )
    SELECT p.facility_id, h.item_id, h.in_stock_days,
           (h.empty_days + CASE
               -- Days of the period before its first movement here: out of stock if held earlier.
               WHEN first_in.day < p_first AND h.empty_days + h.in_stock_days = 0
                   THEN p_last - p_first + 1
               WHEN first_in.day < p_first THEN h.first_seen - p_first
               ELSE 0 END)::integer,
           h.on_hand
    FROM held h
    JOIN location p ON p.id = h.location_id
    CROSS JOIN LATERAL (
        SELECT e.happened_on AS day FROM entry e
        WHERE e.to_location_id = h.location_id AND e.item_id = h.item_id
        ORDER BY e.happened_on, e.id LIMIT 1
    ) first_in
    WHERE first_in.day <= p_last;
END $$;

-- When the stores stood empty: one row for each span of days of the period that closed without stock
-- after the item was first held there (`empty_from`, `empty_to`, both included), and one without a span
-- for each item held; `held_since` is the day it was first held. Day by day what `ledger_stock_days`
-- counts. With `p_known_by`, only as documents recorded by that moment tell it.
CREATE OR REPLACE FUNCTION ledger_empty_spans(
    p_facilities integer[], p_first date, p_last date, p_known_by timestamptz DEFAULT NULL)
RETURNS TABLE (facility_id integer, item_id integer, held_since date, empty_from date, empty_to date)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    places bigint[] := ledger_places(p_facilities, ARRAY['store']);
    -- Monthly balances know documents recorded since; without them the answer is the same, slower.
    nearest date := CASE WHEN p_known_by IS NULL THEN (
        SELECT coalesce(max(c.month_end), '-infinity'::date)
        FROM closing_month c WHERE c.month_end < p_first) ELSE '-infinity'::date END;
BEGIN
    RETURN QUERY
    WITH late AS MATERIALIZED (
        SELECT id FROM document WHERE p_known_by IS NOT NULL AND recorded_at > p_known_by
    ), moved AS (
        SELECT c.location_id, c.item_id, p_first AS day, sum(c.quantity) AS quantity
        FROM closing_balance c
        WHERE c.location_id = ANY (places) AND c.month_end = nearest
        GROUP BY c.location_id, c.item_id
        UNION ALL
        SELECT e.to_location_id, e.item_id, greatest(e.happened_on, p_first), sum(e.quantity)
        FROM entry e
        WHERE e.to_location_id = ANY (places) AND e.happened_on > nearest
          AND e.happened_on <= p_last AND e.document_id NOT IN (SELECT id FROM late)
        GROUP BY 1, 2, 3
        UNION ALL
        SELECT e.from_location_id, e.item_id, greatest(e.happened_on, p_first), -sum(e.quantity)
        FROM entry e
        WHERE e.from_location_id = ANY (places) AND e.happened_on > nearest
          AND e.happened_on <= p_last AND e.document_id NOT IN (SELECT id FROM late)
        GROUP BY 1, 2, 3
    ), held AS (
        SELECT DISTINCT x.location_id, x.item_id FROM (
            SELECT location_id, item_id FROM moved
            UNION ALL
            SELECT b.location_id, b.item_id FROM balance b WHERE b.location_id = ANY (places)) x
    ), known AS (
        SELECT h.location_id, h.item_id, first_in.day AS since
        FROM held h
        CROSS JOIN LATERAL (
            SELECT e.happened_on AS day FROM entry e
            WHERE e.to_location_id = h.location_id AND e.item_id = h.item_id
              AND e.document_id NOT IN (SELECT id FROM late)
            ORDER BY e.happened_on, e.id LIMIT 1
        ) first_in
        WHERE first_in.day <= p_last
    ), stood AS (
        SELECT m.location_id, m.item_id, m.day, sum(sum(m.quantity)) OVER days AS quantity,
               coalesce(lead(m.day) OVER days, p_last + 1) - 1 AS until
        FROM (
            SELECT location_id, item_id, day, quantity FROM moved
            UNION ALL
            -- What was held before and is not told of on the first day stood empty on it.
            SELECT k.location_id, k.item_id, p_first, 0 FROM known k WHERE k.since < p_first) m
        GROUP BY m.location_id, m.item_id, m.day
        WINDOW days AS (PARTITION BY m.location_id, m.item_id ORDER BY m.day)
    )
    SELECT p.facility_id, k.item_id, k.since, s.day, s.until
    FROM known k
    JOIN location p ON p.id = k.location_id
    JOIN stood s ON s.location_id = k.location_id AND s.item_id = k.item_id AND s.quantity <= 0
    UNION ALL
    SELECT p.facility_id, k.item_id, k.since, NULL, NULL
    FROM known k JOIN location p ON p.id = k.location_id;
END $$;

-- Average monthly consumption: what was consumed in the 90 whole days before `p_day`, per day with
-- stock (a day that closed with none does not count as one without need), times 30. NULL where fewer
-- than 30 of those days closed with stock. One row for each item that was ever held.
CREATE OR REPLACE FUNCTION ledger_amc(
    p_facilities integer[] DEFAULT NULL, p_day date DEFAULT NULL)
RETURNS TABLE (facility_id integer, item_id integer, consumed bigint, in_stock_days integer,
               stock_out_days integer, amc numeric)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    facilities integer[] := coalesce(p_facilities, supply_read_ids());
    last date := coalesce(p_day, supply_today()) - 1;
BEGIN
    RETURN QUERY
    SELECT s.facility_id, s.item_id, coalesce(c.quantity, 0), s.in_stock_days, s.stock_out_days,
           CASE WHEN s.in_stock_days >= 30
                THEN round(coalesce(c.quantity, 0) * 30.0 / s.in_stock_days, 2) END
    FROM ledger_stock_days(facilities, last - 89, last) s
    LEFT JOIN (
        SELECT u.facility_id, u.item_id, sum(u.quantity)::bigint AS quantity
        FROM ledger_consumption(facilities, last - 89, last) u
        GROUP BY u.facility_id, u.item_id
    ) c USING (facility_id, item_id);
END $$;


DO $$
DECLARE
    web text := current_setting('supply.web_role');
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'ledger_places(integer[], text[])',
        'ledger_consumption(integer[], date, date, timestamptz)',
        'ledger_empty_spans(integer[], date, date, timestamptz)',
        'ledger_stock_days(integer[], date, date)',
        'ledger_amc(integer[], date)'] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', name, web);
    END LOOP;
END $$;
