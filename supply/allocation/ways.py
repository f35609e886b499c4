"""The ways one pack more could reach a place, and what stands in each of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.allocation.arrays import Bools, Floats, Ints, Network
from supply.allocation.neighbourhood import LITRES_SLACK, PLENTY, Neighbourhood

RULES = ("vehicle", "reserve", "pack", "expiry", "lead_time", "pin")
"""Rules that can stop a pack, in the order they are told. ``pack``: less than one is there;
``expiry``: too little shelf life on arrival; ``lead_time``: comes after the last day it would help,
and would help if it came on the day it leaves; ``pin``: the planner's own upper limit."""


@dataclass(frozen=True)
class Ways:
    """Packs that could leave for one facility; axes A (arcs into it), L lots, T days of leaving.

    ``there``: the lot is there and the cell was worked out. ``stopped`` (R, A, L, T) by ``RULES``.
    ``gain``, ``loss`` (A, L, T, C): units more served at the facility, fewer at the sender; the gain
    of a pack stopped by ``lead_time`` is what it would be without.
    """

    arcs: Ints
    origins: Ints
    there: Bools
    stopped: Bools
    gain: Ints
    loss: Ints

    @property
    def possible(self) -> Bools:
        """(A, L, T) packs that no rule stops."""
        free: Bools = self.there & ~self.stopped.any(axis=0)
        return free


def ways_into(
    near: Neighbourhood, network: Network, litres: Floats, facility: int, arcs: Ints
) -> Ways:
    """Every way into ``facility`` over ``arcs``, with ``litres`` (F, T) left on the vehicles."""
    item, days = near.item, np.arange(network.n_days)
    origins, lead = network.origin[arcs], network.lead_days[arcs]
    stock = near.stock[origins]
    quantity = np.minimum(stock, item.pack_size)
    arrival = days[None, :] + lead[:, None]
    gain, gain_at_once = _gains(near, facility, lead, arrival)
    helps: Bools = np.any(gain, axis=3)
    late: Bools = np.any(gain_at_once, axis=3) & ~helps
    life = item.expiry_day[None, :, None] - arrival[:, None, :]
    too_old = np.less(life, item.min_shelf_life_days)
    full = quantity * item.litres_per_unit > litres[origins][:, None, :] + LITRES_SLACK
    full |= (network.vehicle_litres[origins] <= 0)[:, None, :]  # nothing goes, of no volume either
    pin_room = np.where(item.pin_max < 0, PLENTY, item.pin_max - near.moved)[arcs]
    stopped = np.stack(
        [
            full,
            near.spare[origins] < quantity,
            stock < item.pack_size,
            too_old,
            late,
            np.broadcast_to((pin_room < item.pack_size)[:, None, None], stock.shape),
        ]
    )
    there: Bools = near.known[origins] & (stock >= 1)
    there = there & np.logical_or(helps, late)
    first_day_there = (arrival + (lead == 0)[:, None])[:, None, :]
    there &= first_day_there > near.emptied_until[facility][None, :, None]
    gain = np.where(np.expand_dims(late, 3), gain_at_once, gain)
    loss = near.served[origins][:, None, None, :] - near.gives[origins]
    return Ways(arcs, origins, there, stopped, gain, loss)


def _gains(near: Neighbourhood, facility: int, lead: Ints, arrival: Ints) -> tuple[Ints, Ints]:
    """(A, L, T, C) units more served with a pack that leaves on the day, and if it came that day."""
    served, n_days = near.served[facility], near.stock.shape[2]
    seen = np.minimum(arrival, n_days - 1)
    by_kind = near.gets[:, facility]
    lots = np.arange(by_kind.shape[1])
    kind = np.where(lead > 0, 0, 1)
    got = by_kind[kind[:, None, None], lots[None, :, None], seen[:, None, :]]
    got = np.where((arrival < n_days)[:, None, :, None], got, served)
    at_once = np.broadcast_to(by_kind[1][None], got.shape)
    return got - served, at_once - served
