"""Ba Đình in a small wave: one ward's station has nothing, the depot and another ward have plenty."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from supply.allocation import services
from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.core.transaction import reading, transaction
from supply.forecast.needs import burn_for_allocation
from supply.forecast.queries import latest_run
from supply.forecast.services import CaseRow, record_cases, run_forecast
from supply.inventory.documents import Receipt, ReceiptLine
from supply.inventory.services import post

DISTRICT = "ba-dinh"
WEEKS = 10
SHORT, RICH, DEPOT = "BD-TYT-01", "BD-TYT-02", "BD-TTYT"
STOREKEEPERS = {SHORT: "kho_px", RICH: "kho_tb", DEPOT: "kho_tt"}

_SAID = "district_id, run_id, policy, params, instance, result, comparison"
_AGAIN = text(
    f"INSERT INTO plan ({_SAID}, created_by) SELECT {_SAID}, supply_user_id()"
    " FROM plan WHERE id = :id RETURNING id"
)
_KEPT = text(f"SELECT to_jsonb(p)::text FROM (SELECT {_SAID} FROM plan WHERE id = :id) p")
_FROM_KEPT = text(
    f"INSERT INTO plan ({_SAID}, created_by) SELECT {_SAID}, supply_user_id()"
    " FROM jsonb_populate_record(NULL::plan, cast(:kept AS jsonb)) RETURNING id"
)


@dataclass(frozen=True)
class Town:
    """A database with people, a forecast and stock."""

    database: Database
    people: dict[str, int]
    places: dict[str, int]
    run_id: int
    items: tuple[str, ...]

    def storekeepers(self) -> dict[int, int]:
        """facility id → user id, for those who have a storekeeper."""
        return {self.places[code]: self.people[user] for code, user in STOREKEEPERS.items()}

    def plan(self, **asked: object) -> int:
        """A plan as the planner, solved, for a few days."""
        with acting_as(self.people["kehoach"]):
            return services.make_plan(DISTRICT, **({"horizon_days": 4} | asked))  # type: ignore[arg-type]

    def again(self, plan_id: int) -> int:
        """The same proposal once more, without solving it again."""
        with acting_as(self.people["kehoach"]), transaction() as session:
            return int(session.execute(_AGAIN, {"id": plan_id}).scalar_one())


def saturday_before(day: dt.date) -> dt.date:
    """The last Saturday that is over."""
    return day - dt.timedelta(days=(day.isoweekday() % 7) + 1)


def build_town(database: Database, people: dict[str, int]) -> Town:
    """Cases in every ward, a forecast, and stock of what the short ward will need."""
    last = saturday_before(today())
    with acting_as(people["kehoach"]):
        wards = catalog.wards(catalog.district(DISTRICT).id)
        rows = [
            CaseRow(ward.code, last - dt.timedelta(weeks=back), 40 + 8 * (WEEKS - back), 7)
            for ward in wards
            for back in range(WEEKS)
        ]
        record_cases(DISTRICT, rows, "thử nghiệm")
        run_id = run_forecast(DISTRICT, draws=60)
        run = latest_run(catalog.district(DISTRICT).id)
        assert run is not None
        places = {f.code: f.id for f in catalog.facilities()}
        demand = burn_for_allocation(run_id, 0.5, 4)
    need = demand.quantity[demand.facility_codes.index(SHORT)].sum(axis=(1, 2))
    most = [demand.item_codes[i] for i in need.argsort()[::-1][:3]]
    for code, factor in ((DEPOT, 8), (RICH, 4)):
        lines = tuple(
            ReceiptLine(
                item_code=item,
                quantity=int(need[demand.item_codes.index(item)]) * factor + 200,
                lot_number=f"L-{item}",
                expiry=today() + dt.timedelta(days=300),
                fund_code=FUND,
                unit_price_vnd=1000,
            )
            for item in most
        )
        with acting_as(people[STOREKEEPERS[code]]):
            post(Receipt(facility_id=places[code], lines=lines))
    return Town(database, people, places, run_id, tuple(most))


FUND = "NSTP"


@pytest.fixture(scope="module")
def town(shared_db: Database, shared_people: dict[str, int]) -> Town:
    """One town for the tests of a file; each test makes its own plan."""
    return build_town(shared_db, shared_people)


@pytest.fixture(scope="module")
def proposed(town: Town) -> int:
    """A plan for the tests of a file, solved once by a worker: each file's town asks the same.
    Whoever decides on it takes `town.again`."""
    with acting_as(town.people["kehoach"]):
        if town.run_id not in _solved:
            plan_id = town.plan()
            with reading() as session:
                _solved[town.run_id] = session.execute(_KEPT, {"id": plan_id}).scalar_one()
            return plan_id
        with transaction() as session:
            values = {"kept": _solved[town.run_id]}
            return int(session.execute(_FROM_KEPT, values).scalar_one())


_solved: dict[int, str] = {}  # the run asked of -> the plan's row
