"""What other modules ask of the catalogue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, text

from supply.catalog.models import District, Facility, Fund, Item, ItemPack, Partner, Vehicle, Ward
from supply.core.clock import today
from supply.core.errors import NotFound
from supply.core.kept import kept
from supply.core.text import Text, fold
from supply.core.transaction import reading


@dataclass(frozen=True)
class DistrictRow:
    """A district; `population` in persons."""

    id: int
    slug: str
    name: str
    province: str
    population: int


@dataclass(frozen=True)
class WardRow:
    """A ward; `population` in persons (estimated where the note says so); its first and last day."""

    id: int
    code: str
    name: str
    population: int
    kind: str = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None


@dataclass(frozen=True)
class FacilityRow:
    """A place that keeps stock."""

    id: int
    code: str
    name: Text
    kind: str
    district_id: int
    ward_id: int | None
    is_depot: bool
    is_private: bool
    beds: int
    icu_beds: int


@dataclass(frozen=True)
class PackRow:
    """A pack and how many base units it holds."""

    id: int
    name: Text
    units_per_pack: int
    is_default: bool


@dataclass(frozen=True)
class ItemRow:
    """An item with its packs, the default one first."""

    id: int
    code: str
    name: Text
    category: str
    base_unit: Text
    litres_per_unit: float
    is_essential: bool
    packs: tuple[PackRow, ...] = ()
    cold_chain: str = "none"


@dataclass(frozen=True)
class VehicleRow:
    """What a facility can send in a day; the cold band the vehicle keeps, as of an item."""

    facility_id: int
    trips_per_day: int
    litres_per_trip: int
    cold_chain: str = "none"


@dataclass(frozen=True)
class Named:
    """A partner or fund to choose from."""

    id: int
    code: str
    name: Text


def districts() -> list[DistrictRow]:
    """The districts that hold facilities the acting person may see."""
    return list(kept("districts", _districts))


def _districts() -> tuple[DistrictRow, ...]:
    with reading() as session:
        found = session.scalars(
            select(District)
            .where(
                District.id.in_(
                    select(Facility.district_id).where(
                        text("facility.id = ANY ((SELECT supply_read_ids())::int[])")
                    )
                )
            )
            .order_by(District.code)
        )
        return tuple(DistrictRow(d.id, d.slug, d.name, d.province, d.population) for d in found)


def district(slug: str) -> DistrictRow:
    """One district. Raises NotFound."""
    for found in districts():
        if found.slug == slug:
            return found
    raise NotFound(
        Text(
            f"Không có quận, huyện {slug} trong phạm vi của bạn.",
            f"No district {slug} in your scope.",
        )
    )


def wards(district_id: int) -> list[WardRow]:
    """The wards of a district by code (all validity periods)."""
    return list(kept(("wards", district_id), lambda: _wards(district_id)))


def _wards(district_id: int) -> tuple[WardRow, ...]:
    with reading() as session:
        found = session.scalars(
            select(Ward).where(Ward.district_id == district_id).order_by(Ward.code)
        )
        return tuple(
            WardRow(w.id, w.code, w.name, w.population, w.kind, w.valid_from, w.valid_to)
            for w in found
        )


def facilities(district_id: int | None = None, *, writable: bool = False) -> list[FacilityRow]:
    """Active facilities in the acting person's scope, by code; `writable`: where they may post."""
    key = ("facilities", district_id, writable)
    return list(kept(key, lambda: _facilities(district_id, writable)))


def _facilities(district_id: int | None, writable: bool) -> tuple[FacilityRow, ...]:
    scope = "supply_write_ids" if writable else "supply_read_ids"
    query = (
        select(*Facility.__table__.columns)  # plain rows: every page asks for all of them
        .where(Facility.active, text(f"facility.id = ANY ((SELECT {scope}())::int[])"))
        .order_by(Facility.code)
    )
    if district_id is not None:
        query = query.where(Facility.district_id == district_id)
    with reading() as session:
        return tuple(_facility(f) for f in session.execute(query))


def may_post_anywhere() -> bool:
    """Whether the acting person may post at any active facility."""
    return kept("may post", _may_post_anywhere)


