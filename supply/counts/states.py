"""The state of a count: taken for one transaction alone, moved along its lawful ways."""

from __future__ import annotations

from sqlalchemy import RowMapping, text

from supply.core.errors import AlreadyDone, Conflict, NotAllowed, NotFound, SupplyError
from supply.core.text import Text
from supply.core.transaction import add_translator, transaction

NOT_NOW = Text(
    "Đợt kiểm kê không còn ở bước này; hãy tải lại trang.",
    "The count is no longer at this step; please reload the page.",
)


def _explain(state: str, _code: str, _details: dict[str, object]) -> SupplyError | None:
    """What the triggers of migrations/sql/0011_counts.sql refuse."""
    if state == "SP401":
        return AlreadyDone(
            Text("Đợt kiểm kê này đã kết thúc.", "This count is finished and cannot change.")
        )
    if state == "SP402":
        return Conflict(
            Text("Số đã đếm không sửa, không xóa.", "What was counted is never changed or deleted.")
        )
    return Conflict(NOT_NOW) if state == "SP403" else None


add_translator(_explain)


def lock(count_id: int, *states: str) -> RowMapping:
    """The count, for this transaction alone, in one of `states`."""
    with transaction() as session:
        seen = session.execute(
            text("SELECT 1 FROM stock_count WHERE id = :id"), {"id": count_id}
        ).one_or_none()
        if seen is None:
            raise NotFound(Text("Không có đợt kiểm kê này.", "There is no such count."))
        found = (
            session.execute(
                text(
                    "SELECT id, facility_id, counted_on, state FROM stock_count WHERE id = :id"
                    " FOR NO KEY UPDATE"
                ),
                {"id": count_id},
            )
            .mappings()
            .one_or_none()
        )
    if found is None:
        raise NotAllowed(
            Text(
                "Chỉ người giữ kho này mới kiểm kê được.",
                "Only those who keep this store may count it.",
            )
        )
    if found["state"] == "resolved":
        raise AlreadyDone(Text("Đợt kiểm kê này đã xử lý xong.", "This count was resolved."))
    if found["state"] not in states:
        raise Conflict(NOT_NOW)
    return found


def enter(count_id: int, state: str) -> None:
    """Move a count on; the database refuses an unlawful step and signs a lawful one."""
    with transaction() as session:
        session.execute(
            text("UPDATE stock_count SET state = :state WHERE id = :id"),
            {"id": count_id, "state": state},
        )
