"""Each sheet of the workbook from what the modules say. Pure: dataclasses in, rows out.

All words are pairs; `say` picks the language of the workbook.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from supply.allocation.queries import PlanView
from supply.allocation.words import CLASS_NAMES
from supply.core.text import Text
from supply.finance.figures import CAME, FIGURE_NAMES, WENT, SpendingRow, total
from supply.finance.queries import Behind
from supply.forecast.burn import QUANTILES
from supply.forecast.needs import Shortage, ShortageRow
from supply.report.book import Cell, Chart, Column, Sheet

Say = Callable[[Text], str]
WORST_SHOWN = 15
FACILITY, ITEM = Text("Cơ sở", "Facility"), Text("Mặt hàng", "Item")
FACILITY_CODE, ITEM_CODE = Text("Mã cơ sở", "Facility code"), Text("Mã hàng", "Item code")
UNIT, DONG = Text("Đơn vị", "Unit"), Text("đồng", "VND")
LEVELS = {
    "danger": Text("Nguy cấp: dưới 7 ngày", "Critical: under 7 days"),
    "warning": Text("Cần chú ý: dưới 14 ngày", "Attention: under 14 days"),
    "ok": Text("Đủ", "Enough"),
}


def stock_sheet(
    rows: Sequence[Behind],
    facility_codes: Mapping[int, str],
    expiry: Mapping[tuple[int, int, str], dt.date | None],
    say: Say,
) -> Sheet:
    """One row for each consignment in each store: what there is, until when, whose money."""
    columns = (
        Column(say(FACILITY_CODE)),
        Column(say(FACILITY)),
        Column(say(ITEM_CODE)),
        Column(say(ITEM)),
        Column(say(UNIT)),
        Column(say(Text("Số lô", "Lot"))),
        Column(say(Text("Hạn dùng", "Expiry")), "date"),
        Column(say(Text("Số lượng", "Quantity")), "whole"),
        Column(say(Text("Nguồn quỹ", "Fund"))),
        Column(say(Text("Chứng từ", "Paper"))),
        Column(say(Text("Giá trị (đồng)", "Value (VND)")), "money", sums=True),
    )
    ordered = sorted(rows, key=lambda r: (facility_codes[r.facility_id], r.item_code, r.lot_number))
    return Sheet(
        say(Text("Tồn kho", "Stock")),
        say(Text("Tồn kho theo cơ sở, mặt hàng, lô", "Stock by facility, item and lot")),
        columns,
        [
            (
                facility_codes[row.facility_id],
                say(row.facility_name),
                row.item_code,
                say(row.item_name),
                say(row.unit),
                row.lot_number,
                expiry.get((row.facility_id, row.item_id, row.lot_number)),
                row.quantity,
                row.fund_code,
                row.paper_reference,
                row.amount_vnd,
            )
            for row in ordered
        ],
        notes=(
            say(
                Text(
                    "Số lượng theo đơn vị tính nhỏ nhất. Ô trống ở cột hạn dùng: không có hạn.",
                    "Quantities in base units. No expiry date: the item does not expire.",
                )
            ),
        ),
        fixed_columns=4,
    )


def burn_sheet(found: Shortage, say: Say) -> Sheet:
    """Use per facility and item: a day's mean, 14 and 28 days with their 90 % interval."""
    burn, days = found.burn, min(28, found.burn.days)
    mean = burn.total_mean
    quantiles = burn.cumulative_quantiles()
    low, high = QUANTILES.index(0.05), QUANTILES.index(0.95)
    rows: list[tuple[Cell, ...]] = []
    for f, i in np.argwhere(mean.any(axis=-1)):
        facility, item = found.facilities[f], found.items[i]
        rows.append(
            (
                facility.code,
                say(facility.name),
                item.code,
                say(item.name),
                say(item.base_unit),
                float(mean[f, i, :7].mean()),
                float(mean[f, i, :14].sum()),
                float(mean[f, i, :days].sum()),
                float(quantiles[f, i, days - 1, low]),
                float(quantiles[f, i, days - 1, high]),
            )
        )
    span = Text(f"{days} ngày", f"{days} days")
    columns = (
        Column(say(FACILITY_CODE)),
        Column(say(FACILITY)),
        Column(say(ITEM_CODE)),
        Column(say(ITEM)),
        Column(say(UNIT)),
        Column(say(Text("Mỗi ngày (7 ngày tới)", "A day (next 7 days)")), "decimal"),
        Column(say(Text("14 ngày", "14 days")), "decimal"),
        Column(say(span), "decimal"),
        Column(say(Text(f"{span.vi}, mức thấp", f"{span.en}, low")), "decimal"),
        Column(say(Text(f"{span.vi}, mức cao", f"{span.en}, high")), "decimal"),
    )
    return Sheet(
        say(Text("Mức tiêu hao", "Burn rate")),
        say(Text("Mức tiêu hao dự báo", "Projected use")),
        columns,
        rows,
        notes=(
            say(
                Text(
                    "Mức thấp và mức cao: 9 trong 10 trường hợp nằm giữa hai mức này.",
                    "Low and high: 9 cases in 10 lie between them.",
                )
            ),
        ),
        fixed_columns=4,
    )


