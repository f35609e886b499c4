"""Each error has one status and words in both languages."""

from __future__ import annotations

from supply.core.errors import Fault, InvalidInput, SupplyError
from supply.core.text import Text


def family(of: type[SupplyError]) -> list[type[SupplyError]]:
    return [of, *(member for child in of.__subclasses__() for member in family(child))]


def test_every_error_has_a_status_a_code_and_words() -> None:
    for kind in family(SupplyError):
        assert 400 <= kind.status < 600
        assert kind.code
        assert kind.default.vi
        assert kind.default.en
        assert kind.default.vi != kind.default.en


def test_a_fault_names_its_line_in_the_readers_language() -> None:
    fault = Fault("quantity", Text("Cần số nguyên.", "A whole number is needed."), 3)
    error = InvalidInput(faults=[fault])
    assert error.lines("vi") == ["Dòng 3: Cần số nguyên."]
    assert error.lines("en") == ["Line 3: A whole number is needed."]
