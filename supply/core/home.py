"""The home page: what needs a person today first, then figures; what is 0 stands back.

Each module offers its tiles, the frame only sorts and lays them out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from supply.core.security import may
from supply.core.text import Text


@dataclass(frozen=True)
class Tile:
    """A figure that opens the list behind it. `tone`: 'warning' or 'danger' where it asks something of
    the person, who reads in `act` what that is; '' for a figure that only informs."""

    label: Text
    value: str
    url: str
    unit: Text = Text("", "")
    tone: str = ""
    order: int = 100
    act: Text = Text("", "")


@dataclass(frozen=True)
class Home:
    """The tiles of a home page: what to do, most urgent first; figures; what there is none of."""

    todo: tuple[Tile, ...]
    figures: tuple[Tile, ...]
    none: tuple[Tile, ...]


TileMaker = Callable[[], list[Tile]]
_makers: list[tuple[str, str, TileMaker]] = []


def tiles_for(permission: str, resource: str) -> Callable[[TileMaker], TileMaker]:
    """Declare a maker of tiles, asked only for people with that permission."""

    def declare(maker: TileMaker) -> TileMaker:
        _makers.append((permission, resource, maker))
        return maker

    return declare


def home_tiles() -> Home:
    """The tiles of the person of this request."""
    return sorted_out(tile for p, r, maker in _makers if may(p, r) for tile in maker())


def sorted_out(tiles: Iterable[Tile]) -> Home:
    """What is urgent before what needs attention, each in their order; a 0 that asks nothing stands back."""
    known = sorted(tiles, key=lambda tile: tile.order)
    return Home(
        todo=tuple(tile for tone in ("danger", "warning") for tile in known if tile.tone == tone),
        figures=tuple(tile for tile in known if not tile.tone and tile.value != "0"),
        none=tuple(tile for tile in known if not tile.tone and tile.value == "0"),
    )
