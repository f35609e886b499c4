"""Workbooks that were made: kept in the database, so that any web process can hand them out."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, LargeBinary, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from supply.core.model import Base


class WorkbookFile(Base):
    """One workbook, seen by whoever had it made; it holds what that person may read."""

    __tablename__ = "workbook_file"
    __table_args__ = (Index("workbook_file_user", "user_id", "id"),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    name: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    size_bytes: Mapped[int]
    created_at: Mapped[dt.datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
