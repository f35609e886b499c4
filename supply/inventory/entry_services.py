"""What entry remembers: codes that were learned, documents to write again."""

from __future__ import annotations

import json

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from supply.core.errors import AlreadyDone, Fault, InvalidInput, NotFound
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import transaction, translate
from supply.inventory.documents import Document, payload_of, size_faults_of

TEMPLATES_MAX = 200
NAME_MAX = 100
_OWN = frozenset({"client_key", "happened_on", "origin", "paper_reference", "reverses_id"})

_LEARN = text(
    "INSERT INTO learned_code (code, item_id, pack_id, learned_by)"
    " SELECT :code, i.id, :pack, :user FROM item i WHERE i.code = :item AND i.active RETURNING id"
)


def learn_code(code: str, item_code: str, pack_id: int | None) -> None:
    """From now on `code` means this item (and pack) to everybody; the latest teaching counts.

    Raises InvalidInput (no such item, a pack of another item), NotAllowed (keeps no store).
    """
    values = {"code": code, "item": item_code, "pack": pack_id, "user": acting_user_id()}
    with transaction() as session:
        try:
            learned = session.execute(_LEARN, values).scalar_one_or_none()
        except IntegrityError as error:
            raise _not_so("pack_id", _WRONG_PACK) from error
        except DBAPIError as error:
            raise translate(error) from error
    if learned is None:
        raise _not_so("item_code", Text("Hãy chọn mặt hàng.", "Choose the item."))


_WRONG_PACK = Text(
    "Quy cách này không phải của mặt hàng đã chọn.", "This pack is not one of the chosen item's."
)

_SAVE = text(
    "INSERT INTO document_template (facility_id, kind, name, payload, created_by)"
    " VALUES (:facility, :kind, :name, CAST(:payload AS jsonb), :user)"
    " ON CONFLICT (facility_id, kind, lower(name)) DO UPDATE"
    " SET payload = EXCLUDED.payload, name = EXCLUDED.name, updated_at = now(),"
    " created_by = EXCLUDED.created_by RETURNING id"
)
_COUNT = text("SELECT count(*) FROM document_template WHERE facility_id = :facility")


def save_template(document: Document, name: str) -> int:
    """Keep a document's head and lines under a name, to write it again; the same name is replaced.

    Raises InvalidInput (no name, no lines, too large), AlreadyDone (the store has enough of them).
    """
    wanted = " ".join(name.split())
    if not 0 < len(wanted) <= NAME_MAX:
        raise _not_so(
            "name",
            Text(
                f"Hãy đặt tên mẫu, tối đa {NAME_MAX} ký tự.",
                f"Name the template, in at most {NAME_MAX} characters.",
            ),
        )
    if not document.lines:
        raise _not_so("lines", Text("Mẫu chưa có dòng nào.", "The template has no lines."))
    if faults := size_faults_of(document):
        raise InvalidInput(faults=faults)
    payload = {k: v for k, v in payload_of(document).items() if k not in _OWN}
    values = {
        "facility": document.facility_id,
        "kind": document.kind.value,
        "name": wanted,
        "payload": json.dumps(payload, ensure_ascii=False),
        "user": acting_user_id(),
    }
    with transaction() as session:
        if session.execute(_COUNT, values).scalar_one() >= TEMPLATES_MAX:
            raise AlreadyDone(
                Text(
                    f"Kho đã có {TEMPLATES_MAX} mẫu; hãy bỏ bớt mẫu không dùng.",
                    f"The store has {TEMPLATES_MAX} templates; delete some that are not used.",
                )
            )
        return int(session.execute(_SAVE, values).scalar_one())


def delete_template(template_id: int) -> None:
    """Forget a template. Raises NotFound."""
    with transaction() as session:
        gone = session.execute(
            text("DELETE FROM document_template WHERE id = :id RETURNING id"), {"id": template_id}
        ).scalar_one_or_none()
    if gone is None:
        raise NotFound(Text("Không tìm thấy mẫu phiếu này.", "There is no such template."))


def _not_so(field: str, text_: Text) -> InvalidInput:
    return InvalidInput(faults=[Fault(field, text_)])
