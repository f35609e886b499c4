"""The rates of a run as a file."""

from __future__ import annotations

from supply.catalog import queries as catalog
from supply.core.address import Args, number
from supply.core.errors import NotFound
from supply.core.export import Cell, Column, Table
from supply.core.files import exportable
from supply.core.text import Text
from supply.forecast import queries
from supply.forecast.rates.board import RateLine, lines_of
from supply.forecast.rates.words import METHOD_WORDS


def _figure(value: float | None) -> Cell:
    return None if value is None else round(value, 4)


@exportable("forecast.rates", "Rates")
def rates_table(said: Args) -> Table:
    """As the page shows them: run, facility, item and method of the address, and its order."""
    run_id = number(said, "run")
    if run_id is None:
        districts = {d.slug: d for d in catalog.districts()}
        district = districts.get(said.get("district", "")) or next(iter(districts.values()), None)
        run = None if district is None else queries.latest_run(district.id)
    else:
        run = queries.run(run_id)
    if run is None:
        raise NotFound(Text("Chưa có lượt dự báo nào.", "There is no forecast yet."))
    rows = lines_of(
        run,
        number(said, "facility"),
        said.get("q", ""),
        said.get("method", ""),
        said.get("sort", ""),
    )
    return Table(
        name="muc-dung",
        title=Text("Mức dùng: định mức và thực tế", "Rates of use: norm and observed"),
        columns=_COLUMNS,
        rows=rows,
        facts=(
            (Text("Lượt dự báo", "Forecast run"), run.id),
            (Text("Học từ lượng dùng đến hết ngày", "Learned from use up to"), run.origin),
        ),
    )


def _decimal(key: str, vi: str, en: str, of: str) -> Column:
    def value(row: RateLine) -> Cell:
        return _figure(getattr(row, of))

    return Column(key, Text(vi, en), value, "decimal")


_COLUMNS: tuple[Column, ...] = (
    Column("facility", Text("Cơ sở", "Facility"), lambda r: r.facility.name, width=34),
    Column("code", Text("Mã hàng", "Item code"), lambda r: r.item.code),
    Column("item", Text("Mặt hàng", "Item"), lambda r: r.item.name, width=40),
    Column("unit", Text("Đơn vị", "Unit"), lambda r: r.item.base_unit, width=10),
    _decimal("norm", "Định mức mỗi ngày", "Norm per day", "norm_per_day"),
    _decimal("observed", "Thực tế mỗi ngày", "Observed per day", "observed_per_day"),
    _decimal("blended", "Mức dùng để dự báo", "Used in the forecast", "blended_per_day"),
    _decimal("multiplier", "Hệ số hiệu chỉnh", "Multiplier", "multiplier"),
    _decimal("sd", "Độ lệch chuẩn của hệ số", "Its standard deviation", "multiplier_sd"),
    _decimal("base", "Mức nền mỗi ngày", "Base per day", "base_per_day"),
    _decimal("weight", "Trọng số của thực tế (0–1)", "Weight of use (0–1)", "weight"),
    _decimal("own", "Trong đó của cơ sở (0–1)", "Of it the facility's own (0–1)", "own_weight"),
    _decimal("district", "Hệ số của quận, huyện", "District's multiplier", "district_multiplier"),
    Column("days", Text("Số ngày được tính", "Days counted"), lambda r: r.days_seen, "number"),
    Column("out", Text("Ngày hết hàng", "Stock-out days"), lambda r: r.days_stocked_out, "number"),
    Column("method", Text("Cách tính", "Method"), lambda r: METHOD_WORDS[r.method], width=36),
)
