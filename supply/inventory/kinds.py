"""What kinds of document, purpose, place and adjustment there are, and what they are called. Pure."""

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
    OPENING = "opening"
    RETURN = "return"
    QUARANTINE = "quarantine"
    RELEASE = "release"
    KIT_ASSEMBLY = "kit_assembly"
    KIT_BREAKUP = "kit_breakup"
    CYLINDER_SEND = "cylinder_send"
    CYLINDER_EXCHANGE = "cylinder_exchange"
    CYLINDER_EMPTY = "cylinder_empty"
    ADJUSTMENT = "adjustment"
    REVERSAL = "reversal"


@dataclass(frozen=True)
class KindFacts:
    """A kind's name, the letters before its number, and the way its goods go."""

    name: Text
    prefix: str
    goes: str


KINDS: dict[Kind, KindFacts] = {
    Kind.RECEIPT: KindFacts(
        Text("Phiếu nhập kho", "Goods receipt"), "PN", "supplier, donor or lender → store"
    ),
    Kind.ISSUE: KindFacts(
        Text("Phiếu xuất kho", "Goods issue"), "PX", "store, kit or quarantine → use or lender"
    ),
    Kind.TRANSFER_DISPATCH: KindFacts(
        Text("Phiếu chuyển kho", "Transfer dispatch"),
        "PC",
        "store, quarantine or kit → transit of the receiver",
    ),
    Kind.TRANSFER_RECEIPT: KindFacts(
        Text("Phiếu nhận hàng chuyển", "Transfer receipt"),
        "NC",
        "transit → store or quarantine, lost → loss",
    ),
    Kind.OPENING: KindFacts(Text("Phiếu tồn đầu", "Opening balance"), "TD", "opening → store"),
    Kind.RETURN: KindFacts(Text("Phiếu hoàn trả", "Return"), "PT", "use → store"),
    Kind.QUARANTINE: KindFacts(Text("Phiếu biệt trữ", "Quarantine"), "BT", "store → quarantine"),
    Kind.RELEASE: KindFacts(
        Text("Phiếu giải tỏa biệt trữ", "Release from quarantine"), "GT", "quarantine → store"
    ),
    Kind.KIT_ASSEMBLY: KindFacts(Text("Phiếu lắp bộ cơ số", "Kit assembly"), "LB", "store → kit"),
    Kind.KIT_BREAKUP: KindFacts(Text("Phiếu tháo bộ cơ số", "Kit break-up"), "TB", "kit → store"),
    Kind.CYLINDER_SEND: KindFacts(
        Text("Phiếu gửi vỏ bình", "Empty cylinders sent"), "GV", "store → refill"
    ),
    Kind.CYLINDER_EXCHANGE: KindFacts(
        Text("Phiếu đổi bình", "Cylinder exchange"),
        "DV",
        "full: supplier → store; empty: store or refill → supplier",
    ),
    Kind.CYLINDER_EMPTY: KindFacts(
        Text("Phiếu thu vỏ bình", "Empty cylinders returned"), "VT", "use → store, worth 0"
    ),
    Kind.ADJUSTMENT: KindFacts(
        Text("Phiếu điều chỉnh", "Adjustment"),
        "DC",
        "store or quarantine ↔ adjustment, or → loss",
    ),
    Kind.REVERSAL: KindFacts(Text("Phiếu đảo", "Reversal"), "PD", "the original, backwards"),
}

# What a kind may be for, besides "" (nothing said). The database holds the same lists.
_LOANS = {
    "loan": Text("Cho mượn", "Lent"),
    "loan_return": Text("Trả hàng mượn", "Borrowed goods given back"),
}
PURPOSES: dict[Kind, dict[str, Text]] = {
    Kind.RECEIPT: {
        "purchase": Text("Mua", "Purchase"),
        "donation": Text("Tài trợ", "Donation"),
        "borrowed": Text("Đi mượn", "Borrowed"),
        "loan_return": Text("Nhận lại hàng cho mượn", "Lent goods given back"),
    },
    Kind.ISSUE: {
        "patient": Text("Người bệnh tại cơ sở", "Patients here"),
        "home_patient": Text("Người bệnh điều trị tại nhà", "Patients treated at home"),
        "community_team": Text("Tổ COVID cộng đồng", "Community COVID team"),
        "front_line": Text("Lực lượng tuyến đầu", "Front-line staff"),
        "testing": Text("Xét nghiệm", "Testing"),
        "vaccination": Text("Tiêm chủng", "Vaccination"),
        "other_unit": Text("Đơn vị khác", "Another unit"),
        **_LOANS,
    },
    Kind.TRANSFER_DISPATCH: dict(_LOANS),
}
LOAN_PURPOSES = frozenset({"borrowed", "loan", "loan_return"})

# Which place of the facility a kind draws on; kinds not named here have their one place.
FROM_PLACES: dict[Kind, tuple[str, ...]] = {
    Kind.ISSUE: ("store", "kit", "quarantine"),
    Kind.TRANSFER_DISPATCH: ("store", "quarantine", "kit"),
    Kind.ADJUSTMENT: ("store", "quarantine"),
    Kind.CYLINDER_EXCHANGE: ("store", "refill"),
}


@dataclass(frozen=True)
class ReasonFacts:
    """Why stock is adjusted: its name, the outside place, and whether goods may come in or go out."""

    name: Text
    place: str
    may_come_in: bool
    may_go_out: bool


REASONS: dict[str, ReasonFacts] = {
    "count": ReasonFacts(Text("Chênh lệch kiểm kê", "Count difference"), "adjustment", True, True),
    "found": ReasonFacts(Text("Tìm thấy thêm", "Found"), "adjustment", True, True),
    "correction": ReasonFacts(Text("Sửa sai sót", "Correction"), "adjustment", True, True),
    "damaged": ReasonFacts(Text("Hư hỏng", "Damaged"), "loss", False, True),
    "expired": ReasonFacts(Text("Hết hạn", "Expired"), "loss", False, True),
    "lost": ReasonFacts(Text("Mất mát", "Lost"), "loss", False, True),
    "disposed": ReasonFacts(Text("Tiêu hủy", "Disposed of"), "loss", False, True),
}

INSIDE_PLACES: dict[str, Text] = {
    "store": Text("Kho", "Store"),
    "transit": Text("Đang chuyển", "In transit"),
    "quarantine": Text("Biệt trữ", "Quarantine"),
    "kit": Text("Bộ cơ số", "Kits"),
    "refill": Text("Vỏ bình ở nhà cung cấp", "Cylinders at the supplier"),
}
OUTSIDE_PLACES: dict[str, Text] = {
    "supplier": Text("Nhà cung cấp", "Supplier"),
    "donor": Text("Nhà tài trợ", "Donor"),
    "lender": Text("Nơi mượn, cho mượn", "Loan partner"),
    "use": Text("Sử dụng", "Use"),
    "loss": Text("Hao hụt, mất mát", "Loss"),
    "adjustment": Text("Điều chỉnh", "Adjustment"),
    "opening": Text("Tồn đầu kỳ", "Opening balance"),
}
PLACES: dict[str, Text] = INSIDE_PLACES | OUTSIDE_PLACES


def purpose_name(kind: str, purpose: str) -> Text | None:
    """What a document is for, in words; None where nothing was said."""
    return PURPOSES.get(Kind(kind), {}).get(purpose)


def document_label(kind: str, year: int, number: int) -> str:
    """The number as people write it: ("issue", 2022, 12) -> "PX-2022-0012"."""
    return f"{KINDS[Kind(kind)].prefix}-{year}-{number:04d}"
