"""Tables of the frame itself: who is responsible for which facilities, and jobs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supply.core.model import Base


class UserScope(Base):
    """A person's facility, or all facilities of a district."""

    __tablename__ = "user_scope"
    __table_args__ = (
        CheckConstraint("(facility_id IS NULL) <> (district_id IS NULL)", name="one_scope"),
        Index("user_scope_facility", "user_id", "facility_id", unique=True),
        Index("user_scope_district", "user_id", "district_id", unique=True),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    # The catalogue's tables come after core's; migration 0002 adds these two foreign keys.
    facility_id: Mapped[int | None]
    district_id: Mapped[int | None]
    user: Mapped[User] = relationship(User)


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
