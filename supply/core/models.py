"""Tables of the frame itself: jobs, API keys. (Accounts are FAB's, `user_scope` is the catalogue's.)"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from supply.core.model import Base


class Job(Base):
    """Work of over a second: what was asked, how far it is, what came of it."""

    __tablename__ = "job"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(String(12), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    message_vi: Mapped[str] = mapped_column(String(400), default="")
    message_en: Mapped[str] = mapped_column(String(400), default="")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[dt.datetime] = mapped_column(
        server_default=func.now(), type_=DateTime(timezone=True)
    )
    finished_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))


class ApiKey(Base):
    """What lets another program act as its owner, narrowed; only a keyed hash of it is kept."""

    __tablename__ = "api_key"
    __table_args__ = (
        Index("api_key_hash", "key_hash", unique=True),
        Index("api_key_user", "user_id", "id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    name: Mapped[str] = mapped_column(Text)
    key_hash: Mapped[str] = mapped_column(Text)
    hint: Mapped[str] = mapped_column(Text)
    may_write: Mapped[bool]
    facility_id: Mapped[int | None] = mapped_column(ForeignKey("facility.id"))
    created_at: Mapped[dt.datetime] = mapped_column(
        server_default=func.now(), type_=DateTime(timezone=True)
    )
    expires_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    last_used_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
