"""The three kinds of file and their columns: names in both languages, other names people write. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from supply.core.text import Text


class FileKind(StrEnum):
    """What a file brings."""

    ITEMS = "items"
    OPENING = "opening"
    HISTORY = "history"


class Reads(StrEnum):
    """How a column's cells are read (cells.py)."""

    TEXT = "text"
    CODE = "code"
    QUANTITY = "quantity"
    QUANTITY_OR_NONE = "quantity_or_none"
    MONEY = "money"
    DATE = "date"
    EXPIRY = "expiry"
    LITRES = "litres"
    DAYS = "days"
    YES_NO = "yes_no"
    KIND = "kind"
    DIRECTION = "direction"
    REASON = "reason"
    CATEGORY = "category"
    COLD_CHAIN = "cold_chain"


@dataclass(frozen=True)
class Column:
    """One column: `also` are other headings, folded, that mean the same."""

    name: str
    label: Text
    reads: Reads
    required: bool = False
    also: tuple[str, ...] = ()
    note: Text = field(default=Text("", ""))
    example: str = ""


_ITEM = Column(
    "item",
    Text("Mã hàng", "Item code"),
    Reads.CODE,
    True,
    ("ma mat hang", "ma thuoc", "ma vat tu", "ma vt", "item", "sku", "code"),
    Text("Mã trong danh mục mặt hàng.", "The code in the catalogue of items."),
    "TH001",
)
_FACILITY = Column(
    "facility",
    Text("Mã cơ sở", "Facility code"),
    Reads.CODE,
    True,
    ("co so", "kho", "ma kho", "ma don vi", "don vi", "facility", "store", "warehouse"),
    Text("Mã cơ sở có kho.", "The code of the facility whose store it is."),
    "BD-TYT-01",
)
_LOT = Column(
    "lot_number",
    Text("Số lô", "Lot number"),
    Reads.CODE,
    False,
    ("lo", "so lo sx", "lot", "lot no", "batch", "batch number", "batch no"),
    Text(
        "Hàng ra để trống: hết hạn trước xuất trước.",
        "Blank for goods that leave: first expired, first out.",
    ),
    "PA2201",
)
_EXPIRY = Column(
    "expiry",
    Text("Hạn dùng", "Expiry date"),
    Reads.EXPIRY,
    False,
    ("hsd", "han su dung", "ngay het han", "han", "expiry", "exp", "exp date", "expiration date"),
    Text("ngày/tháng/năm, hoặc tháng/năm như in trên hộp.", "day/month/year, or month/year."),
    "31/12/2024",
)
_FUND = Column(
    "fund",
    Text("Nguồn quỹ", "Fund"),
    Reads.CODE,
    False,
    ("ma nguon quy", "nguon", "nguon kinh phi", "quy", "ma quy", "fund code", "funding source"),
    Text("Mã nguồn quỹ; cần cho hàng vào kho.", "The fund's code; needed for goods that come in."),
    "NSTP",
)
_PRICE = Column(
    "unit_price_vnd",
    Text("Đơn giá", "Unit price"),
    Reads.MONEY,
    False,
    ("don gia vnd", "gia", "gia nhap", "price", "unit cost", "unit price vnd"),
    Text(
        "Đồng cho một đơn vị của cột “Số lượng”; hàng không mất tiền ghi 0.",
        "Đồng per unit of the quantity; 0 for goods that cost nothing.",
    ),
    "350",
)
_AMOUNT = Column(
    "amount_vnd",
    Text("Thành tiền", "Amount"),
    Reads.MONEY,
    False,
    ("thanh tien vnd", "tri gia", "gia tri", "so tien", "amount vnd", "total", "value"),
    Text("Thay cho đơn giá khi chỉ biết tổng tiền.", "Instead of the price, for the whole line."),
)
_PACK = Column(
    "pack",
    Text("Quy cách", "Pack"),
    Reads.TEXT,
    False,
    ("don vi tinh", "dvt", "quy cach dong goi", "dong goi", "unit", "pack name", "uom"),
    Text(
        "Tên quy cách hoặc đơn vị cơ sở; để trống: đơn vị cơ sở.",
        "A pack's name or the base unit; blank: base units.",
    ),
)
_QUANTITY = Column(
    "quantity",
    Text("Số lượng", "Quantity"),
    Reads.QUANTITY,
    True,
    ("sl", "so luong thuc", "luong", "qty", "amount of units"),
    Text("Số nguyên, lớn hơn 0.", "A whole number above 0."),
    "1.200",
)
_PAPER = Column(
    "paper_reference",
    Text("Số chứng từ", "Paper number"),
    Reads.TEXT,
    False,
    (
        "so chung tu giay",
        "so phieu",
        "chung tu",
        "so ct",
        "so hoa don",
        "document number",
        "paper reference",
        "voucher",
        "reference",
    ),
    Text("Các dòng cùng số là một phiếu.", "Lines with the same number are one document."),
    "HĐ 000123",
)
_NOTE = Column("note", Text("Ghi chú", "Note"), Reads.TEXT, False, ("dien giai", "remark", "notes"))
_PARTNER = Column(
    "partner",
    Text("Mã đối tác", "Partner code"),
    Reads.CODE,
    False,
    (
        "doi tac",
        "nha cung cap",
        "ma nha cung cap",
        "ncc",
        "nha tai tro",
        "partner",
        "supplier",
        "donor",
    ),
    Text("Nhà cung cấp, nhà tài trợ hoặc bên cho mượn.", "Supplier, donor or lender."),
    "NCC01",
)
_DAY = Column(
    "happened_on",
    Text("Ngày", "Date"),
    Reads.DATE,
    True,
    (
        "ngay phat sinh",
        "ngay ct",
        "ngay chung tu",
        "ngay nhap",
        "ngay xuat",
        "ngay ton",
        "day",
        "happened on",
        "document date",
    ),
    Text("ngày/tháng/năm.", "day/month/year."),
    "01/03/2022",
)

