"""Rebuilding until nothing more is saved or the time is up, on all cores.

Items meet in the vehicles alone. So each core has its own items for a block of rounds, and the room
that is free at that moment on its own vehicle days; then everything is dealt out anew.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from supply.allocation.arrays import Ints
from supply.allocation.packs.board import Board
from supply.allocation.packs.counting import recount
from supply.allocation.packs.rebuild import FILL_UP, ROUNDS, TIDY_UP, rebuild

BLOCK = 48
"""Rounds of a core between two looks at the clock."""

LOOK_BACK_ROUNDS, LOOK_BACK_ROUNDS_MIN = 5, 200
"""Rounds for everybody who misses something, and at least, over which success is judged."""

SUCCESS = 5e-4
"""Part of everything missed; when those rounds together saved less, it is the end."""

TIDY_ROUNDS = 3
"""What was brought together lets more come together; after so many times hardly any."""


def improve(b: Board, deadline: float, fairly: bool, workers: int) -> None:
    """Exchange packs until nothing more is saved or ``deadline`` (``time.monotonic``) passes, at the
    board's ``points``; every step is at least as good as the last."""
    recount(b)
    everything = np.arange(len(b.item))
    rebuild(b, everything, FILL_UP, 0, fairly, 0)
    _rebuild_all(b, deadline, fairly, workers)
    rebuild(b, everything, FILL_UP, 0, fairly, 0)
    for _ in range(TIDY_ROUNDS):
        rebuild(b, everything, TIDY_UP, 0, fairly, 0)


def _rebuild_all(b: Board, deadline: float, fairly: bool, workers: int) -> None:
    draw = np.random.default_rng(0)
    workers = max(1, min(workers, len(b.item) // 2))
    totals = [float(b.cost.sum())]
    with ThreadPoolExecutor(workers) as pool:
        while time.monotonic() < deadline:
            rounds = max(LOOK_BACK_ROUNDS_MIN, LOOK_BACK_ROUNDS * int(np.count_nonzero(b.cost)))
            past = len(totals) - 1 - rounds // (BLOCK * workers)
            if past >= 0 and totals[past] - totals[-1] <= SUCCESS * totals[-1]:
                return
            boards, hands = _deal(b, draw, workers)
            tasks = [
                pool.submit(rebuild, part, mine, ROUNDS, BLOCK, fairly, len(totals) * workers + n)
                for n, (part, mine) in enumerate(zip(boards, hands, strict=True))
            ]
            saved = sum(task.result() for task in tasks)
            totals.append(totals[-1] - saved)
            if workers > 1:
                b.litres[:] = np.sum([part.litres for part in boards], axis=0)


def _deal(
    b: Board, draw: np.random.Generator, workers: int
) -> tuple[Sequence[Board], Sequence[Ints]]:
    """A board and items for each worker: the same stock, its own part of the free room."""
    if workers == 1:
        return [b], [np.arange(len(b.item))]
    items = draw.permutation(len(b.item))
    owner = draw.integers(workers, size=b.litres.shape)
    finite = np.isfinite(b.litres)
    boards = [
        b._replace(litres=np.where(finite & (owner != n), 0.0, b.litres)) for n in range(workers)
    ]
    return boards, [np.sort(items[n::workers]) for n in range(workers)]
