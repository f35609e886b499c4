"""Which document each transfer receipt and return follows: one of the file, or one of the ledger. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from supply.core.text import Text
from supply.imports.papers import Paper
from supply.imports.shelves import Tell

FOLLOWED = {"transfer_receipt": "transfer_dispatch", "return": "issue"}


def link(papers: Sequence[Paper], of_ledger: Sequence[Any], tell: Tell) -> dict[int, int]:
    """Place of a follower in the order -> place of what it follows, for those of the file; those of
    the ledger (rows of `queries.sources`) are set as `follows_id`. What is not found is told."""
    in_file: dict[tuple[Any, ...], list[int]] = {}
    for number, paper in enumerate(papers):
        if paper.kind in ("transfer_dispatch", "issue"):
            to = (
                paper.counterpart.id
                if paper.kind == "transfer_dispatch" and paper.counterpart
                else None
            )
            in_file.setdefault(
                (paper.kind, paper.facility.id, to, paper.paper_reference), []
            ).append(number)
    in_ledger: dict[tuple[Any, ...], list[Any]] = {}
    for row in of_ledger:
        to = row.counterpart_facility_id if row.kind == "transfer_dispatch" else None
        in_ledger.setdefault((row.kind, row.facility_id, to, row.paper_reference), []).append(row)
    follows: dict[int, int] = {}
    for number, paper in enumerate(papers):
        if paper.kind not in FOLLOWED:
            continue
        at = _wanted(paper)
        mine = [n for n in in_file.get(at, ()) if n < number]
        theirs = [r for r in in_ledger.get(at, ()) if r.happened_on <= paper.happened_on]
        if mine:
            follows[number] = mine[-1]
        elif theirs:
            paper.follows_id = theirs[-1].id
        else:
            tell(paper.row, "source_paper", _not_found(paper))
    return follows


def _wanted(paper: Paper) -> tuple[Any, ...]:
    named = paper.source_paper or paper.paper_reference
    if paper.kind == "transfer_receipt":
        sender = paper.counterpart.id if paper.counterpart else None
        return ("transfer_dispatch", sender, paper.facility.id, named)
    return ("issue", paper.facility.id, None, named)


def _not_found(paper: Paper) -> Text:
    named = paper.source_paper or paper.paper_reference
    if paper.kind == "transfer_receipt":
        sender = paper.counterpart.code if paper.counterpart else ""
        return Text(
            f"Không có phiếu chuyển số “{named}” từ {sender} gửi đến {paper.facility.code} "
            f"trước ngày {paper.happened_on:%d/%m/%Y}.",
            f"There is no transfer “{named}” from {sender} to {paper.facility.code} "
            f"by {paper.happened_on:%d/%m/%Y}.",
        )
    return Text(
        f"Không có phiếu xuất số “{named}” của {paper.facility.code} "
        f"trước ngày {paper.happened_on:%d/%m/%Y}.",
        f"There is no issue “{named}” of {paper.facility.code} by {paper.happened_on:%d/%m/%Y}.",
    )
