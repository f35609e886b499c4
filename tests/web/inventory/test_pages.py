"""The storekeeper's pages show what is in the store, to whom it concerns."""

from __future__ import annotations

import csv
import io
import re

from tests.web.inventory.conftest import day, goods

WRITING = (
    "/documents/new/receipt",
    "/documents/new/issue",
    "/documents/new/transfer_dispatch",
    "/documents/new/transfer_receipt",
    "/documents/new/adjustment",
    "/documents/drafts/",
)
READING = ("/", "/stock/", "/stock/totals", "/documents/", "/lists/inventory.stock.csv")


def test_every_page_answers_on_an_empty_store(client_for):
    kho = client_for("kho_px")
    for url in READING + WRITING:
        kho.text(url)
    assert "Kho chưa có hàng" in kho.text("/stock/")
    kho.get("/lang/en")
    assert "The store is empty" in kho.text("/stock/")


def test_readers_read_and_do_not_write(client_for, store):
    store.receive(client_for("kho_px"), "BD-TYT-01")
    for name in ("kehoach", "taichinh", "thanhtra"):
        reader = client_for(name)
        for url in READING:
            reader.text(url)
        assert "Paracetamol 500 mg" in reader.text("/stock/?q=paracetamol")
        for url in WRITING:
            answer = reader.get(url)
            assert answer.status_code == 403, (name, url)
            assert "thủ kho" in answer.text
        form = store.form("BD-TYT-01", goods())
        assert reader.send("/documents/new/receipt", form).status_code == 403
    assert store.documents() == 1


def test_stock_is_found_by_unmarked_words_state_and_category(client_for, store):
    kho = client_for("kho_px")
    store.receive(
        kho,
        "BD-TYT-01",
        goods(),
        goods("PH001", lot_number="KT", expiry=day(30)),
        goods("PH002", "1"),
    )
    assert "Khẩu trang y tế 3 lớp" in kho.text("/stock/?q=khau+trang+y+te")
    near = kho.text("/stock/?show=near")
    assert "Khẩu trang y tế 3 lớp" in near
    assert "còn 30 ngày" in near
    assert "Paracetamol" not in near
    assert "Không có mặt hàng nào khớp" in kho.text("/stock/?category=vaccine")
    assert "Không có mặt hàng nào khớp" in kho.text("/stock/?show=expired")
    assert "3 dòng, trị giá 1.400.350 ₫" in kho.text("/stock/totals")


def test_a_page_of_stock_leads_to_the_next(client_for, store):
    kho = client_for("kho_px")
    store.receive(
        kho, "BD-TYT-01", *(goods(code, "1", lot_number="L") for code in store_items(store)[:60])
    )
    first = kho.text("/stock/")
    after = first.split("after=")[1].split('"')[0]
    part = kho.get(f"/stock/?after={after}", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert part.count('class="main"') == 10
    rows = list(
        csv.reader(io.StringIO(kho.get("/lists/inventory.stock.csv").text.lstrip("\ufeff")))
    )
    assert len(rows) == 61


def store_items(store) -> list[str]:
    with store.db.owner_engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT code FROM item WHERE active ORDER BY code"
        ).scalars()
        return list(found)


def test_the_export_holds_no_formula(client_for, store):
    kho = client_for("kho_px")
    store.change("UPDATE item SET name_vi = '=HYPERLINK(\"http://x\")' WHERE code = 'TH001'")
    store.receive(kho, "BD-TYT-01")
    answer = kho.get("/lists/inventory.stock.csv?q=TH001&cols=item&cols=quantity")
    assert answer.mimetype == "text/csv"
    row = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))[1]
    assert row == ['\'=HYPERLINK("http://x")', "2000"]


def test_the_card_opens_adds_and_closes(client_for, store):
    kho = client_for("kho_px")
    store.receive(kho, "BD-TYT-01")
    issue = store.form("BD-TYT-01", {"item_code": "TH001", "quantity": "500"})
    assert kho.send("/documents/new/issue", issue).status_code == 200
    item = store.one("SELECT id FROM item WHERE code = 'TH001'")
    page = kho.text(f"/stock/card/{store.places['BD-TYT-01']}/{item}")
    for words in ("Thẻ kho", "PN-", "PX-", "2.000", "500", "1.500", "LO1"):
        assert words in page
    rows = page.split("card-table", 1)[1]
    order = [rows.index(w) for w in ("Tồn cuối kỳ", "PX-", "PN-", "Tồn đầu kỳ")]
    assert order == sorted(order), "the newest first"
    later = kho.text(f"/stock/card/{store.places['BD-TYT-01']}/{item}?from={day(1)}&to={day(9)}")
    assert "Không có nhập, xuất trong kỳ này" in later
    assert "1.500" in later


