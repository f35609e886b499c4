"""From a stored run to the contents of its workbook. Reads only."""

from __future__ import annotations

import hashlib
import math

import numpy as np

from supply.catalog import queries as catalog
from supply.catalog.words import CATEGORY as CATEGORY_NAMES
from supply.core.clock import VIETNAM
from supply.core.text import Text
from supply.forecast import chain, needs, queries, screens
from supply.forecast.explain import DRIVER_WORDS
from supply.forecast.norms import DATA_FOLDER
from supply.forecast.queries import ProjectionView, RunRow, Series
from supply.forecast.score import HUB_QUANTILES
from supply.forecast.seeing.workbook import BARS_MAX, Book, FanPlace, Sheet
from supply.forecast.sharing import SHARE_FILE

WEEKS_BEFORE = 16
HORIZONS = (7, 14, 28)
_LEVELS = tuple(HUB_QUANTILES.index(q) for q in (0.025, 0.25, 0.5, 0.75, 0.975))


def book_of(run_id: int) -> Book:
    """A run of the acting person's district as a workbook. Raises NotFound."""
    view = queries.projection(run_id)
    use, bars = _use(view.run)
    return Book(
        stamp_of(view.run),
        [_fan(view, series) for series in (view.district, *view.wards)],
        use,
        bars,
        _shortage(view.run),
        _norms(view.run),
    )


def stamp_of(run: RunRow) -> list[tuple[Text, object]]:
    """What a run was made from and how it is made again: name and value, in order."""
    params = run.params
    lines: list[tuple[Text, object]] = [
        (Text("Lượt", "Run"), run.id),
        (Text("Quận, huyện", "District"), run.district_slug),
        (Text("Ca mắc đến hết", "Cases up to"), f"{run.origin:%d/%m/%Y}"),
        (Text("Số ngày", "Days"), params.horizon_days),
        (Text("Chạy lúc", "Made"), f"{run.created_at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"),
        (Text("Bộ phân tầng", "Severity set"), params.severity_set),
        (Text("Mô hình", "Model"), run.model_version),
        (Text("Hạt giống ngẫu nhiên", "Seed"), params.seed),
        (Text("Số lần rút", "Draws"), params.draws),
        (Text("Báo cáo ca mắc cuối cùng được đọc", "Last case report read"), run.last_report_id),
        (Text("Mã số liệu đầu vào (SHA-256)", "Inputs digest (SHA-256)"), run.inputs_digest),
        (
            Text("Làm lại", "Make it again"),
            Text(
                f"Trang /forecast/stamp/?district={run.district_slug}&run={run.id}, nút “Chạy lại và so”:"
                " chương trình tính lại từ đúng số liệu này và so từng số.",
                f"Page /forecast/stamp/?district={run.district_slug}&run={run.id}, button “Run again and"
                " compare”: the program computes from exactly these inputs and compares every number.",
            ),
        ),
    ]
    return lines + [
        (Text(f"Bảng {name} (SHA-256)", f"Table {name} (SHA-256)"), sha)
        for name, sha in tables_now()
    ]


