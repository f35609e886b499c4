"""The stock reports as addresses and tables: which there are, their filters, columns and files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from supply.catalog.words import CATEGORY
from supply.core.address import Args, number, words
from supply.core.clock import today
from supply.core.export import Cell, Column, Table
from supply.core.files import exportable
from supply.core.lists import shown
from supply.core.text import Text
from supply.inventory import keyed, reports
from supply.inventory.asking import Row
from supply.inventory.keyed import Asked, Report
from supply.inventory.places import places_of

Choices = tuple[tuple[str, Text], ...]


def _name(row: Row) -> Text:
    return Text(row["name_vi"], row["name_en"])


def _place(row: Row) -> Text:
    return Text(row["facility_vi"], row["facility_en"])


def _unit(row: Row) -> Text:
    return Text(row["base_unit_vi"], row["base_unit_en"])


def _of(key: str) -> Callable[[Row], Cell]:
    return lambda row: row[key]


ITEM = (
    Column("code", Text("Mã hàng", "Code"), _of("item_code"), width=10),
    Column("item", Text("Mặt hàng", "Item"), _name, width=36),
    Column(
        "category", Text("Nhóm", "Category"), lambda r: CATEGORY[r["category"]], "text", 18, False
    ),
    Column("place", Text("Cơ sở", "Facility"), _place, width=28),
    Column("unit", Text("Đơn vị", "Unit"), _unit, width=9),
)
VALUE = Column("value", Text("Giá trị (đồng)", "Value (VND)"), _of("amount_vnd"), "money", 16)


@dataclass(frozen=True)
class ReportPage:
    """One report: how it is called, asked and shown. `sorted_as`: column -> name of its order;
    `choice`: the name of its own filter in the address, its label and what it offers."""

    name: str
    title: Text
    what: Text
    report: Report
    columns: tuple[Column, ...]
    params: Callable[[Args], Mapping[str, object]]
    sorted_as: Mapping[str, str] = field(default_factory=dict)
    choice: tuple[str, Text, Choices] | None = None
    summed: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Its address."""
        return f"/stock-reports/{self.name}/"


def _days(*counts: int) -> Choices:
    return tuple((str(n), Text(f"{n} ngày", f"{n} days")) for n in counts)


def _expiry_params(said: Args) -> dict[str, object]:
    within = said.get("within", "90")
    days = int(within) if within.isascii() and within.isdigit() and len(within) < 5 else 90
    return {
        "before": today() + dt.timedelta(days=days + 1),
        "expired_only": within == "expired",
    }


def _still_params(said: Args) -> dict[str, object]:
    return {"days": min(number(said, "days") or 90, 36_500)}


EXPIRY = ReportPage(
    name="expiry",
    title=Text("Cận hạn, hết hạn", "Expiring and expired"),
    what=Text(
        "Lô trong kho sắp hoặc đã hết hạn; “dùng không kịp” là phần mà mức dùng bình quân chưa dùng "
        "đến trước ngày hết hạn",
        "Lots in the stores that expire soon or have expired; “will not be used” is what average use "
        "will not have reached by the last day",
    ),
    report=reports.EXPIRY,
    columns=(
        *ITEM,
        Column("lot", Text("Số lô", "Lot"), _of("lot_number")),
        Column("expiry", Text("Hạn dùng", "Expiry"), _of("expiry"), "date"),
        Column("days", Text("Còn (ngày)", "Days left"), _of("days_left"), "number", 9, False),
        Column("quantity", Text("Số lượng", "Quantity"), _of("quantity"), "number"),
        Column("unused", Text("Dùng không kịp", "Will not be used"), _of("unused"), "number"),
        VALUE,
    ),
    params=_expiry_params,
    sorted_as={
        "item": "code", "place": "place", "expiry": "expiry", "value": "value", "unused": "unused",
    },
    choice=(
        "within",
        Text("Hết hạn trong", "Expiring within"),
        (*_days(30, 60, 90, 180, 365), ("expired", Text("Đã hết hạn", "Expired already"))),
    ),
    summed=("amount_vnd",),
)  # fmt: skip

MINIMUM = ReportPage(
    name="minimum",
    title=Text("Dưới mức tối thiểu", "Below minimum"),
    what=Text(
        "Tồn dùng được thấp hơn mức đã đặt, hoặc thấp hơn số ngày dùng bình quân đã quy định",
        "Usable stock below the minimum entered, or below the days of average use that were set",
    ),
    report=reports.MINIMUM,
    columns=(
        *ITEM,
        Column("usable", Text("Dùng được", "Usable"), _of("usable"), "number"),
        Column("minimum", Text("Tối thiểu", "Minimum"), _of("minimum"), "number"),
        Column(
            "missing", Text("Còn thiếu", "Missing"),
            lambda r: max(0, (r["minimum"] or 0) - r["usable"]), "number",
        ),
        Column("on_way", Text("Đang chuyển đến", "On the way"), _of("on_way"), "number"),
        Column("amc", Text("Dùng/tháng", "Use a month"), lambda r: r["amc"] and float(r["amc"]),
               "decimal"),
        Column(
            "source", Text("Theo", "By"),
            lambda r: Text("mức đã đặt", "quantity entered") if r["entered"] is not None
            else Text(f"{r['rule_days']} ngày dùng", f"{r['rule_days']} days of use"),
        ),
    ),
    params=lambda said: {"all_items": said.get("of") == "all"},
    sorted_as={"item": "code", "place": "place", "missing": "missing", "usable": "share"},
    choice=(
        "of",
        Text("Hiện", "Show"),
        (
            ("", Text("Dưới mức tối thiểu", "Below minimum")),
            ("all", Text("Mọi mặt hàng, để đặt mức", "All items, to set minimums")),
        ),
    ),
)  # fmt: skip

