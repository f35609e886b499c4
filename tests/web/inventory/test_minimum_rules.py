"""How many days of use are a minimum: set by who may, from a day on, never overwritten."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from supply.core.scope import acting_as
from supply.inventory import minimum_rules
from tests.web.inventory.conftest import Store, day


def rules_of(store: Store) -> int:
    return int(store.one("SELECT count(*) FROM stock_minimum_rule"))


def days_at(people: dict[str, int], place: int) -> tuple[int, str]:
    with acting_as(people["kehoach"]):
        found = next(r for r in minimum_rules.store_rules() if r.facility_id == place)
    return found.days_of_use, found.of


def test_a_store_comes_before_its_district_and_that_before_all(
    client_for: Any, store: Store, people: dict[str, int]
) -> None:
    planner, place = client_for("kehoach"), store.places["BD-TYT-01"]
    district = store.one("SELECT district_id FROM facility WHERE code = 'BD-TYT-01'")
    assert days_at(people, place) == (30, "all")
    form = {"of": f"district-{district}", "days": "45", "from": "", "reason": "Mùa dịch"}
    assert planner.submit("/minimum-rules/set", **form).status_code == 302
    assert days_at(people, place) == (45, "district")
    own = {"of": f"facility-{place}", "days": "14", "from": day(0), "reason": "Gần kho quận"}
    assert planner.submit("/minimum-rules/set", **own).status_code == 302
    assert days_at(people, place) == (14, "store")
    page = planner.text("/minimum-rules/")
    for words in ("Mùa dịch", "Gần kho quận", "riêng cơ sở", "của quận, huyện", "đang áp dụng"):
        assert words in page
    assert "14 ngày dùng" in planner.text(f"/stock-reports/minimum/?facility={place}&of=all") or (
        store.one("SELECT count(*) FROM balance") == 0
    )
    assert planner.submit("/minimum-rules/set", **own | {"days": ""}).status_code == 302
    assert days_at(people, place) == (45, "district")
    assert rules_of(store) == 4  # nothing was overwritten


def test_a_rule_of_a_later_day_waits_for_it(
    client_for: Any, store: Store, people: dict[str, int]
) -> None:
    planner, place = client_for("kehoach"), store.places["BD-TYT-01"]
    later = {"of": f"facility-{place}", "days": "60", "from": day(10), "reason": ""}
    assert planner.submit("/minimum-rules/set", **later).status_code == 302
    assert days_at(people, place) == (30, "all")
    assert "sắp áp dụng" in planner.text("/minimum-rules/")
    then = "SELECT stock_minimum_days(:place, supply_today() + 10)"
    with store.db.owner_engine.connect() as owner:
        assert owner.execute(text(then), {"place": place}).scalar() == 60


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"days": "366"}, "Số ngày dùng từ 0 đến 365"),
        ({"days": "1,5"}, "Số ngày dùng phải là số nguyên"),
        ({"days": "-1"}, "Số ngày dùng phải là số nguyên"),
        ({"from": "32/01/2022"}, "Hãy ghi ngày dạng"),
        ({"from": day(-1)}, "có hiệu lực từ hôm nay"),
        ({"from": day(400)}, "có hiệu lực từ hôm nay"),
        ({"of": "facility-x"}, "Hãy chọn nơi áp dụng"),
        ({"reason": "x" * 201}, "Lý do tối đa 200 ký tự"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_changes(
    client_for: Any, store: Store, changed: dict[str, str], said: str
) -> None:
    planner = client_for("kehoach")
    form = {"of": f"facility-{store.places['BD-TYT-01']}", "days": "20", "from": "", "reason": ""}
    answer = planner.submit("/minimum-rules/set", **form | changed)
    assert answer.status_code == 422
    assert said in answer.text
    assert rules_of(store) == 1


def test_only_who_may_sets_and_only_for_their_own(
    client_for: Any, store: Store, people: dict[str, int]
) -> None:
    mine, other = store.places["BD-TYT-01"], store.places["BD-TYT-02"]
    for name in ("kho_px", "taichinh", "thanhtra"):
        who = client_for(name)
        assert "Đặt quy định" not in who.text("/minimum-rules/")
        answer = who.submit("/minimum-rules/set", of=f"facility-{mine}", days="9")
        assert answer.status_code == 403
    with store.db.owner_engine.begin() as owner:
        owner.execute(
            text(
                "UPDATE ab_user_role SET role_id = (SELECT id FROM ab_role WHERE name = 'facility_head')"
                " WHERE user_id = :user"
            ),
            {"user": people["kho_px"]},
        )
    head = client_for("kho_px")
    assert head.submit("/minimum-rules/set", of=f"facility-{other}", days="9").status_code == 403
    assert head.submit("/minimum-rules/set", of="all", days="9").status_code == 403
    assert head.submit("/minimum-rules/set", of=f"facility-{mine}", days="9").status_code == 302
    assert days_at(people, mine) == (9, "store")
    assert rules_of(store) == 2
