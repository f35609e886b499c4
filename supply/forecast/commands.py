"""`forecast project`, `forecast score`, `forecast fit-prior`: files in, files out, no database.

Exit 0 on success; 2 on bad input, with one line per fault on stderr and nothing written.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
import numpy as np

from supply.forecast.cases import read_cases, weekly_cases
from supply.forecast.faults import Fault, InputFaults
from supply.forecast.fit import (
    fit_prior,
    leave_places_out,
    markdown_table,
    prior_to_json,
    provenance_of,
)
from supply.forecast.projection import (
    HORIZONS_WEEKS,
    project_cases,
    shipped_hospital_prior,
    shipped_prior,
)
from supply.forecast.quantiles import (
    read_quantiles,
    score_forecasts,
    write_projection,
    write_whole,
)
from supply.forecast.training import MEASURES, read_samples

P = ParamSpec("P")
R = TypeVar("R")
BAD_INPUT = 2
PRIOR_VERSION = "3"


def refusing_bad_input(command: Callable[P, R]) -> Callable[P, R]:
    """Turn `InputFaults` into lines on stderr and exit code 2."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except InputFaults as refused:
            for line in refused.bilingual_lines():
                click.echo(line, err=True)
            sys.exit(BAD_INPUT)

    return wrapped


@click.group("forecast")
def forecast() -> None:
    """Projection of reported cases: make it, score it, fit its prior."""


@forecast.command("project")
@click.option("--cases", "cases_file", required=True, help="Case file (CSV).")
@click.option("--out", "out_file", required=True, help="Quantile file to write.")
@click.option("--origins", default="all", show_default=True, help="all, or Saturdays by comma.")
@click.option("--horizons", default="1,2,3,4", show_default=True, help="Weeks ahead, by comma.")
@click.option(
    "--measure",
    type=click.Choice(sorted(MEASURES)),
    default="cases",
    show_default=True,
    help="cases reported, or patients in hospital (a census on Saturdays, or admissions a week)",
)
@refusing_bad_input
def project_command(
    cases_file: str, out_file: str, origins: str, horizons: str, measure: str
) -> None:
    """Project weekly cases from each origin, using only rows up to it."""
    faults: list[Fault] = []
    chosen = _origins(origins, faults)
    weeks = _horizons(horizons, faults)
    out = _writable(out_file, faults)
    if faults:
        raise InputFaults(faults)
    prior = shipped_prior() if measure == "cases" else shipped_hospital_prior()
    projection = project_cases(weekly_cases(read_cases(cases_file)), chosen, weeks, prior)
    rows = write_projection(projection, out)
    click.echo(f"{rows} dòng -> {out} | {rows} rows -> {out}")


@forecast.command("score")
@click.option("--cases", "cases_file", required=True, help="Case file with what came.")
@click.option("--quantiles", "quantile_file", required=True, help="Quantile file to score.")
@click.option("--first-origin", default=None, help="Leave out origins before this date.")
@click.option("--last-origin", default=None, help="Leave out origins after this date.")
@refusing_bad_input
def score_command(
    cases_file: str, quantile_file: str, first_origin: str | None, last_origin: str | None
) -> None:
    """Relative WIS against the hub baseline and coverage, by horizon, as CSV."""
    faults: list[Fault] = []
    first = _date("first-origin", first_origin, faults) if first_origin else None
    last = _date("last-origin", last_origin, faults) if last_origin else None
    if faults:
        raise InputFaults(faults)
    lines = score_forecasts(
        weekly_cases(read_cases(cases_file)), read_quantiles(quantile_file), first, last
    )
    if not lines:
        raise InputFaults(
            [
                Fault(
                    "quantiles",
                    "không có dự báo nào có số liệu thực tế để chấm",
                    "no forecast has an outcome in the case file to score it by",
                )
            ]
        )
    click.echo(
        "horizon_weeks,n,relative_wis,relative_wis_place_geometric_mean,coverage_50,coverage_95"
    )
    for line in lines:
        click.echo(
            f"{line.horizon_weeks},{line.pairs},{line.relative_wis:.4f},"
            f"{line.relative_wis_place_geometric:.4f},{line.coverage_50:.4f},{line.coverage_95:.4f}"
        )


@forecast.command("fit-prior")
@click.option("--data", "data_folder", required=True, help="Folder with the published case files.")
@click.option("--out", "out_file", required=True, help="Prior (JSON) to write.")
@click.option("--table", "table_file", default=None, help="Also write the leave-places-out table.")
@click.option("--measure", type=click.Choice(sorted(MEASURES)), default="cases", show_default=True)
@refusing_bad_input
def fit_prior_command(
    data_folder: str, out_file: str, table_file: str | None, measure: str
) -> None:
    """Fit the prior of the projection from published case series."""
    faults: list[Fault] = []
    out = _writable(out_file, faults)
    table = _writable(table_file, faults) if table_file else None
    if faults:
        raise InputFaults(faults)
    folder, chosen = Path(data_folder), MEASURES[measure]
    samples = read_samples(folder, chosen.families)
    prior = fit_prior(samples, PRIOR_VERSION, chosen)
    text = prior_to_json(prior, provenance_of(folder, samples, chosen))
    scores = markdown_table(leave_places_out(samples, chosen), chosen) if table else ""
    write_whole(out, text)
    if table:
        write_whole(table, scores)
    click.echo(f"{len(samples.cases)} mẫu -> {out} | {len(samples.cases)} samples -> {out}")


def _date(field: str, text: str, faults: list[Fault]) -> np.datetime64 | None:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return np.datetime64(text, "D")
        except ValueError:
            pass  # said below, like any other wrong date
    faults.append(
        Fault(
            field,
            f"“{text}” không phải ngày năm-tháng-ngày",
            f"“{text}” is not a date written year-month-day",
        )
    )
    return None


def _origins(text: str, faults: list[Fault]) -> list[np.datetime64] | None:
    if text.strip() == "all":
        return None
    dates = [_date("origins", part.strip(), faults) for part in text.split(",")]
    return [date for date in dates if date is not None]


def _horizons(text: str, faults: list[Fault]) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    allowed = {str(h): h for h in HORIZONS_WEEKS}
    if any(part not in allowed for part in parts) or len(set(parts)) != len(parts):
        faults.append(
            Fault(
                "horizons",
                f"“{text}”: chỉ nhận 1, 2, 3, 4, cách nhau bằng dấu phẩy, không lặp",
                f"“{text}”: only 1, 2, 3, 4, separated by commas, none twice",
            )
        )
        return []
    return sorted(allowed[part] for part in parts)


def _writable(name: str, faults: list[Fault]) -> Path:
    path = Path(name)
    if not path.parent.is_dir() or path.is_dir():
        faults.append(
            Fault("out", f"không ghi được vào {name}", f"cannot write to {name}: no such folder")
        )
    return path
