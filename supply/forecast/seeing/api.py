"""Forecasts for other programs: runs, their projection, use and shortage. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from supply.catalog import queries as catalog
from supply.core.api import Answer, Api, operation
from supply.core.errors import NotFound
from supply.core.shape_of import INT4_MAX
from supply.core.shapes import Day, Int, Listed, Moment, Number, Obj, OneOf, Shape, Str
from supply.core.text import Text
from supply.forecast import needs, queries, screens
from supply.forecast.queries import RunRow, Series
from supply.forecast.score import HUB_QUANTILES
from supply.inventory.api import FACILITY, ITEM, PAGING, page_answer, paged
from supply.inventory.api_shapes import one_of

TAG = "Forecasts"
RUNS_MAX = 500
HORIZONS = (7, 14, 28)
KINDS = ("forecast", "scenario")
AT: dict[str, Shape] = {"run_id": Int(lowest=1, highest=INT4_MAX, example=12)}
_UNITS = Number(example=1240.0, about="Base units")
_DAYS = Number(example=6.4, about="Days of stock; the horizon where it lasts longer")
RUN = Obj(
    name="ForecastRun",
    fields={
        "id": Int(lowest=1, example=12),
        "kind": OneOf(words=list(KINDS)),
        "district": Str(longest=40, example="ba-dinh"),
        "origin": Day(example="2022-01-22", about="The Saturday up to which cases were known"),
        "first_day": Day(example="2022-01-23"),
        "horizon_days": Int(lowest=1, example=28),
        "severity_set": Str(longest=40, example="hanoi_2021"),
        "seed": Int(example=20220301),
        "draws": Int(lowest=1, example=1000),
        "created_at": Moment(),
        "model_version": Str(longest=100, example="chain 2, prior 3"),
        "inputs_digest": Str(longest=64, example="6e2e7a28fc87"),
    },
)
PLACE = Obj(
    name="ForecastPlace",
    fields={
        "ward": Str(longest=50, null=True, example="00001", about="null: the whole district"),
        "name": Str(longest=400, example="Phúc Xá"),
        "quantiles": Listed(
            of=Listed(of=Number(example=45.0)), about="By week, in the order of `levels`"
        ),
    },
)
PROJECTION = Obj(
    name="ForecastProjection",
    fields={
        "run_id": Int(lowest=1, example=12),
        "levels": Listed(of=Number(example=0.5)),
        "week_ends": Listed(of=Day(example="2022-01-29")),
        "places": Listed(of=PLACE),
    },
)
SPAN = Obj(
    name="ForecastSpan",
    fields={
        "days": Int(lowest=1, example=14),
        "mean": _UNITS,
        "low": Number(example=980.0, about="The 0.05 quantile"),
        "high": Number(example=1610.0, about="The 0.95 quantile"),
    },
)
BURN = Obj(
    name="ForecastBurn",
    fields={
        "facility_id": Int(lowest=1, highest=INT4_MAX, example=3),
        "item": Str(longest=50, example="PH012"),
        "per_day": Number(example=88.5, about="Mean of the first 7 days"),
        "spans": Listed(of=SPAN),
    },
)
SHORTAGE = Obj(
    name="ForecastShortage",
    fields={
        "facility_id": Int(lowest=1, highest=INT4_MAX, example=3),
        "item": Str(longest=50, example="PH012"),
        "on_hand": Int(example=560),
        "in_transit": Int(example=0),
        "per_day": Number(example=88.5),
        "days_low": _DAYS,
        "days": _DAYS,
        "days_high": _DAYS,
        "runs_out_on": Day(null=True, example="2022-01-29"),
        "chance_14_days": Number(example=0.97, about="Of having run out within 14 days"),
        "short_14": Int(example=680),
        "short_28": Int(example=1900),
    },
)
DISTRICT = Str(shortest=1, longest=40, about="Only this district, by its slug", example="ba-dinh")
LINES = PAGING | {"facility": FACILITY, "item": ITEM}


class ForecastRunsApi(Api):
    """Runs and their projections."""

    class_permission_name = "Projection"

    @operation(
        method="GET",
        path="/forecast/runs",
        tag=TAG,
        permission="read",
        summary=Text("Các lượt dự báo, mới nhất trước", "Forecast runs, newest first"),
        query=PAGING | {"district": DISTRICT, "kind": OneOf(words=list(KINDS))},
        answers=page_answer(RUN),
        errors=(404,),
    )
    def runs(self, query: dict[str, Any]) -> Any:
        """At most the newest 500 of a district and kind; `kind` is `forecast` if absent."""
        wanted = query.get("district")
        places = [d for d in catalog.districts() if wanted in (None, d.slug)]
        if wanted is not None and not places:
            raise NotFound()
        kind = query.get("kind", KINDS[0])
        found = [run for place in places for run in queries.runs(place.id, RUNS_MAX, kind)]
        return paged(
            [_run(run) for run in found],
            lambda run: run["id"],
            f"forecast-runs-{kind}",
            query,
            newest_first=True,
        )

    @operation(
        method="GET",
        path="/forecast/runs/{run_id}",
        tag=TAG,
        permission="read",
        summary=Text("Một lượt dự báo", "One forecast run"),
        in_path=AT,
        answers={200: Answer("What it was made from", one_of(RUN))},
    )
    def run(self, run_id: int) -> Any:
        """Parameters and stamp."""
        return {"result": _run(queries.run(run_id))}

    @operation(
        method="GET",
        path="/forecast/runs/{run_id}/projection",
        tag=TAG,
        permission="read",
        summary=Text("Ca mắc dự báo của một lượt", "Projected cases of a run"),
        in_path=AT,
        answers={200: Answer("23 quantiles by place and week", one_of(PROJECTION))},
    )
    def projection(self, run_id: int) -> Any:
        """The district first, then its wards by code."""
        view = queries.projection(run_id)
        codes = {ward.id: ward.code for ward in catalog.wards(view.run.district_id)}
        places = [_place(view.district, None)]
        places += [_place(one, codes[one.ward_id]) for one in view.wards if one.ward_id in codes]
        return {
            "result": {
                "run_id": run_id,
                "levels": list(HUB_QUANTILES),
                "week_ends": list(view.week_ends),
                "places": places,
            }
        }


class ForecastBurnApi(Api):
    """What will be used."""

    class_permission_name = "Burn"

    @operation(
        method="GET",
        path="/forecast/runs/{run_id}/burn",
        tag=TAG,
        permission="read",
        summary=Text("Mức dùng dự kiến của một lượt", "Expected use of a run"),
        in_path=AT,
        query=LINES,
        answers=page_answer(BURN),
    )
    def burn(self, run_id: int, query: dict[str, Any]) -> Any:
        """By facility and item: mean and 90 % interval over 7, 14 and 28 days from the first day."""
        at = queries.run(run_id)
        place = query.get("facility")
        facilities = catalog.facilities(at.district_id)
        table = queries.stored_burn(run_id)

        def rows() -> Iterator[dict[str, Any]]:
            for n, facility in enumerate(facilities):
                if place not in (None, facility.id):
                    continue
                for line in screens.burn_lines(table, [n], HORIZONS):
                    if query.get("item") in (None, line.item_code):
                        yield _burn(facility.id, line)

        return paged(rows(), _line_key, f"forecast-burn-{run_id}", query)


class ForecastShortageApi(Api):
    """Who runs out of what."""

    class_permission_name = "Shortage"

    @operation(
        method="GET",
        path="/forecast/runs/{run_id}/shortage",
        tag=TAG,
        permission="read",
        summary=Text("Nguy cơ thiếu theo một lượt", "Shortage by a run"),
        in_path=AT,
        query=LINES,
        answers=page_answer(SHORTAGE),
    )
    def shortage(self, run_id: int, query: dict[str, Any]) -> Any:
        """By facility and item, against the stock of this moment."""
        at = queries.run(run_id)
        rows = needs.shortage_rows(needs.shortage(run_id, at.district_slug))
        shown = (
            _shortage(row)
            for row in rows
            if query.get("facility") in (None, row.facility.id)
            and query.get("item") in (None, row.item.code)
        )
        return paged(shown, _line_key, f"forecast-shortage-{run_id}", query)


def _line_key(row: dict[str, Any]) -> tuple[int, str]:
    return row["facility_id"], row["item"]


def _run(run: RunRow) -> dict[str, Any]:
    return {
        "id": run.id,
        "kind": KINDS[run.is_scenario],
        "district": run.district_slug,
        "origin": run.origin,
        "first_day": run.day_0,
        "horizon_days": run.params.horizon_days,
        "severity_set": run.params.severity_set,
        "seed": run.params.seed,
        "draws": run.params.draws,
        "created_at": run.created_at,
        "model_version": run.model_version,
        "inputs_digest": run.inputs_digest,
    }


def _place(series: Series, ward: str | None) -> dict[str, Any]:
    return {"ward": ward, "name": series.name, "quantiles": series.quantiles.tolist()}


def _burn(facility_id: int, line: screens.BurnLine) -> dict[str, Any]:
    return {
        "facility_id": facility_id,
        "item": line.item_code,
        "per_day": line.per_day,
        "spans": [
            {"days": days, "mean": mean, "low": low, "high": high}
            for days, (mean, low, high) in zip(HORIZONS, line.by_horizon, strict=True)
        ],
    }


def _shortage(row: needs.ShortageRow) -> dict[str, Any]:
    return {
        "facility_id": row.facility.id,
        "item": row.item.code,
        "on_hand": row.on_hand,
        "in_transit": row.in_transit,
        "per_day": row.burn_per_day,
        "days_low": row.days_low,
        "days": row.days,
        "days_high": row.days_high,
        "runs_out_on": row.stock_out,
        "chance_14_days": row.out_within(14),
        "short_14": row.short_14,
        "short_28": row.short_28,
    }
