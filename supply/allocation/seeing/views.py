"""Pages that show a plan: its pictures and tables, the workbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from flask_appbuilder import BaseView, expose

from supply.allocation import queries
from supply.allocation.queries import ItemRow, PlanView
from supply.allocation.seeing import flow, pictures
from supply.allocation.seeing.book import book_of
from supply.allocation.seeing.moves import MEASURES, DayRow, Move, by_day, pairs, total
from supply.allocation.seeing.overview import WAYS, weights_in_words
from supply.allocation.seeing.queries import moves
from supply.allocation.seeing.workbook import to_bytes
from supply.allocation.story import percent, short_name
from supply.allocation.words import CLASS_NAMES, POLICIES, TRIP_STATES
from supply.core.export import XLSX
from supply.core.i18n import language, t
from supply.core.security import guarded
from supply.core.text import Text, group_digits

SHOWN_TRANSFERS, SHOWN_ITEMS = 25, 8
FILTERS = ("from", "to", "item", "day")
DAY_NAMES = {"leaves": Text("gửi đi", "leaves"), "arrives": Text("đến nơi", "arrives")}


class LookView(BaseView):
    """A plan in pictures, tables and a workbook."""

    route_base = "/plans"
    class_permission_name = "Plans"
    method_permission_name = {"show": "read", "workbook": "read"}

    @expose("/<int:plan_id>/look")
    @guarded
    def show(self, plan_id: int) -> Any:
        """Who sends to whom, by day, by place; filters and measure are in the address."""
        plan = queries.plan(plan_id)
        asked = {name: request.args.get(name, "") for name in FILTERS}
        by = request.args.get("by", "")
        by = by if by in MEASURES else "lines"
        everything = moves(plan)
        found = [move for move in everything if _matches(move, asked)]
        return self.render_template(
            "allocation/look.html",
            plan=plan,
            asked=asked,
            by=by,
            measures=[(key, t(words)) for key, (words, _) in MEASURES.items()],
            address=_address(plan_id, asked, by),
            choices=_choices(everything),
            found=found,
            shown=found if request.args.get("all") == "1" else found[:SHOWN_TRANSFERS],
            total=total(found),
            relieved=_most(plan, lambda row: (row.no_transfer - row.plan) / row.needed),
            still_short=_most(plan, lambda row: row.plan / row.needed),
            weights=weights_in_words(plan.weights),
            ways=[(key, t(words)) for key, words in WAYS.items()],
            names={key: t(words) for key, words in CLASS_NAMES.items()},
            POLICIES=POLICIES,
            TRIP_STATES=TRIP_STATES,
            percent=percent,
            short_name=short_name,
            **_flow_pictures(found, by),
            **_day_pictures(plan, found, by),
        )

    @expose("/<int:plan_id>/workbook.xlsx")
    @guarded
    def workbook(self, plan_id: int) -> Response:
        """The plan as a workbook with charts."""
        content = to_bytes(book_of(plan_id), language())
        name = f"ke-hoach-phan-bo-{plan_id}.xlsx"
        return Response(
            content,
            mimetype=XLSX,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _flow_pictures(found: Sequence[Move], by: str) -> dict[str, Any]:
    names = {m.row.origin: t(short_name(m.row.origin_name)) for m in found}
    names |= {m.row.destination: t(short_name(m.row.destination_name)) for m in found}
    sums = flow.totals_of((m.row.origin, m.row.destination, m.measure(by)) for m in found)
    return {
        "pairs": pairs(found),
        "wide_flow": flow.picture(sums, flow.WIDE),
        "narrow_flow": flow.picture(sums, flow.NARROW),
        "label": lambda key: names.get(key, key),
        "amount": lambda value: f"{_figure(value, by)} {t(MEASURES[by][1])}",
    }


def _figure(value: float, by: str) -> str:
    if by == "litres" and value < 100:
        return group_digits(int(value)) if value == int(value) else f"{value:.1f}".replace(".", ",")
    return group_digits(round(value))


def _day_pictures(plan: PlanView, found: Sequence[Move], by: str) -> dict[str, Any]:
    short: dict[str, list[int]] = plan.compared.get("days", {})
    rows = by_day(found, plan.head.start, plan.head.horizon_days, short)
    return {
        "day_rows": rows,
        "dates": [row.day for row in rows],
        "way_names": {key: t(words) for key, words in WAYS.items()},
        "day_names": {key: t(words) for key, words in DAY_NAMES.items()},
        "unit": t(MEASURES[by][1]),
        "day_charts": [
            (size, _lines(rows, lines), _bars(rows, bars, by))
            for size, lines, bars in (
                ("wide", pictures.WIDE_LINES, pictures.WIDE_BARS),
                ("narrow", pictures.NARROW_LINES, pictures.NARROW_BARS),
            )
        ],
    }


def _lines(rows: Sequence[DayRow], box: pictures.Box) -> pictures.DayChart | None:
    series = {way: [row.short[way] for row in rows if row.short] for way in WAYS}
    if not any(map(any, series.values())):
        return None
    return pictures.day_lines(series, len(rows), box)


def _bars(rows: Sequence[DayRow], box: pictures.Box, by: str) -> pictures.DayChart:
    series = {name: [getattr(row, name).measure(by) for row in rows] for name in DAY_NAMES}
    return pictures.day_bars(series, len(rows), box)


def _matches(move: Move, asked: dict[str, str]) -> bool:
    row = move.row
    return (
        asked["from"] in ("", row.origin)
        and asked["to"] in ("", row.destination)
        and asked["item"] in ("", row.item)
        and asked["day"] in ("", row.day.isoformat())
    )


def _choices(moves: Sequence[Move]) -> dict[str, list[tuple[str, str]]]:
    """What the transfers can be filtered by."""
    rows = [move.row for move in moves]

    def named(pairs: set[tuple[str, str]]) -> list[tuple[str, str]]:
        return sorted(pairs, key=lambda pair: (pair[1], pair[0]))

    return {
        "from": named({(r.origin, t(short_name(r.origin_name))) for r in rows}),
        "to": named({(r.destination, t(short_name(r.destination_name))) for r in rows}),
        "item": named({(r.item, t(r.item_name)) for r in rows}),
        "day": sorted({(r.day.isoformat(), r.day.strftime("%d/%m/%Y")) for r in rows}),
    }


def _address(plan_id: int, asked: dict[str, str], by: str) -> Callable[..., str]:
    """`address(item="GANG")`: this page with some filters changed; "" takes one off."""

    def made(anchor: str = "", **changed: str) -> str:
        wanted = {**asked, "by": by if by != "lines" else "", **changed}
        words = urlencode({name: value for name, value in wanted.items() if value})
        return f"/plans/{plan_id}/look" + (f"?{words}" if words else "") + anchor

    return made


def _most(plan: PlanView, share: Callable[[ItemRow], float]) -> list[ItemRow]:
    """The few items with the largest share of their need, none with nothing."""
    rows = sorted(plan.items, key=lambda row: (-share(row), row.code))
    return [row for row in rows if share(row) > 0][:SHOWN_ITEMS]
