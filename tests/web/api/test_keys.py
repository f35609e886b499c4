"""API keys: shown once, kept as a hash, narrowed, dated, revoked; never more than their owner."""

from __future__ import annotations

import datetime as dt
import logging
import re
from uuid import uuid4

import pytest
from sqlalchemy import text

from supply.core import api_keys
from supply.core.errors import InvalidInput, NotAllowed, NotFound
from supply.core.scope import Narrowing, acting_as, set_acting_user
from supply.core.transaction import reading, transaction
from tests.web.api.conftest import TODAY


def test_a_key_is_kept_as_a_hash_and_opens_what_its_owner_may_see(depot, keeper):
    assert re.fullmatch(r"supply_[\w-]{43}", keeper.key)
    kept = depot.one("SELECT string_agg(to_jsonb(k)::text, '') FROM api_key k")
    assert keeper.key not in kept
    assert [f["code"] for f in keeper.found("/facilities")] == ["BD-TYT-01"]
    assert depot.one("SELECT last_used_at IS NOT NULL FROM api_key ORDER BY id DESC LIMIT 1")


@pytest.mark.parametrize(
    "header",
    ["Bearer supply_wrong", "Bearer", "Bearer ", "Basic a3B4Og==", "Bearer a.b.c", "supply_x",
     "Bearer \xe9\xe8", "Bearer supply_" + "x" * 5000],
)  # fmt: skip
def test_without_a_good_key_nobody_comes_in(depot, header):
    client = depot.app.test_client()
    for method, path in (("GET", "stock"), ("POST", "documents"), ("DELETE", "drafts/1")):
        answer = client.open(
            f"/api/v1/{path}", method=method, headers={"Authorization": header}, json={}
        )
        assert answer.status_code == 401, (method, answer.text)
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_an_expired_and_a_closed_accounts_key_say_so(depot):
    keeper = depot.program("kho_px")
    with acting_as(depot.people["kho_px"]):
        api_keys.revoke_key(api_keys.held_keys()[0].id)
        api_keys.revoke_key(api_keys.held_keys()[0].id)  # twice is no harm
    answer = keeper.get("/stock")
    assert answer.status_code == 401
    assert "thu hồi" in answer.json["title"]
    keeper = depot.program("kho_px")
    depot.change("ALTER TABLE api_key DISABLE TRIGGER api_key_keep")
    depot.change(
        "UPDATE api_key SET created_at = now() - interval '9 days',"
        " expires_at = now() - interval '1 second' WHERE id = (SELECT max(id) FROM api_key)"
    )
    depot.change("ALTER TABLE api_key ENABLE TRIGGER api_key_keep")
    assert "hết hạn" in keeper.get("/stock").json["title"]
    keeper = depot.program("kho_tb")
    depot.change("UPDATE ab_user SET active = false WHERE username = 'kho_tb'")
    assert keeper.get("/stock").status_code == 401
    depot.change("UPDATE ab_user SET active = true WHERE username = 'kho_tb'")
    assert keeper.get("/stock").status_code == 200


def test_a_reading_key_changes_nothing_whatever_it_calls(depot):
    reader = depot.program("kho_px", may_write=False)
    before = depot.one("SELECT count(*) FROM document"), depot.one("SELECT count(*) FROM draft")
    for path, body in (
        ("/documents", depot.receipt()),
        ("/drafts", depot.receipt()),
        ("/documents/1/reversal", {"reason": "x"}),
        ("/drafts/1/post", None),
    ):
        assert reader.send(path, body).status_code == 403, path
    after = depot.one("SELECT count(*) FROM document"), depot.one("SELECT count(*) FROM draft")
    assert before == after
    # Beneath the endpoints too: its transactions cannot write.
    set_acting_user(depot.people["kho_px"], Narrowing(may_write=False))
    try:
        with reading() as session:
            assert session.execute(text("SELECT supply_write_ids()")).scalar() == []
        with pytest.raises(NotAllowed), transaction() as session:
            session.execute(
                text(
                    "INSERT INTO draft (facility_id, kind, payload, created_by)"
                    " VALUES (1, 'issue', '{}', 1)"
                )
            )
    finally:
        set_acting_user(None)


