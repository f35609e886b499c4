"""Papers to set in tests, as large and as nasty as asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from supply.core.text import Text
from supply.paper.forms import (
    CountLine,
    CountMinutes,
    FormTitle,
    Member,
    Movement,
    MovementLine,
    Unit,
    Voucher,
    VoucherLine,
)
from supply.paper.layout import Seal

DAY = dt.date(2022, 3, 3)
LINK = "https://kho.example.vn/documents/12"
UNIT = Unit(Text("Trung tâm Y tế quận Ba Đình", "Ba Đình medical centre"), place="Ba Đình, Hà Nội")
RECEIPT = FormTitle(
    "receipt",
    Text("Phiếu nhập kho", "Goods received voucher"),
    "C30-HD",
    "Ban hành kèm theo Thông tư số 107/2017/TT-BTC ngày 10/10/2017 của Bộ Tài chính",
)
COUNT = FormTitle(
    "count_minutes",
    Text("Biên bản kiểm kê vật tư, công cụ, sản phẩm, hàng hóa", "Stock count minutes"),
    "C33-HD",
    RECEIPT.basis,
)


def line(number: int = 1, **more: Any) -> VoucherLine:
    """One line worth 1 015 đồng × 100."""
    made = VoucherLine(
        item_code=f"TH{number:03d}",
        item_name=Text("Paracetamol 500 mg viên nén", "Paracetamol 500 mg tablets"),
        unit=Text("viên", "tablet"),
        lot_number=f"LO{number}",
        expiry=dt.date(2023, 12, 31),
        asked=100,
        quantity=100,
        unit_price_vnd=1015,
        amount_vnd=101_500,
    )
    return replace(made, **more)


def voucher(lines: int = 3, **more: Any) -> Voucher:
    """A receipt of as many lines as wanted."""
    made = Voucher(
        kind="receipt",
        kind_name=RECEIPT.title,
        label="PN-2022-0012",
        happened_on=DAY,
        unit=UNIT,
        lines=tuple(line(n) for n in range(1, lines + 1)),
        seal=Seal(LINK, "0123456789ab"),
        party="Công ty Dược phẩm Trung ương 1",
        based_on="HĐ 0012 ngày 02/03/2022",
        prepared_by="Nguyễn Thị Thủ",
    )
    return replace(made, **more)


def count(lines: int = 3) -> CountMinutes:
    """A count that found one lot right, one short, one over."""
    differences = (0, -4, 7)
    return CountMinutes(
        number="KK-2022-0003",
        counted_on=DAY,
        unit=UNIT,
        members=(
            Member("Lê Văn Trưởng", "Phó giám đốc", "Ban giám đốc", is_head=True),
            Member("Nguyễn Thị Thủ", "Thủ kho", "Khoa Dược"),
        ),
        lines=tuple(
            CountLine(
                item_code=f"TH{n:03d}",
                item_name=Text("Khẩu trang N95", "N95 mask"),
                unit=Text("cái", "piece"),
                lot_number=f"LO{n}",
                expiry=None,
                unit_price_vnd=15_000,
                book=100,
                book_vnd=1_500_000,
                counted=100 + differences[n % 3],
                counted_vnd=15_000 * (100 + differences[n % 3]),
                poor=2,
            )
            for n in range(lines)
        ),
        time="08 giờ 00 ngày 03/03/2022",
    )


def movement() -> Movement:
    """Two groups of two items."""

    def row(group: Text, n: int) -> MovementLine:
        name = Text(f"Hàng {n}", f"Item {n}")
        unit = Text("cái", "piece")
        return MovementLine(group, f"M{n}", name, unit, 10, 100, 5, 50, 3, 30, 12, 120)

    drugs, ppe = Text("Thuốc", "Drugs"), Text("Phòng hộ", "PPE")
    lines = (row(drugs, 1), row(drugs, 2), row(ppe, 3), row(ppe, 4))
    return Movement(UNIT, dt.date(2022, 3, 1), dt.date(2022, 3, 31), lines)
