"""A file that was sent, made fit to keep: its kind told by its content, its name cleaned, a picture
drawn anew.

Pictures are drawn anew, not kept as sent: a phone writes into them where and with what they were
taken (nobody here needs it, and a home patient's address could be read from it), and whatever was
hidden beside the picture does not survive. The digest of what was sent is kept as well, so that an
auditor can still tell the original. A PDF is kept byte for byte.
"""

from __future__ import annotations

import hashlib
import io
import re
import threading
import unicodedata
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from supply.core.errors import Fault, InvalidInput, TooMuch, WrongType
from supply.core.text import Text
from supply.inventory.attachment_pdf import pdf_fault

FILE_BYTES_MAX = 10 * 1024 * 1024
FILES_MAX = 20
NAME_MAX = 150
PIXELS_MAX = 50_000_000
SIDE_PIXELS_MAX = 4000  # an A4 page at 340 dots an inch
_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
}
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
# One picture at a time: drawing one anew may take 200 MB.
_drawing = threading.Semaphore(1)

TOO_LARGE = Text(
    "Tệp lớn hơn 10 MB; hãy chụp nhỏ hơn hoặc tách ra.",
    "The file is larger than 10 MB; take a smaller photo or split it.",
)
NOT_TAKEN = Text(
    "Chỉ nhận ảnh JPEG, PNG, WEBP hoặc tệp PDF.",
    "Only JPEG, PNG or WEBP pictures and PDF files are taken.",
)
HEIC = Text(
    "Ảnh HEIC chưa nhận được; hãy chọn “Tương thích nhất” (JPEG) trong cài đặt camera.",
    "HEIC photos are not taken; choose “Most compatible” (JPEG) in the camera's settings.",
)
DAMAGED = Text(
    "Ảnh bị hỏng hoặc không đúng kiểu; hãy chụp lại.", "The picture is damaged; take it again."
)
TOO_MANY_PIXELS = Text(
    "Ảnh quá lớn (trên 50 triệu điểm ảnh); hãy chụp nhỏ hơn.",
    "The picture is too large (over 50 million pixels); take a smaller one.",
)
MOVING = Text("Ảnh động không nhận; hãy gửi ảnh thường.", "Moving pictures are not taken.")
EMPTY = Text("Tệp rỗng.", "The file is empty.")


@dataclass(frozen=True)
class CheckedFile:
    """What is kept; `sent_sha256` is of the bytes that were sent, `sha256` of `content`."""

    name: str
    content_type: str
    content: bytes
    sha256: str
    sent_sha256: str


def checked_file(name: str, sent: bytes) -> CheckedFile:
    """The file to keep. Raises TooMuch, WrongType or InvalidInput with what to do instead."""
    if len(sent) > FILE_BYTES_MAX:
        raise TooMuch(TOO_LARGE)
    kind = told_by_content(sent)
    if kind == "application/pdf":
        if (fault := pdf_fault(sent)) is not None:
            raise _refused(fault)
        content = sent
    else:
        content = _drawn_anew(sent, kind)
    return CheckedFile(
        clean_name(name, kind),
        kind,
        content,
        hashlib.sha256(content).hexdigest(),
        hashlib.sha256(sent).hexdigest(),
    )


def told_by_content(sent: bytes) -> str:
    """The content type by the first bytes; what the sender says of it counts for nothing."""
    if not sent:
        raise _refused(EMPTY)
    if sent.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if sent.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if sent.startswith(b"RIFF") and sent[8:12] == b"WEBP":
        return "image/webp"
    if sent.startswith(b"%PDF-"):
        return "application/pdf"
    if sent[4:8] == b"ftyp" and sent[8:12] in (b"heic", b"heix", b"mif1", b"heif", b"hevc"):
        raise WrongType(HEIC)
    raise WrongType(NOT_TAKEN)


def clean_name(name: str, content_type: str) -> str:
    """A name to show and to save under: no path, no controls, no turning marks, its true ending.

    clean_name("..\\\\hóa đơn.exe", "image/jpeg") -> "hóa đơn.jpg".
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*')
    stem = re.sub(r"\s+", " ", kept.rpartition(".")[0] or kept).strip(" .")
    ending = _ENDINGS[content_type]
    return f"{stem[: NAME_MAX - len(ending)].strip() or 'chung-tu'}{ending}"


def _refused(words: Text) -> InvalidInput:
    return InvalidInput(words, [Fault("file", words)])


def _drawn_anew(sent: bytes, kind: str) -> bytes:
    """The same picture upright, at most SIDE_PIXELS_MAX a side, with nothing but its pixels."""
    with _drawing, warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(sent), formats=[_FORMATS[kind]]) as probe:
                _fits(probe)
                probe.verify()
            with Image.open(io.BytesIO(sent), formats=[_FORMATS[kind]]) as picture:
                return _saved(picture, kind)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise _refused(TOO_MANY_PIXELS) from error
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
            raise _refused(DAMAGED) from error


def _fits(picture: Image.Image) -> None:
    if picture.width * picture.height > PIXELS_MAX:
        raise _refused(TOO_MANY_PIXELS)
    # A phone's "multi-picture" JPEG carries a preview beside the photo; that is no moving picture.
    if getattr(picture, "is_animated", False) and picture.format != "MPO":
        raise _refused(MOVING)


def _saved(picture: Image.Image, kind: str) -> bytes:
    if kind == "image/jpeg":
        picture.draft("RGB", (SIDE_PIXELS_MAX, SIDE_PIXELS_MAX))  # unpacks no more than is kept
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((SIDE_PIXELS_MAX, SIDE_PIXELS_MAX))
    flat = upright.convert("RGBA" if _has_holes(upright) and kind != "image/jpeg" else "RGB")
    clean = Image.new(flat.mode, flat.size)
    clean.paste(flat)
    out = io.BytesIO()
    if kind == "image/png":
        clean.save(out, "PNG", optimize=False)
    else:
        clean.save(out, _FORMATS[kind], quality=85)
    if out.tell() > FILE_BYTES_MAX:  # a photo saved as PNG: keep it as a JPEG would
        raise _refused(TOO_LARGE)
    return out.getvalue()


def _has_holes(picture: Image.Image) -> bool:
    return picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
