"""What is owed and on which side, by the figures alone."""

from __future__ import annotations

import datetime as dt

from supply.core.text import Text
from supply.lending.loans import Loan, LoanLine, Side, overdue_days

DAY = dt.date(2022, 3, 10)


def line(lent: int, returned: int = 0, regularised: int = 0) -> LoanLine:
    name = Text("Khẩu trang", "Mask")
    return LoanLine(1, "PH002", name, Text("chiếc", "piece"), lent, returned, regularised)


def loan(*lines: LoanLine, due: dt.date | None = None) -> Loan:
    a, b = Text("Kho", "Depot"), Text("Trạm", "Station")
    return Loan(
        9, "PC-2022-0001", "transfer_dispatch", DAY - dt.timedelta(days=20), due, DAY,
        1, a, 2, b, "", lines,
    )  # fmt: skip


def test_owed_is_lent_less_returned_less_made_regular() -> None:
    assert line(40, 15, 5).owed == 20
    half = loan(line(40, 15, 5), due=DAY - dt.timedelta(days=3))
    assert (half.is_open, half.is_partly_settled, half.overdue_days, half.age_days) == (
        True, True, 3, 20,
    )  # fmt: skip
    done = loan(line(40, 35, 5), due=DAY - dt.timedelta(days=3))
    assert (done.is_open, done.is_partly_settled, done.overdue_days) == (False, False, 0)


def test_nothing_is_overdue_before_its_day_or_without_one() -> None:
    assert overdue_days(None, DAY) == 0
    assert overdue_days(DAY, DAY) == 0
    assert overdue_days(DAY - dt.timedelta(days=1), DAY) == 1


def test_each_facility_knows_its_side() -> None:
    found = loan(line(1))
    assert found.side_of({1}) == Side.IS_OWED
    assert found.side_of({2}) == Side.OWES
    assert found.side_of({3}) is None
