"""Columns that several sheets of a plan's workbook share."""

from __future__ import annotations

from supply.allocation.queries import Names
from supply.allocation.seeing.workbook import Column
from supply.core.text import Text

C = Column
PLACE = (C(Text("Mã nơi", "Place code"), width=13), C(Text("Cơ sở", "Facility"), width=44))
ITEM = (C(Text("Mã hàng", "Item code"), width=11), C(Text("Mặt hàng", "Item"), width=50))
LOT = (C(Text("Số lô", "Lot"), width=16), C(Text("Hạn dùng", "Expiry"), "date"))
CLASS = C(Text("Nhóm", "Class"), width=13)
UNIT = C(Text("Đơn vị", "Unit"), width=10)
QUANTITY = C(Text("Số lượng", "Quantity"), "whole")
LITRES = C(Text("Thể tích (lít)", "Volume (litres)"), "decimal", 14, sums=True)
VALUE = C(Text("Giá trị (đồng)", "Value (VND)"), "whole", 16, sums=True)


def place_of(code: str, names: Names) -> tuple[str, Text]:
    """A facility's code and name."""
    return code, names.facility(code)
