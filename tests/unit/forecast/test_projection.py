"""The projection: shape of its quantiles, and that it never looks ahead."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.forecast.cases import WeeklyCases
from supply.forecast.faults import InputFaults
from supply.forecast.projection import Projection, project, project_cases, shipped_prior
from supply.forecast.quantiles import projection_table

SATURDAY = np.datetime64("2021-07-10")


def _weekly(cases: np.ndarray, first: np.datetime64 = SATURDAY) -> WeeklyCases:
    places = tuple(f"P{n}" for n in range(len(cases)))
    week_ends = first + 7 * np.arange(cases.shape[1])
    return WeeklyCases(places, week_ends, cases, np.full(len(cases), np.nan), daily=False)


def _wave(places: int = 5, weeks: int = 20, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = 300 * np.exp(-(((np.arange(weeks) - 11) / 5) ** 2)) + 12
    return rng.poisson(shape * rng.uniform(0.5, 3, (places, 1))).astype(float)


def _bytes(projection: Projection, origin: np.datetime64) -> bytes:
    table = projection_table(projection)
    return table[table["origin"] == str(origin)].to_csv(index=False).encode()


def test_truncating_after_the_origin_changes_no_byte() -> None:
    cases = _wave()
    cases[1, 8] = np.nan
    weekly = _weekly(cases)
    everything = project_cases(weekly)
    for origin in weekly.week_ends[5::4]:
        assert _bytes(project_cases(weekly.until(origin)), origin) == _bytes(everything, origin)


def test_a_place_that_reports_only_later_changes_no_byte() -> None:
    cases = _wave()
    late = np.full((1, cases.shape[1]), np.nan)
    late[0, 15:] = 1000
    weekly = _weekly(np.vstack([cases, late]))
    origin = weekly.week_ends[12]
    assert _bytes(project_cases(weekly, [origin]), origin) == _bytes(
        project_cases(_weekly(cases), [origin]), origin
    )


def test_shifting_by_whole_weeks_changes_no_value() -> None:
    cases = _wave()
    here = project_cases(_weekly(cases))
    there = project_cases(_weekly(cases, SATURDAY + 7 * 53))
    np.testing.assert_array_equal(here.values, there.values)
    np.testing.assert_array_equal(here.origins + 7 * 53, there.origins)


def test_an_origin_does_not_depend_on_the_others_asked_for() -> None:
    weekly = _weekly(_wave())
    origin = weekly.week_ends[9]
    alone, all_of_them = project_cases(weekly, [origin]), project_cases(weekly)
    assert _bytes(alone, origin) == _bytes(all_of_them, origin)


def test_a_week_not_whole_is_no_origin_and_few_cases_or_weeks_neither() -> None:
    cases = _wave(places=2)
    cases[0, 10], cases[1, 12] = np.nan, 9
    found = project_cases(_weekly(cases))
    pairs = set(zip(found.place_index.tolist(), found.origins.tolist(), strict=True))
    ends = _weekly(cases).week_ends.tolist()
    assert (0, ends[10]) not in pairs
    assert (1, ends[12]) not in pairs
    assert (0, ends[3]) not in pairs
    assert (0, ends[4]) in pairs


@pytest.mark.parametrize("day", ["2021-07-11", "2031-07-12", "2021-09-18"])
def test_an_origin_that_ends_no_whole_week_is_refused(day: str) -> None:
    cases = _wave()
    cases[:, 10] = np.nan
    with pytest.raises(InputFaults, match="input"):
        project_cases(_weekly(cases), [np.datetime64(day)])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 10**7), min_size=1, max_size=14),
    st.lists(st.integers(0, 10**4), min_size=1, max_size=14),
)
def test_quantiles_are_finite_monotone_not_negative_and_capped(a: list[int], b: list[int]) -> None:
    weeks = max(len(a), len(b))
    history = np.full((2, weeks), np.nan)
    history[0, -len(a) :], history[1, -len(b) :] = a, b
    values = project(history)
    assert np.isfinite(values).all()
    assert (values >= 0).all()
    assert (np.diff(values, axis=-1) >= 0).all()
    model_cap = 20 * (history[:, -1] + 1)
    baseline_cap = history[:, -1] + 4 * np.nanmax(history, axis=1)
    assert (values[:, -1, -1] <= np.maximum(model_cap, baseline_cap) + 1).all()


def test_a_ward_with_one_week_has_sane_intervals_from_the_prior() -> None:
    values = project(np.array([[8.0], [0.0], [30.0]]))
    width = values[:, 0, 21] - values[:, 0, 1]
    assert (width > 0).all()
    assert (values[:, 0, 11] <= 3 * np.array([8.0, 1.0, 30.0])).all()
    assert values[0, 3, 21] < 200


def test_an_explosive_history_stays_bounded() -> None:
    history = np.array([[1.0, 10, 100, 1_000, 10_000, 100_000]])
    assert project(history).max() <= 20 * 100_001


def test_renaming_or_reordering_places_changes_nothing() -> None:
    history = _wave()
    order = np.array([3, 1, 4, 0, 2])
    np.testing.assert_allclose(project(history[order]), project(history)[order], atol=0.002)


def test_the_prior_is_small_and_holds_no_series() -> None:
    prior = shipped_prior()
    numbers = sum(getattr(prior, name).size for name in ("location", "log_spread", "shape"))
    assert numbers < 500
    assert (np.diff(prior.shape, axis=1) > 0).all()
    assert ((prior.weight >= 0) & (prior.weight <= 1)).all()
