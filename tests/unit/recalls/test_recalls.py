"""The clock of a recall, where a facility stands, what makes a recall valid."""

from __future__ import annotations

import datetime as dt

import pytest

from supply.recalls.recalls import (
    Clock,
    Recall,
    Standing,
    faults_of,
    label_of,
    standing_of,
)

START = dt.datetime(2022, 3, 1, 8, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("hours", "left", "overdue"),
    [(0, 24, False), (1.5, 22, False), (24, 0, False), (24.01, -1, True), (30, -6, True)],
)
def test_the_clock_runs_and_runs_over(hours: float, left: int, overdue: bool) -> None:
    clock = Clock(START, START + dt.timedelta(hours=24), START + dt.timedelta(hours=hours))
    assert (clock.run_hours, clock.left_hours, clock.overdue) == (int(hours), left, overdue)


@pytest.mark.parametrize(
    ("answered", "held", "overdue", "standing"),
    [
        (False, 5, False, Standing.WAITING),
        (False, 0, True, Standing.OVERDUE),
        (True, 5, True, Standing.MORE),
        (True, 0, True, Standing.ANSWERED),
    ],
)
def test_an_answer_is_whole_when_nothing_is_left_in_the_store(
    answered: bool, held: int, overdue: bool, standing: Standing
) -> None:
    assert standing_of(answered, held, overdue) == standing


def test_everything_wrong_with_a_recall_is_told_at_once() -> None:
    wrong = Recall(
        lot_id=1,
        reason=" ",
        recall_class="9",
        instructions="x" * 2001,
        paper_reference="x" * 101,
        answer_hours=0,
    )
    assert [f.field for f in faults_of(wrong)] == [
        "reason",
        "instructions",
        "paper_reference",
        "recall_class",
        "answer_hours",
    ]
    assert faults_of(Recall(lot_id=1, reason="lỗi", recall_class="2")) == []
    assert label_of(2022, 3) == "TH-2022-0003"
