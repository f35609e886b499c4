"""One item's stock while packs are entered and taken back, with every rule kept on the way.

A lot's last units, fewer than a pack, may leave too, all at once: then nothing of the lot may be
there after that day's dispatches, so no pack of it may come in before, or stay there after all. What
leaves is counted as if nobody used anything; a lot sent to its last unit is then held from use by
``quotas`` until it leaves, and is all there on the day.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from supply.allocation.arrays import Floats, Ints, ItemArrays, Moves, Network
from supply.allocation.quotas import Flows, best_quotas, flows_of
from supply.allocation.quotas_of_one import missing_of_one

LITRES_SLACK = 1e-7


class Depot:
    """One item's stock under a growing set of transfers, nothing used; and its vehicle room.

    ``left`` (F, L, T): units of a lot after the day's dispatches. ``litres`` (F, T) is shared
    between items and is lowered by every shipment. ``emptied``: (facility, lot) to the days on which
    a broken pack took everything left.
    """

    def __init__(
        self, item: ItemArrays, network: Network, litres: Floats, class_order: tuple[int, ...]
    ) -> None:
        self.item, self.network, self.litres = item, network, litres
        self.class_order = class_order
        self.flows = flows_of(item, network, Moves.none())
        self.left = np.cumsum(item.supply, axis=2)
        days = np.arange(network.n_days)
        self.alive = item.expiry_day[:, None] >= days[None, :]
        self.sends = np.zeros((network.n_facilities, network.n_days), dtype=bool)
        self.moved = np.zeros(network.n_arcs, dtype=np.int64)
        self.sent: dict[tuple[int, int, int], int] = {}
        self.emptied: dict[tuple[int, int], set[int]] = {}

    def room(
        self, arc: int, lot: int, day: int, any_litres: bool = False, rest: bool = False
    ) -> int:
        """Units, in whole packs, that may still leave over the arc from the lot on the day;
        ``any_litres``: as if the vehicles were empty; ``rest``: or everything left of the lot, where
        that is less than a pack."""
        item, network = self.item, self.network
        origin, lead = int(network.origin[arc]), int(network.lead_days[arc])
        last = min(int(item.expiry_day[lot]), network.n_days - 1)
        fresh = int(item.expiry_day[lot]) - day - lead >= item.min_shelf_life_days
        if not fresh or day > last or network.vehicle_litres[origin, day] <= 0:
            return 0
        weighs = item.litres_per_unit > 0 and not any_litres
        if weighs and self.litres[origin, day] <= 0:
            return 0
        if self._is_emptied(int(network.destination[arc]), lot, day + lead + (lead == 0)):
            return 0
        units = self._spare(origin, lot, day, last, sends_first=True)
        if weighs:
            space = self.litres[origin, day] / item.litres_per_unit
            units = units if space >= units else int(space + LITRES_SLACK)
        if item.pin_max[arc] >= 0:
            units = min(units, int(item.pin_max[arc] - self.moved[arc]))
        if rest and 0 < units < item.pack_size and units == self.left[origin, lot, day]:
            return units
        return max(0, units // item.pack_size * item.pack_size)

    def _is_emptied(self, facility: int, lot: int, first: int) -> bool:
        """Whether a broken pack takes everything left of the lot on ``first`` or a later day."""
        return any(day >= first for day in self.emptied.get((facility, lot), ()))

    def _spare(self, facility: int, lot: int, day: int, last: int, sends_first: bool) -> int:
        """Units of the lot that nothing from ``day`` to ``last`` needs: no later dispatch, and no
        reserve on a day of dispatch; ``sends_first``: the first day is one."""
        units = int(self.left[facility, lot, day : last + 1].min())
        dispatch_days = self.sends[facility, day : last + 1].copy()
        dispatch_days[0] |= sends_first
        if not dispatch_days.any():
            return units
        kept = (self.left[facility] * self.alive)[:, day : last + 1].sum(axis=0)
        return min(units, int(kept[dispatch_days].min()) - int(self.item.reserve[facility]))

    def can_take_back(self, arc: int, lot: int, day: int) -> bool:
        """Whether a pack of the shipment may stay where it was: nothing the receiver sends on later
        needs it, no broken pack was to leave nothing behind, and no pin."""
        item, network = self.item, self.network
        pack = item.pack_size
        if self.sent.get((arc, lot, day), 0) < pack:
            return False
        if self._is_emptied(int(network.origin[arc]), lot, day):
            return False
        if self.moved[arc] - pack < item.pin_min[arc]:
            return False
        lead = int(network.lead_days[arc])
        first = day + lead + (lead == 0)
        last = min(int(item.expiry_day[lot]), network.n_days - 1)
        if first > last:
            return True
        receiver = int(network.destination[arc])
        return self._spare(receiver, lot, first, last, sends_first=False) >= pack

    def ship(self, arc: int, lot: int, day: int, units: int) -> None:
        """Enter a shipment; a negative one takes it back."""
        network = self.network
        origin, target = int(network.origin[arc]), int(network.destination[arc])
        lead = int(network.lead_days[arc])
        self.left[origin, lot, day:] -= units
        self.flows.out[origin, lot, day] += units
        self.sends[origin, day] = self.flows.out[origin, :, day].any()
        self.litres[origin, day] -= units * self.item.litres_per_unit
        self.moved[arc] += units
        key = (arc, lot, day)
        before = self.sent.get(key, 0)
        self.sent[key] = before + units
        if before % self.item.pack_size != (before + units) % self.item.pack_size:
            days = self.emptied.setdefault((origin, lot), set())
            (days.add if self.sent[key] % self.item.pack_size else days.discard)(day)
        if day + lead < network.n_days:
            self.left[target, lot, day + lead + (lead == 0) :] += units
            flow = self.flows.before_dispatch if lead else self.flows.after_dispatch
            flow[target, lot, day + lead] += units

    def ship_up_to(self, arc: int, group: Ints, day: int, units: int) -> int:
        """Ship at most ``units`` from the lots of a group, whole packs before what is left of a lot
        with less; returns what went."""
        gone = 0
        for rest in (False, True):
            for lot in group.tolist():
                if units - gone < (1 if rest else self.item.pack_size):
                    break
                part = self.room(arc, lot, day, rest=rest)
                if part >= self.item.pack_size:
                    part = min(part, (units - gone) // self.item.pack_size * self.item.pack_size)
                if 0 < part <= units - gone:
                    self.ship(arc, lot, day, part)
                    gone += part
        return gone

    def unmet(self, facility: int) -> Ints:
        """(C, T) units the facility will miss with its best quotas."""
        missing = missing_of_one(self.item, self.flows, facility, self.class_order)
        return np.array(missing, dtype=np.int64)

    def unmet_at(self, places: list[int]) -> Ints:
        """(N, C, T) units that several will miss."""
        item, flows = self.item, self.flows
        part = replace(
            item,
            supply=item.supply[places],
            demand=item.demand[places],
            reserve=item.reserve[places],
        )
        there = Flows(
            flows.before_dispatch[places], flows.after_dispatch[places], flows.out[places]
        )
        missing: Ints = part.demand - best_quotas(part, there, self.class_order)
        return missing

    def moves(self) -> Moves:
        """All shipments entered."""
        return Moves.of([(*key, units) for key, units in self.sent.items()])
