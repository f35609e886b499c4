"""The verbs of the forecast: record cases, run the chain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from supply.catalog import queries as catalog
from supply.core.errors import Conflict, Fault, InvalidInput
from supply.core.jobs import Progress, job
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction
from supply.forecast import chain
from supply.forecast.burn import BurnTable
from supply.forecast.care.services import store as store_care
from supply.forecast.inputs import (
    District,
    as_stored,
    choose_origin,
    district_of,
    gather,
    last_report_id,
    taught,
)
from supply.forecast.models import (
    CLASS_OF_ALL,
    ForecastCase,
    ForecastRun,
)
from supply.forecast.norms import CLASSES, DRIVERS
from supply.forecast.queries import RunRow, latest_run, stored_burn, stored_quantiles
from supply.forecast.queries import run as run_row
from supply.forecast.rates.services import store as store_rates
from supply.forecast.scenarios.spec import ScenarioSpec

CASES_MAX = 1_000_000
SEED = 20_220_301
DRAWS = 1000
DEFAULT_SET = "hanoi_2021"
_LOCK_CASES = text("SELECT pg_advisory_xact_lock(hashtext('forecast cases'), :district)")
_ADD_CASES = text(
    "INSERT INTO case_report (ward_id, reported_on, days, cases, anomaly, source, recorded_by)"
    " SELECT r.ward, r.on_day, r.days, r.cases, r.anomaly, :source, supply_user_id()"
    " FROM unnest(CAST(:wards AS int[]), CAST(:on_days AS date[]), CAST(:days AS int[]),"
    " CAST(:cases AS int[]), CAST(:anomalies AS boolean[])) WITH ORDINALITY"
    " AS r(ward, on_day, days, cases, anomaly, n) ORDER BY r.n"
)
_STORE_BURN = text(
    "INSERT INTO forecast_burn (run_id, facility_id, item_id, class, mean, sd, cumulative_sd)"
    " SELECT :run_id, k.facility, k.item, k.class, p.mean[(k.n - 1) * :days + 1 : k.n * :days],"
    " p.sd[(k.n - 1) * :days + 1 : k.n * :days],"
    " CASE WHEN k.class = 'all' THEN p.cumulative_sd[(k.n - 1) * :days + 1 : k.n * :days] END"
    " FROM unnest(CAST(:facilities AS int[]), CAST(:items AS int[]), CAST(:classes AS text[]))"
    " WITH ORDINALITY AS k(facility, item, class, n),"
    " (SELECT CAST(:mean AS float8[]) AS mean, CAST(:sd AS float8[]) AS sd,"
    " CAST(:cumulative_sd AS float8[]) AS cumulative_sd) p"
)
_STORE_DRIVERS = text(
    "INSERT INTO forecast_driver (run_id, facility_id, driver, mean)"
    " SELECT :run_id, k.facility, k.driver, p.mean[(k.n - 1) * :days + 1 : k.n * :days]"
    " FROM unnest(CAST(:facilities AS int[]), CAST(:drivers AS text[]))"
    " WITH ORDINALITY AS k(facility, driver, n), (SELECT CAST(:mean AS float8[]) AS mean) p"
)


@dataclass(frozen=True)
class Scenario:
    """A scenario to run: its stored id (None for one that is only tried) and its assumptions."""

    id: int | None
    spec: ScenarioSpec


@dataclass(frozen=True)
class CaseRow:
    """Cases of a ward on a day (`days` = 1) or in the week that ends on that Saturday (7)."""

    ward_code: str
    on: dt.date
    cases: int
    days: int = 1
    anomaly: bool = False


def record_cases(district_slug: str, rows: Sequence[CaseRow], source: str) -> int:
    """Add reports of a district's wards; returns how many. A correction is a new row, the latest
    one counts, the old one stays.

    Raises InvalidInput (line = place in `rows`, from 1), NotFound, NotAllowed; nothing is then kept.
    """
    where = catalog.district(district_slug)
    wards = {ward.code: ward.id for ward in catalog.wards(where.id)}
    faults = [f for n, row in enumerate(rows, start=1) for f in _case_faults(n, row, wards)]
    if not source.strip():
        faults.append(Fault("source", Text("Chưa ghi nguồn số liệu.", "The source is missing.")))
    if faults:
        raise InvalidInput(faults=faults)
    if not rows:
        return 0
    with transaction() as session:
        # Ids of a district rise in the order of commits, so that "up to id N" is a fixed set.
        session.execute(_LOCK_CASES, {"district": where.id})
        session.execute(
            _ADD_CASES,
            {
                "wards": [wards[row.ward_code] for row in rows],
                "on_days": [row.on for row in rows],
                "days": [row.days for row in rows],
                "cases": [row.cases for row in rows],
                "anomalies": [row.anomaly for row in rows],
                "source": source.strip(),
            },
        )
    return len(rows)


def _case_faults(line: int, row: CaseRow, wards: dict[str, int]) -> Iterator[Fault]:
    if row.ward_code not in wards:
        yield Fault(
            "ward",
            Text(
                f"Không có phường, xã mã {row.ward_code} trong quận, huyện này.",
                f"There is no ward {row.ward_code} in this district.",
            ),
            line,
        )
    if row.days not in (1, 7):
        yield Fault(
            "days", Text("Chỉ nhận số liệu ngày hoặc tuần.", "By day or by week only."), line
        )
    if row.days == 7 and row.on.isoweekday() != 6:
        yield Fault(
            "on",
            Text(
                "Số liệu tuần phải ghi ngày thứ Bảy cuối tuần.",
                "A weekly figure is dated by the Saturday that ends its week.",
            ),
            line,
        )
    if abs(row.cases) > CASES_MAX:
        yield Fault(
            "cases",
            Text("Số ca quá lớn, xin kiểm tra lại.", "Too many cases, please check the figure."),
            line,
        )
    if row.days == 7 and row.cases < 0:
        yield Fault(
            "cases",
            Text("Số ca cả tuần không được âm.", "Cases of a whole week cannot be negative."),
            line,
        )


def run_forecast(
    district_slug: str,
    origin: dt.date | None = None,
    horizon_days: int = chain.HORIZON_DAYS_MAX,
    severity_set: str = DEFAULT_SET,
    seed: int = SEED,
    draws: int = DRAWS,
    progress: Progress | None = None,
    *,
    scenario: Scenario | None = None,
    capped: bool = False,
    nightly: bool = False,
) -> int:
    """Run the chain for a district and store it; returns the run's id.

    `origin`: a Saturday whose week is whole in every reporting ward; None = the last such. With a
    `scenario` its assumptions stand in place of the projection and the run is stored as a scenario's.
    `capped`: care stays within the beds, staff and laboratories entered.
    Raises InvalidInput (origin, horizon, set, faulty norms, no cases), NotFound, NotAllowed.
    """
    asked = _Asked(origin, horizon_days, severity_set, seed, draws, scenario, capped, nightly)
    _tell(progress, 0, Text("Đọc số ca mắc", "Reading reported cases"))
    return _make(_prepare(district_slug, asked), progress)


def run_if_changed(district_slug: str, severity_set: str = DEFAULT_SET) -> int | None:
    """The nightly run: None where the newest forecast was made from the very same inputs."""
    ready = _prepare(district_slug, _Asked(severity_set=severity_set, nightly=True))
    newest = latest_run(ready.where.id)
    if newest is not None and newest.inputs_digest == chain.digest(ready.inputs):
        return None
    return _make(ready, None)


@dataclass(frozen=True)
class _Asked:
    """What a run is asked for with."""

    origin: dt.date | None = None
    horizon_days: int = chain.HORIZON_DAYS_MAX
    severity_set: str = DEFAULT_SET
    seed: int = SEED
    draws: int = DRAWS
    scenario: Scenario | None = None
    capped: bool = False
    nightly: bool = False


@dataclass(frozen=True)
class _Ready:
    """A run whose inputs are read and checked."""

    asked: _Asked
    where: District
    inputs: chain.Inputs
    last_report_id: int


def _prepare(district_slug: str, asked: _Asked) -> _Ready:
    scenario = asked.scenario
    longest = chain.HORIZON_DAYS_MAX if scenario is None else chain.SCENARIO_DAYS_MAX
    _check(asked.horizon_days, asked.draws, longest)
    with reading():
        where = district_of(district_slug)
        last_id = last_report_id(where)
        params = chain.Params(
            choose_origin(where, last_id, asked.origin),
            asked.horizon_days,
            asked.severity_set,
            asked.seed,
            asked.draws,
            None if scenario is None else scenario.spec,
            asked.capped,
        )
        inputs = taught(where, gather(where, params, last_id))
    return _Ready(asked, where, inputs, last_id)


def _make(ready: _Ready, progress: Progress | None) -> int:
    _tell(progress, 1, Text("Dự báo ca mắc và mức tiêu hao", "Projecting cases and use"))
    outcome = chain.compute(ready.inputs)
    _tell(progress, 2, Text("Lưu kết quả", "Storing the result"))
    with transaction() as session:
        run_id = _store_run(session, ready)
        _store_rates(session, run_id, ready)
        _store_cases(session, run_id, ready.where, ready.inputs, outcome)
        _store_burn(session, run_id, ready.where, outcome.burn)
        if outcome.care is not None:
            store_care(session, run_id, ready.where.facility_ids, outcome.care)
    return run_id


def _check(horizon_days: int, draws: int, longest: int) -> None:
    if not 1 <= horizon_days <= longest:
        raise InvalidInput(
            faults=[
                Fault(
                    "horizon_days",
                    Text(f"Số ngày phải từ 1 đến {longest}.", f"Days must be from 1 to {longest}."),
                )
            ]
        )
    if not 10 <= draws <= 10_000:
        raise InvalidInput(
            faults=[
                Fault(
                    "draws",
                    Text("Số lần rút phải từ 10 đến 10.000.", "Draws must be from 10 to 10,000."),
                )
            ]
        )


def _tell(progress: Progress | None, done: int, what: Text) -> None:
    if progress is not None:
        progress.at(done, 3, what)


def _store_run(session: Session, ready: _Ready) -> int:
    inputs, params, scenario = ready.inputs, ready.inputs.params, ready.asked.scenario
    row = ForecastRun(
        district_id=ready.where.id,
        origin=params.origin,
        created_by=acting_user_id(),
        params=params.to_json() | {"last_report_id": ready.last_report_id},
        model_version=chain.model_version(),
        inputs_digest=chain.digest(inputs),
        kind="forecast" if scenario is None else "scenario",
        scenario_id=None if scenario is None else scenario.id,
        nightly=ready.asked.nightly,
        care=None if inputs.care is None else inputs.care.told(),
    )
    session.add(row)
    session.flush()
    return row.id


def _store_rates(session: Session, run_id: int, ready: _Ready) -> None:
    where, inputs = ready.where, ready.inputs
    if inputs.learned is not None:
        facilities = [where.facility_ids[code] for code in inputs.facility_codes]
        items = [where.item_ids[code] for code in inputs.item_codes]
        store_rates(session, run_id, inputs.learned, facilities, items)


def _store_cases(
    session: Session, run_id: int, where: District, inputs: chain.Inputs, outcome: chain.Outcome
) -> None:
    ids: list[int | None] = [where.ward_ids[code] for code in inputs.ward_codes]
    tables = np.concatenate([outcome.ward_quantiles, outcome.district_quantiles[None]])
    rows = [
        {"run_id": run_id, "ward_id": ward, "week_end": end, "quantiles": table[week].tolist()}
        for ward, table in zip([*ids, None], tables, strict=True)
        for week, end in enumerate(outcome.week_ends)
    ]
    session.execute(insert(ForecastCase), rows)


def _store_burn(session: Session, run_id: int, where: District, burn: BurnTable) -> None:
    """All rows in two statements: the figures go as flat arrays and are cut by row on arrival."""
    facilities = np.array([where.facility_ids[code] for code in burn.facility_ids])
    items = np.array([where.item_ids[code] for code in burn.item_codes])
    total = burn.total_mean
    f, i = np.nonzero(total.any(axis=-1))
    cf, ci, cc = np.nonzero(burn.mean.any(axis=-1))
    key = {"run_id": run_id, "days": burn.days}
    if len(f):
        session.execute(
            _STORE_BURN,
            key
            | {
                "facilities": facilities[np.concatenate([f, cf])].tolist(),
                "items": items[np.concatenate([i, ci])].tolist(),
                "classes": [CLASS_OF_ALL] * len(f) + [CLASSES[c] for c in cc],
                "mean": np.concatenate([total[f, i], burn.mean[cf, ci, cc]]).ravel().tolist(),
                "sd": np.concatenate([burn.total_sd[f, i], burn.sd[cf, ci, cc]]).ravel().tolist(),
                "cumulative_sd": burn.cumulative_sd[f, i].ravel().tolist(),
            },
        )
    k, df = np.nonzero(burn.driver_mean.any(axis=-1))
    if len(k):
        session.execute(
            _STORE_DRIVERS,
            key
            | {
                "facilities": facilities[df].tolist(),
                "drivers": [DRIVERS[n] for n in k],
                "mean": burn.driver_mean[k, df].ravel().tolist(),
            },
        )


def replay(run_id: int) -> RunRow:
    """Make a stored run again and compare, number by number. Raises Conflict naming what differs
    (the program, the tables or the inputs changed since), NotFound."""
    row = run_row(run_id)
    with reading():
        where = district_of(row.district_slug)
        inputs = as_stored(run_id, gather(where, row.params, row.last_report_id))
        if chain.model_version() != row.model_version or chain.digest(inputs) != row.inputs_digest:
            raise Conflict(
                Text(
                    "Số liệu đầu vào, định mức hoặc mô hình đã khác so với lúc chạy.",
                    "The inputs, norms or model are no longer those of the run.",
                )
            )
        outcome = chain.compute(inputs)
        same_burn = _same_burn(outcome.burn, stored_burn(run_id, outcome.burn.item_codes))
        wards, district = stored_quantiles(run_id)
    same_cases = np.array_equal(wards, outcome.ward_quantiles) and np.array_equal(
        district, outcome.district_quantiles
    )
    if not (same_cases and same_burn):
        raise Conflict(
            Text(
                f"Chạy lại lượt {run_id} cho kết quả khác số đã lưu.",
                f"Making run {run_id} again gives other figures than those stored.",
            )
        )
    return row


def _same_burn(made: BurnTable, kept: BurnTable) -> bool:
    return all(
        np.array_equal(getattr(made, name), getattr(kept, name))
        for name in ("mean", "sd", "total_sd", "cumulative_sd", "driver_mean")
    )


@job("forecast.run", Text("Chạy dự báo", "Run the forecast"))
def run_job(
    progress: Progress,
    *,
    district: str,
    severity_set: str = DEFAULT_SET,
    next_url: str = "",
    capped: bool = False,
) -> dict[str, object]:
    """The same as a job: its result leads to the projection of the new run."""
    run_id = run_forecast(district, severity_set=severity_set, progress=progress, capped=capped)
    return {"run_id": run_id, "url": next_url or f"/forecast/projection/?district={district}"}
