"""The weekly projection against a statsmodels ETS model per place: time, and error where data is at hand.

Time: 1,000 made places of 52 weeks, ours all at once; the peer fits a sample of them one by one, as one
writes it, and its time is scaled up. Error: with the real series beside the project (SUPPLY_SHARED), the
Vietnamese provinces at some origins; mean weighted interval score of both on the same places and weeks.
Our shipped prior has learnt from these places too: docs/forecast_scores.md leaves places out.

    python -m benchmarks.peers.projection PEER_PYTHON [--places 60]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from pathlib import Path

import numpy as np

from benchmarks.forecast_speed import PLACES, _histories
from supply.forecast.cases import FloatArray, filled_history, read_cases, weekly_cases
from supply.forecast.features import pool_of
from supply.forecast.projection import HORIZONS_WEEKS, project, shipped_prior
from supply.forecast.score import weighted_interval_score

SCRIPT = Path(__file__).with_name("ets_projection.py")
SHARED = Path(os.environ.get("SUPPLY_SHARED", "../shared"))
FILE = "data/cases_daily_vietnam_provinces.csv"
WEEKS_BEFORE, STEP, CASES_LEAST = 12, 4, 10


def peer(python: Path, histories: FloatArray) -> tuple[float, FloatArray]:
    """Seconds, and quantiles [place, week, 23]."""
    answer = subprocess.run(
        [python, SCRIPT],
        input=json.dumps(histories.tolist()),
        check=True,
        capture_output=True,
        text=True,
    )
    told = json.loads(answer.stdout.splitlines()[-1])
    return float(told["seconds"]), np.array(told["quantiles"])


def time_line(python: Path, places: int) -> dict[str, object]:
    """Seconds per 1,000 places."""
    histories, prior = _histories(), shipped_prior()
    pool = pool_of(histories)
    project(histories, prior, pool)
    start = time.perf_counter()
    project(histories, prior, pool)
    ours = time.perf_counter() - start
    theirs = peer(python, histories[:places])[0] * PLACES / places
    return {
        "name": "forecast: weekly projection of 1,000 places, against a model per place",
        "ours": round(ours, 3),
        "other": round(theirs, 1),
        "other_is": f"statsmodels ETS per place in a loop ({places} places, scaled)",
        "ratio": round(ours / theirs, 5),
        "unit": "seconds per 1,000 places",
    }


def error_line(python: Path, file: Path) -> dict[str, object]:
    """Mean weighted interval score over places, some origins and four weeks, of both."""
    cases = filled_history(weekly_cases(read_cases(file)).cases)
    last = cases.shape[1] - len(HORIZONS_WEEKS)
    ours, theirs = [], []
    for origin in range(WEEKS_BEFORE, last, STEP):
        history = cases[:, :origin]
        known = ~np.isnan(cases[:, origin - WEEKS_BEFORE : origin + 4]).any(axis=1)
        usable = known & (history[:, -1] >= CASES_LEAST)
        if not usable.any():
            continue
        truth = cases[usable, origin : origin + 4]
        found = project(history)[usable]
        _, other = peer(python, history[usable, -WEEKS_BEFORE:])
        ours.append(weighted_interval_score(found, truth))
        theirs.append(weighted_interval_score(other, truth))
    mine, others = (float(np.concatenate(part).mean()) for part in (ours, theirs))
    return {
        "name": "forecast: weighted interval score, Vietnamese provinces, weeks 1-4",
        "ours": round(mine, 1),
        "other": round(others, 1),
        "other_is": "statsmodels ETS per place",
        "ratio": round(mine / others, 3),
        "unit": "cases",
    }


def main() -> None:
    """Print both lines; the second only where the series are at hand."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", type=Path, help="the interpreter of the peer's environment")
    parser.add_argument("--places", type=int, default=60)
    asked = parser.parse_args()
    print(json.dumps(time_line(asked.python, asked.places)), flush=True)
    if (SHARED / FILE).exists():
        print(json.dumps(error_line(asked.python, SHARED / FILE)), flush=True)


if __name__ == "__main__":
    main()