ITEMS = (
    Column(
        "code",
        _ITEM.label,
        Reads.CODE,
        True,
        _ITEM.also,
        Text(
            "Mặt hàng có nhiều quy cách: lặp lại mã trên nhiều dòng.",
            "An item with several packs: repeat its code on several rows.",
        ),
        "VT900",
    ),
    Column(
        "name_vi",
        Text("Tên hàng", "Vietnamese name"),
        Reads.TEXT,
        True,
        ("ten", "ten mat hang", "ten thuoc", "ten vat tu", "ten tieng viet", "name vi", "name"),
        example="Băng cuộn 10 cm",
    ),
    Column(
        "name_en",
        Text("Tên tiếng Anh", "English name"),
        Reads.TEXT,
        False,
        ("ten anh", "name en"),
        example="Bandage roll 10 cm",
    ),
    Column(
        "inn",
        Text("Hoạt chất", "Active ingredient"),
        Reads.TEXT,
        False,
        ("ten hoat chat", "inn"),
    ),
    Column(
        "category",
        Text("Nhóm", "Category"),
        Reads.CATEGORY,
        True,
        ("nhom hang", "loai", "phan nhom", "group"),
        example="Vật tư tiêu hao",
    ),
    Column(
        "base_unit_vi",
        Text("Đơn vị tính", "Base unit"),
        Reads.TEXT,
        True,
        ("don vi", "dvt", "don vi co so", "base unit vi", "unit"),
        Text("Đơn vị nhỏ nhất dùng để đếm.", "The smallest unit that is counted."),
        "cuộn",
    ),
    Column(
        "base_unit_en",
        Text("Đơn vị tính (tiếng Anh)", "Base unit in English"),
        Reads.TEXT,
        False,
        ("don vi tieng anh", "base unit en"),
        example="roll",
    ),
    Column(
        "litres_per_unit",
        Text("Thể tích (lít)", "Litres per unit"),
        Reads.LITRES,
        True,
        ("the tich", "lit", "so lit", "volume", "litres"),
        Text("Lít của một đơn vị, để xếp xe.", "Litres of one unit, for loading."),
        "0,05",
    ),
    Column(
        "is_essential",
        Text("Thiết yếu", "Essential"),
        Reads.YES_NO,
        False,
        ("hang thiet yeu", "is essential"),
        example="không",
    ),
    Column(
        "shelf_life_days",
        Text("Tuổi thọ (ngày)", "Shelf life in days"),
        Reads.DAYS,
        False,
        ("tuoi tho", "shelf life", "shelf life days"),
        example="1095",
    ),
    Column(
        "cold_chain",
        Text("Bảo quản lạnh", "Cold chain"),
        Reads.COLD_CHAIN,
        False,
        ("bao quan", "day chuyen lanh", "cold chain"),
        Text("Để trống: không cần.", "Blank: not needed."),
    ),
    Column(
        "is_reusable",
        Text("Dùng lại", "Reusable"),
        Reads.YES_NO,
        False,
        ("dung nhieu lan", "is reusable"),
        example="không",
    ),
    Column(
        "pack_vi",
        Text("Quy cách", "Pack"),
        Reads.TEXT,
        False,
        ("ten quy cach", "dong goi", "pack vi", "pack name"),
        example="hộp 10 cuộn",
    ),
    Column(
        "pack_en",
        Text("Quy cách tiếng Anh", "Pack in English"),
        Reads.TEXT,
        False,
        ("pack en",),
        example="box of 10 rolls",
    ),
    Column(
        "units_per_pack",
        Text("Số đơn vị mỗi quy cách", "Units per pack"),
        Reads.QUANTITY_OR_NONE,
        False,
        ("so luong quy cach", "he so quy doi", "quy doi", "units per pack"),
        example="10",
    ),
    Column(
        "is_default",
        Text("Quy cách mặc định", "Default pack"),
        Reads.YES_NO,
        False,
        ("mac dinh", "is default"),
        example="có",
    ),
    Column(
        "gtin",
        Text("Mã vạch (GTIN)", "GTIN"),
        Reads.CODE,
        False,
        ("gtin", "ma vach", "barcode", "gtin 14"),
    ),
)

