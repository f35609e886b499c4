"""Quantile files: `origin,place,horizon_weeks,quantile,value`, written and read, and scored.

The layout is that of `docs/formats/quantiles.md`: one row per key, ISO dates, place text unchanged.
"""

from __future__ import annotations

import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from supply.forecast.cases import DateArray, FloatArray, IntArray, WeeklyCases, filled_history
from supply.forecast.faults import Fault, InputFaults
from supply.forecast.projection import HORIZONS_WEEKS, Projection, eligible
from supply.forecast.score import HUB_QUANTILES, HorizonScore, baseline_quantiles, score_pairs

COLUMNS = ("origin", "place", "horizon_weeks", "quantile", "value")


@dataclass(frozen=True)
class QuantileForecasts:
    """Forecasts read from a file: `values[n, 23]` of `place[n]` at `origin[n]`, `horizon_weeks[n]`."""

    origin: DateArray
    place: tuple[str, ...]
    horizon_weeks: IntArray
    values: FloatArray


def projection_table(projection: Projection) -> pd.DataFrame:
    """The projection as rows of the quantile file, by origin, place, horizon and quantile."""
    rows, horizons, levels = projection.values.shape
    names = np.asarray(projection.places, dtype=object)
    each = horizons * levels
    return pd.DataFrame(
        {
            "origin": np.repeat(projection.origins.astype(str), each),
            "place": np.repeat(names[projection.place_index], each),
            "horizon_weeks": np.tile(np.repeat(projection.horizons_weeks, levels), rows),
            "quantile": np.tile(HUB_QUANTILES, rows * horizons),
            "value": projection.values.ravel(),
        },
        columns=list(COLUMNS),
    )


