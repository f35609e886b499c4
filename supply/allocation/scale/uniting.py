"""District plans seen as one plan of a province or of the country.

Facility codes are nationwide; two districts may write the same lot number on goods of different
expiry, so such a lot is told apart by its district's name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from supply.allocation.instance import Instance, Item
from supply.allocation.plan import Plan
from supply.allocation.scale.joining import joined


class UnitingError(ValueError):
    """The plans are not of one time or not of one catalogue; the text says which differ."""


@dataclass(frozen=True)
class Whole:
    """One instance and its plan, with the districts' own as parts of it."""

    instance: Instance
    plan: Plan
    parts: tuple[Instance, ...]


def united(districts: Mapping[str, tuple[Instance, Plan]]) -> Whole:
    """All districts as one; by name, each its instance and plan.

    Raises ``UnitingError`` where first day, length, weights, an item or a facility do not agree.
    """
    if not districts:
        raise UnitingError("no plans to unite")
    _require_one_time(districts)
    clashing = _clashing_lots(districts)
    parts, plans = [], []
    for name in sorted(districts):
        instance, plan = _told_apart(name, *districts[name], clashing)
        parts.append(instance)
        plans.append(plan)
    whole = replace(
        parts[0],
        items=_items(parts),
        **{  # type: ignore[arg-type]
            table: tuple(row for part in parts for row in getattr(part, table))
            for table in (
                "facilities", "lots", "arrivals", "demand", "reserve", "arcs", "vehicles", "pins",
            )
        },
    )  # fmt: skip
    names = [row.id for row in whole.facilities]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise UnitingError(f"facilities in two districts: {', '.join(twice)}")
    return Whole(whole, joined(whole, parts, plans), tuple(parts))


def _require_one_time(districts: Mapping[str, tuple[Instance, Plan]]) -> None:
    for what in ("start", "horizon_days", "weights"):
        found = {name: getattr(instance, what) for name, (instance, _) in districts.items()}
        if len({str(value) for value in found.values()}) > 1:
            told = ", ".join(f"{name}: {value}" for name, value in sorted(found.items()))
            raise UnitingError(f"{what} differs ({told})")


def _items(parts: list[Instance]) -> tuple[Item, ...]:
    items: dict[str, Item] = {}
    for part in parts:
        for item in part.items:
            if items.setdefault(item.id, item) != item:
                raise UnitingError(f"item {item.id} is packed in two ways")
    return tuple(items[name] for name in sorted(items))


def _clashing_lots(districts: Mapping[str, tuple[Instance, Plan]]) -> set[tuple[str, str]]:
    expiry: defaultdict[tuple[str, str], set[date | None]] = defaultdict(set)
    for instance, _ in districts.values():
        for row in instance.stock_rows:
            expiry[row.item, row.lot].add(row.expiry)
    return {key for key, found in expiry.items() if len(found) > 1}


def _told_apart(
    name: str, instance: Instance, plan: Plan, clashing: set[tuple[str, str]]
) -> tuple[Instance, Plan]:
    def lot_of(item: str, lot: str) -> str:
        return f"{lot} ({name})" if (item, lot) in clashing else lot

    return (
        replace(
            instance,
            lots=tuple(replace(r, lot=lot_of(r.item, r.lot)) for r in instance.lots),
            arrivals=tuple(replace(r, lot=lot_of(r.item, r.lot)) for r in instance.arrivals),
        ),
        replace(
            plan,
            transfers=tuple(replace(r, lot=lot_of(r.item, r.lot)) for r in plan.transfers),
        ),
    )
