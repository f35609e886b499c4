"""Why a second person sends something back."""

from __future__ import annotations

from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text

LONGEST = 500


def reason_of_return(typed: str) -> str:
    """The reason in one line of at most 500 characters. Raises InvalidInput where there is none."""
    words = " ".join(typed.split())[:LONGEST]
    if not words:
        raise InvalidInput(
            faults=[Fault("reason", Text("Hãy ghi lý do trả lại.", "Please say why."))]
        )
    return words
