"""The shapes of what is answered about kits. Quantities in base units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from supply.core.text import Text
from supply.kits.explode import Component, Need, possible


@dataclass(frozen=True)
class ComponentRow:
    """A component with its item's name."""

    component: Component
    item_id: int
    name: Text
    unit: Text


@dataclass(frozen=True)
class KitVersion:
    """What a kit is made of from a day on; `assumed`: our own assumption, to be confirmed."""

    version: int
    valid_from: dt.date
    source: str
    assumed: bool
    created_by: str
    created_at: dt.datetime
    components: tuple[ComponentRow, ...]

    @property
    def parts(self) -> tuple[Component, ...]:
        """Its components as the arithmetic takes them."""
        return tuple(row.component for row in self.components)


@dataclass(frozen=True)
class Kit:
    """A kit as it is made on a day; `by_beds`: a list for a number of beds, never assembled."""

    id: int
    code: str
    name: Text
    kind: str
    rule: Text
    active: bool
    version: KitVersion

    @property
    def by_beds(self) -> bool:
        """Whether it is counted by beds."""
        return self.kind == "opening_set"


@dataclass(frozen=True)
class KitState:
    """A kit at a facility: assembled kits by version, how many more the store gives, and the
    earliest expiry among the components of assembled ones."""

    kit: Kit
    counts: Mapping[int, int] = field(default_factory=dict)
    usable: Mapping[str, int] = field(default_factory=dict)
    earliest_expiry: dt.date | None = None

    @property
    def assembled(self) -> int:
        """Kits ready to be given."""
        return sum(self.counts.values())

    @property
    def possible(self) -> int:
        """Kits that the store's usable stock still gives."""
        return possible(self.kit.version.parts, self.usable)

    @property
    def bottleneck(self) -> ComponentRow | None:
        """The component that runs out first."""
        rows = self.kit.version.components
        return min(
            rows,
            key=lambda row: self.usable.get(row.component.item_code, 0) // row.component.quantity,
            default=None,
        )


@dataclass(frozen=True)
class NeedRow:
    """A component of a list against the stock of a facility, with its name."""

    row: ComponentRow
    need: Need


@dataclass(frozen=True)
class KitDocument:
    """A posted document that names a kit."""

    document_id: int
    kind: str
    label: str
    happened_on: dt.date
    count: int
    words: str
    reversed: bool
