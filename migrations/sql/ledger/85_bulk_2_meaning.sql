-- What the staged rows stand for: ids, places, things.

-- Ids for what is new, in the order in which it came into being; and with them what every move of a
-- document or of a consignment has in common: bulk_way (by document: from where to where goods come in
-- and go out, NULL where its kind does not) and bulk_thing (by consignment: what it is).
CREATE OR REPLACE FUNCTION ledger_bulk_ways() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE bulk_way ON COMMIT DROP AS
    SELECT w.*, concat(w.in_from, ', ', w.in_to, ', ') AS in_words,
           concat(w.out_from, ', ', w.out_to, ', ') AS out_words
    FROM (
        SELECT x.n, x.id, x.kind, x.happened_on, x.partner_id, x.paper_reference,
               to_json(x.paper_reference)::text AS paper_words,
               x.kind IN ('issue', 'transfer_dispatch') AS must_be_usable,
               x.kind IN ('receipt', 'opening') AS must_be_new,
               CASE WHEN x.kind IN ('receipt', 'opening', 'return')
                      OR (x.kind = 'adjustment'
                          AND x.reason NOT IN ('damaged', 'expired', 'lost', 'disposed')) THEN o.id
                    WHEN x.kind = 'transfer_receipt' THEN t.id END AS in_from,
               s.id AS in_to,
               CASE WHEN x.kind IN ('issue', 'transfer_dispatch', 'adjustment') THEN s.id
                    WHEN x.kind = 'transfer_receipt' AND x.reason <> '' THEN t.id END AS out_from,
               CASE WHEN x.kind = 'transfer_dispatch' THEN c.id ELSE o.id END AS out_to,
               extract(year FROM x.happened_on)::integer AS year,
               ', "' || to_char(x.happened_on, 'YYYY-MM-DD') || '"]' AS day
        FROM (SELECT nextval('document_id_seq') AS id, d.* FROM (
                SELECT * FROM bulk_document ORDER BY n) d) x
        JOIN location s ON s.facility_id = x.facility_id AND s.kind = 'store'
        JOIN location t ON t.facility_id = x.facility_id AND t.kind = 'transit'
        LEFT JOIN location c ON c.facility_id = x.counterpart_facility_id AND c.kind = 'transit'
        LEFT JOIN partner p ON p.id = x.partner_id
        JOIN location o ON o.facility_id IS NULL AND o.kind = CASE x.kind
            WHEN 'receipt' THEN CASE
                WHEN x.purpose = 'borrowed' THEN 'lender'
                WHEN x.purpose = 'donation' OR (x.purpose = '' AND p.kind = 'donor') THEN 'donor'
                ELSE 'supplier' END
            WHEN 'issue' THEN CASE x.purpose WHEN 'loan' THEN 'lender' ELSE 'use' END
            WHEN 'return' THEN 'use'
            WHEN 'opening' THEN 'opening'
            WHEN 'adjustment' THEN ledger_reason_place(x.reason)
            ELSE 'loss' END
    ) w;
END $$;

DROP FUNCTION IF EXISTS ledger_bulk_number();
CREATE OR REPLACE FUNCTION ledger_bulk_things() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    blocked bigint[] := ledger_blocked_lots();
    known bigint[] := ARRAY(SELECT DISTINCT consignment_ref FROM bulk_staged
                            WHERE consignment_ref < 1152921504606846976);
BEGIN
    CREATE TEMP TABLE bulk_known_lot ON COMMIT DROP AS
    SELECT l.*, concat(', ', l.item_id, ', ', l.id, ', ', to_json(l.number), ', ',
                       coalesce('"' || to_char(l.expiry, 'YYYY-MM-DD') || '"', 'null'), ', ') AS words
    FROM (
        SELECT o.ref, nextval('lot_id_seq') AS id, o.item_id, o.number, o.expiry, false AS blocked
        FROM (SELECT * FROM bulk_lot ORDER BY ref) o
        UNION ALL
        SELECT k.id, k.id, k.item_id, k.number, k.expiry, k.id = ANY (blocked)
        FROM lot k
        WHERE k.id IN (SELECT lot_ref FROM bulk_consignment WHERE lot_ref < 1152921504606846976
                       UNION SELECT c.lot_id FROM consignment c WHERE c.id = ANY (known))
    ) l;
    ALTER TABLE bulk_known_lot ADD PRIMARY KEY (ref);
    CREATE TEMP TABLE bulk_thing ON COMMIT DROP AS
    SELECT c.ref, c.id, l.id AS lot_id, l.item_id, l.expiry, l.blocked, c.unit_price_vnd,
           c.document_n, c.document_id, c.fund_id, c.partner_id, c.paper_reference,
           -- What ledger_entry_array says of it, written once for all of its entries.
           concat(l.words, c.id, ', ', c.fund_id, ', ', coalesce(c.partner_id::text, 'null'), ', ',
                  c.paper_words, ', ', c.unit_price_vnd, ', ') AS words
    FROM (
        SELECT o.ref, o.id, o.lot_ref, o.fund_id, w.partner_id, w.paper_reference, w.paper_words,
               o.unit_price_vnd, o.document_n, w.id AS document_id
        FROM (SELECT nextval('consignment_id_seq') AS id, b.*
              FROM (SELECT * FROM bulk_consignment ORDER BY ref) b) o
        LEFT JOIN bulk_way w ON w.n = o.document_n
        UNION ALL
        SELECT k.id, k.id, k.lot_id, k.fund_id, k.partner_id, k.paper_reference,
               to_json(k.paper_reference)::text, k.unit_price_vnd, NULL, NULL
        FROM consignment k WHERE k.id = ANY (known)
    ) c
    LEFT JOIN bulk_known_lot l ON l.ref = c.lot_ref;
    ALTER TABLE bulk_thing ADD PRIMARY KEY (ref);
    CREATE TEMP TABLE bulk_balance ON COMMIT DROP AS
    SELECT b.location_id, b.consignment_id, b.quantity, b.amount_vnd
    FROM balance b WHERE b.consignment_id = ANY (known);
END $$;
