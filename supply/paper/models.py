"""The table of form names."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supply.core.model import Base


class FormTitleRow(Base):
    """A form's name, number and legal basis from a day on; unconfirmed until an officer says so."""

    __tablename__ = "form_title"
    __table_args__ = (
        UniqueConstraint("code", "valid_from", name="form_title_once"),
        CheckConstraint("valid_to >= valid_from", name="form_title_period"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]
    number: Mapped[str] = mapped_column(Text)
    title_vi: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    debit: Mapped[str] = mapped_column(Text, default="")
    credit: Mapped[str] = mapped_column(Text, default="")
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
