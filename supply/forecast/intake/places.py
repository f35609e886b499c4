"""Which ward a file means: by code, else by name, blind to diacritics, spaces and "phường". Pure."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from supply.core.text import fold
from supply.forecast.intake.found import Given, Ward

_KIND = re.compile(
    r"^(?:(?:phuong|xa|thi tran|ward|commune)\b|(?:p|x|tt)\.|(?:p|x|tt)\b(?=\s))\s*\.?\s*"
)
_DISTRICT_KIND = re.compile(
    r"^(?:quan|huyen|thi xa|thanh pho|tp|q|h|tx)\b\.?\s*|^(?:tinh|district|city)\s+"
)
_TOTAL = frozenset(
    {"tong", "tong cong", "tong so", "cong", "toan quan", "toan huyen", "toan thanh pho", "toan tinh",
     "total", "sum", "all", "district", "ca quan", "ca huyen"}
)  # fmt: skip
DISTRICT, PROVINCE, SKIP = "district", "province", "skip"


@dataclass(frozen=True)
class Area:
    """A district with its wards, all validity periods. `province_population` 0: not known."""

    name: str
    province: str
    wards: tuple[Ward, ...]
    population: int = 0
    province_population: int = 0


@dataclass(frozen=True)
class Placed:
    """What a place was read as: a ward, `total` (district or province), `skip`, or a question.

    `closed`: the ward was found but did not exist on that day. `candidates`: whom it could mean.
    """

    ward: Ward | None = None
    total: str = ""
    skip: bool = False
    closed: Ward | None = None
    candidates: tuple[Ward, ...] = ()


@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """A name to compare by: folded, its kind and all but letters and digits left out."""
    plain = _KIND.sub("", fold(text))
    return re.sub(r"[^a-z0-9]", "", plain)


def _exact(text: str) -> str:
    """A name with its diacritics, for telling apart what folds alike."""
    plain = unicodedata.normalize("NFC", " ".join(text.casefold().split()))
    return re.sub(r"^(phường|xã|thị trấn)\s+", "", plain)


def _area_bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", _DISTRICT_KIND.sub("", fold(text)))


@dataclass
class Matcher:
    """Places of an area. `chosen`: what a person said a text means, a ward's id or `district`,
    `province`, `skip`, by `bare(text)`."""

    area: Area
    chosen: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_code: dict[str, list[Ward]] = {}
        self._by_name: dict[str, list[Ward]] = {}
        for ward in self.area.wards:
            self._by_code.setdefault(ward.code.lstrip("0"), []).append(ward)
            self._by_name.setdefault(bare(ward.name), []).append(ward)
        self._known: dict[tuple[str, str, dt.date], Placed] = {}

    def place(self, given: Given) -> Placed:
        """What a row's place means on its day."""
        key = (given.code, given.name, given.on)
        if key not in self._known:
            self._known[key] = self._place(given)
        return self._known[key]

    def _place(self, given: Given) -> Placed:
        said = self.chosen.get(bare(given.place))
        if said in (DISTRICT, PROVINCE):
            return Placed(total=said)
        if said == SKIP:
            return Placed(skip=True)
        if said is not None:
            found = [w for w in self.area.wards if str(w.id) == said]
            return self._one(found, given.on, found)
        by_code = self._codes(given.code) or ([] if given.code else self._codes(given.name))
        by_name = self._names(given.name)
        if by_code and by_name and not {w.id for w in by_code} & {w.id for w in by_name}:
            return Placed(candidates=_distinct([*by_code, *by_name]))
        both = by_code or by_name
        if both:
            return self._one(both, given.on, both)
        return self._total(given.name) or Placed(candidates=self._like(given.place))

    def _codes(self, text: str) -> list[Ward]:
        plain = text.strip()
        return self._by_code.get(plain.lstrip("0"), []) if plain.isdigit() else []

    def _names(self, text: str) -> list[Ward]:
        found = self._by_name.get(bare(text), []) if bare(text) else []
        if len({w.name for w in found}) > 1:
            exact = [w for w in found if _exact(w.name) == _exact(text)]
            return exact or found
        return found

    def _one(self, found: Sequence[Ward], on: dt.date, candidates: Sequence[Ward]) -> Placed:
        """The one of them that exists on the day."""
        live = [w for w in found if w.is_open(on)]
        if len(live) == 1:
            return Placed(ward=live[0])
        if not live and found:
            return Placed(closed=found[-1])
        return Placed(candidates=_distinct(live or candidates))

    def _total(self, text: str) -> Placed | None:
        plain = fold(text).strip(" .:")
        if plain in _TOTAL:
            return Placed(total=DISTRICT)
        said = _area_bare(plain)
        if said and said == _area_bare(self.area.name):
            return Placed(total=DISTRICT)
        if said and said == _area_bare(self.area.province):
            return Placed(total=PROVINCE)
        return None

    def _like(self, text: str) -> tuple[Ward, ...]:
        near = difflib.get_close_matches(bare(text), list(self._by_name), n=4, cutoff=0.6)
        return tuple(w for name in near for w in self._by_name[name])


def _distinct(wards: Sequence[Ward]) -> tuple[Ward, ...]:
    return tuple({w.id: w for w in wards}.values())
