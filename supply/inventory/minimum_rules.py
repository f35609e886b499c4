"""How many days of average use make a minimum: rules with a day from which they hold, never overwritten.

A store's own rule comes before its district's, that before the installation's; of each the newest in
force. Without a number a rule says that the wider one holds again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import Fault, InvalidInput, NotAllowed
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction

DAYS_MAX = 365
REASON_MAX = 200
AHEAD_DAYS_MAX = 366


@dataclass(frozen=True)
class Rule:
    """A rule as it was set. Neither facility nor district: the installation's. `days_of_use` None:
    the wider rule holds again. `holds`: it is the one that counts today for what it is of."""

    id: int
    facility_id: int | None
    district_id: int | None
    place: Text
    days_of_use: int | None
    valid_from: dt.date
    reason: str
    set_by: str
    set_at: dt.datetime
    holds: bool


@dataclass(frozen=True)
class StoreRule:
    """What holds for a store today, and whose rule it is: "store", "district" or "all"."""

    facility_id: int
    name: Text
    days_of_use: int
    of: str


_RULES = """
SELECT r.id, r.facility_id, r.district_id, coalesce(f.name_vi, d.name, '') AS vi,
       coalesce(f.name_en, d.name, '') AS en, r.days_of_use, r.valid_from, r.reason,
       coalesce(concat_ws(' ', u.first_name, u.last_name), '') AS set_by, r.set_at,
       r.id = (SELECT s.id FROM stock_minimum_rule s
               WHERE s.facility_id IS NOT DISTINCT FROM r.facility_id
                 AND s.district_id IS NOT DISTINCT FROM r.district_id
                 AND s.valid_from <= supply_today()
               ORDER BY s.valid_from DESC, s.id DESC LIMIT 1) AS holds
FROM stock_minimum_rule r
LEFT JOIN facility f ON f.id = r.facility_id
LEFT JOIN district d ON d.id = r.district_id
LEFT JOIN ab_user u ON u.id = r.set_by
WHERE (r.facility_id IS NULL OR r.facility_id = ANY ((SELECT supply_read_ids())::int[]))
  AND (r.district_id IS NULL OR EXISTS (
      SELECT FROM facility g WHERE g.district_id = r.district_id
      AND g.id = ANY ((SELECT supply_read_ids())::int[])))
ORDER BY r.valid_from DESC, r.id DESC LIMIT 500
"""
_STORES = """
SELECT f.id, f.name_vi, f.name_en, stock_minimum_days(f.id, supply_today()) AS days,
       (SELECT days_of_use FROM stock_minimum_rule
        WHERE facility_id = f.id AND valid_from <= supply_today()
        ORDER BY valid_from DESC, id DESC LIMIT 1) AS own,
       (SELECT days_of_use FROM stock_minimum_rule
        WHERE district_id = f.district_id AND valid_from <= supply_today()
        ORDER BY valid_from DESC, id DESC LIMIT 1) AS of_district
FROM facility f
WHERE f.active AND f.id = ANY ((SELECT supply_read_ids())::int[])
ORDER BY f.is_depot DESC, f.code
"""


def rules() -> list[Rule]:
    """All that were set for the places in scope, the latest day first."""
    with reading() as session:
        return [
            Rule(r.id, r.facility_id, r.district_id, Text(r.vi, r.en), r.days_of_use, r.valid_from,
                 r.reason, r.set_by, r.set_at, r.holds)
            for r in session.execute(text(_RULES))
        ]  # fmt: skip


def store_rules() -> list[StoreRule]:
    """What holds today for each store in scope."""
    with reading() as session:
        return [
            StoreRule(
                r.id,
                Text(r.name_vi, r.name_en),
                r.days,
                "store"
                if r.own is not None
                else "district"
                if r.of_district is not None
                else "all",
            )
            for r in session.execute(text(_STORES))
        ]


@dataclass(frozen=True)
class Settable:
    """What the acting person may set rules for."""

    facilities: tuple[tuple[int, Text], ...]
    districts: tuple[tuple[int, str], ...]
    all: bool

    def __bool__(self) -> bool:
        return bool(self.facilities or self.districts or self.all)


def settable() -> Settable:
    """The stores, the districts, and whether the installation's own rule."""
    with reading() as session:
        roles = session.execute(
            text(
                "SELECT supply_has_role('planner') AS plans, supply_has_role('administrator') AS rules,"
                " supply_has_role('facility_head') AS heads"
            )
        ).one()
        stores: list[catalog.FacilityRow] = []
        if roles.plans or roles.heads:
            stores = catalog.facilities(writable=not roles.plans)
        districts = [(d.id, d.name) for d in catalog.districts()] if roles.plans else []
        return Settable(tuple((f.id, f.name) for f in stores), tuple(districts), roles.rules)


