"""Norm tables: worked numbers of the sources, dates, and what is refused."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from supply.forecast.faults import InputFaults
from supply.forecast.norms import CLASSES, DATA_FOLDER, DRIVERS, cylinder_hours, load_norms

ON = date(2022, 3, 1)


def _copy(folder: Path, **changed: str) -> Path:
    for file in DATA_FOLDER.glob("norms_*.csv"):
        name = file.stem.removeprefix("norms_")
        text = changed.get(name) or file.read_text(encoding="utf-8")
        (folder / file.name).write_text(text, encoding="utf-8")
    return folder


def _refusal(folder: Path, on: date = ON) -> str:
    with pytest.raises(InputFaults) as refused:
        load_norms(on, folder=folder)
    return "\n".join(refused.value.bilingual_lines())


def test_the_default_split_is_that_of_esft() -> None:
    norms = load_norms(ON)
    assert norms.severity_share.tolist() == [0.40, 0.40, 0.15, 0.05]
    assert norms.stay_days.tolist() == [14, 14, 7, 14]
    assert norms.in_bed == (False, False, True, True)


def test_the_hanoi_plan_stands_beside_it_from_its_own_day() -> None:
    share = load_norms(ON, "hanoi_2021").severity_share
    assert share.sum() == pytest.approx(1)
    assert share[0] == pytest.approx(0.836)
    with pytest.raises(InputFaults):
        load_norms(date(2021, 8, 15), "hanoi_2021")


def test_oxygen_is_10_and_30_litres_a_minute_and_a_cylinder_lasts_10_and_3_3_hours() -> None:
    flow = load_norms(ON).oxygen
    assert flow["severe"].litres_per_minute == 10
    assert flow["critical"].litres_per_minute == 30
    assert cylinder_hours(flow["severe"].litres_per_minute) == pytest.approx(10)
    assert cylinder_hours(flow["critical"].litres_per_minute) == pytest.approx(3.33, abs=0.01)
    with pytest.raises(ValueError, match="above 0"):
        cylinder_hours(0)


def test_every_rate_has_a_known_driver_class_source_and_status() -> None:
    norms = load_norms(ON)
    assert len(norms.rates) > 50
    assert all(r.driver in DRIVERS and r.of_class in CLASSES for r in norms.rates)
    assert all(r.source and r.status and r.quantity_per_driver_day >= 0 for r in norms.rates)


RATES = """item_code,driver,class,quantity_per_driver_day,valid_from,valid_to,source,status
X1,staff_shift,staff,1,2020-01-01,2021-12-31,s,read
X1,staff_shift,staff,2,2022-01-01,,s,read
X1,test,mild,0.5,,,s,read
"""


@pytest.mark.parametrize(
    ("on", "rate"), [(date(2021, 12, 31), 1.0), (date(2022, 1, 1), 2.0), (date(2030, 1, 1), 2.0)]
)
def test_a_rate_is_in_force_between_its_dates(tmp_path: Path, on: date, rate: float) -> None:
    norms = load_norms(on, folder=_copy(tmp_path, rate=RATES))
    array = norms.rate_array(("X1", "unknown"))
    assert array[0, CLASSES.index("staff"), DRIVERS.index("staff_shift")] == rate
    assert array[0, CLASSES.index("mild"), DRIVERS.index("test")] == 0.5
    assert not np.any(array[1])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("staff_shift,staff,2", "shift,staff,2", "Row 3, norms_rate.csv driver: “shift”"),
        ("staff_shift,staff,2", "staff_shift,nurse,2", "Row 3, norms_rate.csv class: “nurse”"),
        ("staff_shift,staff,2", "staff_shift,staff,-2", "quantity_per_driver_day"),
        ("staff_shift,staff,2", "staff_shift,staff,two", "quantity_per_driver_day"),
        ("2022-01-01", "01/01/2022", "Row 3, norms_rate.csv valid_from"),
        ("item_code,", "item,", "item_code: column missing"),
        (",s,read\nX1,test", ",,read\nX1,test", "Row 3, norms_rate.csv source"),
    ],
)
def test_a_bad_rate_table_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in _refusal(_copy(tmp_path, rate=RATES.replace(old, new)))


def test_shares_that_do_not_sum_to_one_are_refused(tmp_path: Path) -> None:
    text = (DATA_FOLDER / "norms_severity.csv").read_text(encoding="utf-8")
    changed = text.replace("critical,0.05", "critical,0.06")
    assert "sum to 1.01" in _refusal(_copy(tmp_path, severity=changed))


def test_a_tier_left_out_is_refused(tmp_path: Path) -> None:
    text = (DATA_FOLDER / "norms_stay.csv").read_text(encoding="utf-8")
    changed = "\n".join(line for line in text.splitlines() if ",severe," not in line)
    assert "rows missing: severe" in _refusal(_copy(tmp_path, stay=changed))


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("stay", "severe,7,fixed", "severe,7,weibull", "norms_stay.csv shape: severe"),
        ("delay", "severe,0,fixed,0", "severe,4,gamma,0", "norms_delay.csv shape: severe"),
        ("stay", "moderate,14,fixed,0,0", "moderate,14,fixed,0,3", "step_down_days: moderate"),
        ("test_share", "pcr,0", "pcr,0.5", "norms_test_share.csv share: the shares sum to 1.5"),
        ("oxygen_source", "peak_hour_factor", "peak", "rows missing: peak_hour_factor"),
    ],
)
def test_a_bad_table_of_care_is_refused(
    tmp_path: Path, table: str, old: str, new: str, said: str
) -> None:
    text = (DATA_FOLDER / f"norms_{table}.csv").read_text(encoding="utf-8")
    assert old in text
    assert said in _refusal(_copy(tmp_path, **{table: text.replace(old, new)}))


def test_delays_are_none_and_stays_fixed_by_default() -> None:
    norms = load_norms(ON)
    assert [one.mean_days for one in norms.delay] == [0, 0, 0, 0]
    assert norms.stay_shape == ("fixed",) * 4
    assert norms.step_down_days == (0, 0, 0, 0)
    assert norms.test_share == (1, 0)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    (_copy(tmp_path) / "norms_oxygen.csv").unlink()
    assert "norms_oxygen.csv" in _refusal(tmp_path)
