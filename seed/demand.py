"""What the patients of the demo would have used: real cases, shared to wards, times the norms. Pure.

Cases of the province fall on wards by population (`supply.forecast.wards`), patients on facilities
by the sharing rules, use on patients by the norm rates: the same chain as a forecast, run backwards
over days that have been. Beside it stands a little ordinary use that has nothing to do with cases.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from supply.forecast.cases import FloatArray
from supply.forecast.drivers import drive
from supply.forecast.norms import load_norms
from supply.forecast.sharing import Place, case_shares, load_share_rules
from supply.forecast.wards import BA_DINH, RACH_GIA, DistrictShare, district_cases, ward_cases

CASES_FOLDER = Path(__file__).parent / "cases"
SEVERITY_SET = "hanoi_2021"
LEAD_DAYS = 21
SHARES: dict[str, tuple[DistrictShare, str]] = {
    "ba-dinh": (BA_DINH, "ha_noi"),
    "rach-gia": (RACH_GIA, "kien_giang"),
}
# Ordinary use a day of a place, whatever the epidemic does; base units.
ORDINARY_UNITS_PER_DAY = {
    "PH001": 25.0,
    "PH005": 12.0,
    "HC002": 120.0,
    "HC007": 60.0,
    "XN001": 2.0,
    "TH001": 18.0,
    "TH026": 2.0,
    "VT043": 1.5,
}


@dataclass(frozen=True)
class ProvinceCases:
    """Reported cases of a province by day; `anomaly` True where a figure is not to be believed."""

    first_day: dt.date
    cases: FloatArray
    anomaly: tuple[bool, ...]

    @property
    def last_day(self) -> dt.date:
        """The last day with a figure."""
        return self.first_day + dt.timedelta(days=len(self.cases) - 1)


def read_province(name: str) -> ProvinceCases:
    """The series of `seed/cases/<name>.csv`, which has no missing day."""
    with (CASES_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return ProvinceCases(
        dt.date.fromisoformat(rows[0]["date"]),
        np.array([float(row["cases"] or "nan") for row in rows]),
        tuple(row["anomaly"] == "1" for row in rows),
    )


def district_ward_cases(slug: str, ward_population: Sequence[float]) -> FloatArray:
    """[ward, day] over the whole series of the district's province; anomalous days are NaN."""
    share, name = SHARES[slug]
    province = read_province(name)
    believed = np.where(np.array(province.anomaly), np.nan, province.cases)
    return ward_cases(district_cases(believed, share), np.asarray(ward_population, dtype=float))


def units_used(
    cases: FloatArray, places: Sequence[Place], item_codes: Sequence[str], on: dt.date, seed: int
) -> FloatArray:
    """[place, item, day]: base units that patients use from `cases[ward, day]` by the norms of `on`.

    The first `LEAD_DAYS` days only bring in patients still in care and are not in the answer.
    """
    norms = load_norms(on, SEVERITY_SET)
    shares = case_shares(load_share_rules(on), places, len(cases))
    rng = np.random.default_rng(seed)
    names = tuple(str(n) for n in range(len(places)))
    driven = drive(np.nan_to_num(cases)[None], norms, rng, None, shares, names)
    drivers = driven.drivers.mean[..., LEAD_DAYS:]
    rate = norms.rate_array(item_codes).sum(axis=1)
    use: FloatArray = np.einsum("ik,kfd->fid", rate, drivers, optimize=True)
    for item, code in enumerate(item_codes):
        use[:, item] += ORDINARY_UNITS_PER_DAY.get(code, 0.0)
    return use


@dataclass(frozen=True)
class WardDay:
    """Cases of one ward on one day; `anomaly`: shown, never used."""

    ward_code: str
    on: dt.date
    cases: int
    anomaly: bool


def ward_days(slug: str, population_by_ward: Mapping[str, float]) -> list[WardDay]:
    """The province's series shared to the wards of a district, day by day.

    Anomalous days are shared too, so that they can be seen, and are marked.
    """
    share, name = SHARES[slug]
    province = read_province(name)
    marked = np.array(province.anomaly)
    people = np.array(list(population_by_ward.values()))
    believed = ward_cases(district_cases(np.where(marked, np.nan, province.cases), share), people)
    doubtful = ward_cases(district_cases(np.where(marked, province.cases, np.nan), share), people)
    table = np.where(marked, doubtful, believed)
    return [
        WardDay(
            code,
            province.first_day + dt.timedelta(days=int(day)),
            int(table[w, day]),
            bool(marked[day]),
        )
        for day in range(len(province.cases))
        for w, code in enumerate(population_by_ward)
        if not np.isnan(table[w, day])
    ]


def source_note(slug: str) -> str:
    """Where the ward cases are from and what was done to them; kept with every row."""
    share, _ = SHARES[slug]
    return (
        f"Bộ Y tế, số ca của {share.province} (04/2021 – 01/2022); phần của {share.district}"
        f" chia theo dân số ({share.share:.2%}), rồi chia về phường, xã theo dân số:"
        " ước tính, không phải số phường, xã báo cáo"
    )
