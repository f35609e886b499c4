"""The page that tells why, as a planner and a storekeeper read it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import text

from supply.allocation import queries
from supply.allocation.explaining.insight import insight
from supply.allocation.instance_json import parse_instance
from supply.allocation.plan import plan_from_json
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.core.transaction import transaction
from tests.integration.allocation.conftest import DEPOT, SHORT, Town, proposed, town
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]
__all__ = ["proposed", "town"]


@pytest.fixture
def db(shared_db: Database) -> Database:
    """One database for this file."""
    return shared_db


@pytest.fixture
def people(shared_people: dict[str, int]) -> dict[str, int]:
    """And its people."""
    return shared_people


def test_the_insight_is_kept_with_the_plan_and_can_be_made_again(town: Town, proposed: int) -> None:
    with acting_as(town.people["kehoach"]):
        kept = queries.plan(proposed).compared["insight"]
        asked = parse_instance(queries.stored(proposed, "instance"))
        result = plan_from_json(queries.stored(proposed, "result"))
    again = insight(asked, result, seconds=60.0)
    assert kept["sides"] == again["sides"]
    assert kept["moved"] == again["moved"]
    receivers = {side["facility"] for side in kept["sides"] if side["gets"]["lines"]}
    assert SHORT in receivers
    assert kept["looked_at"]["of"] == again["looked_at"]["of"]


def test_the_page_tells_what_binds_place_by_place_in_both_languages(
    client_for: ClientFor, town: Town, proposed: int
) -> None:
    planner = client_for("kehoach")
    page = planner.text(f"/plans/{proposed}/why")
    assert "Phần còn thiếu vướng ở đâu" in page
    assert f'id="why-{SHORT}"' in page
    assert "Ai cho, ai nhận" in page
    assert "Thêm một chút thì được gì" in page
    assert 'aria-current="page">Vì sao' in page
    place = planner.text(f"/plans/{proposed}/why?place={SHORT}")
    assert "Cho và nhận, từng mặt hàng" in place
    assert all(item in place for item in town.items)
    planner.get("/lang/en")
    english = planner.text(f"/plans/{proposed}/why")
    assert "What holds the rest back" in english
    assert "Who gives, who receives" in english
    assert "Phần còn thiếu" not in english


def test_whoever_may_read_the_plan_may_read_why_and_a_wrong_place_is_said(
    client_for: ClientFor, town: Town, proposed: int
) -> None:
    keeper = client_for("kho_px")
    assert "vướng ở đâu" in keeper.text(f"/plans/{proposed}/why")
    assert keeper.get(f"/plans/{proposed}/why?place=KHONG-CO").status_code == 404
    assert keeper.get("/plans/999999/why").status_code == 404
    assert keeper.text(f"/plans/{proposed}/why?place={DEPOT}")


def test_a_plan_from_before_insights_shows_its_reasons_and_says_so(
    client_for: ClientFor, town: Town, proposed: int
) -> None:
    with acting_as(town.people["kehoach"]), transaction() as session:
        old = session.execute(
            text(
                "INSERT INTO plan (district_id, run_id, policy, params, instance, result,"
                " comparison, created_by) SELECT district_id, run_id, policy, params, instance,"
                " result, comparison - 'insight', supply_user_id() FROM plan WHERE id = :id"
                " RETURNING id"
            ),
            {"id": proposed},
        ).scalar_one()
        reason = session.scalar(
            text("SELECT result->'reasons'->0->>'text_vi' FROM plan WHERE id = :id"), {"id": old}
        )
    page = client_for("kehoach").text(f"/plans/{old}/why")
    assert "trước khi hệ thống lưu phần giải thích" in page
    assert json.dumps(str(reason).split(":", 1)[0], ensure_ascii=False).strip('"') in page