def shortage_sheet(rows: Sequence[ShortageRow], say: Say) -> Sheet:
    """Every item a facility uses, the worst first, with the chart of the worst."""
    columns = (
        Column(say(FACILITY)),
        Column(say(ITEM)),
        Column(say(Text("Mức độ", "Level"))),
        Column(say(UNIT)),
        Column(say(Text("Còn tồn", "On hand")), "whole"),
        Column(say(Text("Đang chuyển đến", "In transit")), "whole"),
        Column(say(Text("Tồn kho trung tâm", "Depot")), "whole"),
        Column(say(Text("Dùng mỗi ngày", "Use a day")), "decimal"),
        Column(say(Text("Số ngày đủ dùng", "Days of stock")), "decimal"),
        Column(say(Text("Thấp nhất", "Low")), "decimal"),
        Column(say(Text("Cao nhất", "High")), "decimal"),
        Column(say(Text("Ngày hết hàng", "Stock-out")), "date"),
        Column(say(Text("Thiếu trong 14 ngày", "Short in 14 days")), "whole"),
        Column(say(Text("Thiếu trong 28 ngày", "Short in 28 days")), "whole"),
        Column(say(Text("Hết hạn không kịp dùng", "Expires unused")), "whole"),
    )
    lines = [
        (
            say(row.facility.name),
            say(row.item.name),
            say(LEVELS[row.level]),
            say(row.item.base_unit),
            row.on_hand,
            row.in_transit,
            row.depot_on_hand,
            row.burn_per_day,
            row.days,
            row.days_low,
            row.days_high,
            row.stock_out,
            row.short_14,
            row.short_28,
            row.expiring,
        )
        for row in rows
    ]
    most = max((row.horizon_days for row in rows), default=28)
    return Sheet(
        say(Text("Nguy cơ thiếu", "Shortage")),
        say(Text("Nguy cơ thiếu, xếp từ nặng nhất", "Shortage, the worst first")),
        columns,
        lines,
        notes=(
            say(
                Text(
                    f"Số ngày đủ dùng: {most} nghĩa là đủ ít nhất {most} ngày.",
                    f"Days of stock: {most} means at least {most} days.",
                )
            ),
        ),
        fixed_columns=2,
        warn_column=8,
        charts=(
            Chart(
                say(
                    Text(
                        f"Số ngày đủ dùng, {WORST_SHOWN} trường hợp nặng nhất",
                        f"Days of stock, the {WORST_SHOWN} worst",
                    )
                ),
                "bar",
                (0, 1),
                (8,),
                WORST_SHOWN,
                value_title=say(Text("ngày", "days")),
            ),
        ),
    )


def plan_sheet(plan: PlanView | None, say: Say) -> Sheet:
    """What the plan does for each item, beside doing nothing and the proportional way."""
    columns = (
        Column(say(ITEM_CODE)),
        Column(say(ITEM)),
        Column(say(UNIT)),
        Column(say(Text("Nhu cầu", "Needed")), "whole"),
        Column(say(Text("Thiếu nếu không điều chuyển", "Unmet without transfers")), "whole"),
        Column(say(Text("Thiếu nếu chia theo tỷ lệ", "Unmet if shared in proportion")), "whole"),
        Column(say(Text("Thiếu theo kế hoạch", "Unmet with the plan")), "whole"),
        Column(say(Text("Đáp ứng theo kế hoạch", "Met with the plan")), "percent"),
    )
    items = () if plan is None else plan.items
    rows = [
        (
            row.code,
            say(row.name),
            say(row.unit),
            row.needed,
            row.no_transfer,
            row.proportional,
            row.plan,
            1.0 - row.plan / row.needed if row.needed else 1.0,
        )
        for row in items
    ]
    return Sheet(
        say(Text("Kế hoạch", "Plan")),
        say(Text("Kế hoạch phân bổ", "Allocation plan")),
        columns,
        rows,
        notes=_plan_notes(plan, say),
        fixed_columns=2,
    )


def _plan_notes(plan: PlanView | None, say: Say) -> tuple[str, ...]:
    if plan is None:
        return (say(Text("Chưa có kế hoạch nào.", "There is no plan yet.")),)
    head = plan.head

    def points(value: int) -> str:
        return f"{value:,}".replace(",", ".")

    classes = "; ".join(
        f"{say(CLASS_NAMES[row.name])} {100 * row.coverage('no_transfer'):.1f} → "
        f"{100 * row.coverage('plan'):.1f} %"
        for row in plan.classes
        if row.needed
    )
    return (
        say(
            Text(
                f"Kế hoạch số {head.id}, từ {head.start:%d/%m/%Y}, {head.horizon_days} ngày.",
                f"Plan {head.id}, from {head.start:%d/%m/%Y}, {head.horizon_days} days.",
            )
        ),
        say(
            Text(
                f"Điểm thiếu có trọng số: không điều chuyển {points(head.no_transfer)}, chia theo tỷ"
                f" lệ {points(head.proportional)}, kế hoạch {points(head.plan)}.",
                f"Weighted shortage: without transfers {points(head.no_transfer)}, in proportion"
                f" {points(head.proportional)}, plan {points(head.plan)}.",
            )
        ),
        say(Text("Đáp ứng trước → sau: ", "Met before → after: ")) + classes,
    )


