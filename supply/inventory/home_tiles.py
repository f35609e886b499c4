"""What needs a storekeeper today, on the home page; each figure opens its list."""

from __future__ import annotations

from supply.catalog import queries as catalog
from supply.core.home import Tile, tiles_for
from supply.core.i18n import num
from supply.core.security import may
from supply.core.text import Text
from supply.inventory.screen_queries import home_figures
from supply.inventory.stock_list import NEAR_EXPIRY_DAYS

_ITEMS = Text("mặt hàng", "items")
_LINES = Text("dòng hàng", "stock lines")


@tiles_for("can_read", "Stock")
def stock_tiles() -> list[Tile]:
    """Stock held, near expiry, expired, out; for those who write also what awaits them."""
    found = home_figures()
    lines = _ITEMS if len(catalog.facilities()) == 1 else _LINES
    tiles = [
        Tile(Text("Tồn kho", "In stock"), num(found.held), "/stock/", lines, order=10),
        Tile(
            Text("Hết hàng", "Out of stock"),
            num(found.out),
            "/stock/?show=zero",
            lines,
            "danger" if found.out else "",
            20,
            Text("Xem mặt hàng nào, xin thêm hoặc mượn", "See which; ask for more, or borrow"),
        ),
        Tile(
            Text(f"Cận hạn {NEAR_EXPIRY_DAYS} ngày", f"Expiring in {NEAR_EXPIRY_DAYS} days"),
            num(found.near),
            "/stock/?show=near",
            lines,
            "warning" if found.near else "",
            30,
            Text(
                "Dùng trước, hoặc chuyển nơi dùng kịp",
                "Use them first, or send them where they are used",
            ),
        ),
        Tile(
            Text("Có hàng hết hạn", "With expired goods"),
            num(found.expired),
            "/stock/?show=expired",
            lines,
            "danger" if found.expired else "",
            40,
            Text("Đưa vào biệt trữ chờ hủy", "Set them aside, to be destroyed"),
        ),
    ]
    if may("can_write", "Documents"):
        tiles += [
            Tile(
                Text("Hàng đang chuyển đến", "On the way to you"),
                num(found.arriving),
                "/documents/new/transfer_receipt",
                Text("phiếu chuyển", "transfers"),
                "warning" if found.arriving else "",
                50,
                Text("Kiểm đếm và ghi nhận khi hàng đến", "Check and receive them as they come"),
            ),
            Tile(
                Text("Phiếu nháp chờ ghi sổ", "Drafts to post"),
                num(found.drafts),
                "/documents/drafts/",
                Text("phiếu", "documents"),
                "warning" if found.drafts else "",
                60,
                Text("Kiểm lại rồi ghi sổ, hoặc bỏ", "Look again and post, or drop"),
            ),
        ]
    return tiles
