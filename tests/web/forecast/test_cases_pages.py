"""The pages and the interface of cases in: look first, decide, record; bad input changes nothing."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from supply.core.clock import stand_on
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.forecast.services import CaseRow, record_cases
from supply.imports.reading import read
from tests.integration.forecast.conftest import ward_codes_of
from tests.integration.forecast.test_cases_in import TODAY, WEEK, count, wide
from tests.web.conftest import Browser

BRING = "/forecast/cases/in/bring"
SEEN = re.compile(r'name="seen" value="([0-9a-f]{64})"')


@pytest.fixture
def planner(db: Database, client_for: Callable[[str], Browser]) -> Browser:
    stand_on(TODAY)
    return client_for("kehoach")


def bring(planner: Browser, pasted: str, **said: str) -> TestResponse:
    return planner.submit(
        BRING, **{"district": "ba-dinh", "pasted": pasted, "source": "trạm", **said}
    )


def looked(planner: Browser, pasted: str, **said: str) -> tuple[str, str]:
    """The preview's address and page."""
    answer = bring(planner, pasted, **said)
    assert answer.status_code == 302, answer.text[:2000]
    return answer.location, planner.text(answer.location)


def decide(planner: Browser, address: str, page: str, **more: object) -> TestResponse:
    seen = SEEN.search(page)
    assert seen
    fields = {"action": "record", "source": "trạm", "seen": seen[1], "days": "", "on": ""} | more
    return planner.submit(address.replace("?", "/decide?"), **fields)


def test_a_paste_is_seen_and_then_recorded(db: Database, planner: Browser) -> None:
    address, page = looked(planner, wide(db))
    assert "chưa ghi gì" in page
    assert count(db, "case_report") == 0
    answer = decide(planner, address, page)
    assert answer.status_code == 302, answer.text[:1500]
    assert count(db, "case_report") == 490
    home = planner.text(answer.location)
    assert "Đã ghi: thêm 490" in home
    assert 'data-chart="lines"' in home
    again = planner.text(address)
    assert "Đã có đủ, không có gì để ghi" in again
    history = planner.text("/forecast/cases/history/?ward=00001")
    assert "Nguyễn Thị kehoach" in history
    assert "Các lần đưa số vào" in planner.text("/forecast/cases/history/?known=12/03/2022")


def test_a_correction_shows_old_and_new(db: Database, planner: Browser) -> None:
    address, page = looked(planner, wide(db))
    decide(planner, address, page)
    address, page = looked(planner, wide(db).replace("00001\t5\t", "00001\t7\t", 1))
    assert "Số cũ được thay" in page
    assert "5 → 7" in page
    decide(planner, address, page)
    assert "số cũ" in planner.text("/forecast/cases/history/?ward=00001&changed=1")


def test_a_spike_is_asked_about_and_the_tick_decides(db: Database, planner: Browser) -> None:
    jump = re.sub(r"^(00001\t.*\t)\d+$", r"\g<1>900", wide(db), count=1, flags=re.MULTILINE)
    address, page = looked(planner, jump)
    assert "Cao bất thường?" in page
    token = re.search(r'name="tick" value="([^"]+)" checked', page)
    assert token
    decide(planner, address, page, spikes="1", tick=token[1])
    assert "900" in planner.text("/forecast/cases/")
    with db.owner_engine.connect() as connection:
        marked = (
            connection.execute(text("SELECT cases FROM case_report WHERE anomaly")).scalars().all()
        )
    assert marked == [900]
    unmark = planner.submit(
        "/forecast/cases/in/mark?district=ba-dinh",
        ward=token[1].split(":")[0], on=str(WEEK), days="1", anomaly="0", reason="đã xác minh",
        back="https://example.com/",
    )  # fmt: skip
    assert unmark.location.endswith("/forecast/cases/")
    assert "Không có. Số được đánh dấu" in planner.text("/forecast/cases/")


def test_an_unticked_spike_is_used(db: Database, planner: Browser) -> None:
    jump = re.sub(r"^(00001\t.*\t)\d+$", r"\g<1>900", wide(db), count=1, flags=re.MULTILINE)
    address, page = looked(planner, jump)
    decide(planner, address, page, spikes="1")
    with db.owner_engine.connect() as connection:
        assert (
            connection.execute(text("SELECT count(*) FROM case_report WHERE anomaly")).scalar() == 0
        )
    _, page = looked(planner, jump)
    assert "Đã có đủ" in page


def test_an_unclear_ward_is_asked_and_answered(db: Database, planner: Browser) -> None:
    address, page = looked(planner, "Ngày\tPhường\tSố ca\n03/03/2022\tPhúc Xoa\t4")
    assert "“Phúc Xoa” có thể là Phúc Xá (00001); hãy chọn." in page
    refused = decide(planner, address, page)
    assert refused.status_code == 422
    ward = re.search(r'<option value="(\d+)">Phúc Xá', page)
    assert ward
    answer = decide(planner, address, page, **{"place-phucxoa": ward[1], "action": "check"})
    page = planner.text(answer.location)
    assert decide(planner, address, page).status_code == 302
    assert count(db, "case_report") == 1


