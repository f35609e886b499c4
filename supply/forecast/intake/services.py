"""The verbs of cases in: bring a file or a paste, decide, confirm; mark a figure. See `keeping`."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import Fault, InvalidInput, NotFound
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction
from supply.forecast.inputs import district_of
from supply.forecast.intake import keeping, queries
from supply.forecast.intake.checking import Choices, Preview
from supply.forecast.intake.found import DAY, WEEK, Given
from supply.forecast.intake.keeping import Batch, Kept
from supply.forecast.intake.reading import Asked, Table, read_file, read_paste

KEPT_DAYS = 7
_EXPIRED = text("DELETE FROM case_upload WHERE created_at < now() - make_interval(days => :days)")
_ADD = text(
    "INSERT INTO case_upload (user_id, district_id, how, name, content, digest, choices)"
    " VALUES (:user, :district, :how, :name, :content, :digest, CAST(:choices AS jsonb)) RETURNING id"
)
_ONE = text(
    "SELECT c.id, d.slug, c.how, c.name, c.content, c.digest, c.choices, c.client_key, c.created_at"
    " FROM case_upload c JOIN district d ON d.id = c.district_id WHERE c.id = :id"
)
_CHOOSE = text("UPDATE case_upload SET choices = CAST(:choices AS jsonb) WHERE id = :id")
_FORGET = text("DELETE FROM case_upload WHERE id = :id")


@dataclass(frozen=True)
class Said:
    """What a person says beside the table. `days`: 1, 7, or None = find out."""

    source: str = ""
    on: dt.date | None = None
    days: int | None = None

    def as_json(self) -> dict[str, Any]:
        """For keeping beside the upload."""
        on = None if self.on is None else self.on.isoformat()
        return {"source": self.source, "on": on, "days": self.days}


@dataclass(frozen=True)
class Upload:
    """What was brought and is not confirmed yet."""

    id: int
    district_slug: str
    how: str
    name: str
    content: bytes
    digest: str
    said: Said
    choices: Choices
    key: UUID
    created_at: dt.datetime

    @property
    def pasted(self) -> str:
        """The pasted text, to be mended where it stands; '' of a file."""
        return self.content.decode() if self.how in ("paste", "form") else ""


@dataclass(frozen=True)
class Looked:
    """An upload with what its figures would do. `table` has the faults of single cells."""

    upload: Upload
    table: Table
    preview: Preview

    @property
    def faults(self) -> list[Fault]:
        """All that must be mended; a question that unread cells leave open is not asked."""
        own = self.table.faults
        rest = [f for f in self.preview.faults if not (own and f.field == "days")]
        return sorted([*own, *rest], key=lambda f: f.line or 0)

    @property
    def may_keep(self) -> bool:
        """Whether it may be confirmed."""
        return not self.faults and not self.preview.questions


def bring(district_slug: str, how: str, name: str, content: bytes, said: Said) -> int:
    """Keep what was pasted or uploaded until it is confirmed; returns its id.

    Raises InvalidInput or TooMuch where it cannot be read as a table at all; nothing is then kept.
    """
    where = catalog.district(district_slug)
    how = _how(how, content)
    _read(how, name, content, said)
    with transaction() as session:
        session.execute(_EXPIRED, {"days": KEPT_DAYS})
        values = {
            "user": acting_user_id(),
            "district": where.id,
            "how": how,
            "name": _short(name),
            "content": content,
            "digest": hashlib.sha256(content).hexdigest(),
            "choices": json.dumps(said.as_json()),
        }
        return int(session.execute(_ADD, values).scalar_one())


def _how(how: str, content: bytes) -> str:
    if how != "file":
        return how
    return "xlsx" if content[:4] == b"PK\x03\x04" else "csv"


def _short(name: str) -> str:
    """A file's own name, without folders."""
    bare = PurePath(name.replace("\\", "/").replace("\x00", "")).name.strip()
    return bare if len(bare) <= 120 else bare[:110] + PurePath(bare).suffix[:10]


