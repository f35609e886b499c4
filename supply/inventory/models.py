"""Tables of the ledger. The database writes them, through `post_document`; here they are only read.

Constraints, policies, triggers: migrations/sql/0003_*.sql, 0007_*.sql; functions: migrations/sql/ledger. Rows of the catalogue are
named by their tables only: its models are its own.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from supply.core.model import Base
from supply.inventory.models_attachment import Attachment as Attachment


class Location(Base):
    """Where goods can be: a facility's store, on the way to it, or one of the outside places."""

    __tablename__ = "location"
    __table_args__ = (
        UniqueConstraint(
            "kind", "facility_id", name="location_once", postgresql_nulls_not_distinct=True
        ),
        Index("location_facility", "facility_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    facility_id: Mapped[int | None] = mapped_column(ForeignKey("facility.id"))


class Document(Base):
    """One posted document; never changed."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("facility_id", "kind", "year", "number", name="document_number"),
        UniqueConstraint("client_key", name="document_client_key"),
        UniqueConstraint("reverses_id", name="document_reversed_once"),
        Index("document_facility_date", "facility_id", "happened_on", "id"),
        Index("document_facility_id", "facility_id", "id"),
        Index(
            "document_counterpart",
            "counterpart_facility_id",
            "id",
            postgresql_where="counterpart_facility_id IS NOT NULL",
        ),
        Index("document_follows", "follows_id", postgresql_where="follows_id IS NOT NULL"),
        Index("document_settles", "settles_id", postgresql_where="settles_id IS NOT NULL"),
        Index("document_purpose", "facility_id", "purpose", "id", postgresql_where="purpose <> ''"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    facility_id: Mapped[int] = mapped_column(ForeignKey("facility.id"))
    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    year: Mapped[int]
    happened_on: Mapped[dt.date]
    recorded_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    recorded_by: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    counterpart_facility_id: Mapped[int | None] = mapped_column(ForeignKey("facility.id"))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    recipient: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)
    paper_reference: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    client_key: Mapped[uuid.UUID]
    request_digest: Mapped[str] = mapped_column(Text)
    reverses_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("document.id"))
    follows_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("document.id"))
    previous_hash: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text, server_default="")
    from_place: Mapped[str] = mapped_column(Text, server_default="store")
    settles_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("document.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class DocumentLine(Base):
    """What a line said beyond its movements; only lines that say something have a row."""

    __tablename__ = "document_line"
    document_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("document.id", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    )
    line_no: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    asked_quantity: Mapped[int | None] = mapped_column(BigInteger)
    entered_quantity: Mapped[int | None] = mapped_column(BigInteger)
    pack_id: Mapped[int | None] = mapped_column(ForeignKey("item_pack.id"))
    reason: Mapped[str] = mapped_column(Text, server_default="")
    note: Mapped[str] = mapped_column(Text, server_default="")


class LotBlock(Base):
    """A recalled lot that may leave no store while `until` is empty."""

    __tablename__ = "lot_block"
    __table_args__ = (
        Index(
            "lot_block_once",
            "lot_id",
            "recall_id",
            unique=True,
            postgresql_where="until IS NULL",
        ),
        Index("lot_block_recall", "recall_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    recall_id: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    until: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))


class Lot(Base):
    """A maker's lot: (item, number) has one expiry everywhere."""

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("item_id", "number", name="lot_number"),
        Index("lot_expiry", "expiry"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    number: Mapped[str] = mapped_column(Text)
    expiry: Mapped[dt.date | None]


class Consignment(Base):
    """What one receipt line brought in: its lot, its fund, its price, its paper."""

    __tablename__ = "consignment"
    __table_args__ = (
        Index("consignment_lot", "lot_id"),
        Index("consignment_fund", "fund_id"),
        Index("consignment_document", "document_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"))
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id"))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    paper_reference: Mapped[str] = mapped_column(Text)
    unit_price_vnd: Mapped[int] = mapped_column(BigInteger)
    document_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("document.id", deferrable=True, initially="DEFERRED")
    )


class Entry(Base):
    """One quantity and its value, moved from one place to another."""

    __tablename__ = "entry"
    __table_args__ = (
        Index("entry_document", "document_id"),
        Index("entry_lot", "lot_id"),
        *(
            Index(
                f"entry_{side}_item",
                f"{side}_location_id",
                "item_id",
                "happened_on",
                "id",
                postgresql_include=["consignment_id", "lot_id", "quantity", "amount_vnd"],
            )
            for side in ("from", "to")
        ),
        *(
            Index(
                f"entry_{side}_date",
                f"{side}_location_id",
                "happened_on",
                postgresql_include=["item_id", "quantity"],
            )
            for side in ("from", "to")
        ),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    document_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("document.id", deferrable=True, initially="DEFERRED")
    )
    line_no: Mapped[int]
    item_id: Mapped[int]
    lot_id: Mapped[int] = mapped_column(BigInteger)
    consignment_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("consignment.id"))
    from_location_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("location.id"))
    to_location_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("location.id"))
    quantity: Mapped[int] = mapped_column(BigInteger)
    amount_vnd: Mapped[int] = mapped_column(BigInteger)
    happened_on: Mapped[dt.date]


class Balance(Base):
    """What is at a place now, per consignment; moved in the transaction of its entries."""

    __tablename__ = "balance"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="balance_quantity"),
        CheckConstraint("amount_vnd >= 0", name="balance_amount"),
        Index("balance_location_item", "location_id", "item_id", "lot_id"),
        Index("balance_facility", "facility_id"),
        Index("balance_item_facility", "item_id", "facility_id"),
        Index("balance_lot", "lot_id"),
        Index("balance_consignment", "consignment_id"),
    )
    location_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("location.id"), primary_key=True
    )
    consignment_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("consignment.id"), primary_key=True
    )
    facility_id: Mapped[int] = mapped_column(ForeignKey("facility.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"))
    quantity: Mapped[int] = mapped_column(BigInteger)
    amount_vnd: Mapped[int] = mapped_column(BigInteger)


class ChainHead(Base):
    """The last hash of a facility's chain and how long it is; also the facility's posting lock."""

    __tablename__ = "chain_head"
    facility_id: Mapped[int] = mapped_column(ForeignKey("facility.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(Text)
    documents: Mapped[int] = mapped_column(BigInteger)


class Draft(Base):
    """A document being prepared; moves nothing until it is posted."""

    __tablename__ = "draft"
    __table_args__ = (
        Index("draft_facility", "facility_id", "id"),
        Index("draft_origin", "origin", postgresql_where="origin <> ''"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    facility_id: Mapped[int] = mapped_column(ForeignKey("facility.id"))
    kind: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    origin: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    updated_at: Mapped[dt.datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
    posted_document_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("document.id"))
