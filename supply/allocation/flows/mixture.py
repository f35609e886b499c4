"""Of the answers that items gave at different prices, the best mixture that the vehicles can carry.

Every mixture of an item's answers keeps its rules; so the best shares, one small programme over the
litres, are a plan of all items together, in fractions (Dantzig & Wolfe 1960). Near the right prices a
few answers of each item are enough, and the programme's own prices tell which are still missing.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from supply.allocation.arrays import Floats
from supply.allocation.flows.prices import Answer, Askers
from supply.allocation.model import Linear
from supply.allocation.solver import Solution, SolverError, solve_linear

SHARES_OF_NEW_PRICES = (1.0, 0.7, 0.5, 0.35, 0.2, 0.1)
"""The programme's prices jump about: everybody is asked at them, and on the way to them."""

GAIN_MIN = 0.05
"""A round that takes less than this part off what lies between the mixture and the bound was the last."""


LONGER = 1.5
"""How much longer the next round may take than the last."""


@dataclass(frozen=True)
class Mixture:
    """``points`` (columns,) of each item and what they ``cost``; the ``best`` value (1) seen and its ``prices`` (F, T)."""

    points: list[Floats]
    cost: float
    best: float
    prices: Floats


def mixed(
    askers: Askers,
    room: Floats,
    prices: Floats,
    deadline: float,
    enough: tuple[float, float],
    without: Collection[int] = (),
) -> Mixture:
    """The best mixture of the answers kept that fits into ``room`` (F, T), asking at new prices as long
    as that helps and there is time before ``deadline`` (``time.monotonic``), beginning at ``prices``;
    ``enough``: the part of the shortage by which it may be above the bound, and the points of all need;
    items ``without`` send nothing. Raises ``SolverError`` where the time is too short for one."""
    askers.keep_idle()
    best = askers.ask(prices, keep=True)
    (answers, solution), seconds = _best_of(askers, room, without, deadline), 0.0
    while True:
        started = time.monotonic()
        near = solution.objective - best < enough[0] * (enough[1] + best)
        if near or started + LONGER * seconds > deadline:
            break
        best, prices = _ask_at_new_prices(askers, solution, best, prices)
        try:
            more, better = _best_of(askers, room, without, deadline)
        except SolverError:  # the answers grow, and with them the time
            break
        gain, short = solution.objective - better.objective, solution.objective - best
        answers, solution, seconds = more, better, time.monotonic() - started
        if gain < GAIN_MIN * short:
            break
    points = _points(askers, answers, solution.x)
    return Mixture(points, solution.objective, best, prices)


def _ask_at_new_prices(
    askers: Askers, solution: Solution, best: float, prices: Floats
) -> tuple[float, Floats]:
    """Everybody at the programme's prices, and on the way to them; the best value and its prices."""
    told = np.maximum(-solution.duals[: prices.size], 0.0).reshape(prices.shape)
    told, centre = np.where(askers.priced, told, 0.0), prices
    for share in SHARES_OF_NEW_PRICES:
        tried = share * told + (1 - share) * centre
        value = askers.ask(tried, keep=True)
        if value > best:
            best, prices = value, tried
    return best, prices


def _best_of(
    askers: Askers, room: Floats, without: Collection[int], deadline: float
) -> tuple[list[list[Answer]], Solution]:
    """The answers kept so far and their best shares."""
    answers = [
        [answer for answer in kept.values() if k not in without or not answer.litres.any()]
        for k, kept in enumerate(askers.kept)
    ]
    return answers, _best_shares(answers, room, deadline - time.monotonic())


def _best_shares(answers: list[list[Answer]], room: Floats, seconds: float) -> Solution:
    """Shares (all answers,) that cost least; the first rows are the litres, then one for each item."""
    rows = [answer.litres for kept in answers for answer in kept]
    owner = np.repeat(np.arange(len(answers)), [len(kept) for kept in answers])
    n, n_items = len(rows), len(answers)
    litres = sparse.csr_matrix(np.array(rows).reshape(n, room.size)).T
    whole = sparse.csr_matrix((np.ones(n), (owner, np.arange(n))), shape=(n_items, n))
    limits = np.concatenate([np.full(room.size, -np.inf), np.ones(n_items)])
    return solve_linear(
        Linear(
            cost=np.array([answer.points for kept in answers for answer in kept]),
            lower=np.zeros(n),
            upper=np.ones(n),
            matrix=sparse.csr_matrix(sparse.vstack([litres, whole])),
            row_lower=limits,
            row_upper=np.concatenate([room.ravel(), np.ones(n_items)]),
        ),
        seconds,
        with_duals=True,
    )


def _points(askers: Askers, answers: list[list[Answer]], shares: Floats) -> list[Floats]:
    """The mixture of each item (columns,)."""
    points, n = [], 0
    for model, kept in zip(askers.models, answers, strict=True):
        x = np.zeros(len(model.linear.cost))
        for answer in kept:
            if shares[n] > 0:
                x[answer.columns] += shares[n] * answer.units
            n += 1
        points.append(x)
    return points
