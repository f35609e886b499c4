-- What a facility holds of an item, over all lots and consignments: what lists show and order by, so that a
-- page costs its fifty rows and not the whole stock. Derived from `balance` and moved with it, in the same
-- transaction (ledger/33_sums.sql); `ledger verify` proves that it agrees. What depends on the day (usable,
-- expired) is never kept: it is worked out from the lots of the rows that are shown.
--
-- No CHECK against sums below nothing: a row that is inserted only to be added to one that is there is
-- checked before it meets it. The balances have it, and these are nothing but their sums.

CREATE TABLE stock_sum (
    item_id integer NOT NULL REFERENCES item (id),
    facility_id integer NOT NULL REFERENCES facility (id),
    quantity bigint NOT NULL,       -- in the store
    amount_vnd bigint NOT NULL,     -- of what is in the store
    quarantined bigint NOT NULL,
    on_way bigint NOT NULL,         -- goods on their way to it
    PRIMARY KEY (item_id, facility_id)
) WITH (fillfactor = 70);
CREATE INDEX stock_sum_facility ON stock_sum (facility_id);
CREATE INDEX stock_sum_quantity ON stock_sum (quantity);

DO $$
DECLARE
    web text := current_setting('supply.web_role');
BEGIN
    ALTER TABLE stock_sum ENABLE ROW LEVEL SECURITY;
    ALTER TABLE stock_sum FORCE ROW LEVEL SECURITY;
    CREATE POLICY owner_all ON stock_sum TO CURRENT_USER USING (true) WITH CHECK (true);
    REVOKE ALL ON stock_sum FROM PUBLIC;
    EXECUTE format('GRANT SELECT ON stock_sum TO %I', web);
    EXECUTE format('CREATE POLICY scope_reads ON stock_sum FOR SELECT TO %I
                    USING (facility_id = ANY ((SELECT supply_read_ids())::int[]))', web);
END $$;
