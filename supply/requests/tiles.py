"""What of requisitions needs somebody today, on the home page."""

from __future__ import annotations

from supply.catalog import queries as catalog
from supply.core.home import Tile, tiles_for
from supply.core.text import Text
from supply.inventory import queries as inventory
from supply.requests import queries


@tiles_for("can_approve", "Requests")
def to_decide() -> list[Tile]:
    """For those who decide: what waits for them."""
    waiting = queries.count("to_decide")
    if not waiting:
        return []
    return [
        Tile(
            Text("Phiếu yêu cầu chờ duyệt", "Requests to decide"),
            str(waiting),
            "/requests/?show=to_decide",
            Text("phiếu", "requests"),
            "warning",
            14,
            Text("Duyệt đủ, một phần hoặc từ chối", "Approve in full, in part, or refuse"),
        )
    ]


@tiles_for("can_write", "Requests")
def to_send_and_to_come() -> list[Tile]:
    """For storekeepers: approved goods to send, and own requests that are still open."""
    mine = [place.id for place in catalog.facilities(writable=True)]
    if not mine:
        return []
    drafts = len(inventory.drafts(mine, origin="requisition", limit=1000))
    own = queries.count("own_open")
    tiles = []
    if drafts:
        tiles.append(
            Tile(
                Text("Phiếu chuyển theo yêu cầu cần gửi", "Requested transfers to send"),
                str(drafts),
                "/documents/drafts/?origin=requisition",
                Text("phiếu", "documents"),
                "warning",
                16,
                Text("Xem lô, ghi sổ và gửi", "Look at the lots, post and send"),
            )
        )
    if own:
        tiles.append(
            Tile(
                Text("Yêu cầu của bạn chưa xong", "Your open requests"),
                str(own),
                "/requests/?show=own_open",
                Text("phiếu", "requests"),
                "",
                55,
            )
        )
    return tiles
