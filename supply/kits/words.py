"""What kits and their papers are called. Pure."""

from __future__ import annotations

from supply.core.text import Text

KIT_KINDS: dict[str, Text] = {
    "home_bag": Text("Túi thuốc tại nhà", "Home bag"),
    "station_set": Text("Cơ số trạm lưu động", "Mobile station set"),
    "opening_set": Text("Cơ số theo giường", "Set by beds"),
}
KITS_MAX = 100_000
BEDS_MAX = 10_000
ISSUE_PURPOSES = ("home_patient", "community_team", "front_line", "patient", "other_unit")
