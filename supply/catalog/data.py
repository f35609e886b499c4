"""Reference data from `seed/reference/`: entered where missing, never over an officer's own edits."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from supply.catalog.models import (
    District,
    Facility,
    Fund,
    Item,
    ItemPack,
    Partner,
    Vehicle,
    Ward,
)
from supply.core.model import Base
from supply.core.settings import ROOT

FOLDER = ROOT / "seed" / "reference"
Row = Mapping[str, str]


def load_reference(session: Session) -> None:
    """What every installation has: districts, wards, items, packs, funds."""
    _add(session, "districts", District, "code", _district)
    districts = _ids(session, District, "code")
    _add_keyed(session, "wards", Ward, lambda row: _ward(row, districts))
    _add(session, "items", Item, "code", _item)
    items = _ids(session, Item, "code")
    _add_keyed(session, "packs", ItemPack, lambda row: _pack(row, items))
    _add(session, "funds", Fund, "code", _fund)


def load_district(session: Session, slug: str) -> None:
    """A district's facilities and vehicles, and the example partners."""
    districts = _ids(session, District, "slug")
    wards = _ids(session, Ward, "code")
    _add(
        session,
        "facilities",
        Facility,
        "code",
        lambda row: _facility(row, districts, wards),
        keep=lambda row: row["district_slug"] == slug,
    )
    facilities = _ids(session, Facility, "code")
    known = set(session.scalars(select(Vehicle.facility_id)))
    session.add_all(
        Vehicle(
            facility_id=facilities[row["facility_code"]],
            trips_per_day=int(row["trips_per_day"]),
            litres_per_trip=int(row["litres_per_trip"]),
            cold_chain=row["cold_chain"],
            note=row["note"],
        )
        for row in rows("vehicles")
        if facilities.get(row["facility_code"]) not in known | {None}
    )
    _add(session, "partners", Partner, "code", lambda row: Partner(**row))
    session.flush()


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a reference file, as text."""
    with Path(FOLDER, f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _ids(session: Session, model: type[Any], key: str) -> dict[str, int]:
    return dict(session.execute(select(getattr(model, key), model.id)).all())


def _add(
    session: Session,
    name: str,
    model: type[Any],
    key: str,
    make: Callable[[Row], Base],
    keep: Callable[[Row], bool] = lambda row: True,
) -> None:
    """Enter the rows whose `key` is not there yet."""
    known = _ids(session, model, key)
    session.add_all(make(row) for row in rows(name) if keep(row) and row[key] not in known)
    session.flush()


def _add_keyed(session: Session, name: str, model: type[Any], make: Callable[[Row], Any]) -> None:
    """The same for tables whose key is made of several columns (`_identity`)."""
    known = {_identity(row) for row in session.scalars(select(model))}
    made = [make(row) for row in rows(name)]
    session.add_all(row for row in made if _identity(row) not in known)
    session.flush()


def _identity(row: Any) -> tuple[object, ...]:
    return (row.code, row.valid_from) if isinstance(row, Ward) else (row.item_id, row.name_vi)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _district(row: Row) -> District:
    return District(
        code=row["code"],
        slug=row["slug"],
        name=row["name"],
        province=row["province"],
        population=int(row["population"]),
    )


def _ward(row: Row, districts: Mapping[str, int]) -> Ward:
    return Ward(
        district_id=districts[row["district_code"]],
        code=row["ward_code"],
        name=row["name"],
        kind=row["kind"],
        population=int(row["population"]),
        population_note=row["population_note"],
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
    )


def _item(row: Row) -> Item:
    return Item(
        code=row["code"],
        name_vi=row["name_vi"],
        name_en=row["name_en"],
        inn=row["inn"],
        category=row["category"],
        base_unit_vi=row["base_unit_vi"],
        base_unit_en=row["base_unit_en"],
        litres_per_unit=Decimal(row["litres_per_unit"]),
        is_essential=row["is_essential"] == "true",
        shelf_life_days=int(row["shelf_life_days"]) if row["shelf_life_days"] else None,
        cold_chain=row["cold_chain"],
        is_reusable=row["is_reusable"] == "true",
    )


def _pack(row: Row, items: Mapping[str, int]) -> ItemPack:
    return ItemPack(
        item_id=items[row["item_code"]],
        name_vi=row["pack_vi"],
        name_en=row["pack_en"],
        units_per_pack=int(row["units_per_pack"]),
        is_default=row["is_default"] == "true",
    )


def _fund(row: Row) -> Fund:
    return Fund(
        code=row["code"],
        name_vi=row["name_vi"],
        name_en=row["name_en"],
        kind=row["kind"],
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
    )


def _facility(row: Row, districts: Mapping[str, int], wards: Mapping[str, int]) -> Facility:
    return Facility(
        code=row["code"],
        name_vi=row["name_vi"],
        name_en=row["name_en"],
        kind=row["kind"],
        district_id=districts[row["district_slug"]],
        ward_id=wards.get(row["ward_code"]),
        is_depot=row["is_depot"] == "true",
        is_private=row["is_private"] == "true",
        beds=int(row["beds"]),
        icu_beds=int(row["icu_beds"]),
    )
