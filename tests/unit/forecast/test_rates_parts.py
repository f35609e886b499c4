"""The parts of learning: intermittent use, days that count, what should have been used, tables."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from supply.forecast.care.inputs import CareInputs
from supply.forecast.drivers import CaseShares
from supply.forecast.faults import InputFaults
from supply.forecast.history import WeeklyHistory
from supply.forecast.norms import DRIVERS, load_norms
from supply.forecast.rates.expected import Counted, expected_use, realised_drivers
from supply.forecast.rates.fixed import FIXED_FILE, fixed_item_codes, fixed_per_day
from supply.forecast.rates.intermittent import base_use
from supply.forecast.rates.observed import Observed, observed
from supply.forecast.rates.past import Past, summed
from supply.forecast.rates.settings import SETTINGS_FILE, load_settings
from supply.forecast.rates.spread import shrunk_variances

DAY_0 = dt.date(2021, 12, 1)
WEEKS = 26


def used_weekly(*weeks: float) -> Past:
    """One item at one facility, used on the first day of each week so much; every day counts."""
    daily = np.zeros((1, 1, 7 * len(weeks)))
    daily[0, 0, ::7] = weeks
    seen = np.ones(daily.shape, dtype=bool)
    return Past(np.zeros_like(daily), daily, seen, ~seen)


def test_even_use_is_smoothed_and_rare_use_by_sba() -> None:
    even = base_use(used_weekly(*([14.0] * WEEKS)))
    assert even.method[0, 0] == "tsb"
    assert even.per_day[0, 0] == pytest.approx(2.0)
    assert even.sd[0, 0] == pytest.approx(0.0)
    rare = base_use(used_weekly(*([28.0, 0.0, 0.0, 0.0] * 6), 28.0, 0.0))
    assert rare.method[0, 0] == "sba"
    # SBA by hand: size 28, interval near 4 weeks, less a tenth: 28/4 · 0.9 / 7 days.
    assert rare.per_day[0, 0] == pytest.approx(0.9, rel=0.1)
    assert rare.sd[0, 0] > 0


def test_use_that_died_out_dwindles_by_tsb() -> None:
    gone = base_use(used_weekly(*([14.0, 0.0] * 6), *([0.0] * 14)))
    assert gone.method[0, 0] == "tsb"
    assert gone.per_day[0, 0] < 0.1
    never = base_use(used_weekly(*([0.0] * WEEKS)))
    assert never.method[0, 0] == ""
    assert never.per_day[0, 0] == 0.0


def test_weeks_that_do_not_count_are_not_weeks_without_use() -> None:
    past = used_weekly(*([21.0] * WEEKS))
    out = np.zeros(past.seen.shape, dtype=bool)
    out[..., 70:105] = True
    told = replace(past, observed=np.where(out, 0.0, past.observed), seen=~out, stocked_out=out)
    assert base_use(told).per_day[0, 0] == pytest.approx(3.0)


def test_recency_by_hand() -> None:
    past = Past(
        np.array([[[1.0, 1.0, 1.0]]]),
        np.array([[[4.0, 0.0, 2.0]]]),
        np.array([[[True, False, True]]]),
        np.array([[[False, True, False]]]),
    )
    sums = summed(past, half_life_days=1.0)  # weights 1/4, 1/2, 1
    assert sums.ratio[0, 0] == pytest.approx((4 / 4 + 2) / (1 / 4 + 1))
    assert sums.effective[0, 0] == pytest.approx(1.25**2 / (1 / 16 + 1))
    assert (sums.days[0, 0], sums.stocked_out[0, 0]) == (2.0, 1.0)


def rows(*used: tuple[int, int, int, int]) -> pd.DataFrame:
    """(facility, item, day, units) as the ledger gives them."""
    return pd.DataFrame(
        [(f, i, f"X{i}", DAY_0 + dt.timedelta(days=d), n) for f, i, d, n in used],
        columns=["facility_id", "item_id", "item_code", "date", "quantity"],
    )


def spans(*held: tuple[int, int, int, int | None, int | None]) -> pd.DataFrame:
    """(facility, item, held since, empty from, empty to), in days."""

    def on(day: int | None) -> dt.date | None:
        return None if day is None else DAY_0 + dt.timedelta(days=day)

    return pd.DataFrame(
        [(f, i, on(s), on(a), on(b)) for f, i, s, a, b in held],
        columns=["facility_id", "item_id", "held_since", "empty_from", "empty_to"],
    )


def looked(used: pd.DataFrame, held: pd.DataFrame) -> Observed:
    """Two facilities, two items, ten days, a book that holds three days either way."""
    return observed(used, held, [10, 20], [1, 2], DAY_0, 10, 3)


def test_a_day_counts_in_the_book_while_held_and_in_stock() -> None:
    found = looked(
        rows((10, 1, 2, 5), (10, 9, 6, 1)),
        spans((10, 1, -30, None, None), (10, 1, -30, 2, 3), (10, 2, 4, None, None)),
    )
    assert found.used[0, 0].tolist() == [0, 0, 5, 0, 0, 0, 0, 0, 0, 0]
    assert found.stocked_out[0, 0].nonzero()[0].tolist() == [2, 3]
    # Day 2 closed empty but gave some out; day 3 did not. Book: issues of any item on days 2 and 6.
    assert found.seen[0, 0].tolist() == [True, True, True, False] + [True] * 6
    assert found.seen[0, 1].tolist() == [False] * 4 + [True] * 6
    assert not found.seen[1].any()
    assert not found.book[1].any()


def test_a_book_ends_some_days_after_its_last_issue() -> None:
    found = looked(rows((20, 1, 1, 5)), spans((20, 1, 0, None, None)))
    assert found.book[1].tolist() == [True] * 5 + [False] * 5


def test_nothing_in_the_ledger_is_nothing_seen() -> None:
    found = looked(rows(), spans())
    assert not found.seen.any()
    assert found.used.sum() == 0


def one_place() -> tuple[WeeklyHistory, CaseShares]:
    """Seventy cases a week for thirty weeks, all cared for by one facility."""
    ends = np.datetime64("2022-01-22") - 7 * np.arange(29, -1, -1)
    cases = np.full((1, 30), 70.0)
    all_of_it = csr_array(np.ones((1, 1)))
    return WeeklyHistory(ends, cases, cases < 0), CaseShares(all_of_it, all_of_it)


def test_what_should_have_been_used_follows_the_norms() -> None:
    history, shares = one_place()
    norms = load_norms(dt.date(2022, 1, 22))
    care = CareInputs.none(1, 28)
    drivers = realised_drivers(history, 28, norms, shares, ("A",), care, Counted.none())
    severe = DRIVERS.index("patient_day_severe")
    # Ten cases a day, ESFT: 15 % severe, a stay of seven days: 1.5 · 7 patients.
    assert np.allclose(drivers[severe, 0], 10.5)
    codes = norms.item_codes()
    use = expected_use(drivers, norms, codes)
    by_hand = sum(
        rate.quantity_per_driver_day * drivers[DRIVERS.index(rate.driver), 0, 0]
        for rate in norms.rates
        if rate.item_code == "PH008"
    )
    assert use[0, codes.index("PH008"), 0] == pytest.approx(by_hand)


def test_patients_counted_stand_for_a_week() -> None:
    history, shares = one_place()
    norms = load_norms(dt.date(2022, 1, 22))
    one = np.array([0])
    counted = Counted(one, np.array([2]), np.array([5]), np.array([21.0]))
    drivers = realised_drivers(history, 28, norms, shares, ("A",), CareInputs.none(1, 28), counted)
    severe = drivers[DRIVERS.index("patient_day_severe"), 0]
    assert np.allclose(severe[5:12], 21.0)
    assert np.allclose(severe[[4, 12]], 10.5)


def test_variances_alike_become_one_and_unlike_stay_apart() -> None:
    rng = np.random.default_rng(1)
    freedom = np.full(400, 9.0)
    alike = rng.chisquare(9, 400) / 9
    assert shrunk_variances(alike, freedom).std() < 0.35 * alike.std()
    apart = alike * rng.lognormal(0, 1.5, 400)
    kept = shrunk_variances(apart, freedom)
    assert np.corrcoef(np.log(kept), np.log(apart))[0, 1] > 0.95
    assert shrunk_variances(np.ones(1), np.ones(1)).tolist() == [1.0]


def test_fixed_terms_are_in_force_from_day_to_day(tmp_path: Path) -> None:
    table = tmp_path / "norms_fixed.csv"
    table.write_text(
        "facility_kind,item_code,quantity_per_day,valid_from,valid_to,source,status\n"
        "ward_station,HC001,40,2020-01-01,,x,y\n"
        "ward_station,HC001,50,2022-01-01,,x,y\n"
        "ward_station,HC002,9,2020-01-01,2021-06-30,x,y\n"
    )
    kinds, codes = ["ward_station", "private_clinic"], ["HC001", "HC002"]
    assert fixed_per_day(dt.date(2021, 3, 1), kinds, codes, table).tolist() == [[40, 9], [0, 0]]
    assert fixed_per_day(dt.date(2022, 3, 1), kinds, codes, table).tolist() == [[50, 0], [0, 0]]
    table.write_text(table.read_text() + "ward_station,HC003,-1,2020-01-01,,x,y\n")
    with pytest.raises(InputFaults) as caught:
        fixed_per_day(dt.date(2022, 3, 1), kinds, codes, table)
    assert [(f.field, f.row) for f in caught.value.found] == [
        ("norms_fixed.csv quantity_per_day", 5)
    ]


def test_the_shipped_tables_can_be_read_and_say_where_they_come_from() -> None:
    assert "HC001" in fixed_item_codes()
    assert fixed_per_day(dt.date(2022, 1, 1), ["ward_station"], ["HC001"])[0, 0] == 40.0
    for file in (FIXED_FILE, SETTINGS_FILE):
        table = pd.read_csv(file)
        assert table["source"].notna().all()
        assert table["status"].notna().all()


def test_a_setting_missing_or_not_positive_is_named(tmp_path: Path) -> None:
    table = tmp_path / "learning.csv"
    text = SETTINGS_FILE.read_text(encoding="utf-8").replace("days,182", "days,none", 1)
    table.write_text("".join(line for line in text.splitlines(True) if "noise_limit" not in line))
    with pytest.raises(InputFaults) as caught:
        load_settings(dt.date(2022, 1, 1), table)
    told = "\n".join(caught.value.bilingual_lines())
    assert "rows missing: noise_limit" in told
    assert "Row 2, learning.csv value: must be above 0" in told
