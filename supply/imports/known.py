"""What the catalogue and the ledger say about the codes of a file, as plain facts. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from supply.core.text import Text, fold


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item; `packs`: folded name -> (id, base units)."""

    id: int
    code: str
    active: bool
    unit: Text
    packs: Mapping[str, tuple[int, int]]

    def pack(self, words: str) -> tuple[int | None, int] | None:
        """(pack id, base units) for a pack's name; (None, 1) for the base unit; None: no such pack."""
        folded = fold(words)
        if not folded or folded in (fold(self.unit.vi), fold(self.unit.en)):
            return None, 1
        return self.packs.get(folded)


@dataclass(frozen=True, slots=True)
class KnownFacility:
    """A facility and its places (kind -> location id); `writable`: the person may post there."""

    id: int
    code: str
    active: bool
    writable: bool
    places: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class KnownFund:
    """A fund and the days it is open."""

    id: int
    code: str
    active: bool
    valid_from: dt.date | None
    valid_to: dt.date | None

    def is_open(self, day: dt.date) -> bool:
        """Whether goods of `day` may be paid from it."""
        return (
            self.active
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day <= self.valid_to)
        )


@dataclass(frozen=True, slots=True)
class KnownPartner:
    """A supplier, donor or lender."""

    id: int
    code: str
    kind: str


@dataclass(frozen=True)
class Known:
    """All of it, by code in capitals. `outside`: kind of place -> location id."""

    today: dt.date
    facilities: Mapping[str, KnownFacility] = field(default_factory=dict)
    items: Mapping[str, KnownItem] = field(default_factory=dict)
    funds: Mapping[str, KnownFund] = field(default_factory=dict)
    partners: Mapping[str, KnownPartner] = field(default_factory=dict)
    outside: Mapping[str, int] = field(default_factory=dict)


def key(code: str) -> str:
    """How codes are compared: capitals count for nothing."""
    return code.strip().upper()
