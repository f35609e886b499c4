"""The SQL of "what lay where, on which day": the one home of it, for lists, cards and reports. Pure.

Every question built on it binds `facility_ids`, `district_id`, `ward_id` (`where_params`), and
`on_date` where a day is asked for. Only places within the person's scope are looked at: of another's
store a transfer shows the entries that concern both, which would be half a figure. The places come
first, as an array, so that every index begins with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PLACES = """
place AS MATERIALIZED (
    SELECT l.id, l.kind, l.facility_id
    FROM location l JOIN facility f ON f.id = l.facility_id
    WHERE l.facility_id = ANY ((SELECT supply_read_ids())::int[])
      AND (CAST(:facility_ids AS int[]) IS NULL OR l.facility_id = ANY (:facility_ids))
      AND (CAST(:district_id AS int) IS NULL OR f.district_id = :district_id)
      AND (CAST(:ward_id AS int) IS NULL OR f.ward_id = :ward_id)
)"""


@dataclass(frozen=True)
class Where:
    """Which stores are looked at; None: no restriction but the person's scope."""

    facility_ids: tuple[int, ...] | None = None
    district_id: int | None = None
    ward_id: int | None = None

    @classmethod
    def of(cls, facility_ids: Iterable[int] | None) -> Where:
        """These facilities, or all in scope."""
        return cls(None if facility_ids is None else tuple(facility_ids))

    def params(self) -> dict[str, object]:
        """What `PLACES` binds."""
        return {
            "facility_ids": None if self.facility_ids is None else list(self.facility_ids),
            "district_id": self.district_id,
            "ward_id": self.ward_id,
        }


def held_on(day: str = ":on_date", more: str = "") -> str:
    """What lay at the end of a day: the nearest closing balances before it, and what moved since.

    `day`: the SQL of the day. `more`: a condition on `x.item_id` or `x.consignment_id`, as
    "AND x.item_id = :item_id". Rows: location_id, consignment_id, item_id, lot_id, quantity,
    amount_vnd. Without closings it is the whole ledger up to the day; the answer is the same.
    """
    nearest = f"""(SELECT coalesce(max(month_end), '-infinity'::date)
            FROM closing_month WHERE month_end <= {day})"""
    return f"""
    SELECT location_id, consignment_id, item_id, lot_id, sum(quantity)::bigint AS quantity,
           sum(amount_vnd)::bigint AS amount_vnd
    FROM (
        SELECT x.location_id, x.consignment_id, x.item_id, x.lot_id, x.quantity, x.amount_vnd
        FROM closing_balance x
        WHERE x.location_id = ANY (ARRAY(SELECT id FROM place)) AND x.month_end = {nearest} {more}
        UNION ALL
        SELECT x.to_location_id, x.consignment_id, x.item_id, x.lot_id, x.quantity, x.amount_vnd
        FROM entry x
        WHERE x.to_location_id = ANY (ARRAY(SELECT id FROM place))
          AND x.happened_on > {nearest} AND x.happened_on <= {day} {more}
        UNION ALL
        SELECT x.from_location_id, x.consignment_id, x.item_id, x.lot_id, -x.quantity,
               -x.amount_vnd
        FROM entry x
        WHERE x.from_location_id = ANY (ARRAY(SELECT id FROM place))
          AND x.happened_on > {nearest} AND x.happened_on <= {day} {more}
    ) moved
    GROUP BY location_id, consignment_id, item_id, lot_id
    HAVING sum(quantity) <> 0 OR sum(amount_vnd) <> 0"""


HELD_NOW = """
    SELECT x.location_id, x.consignment_id, x.item_id, x.lot_id, x.quantity, x.amount_vnd
    FROM balance x
    WHERE x.facility_id = ANY (ARRAY(SELECT DISTINCT facility_id FROM place))"""
