"""Deploying again keeps what an officer wrote."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy.orm import Session

from supply.core.database import Database
from supply.core.scope import acting_as
from supply.paper.titles import form_title, form_titles, load_defaults, save_title

DAY = dt.date(2022, 3, 3)


def test_defaults_never_come_back_over_an_officers_edit(
    db: Database, people: dict[str, int]
) -> None:
    with acting_as(people["taichinh"]):
        row = form_title("issue", DAY)
        save_title(replace(row, title_vi=" Phiếu xuất ", number="X"), confirmed=True)
    with Session(db.owner_engine) as session:
        load_defaults(session)
        session.commit()
    with acting_as(people["kho_px"]):
        kept = form_title("issue", DAY)
        assert (kept.title_vi, kept.number) == ("Phiếu xuất", "X")
        assert kept.confirmed_at is not None
        assert len([r for r in form_titles() if r.code == "issue"]) == 2
