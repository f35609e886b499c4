"""What is sealed in bulk reads, letter for letter, as `ledger verify` reads it: whatever a cell holds."""

from __future__ import annotations

import csv
import io

from sqlalchemy import text

from supply.imports import running
from supply.imports.columns import FileKind
from supply.inventory.verify import verify_ledger

HEAD = (
    "Ngày", "Mã cơ sở", "Loại phiếu", "Số chứng từ", "Mã đối tác", "Mã hàng", "Số lô", "Hạn dùng",
    "Nguồn quỹ", "Quy cách", "Số lượng", "Đơn giá", "Người nhận", "Mục đích", "Ghi chú",
)  # fmt: skip
AWKWARD = 'số "7" \\ [1, 2]]], {"x": []} … “Ấp” 😷'


def test_awkward_texts_purposes_and_packs_are_sealed_as_they_are_verified(db, keeper):
    rows = [
        ("01/03/2022", "BD-TYT-01", "PN", AWKWARD, "NCC01", "TH001", 'L"\\[]', "12/2024", "NSTP",
         "hộp 100 viên", "3", "900", "", "purchase", AWKWARD),
        ("01/03/2022", "BD-TYT-01", "PN", AWKWARD, "NCC01", "TH001", "", "", "NSTP", "", "5", "0", "",
         "", ""),
        ("02/03/2022", "BD-TYT-01", "PX", "PX1", "", "TH001", "", "", "", "", "250", "", AWKWARD,
         "patient", ""),
        ("03/03/2022", "BD-TYT-01", "PX", "PX2", "", "TH001", "", "", "", "", "1", "", "", "", ""),
    ]  # fmt: skip
    out = io.StringIO()
    csv.writer(out).writerows([HEAD, *rows])
    table = running.open_file(FileKind.HISTORY, "f.csv", out.getvalue().encode())
    outcome = running.run(table, "import:7")
    assert [f.text.en for f in outcome.faults.listed()] == []
    with db.owner_engine.connect() as connection:
        found = connection.execute(
            text("SELECT purpose, paper_reference FROM document ORDER BY id")
        ).all()
        packed = connection.execute(text("SELECT count(*) FROM document_line")).scalar_one()
    assert [tuple(row) for row in found] == [("purchase", AWKWARD), ("patient", "PX1"), ("", "PX2")]
    assert packed == 1
    report = verify_ledger()
    assert report.is_sound, report.discrepancies
