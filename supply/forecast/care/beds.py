"""What beds, staff and laboratories allow of what is needed. Pure, for all draws and days at once.

Patients beyond a facility's beds go to free beds of the same kind elsewhere in the district, each free
bed being as likely as another; who finds none is counted as without a bed where the need arose:

    own = min(need, beds),  over = need − own,  free = beds − own
    moved = min(Σ over, Σ free),  lying = own + moved · free / Σ free
    without a bed = over · (1 − moved / Σ over)

so Σ lying + Σ without = Σ need and Σ lying = min(Σ need, Σ beds). Worked number: 50 and 10 patients
for 30 and 20 beds: 30 and 20 lie, 10 have no bed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.forecast.cases import FloatArray


@dataclass(frozen=True)
class Placed:
    """Where patients ended: `kept[..., f, d]` share of a facility's own that lie there, `moved[..., 1, d]`
    share of the others that found a bed elsewhere, `taken[..., f, d]` who took them (sums to 1 or 0).
    """

    kept: FloatArray
    moved: FloatArray
    taken: FloatArray

    def route(self, flow: FloatArray) -> FloatArray:
        """A flow of these patients [..., f, d] (those present, those who came) by where they lie."""
        kept = flow * self.kept
        elsewhere = ((flow - kept) * self.moved).sum(axis=-2, keepdims=True)
        return kept + elsewhere * self.taken

    def unmet(self, flow: FloatArray) -> FloatArray:
        """The part of a flow [..., f, d] that found no bed, where the need arose."""
        return flow * (1.0 - self.kept) * (1.0 - self.moved)


def place(need: FloatArray, beds: FloatArray) -> Placed:
    """Patients [..., facility, day] into `beds`, [facility] or of the need's shape; NaN = no limit is
    known: its own patients stay, nobody is sent there."""
    limit = np.broadcast_to(beds[:, None] if beds.ndim == 1 else beds, need.shape)
    own = np.fmin(need, limit)
    free = np.nan_to_num(limit - own)
    all_over = (need - own).sum(axis=-2, keepdims=True)
    all_free = free.sum(axis=-2, keepdims=True)
    moved = np.minimum(all_over, all_free)
    kept = np.divide(own, need, out=np.ones_like(need), where=need > 0)
    return Placed(kept, _share(moved, all_over), _share(free, all_free))


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    shape = np.broadcast_shapes(part.shape, whole.shape)
    return np.divide(part, whole, out=np.zeros(shape), where=whole > 0)


def place_in_order(needs: list[FloatArray], beds: FloatArray) -> list[Placed]:
    """Several tiers into the same beds; the first of the list has them first."""
    placed = []
    left = beds if not needs else np.broadcast_to(beds[:, None], needs[0].shape)
    for need in needs:
        one = place(need, left)
        placed.append(one)
        left = np.maximum(left - one.route(need), 0.0)
    return placed


def limited(need: FloatArray, limit: FloatArray) -> FloatArray:
    """[..., facility, day]: the need up to `limit[facility]`; NaN = no limit is known."""
    return np.fmin(need, limit[:, None])
