"""Least-cost flow by the network simplex, compiled, that goes on from its last answer.

Flows are whole units and exact. A basis is a spanning tree; a price change leaves the flow possible,
so the next answer is a few pivots away. Leaving arcs are chosen so that the tree stays strongly
feasible (Cunningham 1976), which rules cycling out; entering arcs are the best of a block, block by
block in turn.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from supply.allocation.arrays import Floats, Ints
from supply.allocation.compiling import entrance, inner

LOWER, TREE, UPPER = 1, 0, -1
"""Where an arc's flow is: at nothing, between, at its limit. The sign is that of a gain by more of it."""

PARENT, PRED, DEPTH, CHILD, NEXT, PREVIOUS = range(6)
"""Columns of ``tree``: the node above and the arc to it, how deep, the first node below, and the nodes
before and after under the same parent; -1: none."""

NO_LIMIT = 1 << 62
BLOCK_MIN = 64
EPSILON = 1e-9
"""A gain per unit below this part of the largest cost is none."""


class Flow(NamedTuple):
    """``tail``, ``head``, ``limit``, ``flow``, ``state`` (A,); ``cost`` (A,); ``tree`` (N, 6) and
    ``height`` (N,) the potential of each node above the root's, which is the last."""

    tail: Ints
    head: Ints
    limit: Ints
    flow: Ints
    state: Ints
    cost: Floats
    tree: Ints
    height: Floats


@inner
def _hang(tree: Ints, node: int, parent: int, arc: int) -> None:
    """Put the node under the parent."""
    tree[node, PARENT], tree[node, PRED] = parent, arc
    first = tree[parent, CHILD]
    tree[node, PREVIOUS], tree[node, NEXT] = -1, first
    if first >= 0:
        tree[first, PREVIOUS] = node
    tree[parent, CHILD] = node


@inner
def _cut(tree: Ints, node: int) -> None:
    """Take the node from under its parent."""
    before, after = tree[node, PREVIOUS], tree[node, NEXT]
    if before >= 0:
        tree[before, NEXT] = after
    else:
        tree[tree[node, PARENT], CHILD] = after
    if after >= 0:
        tree[after, PREVIOUS] = before


@inner
def _measure(f: Flow, top: int, stack: Ints) -> None:
    """Depth and height of everything below the node, which must be right, from its own."""
    tree = f.tree
    stack[0], size = top, 1
    while size > 0:
        size -= 1
        node = stack[size]
        below = tree[node, CHILD]
        while below >= 0:
            arc = tree[below, PRED]
            tree[below, DEPTH] = tree[node, DEPTH] + 1
            up = f.cost[arc] if f.tail[arc] == below else -f.cost[arc]
            f.height[below] = f.height[node] - up
            stack[size] = below
            size += 1
            below = tree[below, NEXT]


@inner
def _entering(f: Flow, start: int, block: int, least: float) -> int:
    """The arc that gains most in the first block in which one does; -1: none."""
    n, best, found, left = len(f.tail), least, -1, block
    arc = start
    for _ in range(n):
        gain = -f.state[arc] * (f.cost[arc] + f.height[f.tail[arc]] - f.height[f.head[arc]])
        if gain > best:
            best, found = gain, arc
        left -= 1
        if left == 0:
            if found >= 0:
                return found
            left = block
        arc += 1
        if arc == n:
            arc = 0
    return found


