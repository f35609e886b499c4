"""Books and reports: stock book (S21-H), movement report, usage reports 05D, 08D, 09D. A4 landscape.
Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from supply.core.text import Text
from supply.paper.forms import FormTitle, Movement, MovementLine, StockBook, Typed, Unit, Usage
from supply.paper.layout import Cell, Column, Fact, Paper, Row, sum_row
from supply.paper.phrases import EMPTY, SIGNED_ON, TOTAL, Say, period, sayer, signatures

_STT = Text("STT", "No.")
_NAME = Text("Tên, nhãn hiệu, quy cách", "Name, specification")
_CODE = Text("Mã số", "Code")
_UNIT = Text("ĐVT", "Unit")


def _book(
    unit: Unit, days: tuple[dt.date, dt.date], title: FormTitle, typed: Typed, columns: tuple[Column, ...]
) -> Paper:  # fmt: skip
    """The head of any book, without rows."""
    say = sayer(typed.language)
    return Paper(
        code=title.code,
        language=typed.language,
        landscape=True,
        unit=say(unit.name),
        department=say(unit.department),
        form_number=title.number,
        basis=title.basis,
        title=say(title.title),
        date_line=period(*days, typed.language),
        running=period(*days, typed.language),
        number="",
        columns=columns,
        rows=(),
        signed_on=say(SIGNED_ON),
        day=days[1],
        empty_note=say(EMPTY),
    )


def stock_book(data: StockBook, title: FormTitle, typed: Typed) -> Paper:
    """Sổ kho, thẻ kho (S21-H): opening, each movement with its balance, sums, closing."""
    say = sayer(typed.language)
    numbers = say(Text("Số hiệu chứng từ", "Voucher number"))
    quantity = say(Text("Số lượng", "Quantity"))
    columns = (
        Column(say(_STT), "index", "11mm", "A"),
        Column(say(Text("Ngày tháng", "Date")), "date", "23mm", "B"),
        Column(say(Text("Nhập", "In")), "code", "28mm", "C", numbers),
        Column(say(Text("Xuất", "Out")), "code", "28mm", "D", numbers),
        Column(say(Text("Diễn giải", "Description")), "text", "1fr", "E"),
        Column(say(Text("Nhập", "In")), "whole", "24mm", "1", quantity, sums=True),
        Column(say(Text("Xuất", "Out")), "whole", "24mm", "2", quantity, sums=True),
        Column(say(Text("Tồn", "Balance")), "whole", "25mm", "3", quantity),
        Column(say(Text("Kế toán xác nhận", "Accountant's confirmation")), "unit", "28mm", "4"),
    )
    rows = tuple(
        Row((
            n, line.happened_on, line.label if line.is_in else "", "" if line.is_in else line.label,
            say(line.words), line.quantity_in or None, line.quantity_out or None, line.balance, None,
        ))
        for n, line in enumerate(data.lines, start=1)
    )  # fmt: skip

    def figure(words: Text, balance: int) -> Row:
        return Row((None, None, None, None, say(words), None, None, balance, None), "sum")

    paper = _book(data.unit, (data.first_day, data.last_day), title, typed, columns)
    return replace(
        paper,
        running=f"{data.item_code} · {paper.running}",
        facts=(
            (Fact(say(Text("Tên vật tư, thuốc", "Item")), f"{say(data.item_name)} ({data.item_code})"),
             Fact(say(Text("Đơn vị tính", "Unit")), say(data.base_unit))),
            (Fact(say(Text("Kho", "Store")), say(data.unit.name)),),
        ),
        rows=(figure(Text("Tồn đầu kỳ", "Opening balance"), data.opening), *rows),
        totals=(
            _moved(columns, rows, say),
            figure(Text("Tồn cuối kỳ", "Closing balance"), data.closing),
        ),
        signatures=signatures(("storekeeper", "accountant", "head"), typed),
    )  # fmt: skip


def _moved(columns: tuple[Column, ...], rows: tuple[Row, ...], say: Say) -> Row:
    summed = sum_row(columns, rows, say(Text("Cộng phát sinh trong kỳ", "Moved in the period")))
    return replace(summed, cells=tuple(None if cell == "x" else cell for cell in summed.cells))


def movement_report(data: Movement, title: FormTitle, typed: Typed) -> Paper:
    """Báo cáo nhập - xuất - tồn: opening, in, out, closing; groups with their sums, then all."""
    say = sayer(typed.language)
    quantity, value = say(Text("Số lượng", "Quantity")), say(Text("Giá trị", "Value"))
    figures = tuple(
        column
        for name in (
            Text("Tồn đầu kỳ", "Opening"),
            Text("Nhập trong kỳ", "In"),
            Text("Xuất trong kỳ", "Out"),
            Text("Tồn cuối kỳ", "Closing"),
        )
        for column in (
            Column(quantity, "whole", "20mm", group=say(name)),
            Column(value, "money", "27mm", group=say(name), sums=True),
        )
    )
    columns = (
        Column(say(_STT), "index", "10mm"),
        Column(say(_NAME), "text", "1fr"),
        Column(say(_CODE), "code", "16mm"),
        Column(say(_UNIT), "unit", "13mm"),
        *figures,
    )
    rows = tuple(_grouped(data.lines, columns, say))
    paper = _book(data.unit, (data.first_day, data.last_day), title, typed, columns)
    return replace(
        paper,
        rows=rows,
        totals=(sum_row(columns, rows, say(TOTAL)),),
        signatures=signatures(("reporter", "storekeeper", "accountant", "head"), typed),
    )


def _grouped(
    lines: tuple[MovementLine, ...], columns: tuple[Column, ...], say: Say
) -> Iterator[Row]:
    number = 0
    for group, members in groupby(lines, key=lambda line: line.group):
        rows = []
        for line in members:
            number += 1
            cells: tuple[Cell, ...] = (
                number, say(line.item_name), line.item_code, say(line.unit),
                line.opening, line.opening_vnd, line.came, line.came_vnd,
                line.went, line.went_vnd, line.closing, line.closing_vnd,
            )  # fmt: skip
            rows.append(Row(cells))
        if say(group):
            yield Row((None, say(group), *(None,) * (len(columns) - 2)), "heading")
        yield from rows
        if say(group):
            label = say(Text("Cộng nhóm", "Group total"))
            yield sum_row(columns, rows, f"{label} {say(group).lower()}")


def usage_report(data: Usage, title: FormTitle, typed: Typed) -> Paper:
    """Báo cáo sử dụng (05D thuốc, 08D hóa chất, 09D vật tư tiêu hao): each item by department."""
    say = sayer(typed.language)
    by = say(Text("Số lượng sử dụng theo nơi dùng", "Used by department"))
    width = "1fr" if len(data.users) > 8 else "21mm"
    columns = (
        Column(say(_STT), "index", "10mm"),
        Column(say(_NAME), "text", "2fr"),
        Column(say(_CODE), "code", "17mm"),
        Column(say(_UNIT), "unit", "14mm"),
        *(Column(say(user), "whole", width, group=by) for user in data.users),
        Column(say(Text("Tổng số", "Total")), "whole", "20mm"),
        Column(say(Text("Thành tiền", "Value")), "money", "27mm", sums=True),
    )
    rows = tuple(
        Row((n, say(line.item_name), line.item_code, say(line.unit),
             *(used or None for used in line.used), sum(line.used), line.amount_vnd))
        for n, line in enumerate(data.lines, start=1)
    )  # fmt: skip
    paper = _book(data.unit, (data.first_day, data.last_day), title, typed, columns)
    return replace(
        paper,
        rows=rows,
        totals=(sum_row(columns, rows, say(TOTAL)),),
        signatures=signatures(("reporter", "storekeeper", "pharmacy", "head"), typed),
    )
