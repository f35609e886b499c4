"""The pages to see with: what-if, hindsight, heat table, stamp, ward by ward, why."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable

import openpyxl
import pytest
from sqlalchemy import text

from supply.core import jobs
from supply.core.database import Database
from supply.forecast.seeing import bases
from tests.web.conftest import Browser
from tests.web.forecast.test_pages import forecast, item_id

PAGES = ("what-if", "hindsight", "heat", "stamp")
Client = Callable[[str], Browser]
__all__ = ["forecast"]


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    bases.forget()


def test_without_a_run_every_page_says_what_to_do(client_for: Client) -> None:
    planner = client_for("kehoach")
    for page in ("what-if", "heat", "stamp"):
        assert "Chưa có lượt dự báo nào cho Ba Đình" in planner.text(f"/forecast/{page}/")
    assert "Chưa có tuần nào để so" in planner.text("/forecast/hindsight/")


def test_each_page_is_for_those_it_is_for(forecast: int, client_for: Client) -> None:
    seen = {
        "kehoach": (200, 200, 200, 200),
        "thanhtra": (200, 200, 200, 200),
        "truong": (403, 200, 200, 200),
        "kho_px": (403, 403, 200, 403),
        "taichinh": (403, 403, 403, 403),
    }
    for name, statuses in seen.items():
        person = client_for(name)
        found = tuple(person.get(f"/forecast/{page}/").status_code for page in PAGES)
        assert found == statuses, name
    assert client_for("truong").submit("/forecast/hindsight/backtest").status_code == 403
    assert client_for("kho_rg").get("/forecast/heat/?district=ba-dinh").status_code == 404


def test_sliders_answer_in_the_page_and_by_part(forecast: int, client_for: Client) -> None:
    planner = client_for("kehoach")
    page = planner.text("/forecast/what-if/?cases=150&stay=120&later=3")
    assert 'id="cases" name="cases" min="0" max="300" step="1" value="150"' in page
    assert "Theo dự báo" in page
    part = planner.get("/forecast/what-if/?cases=150", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "<html" not in part.text
    assert 'id="said"' in part.text
    plain = planner.get("/forecast/what-if/", headers={"HX-Request": "true"}).text
    said = re.compile(r'id="said"[^>]*>([^<]+)<')
    now, before = (html.unescape(said.findall(x)[0]) for x in (part.text, plain))
    assert "(không đổi)" in before
    assert now != before


def test_more_packs_of_an_item_are_taken_by_the_facility(
    db: Database, forecast: int, client_for: Client
) -> None:
    planner = client_for("kehoach")
    with db.owner_engine.connect() as connection:
        depot = connection.execute(text("SELECT id FROM facility WHERE code = 'BD-TTYT'")).scalar()
    ask = f"/forecast/what-if/?item=PH001&facility={depot}&packs="
    one, many = (
        planner.get(f"{ask}{packs}", headers={"HX-Request": "true"}).text for packs in (0, 90000)
    )
    assert one != many


@pytest.mark.parametrize(
    "address",
    [
        "what-if/?cases=abc&severe=-5&stay=99999&later=x&packs=1e9&item=%27&facility=abc",
        "what-if/?item=KHONGCO&facility=1&packs=5",
        "heat/?show=x&ward=abc&category=%27",
        "heat/?show=chance&ward=99999&category=ppe",
        "projection/?ward=99999&order=x&scale=y",
        "stamp/?job=999999",
        "stamp/?run=999999",
        "hindsight/?backtest=999999",
        "hindsight/?backtest=x",
    ],
)
def test_odd_addresses_are_answered_without_a_fault(
    forecast: int, client_for: Client, address: str
) -> None:
    assert client_for("kehoach").get(f"/forecast/{address}").status_code in (200, 404)


def test_a_forecast_whose_norms_changed_asks_for_a_new_one(
    forecast: int, client_for: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supply.forecast.chain.MODEL_VERSION", "chain 999")
    page = client_for("kehoach").text("/forecast/what-if/")
    assert "Xin chạy dự báo mới" in page
    assert "Chạy dự báo" in page


def test_a_cell_of_the_heat_table_opens_its_lines(forecast: int, client_for: Client) -> None:
    planner = client_for("kehoach")
    page = planner.text("/forecast/heat/")
    cell = re.search(r'href="(/forecast/heat/\?[^"]*category=ppe[^"]*)#lines"', page)
    assert cell is not None
    lines = planner.text(html.unescape(cell[1]))
    assert "/forecast/burn/why/" in lines
    assert 'aria-current="true"' in lines
    assert "%</b>" in planner.text("/forecast/heat/?show=chance")
    file = planner.get("/lists/forecast.heat.xlsx?district=ba-dinh")
    sheet = openpyxl.load_workbook(io.BytesIO(file.data)).worksheets[0]
    assert sheet.max_row > 40
    assert client_for("kho_rg").get("/lists/forecast.heat.csv?district=ba-dinh").status_code == 404


def test_wards_stand_in_one_grid_and_open_their_own_fan(
    db: Database, forecast: int, client_for: Client
) -> None:
    planner = client_for("kehoach")
    with db.owner_engine.connect() as connection:
        ward = connection.execute(text("SELECT id, name FROM ward WHERE code = '00004'")).one()
    page = planner.text("/forecast/projection/?order=name&scale=shared")
    names = re.findall(r'<span class="name">([^<]+?) <', page)
    assert len(names) == 14
    assert names[0] == "Cống Vị"
    tops = set(re.findall(r"đỉnh thang (\S+)</span>", page))
    assert len(tops) == 1
    own = planner.text(f"/forecast/projection/?ward={ward.id}")
    assert f"<h2>{ward.name}</h2>" in own
    assert own.count('aria-current="true"') >= 1
    assert len(set(re.findall(r"đỉnh thang (\S+)</span>", own))) > 1


def test_why_goes_down_to_cases_tables_and_the_ledger(
    db: Database, forecast: int, client_for: Client
) -> None:
    page = client_for("kehoach").text(f"/forecast/burn/why/{item_id(db, 'PH001')}")
    for words in (
        "theo định mức × hệ số từ sổ kho",
        "Ca đã báo cáo, 4 tuần đến",
        "/forecast/cases/?district=ba-dinh",
        "Giờ nhân viên mỗi người bệnh mỗi ngày",
        "Sổ kho không có lần xuất dùng nào",
    ):
        assert words in page
    keeper = client_for("kho_px").text(f"/forecast/burn/why/{item_id(db, 'PH001')}")
    assert "Ca đã báo cáo, 4 tuần đến" not in keeper
    assert "tem và sổ tính" not in keeper


def test_the_stamp_hands_out_the_workbook_and_makes_the_run_again(
    people: dict[str, int], forecast: int, client_for: Client
) -> None:
    planner = client_for("kehoach")
    page = planner.text(f"/forecast/stamp/?run={forecast}")
    assert "norms_rate.csv" in page
    file = planner.get(f"/forecast/stamp/workbook.xlsx?run={forecast}")
    assert file.status_code == 200
    assert openpyxl.load_workbook(io.BytesIO(file.data)).sheetnames[0] == "Tem"
    asked = planner.submit(f"/forecast/stamp/again?district=ba-dinh&run={forecast}")
    head = client_for("truong")
    assert "Chạy lại và so</button>" not in head.text("/forecast/stamp/")
    assert head.submit("/forecast/stamp/again?district=ba-dinh").status_code == 403
    job_id = int(asked.location.rsplit("/", 1)[1])
    jobs.run_now(job_id)
    done = planner.get(f"/jobs/{job_id}")
    assert "Chạy lại cho đúng từng số như đã lưu." in planner.text(done.location)


def test_a_trial_on_past_weeks_is_shown_and_exported(forecast: int, client_for: Client) -> None:
    planner = client_for("kehoach")
    asked = planner.submit("/forecast/hindsight/backtest", district="ba-dinh")
    job_id = int(asked.location.rsplit("/", 1)[1])
    jobs.run_now(job_id)
    page = planner.text(planner.get(f"/jobs/{job_id}").location)
    assert "Ca mắc, theo số tuần báo trước" in page
    assert "0 trong 3 mốc" in page
    assert "Chưa có 14 ngày nào qua hết" in page
    file = planner.get(f"/lists/forecast.hindsight.xlsx?district=ba-dinh&backtest={job_id}")
    rows = list(openpyxl.load_workbook(io.BytesIO(file.data)).worksheets[0].values)
    assert sum(row[0] == "Ca mắc" for row in rows) == 3 + 14
    assert client_for("duyet").get(f"/forecast/hindsight/?backtest={job_id}").status_code == 404


def test_the_pages_are_complete_in_english(db: Database, forecast: int, client_for: Client) -> None:
    planner = client_for("kehoach")
    planner.get("/lang/en")
    found = {
        "what-if/": "Items to worry about most",
        "hindsight/": "Try on past weeks",
        "heat/": "Days of stock, middle",
        "stamp/": "Run again and compare",
        "projection/": "Fastest growing first",
        f"burn/why/{item_id(db, 'PH001')}": "by norm × factor from the ledger",
    }
    for page, words in found.items():
        assert words in planner.text(f"/forecast/{page}")
    assert (
        "Stamp"
        in openpyxl.load_workbook(
            io.BytesIO(planner.get("/forecast/stamp/workbook.xlsx").data)
        ).sheetnames
    )


def test_projection_and_use_are_files_too(db: Database, forecast: int, client_for: Client) -> None:
    planner = client_for("kehoach")
    assert "/lists/forecast.projection.xlsx" in planner.text("/forecast/projection/")
    assert "/lists/forecast.burn.xlsx" in planner.text("/forecast/burn/?category=ppe")

    def rows(person: Browser, address: str) -> list[tuple[object, ...]]:
        file = person.get(f"/lists/{address}")
        assert file.status_code == 200
        return list(openpyxl.load_workbook(io.BytesIO(file.data)).worksheets[0].values)

    projected = rows(planner, f"forecast.projection.xlsx?run={forecast}")
    assert sum(row[0] == "Ba Đình" for row in projected) == 4
    used = rows(planner, "forecast.burn.xlsx?category=ppe")
    head = next(n for n, row in enumerate(used) if row[1] == "Mã hàng")
    assert {str(row[1])[:2] for row in used[head + 1 :]} == {"PH"}
    keeper = client_for("kho_px")
    own = rows(keeper, "forecast.burn.xlsx?district=ba-dinh")
    head = next(n for n, row in enumerate(own) if row[1] == "Mã hàng")
    assert len({row[0] for row in own[head + 1 :]}) == 1
    assert keeper.get("/lists/forecast.projection.xlsx?district=ba-dinh").status_code == 403
