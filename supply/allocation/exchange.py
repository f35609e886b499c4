"""Packs in place of packs: where vehicles are full, a pack that saves more takes the room of one
that saves less.

What one pack more would save, and one pack less would cost, is worked out for all ways of an item
at once by the exact quotas of the receiver and the sender concerned. The most saving per litre goes
first, on the day whose cheapest packs make room for it; every exchange is counted again exactly and
taken back unless it saves points. Where not the vehicle but the stock is used up, a pack of the same
lot that went another way is tried in its place. All of ``Depot``'s rules hold at every step.

Where the worst-off come first (``fairly``) an exchange must also leave nobody with less of the most
urgent class that it changes: it may take from the mild for the critical, never from one place's
critical for another's.

First come packs for the most urgent class that a place misses; when they do no more good, packs for
every class; then what is left of lots with less than a pack.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from supply.allocation.arrays import Bools, Floats, Ints
from supply.allocation.packing import Depot
from supply.allocation.quotas import Flows, best_quotas

ROUNDS_MAX = 30
URGENT, THOROUGH, RESTS = range(3)
"""What a round looks at: packs for the most urgent class that a place misses; for every class; what
is left of lots with less than a pack."""

LEAST_LITRES = 1e-9

LATER_SHARE = 0.1
"""What a pack that could leave on another day is worth today, of what it is worth at all: an
estimate that decides what is tried, never what is kept."""

SWAPS_MAX = 8
"""Packs of the same stock that are tried in another's place: the cheapest first."""

LEAST_POINTS = 1e-3
"""An exchange that saves less is none."""


@dataclass(frozen=True)
class Candidates:
    """Shipments of a pack, or of what is left of a lot with less: arc, lot, day, and what it is worth
    in points, each (N,)."""

    arc: Ints
    lot: Ints
    day: Ints
    points: Floats


def missing_of(depot: Depot) -> Ints:
    """(F, C) units each facility misses by class."""
    missing: Ints = (
        depot.item.demand - best_quotas(depot.item, depot.flows, depot.class_order)
    ).sum(axis=2)
    return missing


def exchange_packs(
    depots: list[Depot], weights: Floats, deadline: float, fairly: bool = False
) -> None:
    """Exchange until nothing more is saved or ``deadline`` (``time.monotonic``) passes.

    ``weights`` (F, C): points per unmet unit.
    """
    if not depots:
        return
    missing = []
    for depot in depots:
        if time.monotonic() >= deadline:
            return
        missing.append(missing_of(depot))
    effort = URGENT
    for _ in range(ROUNDS_MAX):
        looked = _Round(depots, weights, missing, deadline, fairly, effort)
        if time.monotonic() >= deadline:
            return
        if looked.run():
            effort = min(effort, THOROUGH)
        elif effort == RESTS:
            return
        else:
            effort += 1


