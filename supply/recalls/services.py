"""The verbs of a recall: call a lot back, set aside and answer, close, lift; and of quarantine.

Goods move by documents of the inventory only; who may lead and answer is checked by the functions
of migrations/sql/0010_1_recalls.sql.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text

from supply.core.clock import VIETNAM
from supply.core.errors import (
    AlreadyDone,
    Conflict,
    Fault,
    InvalidInput,
    NotAllowed,
    NotFound,
    SupplyError,
)
from supply.core.text import Text, group_digits
from supply.core.transaction import add_translator, transaction
from supply.inventory import services as stock
from supply.inventory.documents import (
    Adjustment,
    AdjustmentLine,
    Document,
    IssueLine,
    Quarantine,
    Release,
    TransferDispatch,
    payload_of,
)
from supply.inventory.services import Posted
from supply.recalls import queries
from supply.recalls.recalls import (
    OUTCOMES,
    Recall,
    amount_faults,
    faults_of,
    origin_of,
    text_faults,
)
from supply.recalls.rows import Holder, SetAside, View

_WORDS: dict[str, tuple[type[SupplyError], Text]] = {
    "unknown_recall": (NotFound, Text("Không có đợt thu hồi này.", "There is no such recall.")),
    "may_not_recall": (
        NotAllowed,
        Text(
            "Chỉ cán bộ kế hoạch của địa bàn hoặc quản trị được ra lệnh thu hồi, đóng đợt thu hồi.",
            "Only a planner of the district or the administrator may lead a recall.",
        ),
    ),
    "out_of_scope": (
        NotAllowed,
        Text("Bạn không được trả lời thay cho cơ sở này.", "You may not answer for this facility."),
    ),
    "unknown_lot": (
        InvalidInput,
        Text(
            "Hãy chọn một lô có số lô; hàng không có số lô không thu hồi theo lô được.",
            "Choose a lot with a number; goods without one cannot be recalled by lot.",
        ),
    ),
    "already_recalled": (
        AlreadyDone,
        Text("Lô này đang được thu hồi rồi.", "This lot is already being recalled."),
    ),
    "closed": (AlreadyDone, Text("Đợt thu hồi này đã kết thúc.", "This recall is closed.")),
    "nothing_to_lift": (
        AlreadyDone,
        Text("Không còn lệnh chặn nào để gỡ.", "There is no block left to lift."),
    ),
    "not_gathered": (
        Conflict,
        Text(
            "Chưa đóng được: còn hàng ngoài khu biệt trữ.",
            "It cannot be closed yet: some of the lot is outside quarantine.",
        ),
    ),
}


def _explain(state: str, code: str, _details: dict[str, object]) -> SupplyError | None:
    """What the functions of 0010_1_recalls.sql refuse."""
    if not state.startswith("SP42"):
        return None
    error, words = _WORDS.get(code, (NotAllowed, NotAllowed.default))
    return error(words)


add_translator(_explain)


def start(recall: Recall) -> int:
    """Call a lot back: at once it leaves no store anywhere. Returns the recall's id.

    The same key again is the same recall. Raises InvalidInput, NotAllowed, AlreadyDone.
    """
    faults = faults_of(recall)
    if faults:
        raise InvalidInput(faults=faults)
    body = {
        "lot_id": recall.lot_id,
        "district_id": recall.district_id,
        "class": recall.recall_class,
        "reason": recall.reason,
        "instructions": recall.instructions.strip(),
        "paper_reference": recall.paper_reference.strip(),
        "answer_hours": recall.answer_hours,
        "client_key": str(recall.client_key),
    }
    with transaction() as session:
        found = session.execute(
            text("SELECT recall_start(CAST(:p AS jsonb))"),
            {"p": json.dumps(body, ensure_ascii=False)},
        ).scalar_one()
    return int(found)


@dataclass(frozen=True)
class Answered:
    """What came of an answer. `document`: the quarantine document, where something was set aside."""

    answer_id: int
    quarantined: int
    document: Posted | None


def answer(
    recall_id: int,
    facility_id: int,
    client_key: UUID,
    *,
    found: int | None = None,
    used: int | None = None,
    comment: str = "",
    again: bool = False,
) -> Answered:
    """Set aside all of the lot that the store holds, and answer, in one transaction.

    `found`, `used`: what the storekeeper says was found and was used already; the books' figures
    where nothing is said. `again`: answer once more although nothing is left to set aside. The same
    key again adds nothing. Raises NotFound, NotAllowed, Conflict (the recall is closed, some is in
    kits), AlreadyDone (who answered, and when), InvalidInput.
    """
    with transaction() as session:
        session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:o, :f))"),
            {"o": origin_of(recall_id), "f": facility_id},
        )
        view = queries.recall(recall_id)
        mine = _mine(view, facility_id)
        earlier = session.execute(
            text("SELECT id, quarantined FROM recall_answer WHERE client_key = :k"),
            {"k": client_key},
        ).one_or_none()
        if earlier is not None:
            return Answered(earlier.id, earlier.quarantined, None)
        _may_answer(view, mine, again)
        said = mine.held + mine.quarantined if found is None else found
        spent = mine.issued if used is None else used
        faults = [
            *amount_faults("found", said, Text("Số tìm thấy", "What was found")),
            *amount_faults("used", spent, Text("Số đã dùng", "What was used")),
            *text_faults("comment", comment, 1000, Text("Ý kiến", "The comment")),
        ]
        if faults:
            raise InvalidInput(faults=faults)
        posted = _set_aside(view, mine, client_key) if mine.held else None
        answer_id = session.execute(
            text(
                "SELECT recall_note_answer(:recall, :facility, :found, :used, :comment,"
                " CAST(:document AS bigint), :key)"
            ),
            {
                "recall": recall_id,
                "facility": facility_id,
                "found": said,
                "used": spent,
                "comment": comment.strip(),
                "document": posted.document_id if posted else None,
                "key": client_key,
            },
        ).scalar_one()
    return Answered(int(answer_id), mine.held, posted)


def _mine(view: View, facility_id: int) -> Holder:
    for holder in view.holders:
        if holder.facility_id == facility_id:
            return holder
    raise NotFound(
        Text("Cơ sở này chưa từng có lô đang thu hồi.", "This facility never had the recalled lot.")
    )


def _may_answer(view: View, mine: Holder, again: bool) -> None:
    if not view.head.is_open:
        raise AlreadyDone(_WORDS["closed"][1])
    if mine.in_kits:
        raise Conflict(
            Text(
                f"Còn {group_digits(mine.in_kits)} trong bộ cơ số đã lắp. Hãy tháo bộ trước, rồi trả lời.",
                f"{group_digits(mine.in_kits)} are in assembled kits. Break the kits up first, then answer.",
            )
        )
    if mine.answer is not None and not mine.held and not again:
        at = f"{mine.answer.at.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
        raise AlreadyDone(
            Text(
                f"{mine.answer.by} đã trả lời cho cơ sở này lúc {at}.",
                f"{mine.answer.by} answered for this facility at {at}.",
            )
        )


def _set_aside(view: View, mine: Holder, client_key: UUID) -> Posted:
    return stock.post(
        Quarantine(
            facility_id=mine.facility_id,
            lines=(
                IssueLine(
                    item_code=view.head.goods.item_code,
                    quantity=mine.held,
                    lot_number=view.head.goods.lot_number,
                ),
            ),
            reason=f"Thu hồi {view.head.label}: {view.head.reason}"[:200],
            origin=origin_of(view.head.id),
            client_key=uuid5(client_key, "quarantine"),
        )
    )


def close(recall_id: int, outcome: str, note: str = "", paper_reference: str = "") -> int:
    """End a recall; each facility finds a draft for what lies in its quarantine (write-off, or
    release). Returns how many drafts. Destroyed or returned to the supplier: only when nothing is
    left outside quarantine, and the lot stays blocked; released: the block ends.

    Raises InvalidInput, NotFound, NotAllowed, Conflict (names where the goods are), AlreadyDone.
    """
    faults = [
        *text_faults("note", note, 1000, Text("Ghi chú", "The note")),
        *text_faults("paper_reference", paper_reference, 100, Text("Số biên bản", "The number")),
    ]
    if outcome not in OUTCOMES:
        faults.append(Fault("outcome", Text("Hãy chọn cách xử lý.", "Choose the outcome.")))
    if faults:
        raise InvalidInput(faults=faults)
    with transaction() as session:
        view = queries.recall(recall_id)
        if outcome != "released":
            _all_gathered(view)
        drafts = [
            _closing_draft(view, row, outcome, note.strip(), paper_reference.strip())
            for row in queries.quarantined(
                [h.facility_id for h in view.holders], view.head.goods.lot_id
            )
        ]
        session.execute(
            text("SELECT recall_close(:id, :outcome, :note, :paper, CAST(:drafts AS jsonb))"),
            {
                "id": recall_id,
                "outcome": outcome,
                "note": note.strip(),
                "paper": paper_reference.strip(),
                "drafts": json.dumps(drafts, ensure_ascii=False),
            },
        )
    return len(drafts)


def _all_gathered(view: View) -> None:
    if not view.head.is_open or not view.may_lead:
        return  # the database says which of the two it is
    faults = [
        Fault(
            "outcome",
            Text(
                f"{h.facility_name.vi}: còn {group_digits(h.held + h.in_kits + h.coming)} "
                "ngoài khu biệt trữ (trong kho, bộ cơ số hoặc đang chuyển đến).",
                f"{h.facility_name.en}: {group_digits(h.held + h.in_kits + h.coming)} outside quarantine "
                "(in the store, in kits or on the way).",
            ),
        )
        for h in view.holders
        if h.held + h.in_kits + h.coming > 0
    ]
    if faults:
        raise Conflict(_WORDS["not_gathered"][1], faults)


def _closing_draft(
    view: View, row: SetAside, outcome: str, note: str, paper_reference: str
) -> dict[str, Any]:
    goods = row.goods
    words = f"Thu hồi {view.head.label}: {OUTCOMES[outcome].vi.lower()}. {note}".strip()
    head: dict[str, Any] = {
        "facility_id": row.facility_id,
        "origin": origin_of(view.head.id),
        "paper_reference": paper_reference,
        "note": words[:2000],
    }
    line: dict[str, Any] = {
        "item_code": goods.item_code,
        "quantity": row.quantity,
        "lot_number": goods.lot_number,
    }
    document: Document
    if outcome == "released":
        document = Release(lines=(IssueLine(**line),), reason=words[:200], **head)
    else:
        document = Adjustment(
            lines=(AdjustmentLine(direction="out", **line),),
            reason="disposed",
            from_place="quarantine",
            **head,
        )
    return {
        "facility_id": row.facility_id,
        "kind": document.kind.value,
        "payload": payload_of(document),
    }


def lift(recall_id: int, note: str) -> None:
    """End the block that a recall left behind when it closed. Says why. Raises InvalidInput,
    NotFound, NotAllowed, AlreadyDone."""
    faults = list(text_faults("note", note, 1000, Text("Lý do gỡ chặn", "The reason"), True))
    if faults:
        raise InvalidInput(faults=faults)
    with transaction() as session:
        session.execute(
            text("SELECT recall_lift(:id, :note)"), {"id": recall_id, "note": note.strip()}
        )


# --- quarantine ----------------------------------------------------------------------------------


def release(facility_id: int, lot_id: int, quantity: int, reason: str, client_key: UUID) -> Posted:
    """Back to the store from quarantine. Raises InvalidInput, NotFound, NotEnoughStock, Conflict
    (the lot is recalled)."""
    goods = queries.lot(lot_id)[0]
    line = IssueLine(item_code=goods.item_code, quantity=quantity, lot_number=goods.lot_number)
    return stock.post(
        Release(facility_id=facility_id, lines=(line,), reason=reason, client_key=client_key)
    )


def dispose(
    facility_id: int,
    lot_id: int,
    quantity: int,
    note: str,
    paper_reference: str,
    client_key: UUID,
) -> Posted:
    """Written off from quarantine as disposed of. Raises InvalidInput, NotFound, NotEnoughStock."""
    goods = queries.lot(lot_id)[0]
    line = AdjustmentLine(
        item_code=goods.item_code, quantity=quantity, lot_number=goods.lot_number, direction="out"
    )
    return stock.post(
        Adjustment(
            facility_id=facility_id,
            lines=(line,),
            reason="disposed",
            from_place="quarantine",
            note=note,
            paper_reference=paper_reference,
            client_key=client_key,
        )
    )


def send_back(
    facility_id: int, lot_id: int, quantity: int, to_facility_id: int, note: str, client_key: UUID
) -> Posted:
    """From quarantine to another facility's quarantine. Raises as `release`."""
    goods = queries.lot(lot_id)[0]
    line = IssueLine(item_code=goods.item_code, quantity=quantity, lot_number=goods.lot_number)
    return stock.post(
        TransferDispatch(
            facility_id=facility_id,
            counterpart_facility_id=to_facility_id,
            lines=(line,),
            from_place="quarantine",
            note=note,
            client_key=client_key,
        )
    )
