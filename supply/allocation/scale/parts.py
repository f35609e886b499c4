"""Cut an instance into districts that can be solved side by side.

Between facilities without a way nothing can move, so components of the arcs are apart exactly. A
component with several depots is cut further, each facility going with the depot that serves it;
the arcs across these cuts are what a border pass may still use. Small components share a part,
which costs nothing and spares jobs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from supply.allocation.instance import Arc, Instance

SMALL_FACILITIES = 12
"""Components smaller than this are gathered into common parts."""


def parts_of(instance: Instance, district_of: Mapping[str, str] | None = None) -> list[Instance]:
    """The instance in parts, most demand first; facilities and their rows are each in exactly one.

    ``district_of``: facility id to the name of its part; without it, components and depots say. Arcs
    and pins across a cut are in no part. A part keeps only the items that are needed or pinned there.
    """
    label = dict(district_of) if district_of is not None else districts_of(instance)
    for row in instance.facilities:
        label.setdefault(row.id, row.id)
    return sorted(_cut(instance, label), key=lambda part: -len(part.demand))


def districts_of(instance: Instance) -> dict[str, str]:
    """Facility id to the id of the depot it goes with, or to the first id of its component."""
    component = components(instance)
    by_depot = _nearest_depots(instance)
    # A component with one depot or none is already as small as it can be cut.
    depots = Counter(component[row.id] for row in instance.facilities if row.depot)
    label = {
        row.id: by_depot.get(row.id, component[row.id])
        if depots[component[row.id]] > 1
        else component[row.id]
        for row in instance.facilities
    }
    return _gathered(label, component)


def components(instance: Instance) -> dict[str, str]:
    """Facility id to the first id among all that arcs join it with."""
    root = {row.id: row.id for row in instance.facilities}

    def find(name: str) -> str:
        while root[name] != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    for arc in instance.arcs:
        one, other = sorted((find(arc.origin), find(arc.destination)))
        root[other] = one
    return {name: find(name) for name in root}


def _nearest_depots(instance: Instance) -> dict[str, str]:
    """Each facility's depot: joined by an arc and reached soonest; of several, the one most of the
    facility's neighbours go with."""
    depots = {row.id for row in instance.facilities if row.depot}
    lead: dict[str, dict[str, int]] = defaultdict(dict)
    neighbours: defaultdict[str, list[str]] = defaultdict(list)
    for arc in instance.arcs:
        for one, other in ((arc.origin, arc.destination), (arc.destination, arc.origin)):
            neighbours[one].append(other)
            if other in depots:
                lead[one][other] = min(arc.lead_days, lead[one].get(other, arc.lead_days))
    label = {name: name for name in depots}
    for name, reached in lead.items():
        if name not in depots:
            label[name] = min(reached, key=lambda depot: (reached[depot], depot))
    for name, reached in lead.items():
        if name not in depots and len(reached) > 1:
            votes = Counter(label[other] for other in neighbours[name] if other in label)
            label[name] = max(sorted(reached), key=lambda depot: (votes[depot], -reached[depot]))
    for row in instance.facilities:
        if row.id not in label:
            votes = Counter(label[other] for other in neighbours[row.id] if other in label)
            if votes:
                label[row.id] = max(sorted(votes), key=lambda depot: votes[depot])
    return label


def _gathered(label: dict[str, str], component: dict[str, str]) -> dict[str, str]:
    """Small whole components together, up to the usual size of a part."""
    size = Counter(label.values())
    parts_in = {
        root: {label[n] for n in label if component[n] == root} for root in set(component.values())
    }
    small = sorted(
        root
        for root, names in parts_in.items()
        if len(names) == 1 and size[next(iter(names))] < SMALL_FACILITIES
    )
    room = max([SMALL_FACILITIES, *size.values()])
    home: dict[str, str] = {}
    name, filled = "", room
    for root in small:
        if filled + size[label[root]] > room:
            name, filled = root, 0
        home[label[root]] = name
        filled += size[label[root]]
    return {facility: home.get(part, part) for facility, part in label.items()}


def _cut(instance: Instance, label: Mapping[str, str]) -> list[Instance]:
    """One instance per label, rows in their order."""
    names = sorted(set(label.values()))
    items = _items_of(instance, label)
    rows: dict[str, defaultdict[str, list[object]]] = {}
    for table in ("lots", "arrivals", "demand", "reserve"):
        rows[table] = defaultdict(list)
        for row in getattr(instance, table):
            part = label[row.facility]
            if row.item in items[part]:
                rows[table][part].append(row)
    rows["vehicles"] = defaultdict(list)
    for vehicle in instance.vehicles:
        rows["vehicles"][label[vehicle.facility]].append(vehicle)
    for table in ("arcs", "pins"):
        rows[table] = defaultdict(list)
        for way in getattr(instance, table):
            if label[way.origin] == label[way.destination]:
                rows[table][label[way.origin]].append(way)
    rows["facilities"] = defaultdict(list)
    for facility in instance.facilities:
        rows["facilities"][label[facility.id]].append(facility)
    return [
        replace(
            instance,
            items=tuple(row for row in instance.items if row.id in items[name]),
            **{table: tuple(found[name]) for table, found in rows.items()},  # type: ignore[arg-type]
        )
        for name in names
    ]


def _items_of(instance: Instance, label: Mapping[str, str]) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for need in instance.demand:
        if need.quantity:
            found[label[need.facility]].add(need.item)
    for need in instance.demand:  # rows of nothing stay only where the item is there anyway
        if not need.quantity and need.item not in found[label[need.facility]]:
            found[label[need.facility]].add(need.item)
    for pin in instance.pins:
        found[label[pin.origin]].add(pin.item)
    return found


def arcs_across(instance: Instance, parts: Iterable[Instance]) -> list[Arc]:
    """The arcs in no part: what a border pass may use."""
    home = {row.id: number for number, part in enumerate(parts) for row in part.facilities}
    return [arc for arc in instance.arcs if home[arc.origin] != home[arc.destination]]