def _read(how: str, name: str, content: bytes, said: Said) -> Table:
    asked = Asked(today(), said.on, said.days)
    if how in ("paste", "form"):
        try:
            return read_paste(content.decode(), asked)
        except UnicodeDecodeError as error:
            words = Text("Đoạn dán có ký tự không đọc được.", "What was pasted is unreadable.")
            raise InvalidInput(faults=[Fault("pasted", words)]) from error
    return read_file(name, content, asked)


def upload(upload_id: int) -> Upload:
    """One of the acting person's. Raises NotFound, also for another person's."""
    with reading() as session:
        row = session.execute(_ONE, {"id": upload_id}).one_or_none()
    if row is None:
        raise NotFound(
            Text(
                f"Bản nhập này không còn (đã ghi, hoặc quá {KEPT_DAYS} ngày).",
                f"This entry is gone (recorded, or older than {KEPT_DAYS} days).",
            )
        )
    told = row.choices
    on = dt.date.fromisoformat(told["on"]) if told.get("on") else None
    ticked = told.get("ticked")
    return Upload(
        row.id,
        row.slug,
        row.how,
        row.name,
        bytes(row.content),
        row.digest,
        Said(told.get("source", ""), on, told.get("days")),
        Choices(told.get("places", {}), None if ticked is None else frozenset(ticked)),
        row.client_key,
        row.created_at,
    )


def look(upload_id: int) -> Looked:
    """What the upload would do now. Raises NotFound, InvalidInput, TooMuch."""
    found = upload(upload_id)
    table = _read(found.how, found.name, found.content, found.said)
    where = catalog.district(found.district_slug)
    with reading():
        growth = queries.growth_factor(district_of(found.district_slug))
        preview = keeping.preview(where, table.given, found.choices, growth)
    return Looked(found, table, preview)


def choose(
    upload_id: int, said: Said, places: Mapping[str, str], ticked: Iterable[str] | None
) -> None:
    """Remember what a person decided about an upload. Raises NotFound."""
    found = upload(upload_id)
    told = said.as_json() | {"places": dict(found.choices.places) | dict(places)}
    if ticked is not None:
        told["ticked"] = sorted(ticked)
    with transaction() as session:
        session.execute(_CHOOSE, {"id": upload_id, "choices": json.dumps(told)})


def confirm(upload_id: int, seen: str) -> Kept:
    """Record the upload as it was seen; a second click finds it recorded. Raises as `keeping.keep`."""
    found = upload(upload_id)
    table = _read(found.how, found.name, found.content, found.said)
    if table.faults:
        raise InvalidInput(faults=table.faults)
    batch = Batch(
        found.how,
        table.given,
        found.said.source,
        found.key,
        found.choices,
        found.name,
        found.digest,
    )
    return keeping.keep(found.district_slug, batch, seen)


def forget(upload_id: int) -> None:
    """Throw an upload away; what was recorded stays."""
    with transaction() as session:
        session.execute(_FORGET, {"id": upload_id})


def mark(
    district_slug: str, ward_id: int, on: dt.date, days: int, *, anomaly: bool, reason: str
) -> Kept:
    """Say of a figure that counts whether it is to be believed: a new row with the same figure.

    Raises InvalidInput (no reason), NotFound, NotAllowed.
    """
    where = catalog.district(district_slug)
    area = queries.area_of(where)
    old = queries.state(area).get((ward_id, on, days))
    ward = next((w for w in area.wards if w.id == ward_id), None)
    if old is None or ward is None:
        raise NotFound(Text("Không có số liệu này.", "There is no such figure."))
    plain = " ".join(reason.split())
    if not plain:
        words = Text("Hãy ghi lý do.", "Please give the reason.")
        raise InvalidInput(faults=[Fault("reason", words)])
    label = Text("Đánh dấu bất thường", "") if anomaly else Text("Bỏ dấu bất thường", "")
    given = Given(1, "", on, old.cases, days, ward.code, plain[:500], anomaly)
    token = frozenset({f"{ward_id}:{on.isoformat()}:{days}"}) if anomaly else frozenset[str]()
    batch = Batch("form", [given], f"{label.vi}: {plain}", uuid4(), Choices({}, token))
    return keeping.keep(district_slug, batch)


__all__ = ["DAY", "WEEK", "bring", "choose", "confirm", "forget", "look", "mark", "upload"]
