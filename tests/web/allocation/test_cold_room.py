"""Goods of the cold chain have the room of cold vehicles alone. An instance counts a sender's litres
together, so whoever decides is told where a day's cold goods do not fit, before deciding."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from supply.allocation.carrying.queries import carrying
from supply.core.database import Database
from supply.core.scope import acting_as
from tests.integration.allocation.conftest import DEPOT, RICH, Town, build_town
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]
BAND = "2-8"
TRUCK_LITRES, LITTLE, PLENTY = 50_000, 1, 50_000


@pytest.fixture
def cold_town(db: Database, people: dict[str, int]) -> Town:
    """The usual town, where one of the goods must be kept cold."""
    town = build_town(db, people)
    _write(town, "UPDATE item SET cold_chain = :band, litres_per_unit = 0.1 WHERE code = :item")
    return town


def _write(town: Town, sql: str, **values: object) -> None:
    with town.database.owner_engine.begin() as connection:
        connection.execute(text(sql), {"band": BAND, "item": town.items[0]} | values)


def _give_vehicles(town: Town, cold_litres: int | None) -> None:
    """The depot and the rich ward have a truck that keeps no cold, and maybe a cold one."""
    for code in (DEPOT, RICH):
        place = town.places[code]
        _write(town, "DELETE FROM vehicle WHERE facility_id = :place", place=place)
        for litres, band in ((TRUCK_LITRES, "none"), (cold_litres, BAND)):
            if litres is not None:
                _write(
                    town,
                    "INSERT INTO vehicle (facility_id, trips_per_day, litres_per_trip, cold_chain, note)"
                    " VALUES (:place, 1, :litres, :kept, '')",
                    place=place,
                    litres=litres,
                    kept=band,
                )


def test_cold_goods_beyond_the_cold_vehicles_room_are_told_before_anybody_decides(
    cold_town: Town, client_for: ClientFor
) -> None:
    _give_vehicles(cold_town, LITTLE)
    plan_id = cold_town.plan(policy="proportional")
    with acting_as(cold_town.people["duyet"]):
        left = [(one, row) for one in carrying(plan_id).days for row in one.loading.left]
    assert left, "the cold vehicle holds ten units of what is sent by the hundred"
    assert {row.item for _, row in left} == {cold_town.items[0]}
    second = client_for("duyet")
    page = second.text(f"/plans/{plan_id}")
    warning = page.split('id="no-room"', 1)[1].split("</div>", 1)[0]
    for words in (
        "Xe giữ lạnh không chở hết hàng lạnh của ngày đó",
        "Kế hoạch tính chung số lít mọi xe của nơi gửi",
        "lít hàng lạnh chưa có chỗ",
        "Hãy thêm chuyến xe lạnh",
    ):
        assert words in warning, words
    days = {(one.origin, one.day) for one, _ in left}
    assert warning.count("<li>") == min(len(days), 8)
    assert page.index('id="no-room"') < page.index(
        'id="days"' if 'id="days"' in page else "</main>"
    )
    second.get("/lang/en", headers={"Referer": "/"})
    assert "litres of cold goods without room" in second.text(f"/plans/{plan_id}")


def test_with_room_enough_nothing_is_said_and_without_a_cold_vehicle_nothing_cold_leaves(
    cold_town: Town, client_for: ClientFor
) -> None:
    planner = client_for("kehoach")
    _give_vehicles(cold_town, PLENTY)
    roomy = cold_town.plan(policy="proportional")
    assert 'id="no-room"' not in planner.text(f"/plans/{roomy}")
    _give_vehicles(cold_town, None)
    warm = cold_town.plan(policy="proportional")
    with acting_as(cold_town.people["kehoach"]):
        sent = {plan: {row.item for row in carrying(plan).plan.transfers} for plan in (roomy, warm)}
    assert cold_town.items[0] in sent[roomy]
    assert cold_town.items[0] not in sent[warm]
    assert 'id="no-room"' not in planner.text(f"/plans/{warm}")
