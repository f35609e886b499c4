"""The search for garbage rests while a file is read, and comes back as it was."""

from __future__ import annotations

import gc

import pytest

from supply.imports.collecting import uncollected


def test_it_rests_until_the_last_is_done() -> None:
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_comes_back_after_a_fault() -> None:
    with pytest.raises(ValueError, match="a bad file"), uncollected():
        raise ValueError("a bad file")
    assert gc.isenabled()


def test_where_it_was_off_it_stays_off() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
