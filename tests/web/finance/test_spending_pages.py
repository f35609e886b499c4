"""The spending page as the finance officer, the planner and the storekeeper meet it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from supply.core.scope import acting_as
from supply.finance.figures import total
from supply.finance.queries import Asked, spending
from tests.books import Books
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]


def grouped(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def test_the_figures_stand_on_the_page_and_the_foot_proves_them(
    books: Books, client_for: ClientFor
) -> None:
    with acting_as(books.people["taichinh"]):
        whole = total(spending(Asked()))
    page = client_for("taichinh").text("/funds-spending/")
    for name in ("received", "used", "in_stock", "lost", "in_transit"):
        assert grouped(getattr(whole, name)) in page, name
    assert "Khớp sổ kho" in page
    assert "Ngân sách thành phố" in page


@pytest.mark.parametrize("by", ["fund", "facility", "item"])
def test_every_figure_opens_rows_that_add_up_to_it(
    books: Books, client_for: ClientFor, by: str
) -> None:
    browser = client_for("kehoach")
    page = browser.text(f"/funds-spending/?by={by}&from=03/11/2021")
    links = re.findall(r'<td class="num"[^>]*><a href="([^"]+)">([\d.-]+)</a>', page)
    assert len(links) > 5
    for url, figure in links[:: max(1, len(links) // 12)]:
        assert f"cộng {figure} đồng" in browser.text(url), url


def test_filters_stay_in_the_address_and_narrow_the_page(
    books: Books, client_for: ClientFor
) -> None:
    browser = client_for("taichinh")
    facility = books.facility_ids["BD-TYT-02"]
    page = browser.text(f"/funds-spending/?by=facility&facility={facility}")
    assert "Trúc Bạch" in page
    with acting_as(books.people["taichinh"]):
        narrow = total(spending(Asked(facility_ids=(facility,))))
    assert grouped(narrow.used) in page


def test_a_wrong_date_is_said_with_its_mend(books: Books, client_for: ClientFor) -> None:
    browser = client_for("taichinh")
    answer = browser.get("/funds-spending/?from=31/02/2022")
    assert answer.status_code == 422
    assert "31/02/2022" in answer.text
    assert "không thể trước" in browser.get("/funds-spending/?from=05/03/2022&to=01/03/2022").text


def test_where_there_are_no_goods_the_page_says_what_to_do(
    books: Books, client_for: ClientFor
) -> None:
    page = client_for("taichinh").text("/funds-spending/?to=01/01/2020")
    assert "Chưa có hàng nào của nguồn quỹ" in page


def test_a_storekeeper_has_no_such_page_nor_tile(books: Books, client_for: ClientFor) -> None:
    browser = client_for("kho_px")
    assert browser.get("/funds-spending/").status_code == 403
    assert browser.get("/funds-spending/rows?figure=used").status_code == 403
    assert "/funds-spending/" not in browser.text("/")


def test_the_home_page_of_finance_shows_three_figures(books: Books, client_for: ClientFor) -> None:
    with acting_as(books.people["taichinh"]):
        whole = total(spending(Asked()))
    page = client_for("taichinh").text("/")
    for value in (whole.received, whole.used, whole.in_stock):
        assert grouped(value) in page


def test_english_is_complete(books: Books, client_for: ClientFor) -> None:
    browser = client_for("thanhtra")
    browser.get("/lang/en")
    page = browser.text("/funds-spending/")
    assert "Spending by fund" in page
    assert "Agrees with the ledger" in page
    assert "Nguồn quỹ" not in page.split("<main")[-1]
