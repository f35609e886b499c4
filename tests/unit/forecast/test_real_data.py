"""On real series: not worse than the hub baseline, honest intervals, our seeds readable.

The shared data folder is taken from SUPPLY_SHARED (default `../shared` beside the repository).
"""

import os
from pathlib import Path

import numpy as np
import pytest

from supply.forecast.cases import read_cases, weekly_cases
from supply.forecast.projection import project_cases
from supply.forecast.quantiles import QuantileForecasts, score_forecasts

REPOSITORY = Path(__file__).parents[3]
SHARED = Path(os.environ.get("SUPPLY_SHARED", REPOSITORY.parent / "shared")) / "data"
VIETNAM = SHARED / "cases_daily_vietnam_provinces.csv"


@pytest.mark.skipif(not VIETNAM.exists(), reason=f"shared data not found: {VIETNAM}")
def test_vietnamese_provinces_beat_the_hub_baseline_at_every_horizon() -> None:
    weekly = weekly_cases(read_cases(VIETNAM))
    first = np.datetime64("2021-07-10")
    made = project_cases(weekly, [day for day in weekly.week_ends if day >= first])
    rows, horizons, _ = made.values.shape
    forecasts = QuantileForecasts(
        np.repeat(made.origins, horizons),
        tuple(np.repeat(np.asarray(made.places)[made.place_index], horizons)),
        np.tile(made.horizons_weeks, rows),
        made.values.reshape(rows * horizons, -1),
    )
    scores = score_forecasts(weekly, forecasts)
    assert [line.horizon_weeks for line in scores] == [1, 2, 3, 4]
    assert max(line.relative_wis for line in scores) <= 0.9
    assert min(line.coverage_95 for line in scores) >= 0.88


@pytest.mark.parametrize(
    ("file", "place", "anomalies"), [("ha_noi", "Hà Nội", 0), ("kien_giang", "Kiên Giang", 1)]
)
def test_the_seeded_series_are_read_with_their_anomaly(
    file: str, place: str, anomalies: int
) -> None:
    rows = read_cases(REPOSITORY / "seed" / "cases" / f"{file}.csv")
    weekly = weekly_cases(rows)
    assert weekly.places == (place,)
    assert int(rows.anomaly.sum()) == anomalies
    assert weekly.whole[0, 1:].sum() == weekly.cases.shape[1] - 1 - anomalies
    assert np.nanmax(weekly.cases) < 49_170
