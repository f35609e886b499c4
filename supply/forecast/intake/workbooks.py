"""The template of cases: the district's wards down, the days of the last weeks across. Pure."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence

import xlsxwriter

from supply.core.text import Text

DAYS = 7
_EPOCH = dt.date(1899, 12, 30)
_HOW_TO = (
    Text(
        "Ghi số ca mới của từng phường, xã vào đúng ngày. Chưa có số thì để trống, không ghi 0.",
        "Write each ward's new cases under their day. Leave a cell empty if not known; do not write 0.",
    ),
    Text(
        "Có thể thêm cột ngày hoặc xóa bớt; có thể chép cả bảng rồi dán vào trang Ca bệnh.",
        "Columns of days may be added or removed; the whole table may be copied and pasted into Cases.",
    ),
    Text(
        "Số liệu cả tuần: đổi tiêu đề thành “Tuần đến dd/mm/yyyy” với ngày thứ Bảy cuối tuần.",
        "Weekly figures: change the heading to “Week to dd/mm/yyyy” with the week's Saturday.",
    ),
    Text(
        "Số đính chính: nhập lại số đúng của ngày đó, số cũ vẫn được giữ trong lịch sử.",
        "A correction: enter the right figure of that day again; the old one stays in the history.",
    ),
)


def template(wards: Sequence[tuple[str, str]], last: dt.date, language: str) -> bytes:
    """An empty table to fill in: `wards` as (code, name), the seven days up to `last`."""

    def say(text: Text) -> str:
        return text.in_language(language)

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bg_color": "#0f766e", "font_color": "#ffffff"})
    day = book.add_format(
        {"bold": True, "bg_color": "#0f766e", "font_color": "#ffffff", "num_format": "dd/mm/yyyy"}
    )
    sheet = book.add_worksheet(say(Text("Số ca mắc", "Cases")))
    sheet.set_column(0, 0, 10)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 1 + DAYS, 12)
    sheet.freeze_panes(1, 2)
    sheet.write_string(0, 0, say(Text("Mã", "Code")), head)
    sheet.write_string(0, 1, say(Text("Phường, xã", "Ward")), head)
    for n in range(DAYS):
        on = last - dt.timedelta(days=DAYS - 1 - n)
        sheet.write_number(0, 2 + n, (on - _EPOCH).days, day)
    for row, (code, name) in enumerate(wards, 1):
        sheet.write_string(row, 0, code)
        sheet.write_string(row, 1, name)
    notes = book.add_worksheet(say(Text("Hướng dẫn", "How to")))
    notes.set_column(0, 0, 100)
    for row, line in enumerate(_HOW_TO):
        notes.write_string(row, 0, say(line))
    book.close()
    return out.getvalue()
