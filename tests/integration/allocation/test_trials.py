"""A plan made from another is a trial: it waits for nobody until its maker puts it forward."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from supply.allocation import queries
from supply.allocation.carrying import services as carrying
from supply.allocation.hand import services as hand
from supply.core.errors import AlreadyDone, Conflict, NotAllowed
from supply.core.scope import acting_as
from supply.core.transaction import transaction
from tests.integration.allocation.conftest import RICH, Town


def waiting() -> set[int]:
    """The plans that wait for a decision."""
    return {head.id for head in queries.waiting_plans()}


@pytest.fixture
def base(town: Town, proposed: int) -> int:
    """A plan of the test's own, which waits for a decision."""
    return town.again(proposed)


def test_a_trial_waits_for_nobody_until_it_is_put_forward(
    shared_people: dict[str, int], base: int
) -> None:
    with acting_as(shared_people["kehoach"]):
        before = waiting()
        (trial,) = hand.adjust(base, ["proportional"])
        assert hand.adjust(base, ["proportional"]) == [trial]
        assert (queries.plan(trial).status, queries.plan(trial).head.state) == ("trial", "trial")
        assert waiting() == before
    with acting_as(shared_people["duyet"]):
        with pytest.raises(Conflict):
            carrying.approve(trial)
        with pytest.raises(Conflict):
            carrying.reject(trial, "Chỉ là phương án thử")
        with pytest.raises(NotAllowed):
            carrying.put_forward(trial)
    with acting_as(shared_people["kehoach"]):
        carrying.put_forward(trial)
        assert waiting() == before | {trial}
        with pytest.raises(AlreadyDone):
            carrying.put_forward(trial)
    with acting_as(shared_people["duyet"]):
        assert carrying.approve(trial)
        assert waiting() == before


def test_a_trial_with_supposed_goods_is_not_put_forward(
    shared_people: dict[str, int], base: int
) -> None:
    with acting_as(shared_people["kehoach"]):
        item = queries.plan(base).items[0].code
        change = {"kind": "donation", "facility": RICH, "item": item, "quantity": 500}
        (trial,) = hand.adjust(base, ["proportional"], (), [change])
        with pytest.raises(Conflict):
            carrying.put_forward(trial)
        assert trial not in waiting()


@pytest.mark.parametrize(
    "change",
    [
        "status = 'approved', approved_by = supply_user_id(), approved_at = now(), drafts = '[]'",
        "status = 'proposed', result = '{}'",
    ],
)
def test_the_database_lets_a_trial_become_nothing_but_a_proposal(
    shared_people: dict[str, int], base: int, change: str
) -> None:
    with acting_as(shared_people["kehoach"]):
        (trial,) = hand.adjust(base, ["proportional"])
    with (
        acting_as(shared_people["kehoach"]),
        pytest.raises((Conflict, NotAllowed)),
        transaction() as session,
    ):
        session.execute(text(f"UPDATE plan SET {change} WHERE id = :id"), {"id": trial})
