"""Loans on the home page, until they are settled."""

from __future__ import annotations

from supply.catalog import queries as catalog
from supply.core.home import Tile, tiles_for
from supply.core.text import Text, counted
from supply.lending import queries
from supply.lending.loans import Side

_LABELS = {
    Side.OWES: Text("Hàng mượn chưa trả", "Borrowed, to give back"),
    Side.IS_OWED: Text("Cho mượn, chờ trả", "Lent, not back yet"),
}
_ACTS = {
    Side.OWES: Text("Trả hàng, hoặc hợp thức hóa", "Give back, or make regular"),
    Side.IS_OWED: Text(
        "Nhắc nơi mượn, ghi nhận hàng trả", "Remind who borrowed; receive what comes"
    ),
}


@tiles_for("can_write", "Loans")
def loan_tiles() -> list[Tile]:
    """For storekeepers: what they owe and what is owed to them."""
    mine = {place.id for place in catalog.facilities(writable=True)}
    if not mine:
        return []
    known = queries.loans(mine)
    tiles = []
    for order, side in enumerate(Side, 46):
        found = [loan for loan in known if loan.side_of(mine) == side]
        late = sum(1 for loan in found if loan.overdue_days)
        loans = counted(len(found), Text("khoản", "loans"))
        if found:
            tiles.append(
                Tile(
                    _LABELS[side],
                    str(len(found)),
                    f"/loans/{found[0].document_id}" if len(found) == 1 else f"/loans/?side={side}",
                    Text(f"{loans.vi}, {late} quá hạn", f"{loans.en}, {late} overdue")
                    if late
                    else loans,
                    "danger" if late else "warning" if side == Side.OWES else "",
                    order,
                    _ACTS[side],
                )
            )
    return tiles
