"""Which run a plan is made from: the newest forecast, or a scenario of the same district."""

from __future__ import annotations

from supply.catalog import queries as catalog
from supply.core.errors import Conflict, NotFound
from supply.core.text import Text
from supply.forecast import queries as forecast
from supply.forecast.queries import RunRow
from supply.forecast.scenarios import queries as scenarios

SCENARIOS_SHOWN = 12
WORST_CASE = "worst_case"  # of the scenario library


def choices(district_id: int) -> list[RunRow]:
    """The newest forecast first, then the newest scenarios."""
    found = forecast.latest_run(district_id)
    return [
        *([] if found is None else [found]),
        *forecast.runs(district_id, SCENARIOS_SHOWN, "scenario"),
    ]


def worst_run(district_id: int) -> int | None:
    """The newest run of the worst case, for the reserve; None where there is none yet."""
    for run in forecast.runs(district_id, SCENARIOS_SHOWN, "scenario"):
        if run.params.scenario is not None and run.params.scenario.library_key == WORST_CASE:
            return run.id
    return None


def chosen_run(district: catalog.DistrictRow, run_id: int | None) -> RunRow:
    """The run asked for, or the newest forecast. Raises NotFound, Conflict (there is none)."""
    if run_id is not None:
        found = forecast.run(run_id)
        if found.district_id != district.id:
            raise NotFound(Text("Không có lượt dự báo này.", "There is no such forecast run."))
        return found
    newest = forecast.latest_run(district.id)
    if newest is None:
        raise Conflict(
            Text(
                f"{district.name} chưa có lượt dự báo nào; xin chạy dự báo trước.",
                f"{district.name} has no forecast yet; please run one first.",
            )
        )
    return newest


def run_words(run: RunRow) -> Text:
    """What a run is called where it is named."""
    day = f"{run.origin:%d/%m/%Y}"
    if run.params.scenario is None:
        return Text(f"Dự báo, ca mắc đến {day}", f"Forecast, cases up to {day}")
    days = run.params.horizon_days
    name = "" if run.scenario_id is None else scenarios.scenario(run.scenario_id).name
    return Text(
        f"Kịch bản “{name}”, {days} ngày từ {day} (lượt {run.id})",
        f"Scenario “{name}”, {days} days from {day} (run {run.id})",
    )


def choices_in_words(district_id: int) -> list[tuple[int, Text]]:
    """(run id, its name) of `choices`."""
    return [(run.id, run_words(run)) for run in choices(district_id)]
