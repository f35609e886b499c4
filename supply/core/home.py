"""The tiles of the home page: each module offers its own, the frame only lays them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from supply.core.security import may
from supply.core.text import Text


@dataclass(frozen=True)
class Tile:
    """A figure that opens the list behind it. `tone`: '', 'warning' or 'danger'."""

    label: Text
    value: str
    url: str
    unit: Text = Text("", "")
    tone: str = ""
    order: int = 100


TileMaker = Callable[[], list[Tile]]
_makers: list[tuple[str, str, TileMaker]] = []


def tiles_for(permission: str, resource: str) -> Callable[[TileMaker], TileMaker]:
    """Declare a maker of tiles, asked only for people with that permission."""

    def declare(maker: TileMaker) -> TileMaker:
        _makers.append((permission, resource, maker))
        return maker

    return declare


def home_tiles() -> list[Tile]:
    """The tiles of the person of this request, in order."""
    tiles = [tile for p, r, maker in _makers if may(p, r) for tile in maker()]
    return sorted(tiles, key=lambda tile: tile.order)
