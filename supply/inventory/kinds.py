"""What kinds of document and adjustment there are, and what they are called. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from supply.core.text import Text


class Kind(StrEnum):
    """The kinds of document the ledger takes."""

    RECEIPT = "receipt"
    ISSUE = "issue"
    TRANSFER_DISPATCH = "transfer_dispatch"
    TRANSFER_RECEIPT = "transfer_receipt"
    ADJUSTMENT = "adjustment"
    REVERSAL = "reversal"


@dataclass(frozen=True)
class KindFacts:
    """A kind's name, the letters before its number, and the way its goods go."""

    name: Text
    prefix: str
    goes: str


KINDS: dict[Kind, KindFacts] = {
    Kind.RECEIPT: KindFacts(Text("Phiếu nhập kho", "Goods receipt"), "PN", "supplier → store"),
    Kind.ISSUE: KindFacts(Text("Phiếu xuất kho", "Goods issue"), "PX", "store → use"),
    Kind.TRANSFER_DISPATCH: KindFacts(
        Text("Phiếu chuyển kho", "Transfer dispatch"), "PC", "store → transit of the receiver"
    ),
    Kind.TRANSFER_RECEIPT: KindFacts(
        Text("Phiếu nhận hàng chuyển", "Transfer receipt"), "NC", "transit → store, rest → loss"
    ),
    Kind.ADJUSTMENT: KindFacts(
        Text("Phiếu điều chỉnh", "Adjustment"), "DC", "store ↔ adjustment, loss or opening"
    ),
    Kind.REVERSAL: KindFacts(Text("Phiếu đảo", "Reversal"), "PD", "the original, backwards"),
}


@dataclass(frozen=True)
class ReasonFacts:
    """Why stock is adjusted: its name, the outside place, and whether goods may come in or go out."""

    name: Text
    place: str
    may_come_in: bool
    may_go_out: bool


REASONS: dict[str, ReasonFacts] = {
    "opening": ReasonFacts(Text("Tồn đầu kỳ", "Opening balance"), "opening", True, False),
    "count": ReasonFacts(Text("Chênh lệch kiểm kê", "Count difference"), "adjustment", True, True),
    "found": ReasonFacts(Text("Tìm thấy thêm", "Found"), "adjustment", True, True),
    "correction": ReasonFacts(Text("Sửa sai sót", "Correction"), "adjustment", True, True),
    "damaged": ReasonFacts(Text("Hư hỏng", "Damaged"), "loss", False, True),
    "expired": ReasonFacts(Text("Hết hạn", "Expired"), "loss", False, True),
    "lost": ReasonFacts(Text("Mất mát", "Lost"), "loss", False, True),
    "disposed": ReasonFacts(Text("Tiêu hủy", "Disposed of"), "loss", False, True),
}

INSIDE_PLACES = ("store", "transit")
OUTSIDE_PLACES: dict[str, Text] = {
    "supplier": Text("Nhà cung cấp", "Supplier"),
    "donor": Text("Nhà tài trợ", "Donor"),
    "use": Text("Sử dụng", "Use"),
    "loss": Text("Hao hụt, mất mát", "Loss"),
    "adjustment": Text("Điều chỉnh", "Adjustment"),
    "opening": Text("Tồn đầu kỳ", "Opening balance"),
}


def document_label(kind: str, year: int, number: int) -> str:
    """The number as people write it: ("issue", 2022, 12) -> "PX-2022-0012"."""
    return f"{KINDS[Kind(kind)].prefix}-{year}-{number:04d}"