def test_a_key_for_one_facility_sees_that_one_only(depot):
    wide, narrow = depot.program("kehoach"), depot.program("kehoach", place="BD-TYT-02")
    assert len(wide.found("/facilities")) > 2
    assert [f["code"] for f in narrow.found("/facilities")] == ["BD-TYT-02"]
    other = depot.places["BD-TYT-01"]
    assert narrow.get(f"/stock?facility={other}").status_code == 404
    set_acting_user(depot.people["kehoach"], Narrowing(True, depot.places["BD-TYT-02"]))
    try:
        with reading() as session:
            assert not session.execute(text("SELECT supply_has_role('planner')")).scalar()
    finally:
        set_acting_user(None)


def test_a_key_is_never_wider_than_its_owner_nor_made_for_another_facility(depot):
    with acting_as(depot.people["kho_px"]), pytest.raises(InvalidInput):
        api_keys.make_key(
            "x", may_write=True, facility_id=depot.places["BD-TYT-02"],
            last_day=TODAY + dt.timedelta(days=1),
        )  # fmt: skip
    keeper = depot.program("kho_px", place="BD-TYT-01")
    depot.change(
        "DELETE FROM user_scope WHERE user_id = :id", id=depot.people["kho_px"]
    )  # moved to another post: the key goes with the person
    try:
        assert keeper.found("/facilities") == []
        assert keeper.send("/documents", depot.receipt()).status_code in {403, 404}
    finally:
        depot.change(
            "INSERT INTO user_scope (user_id, facility_id) VALUES (:id, :place)",
            id=depot.people["kho_px"], place=depot.places["BD-TYT-01"],
        )  # fmt: skip


@pytest.mark.parametrize(("name", "days"), [("", 3), ("x", -1), ("x", 366), ("a\nb", 3)])
def test_a_key_needs_a_name_and_ends_within_a_year(depot, name, days):
    with acting_as(depot.people["kho_px"]), pytest.raises(InvalidInput):
        api_keys.make_key(
            name, may_write=False, facility_id=None, last_day=TODAY + dt.timedelta(days=days)
        )


def test_only_its_owner_and_the_administrator_end_a_key(depot):
    keeper = depot.program("kho_px")
    key_id = depot.one("SELECT max(id) FROM api_key")
    with acting_as(depot.people["kho_tb"]):
        assert key_id not in [k.id for k in api_keys.held_keys()]
        with pytest.raises(NotFound):
            api_keys.revoke_key(key_id)
    assert keeper.get("/stock").status_code == 200
    with acting_as(depot.people["quantri"]):
        api_keys.revoke_key(key_id)
    assert keeper.get("/stock").status_code == 401
    assert (
        depot.one("SELECT revoked_by FROM api_key WHERE id = :id", id=key_id)
        == depot.people["quantri"]
    )


def test_nobody_makes_a_key_in_anothers_name_nor_changes_one(depot):
    depot.program("kho_px")
    mine = "UPDATE api_key SET expires_at = now() + interval '90 days'"
    theirs = (
        "INSERT INTO api_key (user_id, name, key_hash, hint, may_write, expires_at)"
        f" VALUES ({depot.people['kho_px']}, 'x', repeat('0', 64), 'x', true, now() + interval '1 day')"
    )
    for who, sql in (("kho_px", mine), ("quantri", theirs), ("kho_tb", theirs)):
        with acting_as(depot.people[who]), pytest.raises(NotAllowed), transaction() as session:
            session.execute(text(sql))


def test_too_many_requests_a_minute_are_told_to_wait(depot, keeper):
    depot.app.config["API_RATE_LIMIT"] = "3 per minute"
    try:
        statuses = [keeper.get("/funds").status_code for _ in range(5)]
    finally:
        depot.app.config["API_RATE_LIMIT"] = "100000 per minute"
    assert statuses.count(200) == 3
    depot.app.config["API_REFUSED_LIMIT"] = "2 per hour"
    client = depot.app.test_client()
    try:
        told = [
            client.get("/api/v1/funds", headers={"Authorization": f"Bearer supply_{uuid4()}"})
            for _ in range(4)
        ]
    finally:
        depot.app.config["API_REFUSED_LIMIT"] = "100000 per minute"
    assert [t.status_code for t in told] == [401, 401, 429, 429]
    assert told[-1].headers["Retry-After"] == "60"


def test_a_key_stands_in_no_log(depot, keeper, caplog):
    with caplog.at_level(logging.DEBUG):
        keeper.get("/stock")
        keeper.send("/documents", {"kind": "issue"})
        keeper.get("/stock?limit=x")
    secret = keeper.key.removeprefix("supply_")
    assert secret not in caplog.text
