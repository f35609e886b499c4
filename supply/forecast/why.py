"""Why a run says what it says: one figure of a stored run taken apart into driver × norm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from supply.catalog import queries as catalog
from supply.core.errors import NotFound
from supply.core.text import Text
from supply.core.transaction import reading
from supply.forecast import chain
from supply.forecast.explain import Explanation, Part
from supply.forecast.explain import explain as take_apart
from supply.forecast.queries import run, stored_burn


def explain(
    run_id: int,
    facility_ids: int | Sequence[int],
    item_id: int,
    first_day: int = 0,
    last_day: int | None = None,
) -> Explanation:
    """Take one figure of a run apart into driver × norm, with its sources; several facilities are
    added up. Days count from the run's day 0. Raises NotFound."""
    return added(explain_each(run_id, facility_ids, item_id, first_day, last_day))


def explain_each(
    run_id: int,
    facility_ids: int | Sequence[int],
    item_id: int,
    first_day: int = 0,
    last_day: int | None = None,
) -> list[Explanation]:
    """The same for each facility by itself, in the order of the district's facilities."""
    wanted = {facility_ids} if isinstance(facility_ids, int) else set(facility_ids)
    with reading():
        at = run(run_id)
        places = [f.code for f in catalog.facilities(at.district_id) if f.id in wanted]
        kind = [item.code for item in catalog.items() if item.id == item_id]
        burn = stored_burn(run_id)
    if not places or not kind or kind[0] not in burn.item_codes:
        raise NotFound(
            Text(
                "Lượt dự báo này không có mặt hàng đó tại cơ sở đó.",
                "This forecast has no such item at that facility.",
            )
        )
    last = burn.days - 1 if last_day is None else last_day
    norms = chain.norms_of(at.params)
    return [take_apart(burn, norms, code, kind[0], first_day, last) for code in places]


def added(found: Sequence[Explanation]) -> Explanation:
    """Explanations of several facilities as one: the same terms, their totals added."""
    by_term: dict[tuple[str, str, float], Part] = {}
    for part in (part for one in found for part in one.parts):
        key = (part.driver, part.of_class, part.rate)
        old = by_term.get(key)
        by_term[key] = (
            part
            if old is None
            else replace(
                old,
                driver_total=old.driver_total + part.driver_total,
                units=old.units + part.units,
            )
        )
    parts = sorted(by_term.values(), key=lambda part: (-part.units, part.driver))
    return replace(
        found[0],
        facility_id=" + ".join(one.facility_id for one in found),
        units=sum(one.units for one in found),
        parts=tuple(parts),
    )
