"""What approved plans allow a store to give out, against what it gave out since.

The quotas of a plan count from its first day to the day asked for: what was not given out one day
may be given out later, until the plan's last day. An issue names no class, so what was given out is
counted for all classes together; each class's share is shown beside it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text

from supply.allocation.words import CLASS_NAMES
from supply.core.clock import today
from supply.core.text import Text, group_digits
from supply.core.transaction import reading
from supply.inventory import queries as inventory
from supply.inventory.kinds import Kind
from supply.inventory.limits import Limit, limits_from

# The plan in force of a place on a day: the latest approved that covers it and was not ended.
_IN_FORCE = text("""
SELECT p.id AS plan_id, (p.instance->>'start')::date AS first_day,
       (p.instance->>'start')::date + (p.instance->>'horizon_days')::int - 1 AS last_day
FROM plan p JOIN facility f ON f.district_id = p.district_id
WHERE f.id = :facility AND p.status = 'approved' AND p.ended_by IS NULL
  AND CAST(:day AS date) BETWEEN (p.instance->>'start')::date
                AND (p.instance->>'start')::date + (p.instance->>'horizon_days')::int - 1
ORDER BY p.approved_at DESC, p.id DESC LIMIT 1
""")
_QUOTAS = text("""
SELECT i.code AS item, q.class,
       coalesce(sum(q.quantity) FILTER (WHERE q.day <= :day), 0)::bigint AS to_day,
       sum(q.quantity)::bigint AS whole
FROM plan_quota q JOIN item i ON i.id = q.item_id
WHERE q.plan_id = :plan AND q.facility_id = :facility
GROUP BY i.code, q.class ORDER BY i.code, q.class
""")
_GIVEN_OUT = text("""
SELECT f.id AS facility_id, f.code AS facility, f.name_vi, f.name_en, i.code AS item,
       i.name_vi AS item_vi, i.name_en AS item_en, i.base_unit_vi, i.base_unit_en,
       coalesce(sum(q.quantity) FILTER (WHERE q.day <= :day), 0)::bigint AS to_day,
       sum(q.quantity)::bigint AS whole
FROM plan_quota q JOIN item i ON i.id = q.item_id JOIN facility f ON f.id = q.facility_id
WHERE q.plan_id = :plan
GROUP BY f.id, i.id ORDER BY f.code, i.code
""")
_SPAN = text(
    "SELECT (instance->>'start')::date AS first_day, (instance->>'start')::date"
    " + (instance->>'horizon_days')::int - 1 AS last_day FROM plan WHERE id = :plan"
)


@dataclass(frozen=True)
class GivenOut:
    """A place and item: allowed to the day and in all, given out to the day; base units."""

    facility: str
    facility_name: Text
    item: str
    item_name: Text
    unit: Text
    to_day: int
    whole: int
    used: int

    @property
    def over(self) -> int:
        """Given out beyond what the plan allowed to the day."""
        return max(0, self.used - self.to_day)


@limits_from
def plan_limits(facility_id: int, kind: Kind, day: dt.date) -> list[Limit]:
    """For the issue screen: what the plan in force still allows of each item."""
    if kind is not Kind.ISSUE:
        return []
    with reading() as session:
        plan = session.execute(_IN_FORCE, {"facility": facility_id, "day": day}).mappings().first()
        if plan is None:
            return []
        rows = (
            session.execute(_QUOTAS, {"plan": plan["plan_id"], "facility": facility_id, "day": day})
            .mappings()
            .all()
        )
        used = _used([facility_id], plan["first_day"], plan["last_day"])
    classes: defaultdict[str, dict[str, int]] = defaultdict(dict)
    to_day: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        classes[row["item"]][row["class"]] = row["whole"]
        to_day[row["item"]] += row["to_day"]
    plan_id = plan["plan_id"]
    return [
        Limit(
            item_code=item,
            left_to_day=to_day[item] - used.get((facility_id, item), 0),
            left=sum(shares.values()) - used.get((facility_id, item), 0),
            until=plan["last_day"],
            details=_by_class(shares),
            source=Text(f"kế hoạch phân bổ số {plan_id}", f"allocation plan no. {plan_id}"),
            url=f"/plans/{plan_id}/carry#quotas",
        )
        for item, shares in classes.items()
    ]


def _by_class(shares: Mapping[str, int]) -> Text:
    known = [(CLASS_NAMES[name], shares[name]) for name in CLASS_NAMES if name in shares]
    return Text(
        ", ".join(f"{name.vi.lower()} {group_digits(units)}" for name, units in known),
        ", ".join(f"{name.en.lower()} {group_digits(units)}" for name, units in known),
    )


def _used(
    facility_ids: list[int] | None, first_day: dt.date, last_day: dt.date
) -> dict[tuple[int, str], int]:
    """Given out by facility and item from the plan's first day on."""
    frame = inventory.consumption_daily(facility_ids, first_day, last_day)
    used: defaultdict[tuple[int, str], int] = defaultdict(int)
    for row in frame.to_dict("records"):
        used[int(row["facility_id"]), str(row["item_code"])] += int(row["quantity"])
    return used


def given_out(plan_id: int) -> list[GivenOut]:
    """A plan's quotas against what was given out until today, those beyond it first, then the most
    used; only of places the reader may see."""
    with reading() as session:
        span = session.execute(_SPAN, {"plan": plan_id}).mappings().first()
        if span is None:
            return []
        day = min(today(), span["last_day"])
        rows = session.execute(_GIVEN_OUT, {"plan": plan_id, "day": day}).mappings().all()
        used = _used(sorted({row["facility_id"] for row in rows}), span["first_day"], day)
    found = [
        GivenOut(
            row["facility"],
            Text(row["name_vi"], row["name_en"]),
            row["item"],
            Text(row["item_vi"], row["item_en"]),
            Text(row["base_unit_vi"], row["base_unit_en"]),
            row["to_day"],
            row["whole"],
            used.get((row["facility_id"], row["item"]), 0),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one.over, -one.used, one.facility, one.item))
