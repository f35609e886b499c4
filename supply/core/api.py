"""The edge of the REST interface: who asks, how often, and what comes in held to its shapes.

An endpoint is a method marked with `@operation(...)`: the mark says its address, its shapes and its
answers; the same mark checks each request and writes the OpenAPI document (`openapi.py`).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from flask import Response, current_app, g, jsonify, request
from flask_appbuilder.api import BaseApi
from flask_appbuilder.const import PERMISSION_PREFIX
from flask_jwt_extended import get_current_user, verify_jwt_in_request
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_login import current_user
from itsdangerous import BadData, URLSafeSerializer
from jwt import PyJWTError
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from supply.core import api_keys, i18n
from supply.core.database import derived_secret
from supply.core.errors import (
    Fault,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    TooFast,
    TooMuch,
    Unreadable,
    WrongType,
)
from supply.core.scope import narrowing
from supply.core.security import may, whose
from supply.core.shapes import ALIASES, Reading, Shape, Where, printable
from supply.core.text import Text

JSON_BYTES_MAX = 4 * 1024 * 1024
REQUESTS_PER_MINUTE = "600 per minute"
REFUSED_PER_MINUTE = "60 per minute"
_rates = FixedWindowRateLimiter(MemoryStorage())

Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True)
class Answer:
    """What comes back with a status: `shape` as JSON, or a file of `media` types."""

    about: str
    shape: Shape | None = None
    media: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Operation:
    """All that is to say about one endpoint."""

    method: str
    path: str
    tag: str
    permission: str
    summary: Text
    about: str = ""
    in_path: Mapping[str, Shape] = field(default_factory=dict)
    query: Mapping[str, Shape] = field(default_factory=dict)
    headers: Mapping[str, Shape] = field(default_factory=dict)
    body: Shape | None = None
    upload: bool = False
    examples: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[int, Answer]
    errors: tuple[int, ...] = ()

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every error that can come back."""
        found = {401, 403, 422, 429, 500, 503, *self.errors}
        if self.in_path:
            found.add(404)
        if self.body is not None or self.upload:
            found |= {400, 413, 415}
        return tuple(sorted(found))


