"""Values of parts, and what may leave a shelf."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from supply.imports.shelves import Lot, Parcel, Shelves, share


def test_the_worked_number():
    assert share(1, 3, 100) == 33
    assert share(1, 2, 101) == 51  # halves go up, as in PostgreSQL


@given(st.integers(1, 10**9), st.integers(0, 10**15), st.data())
def test_a_part_carries_its_rounded_share_and_the_last_unit_all(quantity, amount, data):
    q = data.draw(st.integers(1, quantity))
    exact = Fraction(amount * q, quantity)
    if q == quantity:
        assert share(q, quantity, amount) == amount
    else:
        assert abs(share(q, quantity, amount) - exact) <= Fraction(1, 2)
        rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(0, ROUND_HALF_UP)
        if exact.denominator <= 2:
            assert share(q, quantity, amount) == rounded


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 10**6)), min_size=1, max_size=8),
    st.data(),
)
def test_taking_bit_by_bit_conserves_value_to_the_dong(parcels, data):
    shelves = Shelves()
    for n, (quantity, amount) in enumerate(parcels):
        lot = Lot(n, 1, f"L{n}", dt.date(2024, 1, 1 + n % 3))
        shelves.set(1, 1, Parcel(n, lot, quantity, amount))
    total = sum(a for _, a in parcels)
    taken = 0
    while live := shelves.live[(1, 1)]:
        assert live == sorted(live, key=lambda p: (p.lot.expiry, p.lot.id, p.consignment_id))
        parcel = live[0]
        part = data.draw(st.integers(1, parcel.quantity))
        taken += shelves.take((1, 1), parcel, part)
    assert taken == total
    assert all(p.amount_vnd == 0 for p in shelves.all[(1, 1)].values())


def test_what_a_later_day_needs_may_not_leave():
    days = [dt.date(2022, 1, 5), dt.date(2022, 1, 10)]
    # 20 on hand now; 15 of them came on the 5th or later, none after the 10th.
    parcel = Parcel(1, Lot(1, 1, "A", None), 20, 0, 0, (days, [15, -3]))
    assert parcel.free(dt.date(2022, 1, 4)) == 5
    assert parcel.free(dt.date(2022, 1, 5)) == 20
    assert parcel.free(dt.date(2022, 1, 10)) == 20
