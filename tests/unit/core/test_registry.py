"""Modules load in order, and a start that cannot succeed says which module stopped it."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from supply.core.registry import Module, ModuleFailure, discover, in_order, load, modules
from supply.core.text import Text

NAME = Text("Thử", "Trial")


def test_each_module_comes_after_what_it_depends_on() -> None:
    names = [m.name for m in modules()]
    for module in modules():
        assert all(names.index(needed) < names.index(module.name) for needed in module.depends)


def test_a_missing_dependency_is_named() -> None:
    with pytest.raises(ModuleFailure, match="lab: needs module blood"):
        in_order([Module("lab", NAME, depends=("blood",))])


def test_a_circle_is_named() -> None:
    with pytest.raises(ModuleFailure, match=r"^(a|b): depends on itself"):
        in_order([Module("a", NAME, depends=("b",)), Module("b", NAME, depends=("a",))])


def test_a_module_that_does_not_import_is_named() -> None:
    with pytest.raises(ModuleFailure, match="nowhere: cannot be imported"):
        discover(["core", "nowhere"])


def test_a_module_without_declaration_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "supply.bare", ModuleType("supply.bare"))
    with pytest.raises(ModuleFailure, match=r"bare: .* declares no MODULE"):
        discover(["bare"])


def test_a_page_that_does_not_load_names_its_module() -> None:
    with pytest.raises(ModuleFailure, match="catalog: views:NoSuchView"):
        load(Module("catalog", NAME), "views:NoSuchView")
