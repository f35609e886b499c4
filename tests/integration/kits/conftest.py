"""A ward of its own for each test, with a storekeeper, a head, and goods for a few home bags."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.orm import Session

from supply.core.accounts import NewUser, create_user
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.inventory.services import Posted
from supply.kits import queries
from supply.kits.asked import KitOrder
from supply.kits.rows import KitState
from tests.integration.inventory.conftest import World, make_world

_unused: dict[str, Iterator[int]] = {}


@dataclass(frozen=True)
class Ward:
    """Short ways to act in a ward's store as its `keeper` (or its `head`)."""

    world: World
    code: str
    keeper: str
    head: str

    @property
    def id(self) -> int:
        return self.world.places[self.code]

    def order(self, count: int, kit: str = "TUI-A", **more: Any) -> KitOrder:
        return KitOrder(facility_id=self.id, kit_code=kit, count=count, **more)

    def do(self, verb: Any, count: int, kit: str = "TUI-A", **more: Any) -> Posted:
        with acting_as(self.world.people[self.keeper]):
            posted: Posted = verb(self.order(count, kit, **more))
        return posted

    def state(self, kit: str = "TUI-A") -> KitState:
        with acting_as(self.world.people[self.keeper]):
            return queries.state(self.id, kit)

    def has(self, place: str, item: str = "TH001") -> int:
        return self.world.on_hand(self.code, place, item)

    def receive(self, item: str, quantity: int, **more: Any) -> Posted:
        return self.world.receive(
            self.keeper,
            self.code,
            quantity,
            **({"item_code": item, "lot_number": f"K{item}"} | more),
        )


def make_ward(db: Database, people: dict[str, int]) -> Ward:
    """The next ward of Ba Đình that no test has used."""
    number = next(_unused.setdefault(str(db.owner_url), itertools.count(3)))
    code, names = f"BD-TYT-{number:02d}", (f"kho_{number}", f"truong_{number}")
    with Session(db.owner_engine) as session:
        for name, role in zip(names, ("storekeeper", "facility_head"), strict=True):
            new = NewUser(name, "Lê Văn", name, role, f"{name}@example.invalid", (code,))
            people[name] = create_user(session, new).id
        session.commit()
    return Ward(make_world(db, people), code, *names)


@pytest.fixture
def ward(shared_db: Database, shared_people: dict[str, int]) -> Ward:
    made = make_ward(shared_db, shared_people)
    for item, quantity in (("TH001", 100), ("TH024", 70), ("TH007", 50), ("TH014", 30)):
        made.receive(item, quantity)
    return made
