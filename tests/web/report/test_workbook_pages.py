"""The workbook's page: ask, wait, download; whom it is for."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import openpyxl

from supply.core.jobs import run_now
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]


def test_a_planner_makes_a_workbook_and_downloads_it(client_for: ClientFor) -> None:
    browser = client_for("kehoach")
    assert "Bạn chưa lập sổ nào" in browser.text("/workbook/")
    answer = browser.submit("/workbook/make", district="ba-dinh")
    assert answer.status_code == 302
    job = re.fullmatch(r".*/jobs/(\d+)", answer.location)
    assert job
    assert "Lập sổ Excel" in browser.text(f"/jobs/{job[1]}")
    run_now(int(job[1]))
    done = browser.get(f"/jobs/{job[1]}")
    assert done.status_code == 302
    page = browser.text(done.location)
    link = re.search(r'href="(/workbook/\d+)"', page)
    assert link
    file = browser.get(link[1])
    assert file.status_code == 200
    assert "attachment" in file.headers["Content-Disposition"]
    names = openpyxl.load_workbook(io.BytesIO(file.data)).sheetnames
    assert names[:2] == ["Giới thiệu", "Tồn kho"]
    assert client_for("taichinh").get(link[1]).status_code == 404


def test_a_storekeeper_is_told_whose_page_it_is(client_for: ClientFor) -> None:
    browser = client_for("kho_px")
    answer = browser.get("/workbook/")
    assert answer.status_code == 403
    assert "cán bộ kế hoạch" in answer.text
    assert browser.submit("/workbook/make", district="ba-dinh").status_code == 403


def test_another_district_cannot_be_asked_for(client_for: ClientFor) -> None:
    answer = client_for("taichinh").submit("/workbook/make", district="rach-gia")
    assert answer.status_code == 404
