"""Modules in the manner of Odoo: each package of `supply` declares itself, the registry orders and loads.

A module that is missing, depends on a missing one, stands in a circle or fails to import stops the
start, and the message names it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from graphlib import CycleError, TopologicalSorter
from types import ModuleType

from supply.core.text import Text

INSTALLED = (
    "core",
    "catalog",
    "inventory",
    "paper",
    "imports",
    "requests",
    "lending",
    "recalls",
    "counts",
    "kits",
    "oxygen",
    "forecast",
    "finance",
    "planning",
    "allocation",
    "report",
)


class ModuleFailure(RuntimeError):
    """A module cannot be loaded; the text begins with its name."""


@dataclass(frozen=True)
class MenuItem:
    """A line of the menu, shown to whoever holds `permission` on `resource`."""

    section: Text
    label: Text
    url: str
    icon: str
    resource: str
    permission: str = "can_read"
    order: int = 100


@dataclass(frozen=True)
class Module:
    """What a package of `supply` brings. References are "file:name", loaded when needed."""

    name: str
    title: Text
    depends: tuple[str, ...] = ()
    has_models: bool = False
    views: tuple[str, ...] = ()
    apis: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    menu: tuple[MenuItem, ...] = ()
    grants: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """role -> (permission, resource) pairs, e.g. ("can_write", "Documents")"""
    reference_data: tuple[str, ...] = ()
    """functions(session) that the deploy command runs as the owner, idempotent"""
    jobs: tuple[str, ...] = ()
    """files to import so that their job functions are known to a worker"""


def load(module: Module, reference: str) -> object:
    """The object behind "file:name" of a module."""
    file, _, name = reference.partition(":")
    try:
        loaded: ModuleType = importlib.import_module(f"supply.{module.name}.{file}")
        return getattr(loaded, name) if name else loaded
    except Exception as error:
        raise ModuleFailure(f"{module.name}: {reference} cannot be loaded: {error}") from error


def discover(names: Iterable[str] = INSTALLED) -> tuple[Module, ...]:
    """The modules in an order in which each comes after what it depends on."""
    found: dict[str, Module] = {}
    for name in names:
        try:
            package = importlib.import_module(f"supply.{name}")
        except Exception as error:
            raise ModuleFailure(f"{name}: cannot be imported: {error}") from error
        module = getattr(package, "MODULE", None)
        if not isinstance(module, Module):
            raise ModuleFailure(f"{name}: supply/{name}/__init__.py declares no MODULE")
        found[name] = module
    return in_order(found.values())


def in_order(modules: Iterable[Module]) -> tuple[Module, ...]:
    """Dependencies first; raises ModuleFailure naming a missing one or a circle."""
    by_name = {m.name: m for m in modules}
    for module in by_name.values():
        for needed in module.depends:
            if needed not in by_name:
                raise ModuleFailure(f"{module.name}: needs module {needed}, which is not installed")
    try:
        order = TopologicalSorter({m.name: m.depends for m in by_name.values()}).static_order()
        return tuple(by_name[name] for name in order)
    except CycleError as error:
        raise ModuleFailure(f"{error.args[1][0]}: depends on itself through others") from error


@cache
def modules() -> tuple[Module, ...]:
    """The installed modules of this process."""
    return discover()


def import_models() -> None:
    """Make every module's tables known to the metadata."""
    for module in modules():
        if module.has_models:
            load(module, "models")
