"""Pages of counts, as a browser asks for them."""

from __future__ import annotations

import json
import re

from tests.web.counts.conftest import TODAY


def opened(browser, place, **more) -> str:
    form = browser.text("/counts/new")
    key = re.search(r'name="client_key" value="([^"]+)"', form)[1]
    answer = browser.submit(
        "/counts/new",
        **{
            "client_key": key,
            "facility": place,
            "counted_on": f"{TODAY:%d/%m/%Y}",
            "scope": "all",
            **more,
        },
    )
    assert answer.status_code == 302, answer.text[:800]
    return answer.headers["Location"].removesuffix("/sheet")


def config(browser, url: str) -> dict:
    page = browser.get(f"{url}/sheet").text
    return json.loads(re.search(r'id="count-config"[^>]*>(.*?)</script>', page, re.S)[1])


def save(browser, url: str, *tallies: dict):
    return browser.send(f"{url}/save", {"tallies": list(tallies)})


def test_a_count_through_its_pages(client_for, goods):
    place = goods(3)
    kho = client_for("kho_px")
    url = opened(kho, place)
    lines = config(kho, url)["lines"]
    assert [line["lot"] for line in lines] == ["L0000", "L0001", "L0002"] or len(lines) == 3
    assert not any("100" in json.dumps(line["tally"]) for line in lines)
    done = save(kho, url, *({"line_id": line["id"], "quantity": 100} for line in lines[:2]))
    assert done.status_code == 200
    save(kho, url, {"line_id": lines[2]["id"], "quantity": 97, "poor": 2, "note": "hộp móp"})
    assert "Đã đếm 3/3 lô" in kho.text(url)
    assert kho.submit(f"{url}/compare").status_code == 302
    page = kho.text(url)
    assert "thiếu 3" in page
    assert "hộp móp" in page
    seen = re.search(r'name="book_seen" value="([^"]+)"', page)[1]
    form = {"book_seen": seen, "head": "Trần Thị Hoa", "member": "Lê Văn Kho", "member_title": ""}
    refused = kho.submit(f"{url}/resolve", **form)
    assert refused.status_code == 422
    assert "ghi lý do chênh lệch" in refused.text
    assert "Trần Thị Hoa" in refused.text
    first = kho.submit(f"{url}/resolve", **form, reason="Vỡ khi bốc xếp")
    assert first.status_code == 302
    again = kho.submit(f"{url}/resolve", **form, reason="Vỡ khi bốc xếp")
    assert again.status_code == 409
    page = kho.text(url)
    assert "Đã xử lý" in page
    assert "Vỡ khi bốc xếp" in page
    for kind, start in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        minutes = kho.get(f"{url}/minutes.{kind}")
        assert minutes.status_code == 200
        assert minutes.data.startswith(start)
    assert "KK-" in kho.text("/counts/")
    assert "Kiểm kê đang làm" in kho.text("/")


def test_a_sheet_of_1000_lots_opens_and_says_nothing_of_the_book(client_for, goods):
    place = goods(1000)
    kho = client_for("kho_px")
    url = opened(kho, place)
    found = config(kho, url)
    assert len(found["lines"]) == 1000
    tallies = [{"line_id": line["id"], "quantity": 100} for line in found["lines"]]
    for start in range(0, 1000, 200):
        assert save(kho, url, *tallies[start : start + 200]).status_code == 200
    assert kho.submit(f"{url}/compare").status_code == 302
    assert "khớp" in kho.text(f"{url}?show=all")


def test_others_pages_stay_closed(client_for, goods):
    place = goods(2)
    kho = client_for("kho_px")
    url = opened(kho, place)
    other, planner = client_for("kho_tb"), client_for("kehoach")
    assert other.get(url).status_code == 404
    assert planner.get(url).status_code == 200
    assert planner.get(f"{url}/sheet").status_code == 403
    assert planner.submit(f"{url}/compare").status_code == 403


def test_what_is_typed_wrong_is_named(client_for, goods):
    place = goods(2)
    kho = client_for("kho_px")
    url = opened(kho, place)
    line = config(kho, url)["lines"][0]
    for typed, words in (
        ({"quantity": -1}, "số nguyên"),
        ({"quantity": "12"}, "số nguyên"),
        ({"quantity": 5, "poor": 6}, "nhiều hơn số đếm được"),
    ):
        answer = save(kho, url, {"line_id": line["id"], **typed})
        assert answer.status_code == 422
        assert words in answer.text.encode().decode("unicode_escape", "ignore") or words in str(
            answer.json
        )
    assert kho.send(f"{url}/save", {"tallies": "x"}).status_code == 422
    future = kho.submit(
        "/counts/new",
        client_key="8d9ff0b4-0000-4000-8000-000000000001",
        facility=place,
        counted_on="01/01/2099",
        scope="all",
    )
    assert future.status_code == 422
    assert "tương lai" in future.text


def test_a_lot_found_and_a_scan(client_for, goods):
    place = goods(2)
    kho = client_for("kho_px")
    url = opened(kho, place)
    code = config(kho, url)["lines"][0]["code"]
    answer = kho.send(f"{url}/lots", {"item_code": code, "lot_number": "Z1", "expiry": "03/2030"})
    assert answer.json["line"]["expiry"] == "31/03/2030"
    assert answer.json["line"]["found"]
    assert kho.get(f"{url}/scan?code={code}").json["items"][0]["code"] == code
    assert kho.get(f"{url}/scan?code=8934567890123").status_code in (200, 422)
    assert kho.send(f"{url}/lots", {"item_code": "", "lot_number": "Z2"}).status_code == 422
    assert len(kho.get(f"{url}/since/0").json["lines"]) == 1


def test_pages_read_in_english_too(client_for, goods):
    place = goods(2)
    kho = client_for("kho_px")
    url = opened(kho, place)
    kho.get("/lang/en")
    assert "Go on counting" in kho.text(url)
    assert "Count sheet" in kho.text(f"{url}/sheet")
    assert "Count sheet" in kho.text(f"{url}/blank")