def _may_post_anywhere() -> bool:
    with reading() as session:
        return bool(
            session.execute(
                text(
                    "SELECT EXISTS (SELECT FROM facility"
                    " WHERE active AND id = ANY ((SELECT supply_write_ids())::int[]))"
                )
            ).scalar_one()
        )


def neighbours(facility_id: int) -> list[FacilityRow]:
    """Other active facilities of the same district, to send to: names only are shared."""
    with reading() as session:
        home = session.get(Facility, facility_id)
        if home is None:
            raise NotFound()
        found = session.scalars(
            select(Facility)
            .where(
                Facility.active,
                Facility.district_id == home.district_id,
                Facility.id != facility_id,
            )
            .order_by(Facility.code)
        )
        return [_facility(f) for f in found]


def _facility(f: Facility | Row[Any]) -> FacilityRow:
    return FacilityRow(
        f.id,
        f.code,
        Text(f.name_vi, f.name_en),
        f.kind,
        f.district_id,
        f.ward_id,
        f.is_depot,
        f.is_private,
        f.beds,
        f.icu_beds,
    )


def vehicles(facility_ids: Sequence[int]) -> list[VehicleRow]:
    """The vehicles of these facilities."""
    with reading() as session:
        found = session.scalars(
            select(Vehicle).where(Vehicle.facility_id.in_(facility_ids)).order_by(Vehicle.id)
        )
        return [
            VehicleRow(v.facility_id, v.trips_per_day, v.litres_per_trip, v.cold_chain)
            for v in found
        ]


def items(codes: Sequence[str] | None = None) -> list[ItemRow]:
    """Active items by code with their packs, in two queries; all of them where `codes` is None."""
    query = select(Item).where(Item.active).order_by(Item.code)
    if codes is not None:
        return _items(query.where(Item.code.in_(codes)))
    return list(kept("items", lambda: tuple(_items(query)), of_person=False))


def search_items(words: str, limit: int = 20) -> list[ItemRow]:
    """Items whose folded text holds every word; a code typed in full comes first."""
    folded = fold(words)
    query = select(Item).where(Item.active)
    for word in folded.split():
        query = query.where(Item.search.contains(word, autoescape=True))
    starts = Item.search.startswith(folded, autoescape=True)
    return _items(query.order_by(starts.desc(), Item.code).limit(limit))


def _items(query: object) -> list[ItemRow]:
    with reading() as session:
        found = list(session.scalars(query))  # type: ignore[call-overload]
        packs: dict[int, list[PackRow]] = {}
        for p in session.scalars(
            select(ItemPack)
            .where(ItemPack.item_id.in_([i.id for i in found]))
            .order_by(ItemPack.is_default.desc(), ItemPack.units_per_pack)
        ):
            row = PackRow(p.id, Text(p.name_vi, p.name_en), p.units_per_pack, p.is_default)
            packs.setdefault(p.item_id, []).append(row)
        return [
            ItemRow(
                i.id,
                i.code,
                Text(i.name_vi, i.name_en),
                i.category,
                Text(i.base_unit_vi, i.base_unit_en),
                float(i.litres_per_unit),
                i.is_essential,
                tuple(packs.get(i.id, ())),
                i.cold_chain,
            )
            for i in found
        ]


def partners(kind: str | None = None) -> list[Named]:
    """Active partners ('supplier', 'donor' or both)."""
    query = select(Partner).where(Partner.active).order_by(Partner.code)
    if kind is not None:
        query = query.where(Partner.kind == kind)
    with reading() as session:
        return [Named(p.id, p.code, Text(p.name, p.name)) for p in session.scalars(query)]


def funds() -> list[Named]:
    """Active funds; one that is closed by now says until when, since a back-dated paper may need it."""
    return list(kept(("funds", today()), _funds, of_person=False))


def _funds() -> tuple[Named, ...]:
    with reading() as session:
        found = session.scalars(select(Fund).where(Fund.active).order_by(Fund.code))
        return tuple(Named(f.id, f.code, _fund_name(f)) for f in found)


def _fund_name(fund: Fund) -> Text:
    name = Text(fund.name_vi, fund.name_en)
    if fund.valid_to is None or fund.valid_to >= today():
        return name
    closed = f"{fund.valid_to:%d/%m/%Y}"
    return Text(f"{name.vi} (đến {closed})", f"{name.en} (until {closed})")
