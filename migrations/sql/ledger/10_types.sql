-- Types of the ledger's functions, and the small words they share.
-- Lock order, the same for every document: chain_head of the own facility; the one document it
-- follows, settles or reverses; lots (by item, number); balances; closings; sums. Store, quarantine, kit and refill
-- balances are changed only under their own facility's chain head, so they cannot be waited for
-- crosswise; balances of transit places, which two facilities change, are always taken in the order
-- item, lot, consignment.

DO $$
BEGIN
    IF to_regtype('ledger_line') IS NULL THEN
        CREATE TYPE ledger_line AS (
            line_no integer, item_id integer, item_code text, quantity bigint, lost_quantity bigint,
            lot_number text, expiry date, consignment_id bigint, fund_id integer, amount_vnd bigint,
            incoming boolean, place_id bigint);
    END IF;
    IF to_regtype('ledger_move') IS NULL THEN
        CREATE TYPE ledger_move AS (
            line_no integer, item_id integer, lot_id bigint, consignment_id bigint,
            from_location_id bigint, to_location_id bigint, quantity bigint, amount_vnd bigint);
    END IF;
END $$;

-- A demonstration database stands on a day of its own (supply/core/clock.py).
CREATE OR REPLACE FUNCTION supply_today() RETURNS date LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('supply.today', true), '')::date,
                   (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date) $$;

CREATE OR REPLACE FUNCTION ledger_fault(code text, line integer, field text, params jsonb DEFAULT '{}')
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('code', code, 'line', line, 'field', field)) || params
$$;

-- Raise `faults` (an array): SQLSTATE `state`, the first code as message, all of them as detail.
CREATE OR REPLACE FUNCTION ledger_refuse(state text, faults jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = state, MESSAGE = faults->0->>'code', DETAIL = faults::text;
END $$;

CREATE OR REPLACE FUNCTION ledger_refuse(
    state text, code text, field text, params jsonb DEFAULT '{}')
RETURNS void LANGUAGE sql AS $$
    SELECT ledger_refuse(state, jsonb_build_array(ledger_fault(code, NULL, field, params)))
$$;

CREATE OR REPLACE FUNCTION ledger_place(p_kind text, p_facility integer DEFAULT NULL) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT id FROM location WHERE kind = p_kind AND facility_id IS NOT DISTINCT FROM p_facility
$$;

-- Where an adjustment of this reason comes from or goes to.
CREATE OR REPLACE FUNCTION ledger_reason_place(reason text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN reason IN ('damaged', 'expired', 'lost', 'disposed') THEN 'loss'
        WHEN reason IN ('count', 'found', 'correction') THEN 'adjustment'
    END
$$;

-- What a kind of document may be for, besides '' (nothing said).
CREATE OR REPLACE FUNCTION ledger_purposes(kind text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE kind
        WHEN 'receipt' THEN '{"",purchase,donation,borrowed,loan_return}'
        WHEN 'issue' THEN '{"",patient,home_patient,community_team,front_line,testing,vaccination,other_unit,loan,loan_return}'
        WHEN 'transfer_dispatch' THEN '{"",loan,loan_return}'
        ELSE '{""}'
    END::text[]
$$;

-- The places of a facility that a kind of document may draw on; the kinds not named here have theirs.
CREATE OR REPLACE FUNCTION ledger_from_places(kind text) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE kind
        WHEN 'issue' THEN '{store,kit,quarantine}'
        WHEN 'transfer_dispatch' THEN '{store,quarantine,kit}'
        WHEN 'adjustment' THEN '{store,quarantine}'
        WHEN 'cylinder_exchange' THEN '{store,refill}'
        ELSE '{store}'
    END::text[]
$$;

-- Each facility has its places: a store, goods on their way to it, goods set aside, kits made up,
-- cylinders at the supplier's.
CREATE OR REPLACE FUNCTION ledger_open_facility() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO location (kind, facility_id)
    SELECT kind, NEW.id FROM unnest('{store,transit,quarantine,kit,refill}'::text[]) kind;
    INSERT INTO chain_head (facility_id, hash, documents) VALUES (NEW.id, repeat('0', 64), 0);
    RETURN NULL;
END $$;
