"""How much a store should give out of an item, said by other rooms (an allocation plan's quotas) while
a document is written. Going over is warned of and never refused: the storekeeper sees the patient.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from supply.core.text import Text
from supply.inventory.kinds import Kind


@dataclass(frozen=True)
class Limit:
    """What is left of an item, base units, below 0 where more was given out: `left_to_day` by the
    document's day, `left` until the last day. `source` says whose limit it is, `details` how it is
    shared out."""

    item_code: str
    left_to_day: int
    left: int
    until: dt.date
    details: Text
    source: Text
    url: str


LimitMaker = Callable[[int, Kind, dt.date], list[Limit]]
_makers: list[LimitMaker] = []


def limits_from(maker: LimitMaker) -> LimitMaker:
    """Declare who sets limits: called with the facility, the kind of document and its day."""
    _makers.append(maker)
    return maker


def limits_of(facility_id: int, kind: Kind, day: dt.date) -> list[Limit]:
    """Every limit on what the store gives out with such a document."""
    return [limit for maker in _makers for limit in maker(facility_id, kind, day)]
