"""A synthetic district of any size, the same for the same numbers.

Small ones are lived through the inventory services like the demo's; larger ones are written set by set
in the owner's one transaction (`synthetic.sql`) and are as sound as the others: `ledger verify` finds
nothing in either.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from seed.goods import demo_goods
from seed.history import Goods, Money, Place, plan_history
from seed.posting import Ledger
from supply.catalog.data import load_district
from supply.core.accounts import NewUser, create_user
from supply.core.clock import today
from supply.core.deploy import deploying
from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text

FIRST_DAY = dt.date(2021, 1, 1)
PERIOD_DAYS = 30
LINES_PER_ISSUE = 8
STATIONS_PER_DEPOT = 20
CELLS_THROUGH_SERVICES_MAX = 30_000
LIMITS = {"facilities": (2, 20_000), "items": (1, 5_000), "days": (1, 1_800)}
SQL_FILE = Path(__file__).parent / "synthetic.sql"


@dataclass(frozen=True)
class Size:
    """How large the district is."""

    facilities: int
    items: int
    days: int
    seed: int = 1

    @property
    def slug(self) -> str:
        """The district's name in addresses; one per size and seed."""
        return f"synthetic-{self.facilities}-{self.items}-{self.days}-{self.seed}"

    @property
    def cells(self) -> int:
        """Places × items × days."""
        return self.facilities * self.items * self.days

    def faults(self) -> list[Fault]:
        """What cannot be made."""
        found = []
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                found.append(
                    Fault(
                        name,
                        Text(
                            f"{name} phải từ {low} đến {high}.",
                            f"--{name} must be between {low} and {high}.",
                        ),
                    )
                )
        return found


@dataclass(frozen=True)
class Made:
    """What a load did. `fresh` False: it was there, nothing changed."""

    slug: str
    fresh: bool
    through_services: bool
    documents: int
    entries: int
    seconds: float


def load_synthetic(size: Size, *, through_services: bool | None = None) -> Made:
    """Make the district, or say that it is there. `through_services` None: as its size calls for.

    Raises InvalidInput naming the number that is out of range.
    """
    if faults := size.faults() or _ahead_of_today(size):
        raise InvalidInput(faults=faults)
    started = time.perf_counter()
    slowly = (
        size.cells <= CELLS_THROUGH_SERVICES_MAX if through_services is None else through_services
    )
    with deploying() as connection:
        fresh = _count(connection, size)[0] == 0
        if fresh:
            user_id = _catalogue(connection, size)
            if not slowly:
                _bulk(connection, size, user_id)
            connection.commit()
    if fresh and slowly:
        _live(size, user_id)
    with deploying() as connection:
        documents, entries = _count(connection, size)
    return Made(size.slug, fresh, slowly, documents, entries, time.perf_counter() - started)


def _ahead_of_today(size: Size) -> list[Fault]:
    """Nothing is posted ahead of its day."""
    days = (today() - FIRST_DAY).days + 1
    if size.days <= days:
        return []
    return [Fault("days", Text(f"days tối đa {days}.", f"--days can be at most {days} today."))]


def _count(connection: Connection, size: Size) -> tuple[int, int]:
    """Documents and entries of the district."""
    found = connection.execute(
        text(
            "SELECT count(DISTINCT d.id), count(e.id) FROM document d"
            " JOIN facility f ON f.id = d.facility_id JOIN district x ON x.id = f.district_id"
            " LEFT JOIN entry e ON e.document_id = d.id WHERE x.slug = :slug"
        ),
        {"slug": size.slug},
    ).one()
    return found[0], found[1]


# --- the catalogue -------------------------------------------------------------------------------

_DISTRICT = """
INSERT INTO district (code, slug, name, province, population)
VALUES (:code, :slug, :name, 'Mô phỏng', :population)
ON CONFLICT (slug) DO UPDATE SET name = excluded.name RETURNING id
"""
_WARDS = """
INSERT INTO ward (district_id, code, name, kind, population, population_note)
SELECT :district, format('%s-%s', :district, n), format('Phường mô phỏng %s', n), 'phường',
       2000 + (hashint8extended(n, :seed) & 16383)::int, 'mô phỏng'
FROM generate_series(0, :facilities - 1) n WHERE n % :group <> 0
ON CONFLICT DO NOTHING
"""
_FACILITIES = """
INSERT INTO facility (code, name_vi, name_en, kind, district_id, ward_id, is_depot, is_private, beds,
                      icu_beds, active, search)
SELECT format('SY%s-%s', :district, lpad(n::text, 5, '0')), format('Cơ sở mô phỏng %s', n),
       format('Synthetic facility %s', n),
       CASE WHEN n % :group = 0 THEN 'medical_centre' ELSE 'ward_station' END, :district, w.id,
       n % :group = 0, false, CASE WHEN n % :group = 0 THEN 50 ELSE 4 END, 0, true,
       format('sy%s-%s co so mo phong %s', :district, lpad(n::text, 5, '0'), n)
FROM generate_series(0, :facilities - 1) n
LEFT JOIN ward w ON w.district_id = :district AND w.code = format('%s-%s', :district, n)
ON CONFLICT (code) DO NOTHING
"""
_ITEMS = """
INSERT INTO item (code, name_vi, name_en, inn, category, base_unit_vi, base_unit_en,
                  litres_per_unit, is_essential, shelf_life_days, cold_chain, is_reusable, active,
                  search)
SELECT format('SY%s', lpad(n::text, 5, '0')), format('Mặt hàng mô phỏng %s', n),
       format('Synthetic item %s', n), '', 'consumable', 'chiếc', 'each', 0.1, false, 1095, 'none',
       false, true, format('sy%s mat hang mo phong %s', lpad(n::text, 5, '0'), n)
FROM generate_series(0, :items - 1) n
ON CONFLICT (code) DO NOTHING
"""


