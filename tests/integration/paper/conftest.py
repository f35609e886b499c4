"""A store's papers: one database in which documents of many kinds were posted once."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from supply.core.clock import VIETNAM
from supply.core.database import Database
from supply.core.scope import acting_as
from supply.inventory.documents import (
    Adjustment,
    AdjustmentLine,
    Document,
    Issue,
    IssueLine,
    Opening,
    Quarantine,
    Receipt,
    ReceiptLine,
    Return,
    Reversal,
    TransferDispatch,
    TransferReceipt,
    TransferReceiptLine,
)
from supply.inventory.services import post
from supply.paper.layout import Paper
from supply.paper.render import papers_pdf

TODAY = dt.datetime.now(VIETNAM).date()
FIRST = TODAY - dt.timedelta(days=20)


def text_of(papers: list[Paper]) -> str:
    """The print as a reader's program reads it, spaces evened out."""
    pages = PdfReader(io.BytesIO(papers_pdf(papers))).pages
    read = " ".join(page.extract_text() for page in pages)
    return " ".join(read.replace("\u200b", "").split())


@dataclass
class Papers:
    """The documents posted, by name, and who may read them."""

    db: Database
    people: dict[str, int]
    places: dict[str, int]
    items: list[str]
    ids: dict[str, int]

    def item_id(self, number: int) -> int:
        with self.db.owner_engine.connect() as connection:
            return int(
                connection.execute(
                    text("SELECT id FROM item WHERE code = :code"), {"code": self.items[number]}
                ).scalar_one()
            )


@pytest.fixture(scope="module")
def papers(shared_db: Database, shared_people: dict[str, int]) -> Papers:
    with shared_db.owner_engine.connect() as connection:
        places = dict(connection.execute(text("SELECT code, id FROM facility")).all())
        drugs = "SELECT code FROM item WHERE category = :c AND active ORDER BY code LIMIT 2"
        items = [
            *connection.execute(text(drugs), {"c": "drug"}).scalars(),
            *connection.execute(text(drugs), {"c": "chemical"}).scalars(),
            *connection.execute(text(drugs), {"c": "ppe"}).scalars(),
        ]
    found = Papers(shared_db, shared_people, places, items, {})
    _post_all(found)
    return found


def _post_all(p: Papers) -> None:
    depot, ward = p.places["BD-TTYT"], p.places["BD-TYT-01"]

    def put(name: str, who: str, document: Document) -> int:
        with acting_as(p.people[who]):
            p.ids[name] = post(document).document_id
        return p.ids[name]

    def goods(n: int, quantity: int, price: int = 1015, lot: str = "LO-1") -> ReceiptLine:
        return ReceiptLine(
            item_code=p.items[n],
            quantity=quantity,
            lot_number=lot,
            expiry=TODAY + dt.timedelta(days=400),
            fund_code="NSTP",
            unit_price_vnd=price,
        )

    put("opening", "kho_tt", Opening(facility_id=depot, lines=[goods(5, 30)], happened_on=FIRST))
    put(
        "receipt",
        "kho_tt",
        Receipt(
            facility_id=depot,
            partner_code="NCC01",
            paper_reference="HĐ 0012/22",
            recipient="Trần Văn Giao",
            note="Giao đủ #strong[đậm] $x^2$ *sao* @ai",
            happened_on=FIRST,
            lines=[goods(0, 1000), goods(1, 200, 350), goods(2, 40, 20_000), goods(4, 500, 900)],
        ),
    )
    put(
        "issue",
        "kho_tt",
        Issue(
            facility_id=depot,
            purpose="patient",
            recipient="Khoa Khám bệnh",
            happened_on=FIRST + dt.timedelta(days=2),
            lines=[
                IssueLine(item_code=p.items[0], quantity=300, asked_quantity=350, reason="Kho còn ít"),
                IssueLine(item_code=p.items[2], quantity=5),
            ],
        ),
    )  # fmt: skip
    put(
        "return",
        "kho_tt",
        Return(
            facility_id=depot,
            follows_id=p.ids["issue"],
            happened_on=FIRST + dt.timedelta(days=3),
            lines=[IssueLine(item_code=p.items[0], quantity=50, lot_number="LO-1")],
        ),
    )
    put(
        "issue_team",
        "kho_tt",
        Issue(
            facility_id=depot,
            purpose="community_team",
            happened_on=FIRST + dt.timedelta(days=4),
            lines=[IssueLine(item_code=p.items[0], quantity=20)],
        ),
    )
    put(
        "wrong",
        "kho_tt",
        Issue(
            facility_id=depot,
            happened_on=FIRST + dt.timedelta(days=4),
            lines=[IssueLine(item_code=p.items[0], quantity=7)],
        ),
    )
    put(
        "reversal",
        "kho_tt",
        Reversal(
            facility_id=depot,
            reverses_id=p.ids["wrong"],
            reason="Ghi nhầm",
            happened_on=FIRST + dt.timedelta(days=4),
        ),
    )
    put(
        "dispatch",
        "kho_tt",
        TransferDispatch(
            facility_id=depot,
            counterpart_facility_id=ward,
            happened_on=FIRST + dt.timedelta(days=5),
            lines=[IssueLine(item_code=p.items[0], quantity=100)],
        ),
    )
    put(
        "arrival",
        "kho_px",
        TransferReceipt(
            facility_id=ward,
            follows_id=p.ids["dispatch"],
            reason="Vỡ khi chuyển",
            happened_on=FIRST + dt.timedelta(days=6),
            lines=[
                TransferReceiptLine(
                    item_code=p.items[0],
                    lot_number="LO-1",
                    quantity=97,
                    lost_quantity=3,
                )
            ],
        ),
    )
    put(
        "quarantine",
        "kho_tt",
        Quarantine(
            facility_id=depot,
            reason="Nghi kém phẩm chất",
            happened_on=FIRST + dt.timedelta(days=7),
            lines=[IssueLine(item_code=p.items[1], quantity=20)],
        ),
    )
    for name, reason, line in (
        ("written_off", "expired", AdjustmentLine(item_code=p.items[1], quantity=10, direction="out")),
        ("count_found", "count", AdjustmentLine(item_code=p.items[1], quantity=2, direction="in", lot_number="LO-1")),
    ):  # fmt: skip
        put(
            name,
            "kho_tt",
            Adjustment(
                facility_id=depot,
                reason=reason,
                happened_on=FIRST + dt.timedelta(days=8),
                lines=[line],
            ),
        )
