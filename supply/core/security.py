"""Who may: FAB's security manager with what its defaults lack, and the guard of our own pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import current_app, g, has_request_context, redirect, request, url_for
from flask_appbuilder.const import PERMISSION_PREFIX
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import User, assoc_permissionview_role
from flask_login import current_user
from sqlalchemy import Integer, bindparam, literal_column, select, text
from sqlalchemy.orm import lazyload

from supply.core import kept
from supply.core.accounts import ROLE_NAMES, password_faults
from supply.core.errors import InvalidInput, NotAllowed
from supply.core.i18n import t
from supply.core.roles import grants
from supply.core.scope import Narrowing, acting_as, enter_scope, scope_proof, set_acting_user
from supply.core.text import Text
from supply.core.transaction import lend

P = ParamSpec("P")
R = TypeVar("R")


class SupplySecurityManager(SecurityManager):
    """FAB's, with: the acting person told to the database, one permission query a request, password
    rules everywhere a password is set, and no sign-in for a while after repeated failures."""

    def load_user(self, pk: int) -> Any:
        """Signed in by cookie: from here on this person acts."""
        if request.method in {"GET", "HEAD"}:
            return self._load_reader(int(pk))
        user = super().load_user(pk)
        self.act_as(user)
        return user

    def _load_reader(self, pk: int) -> User | None:
        """The person of a page that only shows, in their scope, in one query.

        The transaction it begins is read-only and lent to all that the page asks.
        """
        connection = (
            self.session.connection()
        )  # begins as nobody: the query itself enters the scope
        set_acting_user(pk)  # for a transaction that may be begun anew
        values = {"pk": pk, "proof": scope_proof(pk)}
        row = self.session.execute(_READER, values).one_or_none()
        if row is None or not row[0].is_active:
            set_acting_user(None)
            return None
        kept.see(row.changes, pk)
        lend(connection, self.session.rollback)
        return row[0]

    def load_user_jwt(self, _jwt_header: dict[str, Any], jwt_data: dict[str, Any]) -> Any:
        """Signed in by token."""
        user = super().load_user_jwt(_jwt_header, jwt_data)
        self.act_as(user)
        return user

    def act_as(self, user: User | None, narrowed: Narrowing | None = None) -> None:
        """Tell the present and every later transaction of this request who acts, and how much of
        their scope an API key leaves them."""
        if user is None or not has_request_context():
            return
        set_acting_user(user.id, narrowed)
        g.pop("permissions", None)
        g.pop("pairs_of_person", None)
        enter_scope(self.session.connection())

    def update_user_auth_stat(self, user: User, success: bool = True) -> None:
        """The counters of a sign-in are the person's own row, so they act while it is written."""
        with acting_as(user.id):
            enter_scope(self.session.connection())
            super().update_user_auth_stat(user, success)

    def noop_user_update(self, user: User) -> None:
        """FAB evens out timing by writing to the first account; here nobody acts yet, so it only reads."""
        self.session.execute(select(User.id).where(User.id == user.id))

    def auth_user_db(self, username: str | None, password: str | None) -> User | None:
        """Sign in, unless this name was tried too often of late (counted in the database, so it
        holds over all processes)."""
        name = (username or "").strip().casefold()[:200]
        wait = self.session.execute(
            text("SELECT supply_sign_in_wait(:name)"), {"name": name}
        ).scalar()
        self.session.commit()
        if wait:
            g.sign_in_wait_seconds = wait
            return None
        user: User | None = super().auth_user_db(username, password)
        self.session.execute(
            text("SELECT supply_sign_in_tried(:name, :ok)"), {"name": name, "ok": user is not None}
        )
        self.session.commit()
        return user

    def reset_password(self, userid: int, password: str) -> None:
        """The rules hold in forms and commands alike."""
        check_password(password)
        super().reset_password(userid, password)

    def exist_permission_on_roles(
        self, view_name: str, permission_name: str, role_ids: list[int]
    ) -> bool:
        """All permissions of the person's roles in one query a request instead of one a link."""
        if not has_request_context():
            return bool(super().exist_permission_on_roles(view_name, permission_name, role_ids))
        return (permission_name, view_name) in self.pairs_of_roles(role_ids)

    def pairs_of_roles(self, role_ids: list[int]) -> frozenset[tuple[str, str]]:
        """What these roles may together, as (permission, resource); one query a request."""
        known: dict[tuple[int, ...], frozenset[tuple[str, str]]] = g.setdefault("permissions", {})
        key = tuple(sorted(role_ids))
        if key not in known:
            known[key] = kept.kept(("pairs", key), lambda: self._ask_pairs(key), of_person=False)
        return known[key]

    def _ask_pairs(self, role_ids: tuple[int, ...]) -> frozenset[tuple[str, str]]:
        pair, permission, view = (
            self.permissionview_model,
            self.permission_model,
            self.viewmenu_model,
        )
        rows = self.session.execute(
            select(permission.name, view.name)
            .select_from(pair)
            .join(permission, pair.permission_id == permission.id)
            .join(view, pair.view_menu_id == view.id)
            .join(
                assoc_permissionview_role,
                assoc_permissionview_role.c.permission_view_id == pair.id,
            )
            .where(assoc_permissionview_role.c.role_id.in_(role_ids))
        )
        return frozenset((row[0], row[1]) for row in rows)


