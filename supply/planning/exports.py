"""Planning's lists as files: orders, a purchase plan, a reserve list, waste."""

from __future__ import annotations

import datetime as dt

from supply.catalog import queries as catalog
from supply.catalog.words import CATEGORY
from supply.core.address import Args, number
from supply.core.clock import today
from supply.core.errors import NotFound
from supply.core.export import Cell, Column, Table
from supply.core.files import exportable
from supply.core.text import Text
from supply.inventory import on_order as orders
from supply.planning import queries
from supply.planning.purchase_plans import PlanRow
from supply.planning.runs import run_words
from supply.planning.typed import asked_of
from supply.planning.waste_board import PlaceWaste
from supply.planning.words import why

_ITEM = (
    Column("code", Text("Mã hàng", "Item code"), lambda r: r.item_code),
    Column("item", Text("Mặt hàng", "Item"), lambda r: r.item_name, width=40),
    Column("unit", Text("Đơn vị", "Unit"), lambda r: r.unit, width=10),
)


def _slug(said: Args) -> str:
    found = catalog.districts()
    slug = said.get("district", "")
    if not found:
        raise NotFound()
    return slug or found[0].slug


@exportable("planning.orders", "OnOrder")
def orders_table(said: Args) -> Table:
    """What is on order; `closed=1`: closed orders too."""
    place = number(said, "facility")
    rows = orders.orders(None if place is None else [place], closed=said.get("closed") == "1")
    return Table(
        name="hang-da-dat",
        title=Text("Hàng đã đặt", "On order"),
        columns=(
            Column("facility", Text("Cơ sở nhận", "For"), lambda r: r.facility_name, width=34),
            *_ITEM,
            Column("quantity", Text("Số lượng", "Quantity"), lambda r: r.quantity, "number"),
            Column("on", Text("Dự kiến về", "Expected on"), lambda r: r.expected_on, "date"),
            Column("partner", Text("Đối tác", "Partner"), lambda r: r.partner_name, width=30),
            Column("fund", Text("Nguồn quỹ", "Fund"), lambda r: r.fund_code),
            Column("price", Text("Đơn giá", "Unit price"), lambda r: r.unit_price_vnd, "money"),
            Column("paper", Text("Số giấy tờ", "Paper"), lambda r: r.paper_reference, width=24),
            Column("by", Text("Người ghi", "By"), lambda r: r.recorded_by, width=20),
            Column(
                "state",
                Text("Tình trạng", "State"),
                lambda r: Text("Chờ về", "To come") if r.is_open else orders.CLOSINGS[r.closed],
            ),
            Column("received", Text("Đã nhận", "Received"), lambda r: r.received, "number"),
        ),
        rows=rows,
    )


def _plan_columns(level: float, day: dt.date) -> tuple[Column, ...]:
    def order_by(row: PlanRow) -> dt.date | None:
        by = row.line.order_by_day
        return None if by is None else day + dt.timedelta(days=by)

    return (
        Column("facility", Text("Nơi", "Where"), lambda r: r.facility_name, width=28),
        *_ITEM,
        Column("category", Text("Nhóm", "Category"), lambda r: CATEGORY[r.category], width=18),
        Column("order_by", Text("Đặt trước ngày", "Order by"), order_by, "date"),
        Column(
            "lead", Text("Chờ hàng (ngày)", "Lead (days)"), lambda r: r.line.lead_days, "number"
        ),
        Column("need", Text("Cần", "Need"), lambda r: r.line.use_quantile, "number"),
        Column("reserve", Text("Dự trữ", "Reserve"), lambda r: r.line.reserve, "number"),
        Column("on_hand", Text("Đang có", "On hand"), lambda r: r.line.on_hand, "number"),
        Column("transit", Text("Đang chuyển", "On the way"), lambda r: r.line.in_transit, "number"),
        Column("on_order", Text("Đã đặt", "On order"), lambda r: r.line.on_order, "number"),
        Column("expiring", Text("Sẽ hết hạn", "Expiring"), lambda r: r.line.expiring, "number"),
        Column("packs", Text("Số gói", "Packs"), lambda r: r.line.packs, "number"),
        Column("pack", Text("Quy cách", "Pack"), lambda r: r.pack_name, width=22),
        Column("units", Text("Số mua", "To buy"), lambda r: r.line.units, "number"),
        Column("price", Text("Đơn giá", "Unit price"), lambda r: r.line.unit_price_vnd, "money"),
        Column("amount", Text("Thành tiền", "Amount"), lambda r: r.line.amount_vnd, "money"),
        Column("fund", Text("Nguồn quỹ", "Fund"), lambda r: r.fund_code),
        Column("why", Text("Vì sao", "Why"), lambda r: why(r, level), width=80),
    )


