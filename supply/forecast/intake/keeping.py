"""Keeping a batch of figures: all or nothing, once, in turn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import Conflict, Fault, InvalidInput, KeyReused, TooMuch
from supply.core.scope import acting_user_id
from supply.core.text import Text, group_digits
from supply.core.transaction import transaction
from supply.forecast.intake import queries
from supply.forecast.intake.checking import Choices, Preview, check
from supply.forecast.intake.found import Change, Finding, Given
from supply.forecast.intake.thresholds import limits

FIGURES_MAX = 200_000
SOURCE_MAX = 300
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('forecast cases'), :district)")
_KNOWN = text(
    "SELECT id, request_digest, added, changed, unchanged, outcomes FROM case_batch"
    " WHERE recorded_by = :user AND client_key = :key"
)
_BATCH = text(
    "INSERT INTO case_batch (district_id, recorded_by, how, file_name, digest, source, rows_read,"
    " added, changed, unchanged, outcomes, client_key, request_digest) VALUES (:district, :user, :how,"
    " :file_name, :digest, :source, :rows_read, :added, :changed, :unchanged,"
    " CAST(:outcomes AS jsonb), :key, :request_digest) RETURNING id"
)
_ROWS = text(
    "INSERT INTO case_report"
    " (ward_id, reported_on, days, cases, anomaly, note, source, recorded_by, batch_id)"
    " SELECT r.ward, r.on_day, r.days, r.cases, r.anomaly, r.note, :source, :user, :batch"
    " FROM unnest(CAST(:wards AS int[]), CAST(:on_days AS date[]), CAST(:days AS int[]),"
    " CAST(:cases AS int[]), CAST(:anomalies AS boolean[]), CAST(:notes AS text[]))"
    " WITH ORDINALITY AS r(ward, on_day, days, cases, anomaly, note, n) ORDER BY r.n"
)


@dataclass(frozen=True)
class Batch:
    """Figures on their way in: how they came, from which file (its SHA-256), on whose word."""

    how: str
    given: Sequence[Given]
    source: str
    key: UUID
    choices: Choices
    file_name: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Kept:
    """What came of it. `batch_id` None: everything was there already, nothing was written."""

    batch_id: int | None
    added: int
    changed: int
    unchanged: int
    repeated: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def text(self) -> Text:
        """For the person who waits."""
        if self.batch_id is None:
            n = group_digits(self.unchanged)
            return Text(
                f"Đã có đủ: cả {n} số liệu giống số đang dùng, không có gì thay đổi.",
                f"All there already: all {self.unchanged:,} figures are the same, nothing changed.",
            )
        return Text(
            f"Đã ghi: thêm {group_digits(self.added)}, sửa {group_digits(self.changed)}, giữ nguyên"
            f" {group_digits(self.unchanged)} số liệu.",
            f"Recorded: {self.added:,} added, {self.changed:,} changed, {self.unchanged:,} unchanged.",
        )


def keep(district_slug: str, batch: Batch, seen: str | None = None) -> Kept:
    """Check once more against what counts at this moment, and write what is new or different.

    The same key again answers what came of it the first time. `seen`: the digest of the preview that
    was agreed to. Raises InvalidInput (every fault), Conflict (somebody came in between), KeyReused,
    NotFound, NotAllowed, TooMuch; nothing is then written.
    """
    where = catalog.district(district_slug)
    if not batch.source.strip():
        raise InvalidInput(
            faults=[Fault("source", Text("Chưa ghi nguồn số liệu.", "The source is missing."))]
        )
    digest = _digest(district_slug, batch)
    with transaction() as session:
        # Writers of a district wait for each other: see the migration 0017.
        session.execute(LOCK, {"district": where.id})
        before = _kept_before(session, batch.key, digest)
        if before is not None:
            return before
        found = preview(where, batch.given, batch.choices)
        refuse(found, seen)
        return _write(session, where.id, batch, found, digest)


def preview(
    where: catalog.DistrictRow,
    given: Sequence[Given],
    choices: Choices,
    revised: float | None = None,
) -> Preview:
    """What keeping would do now. Raises TooMuch."""
    area = queries.area_of(where)
    if len(given) * max(1, len(area.wards) // 10) > FIGURES_MAX:
        raise TooMuch()
    day = today()
    return check(given, area, queries.state(area), choices, day, limits(day), revised)


def refuse(found: Preview, seen: str | None) -> None:
    """Raise InvalidInput or Conflict where the batch may not be kept as it was seen."""
    faults = list(found.faults)
    for question in found.questions:
        faults.append(
            Fault(
                "ward",
                Text(
                    f"“{question.said}” chưa rõ là phường, xã nào.",
                    f"It is not clear which ward “{question.said}” is.",
                ),
                question.lines[0],
            )
        )
    if faults:
        raise InvalidInput(faults=faults)
    if seen is not None and seen != found.seen and found.to_keep:
        raise Conflict(
            Text(
                "Có người vừa ghi số liệu khác sau khi bạn xem trước; hãy xem lại bảng dưới đây rồi ghi.",
                "Somebody recorded other figures after your preview; look at the table again, then record.",
            )
        )


def _digest(district_slug: str, batch: Batch) -> str:
    """What was asked for, to tell a repeated request from another one with the same key."""
    told = [
        district_slug,
        batch.source.strip(),
        [
            [g.code, g.name, g.on.isoformat(), g.days, g.cases, g.anomaly, g.note]
            for g in batch.given
        ],
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _kept_before(session: Session, key: UUID, digest: str) -> Kept | None:
    row = session.execute(_KNOWN, {"user": acting_user_id(), "key": key}).one_or_none()
    if row is None:
        return None
    if row.request_digest != digest:
        raise KeyReused()
    found = tuple(Finding.of_json(one) for one in row.outcomes)
    return Kept(row.id, row.added, row.changed, row.unchanged, repeated=True, findings=found)


def _write(session: Session, district_id: int, batch: Batch, found: Preview, digest: str) -> Kept:
    changes = found.to_keep
    counts = {kind: len(found.of_kind(kind)) for kind in ("added", "changed", "unchanged")}
    if not changes:
        return Kept(None, 0, 0, counts["unchanged"], findings=found.findings)
    who = acting_user_id()
    source = source_of(batch.source, found)
    batch_id = int(
        session.execute(
            _BATCH,
            counts
            | {
                "district": district_id,
                "user": who,
                "how": batch.how,
                "file_name": batch.file_name,
                "digest": batch.digest or digest,
                "source": source,
                "rows_read": found.rows_read,
                "outcomes": json.dumps(
                    [one.as_json() for one in found.findings], ensure_ascii=False
                ),
                "key": batch.key,
                "request_digest": digest,
            },
        ).scalar_one()
    )
    session.execute(_ROWS, _columns(changes) | {"source": source, "user": who, "batch": batch_id})
    return Kept(
        batch_id, counts["added"], counts["changed"], counts["unchanged"], findings=found.findings
    )


def source_of(said: str, found: Preview) -> str:
    """The source as it is kept with every row: what was said, and what was assumed."""
    plain = " ".join(said.split())[:SOURCE_MAX]
    return plain if found.assumed is None else f"{plain}; {found.assumed.vi}"


def _columns(changes: Sequence[Change]) -> dict[str, object]:
    return {
        "wards": [c.row.ward.id for c in changes],
        "on_days": [c.row.on for c in changes],
        "days": [c.row.days for c in changes],
        "cases": [c.row.cases for c in changes],
        "anomalies": [c.anomaly for c in changes],
        "notes": [c.row.note for c in changes],
    }
