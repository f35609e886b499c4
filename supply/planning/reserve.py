"""What to keep on site for the worst case (danh mục dự trữ). Pure.

    on site   = quantile of the use over the N days in a row that use most in the run
    at depot  = the same over the whole district's use, for the depot's own N days
    units     = max(quantile, packs that an essential item has at least), rounded up to whole packs

N comes from the table of days on site by category. The standard deviation of days s..e together is
taken as the growth of the running one, exact where days move together. Facilities are added up as in
`purchase.together`. Worked number: 10 a day rising to 30 a day, 7 days on
site, certain: 210, in packs of 100: 300.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from supply.forecast.burn import BurnTable
from supply.forecast.cases import FloatArray
from supply.planning.purchase import Use, together
from supply.planning.tables import OnSite

QUANTILE_USUAL = 0.95
_TOLERANCE_UNITS = 1e-6


@dataclass(frozen=True)
class Kept:
    """An item as the reserve needs it: its category's days, units in a pack, whether essential."""

    on_site: OnSite
    pack_units: int
    is_essential: bool


@dataclass(frozen=True)
class ReserveLine:
    """What one facility keeps of one item. `facility`, `item` index the burn; `quantile_units` is the
    use that must be covered, `units` whole packs of it."""

    facility: int
    item: int
    days: int
    first_day: int
    quantile_units: float
    minimum_units: int
    units: int


def reserve_lines(
    burn: BurnTable,
    kept: Sequence[Kept],
    depots: Sequence[bool],
    quantile: float = QUANTILE_USUAL,
) -> list[ReserveLine]:
    """The list for every facility and item that is used in the run, `kept` by item and `depots` by
    facility of the burn. Raises ValueError for a quantile outside 0..1."""
    if not 0 < quantile < 1:
        raise ValueError("the quantile must be within 0..1")
    mean, sd = burn.total_mean.cumsum(axis=-1), burn.cumulative_sd
    lines = []
    for i, item in enumerate(kept):
        used = mean[:, i, -1] > 0
        if not used.any():
            continue
        for f, is_depot in enumerate(depots):
            days = item.on_site.days_at_depot if is_depot else item.on_site.days_on_site
            of = slice(None) if is_depot else slice(f, f + 1)
            if days < 1 or not (is_depot or used[f]):
                continue
            use = together(mean[of, i], sd[of, i])
            first, need = peak(use.mean, use.sd, days, quantile)
            least = item.on_site.essential_packs * item.pack_units if item.is_essential else 0
            wanted = max(int(np.ceil(need - _TOLERANCE_UNITS)), least)
            units = -(-wanted // item.pack_units) * item.pack_units
            if units:
                lines.append(ReserveLine(f, i, days, first, need, least, units))
    return lines


def peak(mean: FloatArray, sd: FloatArray, days: int, quantile: float) -> tuple[int, float]:
    """(first day, units) of the `days` in a row with the highest mean use; `mean`, `sd` [d] of the
    running use. A run shorter than that is carried on at its last week."""
    use = Use(mean, sd).over(max(days, len(mean)))
    before_mean = np.concatenate([[0.0], use.mean[:-days]])
    before_sd = np.concatenate([[0.0], use.sd[:-days]])
    window = use.mean[days - 1 :] - before_mean
    first = int(np.argmax(window))
    spread = max(float(use.sd[days - 1 + first] - before_sd[first]), 0.0)
    one = Use(np.array([window[first]]), np.array([spread]))
    return first, float(one.quantile(quantile)[0])
