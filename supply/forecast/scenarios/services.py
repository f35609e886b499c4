"""The verbs of scenarios: set one, change it, refresh its day 0, retire it, run it."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
from sqlalchemy import text

from supply.core.errors import Conflict, Fault, InvalidInput, NotFound
from supply.core.jobs import Progress, job
from supply.core.text import Text
from supply.core.transaction import transaction
from supply.forecast.inputs import district_of
from supply.forecast.scenarios import queries
from supply.forecast.scenarios.check import faults_of
from supply.forecast.scenarios.library import Present, build, template
from supply.forecast.scenarios.renewal import scenario_paths
from supply.forecast.scenarios.spec import ScenarioSpec
from supply.forecast.services import Scenario, run_forecast

RUN_DRAWS = 200
_EXPECTED_DRAWS = 400
_ADD = text(
    "INSERT INTO scenario (district_id, follows_id, version, name, library_key, spec, day_0,"
    " valid_from, note, expected, retired, recorded_by)"
    " VALUES (:district, :follows, :version, :name, :key, CAST(:spec AS jsonb), :day_0, :valid_from,"
    " :note, CAST(:expected AS jsonb), :retired, supply_user_id()) RETURNING id"
)


def spec_from_library(district_slug: str, key: str) -> ScenarioSpec:
    """A template's assumptions for the district as it stands. Raises NotFound, InvalidInput."""
    found = template(key)
    if found is None:
        raise NotFound(
            Text("Thư viện không có kịch bản mẫu này.", "The library has no such template.")
        )
    return build(found, queries.present(district_slug))


def add_scenario(district_slug: str, name: str, spec: ScenarioSpec, note: str = "") -> int:
    """Set a new scenario; returns its id. Raises InvalidInput, NotFound, NotAllowed."""
    now = queries.present(district_slug)
    _check(name, note, spec, now)
    return _store(district_of(district_slug).id, None, name, note, spec, now)


def change_scenario(scenario_id: int, name: str, spec: ScenarioSpec, note: str = "") -> int:
    """A new version in place of one in force; returns the new id, the old one stays readable.

    Raises InvalidInput, NotFound, NotAllowed, Conflict where somebody changed it meanwhile.
    """
    row = _in_force(scenario_id)
    now = queries.present(row.district_slug)
    _check(name, note, spec, now)
    return _store(row.district_id, row, name, note, spec, now)


def refresh_scenario(scenario_id: int) -> int:
    """The same assumptions counted from today's day 0, all dates moved along; returns the new id."""
    row = _in_force(scenario_id)
    now = queries.present(row.district_slug)
    moved = row.spec.moved((now.day_0 - row.day_0).days)
    return _store(row.district_id, row, row.name, row.note, moved, now)


def retire_scenario(scenario_id: int) -> int:
    """Take a scenario out of use: a last version that says so. Raises NotFound, Conflict."""
    row = _in_force(scenario_id)
    with transaction() as session:
        return int(
            session.execute(
                _ADD,
                _values(row.district_id, row, row.name, row.note, row.spec, row.day_0)
                | {"expected": _told(list(row.expected)), "retired": True},
            ).scalar_one()
        )


def _in_force(scenario_id: int) -> queries.ScenarioRow:
    row = queries.scenario(scenario_id)
    if row.retired or queries.followed(scenario_id):
        raise Conflict(
            Text(
                "Kịch bản này đã có bản mới hơn. Xin mở bản mới rồi làm lại.",
                "This scenario has a newer version. Open that one and try again.",
            )
        )
    return row


def _check(name: str, note: str, spec: ScenarioSpec, now: Present) -> None:
    faults = faults_of(spec, now.ward_codes, now.day_0)
    if not name.strip():
        faults.insert(0, Fault("name", Text("Xin đặt tên kịch bản.", "Give the scenario a name.")))
    if len(name) > 120:
        faults.insert(
            0,
            Fault(
                "name", Text("Tên dài quá 120 ký tự.", "The name is longer than 120 characters.")
            ),
        )
    if len(note) > 1000:
        faults.append(
            Fault(
                "note",
                Text("Ghi chú dài quá 1.000 ký tự.", "The note is longer than 1,000 characters."),
            )
        )
    if faults:
        raise InvalidInput(faults=faults)


def _store(
    district_id: int,
    before: queries.ScenarioRow | None,
    name: str,
    note: str,
    spec: ScenarioSpec,
    now: Present,
) -> int:
    expected = expected_weeks(now, spec)
    with transaction() as session:
        return int(
            session.execute(
                _ADD,
                _values(district_id, before, name, note, spec, now.day_0)
                | {"expected": _told(expected), "retired": False},
            ).scalar_one()
        )


def _values(
    district_id: int,
    before: queries.ScenarioRow | None,
    name: str,
    note: str,
    spec: ScenarioSpec,
    day_0: dt.date,
) -> dict[str, object]:
    return {
        "district": district_id,
        "follows": None if before is None else before.id,
        "version": 1 if before is None else before.version + 1,
        "name": " ".join(name.split()),
        "key": spec.library_key,
        "spec": json.dumps(spec.to_json()),
        "day_0": day_0,
        "valid_from": day_0,
        "note": note.strip(),
    }


def expected_weeks(now: Present, spec: ScenarioSpec) -> list[tuple[dt.date, float, float, float]]:
    """(week's last day, 0.025, middle, 0.975) of the district's cases: what staleness is told by."""
    daily = scenario_paths(
        now.history,
        now.recent_daily,
        now.population,
        spec,
        _EXPECTED_DRAWS,
        spec.horizon_days,
        np.random.default_rng(queries.SEED),
        day_0=now.day_0,
        ward_codes=now.ward_codes,
    ).sum(axis=1)
    weeks = spec.horizon_days // 7
    weekly = daily[:, : weeks * 7].reshape(len(daily), weeks, 7).sum(axis=-1)
    low, middle, high = np.quantile(weekly, (0.025, 0.5, 0.975), axis=0)
    return [
        (
            now.day_0 + dt.timedelta(days=7 * week + 6),
            float(low[week]),
            float(middle[week]),
            float(high[week]),
        )
        for week in range(weeks)
    ]


def _told(expected: list[tuple[dt.date, float, float, float]]) -> str:
    return json.dumps(
        [[day.isoformat(), *(round(v, 1) for v in bands)] for day, *bands in expected]
    )


def run_scenario(scenario_id: int, draws: int = RUN_DRAWS, progress: Progress | None = None) -> int:
    """Run the chain under a scenario from the last whole week and store it as a scenario's run;
    returns the run's id. Raises NotFound, NotAllowed, InvalidInput."""
    row = queries.scenario(scenario_id)
    return run_forecast(
        row.district_slug,
        horizon_days=row.spec.horizon_days,
        severity_set=queries.SEVERITY_SET,
        draws=draws,
        progress=progress,
        scenario=Scenario(row.id, row.spec),
        capped=row.spec.capped,
    )


@job("forecast.scenario", Text("Chạy kịch bản", "Run a scenario"))
def run_scenarios_job(
    progress: Progress, *, scenarios: list[int], next_url: str = ""
) -> dict[str, object]:
    """Run one or several scenarios; its result leads to their comparison."""
    made = [run_scenario(scenario_id, progress=progress) for scenario_id in scenarios]
    return {"runs": made, "url": next_url or "/forecast/scenarios/"}
