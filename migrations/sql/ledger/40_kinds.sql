-- Each kind of document: from where to where its lines go. d.kind's own rules stand here; what all
-- kinds share is in the files before.

-- Goods from outside: the purpose says from whom, else the kind of partner does.
CREATE OR REPLACE FUNCTION ledger_receipt(p jsonb, d document) RETURNS ledger_move[]
LANGUAGE sql AS $$
    SELECT ledger_bring_in(
        ledger_read_lines(p, d.kind, d.happened_on, ledger_place(CASE
            WHEN d.purpose IN ('borrowed', 'loan_return') THEN 'lender'
            WHEN d.purpose = 'donation' THEN 'donor'
            WHEN d.purpose = 'purchase' THEN 'supplier'
            ELSE coalesce((SELECT 'donor' FROM partner WHERE id = d.partner_id AND kind = 'donor'),
                          'supplier') END)),
        d, ledger_place('store', d.facility_id))
$$;

-- Goods that leave: to be used, or lent and given back to a partner.
CREATE OR REPLACE FUNCTION ledger_issue(p jsonb, d document) RETURNS ledger_move[]
LANGUAGE sql AS $$
    SELECT ledger_take_out(
        ledger_read_lines(p, d.kind, d.happened_on, ledger_place(
            CASE WHEN d.purpose IN ('loan', 'loan_return') THEN 'lender' ELSE 'use' END)),
        ledger_place(d.from_place, d.facility_id), d.happened_on, true, ledger_blocked_lots())
$$;

-- What was set aside may be sent on expired or recalled: that is how it is gathered.
CREATE OR REPLACE FUNCTION ledger_dispatch(p jsonb, d document) RETURNS ledger_move[]
LANGUAGE plpgsql AS $$
DECLARE
    transit bigint;
    usable boolean := d.from_place <> 'quarantine';
BEGIN
    SELECT l.id INTO transit FROM location l JOIN facility f ON f.id = l.facility_id
    WHERE l.kind = 'transit' AND f.id = d.counterpart_facility_id AND f.active;
    IF transit IS NULL OR d.counterpart_facility_id = d.facility_id THEN
        PERFORM ledger_refuse('SP004', 'bad_counterpart', 'counterpart_facility');
    END IF;
    RETURN ledger_move_out(
        ledger_read_lines(p, d.kind, d.happened_on, transit),
        ledger_place(d.from_place, d.facility_id), d.counterpart_facility_id, d.happened_on,
        usable, CASE WHEN usable THEN ledger_blocked_lots() ELSE '{}' END);
END $$;

-- What arrived of a dispatch; what left a quarantine arrives in one.
CREATE OR REPLACE FUNCTION ledger_transfer_receipt(p jsonb, d document) RETURNS ledger_move[]
LANGUAGE plpgsql AS $$
DECLARE
    sent document;
    lines ledger_line[];
    transit bigint := ledger_place('transit', d.facility_id);
    target bigint;
    rest ledger_move[];
BEGIN
    SELECT * INTO sent FROM document WHERE id = d.follows_id FOR NO KEY UPDATE;
    IF sent.id IS NULL OR sent.kind <> 'transfer_dispatch'
       OR sent.counterpart_facility_id <> d.facility_id THEN
        PERFORM ledger_refuse('SP007', 'unknown_dispatch', 'follows');
    ELSIF d.happened_on < sent.happened_on THEN
        PERFORM ledger_refuse('SP004', 'before_dispatch', 'happened_on',
                              jsonb_build_object('date', sent.happened_on));
    END IF;
    lines := ledger_read_lines(
        CASE WHEN jsonb_typeof(p->'lines') = 'array' THEN p ELSE '{"lines": []}' END,
        d.kind, d.happened_on, NULL);
    IF d.reason = '' AND EXISTS (SELECT FROM unnest(lines) l WHERE l.lost_quantity > 0) THEN
        PERFORM ledger_refuse('SP004', 'missing_reason', 'reason');
    END IF;
    target := ledger_place(
        CASE sent.from_place WHEN 'quarantine' THEN 'quarantine' ELSE 'store' END, d.facility_id);
    -- Their values are shares of what lies in transit, known when they are moved.
    SELECT array_agg(ROW(row_number, o.item_id, o.lot_id, o.consignment_id, transit, target,
                         o.quantity, NULL)::ledger_move ORDER BY row_number) INTO rest
    FROM (SELECT *, row_number() OVER ()::integer FROM ledger_outstanding(d.follows_id, transit)) o;
    IF rest IS NULL THEN
        PERFORM ledger_refuse('SP006', 'already_received', 'follows');
    END IF;
    RETURN ledger_shift_all(
        ledger_match(lines, rest, ledger_place('loss'), 'more_than_dispatched'), d.happened_on);
END $$;

-- Stock that was there before the books were; what had already expired is entered too.
CREATE OR REPLACE FUNCTION ledger_opening(p jsonb, d document) RETURNS ledger_move[]
LANGUAGE sql AS $$
    SELECT ledger_bring_in(
        ledger_read_lines(p, d.kind, d.happened_on, ledger_place('opening')),
        d, ledger_place('store', d.facility_id))