# A person, their scope entered and the transaction made read-only. What they may is kept (`kept`), so
# their roles and groups are looked up only where they have changed.
_READER = (
    select(
        User,
        literal_column("(SELECT changes FROM shared_version)", Integer).label("changes"),
        text("(SELECT supply_enter(:pk, :proof))"),
        text("(SELECT set_config('transaction_read_only', 'on', true))"),
    )
    .where(User.id == bindparam("pk"))
    .options(lazyload(User.roles), lazyload(User.groups))
)


def check_password(password: str) -> None:
    """FAB's hook for its own forms too; raises InvalidInput."""
    if faults := password_faults(password):
        raise InvalidInput(faults=faults)


def may(permission: str, resource: str) -> bool:
    """Whether the person of this request may."""
    if "user" not in g:  # an error page of a request refused before FAB's own hook ran
        g.user = current_user
    pairs = _pairs_of_person()
    if pairs is not None:
        return (permission, resource) in pairs
    return bool(current_app.appbuilder.sm.has_access(permission, resource))  # type: ignore[attr-defined]


def _pairs_of_person() -> frozenset[tuple[str, str]] | None:
    """All that the person signed in by the page's cookie may, asked once a request; None where FAB
    itself must decide (nobody signed in, a token or key of another program, a role of the settings)."""
    user = current_user._get_current_object()
    if g.get("_api_key_user") or not user.is_authenticated:
        return None
    manager: Any = current_app.appbuilder.sm  # type: ignore[attr-defined]
    if manager._is_user_detached(user) or not user.is_active:
        return None
    known: tuple[int, frozenset[tuple[str, str]] | None] | None = g.get("pairs_of_person")
    if known is not None and known[0] == user.id:
        return known[1]
    pairs = kept.kept("pairs of person", lambda: _pairs_by_roles(manager, user))
    g.pairs_of_person = (user.id, pairs)
    return pairs


def _pairs_by_roles(manager: Any, user: Any) -> frozenset[tuple[str, str]] | None:
    roles = manager.get_user_roles(user)
    if any(role.name in manager.builtin_roles for role in roles):
        return None
    pairs: frozenset[tuple[str, str]] = manager.pairs_of_roles([role.id for role in roles])
    return pairs


def guarded(view: Callable[P, R]) -> Callable[P, R]:
    """For methods of our pages (FAB BaseView): sign in first; without permission an error that says
    whose permission it needs, never a silent redirect. Stands below `@expose`."""

    name = getattr(view, "_permission_name", view.__name__)

    @wraps(view)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        page: Any = args[0]
        method = (page.method_permission_name or {}).get(view.__name__, name)
        permission = f"{PERMISSION_PREFIX}{method}"
        if not current_user.is_authenticated:
            return redirect(url_for("AuthDBView.login", next=request.full_path))  # type: ignore[return-value]
        if not may(permission, page.class_permission_name):
            raise NotAllowed(whose(permission, page.class_permission_name))
        return view(*args, **kwargs)

    wrapper._permission_name = name  # type: ignore[attr-defined]
    return wrapper


def whose(permission: str, resource: str) -> Text:
    """Whose permission it needs, from what the modules grant."""
    holders = [
        ROLE_NAMES[role] for role, pairs in grants().items() if (permission, resource) in pairs
    ]
    if not holders:
        return NotAllowed.default
    return Text(
        "Trang này dành cho: {}. Xin liên hệ quản trị nếu bạn cần quyền.".format(
            ", ".join(h.vi.lower() for h in holders)
        ),
        "This page is for: {}. Ask the administrator if you need access.".format(
            ", ".join(h.en.lower() for h in holders)
        ),
    )


def sign_in_message() -> str:
    """What the sign-in page says after a refusal."""
    wait = g.get("sign_in_wait_seconds")
    if wait:
        return t(
            f"Đã thử sai nhiều lần. Xin thử lại sau {wait} giây.",
            f"Too many failed attempts. Try again in {wait} seconds.",
        )
    return t("Tên đăng nhập hoặc mật khẩu không đúng.", "The user name or password is not right.")