def set_rule(
    days_of_use: int | None,
    valid_from: dt.date,
    *,
    facility_id: int | None = None,
    district_id: int | None = None,
    reason: str = "",
) -> int:
    """Set a rule from today or a later day on; returns its id. For a store: its head or a planner; for
    a district: a planner; for all: the administrator. `days_of_use` None: the wider rule again.

    Raises InvalidInput, naming the field, and NotAllowed.
    """
    reason = " ".join(reason.split())
    faults = _faults(days_of_use, valid_from, reason, facility_id is None and district_id is None)
    if faults:
        raise InvalidInput(faults=faults)
    with transaction() as session:
        values = {"facility": facility_id, "district": district_id, "user": acting_user_id()}
        may = session.execute(_MAY, values).scalar()
        if not may:
            raise NotAllowed(
                Text(
                    "Thủ trưởng đặt cho cơ sở mình, người lập kế hoạch cho cơ sở và quận, huyện trong"
                    " phạm vi, quản trị cho toàn hệ thống.",
                    "A head sets their own store's, a planner those of stores and districts in scope,"
                    " the administrator that of all.",
                )
            )
        return int(
            session.execute(
                text(
                    "INSERT INTO stock_minimum_rule (facility_id, district_id, days_of_use, valid_from,"
                    " reason, set_by) VALUES (:facility, :district, :days, :since, :reason, :user)"
                    " RETURNING id"
                ),
                values | {"days": days_of_use, "since": valid_from, "reason": reason},
            ).scalar_one()
        )


# The same as the table's own policy says, asked first so that the answer is a sentence.
_MAY = text(
    """
    SELECT CASE
        WHEN CAST(:facility AS int) IS NOT NULL THEN
            (:facility = ANY (supply_write_ids()) AND supply_has_role('facility_head'))
            OR (:facility = ANY (supply_read_ids()) AND supply_has_role('planner'))
        WHEN CAST(:district AS int) IS NOT NULL THEN supply_has_role('planner') AND EXISTS (
            SELECT FROM facility f
            WHERE f.district_id = :district AND f.id = ANY (supply_read_ids()))
        ELSE supply_has_role('administrator') END
    """
)


def _faults(days: int | None, since: dt.date, reason: str, is_of_all: bool) -> list[Fault]:
    found = []
    if days is None and is_of_all:
        words = Text("Quy định chung phải có số ngày.", "The rule of all needs a number of days.")
        found.append(Fault("days", words))
    elif days is not None and not 0 <= days <= DAYS_MAX:
        words = Text(
            f"Số ngày dùng từ 0 đến {DAYS_MAX}.", f"Days of use are between 0 and {DAYS_MAX}."
        )
        found.append(Fault("days", words))
    if not today() <= since <= today() + dt.timedelta(days=AHEAD_DAYS_MAX):
        words = Text(
            "Quy định có hiệu lực từ hôm nay hoặc một ngày trong 12 tháng tới.",
            "A rule holds from today, or from a day of the next 12 months.",
        )
        found.append(Fault("from", words))
    if len(reason) > REASON_MAX:
        words = Text(f"Lý do tối đa {REASON_MAX} ký tự.", f"At most {REASON_MAX} characters.")
        found.append(Fault("reason", words))
    return found
