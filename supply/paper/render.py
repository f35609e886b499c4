"""Papers set by typst: data in, bytes out, the same bytes for the same data.

Nothing but our own folder is read: templates and fonts from here, no system fonts, no packages, no
network. The moment in the file is the document's, not the printer's, so a reprint is byte-equal.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import segno
import typst

from supply.core.settings import ROOT
from supply.core.text import group_digits
from supply.paper.layout import Cell, Column, Fact, Paper, Row, plain_text

FOLDER = Path(__file__).parent
TEMPLATES, FONTS = FOLDER / "typst", FOLDER / "fonts"
WORD_LENGTH_MAX = 12
APART_CHARACTERS = 60_000  # about 250 lines
SECONDS_MAX = 300
WORDS = {
    "vi": {
        "unit": "Đơn vị",
        "department": "Bộ phận",
        "form_number": "Mẫu số",
        "nation": "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "motto": "Độc lập - Tự do - Hạnh phúc",
        "number": "Số",
        "hash": "mã niêm",
        "page": "Trang",
    },
    "en": {
        "unit": "Unit",
        "department": "Department",
        "form_number": "Form No.",
        "nation": "SOCIALIST REPUBLIC OF VIET NAM",
        "motto": "Independence - Freedom - Happiness",
        "number": "No.",
        "hash": "seal",
        "page": "Page",
    },
}


def papers_pdf(papers: Sequence[Paper]) -> bytes:
    """The papers one after another in one file, each with its own page numbers."""
    return pdf("form.typ", papers_data(papers), papers[0].day)


def pdf(template: str, data: Mapping[str, Any], day: dt.date | None = None) -> bytes:
    """A template of `typst/` set with `data`, as PDF; `day` is the date written into the file.

    A long paper is set in a process of its own: typst keeps what it has set for the next ten
    papers (90 MB for 1,000 lines), and a web process should not.
    """
    text = json.dumps(_plain(data), ensure_ascii=False)
    if len(text) <= APART_CHARACTERS:
        return compile_form(template, text, day, "pdf")[0]
    order = {"template": template, "data": text, "day": None if day is None else day.isoformat()}
    done = subprocess.run(
        [sys.executable, "-m", "supply.paper.apart"],
        input=json.dumps(order).encode(),
        capture_output=True,
        cwd=ROOT,
        timeout=SECONDS_MAX,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"a paper could not be set: {done.stderr.decode()[-2000:]}")
    return done.stdout


def png_pages(papers: Sequence[Paper], ppi: float = 110) -> list[bytes]:
    """The same pages as pictures, for looking at."""
    text = json.dumps(_plain(papers_data(papers)), ensure_ascii=False)
    return compile_form("form.typ", text, papers[0].day, "png", ppi)


def compile_form(
    template: str,
    data: str,
    day: dt.date | None,
    kind: Literal["pdf", "png"],
    ppi: float = 144,
) -> list[bytes]:
    """One template with its data (JSON) through typst. Tags for screen readers are written unless the
    paper is so long that they would make up nine tenths of the file."""
    moment = dt.datetime.combine(day or dt.date(2022, 1, 1), dt.time(), dt.UTC)
    made = typst.compile(
        TEMPLATES / template,
        root=TEMPLATES,
        font_paths=_fonts(),
        format=kind,
        ppi=ppi,
        sys_inputs={"data": data},
        timestamp=moment,
        pdf_tags=len(data) <= APART_CHARACTERS,
    )
    return list(made) if isinstance(made, list) else [made]


def _plain(value: Any) -> Any:
    """The same data with every text as paper shows it."""
    match value:
        case str():
            return plain_text(value)
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            return value


@cache
def _fonts() -> typst.Fonts:
    """Ours alone: what a machine has installed must not change a form."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


# --- a paper as plain data -----------------------------------------------------------------------


def papers_data(papers: Sequence[Paper]) -> dict[str, Any]:
    """What the template reads: strings, already written as people write numbers and days."""
    flat = [one for paper in papers for one in (paper, *paper.appendix)]
    language = flat[0].language
    return {
        "language": language,
        "words": WORDS[language],
        "papers": [_paper(paper) for paper in flat],
    }


def _paper(paper: Paper) -> dict[str, Any]:
    narrow = [_is_narrow(column) for column in paper.columns]

    def row(r: Row) -> dict[str, Any]:
        return {
            "style": r.style,
            "cells": [_shown(c, n) for c, n in zip(r.cells, narrow, strict=True)],
        }

    return {
        "landscape": paper.landscape,
        "national": paper.national,
        **{
            name: getattr(paper, name)
            for name in (
                "unit", "department", "form_number", "basis", "title", "subtitle", "date_line",
                "number", "running", "banner", "signed_on", "empty_note",
            )
        },
        "accounts": [_fact(f) for f in paper.accounts],
        "facts": [[_fact(f) for f in line] for line in paper.facts],
        "columns": [
            {"title": c.title, "kind": c.kind, "width": c.width, "mark": c.mark, "group": c.group}
            for c in paper.columns
        ],
        "size": 9.5 if len(paper.columns) <= 11 else 8.5,
        "rows": [row(r) for r in paper.rows],
        "totals": [row(r) for r in paper.totals],
        "notes": [_fact(f) for f in paper.notes],
        "signatures": [{"title": s.title, "name": s.name, "hint": s.hint} for s in paper.signatures],
        "qr": None if paper.seal is None else qr_svg(paper.seal.link),
        "link": "" if paper.seal is None else paper.seal.link,
        "hash": "" if paper.seal is None else paper.seal.hash,
    }  # fmt: skip


def _fact(fact: Fact) -> dict[str, str]:
    return {"label": fact.label, "value": fact.value}


def _is_narrow(column: Column) -> bool:
    return column.kind in ("text", "code", "unit") and not column.width.endswith("fr")


def _shown(cell: Cell, narrow: bool) -> str:
    match cell:
        case None:
            return ""
        case int():
            return group_digits(cell)
        case dt.date():
            return f"{cell:%d/%m/%Y}"
        case _:
            return " ".join(_breakable(w) for w in cell.split(" ")) if narrow else cell


def _breakable(word: str) -> str:
    """A long code may break inside of a narrow column instead of running over its border."""
    if len(word) <= WORD_LENGTH_MAX:
        return word
    step = WORD_LENGTH_MAX // 3
    return "\u200b".join(word[at : at + step] for at in range(0, len(word), step))


def qr_svg(link: str) -> str:
    """The QR code of an address, as SVG (error correction M: a stamp may cover a seventh of it)."""
    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(out, kind="svg", border=1, xmldecl=False)
    return out.getvalue().decode()
