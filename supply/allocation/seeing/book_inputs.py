"""The inputs of a plan as sheets: stock, what comes in, need, and what the plan had to keep to."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from supply.allocation.queries import Names
from supply.allocation.seeing.book_columns import (
    CLASS,
    ITEM,
    LOT,
    PLACE,
    QUANTITY,
    UNIT,
    C,
    place_of,
)
from supply.allocation.seeing.workbook import Cell, Sheet
from supply.allocation.words import CLASS_NAMES
from supply.core.text import Text


def input_sheets(instance: Mapping[str, Any], names: Names) -> tuple[Sheet, ...]:
    """Three sheets of an instance as stored."""
    start = dt.date.fromisoformat(instance["start"])
    return _stock(instance, start, names), _demand(instance, names), _rules(instance, start, names)


def _stock(instance: Mapping[str, Any], start: dt.date, names: Names) -> Sheet:
    rows: list[Sequence[Cell]] = [
        (
            Text("Có sẵn", "On hand") if "day" not in s else Text("Đang đến", "Coming in"),
            start + dt.timedelta(days=s.get("day", 0)),
            *place_of(s["facility"], names),
            *(s["item"], names.item(s["item"]), s["lot"]),
            dt.date.fromisoformat(s["expiry"]) if s["expiry"] else None,
            *(s["quantity"], names.unit(s["item"])),
        )
        for s in (*instance.get("lots", ()), *instance.get("arrivals", ()))
    ]
    return Sheet(
        Text("Đầu vào - Tồn", "Inputs - Stock"),
        Text("Tồn kho lúc lập kế hoạch và hàng đang đến", "Stock when planned, and what comes in"),
        (
            C(Text("Loại", "Kind"), width=11),
            C(Text("Từ ngày", "From day"), "date"),
            *(*PLACE, *ITEM, *LOT, QUANTITY, UNIT),
        ),
        rows,
        fixed=0,
    )


def _demand(instance: Mapping[str, Any], names: Names) -> Sheet:
    start = dt.date.fromisoformat(instance["start"])
    days = range(instance["horizon_days"])
    found: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0] * len(days))
    for need in instance.get("demand", ()):
        found[need["facility"], need["item"], need["class"]][need["day"]] += need["quantity"]
    dates = [f"{start + dt.timedelta(days=day):%d/%m}" for day in days]
    return Sheet(
        Text("Đầu vào - Nhu cầu", "Inputs - Need"),
        Text("Nhu cầu theo nơi, mặt hàng, nhóm và ngày", "Need by place, item, class and day"),
        (
            *(*PLACE, *ITEM, CLASS, UNIT),
            C(Text("Cả kỳ", "Period"), "whole", 11),
            *(C(Text(day, day), "whole", 8) for day in dates),
        ),
        [
            (
                *(*place_of(f, names), i, names.item(i), CLASS_NAMES[c], names.unit(i)),
                *(sum(by_day_), *by_day_),
            )
            for (f, i, c), by_day_ in sorted(found.items())
        ],
        fixed=4,
    )


def _rules(instance: Mapping[str, Any], start: dt.date, names: Names) -> Sheet:
    """Reserves, vehicles, roads and pins, one under the other: what the plan had to keep to."""

    def name(code: str) -> Text:
        return names.facility(code)

    rows: list[Sequence[Cell]] = []
    for r in instance.get("reserve", ()):
        kind = Text("Dự trữ tại chỗ", "On-site reserve")
        item = names.item(r["item"])
        rows.append(
            (kind, name(r["facility"]), None, item, None, r["quantity"], names.unit(r["item"]))
        )
    for v in instance.get("vehicles", ()):
        kind, unit = Text("Xe: số chuyến", "Vehicle trips"), Text("chuyến", "trips")
        day = start + dt.timedelta(days=v["day"])
        litres = Text(
            f"{v['litres_per_trip']:g} lít/chuyến", f"{v['litres_per_trip']:g} litres/trip"
        )
        rows.append((kind, name(v["facility"]), None, litres, day, v["trips"], unit))
    for a in instance.get("arcs", ()):
        kind, unit = Text("Đường đi", "Road"), Text("ngày", "days")
        rows.append((kind, name(a["from"]), name(a["to"]), None, None, a["lead_days"], unit))
    for p in instance.get("pins", ()):
        most = "∞" if p["max_quantity"] is None else str(p["max_quantity"])
        kind = Text(f"Ghim: tối đa {most}, ít nhất", f"Pin: at most {most}, at least")
        unit, item = names.unit(p["item"]), names.item(p["item"])
        rows.append((kind, name(p["from"]), name(p["to"]), item, None, p["min_quantity"], unit))
    return Sheet(
        Text("Đầu vào - Điều kiện", "Inputs - Conditions"),
        Text("Dự trữ, xe, đường đi, ghim", "Reserves, vehicles, roads, pins"),
        (
            C(Text("Điều kiện", "Condition"), width=26),
            C(Text("Cơ sở", "Facility"), width=34),
            C(Text("Đến", "To"), width=34),
            C(Text("Mặt hàng, xe", "Item, vehicle"), width=38),
            C(Text("Ngày", "Day"), "date"),
            QUANTITY,
            UNIT,
        ),
        rows,
    )
