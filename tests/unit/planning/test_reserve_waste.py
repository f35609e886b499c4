"""Reserve over the worst days in whole packs; waste by driver, and who takes it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.core.errors import InvalidInput
from supply.forecast.burn import BurnTable
from supply.forecast.norms import CLASSES, DRIVERS
from supply.planning.reserve import Kept, peak, reserve_lines
from supply.planning.tables import (
    OnSite,
    WasteRate,
    WasteRates,
    load_lead_times,
    load_on_site,
    load_waste_rates,
)
from supply.planning.waste import coordinate, waste

DAY = dt.date(2022, 1, 23)
BED = DRIVERS.index("patient_day_severe")


def _burn(per_day: list[list[float]], variation: float = 0.0, beds: float = 0.0) -> BurnTable:
    """One item, a row of uses for each facility; the first has patients in beds."""
    use = np.array(per_day, dtype=float)
    mean = np.zeros((len(use), 1, len(CLASSES), use.shape[1]))
    mean[:, 0, 0] = use
    drivers = np.zeros((len(DRIVERS), *use.shape))
    drivers[BED, 0] = beds
    total = mean.sum(axis=2)
    return BurnTable(
        tuple(f"F{n}" for n in range(len(use))), ("PH012",), mean, mean * 0, total * variation,
        total.cumsum(axis=-1) * variation, drivers,
    )  # fmt: skip


def _kept(days: int = 7, depot: int = 14, pack: int = 100, *, essential: bool = False) -> Kept:
    return Kept(OnSite(days, depot, 1, "", ""), pack, essential)


def test_30_a_day_at_the_peak_for_7_days_is_210_in_packs_300() -> None:
    burn = _burn([[10.0] * 10 + [30.0] * 7 + [5.0] * 20])
    (line,) = reserve_lines(burn, [_kept()], [False])
    assert (line.first_day, line.quantile_units, line.units) == (10, 210.0, 300)


def test_the_depot_keeps_for_the_whole_district() -> None:
    lines = reserve_lines(_burn([[10.0] * 28, [0.0] * 28, [20.0] * 28]), [_kept(pack=1)],
                          [False, True, False])  # fmt: skip
    assert [(line.facility, line.units) for line in lines] == [(0, 70), (1, 14 * 30), (2, 140)]


def test_an_essential_item_has_a_pack_at_least_and_no_days_no_line() -> None:
    burn = _burn([[0.1] * 28])
    assert reserve_lines(burn, [_kept(pack=50, essential=True)], [False])[0].units == 50
    assert reserve_lines(burn, [_kept(days=0)], [False]) == []
    assert reserve_lines(_burn([[0.0] * 5]), [_kept(essential=True)], [False]) == []


def test_a_run_shorter_than_the_days_on_site_is_carried_on() -> None:
    running = np.arange(1, 6) * 4.0
    assert peak(running, running * 0, 10, 0.95) == (0, 40.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 50), min_size=8, max_size=40).filter(any),
    st.floats(0, 1.2),
    st.integers(1, 30),
    st.integers(1, 500),
)
def test_a_reserve_is_whole_packs_and_covers_any_window_of_its_days(
    use: list[int], variation: float, days: int, pack: int
) -> None:
    burn = _burn([[float(n) for n in use]], variation)
    lines = reserve_lines(burn, [_kept(days=days, pack=pack)], [False], 0.95)
    units = sum(line.units for line in lines)
    assert units % pack == 0
    longest = max(sum(use[n : n + days]) for n in range(len(use)))
    if variation <= 0.7:  # a very skewed use may have its 0.95 quantile below its mean
        assert units >= longest - 1e-6
    more = reserve_lines(burn, [_kept(days=days, pack=pack)], [False], 0.99)
    assert sum(line.units for line in more) >= units


RATES = WasteRates(
    {
        "patient_in_bed": WasteRate(3.4, 3.4, 3.4, "", ""),
        "patient_at_home": WasteRate(0.5, 0.5, 0.5, "", ""),
    },
    {"PH012": WasteRate(0.1, 0.1, 0.1, "", "")},
)
IN_BED = (False, False, True, True)


def test_20_patients_in_beds_make_68_kg_and_their_gowns_are_not_weighed_again() -> None:
    found = waste(_burn([[100.0] * 3, [50.0] * 3], beds=20), IN_BED, RATES)
    assert found.mean[0].tolist() == [68.0] * 3
    assert found.mean[1] == pytest.approx([5.0] * 3)
    assert sum(part[1, 0] for part in found.by_source.values()) == pytest.approx(5.0)


def test_an_uncertain_use_makes_an_interval() -> None:
    found = waste(_burn([[100.0] * 3], 0.3, beds=20), IN_BED, RATES)
    assert (found.low < found.mean).all()
    assert (found.high > found.mean).all()


def test_18_kg_too_many_go_to_the_neighbour_with_room() -> None:
    found = coordinate(np.array([[68.0], [10.0]]), np.array([50.0, 40.0]), 0.0)
    assert found.excess[:, 0].tolist() == [18.0, 0.0]
    assert not found.left.any()
    (one,) = found.helps
    assert (one.sender, one.receiver, one.kg, one.days) == (0, 1, 18.0, 1)


def test_what_no_neighbour_takes_goes_to_the_contractor_and_the_rest_is_told() -> None:
    found = coordinate(np.array([[68.0, 68.0]]), np.array([10.0]), 40.0)
    assert found.left.tolist() == [[18.0, 18.0]]
    assert [(one.receiver, one.kg, one.days) for one in found.helps] == [(None, 80.0, 2)]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_kilogram_is_lost_and_nobody_takes_more_than_it_can(data: st.DataObject) -> None:
    places = data.draw(st.integers(1, 5))
    figures = st.lists(st.integers(0, 90), min_size=places, max_size=places)
    kg = np.array(data.draw(st.lists(figures, min_size=1, max_size=4)), dtype=float).T
    capacity = np.array(data.draw(figures), dtype=float)
    outside = float(data.draw(st.integers(0, 60)))
    found = coordinate(kg, capacity, outside)
    moved = sum(one.kg for one in found.helps)
    assert moved + found.left.sum() == pytest.approx(found.excess.sum(), abs=0.06 * kg.size)
    given_out = sum(one.kg for one in found.helps if one.receiver is None)
    assert given_out <= outside * kg.shape[1] + 1e-6
    treated = np.minimum(kg, capacity[:, None]).sum() + moved
    assert treated <= (capacity.sum() + outside) * kg.shape[1] + 1e-6


def test_every_table_holds_on_the_demo_day_and_says_what_is_assumed() -> None:
    lead, on_site, rates = load_lead_times(DAY), load_on_site(DAY), load_waste_rates(DAY)
    assert lead.is_assumed
    assert lead.days("TH015", "drug") == 21
    assert lead.days("TH001", "drug") == 14
    assert set(on_site) == set(lead.by_category)
    assert rates.drivers["test"].kg_per_unit == pytest.approx(2_600_000 / 140_000_000, abs=1e-4)
    told = [*rates.drivers.values(), *rates.items.values()]
    assert all(one.low <= one.kg_per_unit <= one.high and one.source and one.status for one in told)


def test_a_table_that_cannot_be_read_is_refused_by_line(tmp_path: Path) -> None:
    (tmp_path / "lead_times.csv").write_text(
        "category,item_code,lead_days,valid_from,valid_to,source,status\n"
        "drug,,14,2020-01-01,,x,y\nppe,,ba,2020-01-01,,x,y\noxygen,,-2,2020-01-01,,x,y\n",
        encoding="utf-8",
    )
    with pytest.raises(InvalidInput) as caught:
        load_lead_times(DAY, tmp_path)
    assert [fault.line for fault in caught.value.faults] == [3, 4]
