"""API keys: made by a person for a program of theirs, narrowed, dated, shown once, revoked at will.

Only a keyed hash is kept, so neither the database nor a backup of it opens anything.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import RowMapping, text

from supply.core.clock import VIETNAM
from supply.core.database import derived_secret
from supply.core.errors import Fault, InvalidInput, NotFound, NotSignedIn
from supply.core.scope import Narrowing, acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction

PREFIX = "supply_"
DAYS_MAX = 365
NAME_MAX = 100
KEYS_MAX = 50
_REFUSED = {
    "revoked": Text("Khóa API này đã bị thu hồi.", "This API key was revoked."),
    "expired": Text("Khóa API này đã hết hạn.", "This API key has expired."),
    "inactive": Text("Tài khoản của khóa này đã khóa.", "The account of this key is closed."),
}
_UNKNOWN = Text("Khóa API không đúng.", "There is no such API key.")


@dataclass(frozen=True)
class KeyRow:
    """A key as lists show it; `hint` is its beginning, enough to tell it by."""

    id: int
    owner: str
    is_mine: bool
    name: str
    hint: str
    may_write: bool
    facility_name: Text | None
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    last_used_at: dt.datetime | None
    state: str
    """"valid", "expired" or "revoked"."""


@dataclass(frozen=True)
class Opened:
    """Whose key it is and what it leaves of their scope."""

    key_id: int
    user_id: int
    narrowing: Narrowing


def key_hash(key: str) -> str:
    """What is kept of a key: 64 hex digits, of no use without the installation's secret."""
    return hmac.new(derived_secret("api key").encode(), key.encode(), hashlib.sha256).hexdigest()


def make_key(name: str, *, may_write: bool, facility_id: int | None, last_day: dt.date) -> str:
    """A new key of the acting person; this is the only time it can be read.

    Raises InvalidInput for a blank name, a day past or more than a year off, a facility out of
    scope, and where the person holds KEYS_MAX valid ones.
    """
    today = dt.datetime.now(VIETNAM).date()  # a key's life is real time, also in a demonstration
    faults = []
    name = name.strip()
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
        words = Text(
            f"Hãy đặt tên cho khóa, tối đa {NAME_MAX} ký tự.",
            f"Give the key a name, at most {NAME_MAX} characters.",
        )
        faults.append(Fault("name", words))
    if not today <= last_day <= today + dt.timedelta(days=DAYS_MAX):
        words = Text(
            "Ngày hết hạn phải từ hôm nay đến nhiều nhất một năm sau.",
            "The last day must lie between today and a year from now.",
        )
        faults.append(Fault("last_day", words))
    if faults:
        raise InvalidInput(faults=faults)
    key = f"{PREFIX}{secrets.token_urlsafe(32)}"
    end = dt.datetime.combine(last_day + dt.timedelta(days=1), dt.time(), VIETNAM)
    with transaction() as session:
        found = session.execute(
            _INSERT,
            {
                "user": acting_user_id(),
                "name": name,
                "hash": key_hash(key),
                "hint": key[: len(PREFIX) + 4],
                "may_write": may_write,
                "facility": facility_id,
                "end": end,
                "most": KEYS_MAX,
            },
        ).scalar()
    if found is None:
        raise InvalidInput(
            Text(
                f"Cơ sở này ngoài phạm vi của bạn, hoặc bạn đã có {KEYS_MAX} khóa còn hiệu lực.",
                f"That facility is not in your scope, or you hold {KEYS_MAX} valid keys already.",
            )
        )
    return key


_INSERT = text(
    "INSERT INTO api_key (user_id, name, key_hash, hint, may_write, facility_id, expires_at)"
    " SELECT :user, :name, :hash, :hint, :may_write, CAST(:facility AS int), :end"
    " WHERE (CAST(:facility AS int) IS NULL"
    "        OR CAST(:facility AS int) = ANY ((SELECT supply_read_ids())::int[]))"
    " AND (SELECT count(*) FROM api_key WHERE user_id = :user AND revoked_at IS NULL"
    "      AND expires_at > now()) < :most"
    " RETURNING id"
)
_KEYS = text(
    "SELECT k.id, concat_ws(' ', u.first_name, u.last_name) AS owner,"
    " k.user_id = supply_user_id() AS is_mine, k.name, k.hint, k.may_write,"
    " f.name_vi, f.name_en, k.created_at, k.expires_at, k.revoked_at, k.last_used_at,"
    " CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at <= now() THEN 'expired'"
    " ELSE 'valid' END AS state"
    " FROM api_key k JOIN ab_user u ON u.id = k.user_id"
    " LEFT JOIN facility f ON f.id = k.facility_id"
    " ORDER BY k.user_id <> supply_user_id(), k.id DESC LIMIT 500"
)


def held_keys() -> list[KeyRow]:
    """The acting person's keys, newest first; for an administrator then those of all others."""
    with reading() as session:
        return [_row(r) for r in session.execute(_KEYS).mappings()]


def _row(r: RowMapping) -> KeyRow:
    values = {name: r[name] for name in r if name not in {"name_vi", "name_en"}}
    place = None if r["name_vi"] is None else Text(r["name_vi"], r["name_en"])
    return KeyRow(facility_name=place, **values)


def revoke_key(key_id: int) -> None:
    """End a key now. Raises NotFound for one that is neither yours nor yours to administer."""
    with transaction() as session:
        found = session.execute(
            text(
                "UPDATE api_key SET revoked_at = now(), revoked_by = supply_user_id()"
                " WHERE id = :id AND revoked_at IS NULL RETURNING id"
            ),
            {"id": key_id},
        ).scalar()
        if found is None:
            known = session.execute(text("SELECT id FROM api_key WHERE id = :id"), {"id": key_id})
            if known.scalar() is None:
                raise NotFound(Text("Không có khóa này.", "There is no such key."))


def open_key(key: str) -> Opened:
    """Whose key this is. Raises NotSignedIn for an unknown, expired or revoked one."""
    with transaction() as session:
        found = session.execute(
            text("SELECT * FROM supply_key(:hash)"), {"hash": key_hash(key)}
        ).one_or_none()
    if found is None:
        raise NotSignedIn(_UNKNOWN)
    if found.state != "valid":
        raise NotSignedIn(_REFUSED[found.state])
    return Opened(found.id, found.user_id, Narrowing(found.may_write, found.facility_id))
