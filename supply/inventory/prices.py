"""What things cost last: the price of the newest receipt line of each item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from supply.inventory.asking import ask, ids


@dataclass(frozen=True)
class LastPrice:
    """Whole đồng for one base unit, of which day, under which paper."""

    item_id: int
    unit_price_vnd: int
    on: dt.date
    paper_reference: str


# Gifts and opening stock may stand at no price: they say nothing of what buying costs.
_LAST = """
SELECT DISTINCT ON (t.item_id) t.item_id, c.unit_price_vnd, d.happened_on, c.paper_reference
FROM consignment c
JOIN lot t ON t.id = c.lot_id
JOIN document d ON d.id = c.document_id
WHERE c.unit_price_vnd > 0
  AND EXISTS (SELECT FROM facility f WHERE f.id = d.facility_id
              AND (CAST(:facility_ids AS int[]) IS NULL OR f.id = ANY (:facility_ids)))
ORDER BY t.item_id, d.happened_on DESC, c.id DESC
"""


def last_prices(facility_ids: Iterable[int] | None = None) -> dict[int, LastPrice]:
    """item id -> the last price above 0 paid by these facilities (all of the scope by default)."""
    found = ask(_LAST, facility_ids=ids(facility_ids))
    return {row["item_id"]: LastPrice(*row.values()) for row in found}