def transfers_sheet(
    plan: PlanView | None, documents: Mapping[int, tuple[str, dt.date]], say: Say
) -> Sheet:
    """The plan's transfers by lot; `documents`: draft id -> number and day of the posted voucher."""
    columns = (
        Column(say(Text("Ngày theo kế hoạch", "Planned day")), "date"),
        Column(say(Text("Nơi chuyển", "From"))),
        Column(say(Text("Nơi nhận", "To"))),
        Column(say(ITEM_CODE)),
        Column(say(ITEM)),
        Column(say(Text("Số lô", "Lot"))),
        Column(say(Text("Hạn dùng", "Expiry")), "date"),
        Column(say(Text("Số lượng", "Quantity")), "whole"),
        Column(say(UNIT)),
        Column(say(Text("Quy cách", "Packs"))),
        Column(say(Text("Thể tích (lít)", "Volume (litres)")), "decimal", sums=True),
        Column(say(Text("Phiếu chuyển", "Voucher"))),
        Column(say(Text("Ngày ghi sổ", "Posted for")), "date"),
    )
    rows: list[tuple[Cell, ...]] = []
    for row in () if plan is None else plan.transfers:
        label, day = documents.get(row.draft_id or 0, ("", None))
        rows.append(
            (
                row.day,
                say(row.origin_name),
                say(row.destination_name),
                row.item,
                say(row.item_name),
                row.lot,
                row.expiry,
                row.quantity,
                say(row.unit),
                say(row.in_packs),
                row.litres,
                label,
                day,
            )
        )
    note = Text(
        "Phiếu để trống: thủ kho chưa ghi sổ.", "No voucher: the storekeeper has not posted it yet."
    )
    return Sheet(
        say(Text("Phiếu chuyển", "Transfers")),
        say(Text("Điều chuyển theo kế hoạch", "Transfers of the plan")),
        columns,
        rows,
        notes=(say(note),),
        fixed_columns=3,
    )


def spending_sheet(rows: list[SpendingRow], say: Say) -> Sheet:
    """Each fund's figures; both sides of the equation stand in the notes."""
    figures = (*CAME, *WENT)
    columns = (
        Column(say(Text("Mã quỹ", "Fund code"))),
        Column(say(Text("Nguồn quỹ", "Fund"))),
        *(Column(say(FIGURE_NAMES[name]), "money", sums=True) for name in figures),
        Column(say(Text("Chênh lệch", "Difference")), "money", sums=True),
    )
    used, stock, lost = (2 + figures.index(name) for name in ("used", "in_stock", "lost"))
    return Sheet(
        say(Text("Chi theo nguồn quỹ", "Spending by fund")),
        say(Text("Chi theo nguồn quỹ (đồng)", "Spending by fund (VND)")),
        columns,
        [
            (
                row.fund_code,
                say(row.fund_name),
                *(getattr(row.figures, name) for name in figures),
                row.figures.difference,
            )
            for row in rows
        ],
        notes=(_equation(rows, say),),
        fixed_columns=2,
        charts=(
            Chart(
                say(Text("Chi theo nguồn quỹ (đồng)", "Spending by fund (VND)")),
                "column",
                (1, 1),
                (used, stock, lost),
                12,
                stacked=True,
            ),
        ),
    )


def spending_by_facility_sheet(rows: list[SpendingRow], say: Say) -> Sheet:
    """The same, for each fund at each facility."""
    figures = (*CAME, *WENT)
    summed = {name for name in figures if not name.startswith("transferred")}
    columns = (
        Column(say(Text("Mã quỹ", "Fund code"))),
        Column(say(FACILITY_CODE)),
        Column(say(FACILITY)),
        *(Column(say(FIGURE_NAMES[name]), "money", sums=name in summed) for name in figures),
    )
    return Sheet(
        say(Text("Quỹ theo cơ sở", "Funds by facility")),
        say(Text("Chi theo nguồn quỹ và cơ sở (đồng)", "Spending by fund and facility (VND)")),
        columns,
        [
            (
                row.fund_code,
                row.code,
                say(row.label),
                *(getattr(row.figures, name) for name in figures),
            )
            for row in rows
        ],
        fixed_columns=3,
    )


def _equation(rows: list[SpendingRow], say: Say) -> str:
    """ "Nhập 12.000 + … = đã dùng 9.000 + …", with what is not 0."""
    whole = total(rows)

    def side(names: Sequence[str]) -> str:
        shown = [name for name in names if getattr(whole, name)]
        return " + ".join(
            f"{say(FIGURE_NAMES[name])} {getattr(whole, name):,}".replace(",", ".")
            for name in shown
        )

    return f"{side(CAME) or 0} = {side(WENT) or 0}"
