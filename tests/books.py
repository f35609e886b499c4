"""Random but lawful books: a short planned history of a few stores, posted as their storekeepers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from seed.goods import demo_goods
from seed.history import Event, Goods, Money, Place, plan_history
from seed.posting import Ledger
from supply.catalog import queries as catalog
from supply.core.accounts import NewUser, create_user
from supply.core.database import Database
from supply.core.scope import acting_as

FIRST_DAY = dt.date(2021, 11, 1)
STORES = ("BD-TTYT", "BD-TYT-01", "BD-TYT-02", "BD-TD", "BD-PK")


@dataclass(frozen=True)
class Books:
    """What was posted, and who may read it: user name -> id."""

    events: list[Event]
    people: dict[str, int]
    facility_ids: dict[str, int]
    storekeepers: dict[str, int]


def plan(seed: int, days: int, goods: list[Goods]) -> tuple[list[Place], list[Event]]:
    """A history of five stores in which every kind of document turns up."""
    kinds = (
        "medical_centre",
        "ward_station",
        "ward_station",
        "treatment_facility",
        "private_clinic",
    )
    places = [
        Place(code, kind, is_depot=code == "BD-TTYT", is_private=code == "BD-PK")
        for code, kind in zip(STORES, kinds, strict=True)
    ]
    rng = np.random.default_rng(seed)
    use = rng.gamma(1.0, 12.0, size=(len(places), len(goods), days)) * rng.integers(
        0, 2, size=(len(places), len(goods), 1)
    )
    return places, plan_history(places, goods, use, FIRST_DAY, Money("NSTP", "QCOVID", "NSQ"), seed)


def post_books(db: Database, people: dict[str, int], seed: int, days: int = 37) -> Books:
    """Post it. `people` are those of `conftest.PEOPLE`, to whom the missing storekeepers are added."""
    extra = {"BD-TD": "kho_td", "BD-PK": "kho_pk"}
    with Session(db.owner_engine) as session:
        for code, name in extra.items():
            new = NewUser(name, "Lê Văn", name, "storekeeper", f"{name}@example.invalid", (code,))
            people[name] = create_user(session, new).id
        session.commit()
    names = dict(zip(STORES, ("kho_tt", "kho_px", "kho_tb", "kho_td", "kho_pk"), strict=True))
    with acting_as(people["kehoach"]):
        ids = {f.code: f.id for f in catalog.facilities()}
    _, events = plan(seed, days, demo_goods()[::7])
    keepers = {code: people[name] for code, name in names.items()}
    Ledger(f"test-{seed}", ids, keepers).post_all(events)
    return Books(events, people, ids, keepers)
