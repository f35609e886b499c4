"""What can only be said of a whole document of a file. Pure."""

from __future__ import annotations

from supply.core.text import Text, fold, group_digits
from supply.imports.papers import FOLLOWS, LINES_MAX, Paper
from supply.imports.table import Faults
from supply.inventory.kinds import PURPOSES, REASONS, Kind
from supply.inventory.refusals import WORDS


def purpose_of(kind: str, words: str) -> str | None:
    """The code of a purpose named by code or name; None: this kind has no such purpose."""
    names = PURPOSES.get(Kind(kind), {})
    folded = fold(words)
    return next((p for p, n in names.items() if folded in (p, fold(n.vi), fold(n.en))), None)


def check_paper(paper: Paper, faults: Faults) -> None:
    """Tell what is wrong with it: too long, a reason, lender or source missing."""
    tell = faults.add
    if len(paper.lines) > LINES_MAX:
        tell(
            paper.row,
            "paper_reference",
            Text(
                f"Phiếu này có {group_digits(len(paper.lines))} dòng, tối đa "
                f"{group_digits(LINES_MAX)}; hãy ghi số chứng từ khác cho phần còn lại.",
                f"This document has {group_digits(len(paper.lines))} lines, at most {group_digits(LINES_MAX)}; "
                "give the rest another paper number.",
            ),
        )
    if paper.kind == "adjustment":
        _check_reason(paper, faults)
    elif paper.kind in ("quarantine", "release") and not paper.reason:
        tell(paper.row, "reason", WORDS["missing_reason"])
    if not paper.reason and any(x.lost_quantity for x in paper.lines):
        tell(
            paper.row,
            "reason",
            Text("Hãy ghi lý do hao hụt.", "Give the reason for the loss."),
        )
    if paper.purpose in ("borrowed", "loan") and paper.partner is None and (
        paper.kind in ("receipt", "issue")
    ):  # fmt: skip
        tell(paper.row, "partner", _who_lends())
    if paper.kind in FOLLOWS and not (paper.source_paper or paper.paper_reference):
        tell(
            paper.row,
            "source_paper",
            Text("Hãy ghi số chứng từ gốc.", "Give the source paper number."),
        )


def _check_reason(paper: Paper, faults: Faults) -> None:
    """An adjustment's reason fits each line's direction."""
    facts = REASONS.get(paper.reason)
    if facts is None:
        names = Text(
            ", ".join(r.name.vi for r in REASONS.values()),
            ", ".join(r.name.en for r in REASONS.values()),
        )
        faults.add(
            paper.row,
            "reason",
            Text(f"Hãy ghi lý do: {names.vi}.", f"Give a reason: {names.en}."),
        )
        return
    for line in paper.lines:
        if not (facts.may_come_in if line.incoming else facts.may_go_out):
            faults.add(line.row, "direction", WORDS["reason_does_not_fit"])


def _who_lends() -> Text:
    return Text("Hãy ghi mã đối tác mượn hoặc cho mượn.", "Give the loan partner's code.")
