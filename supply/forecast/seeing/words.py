"""Words that several pages use."""

from __future__ import annotations

from supply.core.text import Text

TIER_WORDS = {
    "mild": Text("Nhẹ", "Mild"),
    "moderate": Text("Vừa", "Moderate"),
    "severe": Text("Nặng", "Severe"),
    "critical": Text("Nguy kịch", "Critical"),
}
