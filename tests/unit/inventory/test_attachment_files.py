"""What may be kept with a document, and in what state it is kept."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from supply.core.errors import InvalidInput, SupplyError, TooMuch, WrongType
from supply.inventory import attachment_files
from supply.inventory.attachment_files import checked_file, clean_name
from supply.inventory.attachment_pdf import pdf_fault


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **more: object) -> bytes:
    out = io.BytesIO()
    mode = "RGBA" if kind == "PNG" else "RGB"
    Image.new(mode, size, (200, 30, 30)).save(out, kind, **more)
    return out.getvalue()


def pdf(objects: bytes = b"", tail: bytes = b"") -> bytes:
    """A PDF of one empty page, with `objects` among its own."""
    return (
        b"%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n"
        b"2 0 obj <</Type/Pages/Count 1/Kids[3 0 R]>> endobj\n"
        b"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 10 10]>> endobj\n"
        + objects
        + b"xref\n0 4\ntrailer <</Root 1 0 R/Size 4>>\nstartxref\n180\n%%EOF\n"
        + tail
    )


def object_stream(inside: bytes, filters: bytes = b"/FlateDecode") -> bytes:
    packed = zlib.compress(inside)
    return (
        b"9 0 obj <</Type/ObjStm/N 1/First 4/Filter %s/Length %d>> stream\n%s\nendstream endobj\n"
        % (filters, len(packed), packed)
    )


@pytest.mark.parametrize(
    ("kind", "content_type", "ending"),
    [("JPEG", "image/jpeg", ".jpg"), ("PNG", "image/png", ".png"), ("WEBP", "image/webp", ".webp")],
)
def test_a_picture_is_kept_as_what_it_is_whatever_its_name_says(kind, content_type, ending):
    found = checked_file("hóa đơn.pdf", picture(kind))
    assert (found.content_type, found.name) == (content_type, f"hóa đơn{ending}")
    assert Image.open(io.BytesIO(found.content)).format == kind


def test_where_a_photo_was_taken_is_not_kept_but_which_photo_was_sent_is():
    marks = Image.Exif()
    marks[0x8825] = {1: "N", 2: (21.0, 2.0, 3.0)}  # the GPS block
    marks[0x010F] = "May anh cua Lan"
    marks[0x0112] = 6  # turned by 90°
    sent = picture(exif=marks)
    assert b"May anh cua Lan" in sent
    found = checked_file("a.jpg", sent)
    kept = Image.open(io.BytesIO(found.content))
    assert not kept.getexif()
    assert b"May anh" not in found.content
    assert kept.size == (40, 60)  # upright, since the mark that said so is gone
    assert found.sent_sha256 != found.sha256


@pytest.mark.parametrize(
    "sent",
    [
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"PK\x03\x04" + b"\0" * 100,
        b"GIF89a" + b"\0" * 100,
        b"MZ\x90" + b"\0" * 100,
        b"\0\0\0\x18ftypheic" + b"\0" * 100,
        b"just words",
    ],
)
def test_other_kinds_are_refused_in_words(sent):
    with pytest.raises(WrongType) as refused:
        checked_file("hóa đơn.jpg", sent)
    assert "JPEG" in refused.value.text.vi


def test_what_hides_behind_a_picture_does_not_survive():
    hidden = b"PK\x03\x04<script>alert(1)</script>"
    found = checked_file("a.jpg", picture() + hidden)
    assert hidden not in found.content


def test_a_damaged_or_empty_file_is_refused():
    whole = picture("PNG")
    for sent in (b"", b"\xff\xd8\xff", whole[:40], whole[:-30], b"RIFF\0\0\0\0WEBPVP8 "):
        with pytest.raises(InvalidInput):
            checked_file("a", sent)


def test_a_decompression_bomb_is_refused_by_its_head_before_it_is_unpacked():
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    for side in (8_000, 60_000):
        rows = zlib.compress(b"\0" * 1_000_000)
        head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
        bomb = (
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
        )
        with pytest.raises(InvalidInput) as refused:
            checked_file("a.png", bomb)
        assert refused.value.text == attachment_files.TOO_MANY_PIXELS


def test_moving_pictures_are_refused():
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), c) for c in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(InvalidInput) as refused:
        checked_file("a.webp", out.getvalue())
    assert refused.value.text == attachment_files.MOVING


def test_a_large_photo_is_kept_at_a_size_that_can_be_read():
    found = checked_file("a.jpg", picture(size=(6000, 3000)))
    assert Image.open(io.BytesIO(found.content)).size == (4000, 2000)


def test_more_than_ten_megabytes_are_refused_before_anything_else():
    with pytest.raises(TooMuch):
        checked_file("a.pdf", b"%PDF-1.7" + b"\0" * attachment_files.FILE_BYTES_MAX)


def test_a_plain_pdf_is_kept_byte_for_byte():
    sent = pdf(object_stream(b"<</Type/Font/BaseFont/Helvetica>>"))
    assert checked_file("hóa đơn.pdf", sent).content == sent


@pytest.mark.parametrize(
    "objects",
    [
        b"4 0 obj <</S/JavaScript/JS(app.alert)>> endobj\n",
        b"4 0 obj <</S/J#61v#61Script/JS(app.alert)>> endobj\n",
        b"4 0 obj <</S /Launch /F (cmd.exe)>> endobj\n",
        b"4 0 obj <</Type/EmbeddedFile/Length 3>> stream\nabc\nendstream endobj\n",
        b"4 0 obj <</Names<</EmbeddedFiles 5 0 R>>>> endobj\n",
        b"4 0 obj <</Subtype/RichMedia>> endobj\n",
        b"4 0 obj <</S/SubmitForm>> endobj\n",
        b"4 0 obj <</Encrypt 5 0 R>> endobj\n",
        object_stream(b"<</S/JavaScript/JS(app.alert)>>"),
        object_stream(b"<</S/JavaScript>>", b"[ /FlateDecode ]"),
        object_stream(b"<</Any 1>>", b"[/ASCIIHexDecode /FlateDecode]"),
        object_stream(b"\0" * 60_000_000),
        b"9 0 obj <</Type/ObjStm/N 1/First 4/Filter/FlateDecode>> stream\nnot packed",
    ],
)
def test_a_pdf_that_runs_opens_hides_or_cannot_be_checked_is_refused(objects):
    fault = pdf_fault(pdf(objects))
    assert fault is not None
    assert fault.vi
    with pytest.raises(InvalidInput):
        checked_file("a.pdf", pdf(objects))


def test_a_pdf_with_something_behind_its_end_or_without_an_end_is_refused():
    assert pdf_fault(pdf()) is None
    assert pdf_fault(pdf(tail=b"\r\n  ")) is None
    assert pdf_fault(pdf(tail=b"PK\x03\x04" + b"z" * 3000)) is not None
    assert pdf_fault(pdf(tail=b"<script>")) is not None
    assert pdf_fault(pdf()[:-8]) is not None
    assert pdf_fault(b"junk" + pdf()) is not None


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("..\\..\\hóa đơn.exe", "hóa đơn.jpg"),
        ("/etc/passwd", "passwd.jpg"),
        ("", "chung-tu.jpg"),
        ("...", "chung-tu.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie x.jpg"),
        ("hoa\u202egpj.exe", "hoagpj.jpg"),
        ("x" * 400 + ".jpg", "x" * 146 + ".jpg"),
    ],
)
def test_a_name_is_cleaned(given_name, kept):
    assert clean_name(given_name, "image/jpeg") == kept


@given(st.text(max_size=300))
def test_any_name_becomes_one_that_the_database_takes(name):
    found = clean_name(name, "application/pdf")
    assert 1 <= len(found) <= 150
    assert found.endswith(".pdf")
    assert found.isprintable() or " " in found or "\u00a0" in found or not found.isascii()
    assert not set(found) & set('/\\\r\n\0<>:"|?*')


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([picture(), picture("PNG"), picture("WEBP"), pdf(object_stream(b"<<>>"))]),
    st.data(),
)
def test_damage_anywhere_is_refused_in_words_or_taken_whole(whole, data):
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = (
        whole[:at] + data.draw(st.binary(max_size=20)) + whole[at + data.draw(st.integers(0, 20)) :]
    )
    kept = None
    with contextlib.suppress(SupplyError):  # anything else would be a fault of ours
        kept = checked_file("a", damaged)
    assert kept is None or kept.content_type in attachment_files._ENDINGS
