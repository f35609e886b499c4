"""Learned rates against AMC on made-up ledgers over a real hospital census: one JSON line a case.

The census is taken from SUPPLY_SHARED (default `../shared` beside the repository); without it the line
says so. `--table docs/forecast_rates.md` writes the figures between the marks of that page.
Run: `python -m benchmarks.learning [--table FILE]`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
from pathlib import Path

from supply.forecast.rates.proof import Census, Figures, judged, put_right, read_census
from supply.forecast.rates.settings import load_settings
from supply.forecast.rates.synthetic import Habits

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("SUPPLY_SHARED", ROOT.parent / "shared")) / "data"
SEED = 20_220_301
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
CASES: dict[str, tuple[Habits, bool]] = {
    "patients projected": (Habits(), True),
    "patients known": (Habits(), False),
    "patients known, one issue in ten missed": (Habits(skipped_issue=0.1), False),
    "patients known, store seldom empty": (Habits(short_supply=0.05), False),
}


def main() -> None:
    """Print the lines, and write the table if asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--table", type=Path)
    asked = parser.parse_args()
    try:
        places = read_census(SHARED)
    except FileNotFoundError as error:
        print(json.dumps({"benchmark": "learning", "skipped": f"no census: {error.filename}"}))
        return
    census = list(places.values())
    settings = load_settings(dt.date(2022, 1, 23))
    rows = []
    for name, (habits, projected) in CASES.items():
        found = judged(census, habits, settings, SEED, projected)
        rows.append(_row(name, found))
        print(json.dumps(_line(name, found)))
    right = {factor: put_right(census, factor, settings, SEED) for factor in (2.0, 0.5)}
    for factor, (items, cells) in right.items():
        line = {"benchmark": "learning", "case": f"norm wrong by {factor:g}, four weeks",
                "items_within_20_percent": round(items, 3),
                "facility_items_within_20_percent": round(cells, 3)}  # fmt: skip
        print(json.dumps(line))
    if asked.table:
        _write(asked.table, rows, right, census)


def _line(name: str, found: Figures) -> dict[str, object]:
    return {
        "benchmark": "learning",
        "case": name,
        "synthetic": True,
        "wape": round(found.wape, 3),
        "wape_amc": round(found.wape_amc, 3),
        "wape_norm": round(found.wape_norm, 3),
        "ratio_to_amc": round(found.wape / found.wape_amc, 3),
        "bias": round(found.bias, 3),
        "covered": {f"{level:g}": round(share, 3) for level, share in found.covered.items()},
        "forecasts": found.forecasts,
    }


def _row(name: str, found: Figures) -> str:
    covered = " / ".join(f"{share:.3f}" for share in found.covered.values())
    return (
        f"| {name} | {found.wape:.3f} | {found.wape_amc:.3f} | {found.wape_norm:.3f}"
        f" | {found.wape / found.wape_amc:.2f} | {found.bias:.3f} | {covered} | {found.forecasts} |"
    )


def _write(
    page: Path, rows: list[str], right: dict[float, tuple[float, float]], census: list[Census]
) -> None:
    head = (
        f"{len(census)} real censuses, one made-up district on each.\n\n"
        "| case | WAPE | of AMC | of the norms | ours / AMC | bias | 50 / 90 / 95 % covered"
        " | forecasts |\n|---|---|---|---|---|---|---|---|\n"
    )
    tail = "\n".join(
        f"* Norms wrong by a factor {factor:g}: after four weeks {items:.1%} of items (district) and"
        f" {cells:.1%} of facility × item are within 20 % of the truth."
        for factor, (items, cells) in right.items()
    )
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    table = f"{BEGIN}\n{head}" + "\n".join(rows) + f"\n\n{tail}\n{END}"
    page.write_text(before + table + after, encoding="utf-8")


if __name__ == "__main__":
    main()
