"""What others ask about how case figures came in: as known at a moment, versions, revisions, batches.

Rows are only ever added, and within a district ids rise with the moment of recording (writers wait
for each other), so what was known at a moment is the rows up to one id.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.clock import VIETNAM
from supply.core.transaction import reading
from supply.forecast.history import WeeklyHistory
from supply.forecast.inputs import District, history_of, reports_of
from supply.forecast.intake import revisions, rules
from supply.forecast.intake.found import DAY, WEEK, Key, Ward
from supply.forecast.intake.places import Area
from supply.forecast.intake.revisions import Recorded, Revisions
from supply.forecast.intake.series import State, state_of
from supply.forecast.intake.thresholds import limits
from supply.forecast.wards import BA_DINH, RACH_GIA

PROVINCES = {share.province: share for share in (BA_DINH, RACH_GIA)}
_LAST_ID = text(
    "SELECT coalesce(max(id), 0) FROM case_report"
    " WHERE ward_id = ANY (CAST(:wards AS int[])) AND recorded_at <= :moment"
)
_RECORDED = text(
    "SELECT ward_id, reported_on, days, cases, anomaly, recorded_at FROM case_report"
    " WHERE ward_id = ANY (CAST(:wards AS int[])) AND reported_on > :since ORDER BY id"
)
_VERSIONS = text(
    "SELECT r.id, r.ward_id, r.reported_on, r.days, r.cases, r.anomaly, r.source, r.note, r.recorded_at,"
    " concat_ws(' ', u.first_name, u.last_name) AS recorded_by, r.batch_id,"
    " coalesce(b.how, '') AS how, coalesce(b.file_name, '') AS file_name,"
    " r.id = max(r.id) OVER (PARTITION BY r.ward_id, r.reported_on, r.days) AS counts,"
    " count(*) OVER (PARTITION BY r.ward_id, r.reported_on, r.days) AS versions"
    " FROM case_report r LEFT JOIN ab_user u ON u.id = r.recorded_by"
    " LEFT JOIN case_batch b ON b.id = r.batch_id"
    " WHERE r.ward_id = ANY (CAST(:wards AS int[]))"
    " AND (CAST(:on AS date) IS NULL OR r.reported_on = :on)"
    " AND (CAST(:days AS int) IS NULL OR r.days = :days)"
)
_BATCHES = text(
    "SELECT b.id, b.recorded_at, concat_ws(' ', u.first_name, u.last_name) AS recorded_by, b.how,"
    " b.file_name, b.digest, b.source, b.rows_read, b.added, b.changed, b.unchanged, b.outcomes"
    " FROM case_batch b LEFT JOIN ab_user u ON u.id = b.recorded_by"
    " WHERE b.district_id = :district AND (CAST(:one AS bigint) IS NULL OR b.id = :one)"
    " ORDER BY b.id DESC LIMIT :limit"
)
_MARKED = text(
    "SELECT * FROM (SELECT DISTINCT ON (ward_id, reported_on, days) ward_id, reported_on, days,"
    " cases, anomaly, source, note, recorded_at FROM case_report"
    " WHERE ward_id = ANY (CAST(:wards AS int[])) ORDER BY ward_id, reported_on, days, id DESC) r"
    " WHERE anomaly ORDER BY reported_on DESC, ward_id LIMIT :limit"
)


_COUNTED = (
    "SELECT w.code, w.name, r.reported_on, r.days, r.cases, r.anomaly, r.source, r.recorded_at,"
    " r.ward_id FROM (SELECT DISTINCT ON (ward_id, reported_on, days) * FROM case_report"
    " WHERE ward_id = ANY (CAST(:wards AS int[])) AND reported_on BETWEEN :since AND :until"
    " AND recorded_at <= :moment ORDER BY ward_id, reported_on, days, id DESC) r"
    " JOIN ward w ON w.id = r.ward_id"
)
_IN_ORDER = " ORDER BY w.code, r.reported_on, r.days, r.ward_id LIMIT :limit"


@dataclass(frozen=True)
class CountedRow:
    """A figure that counts (or counted at a moment)."""

    ward: str
    ward_name: str
    on: dt.date
    days: int
    cases: int
    anomaly: bool
    source: str
    recorded_at: dt.datetime
    ward_id: int

    @property
    def key(self) -> tuple[str, str, int, int]:
        """Where it stands in the list."""
        return (self.ward, self.on.isoformat(), self.days, self.ward_id)


@dataclass(frozen=True)
class Version:
    """One figure as it was entered: who, when, from where; `counts`: the latest of its day."""

    id: int
    ward_id: int
    reported_on: dt.date
    days: int
    cases: int
    anomaly: bool
    source: str
    note: str
    recorded_at: dt.datetime
    recorded_by: str
    batch_id: int | None
    how: str
    file_name: str
    counts: bool
    versions: int


@dataclass(frozen=True)
class Batch:
    """One time that figures were entered, with what the rules said."""

    id: int
    recorded_at: dt.datetime
    recorded_by: str
    how: str
    file_name: str
    digest: str
    source: str
    rows_read: int
    added: int
    changed: int
    unchanged: int
    outcomes: list[dict[str, Any]]


@dataclass(frozen=True)
class Marked:
    """A figure that counts and is marked as not to be believed."""

    ward: catalog.WardRow
    reported_on: dt.date
    days: int
    cases: int
    source: str
    note: str
    recorded_at: dt.datetime


def area_of(where: catalog.DistrictRow) -> Area:
    """The district as the rules need it."""
    share = PROVINCES.get(where.province)
    same = share is not None and share.district == where.name
    return Area(
        where.name,
        where.province,
        tuple(
            Ward(w.id, w.code, w.name, w.population, w.valid_from, w.valid_to)
            for w in catalog.wards(where.id)
        ),
        share.district_population if share is not None and same else where.population,
        share.province_population if share is not None else 0,
    )


def state(area: Area, last_id: int | None = None) -> State:
    """What counts now (or counted up to an id): (ward id, day, length) -> figure."""
    ids = tuple(ward.id for ward in area.wards)
    return state_of(reports_of(ids, last_id), ids)


def end_of(day: dt.date) -> dt.datetime:
    """The last moment of a day in Viet Nam: "as known on" that day."""
    return dt.datetime.combine(day, dt.time.max, VIETNAM)


def last_report_id_at(where: District, recorded_until: dt.datetime) -> int:
    """The newest report of a district that was known at a moment; 0 when there was none."""
    with reading() as session:
        values = {"wards": [w.id for w in where.wards], "moment": recorded_until}
        return int(session.execute(_LAST_ID, values).scalar_one())


def history_as_known(where: District, recorded_until: dt.datetime) -> WeeklyHistory:
    """Weekly cases of the district's wards as they were known at a moment (aware of its zone)."""
    with reading():
        return history_of(where, last_report_id_at(where, recorded_until))


