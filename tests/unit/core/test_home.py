"""What stands first on the home page."""

from __future__ import annotations

from supply.core.home import Tile, sorted_out
from supply.core.text import Text


def tile(name: str, value: str, tone: str = "", order: int = 100) -> Tile:
    return Tile(Text(name, name), value, f"/{name}", tone=tone, order=order)


def test_the_urgent_comes_first_and_a_nought_that_asks_nothing_stands_back() -> None:
    home = sorted_out(
        [
            tile("held", "22", order=1),
            tile("drafts", "0", order=2),
            tile("near", "4", "warning", 3),
            tile("recall", "1", "danger", 5),
            tile("out", "3", "danger", 4),
            tile("answered", "0/15", "warning", 2),
            tile("kits", "0", order=1),
        ]
    )
    assert [one.url for one in home.todo] == ["/out", "/recall", "/answered", "/near"]
    assert [one.url for one in home.figures] == ["/held"]
    assert [one.url for one in home.none] == ["/kits", "/drafts"]


def test_a_nought_that_asks_for_something_is_asked_for() -> None:
    """No forecast yet is a task, however its figure reads."""
    assert [one.url for one in sorted_out([tile("forecast", "0", "warning")]).todo] == ["/forecast"]
