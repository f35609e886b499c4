"""Tables of the frame itself: jobs. (Accounts are FAB's, `user_scope` is the catalogue's.)"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import DateTime, ForeignKey, String, func
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
