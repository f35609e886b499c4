"""Periods: who closed the books through which day, and the monthly closing balances behind reports.

Closing is the storekeeper's or the facility head's, at month ends; opening again is for finance or
the administrator, with a reason. Both are events that are never changed; the last one counts.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import text

from supply.core.clock import today
from supply.core.jobs import Progress, job, nightly
from supply.core.text import Text
from supply.core.transaction import transaction
from supply.inventory.asking import ask
from supply.inventory.held_sql import Where


@dataclass(frozen=True)
class PeriodState:
    """How far a facility's books are closed. `closed_through` None: nothing is. The counts are of
    what is dated up to the end of last month and not yet done: drafts, transfers not received."""

    facility_id: int
    facility_name: Text
    closed_through: dt.date | None
    closed_by: str
    closed_at: dt.datetime | None
    first_document: dt.date | None
    documents_open: int
    drafts: int
    arriving: int

    def months_open(self, upto: dt.date) -> list[dt.date]:
        """The ends of the months that can be closed now, oldest first: after what is closed, or from
        the first document on."""
        start = self.closed_through or (
            None if self.first_document is None else month_before(self.first_document)
        )
        return [] if start is None else month_ends(start, upto)


@dataclass(frozen=True)
class PeriodEvent:
    """One closing or opening again. `through` None: after it nothing is closed."""

    id: int
    facility_id: int
    facility_name: Text
    action: str
    through: dt.date | None
    reason: str
    by: str
    at: dt.datetime


def month_before(day: dt.date) -> dt.date:
    """The last day of the month before."""
    return day.replace(day=1) - dt.timedelta(days=1)


def month_ends(after: dt.date, upto: dt.date) -> list[dt.date]:
    """Last days of months later than `after`, up to `upto`."""
    found: list[dt.date] = []
    end = after
    while True:
        first_of_next = (end + dt.timedelta(days=1)).replace(day=1)
        second = (first_of_next + dt.timedelta(days=31)).replace(day=1)
        end = second - dt.timedelta(days=1)
        if end > upto:
            return found
        found.append(end)


_STATES = """
WITH last AS (
    SELECT DISTINCT ON (e.facility_id) e.facility_id, e.through, e.recorded_at,
           concat_ws(' ', u.first_name, u.last_name) AS by
    FROM period_event e LEFT JOIN ab_user u ON u.id = e.recorded_by
    ORDER BY e.facility_id, e.id DESC
)
SELECT f.id, f.name_vi, f.name_en, last.through, coalesce(last.by, '') AS by, last.recorded_at,
       (SELECT min(d.happened_on) FROM document d WHERE d.facility_id = f.id) AS first_document,
       (SELECT count(*) FROM document d WHERE d.facility_id = f.id AND d.happened_on <= :upto
            AND d.happened_on > coalesce(last.through, '-infinity')) AS documents_open,
       (SELECT count(*) FROM draft d WHERE d.facility_id = f.id AND d.posted_document_id IS NULL
            AND nullif(d.payload->>'happened_on', '')::date <= :upto) AS drafts,
       (SELECT count(*) FROM document d
        WHERE d.counterpart_facility_id = f.id AND d.kind = 'transfer_dispatch'
          AND d.happened_on <= :upto
          AND NOT EXISTS (SELECT FROM document r WHERE r.follows_id = d.id)
          AND NOT EXISTS (SELECT FROM document r WHERE r.reverses_id = d.id)) AS arriving
FROM facility f LEFT JOIN last ON last.facility_id = f.id
WHERE f.active
  AND f.id = ANY (coalesce(CAST(:facility_ids AS int[]), (SELECT supply_read_ids())::int[]))
  AND f.id = ANY ((SELECT supply_read_ids())::int[])
  AND (CAST(:district_id AS int) IS NULL OR f.district_id = :district_id)
  AND (CAST(:ward_id AS int) IS NULL OR f.ward_id = :ward_id)
ORDER BY last.through NULLS FIRST, f.code
"""


def period_states(where: Where | None = None) -> list[PeriodState]:
    """The facilities of the person's scope, those furthest behind first."""
    params = (where or Where()).params() | {"upto": month_before(today())}
    return [
        PeriodState(
            r["id"], Text(r["name_vi"], r["name_en"]), r["through"], r["by"], r["recorded_at"],
            r["first_document"], r["documents_open"], r["drafts"], r["arriving"],
        )
        for r in ask(_STATES, **params)
    ]  # fmt: skip


_EVENTS = """
SELECT e.id, e.facility_id, f.name_vi, f.name_en, e.action, e.through, e.reason,
       concat_ws(' ', u.first_name, u.last_name) AS by, e.recorded_at AS at
FROM period_event e JOIN facility f ON f.id = e.facility_id
LEFT JOIN ab_user u ON u.id = e.recorded_by
WHERE (CAST(:facility_ids AS int[]) IS NULL OR e.facility_id = ANY (:facility_ids))
ORDER BY e.id DESC LIMIT :limit
"""


def period_events(facility_id: int | None = None, limit: int = 50) -> list[PeriodEvent]:
    """What was closed and opened again, newest first."""
    ids = None if facility_id is None else [facility_id]
    return [
        PeriodEvent(
            r["id"], r["facility_id"], Text(r["name_vi"], r["name_en"]), r["action"], r["through"],
            r["reason"], r["by"], r["at"],
        )
        for r in ask(_EVENTS, facility_ids=ids, limit=limit)
    ]  # fmt: skip


def closed_through(facility_id: int) -> dt.date | None:
    """The last closed day of a facility; None: nothing is closed."""
    found = ask("SELECT ledger_closed_through(:facility) AS day", facility=facility_id)
    day: dt.date | None = found[0]["day"]
    return day


def close_period(facility_id: int, through: dt.date, reason: str = "") -> int:
    """Close the books of a facility through a month's end; returns the event's id.

    Raises NotAllowed where the person does not write for it, InvalidInput for a day that is no ended
    month's last, AlreadyDone where it is closed already.
    """
    return _event(
        "SELECT ledger_close_period(:facility, CAST(:through AS date), :reason)",
        facility_id, through, reason,
    )  # fmt: skip


def reopen_period(facility_id: int, through: dt.date | None, reason: str) -> int:
    """Open the books again after `through` (an earlier month's end; None: all); returns the event's
    id. Raises NotAllowed for whoever is neither finance nor administrator, InvalidInput without a
    reason, AlreadyDone where nothing later is closed.
    """
    return _event(
        "SELECT ledger_reopen_period(:facility, CAST(:through AS date), :reason)",
        facility_id, through, reason,
    )  # fmt: skip


def _event(sql: str, facility_id: int, through: dt.date | None, reason: str) -> int:
    with transaction() as session:
        return int(
            session.execute(
                text(sql), {"facility": facility_id, "through": through, "reason": reason[:500]}
            ).scalar_one()
        )


def close_months() -> int:
    """Make the closing balances of every ended month that has none; returns how many. Changes no
    figure: questions about past days only become quick."""
    with transaction() as session:
        return int(session.execute(text("SELECT ledger_close_months()")).scalar_one())


@nightly
def close_months_tonight() -> None:
    """After the first night of a month its balances are there; other nights find nothing to do."""
    close_months()


@job("inventory.close_months", Text("Lập số dư cuối tháng", "Make monthly closing balances"))
def close_months_job(progress: Progress) -> dict[str, object]:
    """The same on demand."""
    progress.at(0, 1, Text("Đang cộng dồn bút toán", "Adding up entries"))
    return {"url": "/periods/", "months": close_months()}
