"""Pages of scenarios and levels: what a planner does there, what others may see, what is refused."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable

import openpyxl
import pytest

from supply.catalog import queries as catalog
from supply.core import jobs
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.forecast.scenarios import level_queries, queries
from supply.forecast.services import record_cases, run_forecast
from tests.integration.forecast.conftest import SOURCE, ward_codes_of, weekly_rows
from tests.web.conftest import Browser
from tests.web.forecast.test_pages import last_saturday

LIST, LEVELS = "/forecast/scenarios/", "/forecast/levels/"


@pytest.fixture
def planner(db: Database, people: dict[str, int], client_for: Callable[[str], Browser]) -> Browser:
    """A planner of a district with cases up to last Saturday."""
    with acting_as(people["kehoach"]):
        record_cases("ba-dinh", weekly_rows(ward_codes_of(db), last_saturday()), SOURCE)
    return client_for("kehoach")


def form_of(page: str) -> dict[str, str]:
    """The fields of a scenario's form as the page holds them."""
    body = page[page.index('id="scenario-form"') :]
    found = {}
    for tag in re.findall(r"<input[^>]*>", body, flags=re.S):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag, flags=re.S)
        ticked = 'type="checkbox"' not in tag or "checked" in tag
        if name and ticked and name[1] != "csrf_token":
            found[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select[^>]*name="([^"]+)".*?>(.*?)</select>', body, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def fields(browser: Browser, url: str) -> dict[str, str]:
    answer = browser.get(url)
    assert answer.status_code == 200
    return {name: html.unescape(value) for name, value in form_of(answer.text).items()}


def test_without_cases_both_pages_say_what_to_do(client_for: Callable[[str], Browser]) -> None:
    planner = client_for("kehoach")
    assert "Chưa có số ca để lập kịch bản" in planner.text(LIST)
    assert "Chưa có số ca để tính cấp độ dịch" in planner.text(LEVELS)


def test_a_planner_sets_runs_and_compares_scenarios(
    planner: Browser, people: dict[str, int]
) -> None:
    page = planner.text(LIST)
    assert "Chưa có kịch bản nào" in page
    assert "Vượt quá năng lực y tế" in page
    assert "Kịch bản không phải là dự báo" in page
    for key in ("level_2", "variant_dangerous"):
        typed = fields(planner, f"{LIST}new?template={key}") | {"horizon_days": "42"}
        answer = planner.submit(f"{LIST}new", **typed)
        assert answer.status_code == 302, answer.text[:3000]
    with acting_as(people["kehoach"]):
        run_forecast("ba-dinh", draws=20)
        ids = [row.id for row in queries.active(catalog.district("ba-dinh").id)]
    assert "42 ngày" in planner.text(f"{LIST}{ids[0]}")
    before = planner.text(f"{LIST}compare?scenario={ids[0]}&scenario={ids[1]}")
    assert "2 kịch bản chưa chạy" in before
    started = planner.submit(f"{LIST}run", scenario=ids)
    jobs.run_now(int(started.location.rsplit("/", 1)[1]))
    after = planner.text(f"{LIST}compare?scenario={ids[0]}&scenario={ids[1]}")
    assert "chưa chạy:" not in after
    assert after.count('data-chart="fan"') == 3  # two scenarios and the projection
    assert "Người bệnh nằm giường cao nhất: nguy kịch" in after
    assert "Khẩu trang y tế 3 lớp" in after
    file = planner.get(f"/lists/forecast.scenarios.xlsx?scenario={ids[0]}&scenario={ids[1]}")
    sheet = openpyxl.load_workbook(io.BytesIO(file.data)).active
    heads = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
    assert "Đây là kịch bản, không phải dự báo." in heads
    assert any(str(h).endswith(": 28 ngày") for h in heads)
    assert not any(str(h).endswith(": 90 ngày") for h in heads)  # 42 days were run


def test_the_preview_answers_what_is_typed_and_names_what_is_wrong(planner: Browser) -> None:
    typed = fields(planner, f"{LIST}new?template=worst_case")
    good = planner.submit(f"{LIST}preview", **typed)
    assert good.status_code == 200
    assert "Nếu đúng như giả định" in good.text
    assert 'data-chart="fan"' in good.text
    bad = planner.submit(f"{LIST}preview", **(typed | {"reporting_share": "ba mươi"}))
    assert "“ba mươi” không phải là số" in bad.text
    assert "<html" not in good.text
    lost = planner.submit(f"{LIST}preview", **(typed | {"base": "{}"}))
    assert lost.status_code == 422


def test_a_faulty_form_comes_back_with_all_that_was_typed(planner: Browser, db: Database) -> None:
    typed = fields(planner, f"{LIST}new?template=worst_case")
    wrong = typed | {"name": "", "horizon_days": "999", "note": "họp 6/3"}
    answer = planner.submit(f"{LIST}new", **wrong)
    assert answer.status_code == 422
    assert "Xin đặt tên kịch bản" in answer.text
    assert 'value="999"' in answer.text
    assert "họp 6/3" in answer.text
    with db.owner_engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM scenario").scalar() == 0


