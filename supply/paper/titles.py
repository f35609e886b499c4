"""Which name, number and legal basis a form carries on a day: read, saved, entered at deploy."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from supply.core.errors import Fault, InvalidInput, NotAllowed, NotFound
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction
from supply.paper.forms import FormTitle
from supply.paper.models import FormTitleRow

DEFAULTS = Path(__file__).parent / "data" / "form_titles.csv"
LENGTHS = {"number": 40, "title_vi": 200, "title_en": 200, "basis": 300, "debit": 60, "credit": 60}
LABELS: dict[str, Text] = {
    "valid_from": Text("Áp dụng từ ngày", "In force from"),
    "valid_to": Text("Đến ngày", "Until"),
    "number": Text("Mẫu số", "Form number"),
    "title_vi": Text("Tên biểu mẫu", "Title in Vietnamese"),
    "title_en": Text("Tên tiếng Anh", "Title in English"),
    "basis": Text("Căn cứ ban hành", "Legal basis"),
    "debit": Text("Tài khoản Nợ", "Debit account"),
    "credit": Text("Tài khoản Có", "Credit account"),
}


@dataclass(frozen=True)
class TitleRow:
    """A form's name from `valid_from` on; `confirmed_at` None: still to be confirmed."""

    code: str
    valid_from: dt.date
    valid_to: dt.date | None
    number: str
    title_vi: str
    title_en: str
    basis: str
    debit: str = ""
    credit: str = ""
    id: int = 0
    confirmed_at: dt.datetime | None = None

    def as_title(self) -> FormTitle:
        """For a builder."""
        title = Text(self.title_vi, self.title_en)
        return FormTitle(self.code, title, self.number, self.basis, self.debit, self.credit)


def form_titles() -> list[TitleRow]:
    """All rows, by form and day."""
    with reading() as session:
        found = session.scalars(
            select(FormTitleRow).order_by(FormTitleRow.code, FormTitleRow.valid_from)
        )
        return [_row(r) for r in found]


def form_title(code: str, day: dt.date) -> TitleRow:
    """The row in force on a day: the latest that began by then and has not ended; before the first
    one, the first. Raises NotFound for a form nobody has named."""
    rows = [r for r in form_titles() if r.code == code]
    if not rows:
        raise NotFound(Text(f"Chưa khai báo biểu mẫu {code}.", f"The form {code} has no name yet."))
    in_force = [
        r for r in rows if r.valid_from <= day and (r.valid_to is None or day <= r.valid_to)
    ]
    return in_force[-1] if in_force else rows[0]


def title_by_id(title_id: int) -> TitleRow:
    """One row. Raises NotFound."""
    with reading() as session:
        found = session.get(FormTitleRow, title_id)
        if found is None:
            raise NotFound(Text("Không có biểu mẫu này.", "There is no such form."))
        return _row(found)


def save_title(row: TitleRow, *, confirmed: bool) -> int:
    """Write a row (`id` 0: a new period of its form); `confirmed`: the acting officer vouches for it.

    Raises InvalidInput naming the fields; NotAllowed for anybody but finance and administrators.
    """
    row = _stripped(row)
    faults = title_faults(row)
    if faults:
        raise InvalidInput(faults=faults)
    known = form_titles()
    if row.code not in {r.code for r in known}:
        raise NotFound(Text("Không có biểu mẫu này.", "There is no such form."))
    if any((r.code, r.valid_from) == (row.code, row.valid_from) and r.id != row.id for r in known):
        words = Text(
            "Biểu mẫu này đã có dòng áp dụng từ ngày đó; hãy sửa dòng ấy.",
            "This form has a row from that day already; change that one.",
        )
        raise InvalidInput(faults=[Fault("valid_from", words)])
    now = dt.datetime.now(dt.UTC)
    values = {name: getattr(row, name) for name in ("valid_from", "valid_to", *LENGTHS)}
    values["confirmed_by"] = acting_user_id() if confirmed else None
    values["confirmed_at"] = now if confirmed else None
    with transaction() as session:
        if row.id:
            changing = update(FormTitleRow).where(FormTitleRow.id == row.id).values(**values)
            written = session.execute(changing.returning(FormTitleRow.id))
        else:
            adding = insert(FormTitleRow).values(code=row.code, **values)
            written = session.execute(adding.returning(FormTitleRow.id))
        title_id = written.scalar_one_or_none()
        if title_id is None:  # row-level security shows the row, but not to write to
            raise NotAllowed()
        return int(title_id)


def _stripped(row: TitleRow) -> TitleRow:
    return replace(
        row,
        number=row.number.strip(),
        title_vi=row.title_vi.strip(),
        title_en=row.title_en.strip(),
        basis=row.basis.strip(),
        debit=row.debit.strip(),
        credit=row.credit.strip(),
    )


def title_faults(row: TitleRow) -> list[Fault]:
    """What keeps a row from being saved."""
    faults = []
    for name in ("title_vi", "title_en"):
        if not getattr(row, name):
            faults.append(Fault(name, Text("Chưa ghi tên biểu mẫu.", "The title is missing.")))
    for name, longest in LENGTHS.items():
        if len(getattr(row, name)) > longest:
            words = Text(f"Dài quá {longest} ký tự.", f"Longer than {longest} characters.")
            faults.append(Fault(name, words))
    if row.valid_to is not None and row.valid_to < row.valid_from:
        words = Text(
            "Ngày hết áp dụng phải từ ngày bắt đầu trở đi.", "It cannot end before it begins."
        )
        faults.append(Fault("valid_to", words))
    return faults


def load_defaults(session: Session) -> None:
    """Enter the defaults where a form has no row at all: an officer's own edits stay."""
    known = set(session.scalars(select(FormTitleRow.code)))
    with DEFAULTS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["code"] not in known:
                session.add(
                    FormTitleRow(
                        code=row["code"],
                        valid_from=dt.date.fromisoformat(row["valid_from"]),
                        valid_to=dt.date.fromisoformat(row["valid_to"])
                        if row["valid_to"]
                        else None,
                        number=row["number"],
                        title_vi=row["title_vi"],
                        title_en=row["title_en"],
                        basis=row["basis"],
                        debit="",
                        credit="",
                    )
                )
    session.flush()


def _row(r: FormTitleRow) -> TitleRow:
    return TitleRow(
        code=r.code,
        valid_from=r.valid_from,
        valid_to=r.valid_to,
        number=r.number,
        title_vi=r.title_vi,
        title_en=r.title_en,
        basis=r.basis,
        debit=r.debit,
        credit=r.credit,
        id=r.id,
        confirmed_at=r.confirmed_at,
    )