def counted(
    ward_ids: Sequence[int],
    since: dt.date,
    until: dt.date,
    as_known: dt.datetime | None = None,
    after: Sequence[Any] | None = None,
    limit: int = 100,
) -> list[CountedRow]:
    """The figures of days in a span that count, or counted at a moment, by ward, day and length;
    `after`: the key of the last row of the page before."""
    values: dict[str, Any] = {
        "wards": list(ward_ids),
        "since": since,
        "until": until,
        "moment": as_known or dt.datetime.max.replace(year=9000, tzinfo=dt.UTC),
        "limit": limit,
    }
    query = _COUNTED
    if after is not None:
        query += " WHERE (w.code, r.reported_on, r.days, r.ward_id) > (:code, :on, :days, :ward)"
        code, on, days, ward = after
        values |= {"code": code, "on": dt.date.fromisoformat(on), "days": days, "ward": ward}
    with reading() as session:
        return [CountedRow(*row) for row in session.execute(text(query + _IN_ORDER), values)]


def recorded(ward_ids: Sequence[int], since: dt.date) -> list[Recorded]:
    """Every figure of days after `since`, in the order in which they were recorded."""
    with reading() as session:
        rows = session.execute(_RECORDED, {"wards": list(ward_ids), "since": since}).all()
    return [Recorded(*row) for row in rows]


def revisions_of(where: District, weeks: int = 10) -> Revisions | None:
    """How the last weeks' totals grew after they were first known; None without any report."""
    history = history_of(where)
    if not len(history.week_ends):
        return None
    last: dt.date = history.week_ends[-1].item()
    ids = [ward.id for ward in where.wards]
    since = last - dt.timedelta(weeks=weeks)
    return revisions.triangle(recorded(ids, since), ids, last, weeks)


def growth_factor(where: District) -> float | None:
    """By how much a week's total usually grew after its first figure; None where too few weeks did."""
    found = revisions_of(where)
    return None if found is None else found.usual_growth


def versions(
    ward_ids: Sequence[int],
    on: dt.date | None = None,
    days: int | None = None,
    *,
    only_changed: bool = False,
    before: Key | None = None,
    limit: int = 200,
) -> list[Version]:
    """Every value of a ward's figures, latest day first, latest version first. `ward_ids`: all the
    validity periods of one ward. `before`: (id 0, day, days) of the last row of the page before."""
    query = f"SELECT * FROM ({_VERSIONS.text}) v WHERE (NOT :changed OR versions > 1)"
    if before is not None:
        query += " AND (v.reported_on, v.days) < (:before_on, :before_days)"
    query += " ORDER BY v.reported_on DESC, v.days DESC, v.id DESC LIMIT :limit"
    values = {
        "wards": list(ward_ids),
        "on": on,
        "days": days,
        "changed": only_changed,
        "limit": limit,
        "before_on": before[1] if before else None,
        "before_days": before[2] if before else None,
    }
    if before is None:
        del values["before_on"], values["before_days"]
    with reading() as session:
        return [Version(*row) for row in session.execute(text(query), values)]


def batches(district_id: int, limit: int = 20) -> list[Batch]:
    """The times figures were entered, newest first."""
    with reading() as session:
        values = {"district": district_id, "one": None, "limit": limit}
        return [Batch(*row) for row in session.execute(_BATCHES, values)]


def marked(where: District, limit: int = 100) -> list[Marked]:
    """Figures that count but are not believed, latest day first."""
    wards = {ward.id: ward for ward in where.wards}
    with reading() as session:
        rows = session.execute(_MARKED, {"wards": list(wards), "limit": limit}).all()
    return [
        Marked(wards[r.ward_id], r.reported_on, r.days, r.cases, r.source, r.note, r.recorded_at)
        for r in rows
    ]


def proposed_origin(where: District, today: dt.date) -> dt.date | None:
    """The Saturday to forecast from when the last days look incomplete; None when they do not."""
    area = area_of(catalog.district(where.slug))
    now = state(area)
    rows = rules.rows_of(now, area.wards)
    for days in (DAY, WEEK):
        last = max((row.on for row in rows if row.days == days), default=None)
        if last is not None and (today - last).days <= 14:
            end = [row for row in rows if row.days == days and row.on == last]
            _, origin = rules.incomplete(end, now, area.wards, limits(today), None)
            if origin is not None:
                return origin
    return None
