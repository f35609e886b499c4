"""What is asked of oxygen. A few set-based questions for all facilities of a person at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import RowMapping, text

from supply.core.clock import today
from supply.core.errors import NotFound
from supply.core.text import Text
from supply.core.transaction import reading
from supply.oxygen import gas
from supply.oxygen.rows import Cylinders, FacilityOxygen, Flow, NormRow, Norms, OpenCylinder, Size

LIQUID_ITEM = "OX004"
USED_DAYS = 7


def _ask(sql: str, **params: object) -> Sequence[RowMapping]:
    with reading() as session:
        return session.connection().execute(text(sql), params).mappings().all()


_SIZES = """
SELECT DISTINCT ON (f.code) f.code, e.code AS empty_code, s.name_vi, s.name_en, s.water_litres,
       s.pressure_bar, s.gas_litres, s.source, s.confirmed
FROM oxygen_size s JOIN item f ON f.id = s.full_item_id LEFT JOIN item e ON e.id = s.empty_item_id
WHERE s.valid_from <= :day ORDER BY f.code, s.valid_from DESC
"""


def sizes(on: dt.date | None = None) -> list[Size]:
    """The sizes of cylinders, as they are on a day (today), largest first."""
    found = [
        Size(
            r["code"],
            r["empty_code"],
            Text(r["name_vi"], r["name_en"]),
            float(r["water_litres"]),
            r["pressure_bar"],
            r["gas_litres"],
            r["source"],
            r["confirmed"],
        )
        for r in _ask(_SIZES, day=on or today())
    ]
    return sorted(found, key=lambda size: (-size.water_litres, size.code))


_NORMS = """
SELECT DISTINCT ON (name) name, value, low, high, source, confirmed
FROM oxygen_norm WHERE valid_from <= :day ORDER BY name, valid_from DESC
"""


def norms(on: dt.date | None = None) -> Norms:
    """The figures of a day (today)."""
    found = {r["name"]: r for r in _ask(_NORMS, day=on or today())}
    return Norms(
        **{name: float(r["value"]) for name, r in found.items()},
        ranges={
            name: (float(r["low"]), float(r["high"]))
            for name, r in found.items()
            if r["low"] is not None and r["high"] is not None
        },
        unconfirmed=tuple(name for name, r in found.items() if not r["confirmed"]),
    )


_PLACES = """
SELECT f.id, f.code, f.name_vi, f.name_en FROM facility f
WHERE f.active AND f.id = ANY ((SELECT supply_read_ids())::int[])
  AND (CAST(:facility AS int) IS NULL OR f.id = :facility) ORDER BY f.code
"""
_HELD = """
SELECT b.facility_id, l.kind, i.code, sum(b.quantity)::bigint AS quantity
FROM item i JOIN balance b ON b.item_id = i.id AND b.quantity > 0
JOIN location l ON l.id = b.location_id AND l.kind IN ('store', 'refill')
JOIN lot t ON t.id = b.lot_id
WHERE i.code = ANY (:items) AND b.facility_id = ANY (:facilities)
  AND (l.kind = 'refill' OR t.expiry IS NULL OR t.expiry >= supply_today())
  AND NOT EXISTS (SELECT FROM lot_block x WHERE x.lot_id = t.id AND x.until IS NULL)
GROUP BY b.facility_id, l.kind, i.code
"""
# To and from patients: issues less returns, shells that came back, all less what was reversed.
# `lately`: of the last whole days.
_USED = """
SELECT p.facility_id, i.code, sum(x.moved)::bigint AS moved,
       coalesce(sum(x.moved) FILTER (
           WHERE x.happened_on BETWEEN supply_today() - CAST(:days AS int) AND supply_today() - 1), 0)::bigint AS lately