$$;

-- Goods of an issue come back unused, with their exact share of the value that is still out.
CREATE OR REPLACE FUNCTION ledger_return(p jsonb, d document) RETURNS ledger_move[]
LANGUAGE plpgsql AS $$
DECLARE
    issued document;
    used bigint := ledger_place('use');
    store bigint := ledger_place('store', d.facility_id);
    rest ledger_move[];
BEGIN
    SELECT * INTO issued FROM document WHERE id = d.follows_id FOR NO KEY UPDATE;
    IF issued.id IS NULL OR issued.kind <> 'issue' OR issued.facility_id <> d.facility_id
       OR issued.purpose IN ('loan', 'loan_return') THEN
        PERFORM ledger_refuse('SP007', 'unknown_issue', 'follows');
    ELSIF EXISTS (SELECT FROM document WHERE reverses_id = issued.id) THEN
        PERFORM ledger_refuse('SP006', 'issue_reversed', 'follows');
    ELSIF d.happened_on < issued.happened_on THEN
        PERFORM ledger_refuse('SP004', 'before_issue', 'happened_on',
                              jsonb_build_object('date', issued.happened_on));
    END IF;
    SELECT array_agg(ROW(row_number, o.item_id, o.lot_id, o.consignment_id, used, store,
                         o.quantity, o.amount_vnd)::ledger_move ORDER BY row_number) INTO rest
    FROM (SELECT *, row_number() OVER ()::integer FROM ledger_outstanding(d.follows_id, used)) o;
    IF rest IS NULL THEN
        PERFORM ledger_refuse('SP006', 'already_returned', 'follows');
    END IF;
    RETURN ledger_shift_all(
        ledger_match(ledger_read_lines(p, d.kind, d.happened_on, NULL), rest, NULL,
                     'more_than_issued'), d.happened_on);
END $$;

-- Goods between two places of the same facility. Only a kit must be made of usable goods; what is
-- recalled may be set aside and taken out of a kit, and nothing else.
CREATE OR REPLACE FUNCTION ledger_within(p jsonb, d document, p_from text, p_to text)
RETURNS ledger_move[] LANGUAGE sql AS $$
    SELECT ledger_move_out(
        ledger_read_lines(p, d.kind, d.happened_on, ledger_place(p_to, d.facility_id)),
        ledger_place(p_from, d.facility_id), d.facility_id, d.happened_on, p_to = 'kit',
        CASE WHEN d.kind IN ('kit_assembly', 'release') THEN ledger_blocked_lots() ELSE '{}' END)
$$;

-- Full cylinders come from the supplier, empty ones go to it.
CREATE OR REPLACE FUNCTION ledger_cylinder_exchange(p jsonb, d document) RETURNS ledger_move[]
LANGUAGE plpgsql AS $$
DECLARE
    lines ledger_line[] := ledger_read_lines(p, d.kind, d.happened_on, ledger_place('supplier'));
BEGIN
    RETURN ledger_take_out(ledger_lines_where(lines, false, NULL),
                           ledger_place(d.from_place, d.facility_id), d.happened_on, false)
        || ledger_bring_in(ledger_lines_where(lines, true, NULL), d,
                           ledger_place('store', d.facility_id));
END $$;

-- The shells of used-up cylinders come back from use, worth nothing.
CREATE OR REPLACE FUNCTION ledger_cylinder_empty(p jsonb, d document) RETURNS ledger_move[]
LANGUAGE sql AS $$
    SELECT ledger_bring_in(
        ledger_read_lines(p, d.kind, d.happened_on, ledger_place('use')),
        d, ledger_place('store', d.facility_id))
$$;

-- Losses and shortages leave first, so that what a count finds is not taken for them.
CREATE OR REPLACE FUNCTION ledger_adjustment(p jsonb, d document) RETURNS ledger_move[]
LANGUAGE plpgsql AS $$
DECLARE
    place text := ledger_reason_place(d.reason);
    here bigint := ledger_place(d.from_place, d.facility_id);
    lines ledger_line[];
BEGIN
    IF place IS NULL THEN
        PERFORM ledger_refuse('SP004', 'missing_reason', 'reason');
    END IF;
    lines := ledger_read_lines(p, d.kind, d.happened_on, ledger_place(place));
    PERFORM ledger_refuse('SP004', jsonb_agg(ledger_fault(
            'reason_does_not_fit', l.line_no, 'direction', jsonb_build_object('reason', d.reason))
            ORDER BY l.line_no))
    FROM unnest(lines) l
    WHERE place = 'loss' AND l.incoming
    HAVING count(*) > 0;
    RETURN ledger_take_out(ledger_lines_where(lines, false, NULL), here, d.happened_on, false)
        || ledger_bring_in(ledger_lines_where(lines, true, true), d, here)
        || ledger_add_found(ledger_lines_where(lines, true, false), d, here);
END $$;
