-- Who supplies a store sees the average use of what it is asked for, also of stores outside its scope.
-- (`ledger_places`, in the ledger's functions, lets the owner's own functions ask of any store.)

-- Figures that help to ask and to decide, for some items, in base units.
-- on_hand (not expired), on_way, amc (ledger_amc): of the facility that asks, told to its own people, to
-- who reads it, and to the facility it asks: of the items of its requests that wait or were approved in
-- the last 90 days. Asking means telling, of what is asked and while it is. free: what the asked facility can give today: not
-- expired, not blocked, less what its open transfer drafts promise; told to its own people and
-- readers, and for a depot, which is there to give, to its district.
CREATE OR REPLACE FUNCTION requisition_figures(p_facility integer, p_asked integer, p_items integer[])
RETURNS TABLE (item_id integer, on_hand bigint, on_way bigint, amc numeric, free bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    tells_own boolean := p_facility = ANY (supply_read_ids());
    reads_asked boolean := p_asked = ANY (supply_read_ids());
    tells_asked boolean := reads_asked OR EXISTS (
        SELECT FROM facility a JOIN facility b USING (district_id)
        WHERE a.id = p_facility AND b.id = p_asked AND b.is_depot AND tells_own);
BEGIN
    RETURN QUERY
    SELECT i.id,
        CASE WHEN tells_own OR (reads_asked AND asks.yes) THEN (
            SELECT coalesce(sum(b.quantity), 0)::bigint FROM balance b
            JOIN location l ON l.id = b.location_id AND l.kind = 'store'
            JOIN lot t ON t.id = b.lot_id
            WHERE b.facility_id = p_facility AND b.item_id = i.id
              AND (t.expiry IS NULL OR t.expiry >= supply_today())) END,
        CASE WHEN tells_own OR (reads_asked AND asks.yes) THEN (
            SELECT coalesce(sum(b.quantity), 0)::bigint FROM balance b
            JOIN location l ON l.id = b.location_id AND l.kind = 'transit'
            WHERE b.facility_id = p_facility AND b.item_id = i.id) END,
        CASE WHEN tells_own OR (reads_asked AND asks.yes) THEN used.amc END,
        CASE WHEN tells_asked THEN greatest(0, (
            SELECT coalesce(sum(b.quantity), 0)::bigint FROM balance b
            JOIN location l ON l.id = b.location_id AND l.kind = 'store'
            JOIN lot t ON t.id = b.lot_id
            WHERE b.facility_id = p_asked AND b.item_id = i.id
              AND (t.expiry IS NULL OR t.expiry >= supply_today())
              AND NOT EXISTS (SELECT FROM lot_block k WHERE k.lot_id = b.lot_id AND k.until IS NULL)
        ) - requisition_promised(p_asked, i.id, i.code)) END
    FROM item i CROSS JOIN LATERAL (
        SELECT EXISTS (SELECT FROM requisition q JOIN requisition_line ql ON ql.requisition_id = q.id
                       CROSS JOIN LATERAL (
                           SELECT e.kind, e.recorded_at FROM requisition_event e
                           WHERE e.requisition_id = q.id ORDER BY e.id DESC LIMIT 1) last
                       WHERE q.facility_id = p_facility AND q.asked_id = p_asked
                         AND ql.item_id = i.id
                         AND (last.kind = 'sent' OR (last.kind = 'approved'
                              AND last.recorded_at > now() - interval '90 days'))) AS yes) asks
    LEFT JOIN ledger_amc(ARRAY[p_facility]) used ON used.item_id = i.id
    WHERE i.id = ANY (p_items);
END $$;
