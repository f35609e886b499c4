"""The verbs of the rates: keep those of a run; hold an item to its norm, or let it learn again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text
from supply.core.transaction import transaction
from supply.forecast.rates.learned import FIGURES, Learned

_COUNTS = ("days_seen", "days_stocked_out")
_TYPES = {name: "int" if name in _COUNTS else "float8" for name in FIGURES}
_STORE = text(
    f"INSERT INTO forecast_rate (run_id, facility_id, item_id, method, {', '.join(FIGURES)})"
    f" SELECT :run_id, k.* FROM unnest(CAST(:facilities AS int[]), CAST(:items AS int[]),"
    f" CAST(:methods AS text[]),"
    + ", ".join(f" CAST(:{name} AS {_TYPES[name]}[])" for name in FIGURES)
    + f") AS k(facility_id, item_id, method, {', '.join(FIGURES)})"
)


def store(
    session: Session,
    run_id: int,
    learned: Learned,
    facility_ids: Sequence[int],
    item_ids: Sequence[int],
) -> None:
    """Keep the rates of a run, in the transaction that writes it; in one statement."""
    f, i = (axis.ravel() for axis in np.indices(learned.multiplier.shape))
    values: dict[str, object] = {}
    for name in FIGURES:
        figures = getattr(learned, name).ravel().tolist()
        values[name] = [None if figure != figure else figure for figure in figures]
    for name in _COUNTS:
        values[name] = getattr(learned, name).astype(np.int64).ravel().tolist()
    session.execute(
        _STORE,
        values
        | {
            "run_id": run_id,
            "facilities": np.asarray(facility_ids)[f].tolist(),
            "items": np.asarray(item_ids)[i].tolist(),
            "methods": learned.method.ravel().tolist(),
        },
    )


def pin(facility_id: int, item_id: int, pinned: bool, valid_from: dt.date, reason: str) -> None:
    """Hold an item of a facility to its norm from a day on, or let it learn again; the latest counts.

    Raises InvalidInput without a reason, NotAllowed.
    """
    told = reason.strip()
    if not 1 <= len(told) <= 500:
        raise InvalidInput(
            faults=[
                Fault(
                    "reason",
                    Text(
                        "Xin ghi lý do, tối đa 500 ký tự.", "Give a reason, up to 500 characters."
                    ),
                )
            ]
        )
    with transaction() as session:
        session.execute(
            text(
                "INSERT INTO rate_pin (facility_id, item_id, pinned, valid_from, reason, recorded_by)"
                " VALUES (:facility, :item, :pinned, :day, :reason, supply_user_id())"
            ),
            {
                "facility": facility_id,
                "item": item_id,
                "pinned": pinned,
                "day": valid_from,
                "reason": told,
            },
        )
