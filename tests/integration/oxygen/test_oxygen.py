"""Cylinders round their circle: full, in use, empty, at the supplier, full; and how long it lasts."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import text

from supply.core.errors import InvalidInput, NotAllowed, NotEnoughStock, NotFound, SupplyError
from supply.core.scope import acting_as
from supply.core.transaction import transaction
from supply.inventory.documents import Reversal
from supply.oxygen import queries, services
from supply.oxygen.asked import CylinderOrder, ExchangeOrder, FlowEntry
from supply.oxygen.rows import FacilityOxygen, OpenCylinder
from tests.integration.inventory.conftest import days
from tests.integration.kits.conftest import Ward


def state(ward: Ward) -> FacilityOxygen:
    with acting_as(ward.world.people[ward.keeper]):
        return queries.at(ward.id)


def forty(ward: Ward) -> tuple[int, int, int, int]:
    """Full, empty, at the supplier, in use."""
    c = next(c for c in state(ward).cylinders if c.size.code == "OX001")
    return c.full, c.empty, c.at_supplier, c.in_use


def do(ward: Ward, verb, **cylinders):
    more = {k: cylinders.pop(k) for k in ("happened_on", "client_key") if k in cylinders}
    with acting_as(ward.world.people[ward.keeper]):
        return verb(
            CylinderOrder(
                facility_id=ward.id, cylinders=cylinders, fund_code=ward.world.fund, **more
            )
        )


def exchange(ward: Ward, full: dict, empties: dict, **more):
    with acting_as(ward.world.people[ward.keeper]):
        return services.exchange(
            ExchangeOrder(
                facility_id=ward.id,
                full=full,
                empties=empties,
                prices_vnd=dict.fromkeys(full, 150_000),
                fund_code=ward.world.fund,
                partner_code="NCC01",
                **more,
            )
        )


def say_flow(ward: Ward, user: str = "", **more) -> int:
    with acting_as(ward.world.people[user or ward.keeper]):
        return services.record_flow(FlowEntry(facility_id=ward.id, **more))


def test_the_circle_of_a_cylinder(ward: Ward):
    assert forty(ward) == (10, 6, 0, 0)
    do(ward, services.use_cylinders, OX001=3)
    assert forty(ward) == (7, 6, 0, 3)
    do(ward, services.take_empties_back, OX001=2)
    assert forty(ward) == (7, 8, 0, 1)
    do(ward, services.send_empties, OX001=5)
    assert forty(ward) == (7, 3, 5, 1)
    exchange(ward, {"OX001": 5}, {"OX001": 5}, from_supplier=True)
    assert forty(ward) == (12, 3, 0, 1)
    exchange(ward, {"OX001": 2}, {"OX001": 2})
    assert forty(ward) == (14, 1, 0, 1)


def test_a_reversed_issue_is_no_longer_in_use(ward: Ward):
    posted = do(ward, services.use_cylinders, OX001=3)
    ward.world.post(
        ward.keeper, Reversal(facility_id=ward.id, reverses_id=posted.document_id, reason="nhầm")
    )
    assert forty(ward) == (10, 6, 0, 0)


def test_not_one_for_one_needs_its_reason_and_keeps_it(ward: Ward):
    with pytest.raises(InvalidInput) as refused:
        exchange(ward, {"OX001": 5}, {"OX001": 4})
    assert refused.value.faults[0].field == "difference_reason"
    assert "+1" in refused.value.faults[0].text.vi
    posted = exchange(
        ward, {"OX001": 5}, {"OX001": 4}, difference_reason="Nhà cung cấp cho mượn vỏ"
    )
    assert (
        ward.world.owner_value(
            "SELECT reason || (details->'differences')::text FROM document WHERE id = :d",
            d=posted.document_id,
        )
        == 'Nhà cung cấp cho mượn vỏ{"OX001": 1}'
    )


def test_no_more_shells_come_back_than_are_in_use(ward: Ward):
    do(ward, services.use_cylinders, OX001=1)
    with pytest.raises(InvalidInput) as refused:
        do(ward, services.take_empties_back, OX001=2)
    assert "chỉ có 1 bình" in refused.value.faults[0].text.vi
    key = uuid4()
    first = do(ward, services.take_empties_back, OX001=1, client_key=key)
    again = do(ward, services.take_empties_back, OX001=1, client_key=key)
    assert first.document_id == again.document_id


def test_too_few_are_refused(ward: Ward):
    with pytest.raises(NotEnoughStock):
        do(ward, services.use_cylinders, OX001=11)
    with pytest.raises(NotEnoughStock):
        do(ward, services.send_empties, OX001=7)
    with pytest.raises(InvalidInput):
        do(ward, services.send_empties, OX009=1)
    with pytest.raises(InvalidInput):
        do(ward, services.use_cylinders)


def test_hours_left_from_patients_and_from_a_total(ward: Ward):
    found = state(ward)
    gas = 10 * 6000 + 4 * 1500
    assert found.gas_litres == pytest.approx(gas + 1000 / 1.141 * 860)
    assert (found.hours_left, found.urgency) == (None, "")
    say_flow(ward, severe_patients=3, critical_patients=1)
    found = state(ward)
    assert found.litres_per_minute == 60
    assert not found.is_estimated
    assert not found.is_stale
    assert found.hours_left == pytest.approx(found.gas_litres / 60 / 60)
    say_flow(ward, litres_per_minute=2000, open_cylinders=[OpenCylinder("OX001", 80)])
    found = state(ward)
    assert found.open_gas_litres == 3200
    assert found.urgency == "danger"
    with acting_as(ward.world.people[ward.keeper]):
        assert [f.litres_per_minute for f in queries.flow_history(ward.id)] == [2000, 60]


def test_without_a_word_the_last_seven_days_say_it(ward: Ward):
    do(ward, services.use_cylinders, OX001=7, happened_on=days(-3))
    do(ward, services.use_cylinders, OX001=1, happened_on=days(-12))
    found = state(ward)
    assert found.is_estimated
    assert found.litres_per_minute == pytest.approx(7 * 6000 / (7 * 1440))


def test_a_flow_is_kept_once_and_never_changed(ward: Ward):
    key = uuid4()
    assert say_flow(ward, litres_per_minute=10, client_key=key) == say_flow(
        ward, litres_per_minute=10, client_key=key
    )
    with (
        acting_as(ward.world.people[ward.keeper]),
        pytest.raises(SupplyError),
        transaction() as session,
    ):
        session.execute(text("UPDATE oxygen_flow SET litres_per_minute = 1"))


def test_an_old_flow_is_called_old(ward: Ward):
    say_flow(ward, litres_per_minute=10)
    found = state(ward)
    from dataclasses import replace
    from datetime import timedelta

    assert replace(found, now=found.now + timedelta(hours=13)).is_stale


def test_others_neither_see_nor_write(ward: Ward):
    with acting_as(ward.world.people["kho_tb"]), pytest.raises(NotFound):
        queries.at(ward.id)
    with pytest.raises(NotAllowed):
        say_flow(ward, "kehoach", litres_per_minute=5)
    with acting_as(ward.world.people["kehoach"]):
        assert ward.id in {one.facility_id for one in queries.board() if one.holds_anything}


def test_what_is_typed_wrong_is_named(ward: Ward):
    for more, field in (
        ({"severe_patients": -1}, "severe_patients"),
        ({"litres_per_minute": 2_000_000}, "litres_per_minute"),
        ({"open_cylinders": [OpenCylinder("OX001", 900)]}, "open_cylinders"),
    ):
        with pytest.raises(InvalidInput) as refused:
            say_flow(ward, **more)
        assert refused.value.faults[0].field == field