OPENING = (
    _FACILITY,
    _DAY,
    _ITEM,
    _LOT,
    _EXPIRY,
    _FUND,
    _PACK,
    _QUANTITY,
    _PRICE,
    _AMOUNT,
    _PAPER,
    _NOTE,
)

HISTORY = (
    _DAY,
    _FACILITY,
    Column(
        "kind",
        Text("Loại phiếu", "Kind"),
        Reads.KIND,
        True,
        ("loai", "loai chung tu", "loai giao dich", "type", "document kind", "document type"),
        Text("Tên hoặc ký hiệu phiếu: PN, PX, PC, NC…", "The kind's name or prefix: PN, PX, PC…"),
        "PN",
    ),
    _PAPER,
    Column(
        "counterpart",
        Text("Cơ sở đối ứng", "Counterpart facility"),
        Reads.CODE,
        False,
        (
            "noi nhan",
            "noi gui",
            "kho nhan",
            "kho chuyen",
            "ma co so doi ung",
            "counterpart",
            "to facility",
            "from facility",
        ),
        Text(
            "Phiếu chuyển: nơi nhận; phiếu nhận hàng chuyển: nơi gửi.",
            "Of a transfer: the receiver; of its receipt: the sender.",
        ),
    ),
    Column(
        "source_paper",
        Text("Số chứng từ gốc", "Source paper number"),
        Reads.TEXT,
        False,
        ("chung tu goc", "phieu goc", "theo phieu", "source", "source paper", "source document"),
        Text(
            "Phiếu nhận hàng chuyển, phiếu hoàn trả: số của phiếu chuyển, phiếu xuất.",
            "Of a transfer receipt or a return: the number of the dispatch or issue.",
        ),
    ),
    _PARTNER,
    _ITEM,
    _LOT,
    _EXPIRY,
    _FUND,
    _PACK,
    replace(_QUANTITY, reads=Reads.QUANTITY_OR_NONE),
    _PRICE,
    _AMOUNT,
    Column(
        "lost_quantity",
        Text("Số lượng hao hụt", "Lost quantity"),
        Reads.QUANTITY_OR_NONE,
        False,
        ("hao hut", "mat", "lost", "lost quantity"),
        Text("Chỉ cho phiếu nhận hàng chuyển.", "Of a transfer receipt only."),
    ),
    Column(
        "direction",
        Text("Tăng/giảm", "In or out"),
        Reads.DIRECTION,
        False,
        ("tang giam", "chieu", "direction", "in/out"),
        Text("Chỉ cho phiếu điều chỉnh.", "Of an adjustment only."),
    ),
    Column(
        "reason",
        Text("Lý do", "Reason"),
        Reads.REASON,
        False,
        ("ly do dieu chinh", "nguyen nhan", "reason"),
    ),
    Column(
        "recipient",
        Text("Người nhận", "Recipient"),
        Reads.TEXT,
        False,
        ("nguoi nhan hang", "noi su dung", "recipient"),
    ),
    Column(
        "purpose",
        Text("Mục đích", "Purpose"),
        Reads.TEXT,
        False,
        ("muc dich su dung", "purpose"),
    ),
    _NOTE,
)

COLUMNS: dict[FileKind, tuple[Column, ...]] = {
    FileKind.ITEMS: ITEMS,
    FileKind.OPENING: OPENING,
    FileKind.HISTORY: HISTORY,
}
NAMES: dict[FileKind, Text] = {
    FileKind.ITEMS: Text("Danh mục mặt hàng", "Items"),
    FileKind.OPENING: Text("Tồn đầu kỳ", "Opening balances"),
    FileKind.HISTORY: Text("Lịch sử nhập xuất", "History of documents"),
}


def column(kind: FileKind, name: str) -> Column:
    """One column by its name. Raises KeyError."""
    for found in COLUMNS[kind]:
        if found.name == name:
            return found
    raise KeyError(name)