def tables_now() -> list[tuple[str, str]]:
    """The norm tables of this program by name, each with the SHA-256 of its file."""
    files = [*sorted(DATA_FOLDER.glob("norms_*.csv"))]
    if SHARE_FILE not in files:
        files.append(SHARE_FILE)
    return [(file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files]


def _fan(view: ProjectionView, series: Series) -> FanPlace:
    origin = view.history_week_ends.index(view.run.origin)
    first = max(origin + 1 - WEEKS_BEFORE, 0)
    rows: list[tuple[object, ...]] = []
    for n in range(first, origin + 1):
        value = float(series.history[n])
        start = [value] * 5 if n == origin and not math.isnan(value) else [None] * 5
        known = None if math.isnan(value) else value
        rows.append((view.history_week_ends[n], known, *start))
    for end, q in zip(view.week_ends, series.quantiles, strict=True):
        rows.append((end, None, *(round(float(q[at]), 1) for at in _LEVELS)))
    return FanPlace(series.name, rows)


def _use(run: RunRow) -> tuple[Sheet, list[tuple[Text, float]]]:
    """Use of every item, all facilities of the scope together, and the largest for the chart."""
    burn = queries.stored_burn(run.id)
    items = {item.code: item for item in catalog.items(burn.item_codes)}
    lines = screens.burn_lines(burn, range(len(burn.facility_ids)), HORIZONS)
    rows = [
        [
            line.item_code,
            items[line.item_code].name,
            CATEGORY_NAMES[items[line.item_code].category],
            items[line.item_code].base_unit,
            round(line.per_day, 1),
            *(round(value, 1) for span in line.by_horizon for value in span),
        ]
        for line in lines
    ]
    heads = [
        (Text("Mã hàng", "Item code"), 10),
        (Text("Mặt hàng", "Item"), 36),
        (Text("Nhóm", "Category"), 18),
        (Text("Đơn vị", "Unit"), 10),
        (Text("Mỗi ngày, 7 ngày đầu", "Per day, first 7 days"), 12),
    ]
    for days in HORIZONS:
        heads += [
            (Text(f"{days} ngày, trung bình", f"{days} days, mean"), 12),
            (Text(f"{days} ngày, mức 5 %", f"{days} days, 5 %"), 12),
            (Text(f"{days} ngày, mức 95 %", f"{days} days, 95 %"), 12),
        ]
    most = sorted(lines, key=lambda line: -line.by_horizon[1][0])[:BARS_MAX]
    bars = [
        (items[line.item_code].name, round(line.by_horizon[1][0]))
        for line in most
        if line.by_horizon[1][0] >= 1
    ]
    return Sheet(Text("Mức tiêu hao", "Use"), heads, rows), [(n, float(v)) for n, v in bars]


def _shortage(run: RunRow) -> Sheet:
    found = needs.shortage(run.id, run.district_slug)
    heads = [
        (Text("Cơ sở", "Facility"), 34),
        (Text("Mã hàng", "Item code"), 10),
        (Text("Mặt hàng", "Item"), 36),
        (Text("Đơn vị", "Unit"), 10),
        (Text("Tồn dùng được", "Usable stock"), 12),
        (Text("Đang chuyển đến", "On the way"), 12),
        (Text("Dùng mỗi ngày", "Use per day"), 12),
        (Text("Đủ dùng, thấp", "Days of stock, low"), 12),
        (Text("Đủ dùng, giữa", "Days of stock, middle"), 12),
        (Text("Đủ dùng, cao", "Days of stock, high"), 12),
        (Text("Hết ngày", "Runs out on"), 12),
        (Text("Khả năng hết trong 14 ngày, %", "Chance out in 14 days, %"), 12),
        (Text("Thiếu 14 ngày", "Short, 14 days"), 12),
        (Text("Thiếu 28 ngày", "Short, 28 days"), 12),
    ]
    rows = [
        [
            row.facility.name,
            row.item.code,
            row.item.name,
            row.item.base_unit,
            row.on_hand,
            row.in_transit,
            round(row.burn_per_day, 1),
            round(row.days_low, 1),
            round(row.days, 1),
            round(row.days_high, 1),
            row.stock_out,
            round(100 * row.out_within(14), 1),
            row.short_14,
            row.short_28,
        ]
        for row in needs.shortage_rows(found)
    ]
    return Sheet(Text("Nguy cơ thiếu", "Shortage"), heads, rows)


def _norms(run: RunRow) -> Sheet:
    """Every rate that the run's use comes from, with its source and status."""
    norms = chain.norms_of(run.params)
    names = {item.code: item.name for item in catalog.items(norms.item_codes())}
    heads = [
        (Text("Mã hàng", "Item code"), 10),
        (Text("Mặt hàng", "Item"), 36),
        (Text("Do", "From"), 28),
        (Text("Dành cho", "For"), 20),
        (Text("Định mức", "Norm"), 12),
        (Text("Nguồn", "Source"), 60),
        (Text("Tình trạng", "Status"), 40),
    ]
    rows = [
        [
            rate.item_code,
            names.get(rate.item_code, rate.item_code),
            DRIVER_WORDS.get(rate.driver, Text(rate.driver, rate.driver)),
            screens.CLASS_WORDS[rate.of_class],
            float(np.format_float_positional(rate.quantity_per_driver_day, precision=6)),
            rate.source,
            rate.status,
        ]
        for rate in norms.rates
    ]
    return Sheet(Text("Định mức", "Norms"), heads, rows)
