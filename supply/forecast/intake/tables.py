"""Case figures as files: what counts, and every version of a ward's figures."""

from __future__ import annotations

import datetime as dt

from supply.catalog import queries as catalog
from supply.core.address import Args
from supply.core.errors import NotFound
from supply.core.export import Column, Table
from supply.core.files import exportable
from supply.core.text import Text
from supply.forecast.intake import queries
from supply.forecast.intake.queries import CountedRow, Version

ROWS_MAX = 200_000
PERIOD = {1: Text("ngày", "day"), 7: Text("tuần", "week")}
HOW = {
    "": Text("nhập từ trước", "entered before"),
    "form": Text("nhập trên trang", "typed"),
    "paste": Text("dán", "pasted"),
    "csv": Text("tệp CSV", "CSV file"),
    "xlsx": Text("tệp Excel", "workbook"),
    "api": Text("phần mềm khác", "another program"),
}
_YES = Text("bất thường, không dùng", "unlikely, not used")
_NO = Text("", "")


def district_of_address(said: Args) -> catalog.DistrictRow:
    """The district of an address, or the first in scope. Raises NotFound."""
    found = catalog.districts()
    slug = said.get("district", "")
    at = next((d for d in found if d.slug == slug or not slug), None)
    if at is None:
        raise NotFound()
    return at


COUNTED: tuple[Column, ...] = (
    Column("ward", Text("Mã phường, xã", "Ward code"), lambda r: r.ward),
    Column("name", Text("Phường, xã", "Ward"), lambda r: r.ward_name, width=22),
    Column("on", Text("Ngày", "Date"), lambda r: r.on, "date"),
    Column("days", Text("Kỳ", "Period"), lambda r: PERIOD[r.days]),
    Column("cases", Text("Số ca", "Cases"), lambda r: r.cases, "number"),
    Column("anomaly", Text("Bất thường", "Unlikely"), lambda r: int(r.anomaly), "number"),
    Column("source", Text("Nguồn", "Source"), lambda r: r.source, width=50),
)


@exportable("cases", "Cases")
def counted_table(said: Args) -> Table:
    """The figures that count, in the form that can be read in again."""
    where = district_of_address(said)
    code = said.get("ward", "")
    ids = [w.id for w in catalog.wards(where.id) if not code or w.code == code]

    def rows() -> list[CountedRow]:
        return queries.counted(ids, dt.date(1900, 1, 1), dt.date(2199, 12, 31), limit=ROWS_MAX)

    return Table(
        "ca-benh",
        Text(f"Số ca mắc của {where.name}", f"Cases of {where.name}"),
        COUNTED,
        rows(),
    )


VERSIONS: tuple[Column, ...] = (
    Column("on", Text("Ngày", "Date"), lambda v: v.reported_on, "date"),
    Column("days", Text("Kỳ", "Period"), lambda v: PERIOD[v.days]),
    Column("cases", Text("Số ca", "Cases"), lambda v: v.cases, "number"),
    Column("anomaly", Text("Bất thường", "Unlikely"), lambda v: _YES if v.anomaly else _NO, width=22),
    Column("counts", Text("Đang dùng", "Counts"), lambda v: int(v.counts), "number"),
    Column("at", Text("Ghi lúc", "Recorded at"), lambda v: f"{v.recorded_at:%d/%m/%Y %H:%M:%S %z}", width=26),
    Column("by", Text("Người ghi", "Recorded by"), lambda v: v.recorded_by, width=24),
    Column("how", Text("Cách nhập", "How"), lambda v: HOW[v.how]),
    Column("file", Text("Tệp", "File"), lambda v: v.file_name, width=24),
    Column("source", Text("Nguồn", "Source"), lambda v: v.source, width=50),
    Column("note", Text("Ghi chú", "Note"), lambda v: v.note, width=30),
)  # fmt: skip


@exportable("case-history", "Cases")
def history_table(said: Args) -> Table:
    """Every value of a ward, with who, when and from where."""
    where = district_of_address(said)
    code = said.get("ward", "")
    found = [w for w in catalog.wards(where.id) if w.code == code]
    if not found:
        raise NotFound(Text("Hãy chọn phường, xã.", "Choose a ward."))
    rows: list[Version] = queries.versions([w.id for w in found], limit=ROWS_MAX)
    title = Text(f"Lịch sử số ca: {found[0].name}", f"History of cases: {found[0].name}")
    return Table("lich-su-ca-benh", title, VERSIONS, rows)