STILL = ReportPage(
    name="still",
    title=Text("Hàng không luân chuyển", "Not moved"),
    what=Text(
        "Có trong kho nhưng không nhập, không xuất trong số ngày đã chọn",
        "In the store, and neither came nor left for the days chosen",
    ),
    report=reports.NOT_MOVED,
    columns=(
        *ITEM,
        Column("quantity", Text("Tồn kho", "On hand"), _of("quantity"), "number"),
        Column("moved", Text("Lần cuối", "Last moved"), _of("last_moved"), "date"),
        Column("days", Text("Số ngày", "Days"), _of("days_still"), "number"),
        Column("expiry", Text("Hạn gần nhất", "Next expiry"), _of("next_expiry"), "date"),
        VALUE,
    ),
    params=_still_params,
    sorted_as={"item": "code", "place": "place", "days": "days", "value": "value"},
    choice=("days", Text("Không động đến từ", "Not moved for"), _days(30, 60, 90, 180, 365)),
    summed=("amount_vnd",),
)

USE = ReportPage(
    name="use",
    title=Text("Mức dùng và ngày hết hàng", "Use and stock-outs"),
    what=Text(
        "90 ngày trọn vẹn trước hôm nay. Dùng bình quân tháng chỉ tính những ngày còn hàng; không nêu "
        "khi có dưới 30 ngày còn hàng",
        "The 90 whole days before today. Average monthly use counts days with stock only, and is not "
        "stated with fewer than 30 of them",
    ),
    report=reports.USE,
    columns=(
        *ITEM,
        Column("consumed", Text("Đã dùng", "Consumed"), _of("consumed"), "number"),
        Column("in_stock", Text("Ngày còn hàng", "Days in stock"), _of("in_stock_days"), "number"),
        Column("out", Text("Ngày hết hàng", "Days out"), _of("stock_out_days"), "number"),
        Column("amc", Text("Dùng bình quân tháng", "Average a month"),
               lambda r: None if r["amc"] is None else float(r["amc"]), "decimal"),
        Column("on_hand", Text("Tồn kho", "On hand"), _of("on_hand"), "number"),
        Column("months", Text("Đủ dùng (tháng)", "Months left"),
               lambda r: None if r["months_left"] is None else float(r["months_left"]), "decimal"),
    ),
    params=lambda said: {"out_only": said.get("of") == "out"},
    sorted_as={"item": "code", "place": "place", "out": "out", "amc": "use", "months": "months"},
    choice=(
        "of",
        Text("Hiện", "Show"),
        (
            ("", Text("Mọi mặt hàng", "All items")),
            ("out", Text("Có ngày hết hàng", "With days out of stock")),
        ),
    ),
)  # fmt: skip

PAGES = {page.name: page for page in (EXPIRY, MINIMUM, STILL, USE)}


def asked_of(page: ReportPage, said: Args) -> Asked:
    """The filters of an address. Raises NotFound for a facility outside the scope."""
    category = said.get("category", "")
    sort = page.sorted_as.get(said.get("sort", ""), "")
    return Asked(
        where=places_of(said).where,
        category=category if category in CATEGORY else None,
        search=words(said, "q"),
        sort=sort,
        descending=said.get("dir") == "desc",
    )


def _declare(page: ReportPage) -> None:
    @exportable(f"inventory.{page.name}", "Stock")
    def table(said: Args) -> Table:
        asked, params = asked_of(page, said), page.params(said)
        facts: list[tuple[Text, Cell | Text]] = [(Text("Ngày", "Day"), today())]
        if page.choice is not None:
            name, label, offered = page.choice
            facts.append((label, dict(offered).get(said.get(name, ""), offered[0][1])))
        return Table(
            name={"expiry": "can-han", "minimum": "duoi-toi-thieu", "still": "khong-luan-chuyen",
                  "use": "muc-dung"}[page.name],
            title=page.title,
            columns=shown(page.columns, said),
            rows=keyed.rows(page.report, asked, params),
            facts=tuple(facts),
            count=lambda: keyed.count(page.report, asked, params),
        )  # fmt: skip


for _page in PAGES.values():
    _declare(_page)
