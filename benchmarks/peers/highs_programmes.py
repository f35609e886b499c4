"""Solve the linear programmes of a folder with highspy alone; one JSON line: seconds and optima.

Runs in the peers' environment (no OR-Tools beside it) and imports nothing of ours. Reading the files
is not counted; handing the arrays over, solving and fetching the point is, as it is on our side.

    python highs_programmes.py FOLDER [option=value …]
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import highspy
import numpy as np


def programme(path: Path) -> dict[str, np.ndarray]:
    """The arrays of one file: cost, bounds, rows, and the matrix by rows."""
    with np.load(path) as stored:
        return {name: stored[name] for name in stored.files}


def solved(made: dict[str, np.ndarray], options: list[str]) -> float:
    """The optimum by HiGHS."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    for option in options:
        name, value = option.split("=")
        highs.setOptionValue(name, int(value) if value.isdigit() else value)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(made["cost"]), len(made["row_lower"])
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = made["cost"], made["lower"], made["upper"]
    lp.row_lower_, lp.row_upper_ = made["row_lower"], made["row_upper"]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = made["indptr"], made["indices"]
    lp.a_matrix_.value_ = made["data"]
    highs.passModel(lp)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise SystemExit(f"highspy: {highs.modelStatusToString(highs.getModelStatus())}")
    x = np.asarray(highs.getSolution().col_value)
    return float(made["cost"] @ x)


def main() -> None:
    """All programmes one after the other."""
    folder, *options = sys.argv[1:]
    programmes = [programme(path) for path in sorted(Path(folder).glob("*.npz"))]
    solved(programmes[0], options)  # libraries warm on both sides
    started = time.perf_counter()
    optima = [solved(made, options) for made in programmes]
    print(json.dumps({"seconds": time.perf_counter() - started, "optima": optima}))


if __name__ == "__main__":
    main()
