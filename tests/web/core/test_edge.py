"""The web's edge: who gets in, what a page carries, what is refused and how it is said."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from supply.core import accounts
from supply.core.database import Database
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def test_every_page_carries_the_security_headers(app: Flask) -> None:
    headers = app.test_client().get("/login/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_session_cookie_is_for_this_site_only(client_for: ClientFor) -> None:
    browser = client_for("kho_px")
    cookie = browser.client.get("/lang/en", headers={"Referer": "/"}).headers.getlist("Set-Cookie")
    session = next(c for c in cookie if c.startswith("session="))
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session


def test_a_stranger_is_asked_to_sign_in(app: Flask) -> None:
    answer = app.test_client().get("/stock/?q=khau+trang")
    assert answer.status_code == 302
    assert answer.location.startswith("/login/?next=")


def test_a_form_without_its_token_changes_nothing(client_for: ClientFor) -> None:
    answer = client_for("quantri").client.post("/funds/add", data={"code": "X", "name_vi": "X"})
    assert answer.status_code == 400
    assert "chưa có gì thay đổi" in answer.text


@pytest.mark.parametrize("path", ["/logout/", "/funds/delete/1", "/users/delete/1"])
def test_nothing_is_changed_by_following_a_link(client_for: ClientFor, path: str) -> None:
    assert client_for("quantri").get(path).status_code == 405


def test_signing_out_by_the_button(client_for: ClientFor) -> None:
    browser = client_for("kho_px")
    assert browser.submit("/sign-out").status_code == 302
    assert browser.get("/").location == "/login/"


def test_after_five_failures_a_name_has_to_wait_even_with_the_right_password(
    app: Flask, people: dict[str, int]
) -> None:
    from tests.conftest import PASSWORD

    client = app.test_client()
    data = {"username": "kho_px", "csrf_token": token_of(client.get("/login/").text)}
    for _ in range(5):
        client.post("/login/", data=data | {"password": "sai-mat-khau-1"})
    client.post("/login/", data=data | {"password": PASSWORD})
    page = client.get("/login/").text
    assert client.get("/").location == "/login/"
    assert 'name="login"' in page
    other = app.test_client()
    data = {"username": "kho_tb", "csrf_token": token_of(other.get("/login/").text)}
    assert other.post("/login/", data=data | {"password": PASSWORD}).location == "/"


def test_the_first_login_link_leads_to_a_password_and_then_nowhere(
    app: Flask, db: Database
) -> None:
    with Session(db.owner_engine) as session:
        new = accounts.NewUser(
            "moi", "Lê", "Mới", "storekeeper", "moi@example.invalid", ["BD-TYT-01"]
        )
        link = f"/first-login/{accounts.first_login_token(accounts.create_user(session, new))}"
        session.commit()
    client = app.test_client()
    page = client.get(link).text
    assert "moi" in page
    form = {"csrf_token": token_of(page), "password": "ngan", "again": "ngan"}
    refused = client.post(link, data=form)
    assert refused.status_code == 422
    assert "ít nhất 10 ký tự" in refused.text
    good = form | {"password": "Tram-y-te-2022", "again": "Tram-y-te-2022"}
    assert client.post(link, data=good).location == "/login/"
    gone = client.get(link)
    assert gone.status_code == 404
    assert "đã dùng hoặc hết hạn" in gone.text


def test_a_person_changes_their_own_password(client_for: ClientFor, app: Flask) -> None:
    browser = client_for("kho_px")
    weak = browser.submit("/resetmypassword/form", password="ngan", conf_password="ngan")
    assert "ít nhất 10 ký tự" in weak.text
    new = "Kho-moi-hon-2022"
    changed = browser.submit("/resetmypassword/form", password=new, conf_password=new)
    assert changed.status_code == 302
    fresh = app.test_client()
    form = {"username": "kho_px", "password": new}
    form["csrf_token"] = token_of(fresh.get("/login/").text)
    assert fresh.post("/login/", data=form).location == "/"


def test_no_permission_says_whose_it_needs(client_for: ClientFor) -> None:
    answer = client_for("kho_px").get("/funds-spending/")
    assert answer.status_code == 403
    assert "tài chính" in answer.text


def test_the_language_stays_chosen(client_for: ClientFor) -> None:
    browser = client_for("kho_px")
    browser.get("/lang/en")
    assert '<html lang="en">' in browser.text("/")
    browser.submit("/sign-out")
    assert '<html lang="en">' in browser.client.get("/login/").text


def test_master_data_is_read_by_all_and_written_by_the_administrator(client_for: ClientFor) -> None:
    keeper = client_for("kho_px")
    assert "Khẩu trang N95" in keeper.text("/items/list/?_flt_2_search=khau+trang")
    assert "Khẩu trang N95" in keeper.text("/items/list/?_flt_2_search=khẩu+trang")
    assert keeper.get("/items/add").status_code in {302, 403}
    admin = client_for("quantri")
    fund = {
        "code": "QMOI",
        "name_vi": "Quỹ mới",
        "name_en": "New fund",
        "kind": "other",
        "active": "y",
    }
    assert admin.submit("/funds/add", **fund).status_code == 302
    assert "Quỹ mới" in admin.text("/funds/list/?_flt_2_code=QMOI")


def test_an_item_without_inn_is_entered_and_found_without_diacritics(client_for: ClientFor) -> None:
    admin = client_for("quantri")
    item = {
        "code": "PH900",
        "name_vi": "Kính chắn giọt bắn trẻ em",
        "name_en": "Face shield, child",
        "category": "ppe",
        "base_unit_vi": "chiếc",
        "base_unit_en": "each",
        "litres_per_unit": "0.5",
        "cold_chain": "none",
        "active": "y",
    }
    answer = admin.submit("/items/add", **item)
    assert answer.status_code == 302, re.findall(r'class="fault">([^<]*)', answer.text)
    assert "PH900" in admin.text("/items/list/?_flt_2_search=kinh+chan+giot")


def test_an_unknown_sort_column_is_no_server_error(client_for: ClientFor) -> None:
    answer = client_for("quantri").get("/items/list/?_oc_ItemView=nothing&_od_ItemView=asc")
    assert answer.status_code < 500


def test_problem_details_for_programs(client_for: ClientFor) -> None:
    answer = client_for("kho_px").client.get("/jobs/999999", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == 404


def test_a_body_over_the_limit_is_refused_early(client_for: ClientFor) -> None:
    browser = client_for("kho_px")
    answer = browser.client.post(
        "/sign-out", data={"csrf_token": browser.token, "note": "x" * (21 * 1024 * 1024)}
    )
    assert answer.status_code == 413
