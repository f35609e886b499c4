"""Master data: places, items, partners, funds."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from supply.core.model import Base
from supply.core.text import fold

FACILITY_KINDS = (
    "medical_centre",
    "ward_station",
    "treatment_facility",
    "mobile_station",
    "private_clinic",
)
ITEM_CATEGORIES = (
    "drug",
    "oxygen",
    "ppe",
    "test_kit",
    "vaccine",
    "chemical",
    "consumable",
    "equipment",
)


class District(Base):
    """A district or provincial city that plans for itself."""

    __tablename__ = "district"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(10), unique=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    province: Mapped[str] = mapped_column(String(120))
    population: Mapped[int] = mapped_column(default=0)

    def __repr__(self) -> str:
        return self.name


class Ward(Base):
    """A ward or commune. Codes are used again over time, so the key is code and first day."""

    __tablename__ = "ward"
    __table_args__ = (UniqueConstraint("code", "valid_from", postgresql_nulls_not_distinct=True),)
    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"), index=True)
    code: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    population: Mapped[int] = mapped_column(default=0)
    population_note: Mapped[str] = mapped_column(String(300), default="")
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]
    district: Mapped[District] = relationship()

    def __repr__(self) -> str:
        return self.name


class Facility(Base):
    """A place that keeps stock."""

    __tablename__ = "facility"
    __table_args__ = (
        CheckConstraint(f"kind IN {FACILITY_KINDS}", name="facility_kind"),
        Index("facility_district", "district_id", "code"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(30), unique=True)
    name_vi: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(30))
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"))
    ward_id: Mapped[int | None] = mapped_column(ForeignKey("ward.id"), index=True)
    is_depot: Mapped[bool] = mapped_column(default=False)
    is_private: Mapped[bool] = mapped_column(default=False)
    beds: Mapped[int] = mapped_column(default=0)
    icu_beds: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    search: Mapped[str] = mapped_column(String(500), default="")
    district: Mapped[District] = relationship()
    ward: Mapped[Ward | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.code} {self.name_vi}"


class Vehicle(Base):
    """What a facility can send in a day."""

    __tablename__ = "vehicle"
    id: Mapped[int] = mapped_column(primary_key=True)
    facility_id: Mapped[int] = mapped_column(ForeignKey("facility.id"), index=True)
    trips_per_day: Mapped[int]
    litres_per_trip: Mapped[int]
    cold_chain: Mapped[str] = mapped_column(String(10), default="none")
    note: Mapped[str] = mapped_column(String(200), default="")
    facility: Mapped[Facility] = relationship()


class Item(Base):
    """One thing that is stocked, counted in whole base units."""

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint(f"category IN {ITEM_CATEGORIES}", name="item_category"),
        CheckConstraint("litres_per_unit > 0", name="item_has_volume"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name_vi: Mapped[str] = mapped_column(String(250))
    name_en: Mapped[str] = mapped_column(String(250))
    inn: Mapped[str] = mapped_column(String(200), default="")
    category: Mapped[str] = mapped_column(String(20), index=True)
    base_unit_vi: Mapped[str] = mapped_column(String(30))
    base_unit_en: Mapped[str] = mapped_column(String(30))
    litres_per_unit: Mapped[Decimal] = mapped_column(Numeric(14, 6))
    is_essential: Mapped[bool] = mapped_column(default=False)
    shelf_life_days: Mapped[int | None]
    cold_chain: Mapped[str] = mapped_column(String(10), default="none")
    is_reusable: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    search: Mapped[str] = mapped_column(String(800), default="")

    def __repr__(self) -> str:
        return f"{self.code} {self.name_vi}"


class ItemPack(Base):
    """A pack of an item and how many base units it holds."""

    __tablename__ = "item_pack"
    __table_args__ = (
        UniqueConstraint("item_id", "name_vi"),
        CheckConstraint("units_per_pack >= 2", name="pack_holds_units"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    name_vi: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    units_per_pack: Mapped[int]
    is_default: Mapped[bool] = mapped_column(default=False)
    gtin: Mapped[str | None] = mapped_column(String(14), unique=True)
    item: Mapped[Item] = relationship()


class Partner(Base):
    """Who goods come from."""

    __tablename__ = "partner"
    __table_args__ = (CheckConstraint("kind IN ('supplier', 'donor')", name="partner_kind"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(250))
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(300), default="")
    active: Mapped[bool] = mapped_column(default=True)
    search: Mapped[str] = mapped_column(String(400), default="")

    def __repr__(self) -> str:
        return f"{self.code} {self.name}"


class Fund(Base):
    """A source of money."""

    __tablename__ = "fund"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name_vi: Mapped[str] = mapped_column(String(250))
    name_en: Mapped[str] = mapped_column(String(250))
    kind: Mapped[str] = mapped_column(String(30))
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]
    active: Mapped[bool] = mapped_column(default=True)

    def __repr__(self) -> str:
        return f"{self.code} {self.name_vi}"


class UserScope(Base):
    """A person's facility, or all facilities of a district: what `supply_enter` reads."""

    __tablename__ = "user_scope"
    __table_args__ = (
        CheckConstraint("(facility_id IS NULL) <> (district_id IS NULL)", name="one_scope"),
        Index("user_scope_facility", "user_id", "facility_id", unique=True),
        Index("user_scope_district", "user_id", "district_id", unique=True),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    facility_id: Mapped[int | None] = mapped_column(ForeignKey("facility.id", ondelete="CASCADE"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id", ondelete="CASCADE"))
    user: Mapped[User] = relationship(User)
    facility: Mapped[Facility | None] = relationship()
    district: Mapped[District | None] = relationship()


_SEARCHED = {
    Item: ("code", "name_vi", "name_en", "inn"),
    Facility: ("code", "name_vi", "name_en"),
    Partner: ("code", "name"),
}


def _keep_search(_mapper: Mapper[Base], _connection: Connection, row: Base) -> None:
    row.search = fold(" ".join(getattr(row, name) or "" for name in _SEARCHED[type(row)]))


for _model in _SEARCHED:
    event.listen(_model, "before_insert", _keep_search)
    event.listen(_model, "before_update", _keep_search)