@inner
def _pivot(f: Flow, entering: int, stack: Ints) -> None:
    """Send as much as can go round the circle that the arc closes, and let another arc leave."""
    first, second = f.tail[entering], f.head[entering]
    if f.state[entering] == UPPER:
        first, second = second, first
    # The last arc round the circle that is full leaves, counted from where both ends meet.
    down, up, u, v = f.limit[entering], NO_LIMIT, first, second
    below_first, below_second = -1, -1
    while u != v:  # up from the deeper end
        if f.tree[u, DEPTH] >= f.tree[v, DEPTH]:
            arc = f.tree[u, PRED]
            room = f.flow[arc] if f.tail[arc] == u else f.limit[arc] - f.flow[arc]
            if room < down:
                down, below_first = room, u
            u = f.tree[u, PARENT]
        else:
            arc = f.tree[v, PRED]
            room = f.limit[arc] - f.flow[arc] if f.tail[arc] == v else f.flow[arc]
            if room <= up:
                up, below_second = room, v
            v = f.tree[v, PARENT]
    _push(f, entering, first, second, u, min(down, up))
    if up > down and below_first < 0:
        f.state[entering] = -f.state[entering]
        return
    at_first = up > down
    leaving = below_first if at_first else below_second
    out = f.tree[leaving, PRED]
    f.state[out] = LOWER if f.flow[out] == 0 else UPPER
    f.state[entering] = TREE
    _rehang(f, leaving, (first, second) if at_first else (second, first), entering, stack)


@inner
def _push(f: Flow, entering: int, first: int, second: int, join: int, units: int) -> None:
    """That many units more along the circle: over the arc, up from ``second``, down to ``first``."""
    if units == 0:
        return
    f.flow[entering] += f.state[entering] * units
    u = first
    while u != join:
        arc = f.tree[u, PRED]
        f.flow[arc] += -units if f.tail[arc] == u else units
        u = f.tree[u, PARENT]
    u = second
    while u != join:
        arc = f.tree[u, PRED]
        f.flow[arc] += units if f.tail[arc] == u else -units
        u = f.tree[u, PARENT]


@inner
def _rehang(f: Flow, cut: int, ends: tuple[int, int], entering: int, stack: Ints) -> None:
    """What hung from ``cut`` hangs from the entering arc: its end inside, ``ends[0]``, comes on top."""
    tree = f.tree
    node, parent, arc = ends[0], ends[1], entering
    while True:
        above, old = tree[node, PARENT], tree[node, PRED]
        _cut(tree, node)
        _hang(tree, node, parent, arc)
        if node == cut:
            break
        node, parent, arc = above, node, old
    top = ends[0]
    tree[top, DEPTH] = tree[ends[1], DEPTH] + 1
    up = f.cost[entering] if f.tail[entering] == top else -f.cost[entering]
    f.height[top] = f.height[ends[1]] - up
    _measure(f, top, stack)


@entrance
def solve(f: Flow, pivots_max: int) -> int:
    """To the least cost, from the flow and tree as they are; how many pivots that took."""
    stack = np.empty(len(f.tree), np.int64)
    root = len(f.tree) - 1
    f.tree[root, DEPTH], f.height[root] = 0, 0.0
    _measure(f, root, stack)
    least = EPSILON
    for cost in f.cost:
        least = max(least, EPSILON * abs(cost))
    block = max(BLOCK_MIN, int(np.sqrt(len(f.tail))))
    start, pivots = 0, 0
    while pivots < pivots_max:
        entering = _entering(f, start, block, least)
        if entering < 0:
            break
        _pivot(f, entering, stack)
        start = entering
        pivots += 1
    return pivots


@entrance
def grow(f: Flow, tree_arcs: Ints) -> None:
    """The tree of these arcs, each from a node to the one above it, the highest first."""
    f.tree[:] = -1
    for arc in tree_arcs:
        _hang(f.tree, f.tail[arc], f.head[arc], arc)
        f.state[arc] = TREE


@entrance
def bound(f: Flow, supply: Ints) -> float:
    """Cost that no flow of these supplies (N,) can be below, whatever the heights are."""
    total = 0.0
    for node in range(len(supply)):
        total -= supply[node] * f.height[node]
    for arc in range(len(f.tail)):
        reduced = f.cost[arc] + f.height[f.tail[arc]] - f.height[f.head[arc]]
        if reduced < 0.0:
            total += f.limit[arc] * reduced
    return total