class _Round:
    """One look at all packs and the exchanges it leads to."""

    def __init__(
        self,
        depots: list[Depot],
        weights: Floats,
        missing: list[Ints],
        deadline: float,
        fairly: bool,
        effort: int,
    ) -> None:
        self.depots, self.weights, self.missing = depots, weights, missing
        self.deadline, self.fairly = deadline, fairly
        self.thorough, self.rests = effort >= THOROUGH, effort == RESTS
        self.network = depots[0].network
        self.offers: dict[tuple[int, int], list[tuple[float, int, int, int]]] = {}
        self.needless: list[tuple[int, int, int, int]] = []
        self.sent: dict[tuple[int, int, int], list[tuple[float, int, int]]] = {}

    def run(self) -> bool:
        """Make the exchanges worth making; tells whether there was one."""
        wanted: list[tuple[float, float, int, int, int, int]] = []
        for k, depot in enumerate(self.depots):
            if time.monotonic() >= self.deadline:
                break
            size = max(depot.item.pack_size * depot.item.litres_per_unit, LEAST_LITRES)
            self._offer(k, depot, size)
            more = self._additions(depot, self._points(k))
            rows = zip(more.arc.tolist(), more.lot.tolist(), more.day.tolist(), strict=True)
            for (arc, lot, day), saved in zip(rows, more.points.tolist(), strict=True):
                if saved > 0:
                    wanted.append((saved / size, saved, k, arc, lot, day))
        for rows_of_cell in self.offers.values():
            rows_of_cell.sort()
        for rows_of_lot in self.sent.values():
            rows_of_lot.sort()
        wanted.sort(key=lambda row: -row[0])
        done = 0
        for k, arc, lot, day in self.needless:
            row = (0.0, k, arc, lot)
            while time.monotonic() < self.deadline and self._try(None, day, [row]):
                done += 1
        for _, saved, k, arc, lot, latest in wanted:
            if time.monotonic() >= self.deadline:
                break
            while self._exchange(k, arc, lot, latest, saved) or self._swap(
                k, arc, lot, latest, saved
            ):
                done += 1
        return done > 0

    def _offer(self, k: int, depot: Depot, size: float) -> None:
        """What each pack of the item could be taken back for, per litre, by sender and day."""
        sent = self._removals(depot, self._points(k))
        rows = zip(sent.arc.tolist(), sent.lot.tolist(), sent.day.tolist(), strict=True)
        for (arc, lot, day), points in zip(rows, sent.points.tolist(), strict=True):
            cell = (int(self.network.origin[arc]), day)
            self.sent.setdefault((k, cell[0], lot), []).append((-points, arc, day))
            worth = max(0.0, -points) / size
            if self._has_other_day(arc, day, size):
                worth *= LATER_SHARE
            self.offers.setdefault(cell, []).append((worth, k, arc, lot))
            if points > LEAST_POINTS:
                self.needless.append((k, arc, lot, day))

    def _has_other_day(self, arc: int, day: int, litres: float) -> bool:
        """Whether a vehicle over the arc has room for ``litres`` on another day, in time to arrive."""
        last = self.network.n_days - int(self.network.lead_days[arc])
        free = self.depots[0].litres[self.network.origin[arc], :last] >= litres
        return bool(np.delete(free, day if day < last else []).any())

    def _removals(self, depot: Depot, points: Floats) -> Candidates:
        pack = depot.item.pack_size
        keys = [key for key, units in depot.sent.items() if units >= pack]
        table = np.array(keys, dtype=np.int64).reshape(-1, 3)
        return self._valued(depot, points, table, -pack)

    def _additions(self, depot: Depot, points: Floats) -> Candidates:
        """A pack more on each way into a place that misses something, as late as is in time for what
        it misses most of its most urgent class, or of each where ``thorough``; with ``rests`` what is
        left of a lot with less."""
        item, network = depot.item, self.network
        missing = item.demand - best_quotas(item, depot.flows, depot.class_order)
        heaviest = (missing * self.weights[:, :, None]).argmax(axis=2)  # (F, C) day of most unmet
        dues = np.where(missing.any(axis=2), heaviest, -1)
        rows = []
        for arc in np.flatnonzero(points[network.destination] > 0).tolist():
            origin, lead = int(network.origin[arc]), int(network.lead_days[arc])
            days = [due for due in dues[network.destination[arc]].tolist() if due >= 0]
            for due in sorted(set(days if self.thorough else days[:1])):
                latest = due - lead
                for lot in range(item.n_lots if latest >= 0 else 0):
                    there = int(depot.left[origin, lot, latest])
                    if there > 0 and (there < item.pack_size) == self.rests:
                        rows.append((arc, lot, latest))
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        there_then = depot.left[network.origin[table[:, 0]], table[:, 1], table[:, 2]]
        return self._valued(depot, points, table, np.minimum(there_then, item.pack_size))

    def _valued(self, depot: Depot, points: Floats, table: Ints, units: Ints | int) -> Candidates:
        """What ``units`` more on each row's shipment save, at the receiver and at the sender."""
        arc, lot, day = table.T
        gain = np.zeros(len(table))
        for places, receives in (
            (self.network.destination[arc], True),
            (self.network.origin[arc], False),
        ):
            flows = _changed(depot, places, arc, lot, day, units, receives)
            part = replace(
                depot.item,
                supply=depot.item.supply[places],
                demand=depot.item.demand[places],
                reserve=depot.item.reserve[places],
            )
            missing = part.demand - best_quotas(part, flows, depot.class_order)
            gain += points[places] - (missing.sum(axis=2) * self.weights[places]).sum(axis=1)
        return Candidates(arc, lot, day, gain)

    def _exchange(self, k: int, arc: int, lot: int, latest: int, saved: float) -> bool:
        """Ship one pack more, or what is left, on the cheapest day in time; tells whether that saved
        points."""
        depot = self.depots[k]
        pack, origin = depot.item.pack_size, int(self.network.origin[arc])
        best: tuple[float, int, list[tuple[float, int, int, int]]] | None = None
        for day in range(latest, -1, -1):
            units = min(pack, depot.room(arc, lot, day, any_litres=True, rest=self.rests))
            if not units:
                continue
            needs = units * depot.item.litres_per_unit - float(depot.litres[origin, day])
            cost, given = self._cheapest(origin, day, needs, (k, arc))
            if cost < saved and (best is None or cost < best[0]):
                best = (cost, day, given)
            if cost == 0.0:
                break
        if best is None:
            return False
        _, day, given = best
        return self._try((k, arc, lot), day, given)

    def _swap(self, k: int, arc: int, lot: int, latest: int, saved: float) -> bool:
        """Send a pack this way that went another way out of the same stock; tells whether that saved."""
        depot, origin = self.depots[k], int(self.network.origin[arc])
        pack, tries = depot.item.pack_size, 0
        for worth, other, on in self.sent.get((k, origin, lot), ()):
            if worth >= saved or tries >= SWAPS_MAX or self.rests:
                break
            if other == arc or not depot.can_take_back(other, lot, on):
                continue
            tries += 1
            depot.ship(other, lot, on, -pack)
            for day in range(latest, -1, -1):
                if depot.room(arc, lot, day) >= pack:
                    depot.ship(arc, lot, day, pack)
                    if self._keep([(k, arc, lot, pack), (k, other, lot, -pack)]):
                        return True
                    depot.ship(arc, lot, day, -pack)
                    break
            depot.ship(other, lot, on, pack)
        return False

    def _cheapest(
        self, origin: int, day: int, needs: float, but: tuple[int, int]
    ) -> tuple[float, list[tuple[float, int, int, int]]]:
        """Packs to take back for ``needs`` litres, and what they are worth; infinite if too few."""
        cost, given = 0.0, []
        for row in self.offers.get((origin, day), ()):
            if needs <= 0:
                break
            per_litre, k, arc, lot = row
            depot = self.depots[k]
            pack = depot.item.pack_size
            if (k, arc) == but or depot.sent.get((arc, lot, day), 0) < pack:
                continue
            litres = pack * depot.item.litres_per_unit
            if litres <= 0:
                continue
            needs -= litres
            cost += per_litre * litres
            given.append(row)
        return (cost if needs <= LEAST_LITRES else np.inf), given

    def _try(
        self,
        more: tuple[int, int, int] | None,
        day: int,
        given: list[tuple[float, int, int, int]],
    ) -> bool:
        """Take the ``given`` packs back and send ``more`` (item, arc, lot) on the day, if that holds
        and saves; otherwise leave everything as it was."""
        done: list[tuple[int, int, int, int]] = []
        held = True
        for _, k, arc, lot in given:
            depot = self.depots[k]
            held = depot.can_take_back(arc, lot, day)
            if not held:
                break
            depot.ship(arc, lot, day, -depot.item.pack_size)
            done.append((k, arc, lot, -depot.item.pack_size))
        if held and more is not None:
            k, arc, lot = more
            pack = self.depots[k].item.pack_size
            units = min(pack, self.depots[k].room(arc, lot, day, rest=self.rests))
            held = units > 0
            if held:
                self.depots[k].ship(arc, lot, day, units)
                done.append((k, arc, lot, units))
        if held and self._keep(done):
            return True
        again = self._send_again(given, day) if held and more is not None else []
        if again and self._keep(done):
            return True
        for k, arc, lot, other in reversed(again):
            self.depots[k].ship(arc, lot, other, -self.depots[k].item.pack_size)
        for k, arc, lot, units in reversed(done):
            self.depots[k].ship(arc, lot, day, -units)
        return False

    def _send_again(
        self, given: list[tuple[float, int, int, int]], day: int
    ) -> list[tuple[int, int, int, int]]:
        """Send the packs taken back on the day over the same way on the nearest other day that has
        room for them; returns item, arc, lot, day of those that found one."""
        found = []
        for _, k, arc, lot in given:
            depot = self.depots[k]
            litres = depot.item.pack_size * depot.item.litres_per_unit
            last = self.network.n_days - int(self.network.lead_days[arc])
            free = np.flatnonzero(depot.litres[self.network.origin[arc], :last] >= litres)
            for other in sorted(free.tolist(), key=lambda on: (abs(on - day), on)):
                if other != day and depot.room(arc, lot, other) >= depot.item.pack_size:
                    depot.ship(arc, lot, other, depot.item.pack_size)
                    found.append((k, arc, lot, other))
                    break
        return found

    def _keep(self, done: list[tuple[int, int, int, int]]) -> bool:
        """Whether what was done saves; if so the new figures stand."""
        network = self.network
        touched = {
            (k, int(place))
            for k, arc, _, _ in done
            for place in (network.origin[arc], network.destination[arc])
        }
        fresh = {pair: self.depots[pair[0]].unmet(pair[1]).sum(axis=1) for pair in touched}
        if not self._is_better(fresh):
            return False
        for (k, place), missing in fresh.items():
            self.missing[k][place] = missing
        return True

    def _is_better(self, fresh: dict[tuple[int, int], Ints]) -> bool:
        """Whether these (item, facility) pairs miss less than they do now; ``fresh``: (C,) units."""
        gained = np.array([self.missing[k][f] - missing for (k, f), missing in fresh.items()])
        points = np.array([self.weights[f] for _, f in fresh])
        if (gained * points).sum() < LEAST_POINTS:
            return False
        changed = np.flatnonzero(gained.any(axis=0))
        return not self.fairly or bool((gained[:, changed[0]] >= 0).all())

    def _points(self, k: int) -> Floats:
        """(F,) points of what each facility misses of the item."""
        points: Floats = (self.missing[k] * self.weights).sum(axis=1)
        return points


def _changed(
    depot: Depot,
    places: Ints,
    arc: Ints,
    lot: Ints,
    day: Ints,
    units: Ints | int,
    receives: bool,
) -> Flows:
    """Each row's place with ``units`` more coming in (or leaving): flows (N, L, T)."""
    before, after, out = (
        flow[places].copy()
        for flow in (depot.flows.before_dispatch, depot.flows.after_dispatch, depot.flows.out)
    )
    row = np.arange(len(places))
    units = np.broadcast_to(units, len(places))
    if not receives:
        out[row, lot, day] += units
        return Flows(before, after, out)
    lead = depot.network.lead_days[arc]
    in_time: Bools = day + lead < depot.network.n_days
    for flow, chosen in ((before, in_time & (lead > 0)), (after, in_time & (lead == 0))):
        flow[row[chosen], lot[chosen], (day + lead)[chosen]] += units[chosen]
    return Flows(before, after, out)
