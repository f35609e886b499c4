"""What `post_document` refuses, in words. Pure: codes and parameters in, the error tree out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from supply.core.errors import (
    AlreadyDone,
    Conflict,
    Fault,
    InvalidInput,
    KeyReused,
    NotAllowed,
    NotEnoughStock,
    NotFound,
    SupplyError,
)
from supply.core.text import Text, group_digits
from supply.inventory.kinds import INSIDE_PLACES
from supply.inventory.refusal_words import WORDS

__all__ = ["STATES", "WORDS", "explain"]

STATES: dict[str, type[SupplyError]] = {
    "SP001": NotAllowed,
    "SP002": NotAllowed,
    "SP003": KeyReused,
    "SP004": InvalidInput,
    "SP005": NotEnoughStock,
    "SP006": AlreadyDone,
    "SP007": NotFound,
    "SP008": Conflict,
    "SP009": Conflict,
    "SP010": Conflict,
    "SP011": Conflict,
}

# The one fault that names expired stock left aside gets a second sentence.
_EXPIRED_TOO = Text(" Có {expired} đã hết hạn.", " {expired} more have expired.")
_BLOCKED_TOO = Text(" Có {blocked} đang bị thu hồi.", " {blocked} more are recalled.")
_LATER = Text(
    " Hiện có {on_hand} nhưng các phiếu ghi ngày sau đã cần đến.",
    " {on_hand} are on hand, but documents of later dates need them.",
)
# Names that the forms use for fields of the payload.
_FIELDS = {"item": "item_code", "fund": "fund_code", "partner": "partner_code", "pack": "pack_id"}


def explain(state: str, code: str, details: Mapping[str, Any]) -> SupplyError | None:
    """The error for a refusal of the ledger; None for a state that is not the ledger's."""
    error = STATES.get(state)
    raw = details.get("detail")
    if error is None or not isinstance(raw, list):
        return None
    faults = [_fault(one) for one in raw]
    return error(faults[0].text if len(faults) == 1 else None, faults)


def _fault(raw: Mapping[str, Any]) -> Fault:
    code = str(raw["code"])
    words = WORDS[code]
    place = INSIDE_PLACES.get(str(raw.get("place", "store")), INSIDE_PLACES["store"])
    if code == "not_enough":
        words = _not_enough(raw)
    names = {"unit_vi": "", "unit_en": "", "place_vi": place.vi, "place_en": place.en}
    shown = names | {k: _shown(v) for k, v in raw.items()}
    line = raw.get("line")
    return Fault(
        _FIELDS.get(str(raw["field"]), str(raw["field"])),
        words.fill(**shown),
        int(line) if line is not None else None,
    )


def _not_enough(raw: Mapping[str, Any]) -> Text:
    elsewhere = raw.get("place", "store") != "store"
    words = WORDS["not_enough_there" if elsewhere else "not_enough"]
    expired, blocked = int(raw.get("expired", 0)), int(raw.get("blocked", 0))
    usable = int(raw.get("on_hand", 0)) - expired - blocked
    for applies, more in (
        (expired > 0, _EXPIRED_TOO),
        (blocked > 0, _BLOCKED_TOO),
        (usable > int(raw["available"]), _LATER),
    ):
        if applies:
            words = Text(words.vi + more.vi, words.en + more.en)
    return words


def _shown(value: object) -> str:
    """Numbers grouped, dates day first, as on paper."""
    if isinstance(value, int):
        return group_digits(value)
    try:
        return f"{dt.date.fromisoformat(str(value)):%d/%m/%Y}" if value else ""
    except ValueError:
        return str(value)
