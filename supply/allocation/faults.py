"""What is wrong with an input, in words that name the place and the mend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where, and what to do about it, in both languages."""

    field: str
    text_vi: str
    text_en: str

    def line(self, language: str = "en") -> str:
        """One line for a person: the field, then the mend."""
        return f"{self.field}: {self.text_vi if language == 'vi' else self.text_en}"


class InstanceError(ValueError):
    """The instance cannot be used; ``faults`` names every reason."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.line() for fault in self.faults))
