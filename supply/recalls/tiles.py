"""What of recalls and quarantine needs somebody today, on the home page."""

from __future__ import annotations

from supply.core.home import Tile, tiles_for
from supply.core.text import Text
from supply.recalls import queries


@tiles_for("can_write", "Recalls")
def to_answer() -> list[Tile]:
    """For storekeepers: recalls that wait for their answer, first of all."""
    waiting = queries.recalls("mine")
    if not waiting:
        return []
    return [
        Tile(
            Text("Thu hồi: cần biệt trữ và trả lời", "Recalls to answer"),
            str(len(waiting)),
            f"/recalls/{waiting[0].id}" if len(waiting) == 1 else "/recalls/?show=mine",
            Text("lô", "lots"),
            "danger",
            1,
            Text("Kiểm kho, một nút là xong", "Look in the store; one button does it"),
        )
    ]


@tiles_for("can_lead", "Recalls")
def under_way() -> list[Tile]:
    """For who leads: how many facilities have answered."""
    running = queries.recalls("open")
    if not running:
        return []
    answered = sum(r.answered for r in running)
    places = sum(r.places for r in running)
    late = any(r.clock.overdue and r.answered < r.places for r in running)
    return [
        Tile(
            Text("Thu hồi: đã trả lời", "Recalls: answered"),
            f"{answered}/{places}",
            f"/recalls/{running[0].id}" if len(running) == 1 else "/recalls/?show=open",
            Text("cơ sở", "facilities"),
            "danger" if late else "warning" if answered < places else "",
            2,
            Text("Nhắc nơi chưa trả lời", "Remind who has not answered"),
        )
    ]


@tiles_for("can_write", "Quarantine")
def set_aside() -> list[Tile]:
    """For storekeepers: what lies in quarantine."""
    rows = queries.quarantined()
    if not rows:
        return []
    return [
        Tile(
            Text("Hàng biệt trữ", "In quarantine"),
            str(len(rows)),
            "/quarantine/",
            Text("lô", "lots"),
            "",
            45,
        )
    ]
