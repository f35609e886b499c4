"""People: their roles, their facilities, their passwords. No default passwords anywhere."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import Role, User
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from supply.core.database import derived_secret
from supply.core.errors import Fault, InvalidInput, NotFound
from supply.core.scope import acting_as
from supply.core.text import Text
from supply.core.transaction import reading, transaction

ROLES = ("storekeeper", "facility_head", "planner", "finance", "auditor", "administrator")
ROLE_NAMES = {
    "storekeeper": Text("Thủ kho", "Storekeeper"),
    "facility_head": Text("Trưởng cơ sở", "Facility head"),
    "planner": Text("Cán bộ kế hoạch", "Planner"),
    "finance": Text("Tài chính", "Finance officer"),
    "auditor": Text("Thanh tra", "Auditor"),
    "administrator": Text("Quản trị", "Administrator"),
}
LINK_DAYS_MAX = 3
PASSWORD_LENGTH_MIN = 10
_COMMON = frozenset({"password12", "1234567890", "matkhau123", "vietnam123", "qwertyuiop"})


@dataclass(frozen=True)
class NewUser:
    """A person to be entered: facilities by code, or whole districts by slug."""

    username: str
    first_name: str
    last_name: str
    role: str
    email: str
    facility_codes: Sequence[str] = ()
    district_slugs: Sequence[str] = ()


def password_faults(password: str, username: str = "") -> list[Fault]:
    """What a new password lacks: length, variety, not the name, not a common one."""
    faults = []
    if len(password) < PASSWORD_LENGTH_MIN:
        faults.append(
            Text(
                f"Mật khẩu cần ít nhất {PASSWORD_LENGTH_MIN} ký tự.",
                f"The password needs at least {PASSWORD_LENGTH_MIN} characters.",
            )
        )
    if not (re.search(r"[^\W\d_]", password) and re.search(r"[\d\W_]", password)):
        faults.append(
            Text(
                "Mật khẩu cần có chữ và ít nhất một chữ số hoặc dấu.",
                "The password needs letters and at least one digit or sign.",
            )
        )
    if password.casefold() in _COMMON or (username and username.casefold() in password.casefold()):
        faults.append(
            Text(
                "Mật khẩu quá dễ đoán, hãy chọn mật khẩu khác.",
                "The password is too easy to guess.",
            )
        )
    return [Fault("password", fault) for fault in faults]


def generate_password() -> str:
    """A password to print once: 16 characters without look-alikes, always within the rules."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    body = "".join(secrets.choice(letters + "23456789") for _ in range(14))
    return f"{secrets.choice(letters)}{body}{secrets.choice('23456789')}"


def create_user(session: Session, new: NewUser, password: str | None = None) -> User:
    """Enter a person (session of the owner or of an administrator). Without `password` nobody can
    sign in until the one-time link was used. Raises InvalidInput for an unknown role or place."""
    role = session.scalar(select(Role).where(Role.name == new.role))
    if role is None or new.role not in ROLES:
        raise InvalidInput(
            faults=[Fault("role", Text(f"Không có vai trò {new.role}.", f"No role {new.role}."))]
        )
    if password is not None and (faults := password_faults(password, new.username)):
        raise InvalidInput(faults=faults)
    user = User(
        username=new.username,
        first_name=new.first_name,
        last_name=new.last_name,
        email=new.email,
        active=True,
        # Not the hash of anything: nobody can sign in until the link was used.
        password=generate_password_hash(password) if password else f"!{secrets.token_urlsafe(24)}",
        roles=[role],
        created_on=dt.datetime.now(),
    )
    session.add(user)
    session.flush()
    _give_scope(session, user.id, new)
    return user


def _give_scope(session: Session, user_id: int, new: NewUser) -> None:
    for table, column, names in (
        ("facility", "code", new.facility_codes),
        ("district", "slug", new.district_slugs),
    ):
        given = session.execute(
            text(
                f"WITH found AS (SELECT id, {column} AS name FROM {table} WHERE {column} = ANY (:names)),"
                f" given AS (INSERT INTO user_scope (user_id, {table}_id) SELECT :user_id, id FROM found)"
                " SELECT name FROM found"
            ),
            {"names": list(names), "user_id": user_id},
        ).scalars()
        for name in sorted(set(names) - set(given)):
            fault = Text(f"Không có {name}.", f"There is no {name}.")
            raise InvalidInput(faults=[Fault(table, fault)])


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(derived_secret("first login link"))


def _fingerprint(user: User) -> str:
    return hashlib.sha256((user.password or "").encode()).hexdigest()[:16]


def first_login_token(user: User) -> str:
    """A token that sets the password once: it is tied to the present password's hash, so using it
    (or any change of the password) ends it; otherwise it ends after three days."""
    return _serializer().dumps([user.id, _fingerprint(user)])


def user_of_token(token: str) -> User:
    """Whose link this is. Raises NotFound for a used, old or false one."""
    gone = NotFound(
        Text(
            "Đường dẫn này đã dùng hoặc hết hạn. Xin quản trị cấp lại.",
            "This link was used or has expired. Ask the administrator for a new one.",
        )
    )
    try:
        user_id, fingerprint = _serializer().loads(token, max_age=LINK_DAYS_MAX * 86_400)
    except (BadSignature, ValueError, TypeError):
        raise gone from None
    with acting_as(user_id), reading() as session:
        user = session.get(User, user_id)
        if user is None or not user.active or _fingerprint(user) != fingerprint:
            raise gone
        return user


def set_first_password(token: str, password: str, again: str) -> User:
    """Use the link. Raises InvalidInput for a weak or mistyped password, NotFound for a dead link."""
    user = user_of_token(token)
    faults = password_faults(password, user.username)
    if password != again:
        faults.append(
            Fault("again", Text("Hai lần gõ chưa giống nhau.", "The two entries are not the same."))
        )
    if faults:
        raise InvalidInput(faults=faults)
    with acting_as(user.id), transaction() as session:
        mine = session.get(User, user.id, with_for_update=True)
        if mine is None or _fingerprint(mine) != _fingerprint(user):
            return user_of_token(token)
        mine.password = generate_password_hash(password)
        return mine


def roles_of(user_id: int) -> frozenset[str]:
    """The names of a person's roles."""
    with acting_as(user_id), reading() as session:
        held = session.execute(
            text("SELECT unnest(supply_scope('roles')::text[]) AS role")
        ).scalars()
        return frozenset(held)
