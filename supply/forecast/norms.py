"""The dated norm tables: severity split, delays, stays, staff hours, oxygen, tests, and norm rates.

Every value lives in `data/norms_*.csv` with its source and a status ("read in source", "derived …",
"assumed …, to be confirmed"); an officer edits the tables, no value stands in the code. A row is in
force from `valid_from` to `valid_to`, both included; blank means without end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from supply.forecast.care.stays import SHAPES, Spread
from supply.forecast.cases import FloatArray
from supply.forecast.faults import Fault, InputFaults

TIERS: tuple[str, ...] = ("mild", "moderate", "severe", "critical")
CLASSES: tuple[str, ...] = ("critical", "severe", "staff", "mild")
DRIVERS: tuple[str, ...] = (
    "new_case",
    *(f"new_case_{tier}" for tier in TIERS),
    *(f"patient_day_{tier}" for tier in TIERS),
    "staff_shift",
    "test",
    "vaccination_session",
    "test_antigen",
    "test_pcr",
    "screening_test",
    "vaccination_dose",
    "community_team_day",
    "cleaner_shift",
    "home_patient_day",
)
"""What is counted a day; planned work is added to it, `test` is both kinds of test together."""
DATA_FOLDER = Path(__file__).parent / "data"
DEFAULT_SET = "esft"
TESTS_PER_NEW_CASE = "tests_per_new_case"
SCREENING = "screening"
TEST_KINDS: tuple[str, ...] = ("antigen", "pcr")
PEAK_HOUR_FACTOR = "peak_hour_factor"
CYLINDER_OUTLET = "cylinder_outlet_litres_per_minute"
CYLINDER_GAS = "cylinder_gas_litres"
CONCENTRATOR_FLOW = "concentrator_litres_per_minute"
OXYGEN_SOURCES = (PEAK_HOUR_FACTOR, CYLINDER_OUTLET, CYLINDER_GAS, CONCENTRATOR_FLOW)
_SHARE_TOLERANCE = 1e-9
T = TypeVar("T")


@dataclass(frozen=True)
class Rate:
    """`quantity_per_driver_day` base units of an item for one unit of `driver`, for class `of_class`."""

    item_code: str
    driver: str
    of_class: str
    quantity_per_driver_day: float
    source: str
    status: str


@dataclass(frozen=True)
class Staffing:
    """Hours of care and of cleaning per patient and day, and the length of a shift."""

    staff_hours_per_patient_day: float
    cleaner_hours_per_patient_day: float
    shift_hours: float


@dataclass(frozen=True)
class OxygenFlow:
    """Litres of oxygen per minute a patient of a tier needs: usual, low, high."""

    litres_per_minute: float
    low: float
    high: float


@dataclass(frozen=True)
class Norms:
    """The norms in force on one day. Arrays are in the order of `TIERS`.

    `severity_share[4]` sums to 1; `stay_days[4]`; `in_bed[4]` True where the tier lies in a bed;
    `staffing` and `oxygen` by tier, `staffing["screening"]` per new case seen at home. `stay_shape`,
    `stay_variation` shape the stay of each tier; after it a patient lies `step_down_days` more in a bed
    of the tier below. `delay`: from report to care. `test_share`: of tests outside hospital, in the
    order of `TEST_KINDS`. `oxygen_source`: figures of oxygen's sources by name.
    """

    on: date
    set_name: str
    severity_share: FloatArray
    stay_days: FloatArray
    in_bed: tuple[bool, ...]
    staffing: dict[str, Staffing]
    oxygen: dict[str, OxygenFlow]
    testing: dict[str, float]
    rates: tuple[Rate, ...]
    stay_shape: tuple[str, ...] = ("fixed",) * len(TIERS)
    stay_variation: tuple[float, ...] = (0.0,) * len(TIERS)
    step_down_days: tuple[float, ...] = (0.0,) * len(TIERS)
    delay: tuple[Spread, ...] = (Spread(0.0),) * len(TIERS)
    test_share: tuple[float, ...] = (1.0, 0.0)
    oxygen_source: Mapping[str, float] = field(default_factory=dict)

    def stay(self, tier: int) -> Spread:
        """How long a patient of a tier stays."""
        return Spread(float(self.stay_days[tier]), self.stay_shape[tier], self.stay_variation[tier])

    def rate_array(self, item_codes: Sequence[str]) -> FloatArray:
        """[item, class, driver]: the rates of `item_codes` as an array, 0 where there is none."""
        array = np.zeros((len(item_codes), len(CLASSES), len(DRIVERS)))
        index = {code: number for number, code in enumerate(item_codes)}
        for rate in self.rates:
            if rate.item_code in index:
                where = (
                    index[rate.item_code],
                    CLASSES.index(rate.of_class),
                    DRIVERS.index(rate.driver),
                )
                array[where] += rate.quantity_per_driver_day
        return array

    def item_codes(self) -> tuple[str, ...]:
        """Items that have a rate, sorted."""
        return tuple(sorted({rate.item_code for rate in self.rates}))


def load_norms(on: date, set_name: str = DEFAULT_SET, folder: Path = DATA_FOLDER) -> Norms:
    """Read and check the tables in force on `on`; `InputFaults` names file, row and field."""
    faults: list[Fault] = []
    severity = _in_force(_table(folder, "severity", faults), on, set_name)
    stay = _in_force(_table(folder, "stay", faults), on, set_name)
    staff, oxygen = _table(folder, "staff", faults), _table(folder, "oxygen", faults)
    testing, rate = _table(folder, "testing", faults), _table(folder, "rate", faults)
    delay = _in_force(_table(folder, "delay", faults), on, set_name)
    kinds = _in_force(_table(folder, "test_share", faults), on, keys=["kind"])
    sources = _in_force(_table(folder, "oxygen_source", faults), on, keys=["name"])
    if faults:
        raise InputFaults(faults)
    share = _by_tier(severity, "share", "severity", faults)
    stay_days = _by_tier(stay, "stay_days", "stay", faults)
    place = _places(stay, faults)
    if not faults and abs(share.sum() - 1.0) > _SHARE_TOLERANCE:
        faults.append(
            Fault(
                "norms_severity.csv share",
                f"bộ {set_name}: tổng tỷ lệ là {share.sum():g}, phải bằng 1",
                f"set {set_name}: the shares sum to {share.sum():g}, must be 1",
            )
        )
    flows = _rows(oxygen, lambda r: OxygenFlow(r[0], r[1], r[2]), _OXYGEN)
    hours = _rows(staff, lambda r: Staffing(r[0], r[1], r[2]), _STAFF)
    tests = {str(row["name"]): float(row["value"]) for _, row in testing.iterrows()}
    _require_names("norms_staff.csv tier", hours, (*TIERS, SCREENING), faults)
    _require_names("norms_oxygen.csv tier", flows, TIERS, faults)
    _require_names("norms_testing.csv name", tests, (TESTS_PER_NEW_CASE,), faults)
    rates = _rates(_in_force(rate, on), faults)
    test_share = _test_share(kinds, faults)
    source = {str(row["name"]): float(row["value"]) for _, row in sources.iterrows()}
    _require_names("norms_oxygen_source.csv name", source, OXYGEN_SOURCES, faults)
    stays = _spreads(stay, "stay", faults)
    delays = _spreads(delay, "delay", faults)
    step_down = tuple(_by_tier(stay, "step_down_days", "stay", faults).tolist())
    for tier in [tier for tier, days in enumerate(step_down) if days > 0]:
        if tier == 0 or not (place[tier] and place[tier - 1]):
            faults.append(
                Fault(
                    "norms_stay.csv step_down_days",
                    f"{TIERS[tier]}: chỉ dùng khi mức này và mức nhẹ hơn liền kề đều nằm giường",
                    f"{TIERS[tier]}: only where this tier and the one below lie in a bed",
                )
            )
    if faults:
        raise InputFaults(faults)
    return Norms(
        on,
        set_name,
        share,
        stay_days,
        place,
        hours,
        flows,
        tests,
        rates,
        stay_shape=tuple(one.shape for one in stays),
        stay_variation=tuple(one.variation for one in stays),
        step_down_days=step_down,
        delay=delays,
        test_share=test_share,
        oxygen_source=source,
    )


_OXYGEN = ("litres_per_minute", "low", "high")
_STAFF = ("staff_hours_per_patient_day", "cleaner_hours_per_patient_day", "shift_hours")
_DATED = ("valid_from", "valid_to")
_COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "severity": (("set", *_DATED, "tier"), ("share",)),
    "stay": (
        ("set", *_DATED, "tier", "shape", "place"),
        ("stay_days", "variation", "step_down_days"),
    ),
    "delay": (("set", *_DATED, "tier", "shape"), ("delay_days", "variation")),
    "test_share": ((*_DATED, "kind"), ("share",)),
    "oxygen_source": (("name", *_DATED, "unit"), ("value",)),
    "staff": (("tier",), _STAFF),
    "oxygen": (("tier",), _OXYGEN),
    "testing": (("name", "unit"), ("value",)),
    "rate": (("item_code", "driver", "class", *_DATED), ("quantity_per_driver_day",)),
}


def _table(folder: Path, name: str, faults: list[Fault]) -> pd.DataFrame:
    """One table with its numbers parsed; every number is finite and not negative."""
    file = f"norms_{name}.csv"
    texts, numbers = _COLUMNS[name]
    wanted = (*texts, *numbers, "source", "status")
    try:
        table = pd.read_csv(folder / file, dtype=str, na_filter=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        faults.append(Fault(file, "không đọc được bảng", f"cannot read the table: {error}"))
        return pd.DataFrame(columns=list(wanted))
    for column in [column for column in wanted if column not in table]:
        faults.append(Fault(f"{file} {column}", "thiếu cột", "column missing", 1))
        table[column] = ""
    for column in numbers:
        table[column] = pd.to_numeric(table[column], errors="coerce")
        bad = ~(np.isfinite(table[column]) & (table[column] >= 0))
        _mark(faults, bad, f"{file} {column}", "phải là số không âm", "must be a number, 0 or more")
    for column in [column for column in texts if column in _DATED]:
        parsed = pd.to_datetime(table[column], format="%Y-%m-%d", errors="coerce")
        bad = parsed.isna() & (table[column] != "")
        _mark(faults, bad, f"{file} {column}", "ngày phải dạng năm-tháng-ngày", "not an ISO date")
        table[column] = parsed
    _mark(faults, table["source"] == "", f"{file} source", "thiếu nguồn", "the source is missing")
    return table


def _mark(faults: list[Fault], bad: pd.Series[bool], field: str, vi: str, en: str) -> None:
    faults += [Fault(field, vi, en, int(row) + 2) for row in np.flatnonzero(bad.to_numpy())]


def _in_force(
    table: pd.DataFrame,
    on: date,
    set_name: str | None = None,
    keys: Sequence[str] = ("item_code", "driver", "class"),
) -> pd.DataFrame:
    """Rows in force on a day (of a set: one a tier; else one for each of `keys`); of several with one
    key the latest `valid_from` stands."""
    if table.empty:
        return table
    day = pd.Timestamp(on)
    started = table["valid_from"].isna() | (table["valid_from"] <= day)
    running = table["valid_to"].isna() | (table["valid_to"] >= day)
    keep = started & running
    if set_name is not None:
        keep &= table["set"] == set_name
        keys = ["tier"]
    latest = table[keep].sort_values("valid_from", kind="stable", na_position="first")
    return latest.drop_duplicates(list(keys), keep="last").sort_index()


def _by_tier(table: pd.DataFrame, column: str, name: str, faults: list[Fault]) -> FloatArray:
    found = dict(zip(table["tier"], table[column], strict=True))
    _require_names(f"norms_{name}.csv tier", found, TIERS, faults)
    return np.array([float(found.get(tier, 0.0)) for tier in TIERS])


def _places(stay: pd.DataFrame, faults: list[Fault]) -> tuple[bool, ...]:
    found = dict(zip(stay["tier"], stay["place"], strict=True))
    bad: list[str] = sorted({str(place) for place in found.values()} - {"home", "bed"})
    faults += [
        Fault("norms_stay.csv place", f"“{p}” phải là home hoặc bed", f"“{p}” must be home or bed")
        for p in bad
    ]
    return tuple(found.get(tier) == "bed" for tier in TIERS)


def _spreads(table: pd.DataFrame, name: str, faults: list[Fault]) -> tuple[Spread, ...]:
    """The durations of a table by tier: `<name>_days`, `shape`, `variation`."""
    _by_tier(table, f"{name}_days", name, faults)
    rows = {str(row["tier"]): row for _, row in table.iterrows()}
    found = []
    for tier in TIERS:
        row = rows.get(tier)
        if row is None:
            continue
        shape, variation = str(row["shape"]), float(row["variation"])
        if shape not in SHAPES or (shape == "gamma" and not variation > 0):
            faults.append(
                Fault(
                    f"norms_{name}.csv shape",
                    f"{tier}: phải là {', '.join(SHAPES)}; gamma cần variation lớn hơn 0",
                    f"{tier}: must be {', '.join(SHAPES)}; gamma needs a variation above 0",
                )
            )
            continue
        found.append(Spread(float(row[f"{name}_days"]), shape, variation))
    return tuple(found)


def _test_share(table: pd.DataFrame, faults: list[Fault]) -> tuple[float, ...]:
    """The share of each kind of test, in the order of `TEST_KINDS`; together 1."""
    found = dict(zip(table["kind"], table["share"], strict=True))
    _require_names("norms_test_share.csv kind", found, TEST_KINDS, faults)
    share = tuple(float(found.get(kind, 0.0)) for kind in TEST_KINDS)
    if abs(sum(share) - 1.0) > _SHARE_TOLERANCE:
        faults.append(
            Fault(
                "norms_test_share.csv share",
                f"tổng tỷ lệ là {sum(share):g}, phải bằng 1",
                f"the shares sum to {sum(share):g}, must be 1",
            )
        )
    return share


def _rows(
    table: pd.DataFrame, make: Callable[[tuple[float, ...]], T], columns: Sequence[str]
) -> dict[str, T]:
    return {
        str(row["tier"]): make(tuple(float(row[column]) for column in columns))
        for _, row in table.iterrows()
    }


def _require_names(
    field: str, found: Iterable[str], wanted: Sequence[str], faults: list[Fault]
) -> None:
    missing = [name for name in wanted if name not in set(found)]
    if missing:
        names = ", ".join(missing)
        faults.append(Fault(field, f"thiếu dòng: {names}", f"rows missing: {names}"))


def _rates(table: pd.DataFrame, faults: list[Fault]) -> tuple[Rate, ...]:
    for column, allowed in (("driver", DRIVERS), ("class", CLASSES)):
        for row in table.index[~table[column].isin(allowed)]:
            wrong = str(table.at[row, column])
            faults.append(
                Fault(
                    f"norms_rate.csv {column}",
                    f"“{wrong}” không thuộc: {', '.join(allowed)}",
                    f"“{wrong}” is not one of: {', '.join(allowed)}",
                    int(row) + 2,
                )
            )
    return tuple(
        Rate(
            str(row["item_code"]),
            str(row["driver"]),
            str(row["class"]),
            float(row["quantity_per_driver_day"]),
            str(row["source"]),
            str(row["status"]),
        )
        for _, row in table.iterrows()
    )


CYLINDER_LITRES = 6000.0  # of gas: a 40 L cylinder at 150 bar holds about 6 m3


def cylinder_hours(litres_per_minute: float, cylinder_litres: float = CYLINDER_LITRES) -> float:
    """Hours one cylinder lasts one patient: litres / (litres per minute · 60).

    Worked numbers: 6 m3 lasts 10 h at 10 L/min (severe) and 3.3 h at 30 L/min (critical).
    """
    if litres_per_minute <= 0:
        raise ValueError("oxygen flow must be above 0 litres per minute")
    return cylinder_litres / (litres_per_minute * 60.0)
