"""What a demo district's planners have done besides stock: forecasts past and present, what is known of
care, scenarios, levels, purchase and reserve."""

from __future__ import annotations

import datetime as dt

from seed import (
    allocation_terms,
    forecast_care,
    forecast_cases,
    forecast_planning,
    forecast_scenarios,
)
from supply.forecast.services import run_forecast

PAST_WEEKS = (4, 2)
"""Weeks before the last at which forecasts were made, so that there is something to look back at."""


def look_ahead(slug: str, last_day: dt.date) -> None:
    """As the planner who acts. `last_day`: the last with cases, a Saturday. The count of patients comes
    from the first forecast of today, and the second starts from it."""
    forecast_cases.load(slug)
    for weeks in PAST_WEEKS:
        run_forecast(slug, origin=last_day - dt.timedelta(weeks=weeks))
    run_forecast(slug)
    forecast_care.load(slug)
    forecast_scenarios.load(slug)
    run_forecast(slug)
    forecast_planning.load(slug)
    allocation_terms.load(slug)
