"""A forecast every night: who wishes it, and the night's work."""

from __future__ import annotations

import logging

from sqlalchemy import text

from supply.core.errors import Fault, InvalidInput, SupplyError
from supply.core.jobs import nightly
from supply.core.scope import acting_as
from supply.core.text import Text
from supply.core.transaction import reading, transaction
from supply.forecast import services
from supply.forecast.inputs import district_of
from supply.forecast.screens import SEVERITY_SETS

log = logging.getLogger(__name__)
_SCHEDULE = text(
    "INSERT INTO forecast_schedule (district_id, active, severity_set, created_by)"
    " VALUES (:district, :active, :severity_set, supply_user_id())"
)
_DUE = text("SELECT user_id, district, severity_set FROM forecast_due_tonight()")


def schedule(district_slug: str, active: bool, severity_set: str = services.DEFAULT_SET) -> None:
    """Have a district's forecast made every night, as the acting person, or no longer.

    Raises InvalidInput for an unknown severity set, NotFound, NotAllowed."""
    if severity_set not in SEVERITY_SETS:
        raise InvalidInput(
            faults=[
                Fault(
                    "severity_set",
                    Text(
                        "Chọn một bộ phân tầng có trong danh sách.", "Choose a listed severity set."
                    ),
                )
            ]
        )
    with transaction() as session:
        where = district_of(district_slug)
        session.execute(
            _SCHEDULE, {"district": where.id, "active": active, "severity_set": severity_set}
        )


def run_tonight() -> dict[str, int | None]:
    """Make every forecast that is wished for, each as the planner who wished it; district -> run.

    None where nothing that decides the forecast has changed since the last one, or where it could
    not be made: the reason is logged, and the other districts are made all the same.
    """
    with reading() as session:
        due = session.execute(_DUE).all()
    made: dict[str, int | None] = {}
    for user_id, district, severity_set in due:
        with acting_as(user_id):
            try:
                made[district] = services.run_if_changed(district, severity_set=severity_set)
            except SupplyError as error:
                log.warning("nightly forecast of %s: %s", district, "; ".join(error.lines("en")))
                made[district] = None
    return made


@nightly
def forecast_tonight() -> None:
    """The forecasts are there when planners come in the morning."""
    run_tonight()
