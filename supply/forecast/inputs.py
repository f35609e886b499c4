"""From the database to the pure chain's inputs: reports that count, facilities, items."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from supply.catalog import queries as catalog
from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text
from supply.core.transaction import reading
from supply.forecast import chain
from supply.forecast.care.inputs import CareInputs
from supply.forecast.care.queries import care_inputs
from supply.forecast.history import Reports, WeeklyHistory, weekly_history
from supply.forecast.models import CaseReport, ForecastRun
from supply.forecast.rates.queries import district_use, learned_rates, stored
from supply.forecast.sharing import Place


@dataclass(frozen=True)
class District:
    """A district as the chain needs it: wards by code, facilities by code, items by code."""

    id: int
    slug: str
    name: str
    wards: tuple[catalog.WardRow, ...]
    facilities: tuple[catalog.FacilityRow, ...]
    items: tuple[catalog.ItemRow, ...]

    @property
    def ward_ids(self) -> dict[str, int]:
        """code -> id."""
        return {ward.code: ward.id for ward in self.wards}

    @property
    def facility_ids(self) -> dict[str, int]:
        """code -> id."""
        return {facility.code: facility.id for facility in self.facilities}

    @property
    def item_ids(self) -> dict[str, int]:
        """code -> id."""
        return {item.code: item.id for item in self.items}


def district_of(slug: str) -> District:
    """The district with what the acting person may see of it. Raises NotFound."""
    found = catalog.district(slug)
    return District(
        found.id,
        found.slug,
        found.name,
        tuple(catalog.wards(found.id)),
        tuple(catalog.facilities(found.id)),
        tuple(catalog.items()),
    )


def last_report_id(where: District) -> int:
    """The newest case report of a district; 0 when there is none."""
    with reading() as session:
        found = session.scalar(
            select(func.max(CaseReport.id)).where(CaseReport.ward_id.in_(where.ward_ids.values()))
        )
    return int(found or 0)


def reports_of(ward_ids: Sequence[int], last_id: int | None = None) -> Reports:
    """The reports that count: of one ward, day and length the latest (up to `last_id`)."""
    query = (
        select(
            CaseReport.ward_id,
            CaseReport.reported_on,
            CaseReport.days,
            CaseReport.cases,
            CaseReport.anomaly,
        )
        .ext(distinct_on(CaseReport.ward_id, CaseReport.reported_on, CaseReport.days))
        .where(CaseReport.ward_id.in_(ward_ids))
        .order_by(CaseReport.ward_id, CaseReport.reported_on, CaseReport.days, CaseReport.id.desc())
    )
    if last_id is not None:
        query = query.where(CaseReport.id <= last_id)
    with reading() as session:
        rows = session.execute(query).all()
    index = {ward: number for number, ward in enumerate(ward_ids)}
    return Reports(
        np.array([index[row.ward_id] for row in rows], dtype=np.int64),
        np.array([row.reported_on for row in rows], dtype="datetime64[D]"),
        np.array([row.days for row in rows], dtype=np.int64),
        np.array([row.cases for row in rows], dtype=np.int64),
        np.array([row.anomaly for row in rows], dtype=bool),
    )


def history_of(where: District, last_id: int | None = None) -> WeeklyHistory:
    """Weekly cases of all the district's wards, in the order of `where.wards`."""
    ids = [ward.id for ward in where.wards]
    return weekly_history(reports_of(ids, last_id), len(ids))


def choose_origin(where: District, last_id: int, asked: dt.date | None) -> dt.date:
    """The last week that is whole in every reporting ward, or the one asked for, checked."""
    history = history_of(where, last_id)
    common = history.last_common_week()
    if common is None:
        raise InvalidInput(
            Text(
                f"Chưa có tuần nào đủ số ca mắc của {where.name}. Xin nhập ca bệnh trước.",
                f"{where.name} has no whole week of reported cases yet. Enter cases first.",
            )
        )
    if asked is None:
        return date_of(history.week_ends[common])
    day = np.datetime64(asked)
    at = np.flatnonzero(history.week_ends == day)
    reporting = history.reporting()
    if not len(at) or np.isnan(history.cases[reporting, at[0]]).any():
        raise InvalidInput(
            faults=[
                Fault(
                    "origin",
                    Text(
                        f"{asked:%d/%m/%Y} không phải thứ Bảy kết thúc một tuần đủ số liệu"
                        " của mọi phường, xã có báo cáo.",
                        f"{asked:%d/%m/%Y} is not a Saturday that ends a week reported in full"
                        " by every reporting ward.",
                    ),
                )
            ]
        )
    return asked


def gather(where: District, params: chain.Params, last_id: int) -> chain.Inputs:
    """All that decides a run. Wards that never reported are left out. Raises InvalidInput for
    norm tables that cannot be used."""
    history = history_of(where, last_id).until(np.datetime64(params.origin))
    keep = history.reporting()
    wards = [ward for ward, kept in zip(where.wards, keep, strict=True) if kept]
    number = {ward.id: n for n, ward in enumerate(wards)}
    places = tuple(
        Place(f.kind, number.get(f.ward_id) if f.ward_id is not None else None, f.beds)
        for f in where.facilities
    )
    rated = set(chain.norms_of(params).item_codes())
    return chain.Inputs(
        params,
        tuple(ward.code for ward in wards),
        WeeklyHistory(history.week_ends, history.cases[keep], history.anomaly[keep]),
        tuple(f.code for f in where.facilities),
        places,
        tuple(item.code for item in where.items if item.code in rated),
        tuple(ward.population for ward in wards),
    )


def taught(where: District, inputs: chain.Inputs) -> chain.Inputs:
    """The same inputs with what the ledger taught and what was entered about care until now."""
    params = inputs.params
    care = care_inputs([f.id for f in where.facilities], params.day_0, params.horizon_days)
    known = {item.code for item in where.items}
    use = district_use(where, params.origin)
    wanted = {*inputs.item_codes, *use.item_codes()} & known
    whole = replace(inputs, care=care, item_codes=tuple(sorted(wanted)))
    return replace(whole, learned=learned_rates(where, whole, use))


def as_stored(run_id: int, inputs: chain.Inputs) -> chain.Inputs:
    """The same inputs with the items, the rates and the care that a stored run kept."""
    with reading() as session:
        care = session.scalar(select(ForecastRun.care).where(ForecastRun.id == run_id))
    rates = stored(run_id, inputs.facility_codes)
    return replace(
        inputs,
        care=None if care is None else CareInputs.from_told(care),
        item_codes=inputs.item_codes if rates is None else rates.item_codes,
        learned=None if rates is None else rates.learned,
    )


def date_of(day: np.datetime64) -> dt.date:
    """A numpy day as a date."""
    return dt.date.fromisoformat(str(day.astype("datetime64[D]")))
