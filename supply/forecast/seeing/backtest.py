"""The model of today at origins of the past: what it would have said, against what came.

A job: nothing is stored but its result, which the page shows. At each origin it is given what was
known on the Monday after it (the figures recorded until then); where a district's figures were entered
later than that, as when history is taken over, the figures of now up to the origin, and the page says
of how many origins.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np

from supply.core import jobs
from supply.core.clock import today
from supply.core.errors import InvalidInput, NotFound
from supply.core.jobs import Progress, job
from supply.core.text import Text
from supply.core.transaction import reading
from supply.forecast import chain
from supply.forecast.cases import BoolArray, FloatArray, filled_history
from supply.forecast.history import WeeklyHistory
from supply.forecast.inputs import (
    District,
    date_of,
    district_of,
    gather,
    history_of,
    last_report_id,
    taught,
)
from supply.forecast.intake.queries import end_of, history_as_known
from supply.forecast.projection import HORIZONS_WEEKS, project
from supply.forecast.seeing.hindsight import USE_DAYS, Hindsight, from_json, hindsight, to_json
from supply.forecast.seeing.past import Expected, is_over, pairs_of, use_pairs
from supply.forecast.seeing.whatif import DRAWS
from supply.forecast.services import DEFAULT_SET, SEED
from supply.inventory import queries as inventory

KIND = "forecast.backtest"
WEEKS_BEFORE = 8  # an origin needs some history
ORIGINS_MAX = 40
KNOWN_AFTER = dt.timedelta(days=2)  # a week that ends on Saturday is reported by Monday


@job(KIND, Text("Thử lại mô hình trên các tuần đã qua", "Try the model on past weeks"))
def backtest(progress: Progress, *, district: str) -> dict[str, Any]:
    """Go through the origins of a district; the result leads back to the page that shows it."""
    where = district_of(district)
    now = history_of(where)
    origins = origins_of(now)
    if not origins:
        raise InvalidInput(
            Text(
                f"{where.name} chưa đủ {WEEKS_BEFORE + 1} tuần số liệu để thử lại.",
                f"{where.name} does not have {WEEKS_BEFORE + 1} weeks of figures to try on yet.",
            )
        )
    using = use_origins(where, origins)
    total = len(origins) + len(using)
    ahead, as_known = [], 0
    for number, origin in enumerate(origins):
        progress.at(number, total, Text(f"Dự báo từ {origin:%d/%m/%Y}", f"From {origin:%d/%m/%Y}"))
        then = known_then(where, now, origin)
        as_known += then is not now
        ahead.append(projected(then, origin))
    expected: list[Expected] = []
    for number, origin in enumerate(using):
        what = Text(f"Mức dùng từ {origin:%d/%m/%Y}", f"Use from {origin:%d/%m/%Y}")
        progress.at(len(origins) + number, total, what)
        expected += expected_use(where, origin)
    found = hindsight(pairs_of(now, origins, ahead), use_pairs(where, expected))
    return {
        "district": district,
        "as_known": as_known,
        "hindsight": to_json(found),
        "url": f"/forecast/hindsight/?district={district}&backtest={progress.job_id}",
    }


def result_of(job_id: int, district: str) -> tuple[Hindsight, int]:
    """What a backtest of this district found, and for how many origins the figures were as known then.
    Raises NotFound, also for another person's."""
    state = jobs.state(job_id)
    result = state.result or {}
    if state.kind != KIND or state.status != "succeeded" or result.get("district") != district:
        raise NotFound(Text("Không có kết quả thử lại này.", "There is no such result of a trial."))
    return from_json(result["hindsight"]), int(result["as_known"])


def origins_of(now: WeeklyHistory) -> list[dt.date]:
    """The Saturdays to start from, at most `ORIGINS_MAX`, the last ones: whole in every reporting
    ward, with history before and at least one week that came after."""
    reporting = now.reporting()
    if not reporting.any():
        return []
    whole: BoolArray = np.isfinite(now.cases[reporting].sum(axis=0))
    found = [n for n in np.flatnonzero(whole) if n >= WEEKS_BEFORE and n + 1 < len(whole)]
    return [date_of(now.week_ends[n]) for n in found][-ORIGINS_MAX:]


def known_then(where: District, now: WeeklyHistory, origin: dt.date) -> WeeklyHistory:
    """The figures as known two days after the origin; `now` where they did not reach it."""
    then = history_as_known(where, end_of(origin + KNOWN_AFTER))
    last = then.last_common_week()
    reaches = last is not None and then.week_ends[last] >= np.datetime64(origin)
    same = np.array_equal(then.reporting(), now.reporting())
    return then if reaches and same else now


def projected(history: WeeklyHistory, origin: dt.date) -> FloatArray:
    """[ward, week, 23] at an origin from the weeks up to it; NaN for wards that had not reported."""
    past = history.until(np.datetime64(origin))
    reporting = past.reporting()
    out = np.full((len(past.cases), len(HORIZONS_WEEKS), 23), np.nan)
    out[reporting] = project(filled_history(past.cases[reporting]))
    return out


def use_origins(where: District, origins: list[dt.date]) -> list[dt.date]:
    """The origins whose shorter window of use lies within the ledger and before today."""
    if not origins:
        return []
    ledger = inventory.consumption_daily([f.id for f in where.facilities], origins[0], today())
    if ledger.empty:
        return []
    first = ledger["date"].min()
    shortest, day = min(USE_DAYS), dt.timedelta(days=1)
    return [o for o in origins if o + day >= first and is_over(o + day, shortest, shortest)]


def expected_use(where: District, origin: dt.date) -> list[Expected]:
    """Use in the windows that are over, facility by facility: by the norms of that day and what the
    ledger had taught until then. Censuses and plans are left out: when they were entered is not told."""
    params = chain.Params(origin, chain.HORIZON_DAYS_MAX, DEFAULT_SET, SEED, DRAWS)
    with reading():
        inputs = taught(where, gather(where, params, last_report_id(where)))
    burn = chain.compute(replace(inputs, care=None)).burn
    total = burn.total_mean
    found = []
    for days in USE_DAYS:
        if not is_over(params.day_0, days, params.horizon_days):
            continue
        mean = total[..., :days].sum(axis=-1)
        sd = burn.cumulative_sd[..., days - 1]
        found += [
            Expected(
                params.day_0,
                days,
                where.facility_ids[burn.facility_ids[f]],
                where.item_ids[burn.item_codes[i]],
                float(mean[f, i]),
                float(sd[f, i]),
            )
            for f, i in np.argwhere(mean > 0)
        ]
    return found
