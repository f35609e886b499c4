"""One item's stock while packs are entered and taken back, with every rule kept on the way: the
board's compiled rules (``packs.rules``) for whoever thinks item by item.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from supply.allocation.arrays import Floats, Ints, ItemArrays, Moves, Network, ProblemArrays
from supply.allocation.packs.board import MOVED, SENT0, Board, lay_out
from supply.allocation.packs.counting import count
from supply.allocation.packs.rules import can_take_back, room, ship


class Depot:
    """One item's stock under a growing set of transfers, nothing used; and the vehicles' room
    ``litres`` (F, T), which it shares with the others on its ``board``.

    ``moved`` (A,): units by arc.
    """

    def __init__(self, board: Board, item: ItemArrays, network: Network) -> None:
        self.board, self.item, self.network = board, item, network
        self.litres: Floats = board.litres
        self.moved: Ints = board.pins[item.index, :, MOVED]

    def room(self, arc: int, lot: int, day: int, rest: bool = False) -> int:
        """Units, in whole packs, that may still leave over the arc from the lot on the day;
        ``rest``: or everything left of the lot, where that is less than a pack."""
        return int(room(self.board, self.item.index, arc, lot, day, rest))

    def can_take_back(self, arc: int, lot: int, day: int, units: int) -> bool:
        """Whether so much of the shipment may stay where it was."""
        return bool(can_take_back(self.board, self.item.index, arc, lot, day, units))

    def ship(self, arc: int, lot: int, day: int, units: int) -> None:
        """Enter a shipment; a negative one takes it back."""
        ship(self.board, self.item.index, arc, lot, day, units)

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

    def missing_at(self, places: Sequence[int]) -> Ints:
        """(N, C) units that these facilities will miss with their best quotas."""
        missing = np.empty((len(places), self.board.missing.shape[2]), dtype=np.int64)
        for row, place in zip(missing, places, strict=True):
            count(self.board, self.item.index, place, row)
        return missing

    def moves(self) -> Moves:
        """All shipments entered."""
        first = int(self.board.item[self.item.index, SENT0])
        shape = (self.network.n_arcs, self.item.n_lots, self.network.n_days)
        sent = self.board.sent[first : first + int(np.prod(shape))].reshape(shape)
        arc, lot, day = np.nonzero(sent)
        return Moves(arc, lot, day, sent[arc, lot, day])


def depots_of(problem: ProblemArrays) -> list[Depot]:
    """Every item's stock, nothing sent yet, on one board with one set of vehicles."""
    board = lay_out(problem)
    return [Depot(board, item, problem.network) for item in problem.items]
