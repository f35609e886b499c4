"""Goods in the depot, as the pages of paper need them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass

import pypdf
import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from supply.core.clock import VIETNAM
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.inventory.documents import Issue, IssueLine, Receipt, ReceiptLine
from supply.inventory.services import post

TODAY = dt.datetime.now(VIETNAM).date()


@dataclass(frozen=True)
class Depot:
    """A receipt and an issue at the medical centre's depot."""

    db: Database
    facility_id: int
    item_id: int
    item: str
    receipt_id: int
    issue_id: int


@pytest.fixture
def depot(db: Database, people: dict[str, int]) -> Depot:
    with db.owner_engine.connect() as connection:
        place = connection.execute(
            text("SELECT id FROM facility WHERE code = 'BD-TTYT'")
        ).scalar_one()
        item = connection.execute(
            text(
                "SELECT id, code FROM item WHERE category = 'drug' AND active ORDER BY code LIMIT 1"
            )
        ).one()
    with acting_as(people["kho_tt"]):
        receipt = post(
            Receipt(
                facility_id=place,
                partner_code="NCC01",
                happened_on=TODAY - dt.timedelta(days=3),
                lines=[
                    ReceiptLine(
                        item_code=item.code,
                        quantity=1000,
                        lot_number="LO-9",
                        expiry=TODAY + dt.timedelta(days=300),
                        fund_code="NSTP",
                        unit_price_vnd=1015,
                    )
                ],
            )
        )
        issue = post(
            Issue(
                facility_id=place,
                purpose="patient",
                lines=[IssueLine(item_code=item.code, quantity=15)],
            )
        )
    return Depot(db, place, item.id, item.code, receipt.document_id, issue.document_id)  # fmt: skip


@pytest.fixture
def read_pdf() -> Callable[[TestResponse], str]:
    """What a PDF answer says, and that it is one."""

    def read(answer: TestResponse) -> str:
        assert answer.status_code == 200, answer.text[:400]
        assert answer.mimetype == "application/pdf"
        pages = pypdf.PdfReader(io.BytesIO(answer.data)).pages
        return " ".join(" ".join(p.extract_text() for p in pages).replace("\u200b", "").split())

    return read