def test_a_document_shows_who_when_and_its_seal(client_for, store):
    kho = client_for("kho_px")
    document = store.receive(kho, "BD-TYT-01")
    page = kho.text(f"/documents/{document}?posted=1")
    for words in ("Đã ghi sổ phiếu PN-", "700.000 ₫", "NSTP", "2.000 viên", "Ghi sổ bởi"):
        assert words in page
    assert store.one("SELECT hash FROM document")[:12] in page
    listed = kho.text("/documents/?kind=receipt")
    assert f"/documents/{document}" in listed
    assert "Không có phiếu nào khớp" in kho.text("/documents/?number=PX-1")
    assert f"/documents/{document}" in kho.text("/documents/?number=PN-1")
    assert "Không có phiếu nào khớp" in kho.text("/documents/?number=%27%3B--")


def test_a_document_is_reversed_once_and_with_a_reason(client_for, store):
    kho = client_for("kho_px")
    document = store.receive(kho, "BD-TYT-01")
    key = "6f0f8d6e-0000-4000-8000-000000000001"
    answer = kho.submit(f"/documents/{document}/reverse", reason=" ", client_key=key)
    assert answer.status_code == 422
    assert "lý do" in answer.text
    assert store.on_hand("BD-TYT-01") == 2000
    answer = kho.submit(f"/documents/{document}/reverse", reason="Nhập nhầm", client_key=key)
    assert answer.status_code == 302
    again = kho.submit(f"/documents/{document}/reverse", reason="Nhập nhầm", client_key=key)
    assert again.headers["Location"] == answer.headers["Location"]
    assert store.on_hand("BD-TYT-01") == 0
    other = "6f0f8d6e-0000-4000-8000-000000000002"
    third = kho.submit(f"/documents/{document}/reverse", reason="Lần nữa", client_key=other)
    assert third.status_code == 409
    assert "đã được đảo" in third.text
    assert store.documents() == 2
    page = kho.text(f"/documents/{document}")
    assert "Đã đảo bằng phiếu" in page
    assert "Lập phiếu đảo" not in page


def test_odd_addresses_are_no_server_error(client_for):
    kho = client_for("kho_px")
    for url in (
        "/stock/?facility=99999999999999999999",
        "/stock/?facility=²",
        "/stock/?after=TH001~²",
        "/stock/?after=~1",
        "/stock/?after=~~1&group=lot&sort=place&on=31/02/2022",
        "/stock/?sort=none&dir=desc&group=none&near=99999999&fund=1&ward=2&on=01/01/0001",
        "/stock/?q=%25%5C_%27&show=nonsense&category=x",
        "/documents/?after=x&kind=nonsense&from=31/02/2022&to=abc",
        "/documents/999999999",
        "/stock/card/1/999999999",
        "/documents/new/nonsense",
        "/documents/new/reversal",
        "/documents/drafts/123456",
    ):
        assert kho.get(url).status_code in {200, 404}, url


def test_each_figure_at_home_opens_its_list(client_for, store):
    kho = client_for("kho_px")
    store.receive(kho, "BD-TYT-01", goods(), goods("PH001", lot_number="KT", expiry=day(30)))
    home = kho.text("/")
    page = home.split('<main class="page"', 1)[1].split('<div class="phone-only">', 1)[0]
    todo, quiet = page.split("</ul>", 1)
    asked = re.findall(r'<a class="todo (\w+)" href="(/[^"]*)"', todo)
    assert ("warning", "/stock/?show=near") in asked
    figures, none = quiet.split('<p class="nones">', 1)
    assert '<a href="/stock/" class="tile' in figures
    assert '<a href="/documents/drafts/">Phiếu nháp chờ ghi sổ</a>' in none
    for url in re.findall(r'<a [^>]*?href="(/[^"]*)"', page):
        kho.text(url)


def test_what_narrows_the_list_is_said_with_the_way_back(client_for, store):
    kho = client_for("kho_px")
    store.receive(kho, "BD-TYT-01", goods(), goods("PH001", lot_number="KT", expiry=day(30)))
    plain = kho.text("/stock/?sort=value&dir=desc")
    assert 'class="facets' not in plain
    page = kho.text("/stock/?q=ktr&show=near&category=ppe&group=lot&sort=value")
    facets = page.split('<p class="facets', 1)[1].split("</p>", 1)[0]
    back = dict(re.findall(r'<a href="([^"]*)" aria-label="([^"]*)"', facets))
    assert sorted(back.values()) == [
        "Bỏ lọc: Cận hạn",
        "Bỏ lọc: Phương tiện phòng hộ",
        "Bỏ lọc: Theo số lô",
    ]
    for address, words in back.items():
        rest = kho.text(address).split('<p class="facets', 1)[1].split("</p>", 1)[0]
        assert words not in rest
        assert rest.count("<a ") == 2
