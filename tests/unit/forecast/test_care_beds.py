"""Beds cap who lies where: never above the beds nor above the need, everybody counted once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from supply.forecast.care.beds import limited, place, place_in_order

needs = arrays(np.float64, (2, 4, 3), elements=st.floats(0, 300))
beds = arrays(np.float64, 4, elements=st.one_of(st.floats(0, 300), st.just(np.nan)))
known_beds = arrays(np.float64, 4, elements=st.floats(0, 300))


def test_the_worked_number() -> None:
    need = np.array([[[50.0], [10.0]]])
    put = place(need, np.array([30.0, 20.0]))
    assert put.route(need)[0, :, 0].tolist() == [30.0, 20.0]
    assert put.unmet(need)[0, :, 0].tolist() == [10.0, 0.0]


def test_free_beds_are_taken_in_proportion() -> None:
    need = np.array([[[40.0], [0.0], [10.0]]])
    put = place(need, np.array([10.0, 20.0, 50.0]))
    np.testing.assert_allclose(put.route(need)[0, :, 0], [10, 10, 30])
    assert not put.unmet(need).any()


@settings(max_examples=40, deadline=None)
@given(needs, beds)
def test_patients_are_conserved_and_never_above_the_beds(
    need: np.ndarray, beds: np.ndarray
) -> None:
    put = place(need, beds)
    lying, unmet = put.route(need), put.unmet(need)
    np.testing.assert_allclose(lying.sum(axis=1) + unmet.sum(axis=1), need.sum(axis=1), atol=1e-6)
    known = ~np.isnan(beds)
    assert (lying[:, known] <= beds[known, None] + 1e-6).all()
    assert (lying.sum(axis=1) <= need.sum(axis=1) + 1e-6).all()
    assert (unmet >= -1e-9).all()
    assert (unmet <= need + 1e-9).all()
    np.testing.assert_allclose(lying[:, ~known], need[:, ~known])


@settings(max_examples=40, deadline=None)
@given(needs, known_beds)
def test_all_that_is_possible_is_done(need: np.ndarray, beds: np.ndarray) -> None:
    lying = place(need, beds).route(need)
    np.testing.assert_allclose(
        lying.sum(axis=1), np.minimum(need.sum(axis=1), beds.sum()), atol=1e-6
    )


@settings(max_examples=40, deadline=None)
@given(needs, needs, known_beds, st.integers(0, 3), st.floats(0, 200))
def test_more_beds_never_serve_fewer(
    severe: np.ndarray, moderate: np.ndarray, beds: np.ndarray, which: int, more: float
) -> None:
    raised = beds.copy()
    raised[which] += more
    for before, after, need in zip(
        place_in_order([severe, moderate], beds),
        place_in_order([severe, moderate], raised),
        (severe, moderate),
        strict=True,
    ):
        assert (after.route(need).sum(axis=1) >= before.route(need).sum(axis=1) - 1e-6).all()
    own_before = place(severe, beds).route(severe)[:, which]
    own_after = place(severe, raised).route(severe)[:, which]
    assert (own_after >= own_before - 1e-6).all()


@settings(max_examples=40, deadline=None)
@given(needs, needs, known_beds)
def test_the_sicker_have_the_beds_first(
    severe: np.ndarray, moderate: np.ndarray, beds: np.ndarray
) -> None:
    first, second = place_in_order([severe, moderate], beds)
    together = first.route(severe) + second.route(moderate)
    assert (together <= beds[:, None] + 1e-6).all()
    np.testing.assert_allclose(first.route(severe), place(severe, beds).route(severe))


@settings(max_examples=40, deadline=None)
@given(needs, beds)
def test_what_staff_and_laboratories_can_do(need: np.ndarray, limit: np.ndarray) -> None:
    done = limited(need, limit)
    assert (done <= need).all()
    assert (done[:, ~np.isnan(limit)] <= limit[~np.isnan(limit), None]).all()
    np.testing.assert_array_equal(done[:, np.isnan(limit)], need[:, np.isnan(limit)])


def test_no_facility_with_beds_at_all() -> None:
    need = np.array([[[5.0], [2.0]]])
    put = place(need, np.zeros(2))
    assert not put.route(need).any()
    assert put.unmet(need).sum() == pytest.approx(7)
