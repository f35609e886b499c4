"""A little past of the demo's case figures: a daily table pasted, and its correction the next morning.

The published series stays what counts: a day that came in short is put right by the second batch, so
that the history shows who knew what, and no forecast changes.
"""

from __future__ import annotations

import datetime as dt
from uuid import NAMESPACE_URL, uuid5

from supply.catalog import queries as catalog
from supply.forecast.intake import queries
from supply.forecast.intake.checking import Choices
from supply.forecast.intake.found import DAY, Counted, Given, Ward
from supply.forecast.intake.keeping import Batch, keep

WARDS = 3
SHORT_BY = 2


def load(district_slug: str) -> None:
    """Two batches by whoever acts (a planner); a second time nothing is added.

    The last day of three wards first comes in short, then right.
    """
    area = queries.area_of(catalog.district(district_slug))
    counts = queries.state(area)
    if not counts:
        return
    last = max(on for _, on, days in counts if days == DAY)
    told = [
        (ward, counts[ward.id, last, DAY])
        for ward in area.wards
        if (ward.id, last, DAY) in counts and counts[ward.id, last, DAY].cases > SHORT_BY
    ][:WARDS]
    if not told or queries.batches(catalog.district(district_slug).id, limit=1):
        return
    _keep(district_slug, "short", last, [(ward, one, -SHORT_BY) for ward, one in told])
    _keep(district_slug, "right", last, [(ward, one, 0) for ward, one in told])


def _keep(slug: str, which: str, on: dt.date, rows: list[tuple[Ward, Counted, int]]) -> None:
    source = {
        "short": "Báo cáo nhanh 17 giờ của trạm y tế (số liệu minh họa)",
        "right": "Đính chính của trạm y tế sáng hôm sau (số liệu minh họa)",
    }[which]
    given = [
        Given(n, ward.name, on, one.cases + change, DAY, ward.code, anomaly=one.anomaly)
        for n, (ward, one, change) in enumerate(rows, 1)
    ]
    key = uuid5(NAMESPACE_URL, f"demo-cases/{slug}/{which}")
    keep(slug, Batch("paste", given, source, key, Choices({}, propose=False)))
