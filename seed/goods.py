"""The items of the demo with what they cost: reference data and `seed/demo/prices.csv`."""

from __future__ import annotations

import csv
from pathlib import Path

from seed.history import Goods
from supply.catalog.data import rows

PRICES = Path(__file__).parent / "demo" / "prices.csv"


def demo_goods() -> list[Goods]:
    """Every priced item by code, in its default pack. Oxygen goes straight to those who use it."""
    items = {row["code"]: row for row in rows("items")}
    packs = {
        row["item_code"]: int(row["units_per_pack"])
        for row in rows("packs")
        if row["is_default"] == "true"
    }
    with PRICES.open(encoding="utf-8", newline="") as file:
        prices = sorted(csv.DictReader(file), key=lambda row: row["item_code"])
    return [
        Goods(
            row["item_code"],
            packs.get(row["item_code"], 1),
            _days(items[row["item_code"]]["shelf_life_days"]),
            int(row["unit_price_vnd"]),
            row["partner_code"],
            delivered_directly=items[row["item_code"]]["category"] == "oxygen",
        )
        for row in prices
    ]


def _days(text: str) -> int | None:
    return int(text) if text else None