def write_whole(path: Path, text: str) -> None:
    """Write a text file all or nothing: a failure leaves what stood there before."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def write_projection(projection: Projection, path: Path) -> int:
    """Write the quantile file; returns its number of rows."""
    table = projection_table(projection)
    write_whole(path, table.to_csv(index=False, lineterminator="\n"))
    return len(table)


def read_quantiles(source: str | Path) -> QuantileForecasts:
    """Read a quantile file, or raise `InputFaults` with every fault."""
    table = _read(source)
    faults: list[Fault] = []
    row = np.arange(len(table)) + 2
    iso = table["origin"].str.fullmatch(r"\d{4}-\d{2}-\d{2}")
    origin = pd.to_datetime(table["origin"].where(iso), format="%Y-%m-%d", errors="coerce")
    _mark(faults, row, origin.isna(), "origin", "không phải ngày năm-tháng-ngày", "not an ISO date")
    horizon = pd.to_numeric(table["horizon_weeks"], errors="coerce")
    bad = ~horizon.isin(HORIZONS_WEEKS)
    _mark(faults, row, bad, "horizon_weeks", "phải là 1, 2, 3 hoặc 4", "must be 1, 2, 3 or 4")
    level = pd.to_numeric(table["quantile"], errors="coerce").round(6)
    position = pd.Index(HUB_QUANTILES).get_indexer(pd.Index(level))
    bad = pd.Series(position < 0, index=table.index)
    _mark(faults, row, bad, "quantile", "không thuộc 23 phân vị", "not one of the 23 quantiles")
    value = pd.to_numeric(table["value"], errors="coerce")
    bad = ~np.isfinite(value)
    _mark(faults, row, bad, "value", "phải là số hữu hạn", "must be a finite number")
    if faults:
        raise InputFaults(faults)
    keys = pd.DataFrame({"origin": origin, "place": table["place"], "horizon": horizon.astype(int)})
    return _grouped(keys, position, value.to_numpy(dtype=np.float64), row)


def _read(source: str | Path) -> pd.DataFrame:
    try:
        text = Path(source).read_bytes().decode("utf-8-sig")
        table = pd.read_csv(io.StringIO(text), dtype=str, na_filter=False)
    except OSError as error:
        raise InputFaults(
            [Fault("file", f"không đọc được tệp {source}", f"cannot read {source}: {error}")]
        ) from error
    except ValueError as error:  # not UTF-8, empty, or not well-formed CSV
        reason = str(error).strip().splitlines()[-1]
        raise InputFaults(
            [Fault("file", f"không đúng dạng CSV ({reason})", f"not a well-formed CSV ({reason})")]
        ) from error
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise InputFaults([Fault(name, "thiếu cột", "column missing", 1) for name in missing])
    return table


def _mark(
    faults: list[Fault], row: IntArray, bad: pd.Series[bool], field: str, vi: str, en: str
) -> None:
    faults += [Fault(field, vi, en, int(number)) for number in row[bad.to_numpy(dtype=bool)]]


def _grouped(
    keys: pd.DataFrame, position: IntArray, value: FloatArray, row: IntArray
) -> QuantileForecasts:
    """One line of 23 values per key; a key with a quantile missing or given twice is refused."""
    group = keys.groupby(["origin", "place", "horizon"], sort=True).ngroup().to_numpy()
    cell = group * len(HUB_QUANTILES) + position
    first, count = np.unique(cell, return_counts=True)
    again = np.flatnonzero(np.isin(cell, first[count > 1]) & pd.Series(cell).duplicated())
    faults = [
        Fault("quantile", "phân vị bị lặp", "quantile given twice", int(row[n])) for n in again
    ]
    size = int(group.max()) + 1 if len(group) else 0
    flat = np.full(size * len(HUB_QUANTILES), np.nan)
    flat[cell] = value
    values: FloatArray = flat.reshape(size, len(HUB_QUANTILES))
    head = np.unique(group, return_index=True)[1]
    faults += [
        Fault("quantile", "thiếu phân vị cho khóa này", "key lacks some of the 23", int(row[n]))
        for n in head[np.isnan(values).any(axis=1)]
    ]
    if faults:
        raise InputFaults(faults)
    lines = keys.iloc[head]
    return QuantileForecasts(
        lines["origin"].to_numpy().astype("datetime64[D]"),
        tuple(lines["place"]),
        lines["horizon"].to_numpy(dtype=np.int64),
        values,
    )


def score_forecasts(
    weekly: WeeklyCases,
    forecasts: QuantileForecasts,
    first_origin: np.datetime64 | None = None,
    last_origin: np.datetime64 | None = None,
) -> list[HorizonScore]:
    """Score every forecast that has a whole target week and a hub baseline at its origin.

    Pairs outside the window, of unknown places, or from weeks with fewer than 10 cases are left out.
    """
    place = pd.Index(weekly.places).get_indexer(pd.Index(forecasts.place))
    column = pd.Index(weekly.week_ends).get_indexer(pd.Index(forecasts.origin))
    target = column + forecasts.horizon_weeks
    use = (place >= 0) & (column >= 0) & (target < len(weekly.week_ends))
    if first_origin is not None:
        use &= forecasts.origin >= first_origin
    if last_origin is not None:
        use &= forecasts.origin <= last_origin
    truth = np.full(len(place), np.nan)
    truth[use] = weekly.cases[place[use], target[use]]
    use &= ~np.isnan(truth)
    base = np.full(forecasts.values.shape, np.nan)
    history = filled_history(weekly.cases)
    for origin in np.unique(column[use]):
        known = np.flatnonzero(weekly.whole[:, origin])
        known = known[eligible(history[known, : origin + 1])]
        slot = np.full(len(weekly.places), -1)
        slot[known] = np.arange(len(known))
        rows = np.flatnonzero(use & (column == origin) & (slot[place] >= 0))
        if len(rows):
            quantiles = baseline_quantiles(history[known, : origin + 1])
            base[rows] = quantiles[slot[place[rows]], forecasts.horizon_weeks[rows] - 1]
    use &= ~np.isnan(base[:, 0])
    return score_pairs(
        forecasts.values[use], base[use], truth[use], place[use], forecasts.horizon_weeks[use]
    )
