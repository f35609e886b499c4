-- What of an earlier document is still open, and lines met from it.

-- What a document brought to a place and later documents that follow it have not yet taken from
-- there, per consignment: goods of a dispatch still on their way, goods of an issue still out.
CREATE OR REPLACE FUNCTION ledger_outstanding(p_document bigint, p_place bigint)
RETURNS TABLE (item_id integer, lot_id bigint, consignment_id bigint, quantity bigint,
               amount_vnd bigint)
LANGUAGE sql STABLE AS $$
    SELECT e.item_id, e.lot_id, e.consignment_id,
           sum(CASE WHEN e.to_location_id = p_place THEN e.quantity ELSE -e.quantity END)::bigint,
           sum(CASE WHEN e.to_location_id = p_place THEN e.amount_vnd ELSE -e.amount_vnd END)::bigint
    FROM document d JOIN entry e ON e.document_id = d.id
    WHERE (d.id = p_document OR d.follows_id = p_document)
      AND p_place IN (e.from_location_id, e.to_location_id)
    GROUP BY e.item_id, e.lot_id, e.consignment_id
    HAVING sum(CASE WHEN e.to_location_id = p_place THEN e.quantity ELSE -e.quantity END) > 0
    ORDER BY e.item_id, e.lot_id, e.consignment_id
$$;

-- Meet every line from what is still open (`rest`, one move per consignment); no lines means all of
-- it. What is named as lost goes to p_loss, what is not named stays open. Where `rest` carries
-- values, each part takes its exact share of what is still open.
CREATE OR REPLACE FUNCTION ledger_match(
    lines ledger_line[], rest ledger_move[], p_loss bigint, p_refusal text)
RETURNS ledger_move[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    moves ledger_move[] := '{}';
    l ledger_line;
    m ledger_move;
    wanted bigint;
    part bigint;
    share bigint;
    pass integer;
BEGIN
    IF cardinality(lines) = 0 THEN
        RETURN rest;
    END IF;
    FOREACH l IN ARRAY lines LOOP
        FOR pass IN 1..2 LOOP
            wanted := CASE pass WHEN 1 THEN l.quantity ELSE l.lost_quantity END;
            FOR i IN 1..cardinality(rest) LOOP
                EXIT WHEN wanted = 0;
                m := rest[i];
                CONTINUE WHEN m.item_id <> l.item_id OR m.quantity = 0
                    OR m.consignment_id <> coalesce(l.consignment_id, m.consignment_id)
                    OR (l.lot_number IS NOT NULL AND l.lot_number <> (
                        SELECT number FROM lot WHERE id = m.lot_id));
                part := least(wanted, m.quantity);
                share := ledger_share(part, m.quantity, m.amount_vnd);
                rest[i].quantity := m.quantity - part;
                rest[i].amount_vnd := m.amount_vnd - share;
                wanted := wanted - part;
                m.line_no := l.line_no;
                m.quantity := part;
                m.amount_vnd := share;
                IF pass = 2 THEN
                    m.to_location_id := p_loss;
                END IF;
                moves := moves || m;
            END LOOP;
            IF wanted > 0 THEN
                PERFORM ledger_refuse('SP005', jsonb_build_array(ledger_fault(
                    p_refusal, l.line_no, 'quantity', jsonb_build_object(
                        'item', l.item_code, 'asked', l.quantity + l.lost_quantity,
                        'available', CASE pass WHEN 1 THEN l.quantity - wanted
                            ELSE l.quantity + l.lost_quantity - wanted END))));
            END IF;
        END LOOP;
    END LOOP;
    RETURN moves;
END $$;

-- Which loan a giving-back may settle: what it gives back to, by its kind.
CREATE OR REPLACE FUNCTION ledger_is_loan_of(loan document, d document) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(CASE d.kind
        WHEN 'receipt' THEN loan.kind = 'issue' AND loan.purpose = 'loan'
            AND loan.facility_id = d.facility_id
        WHEN 'issue' THEN loan.kind = 'receipt' AND loan.purpose = 'borrowed'
            AND loan.facility_id = d.facility_id
        ELSE loan.kind = 'transfer_dispatch' AND loan.purpose = 'loan'
            AND loan.facility_id = d.counterpart_facility_id
            AND loan.counterpart_facility_id = d.facility_id
    END, false)
$$;

-- The loan that a giving-back settles, locked and checked; the partner is the loan's.
CREATE OR REPLACE FUNCTION ledger_settling(d document) RETURNS document LANGUAGE plpgsql AS $$
DECLARE
    loan document;
BEGIN
    SELECT * INTO loan FROM document WHERE id = d.settles_id FOR NO KEY UPDATE;
    IF loan.id IS NULL OR NOT ledger_is_loan_of(loan, d) THEN
        PERFORM ledger_refuse('SP007', 'unknown_loan', 'settles');
    ELSIF EXISTS (SELECT FROM document WHERE reverses_id = loan.id) THEN
        PERFORM ledger_refuse('SP006', 'loan_reversed', 'settles');
    ELSIF d.happened_on < loan.happened_on THEN
        PERFORM ledger_refuse('SP004', 'before_loan', 'happened_on',
                              jsonb_build_object('date', loan.happened_on));
    ELSIF d.partner_id <> loan.partner_id THEN
        PERFORM ledger_refuse('SP004', 'other_partner', 'partner');
    END IF;
    d.partner_id := loan.partner_id;
    RETURN d;
END $$;

-- Of no item more is given back than is still out.
CREATE OR REPLACE FUNCTION ledger_check_settled(moves ledger_move[], d document) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_refuse('SP005', jsonb_agg(ledger_fault(
            'more_than_lent', given.line_no, 'quantity', jsonb_build_object(
                'item', i.code, 'asked', given.quantity, 'available', coalesce(still.quantity, 0)))
            ORDER BY given.line_no))
    FROM (
        SELECT m.item_id, min(m.line_no) AS line_no, sum(m.quantity) AS quantity
        FROM unnest(moves) m GROUP BY m.item_id
    ) given
    JOIN item i ON i.id = given.item_id
    LEFT JOIN (
        SELECT e.item_id, sum(CASE WHEN x.id = d.settles_id THEN e.quantity
                                   ELSE -e.quantity END)::bigint AS quantity
        FROM document x JOIN entry e ON e.document_id = x.id
        WHERE (x.id = d.settles_id OR x.settles_id = d.settles_id)
          AND NOT EXISTS (SELECT FROM document r WHERE r.reverses_id = x.id)
        GROUP BY e.item_id
    ) still ON still.item_id = given.item_id
    WHERE given.quantity > coalesce(still.quantity, 0)
    HAVING count(*) > 0;
END $$;