BAD = {
    "empty": ("", 422, "Chưa dán số liệu nào"),
    "wrong header": ("Nơi ở cũ;Số lượng\nPhúc Xá;3", 422, "Không nhận ra các cột"),
    "no cases column": ("Phường;Số lượng\nPhúc Xá;3", 422, "Tiêu đề thiếu cột “Ngày”, “Số ca”"),
    "running totals": ("Phường;Lũy kế\nPhúc Xá;3", 422, "chỉ có số lũy kế"),
    "twice": ("Phường;Xã;Số ca\nPhúc Xá;x;3", 422, "Hai cột cùng nghĩa"),
    "no source": (None, 422, "Chưa ghi nguồn số liệu"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_table_is_refused_at_once(name: str, db: Database, planner: Browser) -> None:
    pasted, status, words = BAD[name]
    answer = bring(planner, "00001\t1", source=" ") if pasted is None else bring(planner, pasted)
    assert answer.status_code == status
    assert words in answer.text
    assert count(db, "case_upload") == 0


def upload(planner: Browser, name: str, content: bytes) -> TestResponse:
    return planner.client.post(
        BRING,
        data={
            "csrf_token": planner.token, "district": "ba-dinh", "source": "trạm",
            "file": (io.BytesIO(content), name),
        },
    )  # fmt: skip


def test_a_file_is_taken_and_one_that_could_harm_is_not(db: Database, planner: Browser) -> None:
    good = upload(
        planner,
        "so-ca.csv",
        b"Ng\xc3\xa0y,Ph\xc6\xb0\xe1\xbb\x9dng,S\xe1\xbb\x91 ca\n2022-03-03,00001,4\n",
    )
    assert good.status_code == 302, good.text[:800]
    assert "so-ca.csv" in planner.text(good.location)
    assert upload(planner, "to.csv", b"x" * (60 * 2**20)).status_code == 413
    old = upload(planner, "cu.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert old.status_code == 422
    assert "kiểu cũ (.xls)" in old.text
    assert count(db, "case_report") == 0


def test_the_template_holds_the_wards_and_reads_back(db: Database, planner: Browser) -> None:
    answer = planner.get("/forecast/cases/in/template.xlsx?district=ba-dinh")
    assert answer.status_code == 200
    sheet = read("mau.xlsx", answer.data)
    assert [row[0] for row in sheet.rows[1:15]] == ward_codes_of(db)
    assert sheet.rows[0][8] == TODAY  # a Saturday


def test_cases_leave_as_a_file_that_comes_back_in(db: Database, planner: Browser) -> None:
    address, page = looked(planner, wide(db))
    decide(planner, address, page)
    book = planner.get("/lists/cases.xlsx?district=ba-dinh")
    assert book.status_code == 200
    back = upload(planner, "ca-benh.xlsx", book.data)
    assert back.status_code == 302, back.text[:1500]
    assert "Đã có đủ" in planner.text(back.location)
    assert planner.get("/lists/case-history.csv?district=ba-dinh&ward=00001").status_code == 200


def test_the_pages_are_complete_in_english(db: Database, planner: Browser) -> None:
    planner.get("/lang/en")
    assert "Preview" in planner.text("/forecast/cases/in/")
    address, page = looked(planner, wide(db))
    assert "nothing is recorded yet" in page
    decide(planner, address, page)
    assert "Ward by ward" in planner.text("/forecast/cases/")
    assert "What was known of each week" in planner.text("/forecast/cases/history/")


def test_heads_read_and_only_planners_bring(
    db: Database, people: dict[str, int], client_for: Callable[[str], Browser]
) -> None:
    stand_on(TODAY)
    with acting_as(people["kehoach"]):
        record_cases("ba-dinh", [CaseRow("00001", WEEK, 3, days=7)], "x")
    head = client_for("truong")
    assert "Dán hoặc tải số ca" not in head.text("/forecast/cases/")
    assert "Phúc Xá" in head.text("/forecast/cases/history/?ward=00001")
    for address in ("/forecast/cases/in/", "/forecast/cases/in/1"):
        assert head.get(address).status_code == 403
    assert client_for("kho_px").get("/forecast/cases/").status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "/forecast/cases/?mark=x&on=y",
        "/forecast/cases/?mark=99999999&on=2022-03-05",
        "/forecast/cases/history/?ward=%27&known=99/99/2022&after=x_9",
        "/forecast/cases/history/?ward=00001&on=2022-02-31&after=2022-02-01_1",
    ],
)
def test_a_strange_address_is_no_error(address: str, planner: Browser) -> None:
    assert planner.get(address).status_code == 200


def test_an_upload_that_is_gone_says_so(planner: Browser) -> None:
    answer = planner.get("/forecast/cases/in/12345")
    assert answer.status_code == 404
    assert "không còn" in answer.text


def test_typing_by_ward_records_once_and_asks_about_a_jump(db: Database, planner: Browser) -> None:
    with acting_as(_id(db, "kehoach")):
        rows = [
            CaseRow(code, WEEK - dt.timedelta(weeks=n), 10, days=7)
            for code in ward_codes_of(db)
            for n in range(1, 6)
        ]
        record_cases("ba-dinh", rows, "x")
    said = {"district": "ba-dinh", "week": str(WEEK), "source": "x", "key": str(uuid4())}
    for _ in range(2):
        done = planner.submit("/forecast/cases/enter", **said, **{"cases-00001": "12"})
        assert done.location == "/forecast/cases/?district=ba-dinh"
    assert count(db, "case_batch") == 1
    asked = planner.submit("/forecast/cases/enter", **said, **{"cases-00004": "999"})
    assert "/forecast/cases/in/" in asked.location
    assert "Cao bất thường?" in planner.text(asked.location)


def _id(db: Database, name: str) -> int:
    with db.owner_engine.connect() as connection:
        query = text("SELECT id FROM ab_user WHERE username = :name")
        return int(connection.execute(query, {"name": name}).scalar_one())
