"""How the rates are told to people."""

from __future__ import annotations

from supply.core.text import Text

METHOD_WORDS: dict[str, Text] = {
    "none": Text("chưa có định mức, chưa dùng", "no norm, never used"),
    "norm": Text("theo định mức", "by the norm"),
    "blend": Text("định mức có hiệu chỉnh theo thực dùng", "norm corrected by use"),
    "fixed": Text("mức cố định có hiệu chỉnh theo thực dùng", "fixed term corrected by use"),
    "sba": Text("theo thực dùng, dùng thất thường (SBA)", "by use, now and then (SBA)"),
    "tsb": Text("theo thực dùng (TSB)", "by use (TSB)"),
    "pinned": Text("giữ định mức", "held to the norm"),
}


SORT_WORDS: dict[str, Text] = {
    "disagreement": Text("Lệch nhiều trước", "Farthest apart first"),
    "item": Text("Mặt hàng", "Item"),
    "facility": Text("Cơ sở", "Facility"),
    "weight": Text("Trọng số của thực tế", "Weight of use"),
}
