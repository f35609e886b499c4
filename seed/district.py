"""The demo districts: people, ninety days of stock history, cases, a first forecast."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.orm import Session

from seed.demand import (
    LEAD_DAYS,
    SHARES,
    district_ward_cases,
    read_province,
    source_note,
    units_used,
    ward_days,
)
from seed.goods import demo_goods
from seed.history import Event, Money, Place, plan_history
from seed.looking_ahead import look_ahead
from seed.people import (
    DemoUser,
    demo_people,
    enter_people,
    facility_codes,
    planner_name,
    storekeeper_name,
)
from seed.posting import Ledger
from seed.storekeeping import District, keep_stores
from supply.catalog import queries as catalog
from supply.catalog.data import load_district, rows
from supply.core.deploy import deploying
from supply.core.errors import Conflict
from supply.core.scope import acting_as
from supply.core.text import Text
from supply.forecast.services import CaseRow, record_cases
from supply.forecast.sharing import Place as SharedPlace

HISTORY_DAYS = 90
SEED = 20_220_122
FUNDS = {
    "ba-dinh": Money("NSTP", "QCOVID", "NSQ"),
    "rach-gia": Money("NST", "QCOVID", "NSQ"),
}
HEADED_KINDS = ("medical_centre", "treatment_facility")
SLUGS = tuple(FUNDS)
Announce = Callable[[list[DemoUser]], None]


@dataclass(frozen=True)
class Loaded:
    """What a load did. `fresh` False: it was there, nothing changed. `seconds` by step."""

    slug: str
    fresh: bool
    last_day: dt.date
    documents: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


def last_demo_day(slug: str) -> dt.date:
    """The day a demo district stands on: the last with real cases."""
    return read_province(SHARES[slug][1]).last_day


def demo_today(slug: str) -> dt.date:
    """The day a demonstration stands on: the morning after the last cases, when a plan begins."""
    return last_demo_day(slug) + dt.timedelta(days=1)


def load_district_demo(slug: str, announce: Announce = lambda users: None) -> Loaded:
    """Load a demo district, all through the services; a second call changes nothing.

    Documents carry the days they happened on (up to the last day with real cases) and the moment
    they are recorded. `announce` gets the people with their passwords as soon as they can sign in.
    A load that was broken off is taken up again. Raises Conflict where the district already has
    documents that are not the demo's.
    """
    codes, last_day = facility_codes(slug), last_demo_day(slug)
    seconds: dict[str, float] = {}
    with timed(seconds, "people"):
        with deploying() as connection, Session(connection) as session:
            load_district(session, slug)
            if _already_there(session, slug):
                session.commit()
                return Loaded(slug, False, last_day)
            people = demo_people(slug, codes, _headed(slug))
            user_ids, users = enter_people(session, people)
            session.commit()
        announce(users)
    with acting_as(user_ids[planner_name(slug)]):
        with timed(seconds, "plan of the history"):
            events, facility_ids = planned(slug, last_day)
        storekeepers = {code: user_ids[storekeeper_name(code)] for code in codes}
        with timed(seconds, "documents"):
            Ledger(slug, facility_ids, storekeepers).post_all(events)
        with timed(seconds, "storekeeping"):
            besides = keep_stores(
                District(
                    slug, *_roles(codes), facility_ids, storekeepers,
                    user_ids[planner_name(slug)], last_day,
                )
            )  # fmt: skip
        with timed(seconds, "cases"):
            _record_cases(slug)
        with timed(seconds, "forecast and planning"):
            look_ahead(slug, last_day)
    return Loaded(slug, True, last_day, len(events) + besides, seconds)


@contextmanager
def timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    """Note how long the block took."""
    started = time.perf_counter()
    yield
    seconds[step] = time.perf_counter() - started


def planned(slug: str, last_day: dt.date) -> tuple[list[Event], dict[str, int]]:
    """The history of a district as the acting person sees its catalogue, and facility ids by code."""
    district = catalog.district(slug)
    wards = catalog.wards(district.id)
    facilities = catalog.facilities(district.id)
    goods = demo_goods()
    number = {ward.id: n for n, ward in enumerate(wards)}
    shared = [
        SharedPlace(f.kind, number.get(f.ward_id) if f.ward_id is not None else None, f.beds)
        for f in facilities
    ]
    cases = district_ward_cases(slug, [ward.population for ward in wards])
    use = units_used(
        cases[:, -(HISTORY_DAYS + LEAD_DAYS) :],
        shared,
        [g.item_code for g in goods],
        last_day,
        SEED,
    )
    events = plan_history(
        [Place(f.code, f.kind, f.is_depot, f.is_private) for f in facilities],
        goods,
        use,
        last_day - dt.timedelta(days=HISTORY_DAYS - 1),
        FUNDS[slug],
        SEED,
    )
    return events, {f.code: f.id for f in facilities}


def _record_cases(slug: str) -> None:
    wards = catalog.wards(catalog.district(slug).id)
    found = ward_days(slug, {ward.code: float(ward.population) for ward in wards})
    rows = [CaseRow(row.ward_code, row.on, row.cases, anomaly=row.anomaly) for row in found]
    record_cases(slug, rows, source_note(slug))


def _roles(codes: list[str]) -> tuple[str, str, str, str]:
    """The depot, two wards and the treatment facility among a district's facilities."""
    depot = next(code for code in codes if code.endswith("TTYT"))
    wards = [code for code in codes if "-TYT-" in code]
    treatment = next(code for code in codes if code.endswith("-TD"))
    return depot, wards[0], wards[1], treatment


def _headed(slug: str) -> list[str]:
    return [
        row["code"]
        for row in rows("facilities")
        if row["district_slug"] == slug and row["kind"] in HEADED_KINDS
    ]


_STATE = text(
    """
    WITH place AS (
        SELECT f.id FROM facility f JOIN district d ON d.id = f.district_id WHERE d.slug = :slug
    )
    SELECT (SELECT count(*) FROM forecast_run r JOIN district d ON d.id = r.district_id
            WHERE d.slug = :slug) AS runs,
        count(*) FILTER (WHERE origin = :origin) AS ours,
        count(*) FILTER (WHERE origin <> :origin) AS others
    FROM document WHERE facility_id IN (SELECT id FROM place)
    """
)


def _already_there(session: Session, slug: str) -> bool:
    """Loaded to the end before. Raises Conflict where somebody else's documents are in the way."""
    state = session.execute(_STATE, {"slug": slug, "origin": f"demo:{slug}"}).one()
    if state.ours and state.runs:
        return True
    if state.others and not state.ours:
        raise Conflict(
            Text(
                f"{slug} đã có chứng từ thật; dữ liệu mẫu chỉ nạp vào nơi chưa có chứng từ.",
                f"{slug} already has documents of its own; demo data goes only where there are none.",
            )
        )
    return False
