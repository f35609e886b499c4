"""Rows of the pages of care read together, and the same as files."""

from __future__ import annotations

from supply.catalog import queries as catalog
from supply.core.address import Args
from supply.core.clock import today
from supply.core.errors import NotFound
from supply.core.export import Column, Table
from supply.core.files import exportable
from supply.core.text import Text
from supply.core.transaction import reading
from supply.forecast.care import queries, screens
from supply.forecast.care.outcome import CareOutcome
from supply.forecast.norms import load_norms
from supply.forecast.queries import RunRow, latest_run
from supply.oxygen import queries as oxygen

OF_WORDS = {"hospital": Text("Toàn bệnh viện", "Whole hospital"), "icu": Text("Hồi sức", "ICU")}


def bed_rows_of(run: RunRow) -> tuple[list[screens.BedRow], CareOutcome]:
    """Patients against beds by a run, as far as one may see its facilities."""
    with reading():
        places = catalog.facilities(run.district_id)
        ids = [place.id for place in places]
        care = queries.stored_care(run.id, {f.id: f.code for f in places}, run.params.horizon_days)
        capacities = queries.capacities(ids)
        counted = queries.census(ids, run.day_0, today())
    return screens.bed_rows(care, places, capacities, counted, run.day_0, today()), care


def oxygen_rows_of(run: RunRow) -> tuple[list[screens.OxygenRow], CareOutcome]:
    """Oxygen to come against its sources and the gas there is."""
    with reading():
        places = catalog.facilities(run.district_id)
        care = queries.stored_care(run.id, {f.id: f.code for f in places}, run.params.horizon_days)
        board = oxygen.board()
        sources = queries.oxygen_sources(
            queries.capacities([place.id for place in places]),
            load_norms(run.origin, run.params.severity_set).oxygen_source,
            oxygen.norms().liquid_gas_litres_per_litre,
        )
    gas = {one.facility_id: one.gas_litres for one in board}
    said = {one.facility_id: one.litres_per_minute for one in board if one.flow is not None}
    rows = screens.oxygen_rows(care, places, sources, gas, said, run.day_0, today())
    return rows, care


def _run(said: Args) -> RunRow:
    slug = said.get("district", "")
    at = next((d for d in catalog.districts() if not slug or d.slug == slug), None)
    found = None if at is None else latest_run(at.id)
    if found is None:
        raise NotFound(Text("Chưa có lượt dự báo nào.", "There is no forecast yet."))
    return found


def _facts(run: RunRow) -> tuple[tuple[Text, str], ...]:
    return (
        (Text("Ca mắc đến hết", "Cases up to"), f"{run.origin:%d/%m/%Y}"),
        (Text("Lượt dự báo", "Forecast run"), str(run.id)),
        (Text("Mã số liệu đầu vào", "Inputs digest"), run.inputs_digest),
    )


_PLACE = (
    Column("code", Text("Mã cơ sở", "Facility code"), lambda r: r.facility.code),
    Column("facility", Text("Cơ sở", "Facility"), lambda r: r.facility.name, width=36),
)


@exportable("forecast.care", "Care")
def care_table(said: Args) -> Table:
    """Patients against beds, as the page shows them."""
    run = _run(said)
    rows, _care = bed_rows_of(run)
    return Table(
        name="nguoi-benh-va-giuong",
        title=Text("Người bệnh và giường", "Patients and beds"),
        columns=(
            *_PLACE,
            Column("of", Text("Khu vực", "Of"), lambda r: OF_WORDS[r.of]),
            Column("beds", Text("Số giường", "Beds"), lambda r: r.beds, "decimal"),
            Column("entered", Text("Đã ghi", "Entered"), lambda r: r.entered_patients, "number"),
            Column("now_low", Text("Hôm nay (thấp)", "Today (low)"), lambda r: r.now[0], "decimal"),
            Column("now", Text("Hôm nay", "Today"), lambda r: r.now[1], "decimal"),
            Column(
                "now_high", Text("Hôm nay (cao)", "Today (high)"), lambda r: r.now[2], "decimal"
            ),
            Column("d7", Text("Sau 7 ngày", "In 7 days"), lambda r: r.ahead[0][1], "decimal"),
            Column("d14", Text("Sau 14 ngày", "In 14 days"), lambda r: r.ahead[1][1], "decimal"),
            Column("peak", Text("Cao nhất", "Peak"), lambda r: r.peak[1], "decimal"),
            Column("peak_h", Text("Cao nhất (cao)", "Peak (high)"), lambda r: r.peak[2], "decimal"),
            Column("over", Text("Vượt giường từ", "Over the beds on"), lambda r: r.over_on, "date"),
            Column("no_bed", Text("Không còn giường", "No bed"), lambda r: r.no_bed[1], "decimal"),
            Column("level", Text("Đánh giá", "State"), lambda r: screens.LEVELS[r.level]),
        ),
        rows=rows,
        facts=_facts(run),
    )


@exportable("forecast.oxygen", "OxygenForecast")
def oxygen_table(said: Args) -> Table:
    """Oxygen to come against its sources, as the page shows it."""
    run = _run(said)
    rows, _care = oxygen_rows_of(run)
    flow, day = Text("lít/phút", "L/min"), Text("lít/ngày", "L/day")
    return Table(
        name="du-bao-oxy",
        title=Text("Dự báo oxy", "Oxygen forecast"),
        columns=(
            *_PLACE,
            Column("now", _with("Hôm nay", "Today", flow), lambda r: r.now[1], "decimal"),
            Column(
                "low", _with("Cao điểm thấp", "Peak, low", flow), lambda r: r.peak[0], "decimal"
            ),
            Column("peak", _with("Cao điểm", "Peak", flow), lambda r: r.peak[1], "decimal"),
            Column(
                "high", _with("Cao điểm cao", "Peak, high", flow), lambda r: r.peak[2], "decimal"
            ),
            Column(
                "limit",
                _with("Nguồn cấp được", "Sources give", flow),
                lambda r: r.sources.flow_limit_litres_per_minute if r.sources.known else None,
                "decimal",
            ),
            Column(
                "volume",
                _with("Nạp được", "Filled", day),
                lambda r: r.sources.volume_limit_litres_per_day if r.sources.known else None,
                "number",
            ),
            Column("gas", Text("Khí còn (lít)", "Gas left (L)"), lambda r: r.gas_litres, "number"),
            Column("h_low", Text("Giờ còn (thấp)", "Hours (low)"), lambda r: r.hours[0], "decimal"),
            Column("hours", Text("Giờ còn", "Hours left"), lambda r: r.hours[1], "decimal"),
            Column(
                "h_high", Text("Giờ còn (cao)", "Hours (high)"), lambda r: r.hours[2], "decimal"
            ),
            Column(
                "binds",
                Text("Điểm nghẽn", "What binds"),
                lambda r: screens.BINDS[r.binds] if r.sources.known else None,
                width=28,
            ),
        ),
        rows=rows,
        facts=_facts(run),
    )


def _with(vi: str, en: str, unit: Text) -> Text:
    return Text(f"{vi} ({unit.vi})", f"{en} ({unit.en})")
