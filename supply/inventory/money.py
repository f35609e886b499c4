"""Where the money of each fund is, to the đồng, from the ledger alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import text

from supply.core.text import Text
from supply.core.transaction import reading


@dataclass(frozen=True)
class FundValue:
    """One fund's goods in đồng, for the facilities asked about. Returns and reversals are netted.

    received + opening + adjusted + from_lenders + transferred_in
        = used + lost + to_lenders + in_stock + in_transit + transferred_out

    `adjusted` is what counts and corrections found, less what they missed. `from_lenders` was
    borrowed or came back from a loan to a partner, `to_lenders` was lent to one or given back; a
    reversed loan counts in neither. `in_stock` is all that the facilities hold: stores, quarantine,
    kits, cylinders at the supplier. `in_transit` is on its way to these facilities. Transfers count only where they cross the border of what was asked
    about; over all facilities both are 0.
    """

    fund_id: int
    fund_code: str
    fund_name: Text
    received_vnd: int
    opening_vnd: int
    adjusted_vnd: int
    from_lenders_vnd: int
    transferred_in_vnd: int
    used_vnd: int
    lost_vnd: int
    to_lenders_vnd: int
    in_stock_vnd: int
    in_transit_vnd: int
    transferred_out_vnd: int

    @property
    def difference_vnd(self) -> int:
        """What came in less where it is or went; 0 in a sound ledger."""
        came = self.received_vnd + self.opening_vnd + self.adjusted_vnd + self.transferred_in_vnd
        came += self.from_lenders_vnd
        went = self.used_vnd + self.lost_vnd + self.to_lenders_vnd + self.transferred_out_vnd
        return came - went - self.in_stock_vnd - self.in_transit_vnd


# `net` is positive for what enters the facilities asked about and negative for what leaves them;
# an entry between two of their places crosses no border.
_BY_FUND = """
WITH place AS (
    SELECT l.id, l.kind FROM location l
    JOIN facility f ON f.id = l.facility_id
    JOIN district d ON d.id = f.district_id
    WHERE f.id = ANY ((SELECT supply_read_ids())::int[])
      AND (CAST(:facility_ids AS int[]) IS NULL OR f.id = ANY (:facility_ids))
      AND (CAST(:district AS text) IS NULL OR d.slug = :district)
), crossed AS (
    SELECT e.document_id, e.consignment_id, e.amount_vnd AS net, e.from_location_id AS other_id
    FROM entry e WHERE e.to_location_id IN (SELECT id FROM place)
      AND e.from_location_id NOT IN (SELECT id FROM place)
    UNION ALL
    SELECT e.document_id, e.consignment_id, -e.amount_vnd, e.to_location_id
    FROM entry e WHERE e.from_location_id IN (SELECT id FROM place)
      AND e.to_location_id NOT IN (SELECT id FROM place)
), flow AS (
    SELECT c.fund_id,
        coalesce(sum(x.net) FILTER (WHERE o.kind IN ('supplier', 'donor')), 0) AS received,
        coalesce(sum(x.net) FILTER (WHERE o.kind = 'opening'), 0) AS opening,
        coalesce(sum(x.net) FILTER (WHERE o.kind = 'adjustment'), 0) AS adjusted,
        coalesce(sum(x.net) FILTER (WHERE o.kind = 'lender' AND (x.net > 0) <> x.undoes), 0)
            AS borrowed,
        coalesce(-sum(x.net) FILTER (WHERE o.kind = 'lender' AND (x.net > 0) = x.undoes), 0)
            AS lent,
        coalesce(-sum(x.net) FILTER (WHERE o.kind = 'use'), 0) AS used,
        coalesce(-sum(x.net) FILTER (WHERE o.kind = 'loss'), 0) AS lost,
        coalesce(sum(x.net) FILTER (WHERE o.facility_id IS NOT NULL AND x.net > 0), 0) AS came,
        coalesce(-sum(x.net) FILTER (WHERE o.facility_id IS NOT NULL AND x.net < 0), 0) AS went
    FROM (
        SELECT *, other_id = (SELECT id FROM location WHERE kind = 'lender') AND EXISTS (
            SELECT FROM document d WHERE d.id = document_id AND d.kind = 'reversal') AS undoes
        FROM crossed
    ) x
    JOIN consignment c ON c.id = x.consignment_id
    JOIN location o ON o.id = x.other_id
    GROUP BY c.fund_id
), held AS (
    SELECT c.fund_id,
        coalesce(sum(b.amount_vnd) FILTER (WHERE p.kind <> 'transit'), 0) AS in_stock,
        coalesce(sum(b.amount_vnd) FILTER (WHERE p.kind = 'transit'), 0) AS in_transit
    FROM balance b
    JOIN place p ON p.id = b.location_id
    JOIN consignment c ON c.id = b.consignment_id
    GROUP BY c.fund_id
)
SELECT u.id, u.code, u.name_vi, u.name_en,
       coalesce(w.received, 0)::bigint AS received, coalesce(w.opening, 0)::bigint AS opening,
       coalesce(w.adjusted, 0)::bigint AS adjusted, coalesce(w.came, 0)::bigint AS came,
       coalesce(w.borrowed, 0)::bigint AS borrowed, coalesce(w.lent, 0)::bigint AS lent,
       coalesce(w.used, 0)::bigint AS used, coalesce(w.lost, 0)::bigint AS lost,
       coalesce(h.in_stock, 0)::bigint AS in_stock,
       coalesce(h.in_transit, 0)::bigint AS in_transit, coalesce(w.went, 0)::bigint AS went
FROM fund u LEFT JOIN flow w ON w.fund_id = u.id LEFT JOIN held h ON h.fund_id = u.id
WHERE w.fund_id IS NOT NULL OR h.fund_id IS NOT NULL
ORDER BY u.code
"""


def value_by_fund(
    district: str | None = None, facility_ids: Iterable[int] | None = None
) -> list[FundValue]:
    """One row per fund that has goods in the facilities asked about (default: the whole scope)."""
    asked = None if facility_ids is None else list(facility_ids)
    with reading() as session:
        found = session.connection().execute(
            text(_BY_FUND), {"district": district, "facility_ids": asked}
        )
        return [
            FundValue(
                r.id,
                r.code,
                Text(r.name_vi, r.name_en),
                received_vnd=r.received,
                opening_vnd=r.opening,
                adjusted_vnd=r.adjusted,
                from_lenders_vnd=r.borrowed,
                to_lenders_vnd=r.lent,
                transferred_in_vnd=r.came,
                used_vnd=r.used,
                lost_vnd=r.lost,
                in_stock_vnd=r.in_stock,
                in_transit_vnd=r.in_transit,
                transferred_out_vnd=r.went,
            )
            for r in found
        ]
