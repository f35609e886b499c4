"""The verbs of a requisition: write, send, take back, decide, prepare what leaves.

Who may is checked by the database's own functions (migrations/sql/0009_requests.sql); what is
typed wrong is said here first, by line and field.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.errors import (
    AlreadyDone,
    Conflict,
    Fault,
    InvalidInput,
    NotAllowed,
    NotFound,
    SupplyError,
)
from supply.core.text import Text
from supply.core.transaction import add_translator, transaction
from supply.inventory import services as stock
from supply.inventory.documents import IssueLine, TransferDispatch
from supply.requests import queries
from supply.requests.requisitions import (
    QUANTITY_MAX,
    REASON_MAX,
    AskedLine,
    Decision,
    Requisition,
    decision_faults,
    faults_of,
    origin_of,
)

_DECIDED: dict[str, Text] = {
    "approved": Text(
        "{who} đã duyệt phiếu này lúc {when}.", "{who} approved this request at {when}."
    ),
    "refused": Text(
        "{who} đã không duyệt phiếu này lúc {when}.", "{who} refused this request at {when}."
    ),
    "withdrawn": Text(
        "{who} đã rút phiếu này lúc {when}.", "{who} withdrew this request at {when}."
    ),
}


def _explain(state: str, code: str, _details: dict[str, object]) -> SupplyError | None:
    """What the functions of 0009_requests.sql refuse."""
    if state == "SP411":
        return NotFound(Text("Không có phiếu yêu cầu này.", "There is no such request."))
    if state == "SP412":
        return NotAllowed(_NOT_YOURS.get(code, NotAllowed.default))
    if state == "SP413":
        return InvalidInput(_INVALID.get(code, InvalidInput.default))
    if state in {"SP410", "SP414"}:
        return AlreadyDone(
            Text(
                "Phiếu này đã gửi, không sửa được nữa. Cần đổi thì rút lại và lập phiếu mới.",
                "This request was sent and cannot change. Withdraw it and write a new one.",
            )
        )
    if state == "SP415":
        return AlreadyDone(
            Text("Phiếu yêu cầu này đã có người xử lý.", "This request was already dealt with.")
        )
    return None


_NOT_YOURS = {
    "out_of_scope": Text(
        "Chỉ thủ kho, trưởng cơ sở của nơi yêu cầu làm được việc này.",
        "Only the storekeeper or head of the asking facility may do this.",
    ),
    "may_not_decide": Text(
        "Chỉ thủ kho, trưởng cơ sở của nơi được yêu cầu hoặc cán bộ kế hoạch của địa bàn duyệt được.",
        "Only the asked facility's storekeeper or head, or a planner of its district, may decide.",
    ),
}
_INVALID = {
    "bad_asked": Text(
        "Hãy chọn nơi được yêu cầu: một cơ sở khác, đang hoạt động, cùng địa bàn.",
        "Choose whom to ask: another facility in operation, of the same district.",
    ),
    "no_lines": Text("Phiếu chưa có dòng nào.", "The request has no lines."),
    "missing_reason": Text("Hãy ghi lý do không duyệt.", "Say why it is refused."),
    "bad_decision": Text("Hãy xem lại số duyệt từng dòng.", "Check what is approved line by line."),
}

add_translator(_explain)


def save(asked: Requisition, requisition_id: int | None = None) -> int:
    """Keep a draft; returns its id. Sends nothing, moves nothing.

    The same `client_key` again is the same draft. Raises InvalidInput (faults by line and field),
    NotAllowed, NotFound, AlreadyDone (sent meanwhile).
    """
    faults = faults_of(asked)
    lines, unknown = _lines(asked.lines)
    if faults or unknown:
        raise InvalidInput(faults=[*faults, *unknown])
    body = {
        "id": requisition_id,
        "facility_id": asked.facility_id,
        "asked_id": asked.asked_id,
        "needed_on": asked.needed_on.isoformat() if asked.needed_on else None,
        "note": asked.note.strip(),
        "client_key": str(asked.client_key),
        "lines": lines,
    }
    with transaction() as session:
        found = session.execute(
            text("SELECT requisition_save(CAST(:p AS jsonb))"),
            {"p": json.dumps(body, ensure_ascii=False)},
        ).scalar_one()
    return int(found)


def _lines(asked: Sequence[AskedLine]) -> tuple[list[dict[str, Any]], list[Fault]]:
    """The lines in base units with item ids, and what the catalogue does not know."""
    known = {item.code: item for item in catalog.items([line.item_code for line in asked])}
    lines: list[dict[str, Any]] = []
    faults = []
    for number, line in enumerate(asked, 1):
        item = known.get(line.item_code)
        packs = {pack.id: pack.units_per_pack for pack in item.packs} if item else {}
        if item is None:
            words = Text(
                f"Không có mặt hàng mã “{line.item_code}”; hãy chọn từ danh mục.",
                f"There is no item with code “{line.item_code}”; choose one from the catalogue.",
            )
            faults.append(Fault("item_code", words, number))
            continue
        if line.pack_id is not None and line.pack_id not in packs:
            words = Text(
                "Đơn vị tính đã chọn không phải của mặt hàng này; hãy chọn lại.",
                "The chosen unit does not belong to this item; please choose again.",
            )
            faults.append(Fault("pack_id", words, number))
            continue
        units = line.quantity * packs.get(line.pack_id or 0, 1)
        if units > QUANTITY_MAX:
            words = Text(
                "Số lượng quá lớn; hãy xem lại đơn vị tính.",
                "The quantity is too large; check the unit.",
            )
            faults.append(Fault("quantity", words, number))
        lines.append(
            {
                "item_id": item.id,
                "quantity": units,
                "pack_id": line.pack_id,
                "note": line.note.strip(),
            }
        )
    return lines, faults


def send(requisition_id: int) -> None:
    """Send a draft: it gets its number and never changes again.

    Raises NotFound, NotAllowed, InvalidInput (no lines), AlreadyDone.
    """
    _run("requisition_send", id=requisition_id)


def ask(asked: Requisition, requisition_id: int | None = None) -> int:
    """Write and send at once, all or nothing. Sent twice with one key: the first stands."""
    if not asked.lines:
        raise InvalidInput(faults=[Fault("lines", _INVALID["no_lines"])])
    with transaction():
        known = queries.sent_with_key(asked.client_key)
        if known is not None:
            return known
        found = save(asked, requisition_id)
        send(found)
        return found


def discard(requisition_id: int) -> None:
    """Throw away a draft. Raises NotFound, NotAllowed, AlreadyDone (sent)."""
    _run("requisition_discard", id=requisition_id)


def withdraw(requisition_id: int, reason: str = "") -> None:
    """Take back what nobody has decided yet. Raises NotFound, NotAllowed, AlreadyDone."""
    _decide("requisition_withdraw", requisition_id, reason=_short(reason))


def refuse(requisition_id: int, reason: str) -> None:
    """Give nothing, and say why. Raises InvalidInput, NotFound, NotAllowed, AlreadyDone."""
    if not reason.strip():
        raise InvalidInput(faults=[Fault("reason", _INVALID["missing_reason"])])
    _decide("requisition_decide", requisition_id, lines=None, reason=_short(reason))


def approve(requisition_id: int, decisions: Sequence[Decision], note: str = "") -> int:
    """Approve in full or in part, once; a transfer draft waits at the sender. Returns its id.

    Raises InvalidInput (by line), NotFound, NotAllowed, AlreadyDone (who decided, and when).
    """
    with transaction():
        asked = {line.line: line.quantity for line in queries.requisition(requisition_id).lines}
        faults = decision_faults(decisions, asked)
        if faults:
            raise InvalidInput(faults=faults)
        lines = [{"line": d.line, "quantity": d.quantity, "reason": d.reason} for d in decisions]
        _decide(
            "requisition_decide",
            requisition_id,
            lines=json.dumps(lines, ensure_ascii=False),
            reason=_short(note),
        )
        return prepare_dispatch(requisition_id)


def prepare_dispatch(requisition_id: int) -> int:
    """A transfer draft at the sender for what is approved and neither sent nor in another draft.

    Raises NotFound, NotAllowed, Conflict (not approved, or nothing is left to send).
    """
    with transaction() as session:
        session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:o, 72043))"),
            {"o": origin_of(requisition_id)},
        )
        found = queries.requisition(requisition_id)
        if not queries.may_decide(found.head.asked_id):
            raise NotAllowed(_NOT_YOURS["may_not_decide"])
        drafted = queries.drafted(requisition_id)
        left = [(line, line.left_to_send - drafted.get(line.item_code, 0)) for line in found.lines]
        lines = tuple(
            IssueLine(
                item_code=line.item_code,
                quantity=units,
                asked_quantity=asked if (asked := line.quantity - line.sent) > units else None,
                reason=line.reason,
            )
            for line, units in left
            if units > 0
        )
        if not lines:
            raise Conflict(
                Text(
                    "Không còn gì phải chuẩn bị: phần được duyệt đã xuất hoặc đang có phiếu nháp.",
                    "Nothing is left to prepare: what was approved was sent or is in a draft.",
                )
            )
        return stock.save_draft(
            TransferDispatch(
                facility_id=found.head.asked_id,
                counterpart_facility_id=found.head.facility_id,
                origin=origin_of(requisition_id),
                note=f"Theo phiếu yêu cầu {found.head.label}",
                lines=lines,
            )
        )


def _run(function: str, **values: object) -> None:
    with transaction() as session:
        session.execute(
            text(f"SELECT {function}({', '.join(f':{name}' for name in values)})"), values
        )


def _decide(function: str, requisition_id: int, **values: object) -> None:
    """Run a decision; where another was first, say who and when."""
    named = ", ".join(
        f"CAST(:{name} AS {'jsonb' if name == 'lines' else 'text'})" for name in values
    )
    with transaction() as session:
        # The second of two at once waits here, then reads what the first decided.
        session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:o, 72044))"),
            {"o": origin_of(requisition_id)},
        )
        decided = queries.decided_by(requisition_id)
        if decided is not None:
            kind, who, when = decided
            raise AlreadyDone(_DECIDED[kind].fill(who=who, when=when))
        session.execute(text(f"SELECT {function}(:id, {named})"), {"id": requisition_id, **values})


def _short(reason: str) -> str:
    reason = reason.strip()
    if len(reason) > REASON_MAX or "\x00" in reason:
        words = Text(
            f"Lý do tối đa {REASON_MAX} ký tự.", f"The reason is at most {REASON_MAX} characters."
        )
        raise InvalidInput(faults=[Fault("reason", words)])
    return reason