def _catalogue(connection: Connection, size: Size) -> int:
    """District, wards, stations, items, partners, and the storekeeper of all; the person's id."""
    code = "S" + hashlib.sha256(size.slug.encode()).hexdigest()[:9]
    values = {
        "code": code,
        "slug": size.slug,
        "name": f"Mô phỏng {size.facilities} cơ sở",
        "population": size.facilities * 9_000,
        "facilities": size.facilities,
        "items": size.items,
        "seed": size.seed,
        "group": STATIONS_PER_DEPOT,
    }
    district = connection.execute(text(_DISTRICT), values).scalar_one()
    for statement in (_WARDS, _FACILITIES, _ITEMS):
        connection.execute(text(statement), values | {"district": district})
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        load_district(session, size.slug)  # the partners
        known = session.execute(
            text("SELECT id FROM ab_user WHERE username = :name"), {"name": _keeper(size)}
        ).scalar()
        if known is None:
            new = NewUser(
                _keeper(size),
                "Thủ kho",
                "Mô phỏng",
                "storekeeper",
                f"{_keeper(size)}@example.invalid",
                district_slugs=(size.slug,),
            )
            known = create_user(session, new).id
        session.commit()
    return int(known)


def _keeper(size: Size) -> str:
    return f"kho_{size.slug}"


# --- large: set by set ---------------------------------------------------------------------------

_PARAMETERS = """
CREATE TEMP TABLE synthetic ON COMMIT DROP AS
SELECT CAST(:items AS int) AS items, CAST(:days AS int) AS days, CAST(:seed AS bigint) AS seed,
       CAST(:lines AS int) AS lines, CAST(:period AS int) AS period,
       CAST(:first_day AS date) AS first_day, CAST(:user AS int) AS user_id,
       CAST(:origin AS text) AS origin, x.id AS district_id,
       (SELECT array_agg(id ORDER BY code) FROM fund WHERE code IN ('NSTP', 'NST', 'QCOVID')) AS funds,
       (SELECT id FROM partner WHERE code = 'NCC02') AS partner_id,
       (SELECT id FROM location WHERE kind = 'supplier') AS supplier_id,
       (SELECT id FROM location WHERE kind = 'use') AS use_id
FROM district x WHERE x.slug = :slug
"""
_PLACES = """
CREATE TEMP TABLE synthetic_facility ON COMMIT DROP AS
SELECT right(f.code, 5)::int AS n, right(f.code, 5)::int / :group * :group AS depot,
       f.id AS facility_id, s.id AS store_id, t.id AS transit_id
FROM facility f JOIN synthetic x ON x.district_id = f.district_id
JOIN location s ON s.facility_id = f.id AND s.kind = 'store'
JOIN location t ON t.facility_id = f.id AND t.kind = 'transit'
"""
_THINGS = """
CREATE TEMP TABLE synthetic_item ON COMMIT DROP AS
SELECT right(i.code, 5)::int AS n, i.id AS item_id FROM item i
WHERE i.code LIKE 'SY_____' AND right(i.code, 5)::int < :items
"""


def _bulk(connection: Connection, size: Size, user_id: int) -> None:
    """The whole ledger of the district, in the transaction that is open."""
    connection.execute(text("LOCK TABLE document, entry, consignment IN SHARE ROW EXCLUSIVE MODE"))
    values = {
        "items": size.items,
        "days": size.days,
        "seed": size.seed,
        "lines": min(LINES_PER_ISSUE, size.items),
        "period": PERIOD_DAYS,
        "first_day": FIRST_DAY,
        "user": user_id,
        "origin": f"synthetic:{size.slug}",
        "slug": size.slug,
        "group": STATIONS_PER_DEPOT,
    }
    for statement in (_PARAMETERS, _PLACES, _THINGS):
        connection.execute(text(statement), values)
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(SQL_FILE.read_text(encoding="utf-8"))


# --- small: through the services -----------------------------------------------------------------


def _live(size: Size, user_id: int) -> None:
    """The same kind of history as the demo's, with made-up use."""
    with deploying() as connection:
        found = connection.execute(
            text(
                "SELECT f.code, f.id, f.kind, f.is_depot FROM facility f"
                " JOIN district d ON d.id = f.district_id WHERE d.slug = :slug ORDER BY f.code"
            ),
            {"slug": size.slug},
        ).all()
    ids = {row.code: row.id for row in found}
    # One depot serves them all here: the plan of a history knows one.
    places = [Place(row.code, row.kind, is_depot=n == 0) for n, row in enumerate(found)]
    priced = demo_goods()
    goods = [
        Goods(f"SY{n:05d}", 10, 1095, priced[n % len(priced)].unit_price_vnd, "NCC02")
        for n in range(size.items)
    ]
    rng = np.random.default_rng(size.seed)
    level = rng.gamma(0.7, 12.0, size=(len(places), len(goods), 1))
    wave = 1.0 + np.sin(np.arange(size.days) / 14.0)
    money = Money("NSTP", "QCOVID", "NSPX")
    events = plan_history(places, goods, level * wave, FIRST_DAY, money, size.seed)
    Ledger(size.slug, ids, dict.fromkeys(ids, user_id)).post_all(events)
