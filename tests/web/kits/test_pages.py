"""Pages of kits, as a browser asks for them."""

from __future__ import annotations

import re

from tests.web.kits.conftest import key_of

A = "/kits/TUI-A"


def test_kits_are_assembled_and_issued_on_their_page_once(client_for, stocked):
    place = stocked(TH001=100, TH024=70)
    kho = client_for("kho_px")
    assert "Túi thuốc A" in kho.text("/kits/")
    page = kho.text(f"{A}?count=3")
    assert "Kho còn lắp được" in page
    key = key_of(page)
    for _ in range(2):  # a double click
        assert (
            kho.submit(f"{A}/assemble", facility=place, count="3", client_key=key).status_code
            == 302
        )
    assert "LB-" in kho.text(A)
    key = key_of(kho.text(A))
    refused = kho.submit(f"{A}/issue", facility=place, count="4", client_key=key)
    assert refused.status_code == 409
    assert "còn 3 bộ đã lắp" in refused.text
    done = kho.submit(
        f"{A}/issue",
        facility=place,
        count="2",
        client_key=key,
        recipient="Tổ 5",
        purpose="home_patient",
    )
    assert done.status_code == 302
    assert "Tổ 5" in kho.text(A)
    assert re.search(r"Bộ cơ số sẵn sàng.*?1 ", kho.text("/"), re.S)


def test_a_set_by_beds_says_what_is_missing_and_leads_on(client_for, stocked):
    stocked(TB029=8)
    kho = client_for("kho_px")
    page = kho.text("/kits/MO-GIUONG?count=10")
    assert "thiếu 2" in page
    assert re.search(r"/requests/new\?facility=\d+&lines=", page)
    assert "giả định" in page
    link = re.search(r'href="(/requests/new[^"]+)"', page)[1]
    asked = kho.text(link)
    assert "TB029" in asked
    assert 'value="2"' in asked
    assert "TB029%3A2" in kho.get("/kits/MO-GIUONG?count=10").text


def test_only_officers_see_and_use_the_form_of_components(client_for):
    kho, planner = client_for("kho_px"), client_for("kehoach")
    assert "Sửa thành phần" not in kho.text(A)
    assert kho.get(f"{A}/edit").status_code == 403
    page = planner.text(f"{A}/edit")
    assert "TH001" in page
    form = {
        "valid_from": "01/11/2026",
        "item": ["TH001 Paracetamol"],
        "quantity": ["20"],
        "per_beds": [""],
    }
    bad = planner.submit(f"{A}/edit", **form, source="")
    assert bad.status_code == 422
    assert "căn cứ" in bad.text
    assert planner.submit(f"{A}/edit", **form, source="CV 99/YT").status_code == 302
    assert "CV 99/YT" in planner.text(f"{A}/edit")


def test_an_officer_adds_a_kit(client_for):
    kho, planner = client_for("kho_px"), client_for("kehoach")
    assert kho.get("/kits/new").status_code == 403
    form = {
        "code": "tui-d",
        "name_vi": "Túi D",
        "kind": "home_bag",
        "valid_from": "01/11/2026",
        "source": "CV 100/YT",
        "item": ["TH001 Paracetamol", ""],
        "quantity": ["10", ""],
        "per_beds": ["", ""],
    }
    assert "Thêm bộ cơ số" in planner.text("/kits/new")
    bad = planner.submit("/kits/new", **{**form, "code": "?", "name_vi": ""})
    assert bad.status_code == 422
    assert "TH001 Paracetamol" in bad.text
    assert planner.submit("/kits/new", **form).status_code == 302
    assert planner.submit("/kits/new", **form).status_code == 409
    assert "Túi D" in kho.text("/kits/")


def test_what_is_typed_wrong_changes_nothing(client_for, stocked):
    place = stocked(TH001=100, TH024=70)
    kho = client_for("kho_px")
    key = key_of(kho.text(A))
    for count in ("", "abc", "0", "1,5", "-1"):
        answer = kho.submit(f"{A}/assemble", facility=place, count=count, client_key=key)
        assert answer.status_code == 422, count
    assert kho.submit(f"{A}/assemble", facility=place, count="1", client_key="x").status_code == 422
    assert kho.get("/kits/KHONG-CO").status_code == 404
    assert "<b>0</b>" in kho.get("/kits/").text


def test_pages_read_in_english_too(client_for):
    kho = client_for("kho_px")
    kho.get("/lang/en")
    assert "Assemble from the store" in kho.text(A)
    assert "Home bag A" in kho.text("/kits/")
