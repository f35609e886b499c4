"""The table of plans. Constraints, policies and the trigger that keeps a decided plan as it was
decided: migrations/sql/0005_allocation.sql, 0025_allocation_carrying.sql, 0028_plan_trials.sql.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Text, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from supply.core.model import Base


class PlanRow(Base):
    """One proposed allocation: `instance` is what was asked, `result` the plan, both as in
    docs/formats; `comparison` what the page shows beside it (`supply.allocation.comparison`).
    `drafts`, from its approval on: the transfer drafts made, rows {draft, from, to, day}.
    `withdrawn`, once it was ended before its time: the ids of the drafts thrown away then."""

    __tablename__ = "plan"
    __table_args__ = (Index("plan_district", "district_id", "id"),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"))
    run_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("forecast_run.id"))
    policy: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="proposed")
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    instance: Mapped[dict[str, Any]] = mapped_column(JSONB)
    result: Mapped[dict[str, Any]] = mapped_column(JSONB)
    comparison: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_by: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[dt.datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    approved_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    rejected_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    rejected_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    reject_reason: Mapped[str] = mapped_column(Text, server_default="")
    drafts: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    ended_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    end_reason: Mapped[str] = mapped_column(Text, server_default="")
    approval_key: Mapped[UUID | None] = mapped_column(Uuid)
    withdrawn: Mapped[list[int] | None] = mapped_column(JSONB)
