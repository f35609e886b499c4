"""What is to be printed, as a few plain values: set at once, or as a job where it is long."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supply.core import files
from supply.core.errors import NotFound
from supply.core.jobs import Progress, job
from supply.core.text import Text
from supply.paper import services
from supply.paper.forms import Typed
from supply.paper.layout import Paper
from supply.paper.services import FileKind, file_of

# Set while the person waits; more lines than these take over three seconds and become a job.
LINES_AT_ONCE: dict[FileKind, int] = {"pdf": 1_500, "xlsx": 5_000}
MIME: dict[FileKind, str] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Order:
    """A form by its name in FORMS, what it is about, and what was typed for this print."""

    form: str
    about: Mapping[str, Any]
    typed: Typed

    def paper(self) -> Paper:
        """The form, read as the acting person may see it. Raises what its maker raises."""
        maker = FORMS.get(self.form)
        if maker is None:
            raise NotFound(Text("Không có biểu mẫu này.", "There is no such form."))
        return maker(self.about, self.typed)

    def is_long(self, paper: Paper, kind: FileKind) -> bool:
        """Whether it is work for a job."""
        return len(paper.rows) > LINES_AT_ONCE[kind]

    def as_params(self) -> dict[str, Any]:
        """For a job: plain JSON."""
        about = {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in self.about.items()}
        typed = {
            "language": self.typed.language,
            "names": dict(self.typed.names),
            "attached": self.typed.attached,
        }
        return {"form": self.form, "about": about, "typed": typed}


def _days(about: Mapping[str, Any]) -> tuple[dt.date, dt.date]:
    first, last = (dt.date.fromisoformat(str(about[key])) for key in ("first_day", "last_day"))
    return first, last


FORMS: dict[str, Callable[[Mapping[str, Any], Typed], Paper]] = {
    "voucher": lambda about, typed: services.voucher(about["document_id"], typed),
    "handover": lambda about, typed: services.handover(about["document_id"], typed),
    "stock_book": lambda about, typed: services.stock_book_paper(
        about["facility_id"], about["item_id"], *_days(about), typed
    ),
    "movement": lambda about, typed: services.movement_paper(about["query"], typed),
    "usage": lambda about, typed: services.usage_paper(
        about["code"], about["facility_id"], *_days(about), typed
    ),
}


@job("paper.print", Text("In biểu mẫu", "Print a form"))
def print_long(
    progress: Progress,
    *,
    form: str,
    about: dict[str, Any],
    typed: dict[str, Any],
    file_type: FileKind,
    name: str,
) -> dict[str, object]:
    """Set a long form and keep the file for whoever asked."""
    progress.at(0, 2, Text("Đọc số liệu", "Reading the figures"))
    paper = Order(form, about, Typed(**typed)).paper()
    progress.at(1, 2, Text("Dàn trang", "Setting the pages"))
    with tempfile.TemporaryDirectory(prefix="supply-paper-") as folder:
        path = Path(folder) / "file"
        path.write_bytes(file_of([paper], file_type))
        kept = files.keep(path, f"{name}.{file_type}", MIME[file_type])
    return {"url": f"/files/?made={kept}"}