FROM location p
CROSS JOIN item i
CROSS JOIN LATERAL (
    SELECT e.happened_on, e.quantity AS moved FROM entry e
    WHERE e.from_location_id = p.id AND e.item_id = i.id
      AND e.to_location_id = (SELECT id FROM location WHERE kind = 'use')
    UNION ALL
    SELECT e.happened_on, -e.quantity FROM entry e
    WHERE e.to_location_id = p.id AND e.item_id = i.id
      AND e.from_location_id = (SELECT id FROM location WHERE kind = 'use')
) x
WHERE p.kind IN ('store', 'kit') AND p.facility_id = ANY (:facilities) AND i.code = ANY (:items)
GROUP BY p.facility_id, i.code
"""
_FLOWS = """
SELECT DISTINCT ON (w.facility_id) w.*, concat_ws(' ', u.first_name, u.last_name) AS by
FROM oxygen_flow w JOIN ab_user u ON u.id = w.entered_by
WHERE w.facility_id = ANY (:facilities) ORDER BY w.facility_id, w.id DESC
"""


def board(facility_id: int | None = None) -> list[FacilityOxygen]:
    """Oxygen of each facility of the person's scope (or of one): what there is, what flows, how long
    it lasts; the shortest first, those without anything to do with oxygen last."""
    places = _ask(_PLACES, facility=facility_id)
    ids = [r["id"] for r in places]
    all_sizes, figures = sizes(), norms()
    codes = [c for s in all_sizes for c in (s.code, s.empty_code) if c] + [LIQUID_ITEM]
    held = {
        (r["facility_id"], r["kind"], r["code"]): int(r["quantity"])
        for r in _ask(_HELD, facilities=ids, items=codes)
    }
    used = {
        (r["facility_id"], r["code"]): (int(r["moved"]), int(r["lately"]))
        for r in _ask(_USED, facilities=ids, items=codes, days=USED_DAYS)
    }
    flows = {r["facility_id"]: _flow(r) for r in _ask(_FLOWS, facilities=ids)}
    now = dt.datetime.now(dt.UTC)
    found = [_one(r, all_sizes, figures, held, used, flows.get(r["id"]), now) for r in places]
    return sorted(found, key=_order)


def at(facility_id: int) -> FacilityOxygen:
    """Oxygen of one facility. Raises NotFound, also for another's."""
    found = board(facility_id)
    if not found:
        raise NotFound(
            Text(
                "Không tìm thấy cơ sở này trong phạm vi của bạn.",
                "There is no such facility in your scope.",
            )
        )
    return found[0]


def _order(one: FacilityOxygen) -> tuple[bool, float, str]:
    hours = one.hours_left
    return (not one.holds_anything, hours if hours is not None else 1e9, one.code)


def _one(
    place: RowMapping,
    all_sizes: Sequence[Size],
    figures: Norms,
    held: dict[tuple[int, str, str], int],
    used: dict[tuple[int, str], tuple[int, int]],
    flow: Flow | None,
    now: dt.datetime,
) -> FacilityOxygen:
    key = place["id"]

    def cylinders(size: Size) -> Cylinders:
        shell = size.empty_code or ""
        return Cylinders(
            size,
            held.get((key, "store", size.code), 0),
            held.get((key, "store", shell), 0),
            held.get((key, "refill", shell), 0),
            gas.in_use(used.get((key, size.code), (0, 0))[0], -used.get((key, shell), (0, 0))[0])
            if shell
            else 0,
        )

    liquid = held.get((key, "store", LIQUID_ITEM), 0)
    lately = float(sum(used.get((key, s.code), (0, 0))[1] * s.gas_litres for s in all_sizes))
    lately += figures.liquid_litres(used.get((key, LIQUID_ITEM), (0, 0))[1])
    by_code = {s.code: s for s in all_sizes}
    left = sum(
        gas.cylinder_gas_litres(by_code[o.size_code].water_litres, o.bar)
        for o in (flow.open_cylinders if flow else ())
        if o.size_code in by_code
    )
    return FacilityOxygen(
        key,
        place["code"],
        Text(place["name_vi"], place["name_en"]),
        tuple(cylinders(size) for size in all_sizes),
        liquid,
        figures.liquid_litres(liquid),
        left,
        flow,
        max(0.0, lately),
        USED_DAYS,
        figures,
        now,
    )


def _flow(r: RowMapping) -> Flow:
    return Flow(
        r["id"],
        r["severe_patients"],
        r["critical_patients"],
        float(r["litres_per_minute"]),
        r["by_patients"],
        tuple(OpenCylinder(o["item"], int(o["bar"])) for o in r["open_cylinders"]),
        r["note"],
        r["entered_at"],
        r["by"],
    )


_HISTORY = """
SELECT w.*, concat_ws(' ', u.first_name, u.last_name) AS by
FROM oxygen_flow w JOIN ab_user u ON u.id = w.entered_by
WHERE w.facility_id = :facility ORDER BY w.id DESC LIMIT :limit
"""


def flow_history(facility_id: int, limit: int = 20) -> list[Flow]:
    """What was said to flow at a facility, newest first."""
    return [_flow(r) for r in _ask(_HISTORY, facility=facility_id, limit=limit)]


def urgent() -> dict[str, int]:
    """How many facilities are in each urgency."""
    found: dict[str, int] = defaultdict(int)
    for one in board():
        found[one.urgency] += 1
    return found


_ALL_NORMS = """
SELECT n.*, n.id = (SELECT x.id FROM oxygen_norm x WHERE x.name = n.name AND x.valid_from <= :day
                    ORDER BY x.valid_from DESC LIMIT 1) AS in_force
FROM oxygen_norm n ORDER BY n.name, n.valid_from DESC
"""


def norm_rows(on: dt.date | None = None) -> list[NormRow]:
    """All figures that were ever in force or will be, by name."""
    return [
        NormRow(
            r["name"],
            float(r["value"]),
            None if r["low"] is None else float(r["low"]),
            None if r["high"] is None else float(r["high"]),
            r["valid_from"],
            r["source"],
            r["confirmed"],
            bool(r["in_force"]),
        )
        for r in _ask(_ALL_NORMS, day=on or today())
    ]
