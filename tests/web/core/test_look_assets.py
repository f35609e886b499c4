"""The look keeps its promises: small first load, no inline style or script, both languages, licences."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import jinja2
import pytest
from flask import Flask
from jinja2 import nodes

from supply.core.settings import ROOT

STATIC = ROOT / "supply" / "core" / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = sorted((ROOT / "supply").glob("*/templates/**/*.html"))
FIRST_LOAD_BYTES_MAX = 200_000

_COMMENT = re.compile(r"\{#.*?#\}", re.S)
_INLINE = re.compile(r"""<[a-zA-Z][^<>]*?\s(style|on[a-z]+)\s*=""")
_SCRIPT = re.compile(r"<script(?![^>]*\bnonce=)[^>]*>")
_ASSET = re.compile(r'(?:href|src)="(/assets/[^"]+)"')
_FONT = re.compile(r"url\((vendor/[^)]+\.woff2)\)")


def _name(template: Path) -> str:
    return str(template.relative_to(ROOT))


@pytest.fixture(params=TEMPLATES, ids=_name)
def source(request: pytest.FixtureRequest) -> str:
    """Each template of the product, without its comments."""
    template: Path = request.param
    return _COMMENT.sub("", template.read_text(encoding="utf-8"))


def test_a_template_has_no_inline_style_or_handler(source: str) -> None:
    assert not _INLINE.findall(source)


def test_every_script_carries_the_nonce(source: str) -> None:
    assert not _SCRIPT.findall(source)


def _words(argument: nodes.Expr) -> str | None:
    """The literal of an argument, bare or filled by `%`; None where it is no literal."""
    if isinstance(argument, nodes.Mod):
        argument = argument.left
    if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
        return argument.value
    return None


def _faulty_texts(source: str) -> list[str]:
    """What is wrong with each `t(…)`: a literal needs its other language; `t(text)` takes a pair."""
    faults = []
    for call in jinja2.Environment().parse(source).find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Name) and call.node.name == "t"):
            continue
        words = [_words(argument) for argument in call.args]
        if words[0] is not None and len(words) != 2:
            faults.append(f"line {call.lineno}: one language only: {words[0]}")
        if any(word is not None and not word.strip() for word in words):
            faults.append(f"line {call.lineno}: an empty text")
    return faults


def test_every_text_stands_in_both_languages(source: str) -> None:
    assert _faulty_texts(source) == []


def test_the_checks_above_see_what_they_forbid() -> None:
    assert _INLINE.search('<p class="a" style="color:red">')
    assert _INLINE.search('<a href="#" onclick="go()">')
    assert _SCRIPT.search('<script src="x.js">')
    assert len(_faulty_texts('{{ t("Tồn kho") }}{{ t("Kho", "") }}{{ t("%d" % n) }}')) == 3
    assert (
        _faulty_texts('{{ t("Kho", "Store") }}{{ t(label) }}{{ t("%d lô" % n, "%d lots" % n) }}')
        == []
    )


def test_every_vendored_folder_is_listed_with_its_licence() -> None:
    listed = set(re.findall(r"^\| `([\w-]+)` \|", (VENDOR / "VENDORED.md").read_text(), re.M))
    folders = {folder.name for folder in VENDOR.iterdir() if folder.is_dir()}
    assert listed == folders
    for folder in folders:
        assert (VENDOR / folder / "LICENSE").stat().st_size > 300, folder


def test_every_icon_that_is_named_is_drawn() -> None:
    drawn = set(re.findall(r'id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    for template in TEMPLATES:
        named = set(re.findall(r'\bicon\("([\w-]+)"', template.read_text(encoding="utf-8")))
        assert named <= drawn, (_name(template), named - drawn)


def test_a_first_visit_loads_no_more_than_200_kb(app: Flask) -> None:
    """The page, all it names and every font of the style sheet, as they travel."""
    client = app.test_client()
    gzipped = {"Accept-Encoding": "gzip"}
    page = client.get("/login/", headers=gzipped)
    assert page.headers["Content-Encoding"] == "gzip"
    names = set(_ASSET.findall(gzip.decompress(page.data).decode()))
    assert any("app.css" in name for name in names)
    answers = [client.get(name, headers=gzipped) for name in names]
    assert {a.status_code for a in answers} == {200}
    fonts = set(_FONT.findall((STATIC / "app.css").read_text()))
    assert len(fonts) == 6
    total = len(page.data) + sum(len(a.data) for a in answers)
    total += sum((STATIC / font).stat().st_size for font in fonts)
    assert total <= FIRST_LOAD_BYTES_MAX, f"{total:,} bytes"


def test_a_file_arrives_whole_compressed_or_not_and_is_not_sent_twice(app: Flask) -> None:
    client = app.test_client()
    plain = client.get("/assets/core/app.css")
    packed = client.get("/assets/core/app.css", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == (STATIC / "app.css").read_bytes()
    assert "Accept-Encoding" in packed.headers["Vary"]
    again = client.get(
        "/assets/core/app.css",
        headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]},
    )
    assert again.status_code == 304
    refused = client.get("/assets/core/app.css", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers
