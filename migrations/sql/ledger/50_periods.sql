-- Periods and monthly closing balances: what `post_document` asks of them, and who moves them.
-- In PL/pgSQL throughout: the tables come with migration 0008, later than the first use of this file.
--
-- Closing balances and postings at the same time. Every posting takes the advisory lock of the
-- closings SHARED (postings do not wait for each other), reads which months are made, and adds
-- itself to those from its day on. Making months takes the lock EXCLUSIVE: it begins after every
-- posting under way has committed, so it sees their entries, and a posting that waited for it sees
-- the months it made (READ COMMITTED: each statement looks anew). So an entry is counted exactly
-- once, by whichever came second. Making months locks no row that a posting holds: no deadlock.

CREATE OR REPLACE FUNCTION ledger_closings_key() RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT 7204008::bigint $$;

-- The last day of a month.
CREATE OR REPLACE FUNCTION ledger_month_end(p_day date) RETURNS date LANGUAGE sql IMMUTABLE AS
$$ SELECT (date_trunc('month', p_day::timestamp) + interval '1 month - 1 day')::date $$;

-- The last closed day of a facility; NULL: nothing is closed.
CREATE OR REPLACE FUNCTION ledger_closed_through(p_facility integer) RETURNS date
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT through FROM period_event WHERE facility_id = p_facility
            ORDER BY id DESC LIMIT 1);
END $$;

-- Refuse (SP011 `period_closed`) a document dated in a period that its facility has closed. Called
-- under the facility's chain head, which closing takes too: a posting is either before the close or
-- sees it.
CREATE OR REPLACE FUNCTION ledger_check_period(d document) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    closed date := ledger_closed_through(d.facility_id);
BEGIN
    IF d.happened_on <= closed THEN
        PERFORM ledger_refuse('SP011', 'period_closed', 'happened_on', jsonb_build_object(
            'date', closed, 'facility_id', d.facility_id,
            'facility_vi', (SELECT name_vi FROM facility WHERE id = d.facility_id),
            'facility_en', (SELECT name_en FROM facility WHERE id = d.facility_id)));
    END IF;
END $$;

-- Keep the closing balances of months from `d.happened_on` on true to `moves`: one statement, in the
-- order of the key. Called when the moves are known, before the document is numbered and written.
CREATE OR REPLACE FUNCTION ledger_keep_closings(moves ledger_move[], d document) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(ledger_closings_key());
    IF NOT EXISTS (SELECT FROM closing_month WHERE month_end >= d.happened_on) THEN
        RETURN;
    END IF;
    INSERT INTO closing_balance AS kept (location_id, month_end, consignment_id, item_id, lot_id,
                                         facility_id, quantity, amount_vnd)
    SELECT l.id, c.month_end, n.consignment_id, n.item_id, n.lot_id, l.facility_id, n.quantity,
           n.amount_vnd
    FROM (
        SELECT x.location_id, m.consignment_id, m.item_id, m.lot_id,
               sum(x.sign * m.quantity)::bigint AS quantity,
               sum(x.sign * m.amount_vnd)::bigint AS amount_vnd
        FROM unnest(moves) m
        CROSS JOIN LATERAL (VALUES (m.to_location_id, 1), (m.from_location_id, -1))
            x (location_id, sign)
        GROUP BY x.location_id, m.consignment_id, m.item_id, m.lot_id
    ) n
    JOIN location l ON l.id = n.location_id AND l.facility_id IS NOT NULL
    JOIN closing_month c ON c.month_end >= d.happened_on
    WHERE n.quantity <> 0 OR n.amount_vnd <> 0
    ORDER BY l.id, c.month_end, n.item_id, n.consignment_id
    ON CONFLICT (location_id, month_end, item_id, consignment_id) DO UPDATE
    SET quantity = kept.quantity + excluded.quantity,
        amount_vnd = kept.amount_vnd + excluded.amount_vnd;
END $$;

-- Make the closing balances of every month that has ended and has none; returns how many months.
-- One pass over the entries since the last made month: the running total of each place and
-- consignment, spread over the months in which it stood.
CREATE OR REPLACE FUNCTION ledger_close_months() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    last_made date;
    last_ended date := (date_trunc('month', supply_today()::timestamp) - interval '1 day')::date;
    first_missing date;
BEGIN
    PERFORM pg_advisory_xact_lock(ledger_closings_key());
    SELECT max(month_end) INTO last_made FROM closing_month;
    first_missing := ledger_month_end(coalesce(
        last_made + 1, (SELECT min(happened_on) FROM document)));
    IF first_missing IS NULL OR first_missing > last_ended THEN
        RETURN 0;
    END IF;
    INSERT INTO closing_month (month_end)
    SELECT ledger_month_end(m::date)
    FROM generate_series(date_trunc('month', first_missing::timestamp), last_ended::timestamp,
                         interval '1 month') m;
    INSERT INTO closing_balance (location_id, month_end, consignment_id, item_id, lot_id,
                                 facility_id, quantity, amount_vnd)
    WITH moved AS (
        SELECT location_id, month_end, consignment_id, item_id, lot_id, quantity, amount_vnd
        FROM closing_balance WHERE month_end = last_made
        UNION ALL
        SELECT to_location_id, ledger_month_end(happened_on), consignment_id, item_id, lot_id,
               sum(quantity), sum(amount_vnd)
        FROM entry
        WHERE happened_on > coalesce(last_made, '-infinity') AND happened_on <= last_ended
        GROUP BY 1, 2, 3, 4, 5
        UNION ALL
        SELECT from_location_id, ledger_month_end(happened_on), consignment_id, item_id, lot_id,
               -sum(quantity), -sum(amount_vnd)
        FROM entry
        WHERE happened_on > coalesce(last_made, '-infinity') AND happened_on <= last_ended
        GROUP BY 1, 2, 3, 4, 5
    ), stood AS (
        SELECT m.location_id, m.month_end, m.consignment_id, m.item_id, m.lot_id, l.facility_id,
               sum(sum(m.quantity)) OVER places AS quantity,
               sum(sum(m.amount_vnd)) OVER places AS amount_vnd,
               lead(m.month_end) OVER places AS until
        FROM moved m JOIN location l ON l.id = m.location_id AND l.facility_id IS NOT NULL
        GROUP BY m.location_id, m.month_end, m.consignment_id, m.item_id, m.lot_id, l.facility_id
        WINDOW places AS (PARTITION BY m.location_id, m.consignment_id ORDER BY m.month_end)
    )
    SELECT s.location_id, c.month_end, s.consignment_id, s.item_id, s.lot_id, s.facility_id,
           s.quantity, s.amount_vnd
    FROM stood s
    JOIN closing_month c ON c.month_end >= greatest(s.month_end, first_missing)
        AND c.month_end <= last_ended AND (s.until IS NULL OR c.month_end < s.until)
    WHERE s.quantity <> 0 OR s.amount_vnd <> 0
    ORDER BY c.month_end, s.location_id, s.item_id, s.consignment_id;
    RETURN (SELECT count(*) FROM closing_month WHERE month_end BETWEEN first_missing AND last_ended);
END $$;

-- Forget the closings from a day on, to be made again. For whoever writes entries past
-- `post_document` (bulk loads, in the owner's transaction) and for repairs.
CREATE OR REPLACE FUNCTION ledger_forget_closings(p_from date DEFAULT '-infinity') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(ledger_closings_key());
    DELETE FROM closing_month WHERE month_end >= p_from;
    IF NOT EXISTS (SELECT FROM closing_month) THEN
        TRUNCATE closing_balance;
    ELSE
        DELETE FROM closing_balance WHERE month_end >= p_from;
    END IF;
END $$;

-- Close the books of a facility through a month's end. By those who write for it.
CREATE OR REPLACE FUNCTION ledger_close_period(
    p_facility integer, p_through date, p_reason text DEFAULT '') RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    closed date;
    made bigint;
BEGIN
    IF p_facility IS NULL OR NOT p_facility = ANY (supply_write_ids()) THEN
        PERFORM ledger_refuse('SP002', 'not_the_closer', 'facility');
    END IF;
    -- What is being posted for this facility comes first.
    PERFORM FROM chain_head WHERE facility_id = p_facility FOR NO KEY UPDATE;
    closed := ledger_closed_through(p_facility);
    IF p_through IS NULL OR p_through <> ledger_month_end(p_through)
       OR p_through >= supply_today() THEN
        PERFORM ledger_refuse('SP004', 'bad_period_end', 'through', jsonb_build_object(
            'date', coalesce(p_through::text, ''), 'today', supply_today()));
    ELSIF p_through <= closed THEN
        PERFORM ledger_refuse('SP006', 'already_closed', 'through',
                              jsonb_build_object('date', closed));
    END IF;
    INSERT INTO period_event (facility_id, through, action, reason, recorded_by)
    VALUES (p_facility, p_through, 'close', coalesce(btrim(p_reason), ''), supply_user_id())
    RETURNING id INTO made;
    RETURN made;
END $$;

-- Open the books again after `p_through` (a month's end before the closed day; NULL: all of them).
-- By finance or the administrator, with a reason.
CREATE OR REPLACE FUNCTION ledger_reopen_period(
    p_facility integer, p_through date, p_reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    closed date;
    made bigint;
BEGIN
    IF p_facility IS NULL OR NOT p_facility = ANY (supply_read_ids())
       OR NOT (supply_has_role('finance') OR supply_has_role('administrator')) THEN
        PERFORM ledger_refuse('SP002', 'not_the_opener', 'facility');
    END IF;
    PERFORM FROM chain_head WHERE facility_id = p_facility FOR NO KEY UPDATE;
    closed := ledger_closed_through(p_facility);
    IF closed IS NULL OR p_through >= closed THEN
        PERFORM ledger_refuse('SP006', 'already_open', 'through');
    ELSIF p_through <> ledger_month_end(p_through) THEN
        PERFORM ledger_refuse('SP004', 'bad_period_end', 'through', jsonb_build_object(
            'date', p_through, 'today', supply_today()));
    ELSIF coalesce(btrim(p_reason), '') = '' THEN
        PERFORM ledger_refuse('SP004', 'missing_reason', 'reason');
    END IF;
    INSERT INTO period_event (facility_id, through, action, reason, recorded_by)
    VALUES (p_facility, p_through, 'reopen', btrim(p_reason), supply_user_id())
    RETURNING id INTO made;
    RETURN made;
END $$;

DO $$
DECLARE
    web text := current_setting('supply.web_role');
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'ledger_closings_key()', 'ledger_month_end(date)', 'ledger_closed_through(integer)',
        'ledger_check_period(document)', 'ledger_keep_closings(ledger_move[], document)',
        'ledger_close_months()', 'ledger_forget_closings(date)',
        'ledger_close_period(integer, date, text)', 'ledger_reopen_period(integer, date, text)'] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY[
        'ledger_month_end(date)', 'ledger_closed_through(integer)', 'ledger_close_months()',
        'ledger_close_period(integer, date, text)', 'ledger_reopen_period(integer, date, text)'] LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', name, web);
    END LOOP;
END $$;
