"""Spending by fund: the page, and the rows behind each of its figures."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.core.errors import Fault, InvalidInput
from supply.core.home import Tile, tiles_for
from supply.core.i18n import num, t
from supply.core.security import guarded
from supply.core.text import Text
from supply.finance import queries
from supply.finance.figures import CAME, FIGURE_NAMES, WENT, Figures, SpendingRow, total
from supply.finance.queries import Asked, SplitBy
from supply.inventory.parsing import parse_date_vn

ADDRESS = "/funds-spending/"
SPLITS: dict[SplitBy, Text] = {
    "fund": Text("Theo nguồn quỹ", "By fund"),
    "facility": Text("Theo nguồn quỹ, cơ sở", "By fund and facility"),
    "item": Text("Theo nguồn quỹ, mặt hàng", "By fund and item"),
}
COLUMNS = (*CAME, *WENT)
_DONG = Text("đồng", "VND")


class FundSpendingView(BaseView):
    """What each fund brought in, and where it is or went."""

    route_base = "/funds-spending"
    default_view = "index"
    class_permission_name = "FundSpending"
    method_permission_name = {"index": "read", "rows": "read"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """The figures; filters in the address."""
        asked, by, faults = _asked()
        rows = [] if faults else queries.spending(asked, by)
        by_fund = rows if by == "fund" else ([] if faults else queries.spending(asked))
        page = self.render_template(
            "finance/spending.html",
            rows=rows,
            total=total(by_fund),
            columns=_shown(rows, by),
            names=FIGURE_NAMES,
            came=CAME,
            went=WENT,
            by=by,
            splits=SPLITS,
            split_choices=[(key, t(name)) for key, name in SPLITS.items()],
            chart=_chart(by_fund),
            link=lambda figure, row=None: _link(figure, by, row),
            faults=faults,
            filters=request.args,
            **_choices(),
        )
        return (page, 422) if faults else page

    @expose("/rows")
    @guarded
    def rows(self) -> Any:
        """The movements, or the lots, behind one figure."""
        asked, by, faults = _asked()
        if faults:
            raise InvalidInput(faults=faults)
        figure = request.args.get("figure", "")
        page = queries.behind(figure, asked, by, after=_whole("after"))
        kept = request.args.to_dict()
        more = urlencode({**kept, "after": page.next_after}) if page.next_after else None
        values = {
            "page": page,
            "figure": figure,
            "name": FIGURE_NAMES[figure],
            "more": f"{ADDRESS}rows?{more}" if more else None,
            "back": f"{ADDRESS}?{urlencode(_without(kept, 'figure', 'after'))}",
        }
        if request.headers.get("HX-Request") == "true":
            return self.render_template("finance/_rows.html", **values)
        return self.render_template("finance/rows.html", **values, **_choices())


def _asked() -> tuple[Asked, SplitBy, list[Fault]]:
    """The question in the address; dates that cannot be read, or stand the wrong way round, are
    faults, facilities outside the person's scope hold nothing."""
    faults: list[Fault] = []
    first, last = _day("from", faults), _day("to", faults)
    if first and last and last < first:
        faults.append(
            Fault(
                "to",
                Text("“Đến ngày” không thể trước “Từ ngày”.", "“To” cannot be before “From”."),
            )
        )
    wanted = request.args.get("by", "fund")
    by: SplitBy = "facility" if wanted == "facility" else "item" if wanted == "item" else "fund"
    facility = _whole("facility")
    asked = Asked(
        request.args.get("district") or None,
        None if facility is None else (facility,),
        _whole("fund"),
        _whole("item"),
        first,
        last,
    )
    return asked, by, faults


def _day(name: str, faults: list[Fault]) -> dt.date | None:
    written = request.args.get(name, "").strip()
    if not written:
        return None
    try:
        return parse_date_vn(written, name)
    except InvalidInput as error:
        faults.extend(error.faults)
        return None


def _whole(name: str) -> int | None:
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def _without(args: dict[str, str], *names: str) -> dict[str, str]:
    return {key: value for key, value in args.items() if key not in names}


def _choices() -> dict[str, Any]:
    return {
        "funds": [(f.id, t(f.name)) for f in catalog.funds()],
        "facilities": [(f.id, t(f.name)) for f in catalog.facilities()],
        "districts": [(d.slug, d.name) for d in catalog.districts()],
    }


def _shown(rows: list[SpendingRow], by: SplitBy) -> list[str]:
    """Columns that are 0 everywhere are left out, but for those everybody looks for."""
    always = {"received", "used", "lost", "in_stock", "in_transit"}
    return [
        name
        for name in COLUMNS
        if name in always or any(getattr(row.figures, name) for row in rows)
    ]


def _link(figure: str, by: SplitBy, row: SpendingRow | None) -> str:
    """The address of the rows behind a figure, with the page's own filters."""
    kept = _without(request.args.to_dict(), "after", "figure")
    if row is not None:
        kept["fund"] = str(row.fund_id)
        if row.key is not None:
            kept[by] = str(row.key)
    return f"{ADDRESS}rows?{urlencode({**kept, 'figure': figure})}"


def _chart(rows: list[SpendingRow]) -> dict[str, Any]:
    """Bars by fund, in millions of đồng: used, lost, in stock with what is on its way."""

    def millions(*names: str) -> list[float]:
        return [round(sum(getattr(row.figures, name) for name in names) / 1e6, 1) for row in rows]

    return {
        "labels": [row.fund_code for row in rows],
        "x": t("Nguồn quỹ", "Fund"),
        "series": [
            {"label": t("Đã dùng", "Used"), "values": millions("used")},
            {
                "label": t("Còn tồn, đang chuyển", "In stock, in transit"),
                "values": millions("in_stock", "in_transit"),
            },
            {"label": t("Hao hụt", "Lost"), "values": millions("lost")},
        ],
    }


@tiles_for("can_read", "FundSpending")
def fund_tiles() -> list[Tile]:
    """What came in, was used and is left, in all funds of the person's scope."""
    found: Figures = total(queries.spending(Asked()))

    def tile(label: Text, value: int, figure: str, order: int) -> Tile:
        url = f"{ADDRESS}rows?figure={figure}"
        return Tile(label, num(value), url, _DONG, order=order)

    return [
        tile(Text("Tổng nhập", "Received"), found.received, "received", 500),
        tile(Text("Đã dùng", "Used"), found.used, "used", 510),
        tile(Text("Còn tồn", "In stock"), found.in_stock, "in_stock", 520),
    ]
