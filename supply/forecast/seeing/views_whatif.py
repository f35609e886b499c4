"""Sliders over the newest forecast: what if there are more cases, longer stays, goods later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flask import request
from flask_appbuilder import expose

from supply.core.errors import Conflict
from supply.core.lists import asks_for_part, chosen
from supply.core.security import guarded
from supply.core.text import Text, group_digits
from supply.forecast.norms import TIERS
from supply.forecast.seeing import whatif
from supply.forecast.seeing.bases import Ready, ready
from supply.forecast.seeing.whatif import Extra, Factors, Figures
from supply.forecast.seeing.words import TIER_WORDS
from supply.forecast.views_common import ForecastPage, here

ITEMS_SHOWN = 12
PACKS_MAX = 100_000


@dataclass(frozen=True)
class Slider:
    """One slider: its name in the address, words, unit and range; `usual` changes nothing."""

    name: str
    words: Text
    hint: Text
    unit: Text
    low: int
    high: int
    step: int
    usual: int


_PERCENT = Text("%", "%")
SLIDERS = (
    Slider(
        "cases",
        Text("Số ca sắp tới", "Cases to come"),
        Text("so với dự báo", "of the projection"),
        _PERCENT, 0, 300, 5, 100,
    ),
    Slider(
        "severe",
        Text("Tỷ lệ nặng và nguy kịch", "Share of severe and critical"),
        Text("so với bảng phân tầng", "of the severity table"),
        _PERCENT, 0, 300, 5, 100,
    ),
    Slider(
        "stay",
        Text("Số ngày điều trị", "Length of stay"),
        Text("so với định mức", "of the norm"),
        _PERCENT, 50, 200, 5, 100,
    ),
    Slider(
        "use",
        Text("Mức dùng mỗi người bệnh", "Use per patient"),
        Text("so với định mức", "of the norm"),
        _PERCENT, 50, 200, 5, 100,
    ),
    Slider(
        "later",
        Text("Hàng đang chuyển đến chậm thêm", "Goods on their way later by"),
        Text("kể cả hàng đã đặt", "goods on order too"),
        Text("ngày", "days"), 0, 14, 1, 0,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class ItemLine:
    """One item before and after: burn of 14 and 28 days, days of stock, lines out within 14 days."""

    code: str
    name: Text
    unit: Text
    burn_14: tuple[float, float]
    burn_28: tuple[float, float]
    days: tuple[float, float]
    lines_out: tuple[int, int]


class WhatIfView(ForecastPage):
    """What if: the answer stands in the same page, the values in its address."""

    route_base = "/forecast/what-if"
    default_view = "index"
    class_permission_name = "WhatIf"
    method_permission_name = {"index": "read"}

    @expose("/")
    @guarded
    def index(self) -> Any:
        """Sliders and answer; for a slider that moves, the answer alone."""
        at = here()
        if at.run is None:
            return self.page("whatif", at, found=None, changed=None)
        try:
            found = ready(at.run.id)
        except Conflict as changed:  # norms or program changed since: a new run is what helps
            return self.page("whatif", at, found=None, changed=changed.text)
        values = {slider.name: _value(slider) for slider in SLIDERS}
        factors = _factors(values, found)
        after = whatif.figures(found.base, found.lots, factors, found.days_passed)
        shown = {
            "found": found,
            "before": found.plain,
            "after": after,
            "tiers": [(TIER_WORDS[tier], n) for n, tier in enumerate(TIERS)],
            "lines": item_lines(found, after),
            "within": whatif.LINES_WITHIN_DAYS,
            "sentence": sentence(found.plain, after),
        }
        if asks_for_part():
            return self.page("_whatif_answer", at, part=True, **shown)
        return self.page(
            "whatif", at, changed=None, sliders=SLIDERS, values=values, extra=factors.extra, **shown
        )


def _value(slider: Slider) -> int:
    """What the address says, within the slider's range; anything else changes nothing."""
    wanted = chosen(slider.name)
    return slider.usual if wanted is None else min(max(wanted, slider.low), slider.high)


def _factors(values: dict[str, int], found: Ready) -> Factors:
    return Factors(
        values["cases"] / 100,
        values["severe"] / 100,
        values["stay"] / 100,
        values["use"] / 100,
        values["later"],
        _extra(found),
    )


def _extra(found: Ready) -> Extra | None:
    """More packs of an item at a facility, where the address names all three."""
    item = next((i for i in found.items if i.code == request.args.get("item")), None)
    place = next((f for f in found.facilities if f.id == chosen("facility")), None)
    packs = min(chosen("packs") or 0, PACKS_MAX)
    if item is None or place is None or not packs:
        return None
    pack = next((p.units_per_pack for p in item.packs if p.is_default), 1)
    return Extra(place.code, item.code, packs * pack)


def item_lines(found: Ready, after: Figures) -> list[ItemLine]:
    """The items most at risk or most changed, the worst first."""
    before = found.plain
    used = np.flatnonzero(before.burn[:, -1] + after.burn[:, -1])
    order = sorted(
        (int(i) for i in used),
        key=lambda i: (
            -abs(int(after.lines_out[i, 1]) - int(before.lines_out[i, 1])),
            -int(after.lines_out[i, 1]),
            float(after.days_of_stock[i]),
            found.items[i].code,
        ),
    )
    return [
        ItemLine(
            found.items[i].code,
            found.items[i].name,
            found.items[i].base_unit,
            (float(before.burn[i, 0]), float(after.burn[i, 0])),
            (float(before.burn[i, 1]), float(after.burn[i, 1])),
            (float(before.days_of_stock[i]), float(after.days_of_stock[i])),
            (int(before.lines_out[i, 1]), int(after.lines_out[i, 1])),
        )
        for i in order[:ITEMS_SHOWN]
    ]


def sentence(before: Figures, after: Figures) -> Text:
    """The answer in one sentence, read out when a slider stops."""
    was, now = before.lines_out_total[1], after.lines_out_total[1]
    heavy = round(sum(peak.mean for peak in after.present[2:]))
    litres = round(after.oxygen_litres_per_minute.mean)
    return Text(
        f"Đỉnh khoảng {group_digits(heavy)} người bệnh nặng và nguy kịch, oxy"
        f" {group_digits(litres)} lít/phút; {group_digits(now)} dòng hàng hết trong 14 ngày"
        f" ({_change(now - was).vi}).",
        f"At the peak about {group_digits(heavy)} severe and critical patients, oxygen"
        f" {group_digits(litres)} L/min; {group_digits(now)} stock lines run out within 14 days"
        f" ({_change(now - was).en}).",
    )


def _change(by: int) -> Text:
    if by == 0:
        return Text("không đổi", "no change")
    if by > 0:
        return Text(f"thêm {group_digits(by)}", f"{group_digits(by)} more")
    return Text(f"bớt {group_digits(-by)}", f"{group_digits(-by)} fewer")
