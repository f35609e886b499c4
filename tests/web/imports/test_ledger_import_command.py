"""`flask ledger import FILE`."""

from __future__ import annotations

import io

import pytest
import python_calamine
from sqlalchemy import text

HISTORY = (
    "Ngày,Mã cơ sở,Loại phiếu,Số chứng từ,Mã hàng,Số lô,Hạn dùng,Nguồn quỹ,Số lượng,Đơn giá\n"
    "01/03/2022,BD-TYT-01,PN,HD1,TH001,A,12/2024,NSTP,100,10\n"
    "05/03/2022,BD-TYT-01,PX,PX1,TH001,,,,30,\n"
)


@pytest.fixture
def cli(app, people, tmp_path):
    runner = app.test_cli_runner()

    def call(content: str, *options: str):
        path = tmp_path / "so kho.csv"
        path.write_text(content, encoding="utf-8")
        return runner.invoke(args=["ledger", "import", str(path), *options])

    return call


def count(db) -> int:
    with db.owner_engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM entry")).scalar_one()


def test_a_file_goes_in_as_a_named_person_and_once(cli, db):
    done = cli(HISTORY, "--as", "kho_px")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (
        0,
        "rows 2, receipt 1, issue 1, already there 0",
    ), done.output
    again = cli(HISTORY, "--as", "kho_px")
    assert again.stdout.splitlines()[0] == "rows 2, nothing new, already there 2"
    assert count(db) == 2


def test_faults_are_one_line_each_and_nothing_is_written(cli, db, tmp_path):
    out = tmp_path / "out.xlsx"
    wrong = cli(HISTORY.replace(",30,", ",300,"), "--as", "kho_px", "--report", str(out))
    assert wrong.exit_code == 2
    assert "Row 3: quantity: Not enough of TH001 on 05/03/2022: 100 tablet" in wrong.stderr
    rows = python_calamine.load_workbook(io.BytesIO(out.read_bytes())).get_sheet_by_index(0)
    assert "không đủ tồn TH001" in str(rows.to_python()[2][-1])
    assert count(db) == 0


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (HISTORY, (), "Say --as USER"),
        (HISTORY, ("--as", "nobody"), "no active user nobody"),
        (HISTORY, ("--as", "kho_tb"), "may not post for this facility"),
        (
            HISTORY.replace("Số lượng", "?"),
            ("--as", "kho_px"),
            "No column is chosen for “Quantity”",
        ),
        ("", ("--as", "kho_px"), "The file is empty"),
        (HISTORY, ("--as", "kho_px", "--kind", "items"), "No column is chosen"),
    ],
)
def test_bad_input_ends_with_two_and_words(cli, db, content, options, said):
    answer = cli(content, *options)
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert count(db) == 0


def test_a_file_that_is_not_there_is_told(cli, app):
    answer = app.test_cli_runner().invoke(
        args=["ledger", "import", "nowhere.csv", "--as", "kho_px"]
    )
    assert answer.exit_code == 2
    assert "nowhere.csv" in answer.stderr
