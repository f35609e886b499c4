"""Documents of a file into the ledger, all of them or none: in bulk, or one by one through the door."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from supply.core.errors import InvalidInput, SupplyError
from supply.core.text import Text
from supply.core.transaction import reading, transaction
from supply.imports import queries, staging
from supply.imports.booking import book
from supply.imports.known import Known
from supply.imports.linking import link
from supply.imports.papers import BULK_KINDS, Paper, in_order, seal
from supply.imports.shelves import Ledger
from supply.imports.table import Faults
from supply.inventory.documents import document_from_payload
from supply.inventory.kinds import document_label
from supply.inventory.services import post

ONE_BY_ONE_MAX = 20_000
Tick = Callable[[Text], None]


@dataclass
class Prepared:
    """The documents that are new, in order, and how they hang together; `already`: how many were
    entered before with the same content."""

    papers: list[Paper]
    already: int
    follows: dict[int, int] = field(default_factory=dict)

    @property
    def in_bulk(self) -> bool:
        """Whether every kind has a set-based way; otherwise the whole file goes one by one."""
        return all(p.kind in BULK_KINDS for p in self.papers)


def prepare(session: Session, papers: Sequence[Paper], known: Known, faults: Faults) -> Prepared:
    """Leave out what was entered before; refuse clashes and closed books; find what is followed."""
    if not papers:
        return Prepared([], 0)
    seal(papers)
    seen = queries.keys_seen(session, papers)
    found = Prepared([p for p in in_order(list(papers)) if p.client_key not in seen], 0)
    found.already = len(papers) - len(found.papers)
    if not found.papers:
        return found
    _refuse_clashes(session, found.papers, seen, faults)
    closed = queries.closed_through(session, found.papers)
    for paper in found.papers:
        day = closed.get(paper.facility.id)
        if day is not None and paper.happened_on <= day:
            words = Text(
                f"Sổ của {paper.facility.code} đã khóa đến hết ngày {day:%d/%m/%Y}.",
                f"The books of {paper.facility.code} are closed through {day:%d/%m/%Y}.",
            )
            faults.add(paper.row, "happened_on", words)
    followers = [p for p in found.papers if p.kind in ("transfer_receipt", "return")]
    found.follows = link(found.papers, queries.sources(session, followers), faults.add)
    if not found.in_bulk and len(found.papers) > ONE_BY_ONE_MAX:
        raise InvalidInput(
            Text(
                "Tệp có phiếu biệt trữ hoặc đổi bình thì tối đa 20.000 phiếu; hãy tách riêng các phiếu đó.",
                "A file with quarantine or cylinder documents may hold 20,000 documents; split them off.",
            )
        )
    return found


def _refuse_clashes(
    session: Session, papers: Sequence[Paper], seen: set[str], faults: Faults
) -> None:
    earlier = queries.imported(session, papers)
    for paper in papers if earlier else ():
        other = earlier.get(paper.identity)
        if other is not None and other.client_key not in seen:
            label = document_label(paper.kind, other.year, other.number)
            named = f" “{paper.paper_reference}”" if paper.paper_reference else ""
            words = Text(
                f"Chứng từ{named} ngày {paper.happened_on:%d/%m/%Y} đã được nhập với nội dung khác "
                f"({label}); hãy đảo phiếu đó trước, hoặc ghi số chứng từ khác.",
                f"Paper{named} of {paper.happened_on:%d/%m/%Y} was imported with other content "
                f"({label}); reverse that first, or give another paper number.",
            )
            faults.add(paper.row, "paper_reference", words)


def try_out(prepared: Prepared, known: Known, faults: Faults) -> Ledger | None:
    """Carry the documents out on paper only; None where they go one by one."""
    if not prepared.papers or not prepared.in_bulk:
        return None
    with reading() as session:
        ledger = queries.ledger(session, prepared.papers, known)
    book(prepared.papers, prepared.follows, ledger, faults.add)
    return ledger


# --- in bulk --------------------------------------------------------------------------------------

_BEGIN = text("SELECT ledger_bulk_begin(CAST(:facilities AS int[]))")
_HOLD = text("SELECT ledger_bulk_hold(CAST(:documents AS bigint[]))")
_HEADS = text("SELECT ledger_bulk_heads()")
_POST = text("SELECT ledger_bulk_post()")


def begin(session: Session, papers: Sequence[Paper]) -> None:
    """Take the locks of every facility that posts, in order. Raises NotAllowed."""
    session.execute(_BEGIN, {"facilities": queries.facility_ids(papers)})


def post_in_bulk(
    session: Session, prepared: Prepared, known: Known, origin: str, faults: Faults, tick: Tick
) -> dict[str, int]:
    """Post under the locks that `begin` took; returns how many documents and entries.

    Faults found now (stock that has changed) go to `faults` and nothing is posted.
    """
    papers = prepared.papers
    held = sorted({p.follows_id for p in papers if p.follows_id is not None})
    session.execute(_HOLD, {"documents": held})
    tick(Text("Tính tồn kho từng ngày", "Working out the stock of each day"))
    ledger = queries.ledger(session, papers, known)
    stage_documents(session, papers, prepared.follows, origin)
    # The database proves and numbers the documents in this thread's connection while Python books what
    # they move; nothing else speaks to it until both are done.
    with ThreadPoolExecutor(1, "heads") as aside:
        proved = aside.submit(session.execute, _HEADS)
        book(papers, prepared.follows, ledger, faults.add)
        made = booked(ledger)
        proved.result()
    if faults:
        return {"documents": 0, "entries": 0}
    tick(Text("Ghi sổ", "Posting"))
    stage_moves(session, made)
    return dict(session.execute(_POST).scalar_one())


def _cursor(session: Session) -> Any:
    driver: Any = session.connection().connection.driver_connection
    return driver.cursor()


def stage_documents(
    session: Session, papers: Sequence[Paper], follows: dict[int, int], origin: str
) -> None:
    """The documents, and the packs of their lines; `ledger_bulk_heads` reads them."""
    with _cursor(session) as cursor:
        staging.copy_rows(
            cursor,
            "bulk_document (n, facility_id, kind, happened_on, counterpart_facility_id, partner_id,"
            " recipient, origin, paper_reference, note, reason, purpose, client_key, follows_n,"
            " follows_id)",
            [
                (n, p.facility.id, p.kind, p.happened_on, p.counterpart.id if p.counterpart else None,
                 p.partner.id if p.partner else None, p.recipient, origin, p.paper_reference, p.note,
                 p.reason, p.purpose, p.client_key, follows.get(n), p.follows_id)
                for n, p in enumerate(papers)
            ],
        )  # fmt: skip
        staging.copy_rows(
            cursor,
            "bulk_line (document_n, line_no, item_id, entered_quantity, pack_id)",
            [
                (n, line_no, line.item.id, line.entered_quantity, line.pack_id)
                for n, p in enumerate(papers)
                for line_no, line in enumerate(p.lines, 1)
                if line.pack_id is not None
            ],
        )


@dataclass(frozen=True)
class Booked:
    """What the booking made, ready to be staged: lots as rows, the rest as COPY reads it."""

    lots: list[tuple[int, int, str, dt.date | None]]
    consignments: list[bytes]
    moves: list[bytes]


def booked(ledger: Ledger) -> Booked:
    """Lots, consignments and moves of the booking."""
    consignments = staging.numbers(
        [
            (c.id, c.lot_id, c.fund_id, c.unit_price_vnd, c.document)
            for c in ledger.new_consignments
        ],
        5,
    )
    moves = staging.numbers(ledger.moves, 6)
    # As the entries will stand, so that the database finds them in order; `seq` is when each came.
    seq = np.lexsort((moves[:, 1], moves[:, 0]))
    return Booked(
        [(x.id, x.item_id, x.number, x.expiry) for x in ledger.new_lots],
        staging.number_blocks((">i8", ">i8", ">i4", ">i8", ">i4"), list(consignments.T)),
        staging.number_blocks(
            (">i4", ">i4", ">i8", "i1", ">i4", ">i8", ">i4"), [*moves[seq].T, seq]
        ),
    )


def stage_moves(session: Session, made: Booked) -> None:
    """Send what the booking made; `ledger_bulk_post` reads it."""
    with _cursor(session) as cursor:
        staging.copy_rows(cursor, "bulk_lot (ref, item_id, number, expiry)", made.lots)
        staging.copy_numbers(
            cursor,
            "bulk_consignment (ref, lot_ref, fund_id, unit_price_vnd, document_n)",
            made.consignments,
        )
        staging.copy_numbers(
            cursor,
            "bulk_staged (document_n, line_no, consignment_ref, incoming, quantity, amount_vnd, seq)",
            made.moves,
        )


# --- one by one -----------------------------------------------------------------------------------


def post_one_by_one(prepared: Prepared, origin: str, faults: Faults, tick: Tick) -> dict[str, int]:
    """Each document through the ledger's one door, in one transaction; every refusal is told by the
    rows of the file, and what comes after is tried all the same."""
    ids: dict[int, int] = {}
    entries = 0
    tick(Text("Ghi sổ", "Posting"))
    for number, paper in enumerate(prepared.papers):
        at = prepared.follows.get(number)
        if at is not None:
            if at not in ids:
                continue  # what it follows was refused: told there
            paper.follows_id = ids[at]
        try:
            with transaction() as session, session.begin_nested():
                posted = post(document_from_payload(paper.payload(origin)))
        except SupplyError as error:
            _tell(error, paper, faults)
            continue
        ids[number] = posted.document_id
        entries += len(posted.lines)
    return {"documents": len(ids), "entries": entries}


def _tell(error: SupplyError, paper: Paper, faults: Faults) -> None:
    if not error.faults:
        faults.add(paper.row, "kind", error.text)
    for fault in error.faults:
        line = fault.line
        row = paper.lines[line - 1].row if line and line <= len(paper.lines) else paper.row
        faults.add(row, fault.field, fault.text)
