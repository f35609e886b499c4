"""What kits are made of, taken apart into components. Pure: whole numbers in, whole numbers out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Component:
    """`quantity` base units of an item in each kit, or for every `per_beds` beds."""

    item_code: str
    quantity: int
    per_beds: int | None = None


def needed(component: Component, count: int) -> int:
    """Base units of a component in `count` kits, or for `count` beds: ceil(q · n / per).

    Worked: 28 tablets in each of 20 bags -> 560; 1 monitor for every 4 beds, 10 beds -> 3.
    """
    if component.per_beds is None:
        return component.quantity * count
    return -(-component.quantity * count // component.per_beds)


def explode(components: Iterable[Component], count: int) -> dict[str, int]:
    """Item -> base units for `count` kits (or beds). Bag B × 3: 42 of TH007 and 21 of TH014."""
    return {c.item_code: needed(c, count) for c in components}


def possible(components: Sequence[Component], usable: Mapping[str, int]) -> int:
    """How many whole kits the stock gives: the least of floor(usable / quantity).

    Worked: 100 of 28 a bag and 40 of 14 a bag -> min(3, 2) = 2. Nothing in it: none. Components that
    are counted by beds are left out: such sets are not assembled.
    """
    return min(
        (usable.get(c.item_code, 0) // c.quantity for c in components if c.per_beds is None),
        default=0,
    )


@dataclass(frozen=True)
class Need:
    """A component against the stock: base units."""

    item_code: str
    needed: int
    usable: int

    @property
    def missing(self) -> int:
        """What the stock does not give: 560 needed of 500 -> 60."""
        return max(0, self.needed - self.usable)

    @property
    def available(self) -> int:
        """What of the need the stock does give: 560 needed of 500 -> 500."""
        return min(self.needed, self.usable)


def against_stock(
    components: Iterable[Component], count: int, usable: Mapping[str, int]
) -> list[Need]:
    """Each component of `count` kits (or beds) against what is usable, in the kit's own order."""
    return [Need(item, n, usable.get(item, 0)) for item, n in explode(components, count).items()]


def take(counts: Mapping[int, int], wanted: int) -> dict[int, int] | None:
    """Kits from the oldest version on: {1: 15, 2: 10}, 20 wanted -> {1: 15, 2: 5}; None: too few."""
    taken: dict[int, int] = {}
    for version in sorted(counts):
        part = min(max(0, counts[version]), wanted)
        if part:
            taken[version] = part
            wanted -= part
    return None if wanted else taken