def test_a_change_makes_a_version_and_two_at_once_are_told(
    planner: Browser, people: dict[str, int]
) -> None:
    planner.submit(f"{LIST}new", **fields(planner, f"{LIST}new?template=worst_case"))
    with acting_as(people["kehoach"]):
        row = queries.active(catalog.district("ba-dinh").id)[0]
    typed = fields(planner, f"{LIST}{row.id}/edit") | {"rt_least": "1,7"}
    assert planner.submit(f"{LIST}{row.id}/edit", **typed).status_code == 302
    assert planner.submit(f"{LIST}{row.id}/edit", **typed).status_code == 409
    assert "Đây là bản cũ, chỉ để xem" in planner.text(f"{LIST}{row.id}")
    with acting_as(people["kehoach"]):
        newest = queries.active(row.district_id)[0]
    assert newest.spec.rt_least == 1.7
    assert "Rt không dưới 1,7" in planner.text(f"{LIST}{newest.id}")
    assert planner.submit(f"{LIST}{newest.id}/refresh").status_code == 302


def test_levels_are_confirmed_at_once_changed_with_a_reason_and_exported(
    planner: Browser, people: dict[str, int], db: Database
) -> None:
    code = ward_codes_of(db)[0]
    assert "Cấp độ dịch chưa xác nhận: Ba Đình" in planner.text("/")
    page = planner.text(LEVELS)
    assert "QĐ 218/QĐ-BYT" in page
    assert "không tính" in page
    week = last_saturday().isoformat()
    assert planner.submit(f"{LEVELS}confirm", week=week, all="1").status_code == 302
    with acting_as(people["kehoach"]):
        view = level_queries.view("ba-dinh")
    assert view is not None
    assert all(row.decision is not None for row in view.rows)
    assert "Cấp độ dịch chưa xác nhận" not in planner.text("/")
    other = 4 if view.rows[0].now.level != 4 else 1
    refused = planner.submit(f"{LEVELS}confirm", week=week, **{f"level-{code}": other})
    assert refused.status_code == 422
    assert "xin ghi lý do" in refused.text
    changed = {f"level-{code}": other, f"reason-{code}": "ổ dịch ở chợ"}
    assert planner.submit(f"{LEVELS}confirm", week=week, **changed).status_code == 302
    assert "ổ dịch ở chợ" in planner.text(f"{LEVELS}ward/{view.rows[0].ward.id}")
    file = planner.get(f"/lists/forecast.levels.xlsx?week={week}")
    sheet = openpyxl.load_workbook(io.BytesIO(file.data)).active
    cells = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
    assert "ổ dịch ở chợ" in cells
    assert "không tính (chưa có số liệu)" in cells


def test_what_is_known_of_a_ward_is_entered_in_per_cent(planner: Browser, db: Database) -> None:
    code = ward_codes_of(db)[0]
    day = last_saturday().strftime("%d/%m/%Y")
    send = {"criterion": "vaccinated_share", "valid_from": day, "source": "sổ tiêm chủng"}
    wrong = planner.submit(f"{LEVELS}criteria", **send, **{f"criterion-{code}": "120"})
    assert wrong.status_code == 422
    assert "phải từ 0 đến 100 %" in wrong.text
    right = planner.submit(f"{LEVELS}criteria", **send, **{f"criterion-{code}": "92,5"})
    assert right.status_code == 302
    assert "92,5 %" in planner.text(LEVELS)


def test_a_head_reads_and_changes_nothing_and_a_storekeeper_is_told_whose_page_it_is(
    planner: Browser, client_for: Callable[[str], Browser]
) -> None:
    planner.submit(f"{LIST}new", **fields(planner, f"{LIST}new?template=worst_case"))
    head = client_for("truong")
    assert "Tình huống xấu nhất" in head.text(LIST)
    assert "Lập từ mẫu này" not in head.text(LIST)
    assert head.get(f"{LIST}new?template=level_1").status_code == 403
    assert (
        head.submit(f"{LEVELS}confirm", week=last_saturday().isoformat(), all="1").status_code
        == 403
    )
    assert client_for("kho_px").get(LIST).status_code == 403


def test_the_pages_are_complete_in_english(planner: Browser) -> None:
    planner.submit(f"{LIST}new", **fields(planner, f"{LIST}new?template=variant_fast"))
    planner.get("/lang/en")
    assert "A scenario says what would happen" in planner.text(LIST)
    assert "New variant" in planner.text(f"{LIST}new?template=variant_fast")
    assert "Enter vaccination and capacity" in planner.text(LEVELS)
