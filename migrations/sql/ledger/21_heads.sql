-- Reading the head of a request.

-- The fields of the head as they were sent; number, hashes and id are still empty. What a kind does
-- not use is left out, so that no document claims to follow or settle what it does not.
CREATE OR REPLACE FUNCTION ledger_head_of(p jsonb) RETURNS document LANGUAGE plpgsql STABLE AS $$
DECLARE
    d document;
BEGIN
    d.facility_id := (p->>'facility_id')::integer;
    d.kind := p->>'kind';
    d.happened_on := coalesce((p->>'happened_on')::date, supply_today());
    d.year := extract(year FROM d.happened_on);
    d.recorded_by := supply_user_id();
    d.counterpart_facility_id := (p->>'counterpart_facility_id')::integer;
    d.recipient := coalesce(p->>'recipient', '');
    d.origin := coalesce(p->>'origin', '');
    d.paper_reference := coalesce(p->>'paper_reference', '');
    d.note := coalesce(p->>'note', '');
    d.reason := coalesce(p->>'reason', '');
    d.client_key := coalesce((p->>'client_key')::uuid, gen_random_uuid());
    d.request_digest := ledger_hash((p - 'client_key')::text);
    d.purpose := coalesce(p->>'purpose', '');
    d.from_place := coalesce(p->>'from_place', 'store');
    d.details := coalesce(nullif(p->'details', 'null'), '{}');
    IF d.kind = 'reversal' THEN
        d.reverses_id := (p->>'reverses_id')::bigint;
    ELSIF d.kind IN ('transfer_receipt', 'return') THEN
        d.follows_id := (p->>'follows_id')::bigint;
    ELSIF d.purpose = 'loan_return' THEN
        d.settles_id := (p->>'settles_id')::bigint;
    END IF;
    RETURN d;
END $$;

-- What is wrong with purpose, place, reason and details of the head: one fault is raised.
CREATE OR REPLACE FUNCTION ledger_check_words(d document) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF d.purpose <> '' AND NOT d.purpose = ANY (ledger_purposes(d.kind)) THEN
        PERFORM ledger_refuse('SP004', 'bad_purpose', 'purpose');
    ELSIF d.from_place <> 'store' AND NOT d.from_place = ANY (ledger_from_places(d.kind)) THEN
        PERFORM ledger_refuse('SP004', 'bad_place', 'from_place');
    ELSIF d.reason = '' AND d.kind IN ('quarantine', 'release') THEN
        PERFORM ledger_refuse('SP004', 'missing_reason', 'reason');
    ELSIF d.partner_id IS NULL AND (
            d.purpose = 'borrowed' OR (d.kind = 'issue' AND d.purpose = 'loan')) THEN
        PERFORM ledger_refuse('SP004', 'missing_partner', 'partner');
    ELSIF jsonb_typeof(d.details) <> 'object' OR octet_length(d.details::text) > 20000 THEN
        PERFORM ledger_refuse('SP004', 'bad_details', 'details');
    ELSIF d.kind IN ('kit_assembly', 'kit_breakup') AND NOT (
            coalesce(d.details->>'kit', '') <> '' AND d.details @? '$.count ? (@ >= 1 && @ == @.floor())') THEN
        PERFORM ledger_refuse('SP004', 'missing_kit', 'details');
    END IF;
END $$;

-- The head of the document, checked.
CREATE OR REPLACE FUNCTION ledger_read_head(p jsonb) RETURNS document LANGUAGE plpgsql STABLE AS $$
DECLARE
    d document := ledger_head_of(p);
    today date := supply_today();
BEGIN
    IF d.recorded_by IS NULL THEN
        PERFORM ledger_refuse('SP001', 'not_signed_in', 'user');
    ELSIF d.facility_id IS NULL OR NOT d.facility_id = ANY (supply_write_ids()) THEN
        PERFORM ledger_refuse('SP002', 'out_of_scope', 'facility');
    ELSIF d.happened_on > today THEN
        PERFORM ledger_refuse('SP004', 'future_date', 'happened_on',
                              jsonb_build_object('date', d.happened_on, 'today', today));
    ELSIF d.happened_on < '2000-01-01' THEN
        PERFORM ledger_refuse('SP004', 'bad_date', 'happened_on',
                              jsonb_build_object('date', d.happened_on));
    ELSIF d.kind IS NULL OR d.kind NOT IN (
            'receipt', 'issue', 'transfer_dispatch', 'transfer_receipt', 'opening', 'return',
            'quarantine', 'release', 'kit_assembly', 'kit_breakup', 'cylinder_send',
            'cylinder_exchange', 'cylinder_empty', 'adjustment', 'reversal') THEN
        PERFORM ledger_refuse('SP004', 'unknown_kind', 'kind');
    ELSIF jsonb_typeof(p->'lines') = 'array' AND jsonb_array_length(p->'lines') > 5000 THEN
        PERFORM ledger_refuse('SP004', 'too_many_lines', 'lines',
                              jsonb_build_object('given', jsonb_array_length(p->'lines')));
    ELSIF d.kind NOT IN ('transfer_receipt', 'reversal')
          AND coalesce(jsonb_array_length(p->'lines'), 0) = 0 THEN
        PERFORM ledger_refuse('SP004', 'no_lines', 'lines');
    ELSIF p->>'partner' IS NOT NULL THEN
        SELECT id INTO d.partner_id FROM partner WHERE code = p->>'partner';
        IF NOT FOUND THEN
            PERFORM ledger_refuse('SP004', 'unknown_partner', 'partner',
                                  jsonb_build_object('partner', p->>'partner'));
        END IF;
    END IF;
    IF d.kind <> 'reversal' THEN
        PERFORM ledger_check_words(d);
    END IF;
    RETURN d;
END $$;
