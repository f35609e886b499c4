"""Where a fund's money is: the figures and the equation that ties them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields

from supply.core.text import Text


@dataclass(frozen=True)
class Figures:
    """Value of goods in whole đồng over a period; returns and reversals are netted.

    brought_forward + received + opening + adjusted + from_lenders + transferred_in
        = used + lost + to_lenders + transferred_out + in_stock + in_transit

    `brought_forward`: what was there before the period's first day. `opening`: stock entered when
    the books were opened. `adjusted`: what counts and corrections found, less what they missed.
    `from_lenders` was borrowed or came back from a loan to a partner, `to_lenders` was lent to one or
    given back. `in_stock` is all that the facilities hold, quarantine and kits included.
    `in_stock`, `in_transit`: at the end of the period's last day, `in_transit` on its way to the
    facilities asked about. Transfers count only where they cross the border of what was asked.
    """

    brought_forward: int = 0
    received: int = 0
    opening: int = 0
    adjusted: int = 0
    from_lenders: int = 0
    transferred_in: int = 0
    used: int = 0
    lost: int = 0
    to_lenders: int = 0
    transferred_out: int = 0
    in_stock: int = 0
    in_transit: int = 0

    @property
    def came(self) -> int:
        """The left side of the equation."""
        return sum(getattr(self, name) for name in CAME)

    @property
    def went(self) -> int:
        """The right side of the equation."""
        return sum(getattr(self, name) for name in WENT)

    @property
    def difference(self) -> int:
        """0 in a sound ledger."""
        return self.came - self.went

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Figures)}
        )


CAME = ("brought_forward", "received", "opening", "adjusted", "from_lenders", "transferred_in")
WENT = ("used", "lost", "to_lenders", "transferred_out", "in_stock", "in_transit")

FIGURE_NAMES: dict[str, Text] = {
    "brought_forward": Text("Tồn đầu kỳ", "Brought forward"),
    "received": Text("Nhập", "Received"),
    "opening": Text("Tồn khi mở sổ", "Opening stock"),
    "adjusted": Text("Điều chỉnh", "Adjusted"),
    "from_lenders": Text("Mượn vào", "From lenders"),
    "to_lenders": Text("Cho mượn, trả mượn", "To lenders"),
    "transferred_in": Text("Chuyển đến", "Transferred in"),
    "used": Text("Đã dùng", "Used"),
    "lost": Text("Hao hụt", "Lost"),
    "transferred_out": Text("Chuyển đi", "Transferred out"),
    "in_stock": Text("Còn tồn", "In stock"),
    "in_transit": Text("Đang chuyển", "In transit"),
}


@dataclass(frozen=True)
class SpendingRow:
    """A fund's figures; `key`, `label` name the facility or item where they are split by one."""

    fund_id: int
    fund_code: str
    fund_name: Text
    key: int | None
    code: str
    label: Text
    figures: Figures


def total(rows: list[SpendingRow]) -> Figures:
    """All rows together. Of rows split by facility the transfers between them count twice, once on
    each side, and cancel in the equation."""
    found = Figures()
    for row in rows:
        found += row.figures
    return found
