"""Whether a PDF is a plain paper: pages to look at, nothing that runs, opens or hides. Pure.

What a viewer could be made to do is named in the file by words of the PDF standard (ISO 32000-1,
12.6 "Actions", 7.11.4 "Embedded file streams", 7.6 "Encryption"). They may stand in the open, with
letters written as #xx, or inside compressed object streams; all three are looked through. What
cannot be looked through (encrypted, compressed otherwise, more than is sensible) is refused.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from supply.core.text import Text

INFLATED_BYTES_MAX = 40 * 1024 * 1024
TAIL_BYTES = 2048

NOT_WHOLE = Text(
    "Tệp PDF bị hỏng hoặc bị cắt; hãy quét lại hoặc lưu lại thành PDF.",
    "The PDF is damaged or cut off; scan or save it again.",
)
MIXED = Text(
    "Tệp PDF có phần lạ ở cuối; hãy lưu lại thành PDF rồi gửi.",
    "Something else follows the end of the PDF; save it again as a PDF.",
)
ENCRYPTED = Text(
    "Tệp PDF có mật khẩu nên không kiểm tra được; hãy bỏ mật khẩu rồi gửi lại.",
    "The PDF is encrypted and cannot be checked; remove its password and send it again.",
)
ACTIVE = Text(
    "Tệp PDF có {what} nên không nhận; hãy in lại thành PDF thường hoặc chụp ảnh.",
    "The PDF holds {what} and is not taken; print it to a plain PDF or take a photo.",
)
UNCHECKED = Text(
    "Tệp PDF nén theo cách không kiểm tra được; hãy lưu lại thành PDF thường.",
    "The PDF is packed in a way that cannot be checked; save it as a plain PDF.",
)

# The word of the standard -> what it is, in people's words. All are long enough not to stand in
# compressed pictures by chance.
_ACTIVE_NAMES: dict[bytes, Text] = {
    b"JavaScript": Text("mã chạy được", "a script"),
    b"Launch": Text("lệnh mở chương trình", "a command to open a program"),
    b"EmbeddedFile": Text("tệp đính kèm bên trong", "a file inside it"),
    b"EmbeddedFiles": Text("tệp đính kèm bên trong", "a file inside it"),
    b"FileAttachment": Text("tệp đính kèm bên trong", "a file inside it"),
    b"RichMedia": Text("phim hoặc nội dung động", "moving content"),
    b"Rendition": Text("phim hoặc nội dung động", "moving content"),
    b"SubmitForm": Text("lệnh gửi dữ liệu đi", "a command to send data away"),
    b"ImportData": Text("lệnh nạp dữ liệu", "a command to load data"),
    b"GoToR": Text("lệnh mở tệp khác", "a command to open another file"),
    b"GoToE": Text("lệnh mở tệp khác", "a command to open another file"),
}
_NAME = re.compile(
    rb"/(" + b"|".join(sorted(_ACTIVE_NAMES, reverse=True)) + rb"|Encrypt)(?![A-Za-z0-9_])"
)
_HEX = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream\r?\n")
_DICTIONARY_BYTES_MAX = 4096
_STREAMS_MAX = 20_000
_BITE = 65_536


def pdf_fault(content: bytes) -> Text | None:
    """Why this PDF is not taken; None where nothing speaks against it."""
    if not re.match(rb"%PDF-[12]\.\d", content):
        return NOT_WHOLE
    tail = content[-TAIL_BYTES:]
    end = tail.rfind(b"%%EOF")
    if end < 0 or b"startxref" not in tail:
        return NOT_WHOLE
    if tail[end + 5 :].strip(b"\r\n\t \x00"):
        return MIXED
    if (found := _active(content)) is not None:
        return found
    for part in _object_streams(content):
        if part is None:
            return UNCHECKED
        if (found := _active(part)) is not None:
            return found
    return None


def _active(part: bytes) -> Text | None:
    """The first word of danger in this part, letters written as #xx read too."""
    plain = _HEX.sub(lambda m: bytes([int(m[1], 16)]), part)
    found = _NAME.search(plain)
    if found is None:
        return None
    if found[1] == b"Encrypt":
        return ENCRYPTED
    what = _ACTIVE_NAMES[found[1]]
    return Text(ACTIVE.vi.format(what=what.vi), ACTIVE.en.format(what=what.en))


def _object_streams(content: bytes) -> Iterator[bytes | None]:
    """Every stream that may hold objects, unpacked; None where one cannot be."""
    left = INFLATED_BYTES_MAX
    for count, mark in enumerate(_STREAM.finditer(content)):
        if count > _STREAMS_MAX:
            yield None
            return
        head = content[max(0, mark.start() - _DICTIONARY_BYTES_MAX) : mark.start()]
        opened = head.rfind(b" obj")
        head = _HEX.sub(lambda m: bytes([int(m[1], 16)]), head[opened if opened >= 0 else 0 :])
        if b"/ObjStm" not in head and not re.search(rb"/First\s+\d", head):
            continue
        packed = re.search(rb"/Filter\s*(\[[^\]]*\]|/\w+)", head)
        if packed is None:
            continue  # not packed: its words stood in the open
        if packed[1].strip(b"[] \r\n\t") not in (b"/FlateDecode", b"/Fl") or b"/Predictor" in head:
            yield None
            return
        part = _inflated(content, mark.end(), left)
        if part is None:
            yield None
            return
        left -= len(part)
        yield part


def _inflated(content: bytes, start: int, most: int) -> bytes | None:
    """The stream that starts there, unpacked; None where it is none or unpacks to too much."""
    unpack = zlib.decompressobj()
    found = bytearray()
    at = start
    try:
        while not unpack.eof and at < len(content):
            # In small bites: a packed bomb never lies in memory, and nothing is copied twice.
            found += unpack.decompress(
                unpack.unconsumed_tail or content[at : at + _BITE], most + 1 - len(found)
            )
            if len(found) > most:
                return None
            if not unpack.unconsumed_tail:
                at += _BITE
    except zlib.error:
        return None
    return bytes(found) if unpack.eof else None