@dataclass(frozen=True)
class Sent:
    """An answer with a status of its own or that is no JSON."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Api(BaseApi):
    """A group of endpoints under `/api/v1`; `class_permission_name` says whose they are."""

    route_base = "/api/v1"
    allow_browser_login = True

    def add_api_spec(self, api_spec: Any) -> None:
        """Our document is our own (`openapi.py`); FAB's stays with FAB's endpoints."""


def operation(**said: Any) -> Callable[[Handler], Handler]:
    """Mark a method of an `Api` as an endpoint. It is called with the path's values by name, and
    with `query`, `body` and `headers` where the operation has them, all of them read already."""
    marked = Operation(**said)

    def mark(handler: Handler) -> Handler:
        @wraps(handler)
        def endpoint(self: Api, **raw: str) -> Response:
            enter(marked.permission, self.class_permission_name)
            return _respond(handler(self, **_read_request(marked, raw)), marked)

        # What FAB reads: the address, and the pair that roles are granted.
        address = marked.path.replace("{", "<").replace("}", ">")
        endpoint._urls = [(address, [marked.method])]  # type: ignore[attr-defined]
        endpoint._permission_name = marked.permission  # type: ignore[attr-defined]
        endpoint.operation = marked  # type: ignore[attr-defined]
        return endpoint  # type: ignore[return-value]

    return mark


# --- who asks --------------------------------------------------------------------------------------


def enter(permission: str, resource: str) -> None:
    """Let the caller in, or raise NotSignedIn, TooFast or NotAllowed."""
    who = _who()
    _count(who, "API_RATE_LIMIT", REQUESTS_PER_MINUTE)
    name = f"{PERMISSION_PREFIX}{permission}"
    if not may(name, resource):
        raise NotAllowed(whose(name, resource))
    narrowed = narrowing()
    if permission != "read" and narrowed is not None and not narrowed.may_write:
        raise NotAllowed(Text("Khóa API này chỉ để đọc.", "This API key may only read."))


def _who() -> str:
    """The caller by key, by token or by session, in that order; a bad key is never overlooked."""
    header = request.headers.get("Authorization")
    if header is None:
        if not current_user.is_authenticated:
            raise NotSignedIn()
        return f"user {current_user.id}"
    scheme, _, token = header.partition(" ")
    try:
        if scheme.lower() != "bearer" or not token.isascii():
            raise NotSignedIn()
        return _by_key(token) if token.startswith(api_keys.PREFIX) else _by_token()
    except NotSignedIn:
        _count(f"address {request.remote_addr}", "API_REFUSED_LIMIT", REFUSED_PER_MINUTE)
        raise


def _by_key(token: str) -> str:
    opened = api_keys.open_key(token.strip()[:200])
    manager = current_app.appbuilder.sm  # type: ignore[attr-defined]
    user = manager.get_user_by_id(opened.user_id)
    if user is None:
        raise NotSignedIn()
    manager.act_as(user, opened.narrowing)
    g.user, g._api_key_user = user, True  # FAB's own mark: permissions are asked of this person
    return f"key {opened.key_id}"


def _by_token() -> str:
    try:
        verify_jwt_in_request()
        user = get_current_user()
    except (JWTExtendedException, PyJWTError) as error:
        raise NotSignedIn() from error
    if user is None or not user.is_active:
        raise NotSignedIn()
    g.user, g._api_key_user = user, True
    return f"user {user.id}"


def _count(who: str, setting: str, fallback: str) -> None:
    if not _rates.hit(parse(current_app.config.get(setting, fallback)), who):
        raise TooFast()


# --- what comes in ---------------------------------------------------------------------------------


def _read_request(said: Operation, raw: Mapping[str, str]) -> dict[str, Any]:
    found = {name: _path_value(said, name, text) for name, text in raw.items()}
    reading = Reading()
    asked = _read_query(said, reading)
    if said.query:
        found["query"] = asked
    if said.headers:
        found["headers"] = _read_headers(said, reading)
    if said.body is not None:
        found["body"] = said.body.read(json_sent(), Where("body"), reading)
    if reading.faults:
        raise InvalidInput(faults=sorted(reading.faults, key=lambda f: f.line or 0))
    return found


def _path_value(said: Operation, name: str, text: str) -> Any:
    reading = Reading()
    value = said.in_path[name].of_text(text, Where(name), reading)
    if reading.faults:
        raise NotFound()
    return value


def _read_query(said: Operation, reading: Reading) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, texts in request.args.lists():
        shape = said.query.get(name)
        at = Where(printable(name))
        if shape is None:
            words = Text(
                f"Không có tham số “{printable(name)}”.",
                f"There is no parameter “{printable(name)}”.",
            )
            reading.fault(at, words)
        elif len(texts) > 1:
            reading.fault(at, Text("Chỉ gửi một lần.", "Send it once only."))
        else:
            found[name] = shape.of_text(texts[0], at, reading)
    return found


def _read_headers(said: Operation, reading: Reading) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, shape in said.headers.items():
        text = request.headers.get(name)
        if text is not None:
            found[name] = shape.of_text(text, Where(name), reading)
        elif not shape.null:
            words = Text(f"Thiếu tiêu đề {name}.", f"The header {name} is missing.")
            reading.fault(Where(name), words)
    return found


def json_sent() -> Any:
    """The JSON that was sent. Raises WrongType, TooMuch or Unreadable."""
    if request.mimetype != "application/json":
        raise WrongType(Text("Hãy gửi application/json.", "Please send application/json."))
    if (request.content_length or 0) > JSON_BYTES_MAX:
        raise TooMuch()
    request.max_content_length = JSON_BYTES_MAX
    try:
        return json.loads(
            request.get_data(cache=False).decode("utf-8"),
            parse_constant=_no_such_number,
            object_pairs_hook=_said_once,
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable(
            Text("Nội dung không phải JSON hợp lệ.", "What was sent is not valid JSON.")
        ) from error


def _no_such_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


# --- pages -----------------------------------------------------------------------------------------


def cursor_of(what: str, *values: str | int | None) -> str:
    """Where the next page of `what` begins; signed, so that nothing else is taken for one."""
    return str(URLSafeSerializer(derived_secret("cursor"), salt=what).dumps(values))


def cursor_read(what: str, text: str | None) -> list[Any] | None:
    """The values of `cursor_of`. Raises InvalidInput for what was not handed out for this list."""
    if text is None:
        return None
    try:
        return list(URLSafeSerializer(derived_secret("cursor"), salt=what).loads(text))
    except (BadData, ValueError) as error:
        words = Text(
            "Hãy gửi đúng “next_after” của trang trước, với cùng bộ lọc.",
            "Send the “next_after” of the page before, with the same filters.",
        )
        raise InvalidInput(words, [Fault("after", words)]) from error


# --- what goes out ---------------------------------------------------------------------------------


def _respond(result: Any, said: Operation) -> Response:
    if isinstance(result, Response):
        return result
    sent = result if isinstance(result, Sent) else Sent(result, min(said.answers))
    if sent.body is None:
        response = Response(status=sent.status)
        response.headers.pop("Content-Type", None)
    else:
        response = jsonify(plain(sent.body))
        response.status_code = sent.status
    response.headers.update(sent.headers)
    response.headers["Content-Language"] = i18n.language()
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept-Language")
    return response


def plain(value: Any) -> Any:
    """A value as JSON writes it: texts in the reader's language, dates and moments in ISO 8601."""
    if isinstance(value, Text):
        return i18n.t(value)
    if is_dataclass(value):
        return {ALIASES.get(f.name, f.name): plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.datetime):
        return value.astimezone(i18n.VIETNAM).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
