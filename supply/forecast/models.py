"""Tables of the forecast. Rows are added and never changed: a correction or a new run is a new row.

Policies: migrations/sql/0004_forecast.sql.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from supply.core.model import Base

CLASS_OF_ALL = "all"
"""The row of `forecast_burn` that holds all classes together."""


class CaseBatch(Base):
    """One time that figures were entered: who, how, from what, and what the rules said of it.

    Policies and checks: migrations/sql/0017_cases.sql. Written by `intake.services` alone.
    """

    __tablename__ = "case_batch"
    __table_args__ = (
        UniqueConstraint("recorded_by", "client_key", name="case_batch_once"),
        Index("case_batch_district", "district_id", "id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"))
    recorded_by: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    recorded_at: Mapped[dt.datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.statement_timestamp()
    )
    how: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text, default="")
    digest: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    rows_read: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    outcomes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    client_key: Mapped[UUID]
    request_digest: Mapped[str] = mapped_column(Text)


class CaseReport(Base):
    """Cases a ward reported for a day, or for the week that ends on that Saturday (`days` = 7).

    Of several rows for one ward, day and length the one with the greatest id counts. A negative
    figure is a correction of earlier days. `anomaly` = not to be believed: shown, never used.
    """

    __tablename__ = "case_report"
    __table_args__ = (
        CheckConstraint("days IN (1, 7)", name="case_report_days"),
        CheckConstraint(
            "days = 1 OR extract(isodow FROM reported_on) = 6",
            name="case_report_week_ends_saturday",
        ),
        Index("case_report_ward_day", "ward_id", "reported_on", "days", "id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ward_id: Mapped[int] = mapped_column(ForeignKey("ward.id"))
    reported_on: Mapped[dt.date]
    days: Mapped[int] = mapped_column(SmallInteger)
    cases: Mapped[int]
    anomaly: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[dt.datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.statement_timestamp()
    )
    recorded_by: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    batch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("case_batch.id"))
    note: Mapped[str] = mapped_column(Text, default="", server_default="")


class ForecastRun(Base):
    """One run of the chain: everything needed to make it again, and to know whether it is the same.

    `params` holds horizon, severity set, seed, draws, a scenario's assumptions and `last_report_id`
    (the newest case report that was read), `care` what was entered about care (`CareInputs.told`).
    """

    __tablename__ = "forecast_run"
    __table_args__ = (
        CheckConstraint("kind IN ('forecast', 'scenario')", name="forecast_run_kind"),
        CheckConstraint(
            "(kind = 'scenario') = (params ? 'scenario')", name="forecast_run_scenario"
        ),
        CheckConstraint(
            "scenario_id IS NULL OR kind = 'scenario'", name="forecast_run_scenario_kept"
        ),
        Index("forecast_run_district", "district_id", "kind", "id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"))
    origin: Mapped[dt.date]
    created_by: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[dt.datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    model_version: Mapped[str] = mapped_column(Text)
    inputs_digest: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, server_default="forecast")
    scenario_id: Mapped[int | None] = mapped_column(BigInteger)
    nightly: Mapped[bool] = mapped_column(server_default="false")
    care: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class ForecastCase(Base):
    """Projected cases of a week, 23 quantiles; `ward_id` is null for the whole district."""

    __tablename__ = "forecast_case"
    __table_args__ = (
        UniqueConstraint(
            "run_id",
            "ward_id",
            "week_end",
            name="forecast_case_once",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("cardinality(quantiles) = 23", name="forecast_case_quantiles"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    run_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("forecast_run.id"))
    ward_id: Mapped[int | None] = mapped_column(ForeignKey("ward.id"))
    week_end: Mapped[dt.date]
    quantiles: Mapped[list[float]] = mapped_column(ARRAY(Double))


class ForecastDriver(Base):
    """Mean of a driver at a facility on each day: what an explanation starts from."""

    __tablename__ = "forecast_driver"
    run_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("forecast_run.id"), primary_key=True)
    facility_id: Mapped[int] = mapped_column(ForeignKey("facility.id"), primary_key=True)
    driver: Mapped[str] = mapped_column(Text, primary_key=True)
    mean: Mapped[list[float]] = mapped_column(ARRAY(Double))


class ForecastBurn(Base):
    """Use of an item by day: mean and standard deviation by class, and of all classes together.

    Quantiles follow from mean and deviation (`burn.gamma_quantiles`), so they are not kept.
    `cumulative_sd`, of days 0..d together, is kept for all classes together only. No row = no use.
    """

    __tablename__ = "forecast_burn"
    __table_args__ = (
        CheckConstraint("(class = 'all') = (cumulative_sd IS NOT NULL)", name="forecast_burn_all"),
    )
    run_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("forecast_run.id"), primary_key=True)
    facility_id: Mapped[int] = mapped_column(ForeignKey("facility.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    of_class: Mapped[str] = mapped_column("class", Text, primary_key=True)
    mean: Mapped[list[float]] = mapped_column(ARRAY(Double))
    sd: Mapped[list[float]] = mapped_column(ARRAY(Double))
    cumulative_sd: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
