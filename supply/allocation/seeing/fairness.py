"""How evenly a plan serves: the worst place, the Gini coefficient and the Lorenz curve of each class.

Places are put in order of coverage; the curve has the running share of the need on one axis and of what
is served on the other. Equal coverage everywhere is the diagonal and a Gini of 0; the Gini is twice the
area between the two (Lorenz 1905, Gini 1912; here with need in the place of people). Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from supply.allocation.instance import CLASSES

Served = Mapping[tuple[str, str], tuple[int, int]]
"""(facility, class) → (units served, units needed > 0), as `plan.served_and_needed` gives it"""

DIGITS = 6


def fairness(served: Served) -> dict[str, dict[str, Any]]:
    """class → {"min", "mean", "gini", "lorenz"}; no row for a class nobody needs.

    `min`: the lowest coverage of any facility; `mean`: units served ÷ needed; `lorenz`: points
    [share of need, share of served] from [0, 0] to [1, 1]. Where nothing at all is served everybody
    has the same: the diagonal, Gini 0.
    """
    by_class: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for (_, name), pair in served.items():
        by_class[name].append(pair)
    return {name: _of(by_class[name]) for name in CLASSES if by_class[name]}


def _of(pairs: list[tuple[int, int]]) -> dict[str, Any]:
    ordered = sorted(pairs, key=lambda pair: (pair[0] / pair[1], pair))
    given, needed = sum(s for s, _ in ordered), sum(n for _, n in ordered)
    curve = [(0.0, 0.0)]
    so_far_given = so_far_needed = 0
    for units, need in ordered:
        so_far_given, so_far_needed = so_far_given + units, so_far_needed + need
        x = so_far_needed / needed
        curve.append((x, so_far_given / given if given else x))
    below = sum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in pairwise(curve))
    return {
        "min": round(ordered[0][0] / ordered[0][1], DIGITS),
        "mean": round(given / needed, DIGITS),
        "gini": round(max(0.0, 1 - 2 * below), DIGITS),
        "lorenz": [[round(x, DIGITS), round(y, DIGITS)] for x, y in curve],
    }
