-- Many documents at once, from a file. Four calls in one transaction:
--   ledger_bulk_begin(facilities)  who may, chain heads locked in order, empty staging tables;
--   ledger_bulk_hold(documents)    documents that are followed and goods on their way locked;
--   ledger_bulk_heads()            the documents staged are proved, numbered, and staged no more; the
--                                  caller works out meanwhile what they move;
--   ledger_bulk_post()             everything staged is proved against the ledger's rules, then written.
-- What is staged was worked out elsewhere (supply/imports/booking.py); nothing of it is believed, and
-- what follows from something else (item and lot of a consignment, places of a kind) is not asked. The
-- staging tables are the owner's: the caller may put rows in and look at nothing.
-- Locks are taken in the order of 10_types.sql: chain heads (by facility), documents, balances.

CREATE OR REPLACE FUNCTION ledger_bulk_begin(p_facilities integer[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    caller text := session_user;
    name text;
BEGIN
    IF supply_user_id() IS NULL THEN
        PERFORM ledger_refuse('SP001', 'not_signed_in', 'user');
    ELSIF coalesce(cardinality(p_facilities), 0) = 0
       OR NOT p_facilities <@ supply_write_ids() THEN
        PERFORM ledger_refuse('SP002', 'out_of_scope', 'facility');
    END IF;
    PERFORM FROM chain_head WHERE facility_id = ANY (p_facilities)
    ORDER BY facility_id FOR NO KEY UPDATE;
    BEGIN  -- room to hold the staging tables, where this session has made none yet
        PERFORM set_config('temp_buffers', '160MB', true);
    EXCEPTION WHEN invalid_parameter_value THEN
        NULL;
    END;
    CREATE TEMP TABLE bulk_scope ON COMMIT DROP AS
        SELECT DISTINCT unnest(p_facilities) AS facility_id;
    CREATE TEMP TABLE bulk_document (
        n integer NOT NULL, facility_id integer NOT NULL, kind text NOT NULL,
        happened_on date NOT NULL, counterpart_facility_id integer, partner_id integer,
        recipient text NOT NULL, origin text NOT NULL, paper_reference text NOT NULL,
        note text NOT NULL, reason text NOT NULL, purpose text NOT NULL, client_key uuid NOT NULL,
        follows_n integer, follows_id bigint) ON COMMIT DROP;
    CREATE TEMP TABLE bulk_lot (
        ref bigint NOT NULL, item_id integer NOT NULL, number text NOT NULL, expiry date)
        ON COMMIT DROP;
    CREATE TEMP TABLE bulk_consignment (
        ref bigint NOT NULL, lot_ref bigint NOT NULL, fund_id integer NOT NULL,
        unit_price_vnd bigint NOT NULL, document_n integer NOT NULL) ON COMMIT DROP;
    CREATE TEMP TABLE bulk_staged (
        seq integer NOT NULL, document_n integer NOT NULL, line_no integer NOT NULL,
        consignment_ref bigint NOT NULL, incoming boolean NOT NULL, quantity integer NOT NULL,
        amount_vnd bigint NOT NULL) ON COMMIT DROP;
    CREATE TEMP TABLE bulk_line (
        document_n integer NOT NULL, line_no integer NOT NULL, item_id integer NOT NULL,
        entered_quantity bigint NOT NULL, pack_id integer NOT NULL) ON COMMIT DROP;
    FOREACH name IN ARRAY ARRAY['bulk_document', 'bulk_lot', 'bulk_consignment', 'bulk_staged',
                                'bulk_line'] LOOP
        EXECUTE format('GRANT INSERT ON pg_temp.%I TO %I', name, caller);
    END LOOP;
END $$;

-- Hold what the file follows: dispatches and issues of the ledger, and goods on their way to the
-- facilities, so that what is worked out now still holds when it is written.
CREATE OR REPLACE FUNCTION ledger_bulk_hold(p_documents bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM ledger_bulk_is_open();
    PERFORM FROM document WHERE id = ANY (p_documents) ORDER BY id FOR NO KEY UPDATE;
    PERFORM FROM balance b
    WHERE b.location_id IN (
        SELECT l.id FROM location l JOIN pg_temp.bulk_scope s ON s.facility_id = l.facility_id
        WHERE l.kind = 'transit') AND b.quantity > 0
    ORDER BY b.item_id, b.lot_id, b.consignment_id FOR NO KEY UPDATE;
END $$;

-- The staging tables, and those made since, are there and the owner's: nobody slipped their own in.
DROP FUNCTION IF EXISTS ledger_bulk_is_open();
CREATE OR REPLACE FUNCTION ledger_bulk_is_open(VARIADIC p_made text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    names text[] := p_made || ARRAY['bulk_scope', 'bulk_document', 'bulk_lot', 'bulk_consignment',
                                    'bulk_staged', 'bulk_line'];
BEGIN
    IF (SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
        WHERE c.relnamespace = pg_my_temp_schema() AND c.relkind = 'r' AND r.rolname = current_user
          AND c.relname = ANY (names)) <> cardinality(names) THEN
        PERFORM ledger_refuse('SP008', 'changed_meanwhile', 'bulk_tables');
    END IF;
END $$;

-- Refuse what does not prove: somebody else's change, or rows that were not worked out by the rules.
CREATE OR REPLACE FUNCTION ledger_bulk_refuse(p_check text) RETURNS void LANGUAGE sql AS $$
    SELECT ledger_refuse('SP008', 'changed_meanwhile', p_check)
$$;
