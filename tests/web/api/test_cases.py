"""Cases by another program: what counts, what was known, and a batch sent once."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest

from supply.core.clock import stand_on
from tests.web.api.conftest import Depot, Program

DAY = dt.date(2022, 3, 3)


@pytest.fixture
def sender(depot: Depot) -> Program:
    """The planner's program, on a day on which the wards were still there."""
    stand_on(dt.date(2022, 3, 12))
    return depot.program("kehoach")


def rows(cases: int, *wards: str, days: int = 4) -> list[dict[str, object]]:
    return [
        {"ward": ward, "on": (DAY - dt.timedelta(days=n)).isoformat(), "cases": cases + n}
        for ward in wards
        for n in range(days)
    ]


def batch(cases: int, *wards: str, **more: object) -> dict[str, object]:
    return {"source": "phần mềm giám sát", "rows": rows(cases, *wards)} | more


def test_a_batch_is_sent_once_and_read_page_by_page(sender, depot):
    key = str(uuid4())
    first = sender.send("/cases", batch(5, "00001", "Trúc Bạch"), key)
    assert first.status_code == 201, first.text
    assert first.json["result"]["added"] == 8
    again = sender.send("/cases", batch(5, "00001", "Trúc Bạch"), key)
    assert (again.status_code, again.json) == (200, first.json)
    other = sender.send("/cases", batch(6, "00001"), key)
    assert other.status_code == 409
    assert other.mimetype == "application/problem+json"
    nothing_new = sender.send("/cases", batch(5, "00001"))
    assert nothing_new.status_code == 200
    assert nothing_new.json["result"]["batch_id"] is None
    seen, after = [], ""
    while True:
        page = sender.get(f"/cases?district=ba-dinh&limit=3{after}").json
        seen += page["result"]
        if page["next_after"] is None:
            break
        after = f"&after={page['next_after']}"
    mine = [(r["ward"], r["on"]) for r in seen if r["ward"] in {"00001", "00004"}]
    assert len(mine) == len(set(mine)) == 8
    assert mine == sorted(mine)


def test_a_correction_counts_and_the_past_stays_known(sender, depot):
    sender.send("/cases", batch(5, "00006"))
    changed = sender.send("/cases", batch(9, "00006")).json["result"]
    assert (changed["added"], changed["changed"]) == (0, 4)
    now = sender.found(f"/cases?ward=00006&from={DAY}&to={DAY}")
    assert [r["cases"] for r in now] == [9]
    yesterday = (dt.datetime.now(dt.UTC) - dt.timedelta(days=2)).date()
    assert sender.found(f"/cases?ward=00006&as_known_on={yesterday}") == []


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        ({"ward": "99999", "on": "2022-03-03", "cases": 1}, "ward", "chưa rõ"),
        ({"ward": "00001", "on": "2022-03-20", "cases": 1}, "on", "ngày chưa đến"),
        ({"ward": "00001", "on": "2019-03-03", "cases": 1}, "on", "chưa có dịch"),
        ({"ward": "00001", "on": "2022-03-03", "cases": 1, "days": 7}, "on", "không phải thứ Bảy"),
        ({"ward": "00001", "on": "2022-02-26", "cases": -4, "days": 7}, "cases", "không được âm"),
        ({"ward": "00001", "on": "2022-03-03", "cases": 1.5}, "cases", "số nguyên"),
        ({"ward": "00001", "on": "03/03/2022", "cases": 1}, "on", "2022-03-05"),
        ({"ward": "00001", "on": "2022-03-03", "cases": 1, "days": 2}, "days", "1 (ngày) hoặc 7"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_kept(row, field, words, sender, depot):
    before = depot.one("SELECT count(*) FROM case_report")
    good = rows(50, "00007", days=1)
    answer = sender.send("/cases", {"source": "x", "rows": [*good, row]})
    assert answer.status_code == 422, answer.text
    (fault,) = answer.json["faults"]
    assert (fault["field"], fault["line"]) == (field, 2)
    assert words in fault["message"], fault
    assert depot.one("SELECT count(*) FROM case_report") == before


def test_only_planners_send_and_only_their_district_is_seen(sender, depot):
    assert depot.program("truong").send("/cases", batch(5, "00001")).status_code == 403
    assert depot.program("kho_px").get("/cases").status_code == 403
    assert (
        depot.program("kehoach", may_write=False).send("/cases", batch(1, "00001")).status_code
        == 403
    )
    assert sender.get("/cases?district=rach-gia").status_code == 404
    assert sender.get("/cases?ward=30730").status_code == 404