@exportable("planning.purchase", "Purchase")
def purchase_table(said: Args) -> Table:
    """A saved plan (`plan`), or what would be proposed under the terms of the address."""
    plan_id = number(said, "plan")
    facts: list[tuple[Text, Cell | Text]] = []
    if plan_id is None:
        made = queries.propose(_slug(said), asked_of(said))
        rows, level, day = made.rows, made.asked.service_level, made.day
        total = made.total_vnd
        facts.append((Text("Căn cứ", "From"), run_words(made.run)))
    else:
        saved = queries.purchase_plan(plan_id)
        rows, level, day = saved.rows, saved.head.service_level, saved.head.day
        total = saved.head.total_vnd
        facts.append((Text("Kế hoạch số", "Plan no."), plan_id))
    missing = sum(row.line.amount_vnd is None for row in rows)
    facts += [
        (Text("Ngày", "Day"), day),
        (Text("Mức bảo đảm (%)", "Service level (%)"), f"{level * 100:g}"),
        (Text("Tổng tiền (đồng)", "Total (VND)"), total),
        (Text("Dòng chưa có đơn giá", "Lines without a price"), missing),
    ]
    return Table(
        name="ke-hoach-mua",
        title=Text("Kế hoạch mua", "Purchase plan"),
        columns=_plan_columns(level, day),
        rows=rows,
        facts=tuple(facts),
    )


@exportable("planning.reserve", "ReserveLists")
def reserve_table(said: Args) -> Table:
    """A version of the reserve list against what is held."""
    saved = queries.reserve_list(number(said, "list") or 0)
    place = number(said, "facility")
    head = saved.head
    return Table(
        name="danh-muc-du-tru",
        title=Text("Danh mục dự trữ", "Reserve list"),
        columns=(
            Column("facility", Text("Cơ sở", "Facility"), lambda r: r.facility_name, width=34),
            *_ITEM,
            Column("category", Text("Nhóm", "Category"), lambda r: CATEGORY[r.category], width=18),
            Column(
                "essential",
                Text("Thiết yếu", "Essential"),
                lambda r: Text("x", "x") if r.is_essential else "",
                width=8,
            ),
            Column("days", Text("Số ngày", "Days"), lambda r: r.days_on_site, "number"),
            Column("burn", Text("Mức dùng", "Use"), lambda r: r.burn_units, "decimal"),
            Column("computed", Text("Tính ra", "Reckoned"), lambda r: r.computed, "number"),
            Column("units", Text("Dự trữ", "Reserve"), lambda r: r.units, "number"),
            Column("held", Text("Đang có", "Held"), lambda r: r.held, "number"),
            Column("missing", Text("Còn thiếu", "Missing"), lambda r: r.missing, "number"),
        ),
        rows=[line for line in saved.lines if place in (None, line.facility_id)],
        facts=(
            (Text("Lần", "Version"), head.version),
            (Text("Áp dụng từ", "In force from"), head.valid_from),
            (Text("Mức bảo đảm (%)", "Level (%)"), f"{head.quantile * 100:g}"),
            (Text("Người lập", "Made by"), head.created_by),
            (Text("Người duyệt", "Approved by"), head.decided_by),
            (Text("Ngày in", "Printed on"), today()),
        ),
    )


@exportable("planning.waste", "Waste")
def waste_table(said: Args) -> Table:
    """Waste by facility against what can be treated."""
    board = queries.waste_board(_slug(said), number(said, "run"))

    def source_words(place: PlaceWaste) -> Text:
        parts = [(name, f"{kg:.0f}") for name, kg in place.by_source]
        return Text(
            "; ".join(f"{name.vi} {kg}" for name, kg in parts),
            "; ".join(f"{name.en} {kg}" for name, kg in parts),
        )

    return Table(
        name="chat-thai-lay-nhiem",
        title=Text("Chất thải lây nhiễm", "Infectious waste"),
        columns=(
            Column("code", Text("Mã cơ sở", "Facility code"), lambda r: r.facility.code),
            Column("facility", Text("Cơ sở", "Facility"), lambda r: r.facility.name, width=34),
            Column("mean", Text("kg/ngày", "kg a day"), lambda r: r.mean_kg, "decimal"),
            Column("peak", Text("Ngày cao nhất (kg)", "Peak (kg)"), lambda r: r.peak_kg, "decimal"),
            Column("low", Text("Thấp (5 %)", "Low (5 %)"), lambda r: r.peak_low_kg, "decimal"),
            Column("high", Text("Cao (95 %)", "High (95 %)"), lambda r: r.peak_high_kg, "decimal"),
            Column("on", Text("Ngày", "On"), lambda r: r.peak_on, "date"),
            Column(
                "capacity",
                Text("Năng lực (kg/ngày)", "Capacity (kg a day)"),
                lambda r: r.capacity_kg,
                "decimal",
            ),
            Column("over", Text("Số ngày vượt", "Days over"), lambda r: r.days_over, "number"),
            Column(
                "over_high",
                Text("Số ngày vượt (mức cao)", "Days over (high)"),
                lambda r: r.days_over_high,
                "number",
            ),
            Column(
                "left", Text("Chưa có nơi xử lý (kg)", "Left (kg)"), lambda r: r.left_kg, "decimal"
            ),
            Column("sources", Text("Từ đâu (kg)", "From what (kg)"), source_words, width=60),
        ),
        rows=board.places,
        facts=(
            (Text("Căn cứ", "From"), run_words(board.run)),
            (Text("Từ ngày", "From the day"), board.day),
            (Text("Số ngày", "Days"), board.days),
            (Text("Năng lực cả địa bàn (kg/ngày)", "District capacity"), f"{board.capacity_kg:g}"),
        ),
    )
