"""The role matrix: gathered from the modules, synced into FAB's tables by the deploy command."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu
from sqlalchemy import select
from sqlalchemy.orm import Session

from supply.core.accounts import ROLES
from supply.core.registry import modules

Pair = tuple[str, str]
READS = frozenset({"can_read", "can_list", "can_show", "can_get", "can_info", "can_download"})
EVERYONE: tuple[Pair, ...] = (
    ("can_read", "Home"),
    ("can_read", "Jobs"),
    ("can_this_form_get", "ResetMyPasswordView"),
    ("can_this_form_post", "ResetMyPasswordView"),
    ("can_userinfo", "UserDBModelView"),
    ("resetmypassword", "UserDBModelView"),
    ("can_get", "MenuApi"),
    ("can_read", "ApiKeys"),
    ("can_write", "ApiKeys"),
    ("can_show", "SwaggerView"),
)


@cache
def grants() -> Mapping[str, frozenset[Pair]]:
    """role -> the (permission, resource) pairs its modules grant it."""
    granted: dict[str, set[Pair]] = {role: set(EVERYONE) for role in ROLES}
    for module in modules():
        for role, pairs in module.grants.items():
            granted[role].update(pairs)
    # The auditor reads whatever anybody may read, and writes nothing.
    granted["auditor"].update(p for pairs in granted.values() for p in pairs if p[0] in READS)
    return {role: frozenset(pairs) for role, pairs in granted.items()}


def sync_roles(session: Session, declared: set[Pair]) -> None:
    """Make FAB's tables say what the modules say: `declared` are the pairs the pages know.

    Raises ValueError for a grant that no page knows (a misspelt one would silently forbid).
    """
    unknown = sorted({p for pairs in grants().values() for p in pairs} - declared)
    if unknown:
        raise ValueError(f"granted but known to no page: {unknown}")
    permissions = _named(session, Permission, {p for p, _ in declared})
    views = _named(session, ViewMenu, {v for _, v in declared})
    known = {
        (pv.permission_id, pv.view_menu_id): pv for pv in session.scalars(select(PermissionView))
    }
    pairs: dict[Pair, PermissionView] = {}
    for permission, view in declared:
        ids = (permissions[permission].id, views[view].id)
        if ids not in known:
            known[ids] = PermissionView(permission_id=ids[0], view_menu_id=ids[1])
            session.add(known[ids])
        pairs[permission, view] = known[ids]
    for role in session.scalars(select(Role).where(Role.name.in_(ROLES))):
        wanted = declared if role.name == "administrator" else grants()[role.name]
        role.permissions = [pairs[p] for p in sorted(wanted)]
    session.flush()


def _named(session: Session, model: Any, names: set[str]) -> dict[str, Any]:
    found = {row.name: row for row in session.scalars(select(model))}
    for name in sorted(names - found.keys()):
        found[name] = model(name=name)
        session.add(found[name])
    session.flush()
    return found
