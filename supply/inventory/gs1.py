"""What a scanner read, in a store's words: which item, lot, expiry, serial, how many. Pure, on `biip`.

GS1 element strings (DataMatrix, GS1-128, QR), with or without a symbology prefix and whatever the
scanner sends for FNC1; plain EAN-8, EAN-13, UPC-A and GTIN-14; any other text is a code of its own.
Source of the rules: GS1 General Specifications (application identifiers 3; day 00 and the century
of two-digit years 7.12; separators 7.8), as `biip` implements them.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass, replace

import biip
from biip.gs1_element_strings import GS1ElementString
from biip.gs1_messages import GS1Message

from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text

SCAN_MAX = 200
GS = "\x1d"

_PREFIX = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_GS1_PREFIXES = ("]C1", "]d2", "]Q3", "]e0", "]J1")
_SPELLED_GS = re.compile(r"\{GS\}|<GS>|\[GS\]|\^\]|\\x1[dD]|\\u001[dD]|\\F|␝")
_BRACKETED = re.compile(r"\((\d{2,4})\)")
# Whatever GS1 does not allow in a value (character set 82) can only stand for FNC1.
_NOT_GS1 = re.compile(r"[^A-Za-z0-9!\"%&'()*+,\-./:;<=>?_]")
_STARTS_LIKE_GS1 = re.compile(r"(?:01|02)\d{14}")
_EXPIRY_WITHIN = re.compile(r"17(?=(\d{2})(0[1-9]|1[0-2])([0-2]\d|3[01]))")
_GTIN_LENGTHS = (8, 12, 13, 14)


@dataclass(frozen=True)
class Scan:
    """One scan. `code`: what to look up (14 digits for a GTIN, otherwise the text itself); `count`:
    how many, where the code says (AI 30 or 37); `guessed`: a missing separator was put back by
    conjecture, so a person should look at lot and expiry."""

    code: str
    gtin: str | None = None
    lot_number: str = ""
    expiry: dt.date | None = None
    serial: str = ""
    count: int | None = None
    guessed: bool = False


def read_scan(text: str) -> Scan:
    """What was scanned. Raises InvalidInput (field `scan`) where it cannot be what was printed: a
    wrong check digit, a broken element string, a pallet's number, nothing at all.

    >>> read_scan("010893123456789717250200" + "10A1").expiry
    datetime.date(2025, 2, 28)
    """
    bare = text.strip(" \t\r\n")
    if not bare or len(bare) > SCAN_MAX:
        raise _refuse(Text("Chưa đọc được mã.", "The code could not be read."))
    found = _PREFIX.match(bare)
    prefix = found.group() if found else ""
    bare = bare[len(prefix) :]
    if bare.isascii() and bare.isdigit() and len(bare) in _GTIN_LENGTHS:
        return _plain(bare)
    if prefix in _GS1_PREFIXES or _looks_like_gs1(bare):
        return _element_strings(_separated(bare))
    if not bare.isprintable() or len(bare) > 100:
        raise _refuse(Text("Mã có ký tự không đọc được.", "The code has unreadable characters."))
    return Scan(code=bare)


def cut_at_known_lot(scan: Scan, known: Collection[str]) -> Scan:
    """The scan with lot and serial apart, where a scanner glued them ("A1B2" + "21" + serial) and
    one of the lots that are known says where the lot ends; marked as a guess."""
    if scan.lot_number in known:
        return scan
    for at in range(len(scan.lot_number) - 2, 0, -1):
        lot, identifier, serial = (
            scan.lot_number[:at],
            scan.lot_number[at : at + 2],
            scan.lot_number[at + 2 :],
        )
        if identifier == "21" and lot in known:
            return replace(scan, lot_number=lot, serial=serial, guessed=True)
    return scan


def _looks_like_gs1(bare: str) -> bool:
    unbracketed = _BRACKETED.sub(r"\1", bare)
    first = unbracketed.lstrip(GS)
    return (
        GS in bare
        or bool(_STARTS_LIKE_GS1.match(first))
        or bool(_BRACKETED.match(bare))
        or (first.isdigit() and len(first) == 20 and first.startswith("00"))
    )


def _plain(digits: str) -> Scan:
    """A bare EAN, UPC or GTIN."""
    if not _check_digit_holds(digits):
        raise _bad_check_digit(digits)
    return Scan(code=digits.zfill(14), gtin=digits.zfill(14))


def _separated(bare: str) -> str:
    """The element string with GS as the only separator: "(01)…(10)…", "{GS}", "~" and the like."""
    spelled = _SPELLED_GS.sub(GS, bare)
    if _BRACKETED.match(spelled):
        spelled = _BRACKETED.sub(GS + r"\1", spelled)
    return _NOT_GS1.sub(GS, spelled).strip(GS)


def _element_strings(text: str) -> Scan:
    try:
        parts = _parse(text)
    except biip.ParseError as error:
        raise _refuse(
            Text(
                "Mã GS1 không đúng cấu trúc; hãy quét lại, hoặc gõ tên hàng.",
                "The GS1 code is malformed; scan it again, or type the item's name.",
            )
        ) from error
    guessed = False
    if GS not in text and "17" not in parts:
        parts, guessed = _put_separator_back(text, parts)
    return _scan_of(parts, guessed)


def _parse(text: str) -> dict[str, GS1ElementString]:
    """Element strings by application identifier; the first of each counts."""
    parts: dict[str, GS1ElementString] = {}
    for part in GS1Message.parse(text).element_strings:
        parts.setdefault(part.ai.ai, part)
    return parts


def _put_separator_back(
    text: str, as_sent: dict[str, GS1ElementString]
) -> tuple[dict[str, GS1ElementString], bool]:
    """Some wedges drop FNC1, and a lot swallows the expiry behind it ("10AB12" + "17250331").

    Where exactly one cut gives a whole reading with an expiry, that is taken, marked as a guess.
    """
    readings = []
    for found in _EXPIRY_WITHIN.finditer(text, 18):
        try:
            parts = _parse(text[: found.start()] + GS + text[found.start() :])
        except biip.ParseError:
            continue
        if "17" in parts:
            readings.append(parts)
    return (readings[0], True) if len(readings) == 1 else (as_sent, False)


def _scan_of(parts: dict[str, GS1ElementString], guessed: bool) -> Scan:
    item = parts.get("01") or parts.get("02")
    if item is None:
        raise _refuse(
            Text(
                "Đây là mã kiện hàng, không nói mặt hàng nào; hãy quét mã trên hộp."
                if "00" in parts
                else "Mã này không nói mặt hàng nào; hãy quét mã khác trên hộp.",
                "This is a pallet's number and names no item; scan the code on the box."
                if "00" in parts
                else "This code names no item; scan another code on the box.",
            )
        )
    if not _check_digit_holds(item.value):
        raise _bad_check_digit(item.value)
    date = parts.get("17") or parts.get("15")
    count = parts.get("37") or parts.get("30")
    return Scan(
        code=item.value,
        gtin=item.value,
        lot_number=_value(parts, "10"),
        expiry=None if date is None else _last_day(date),
        serial=_value(parts, "21"),
        count=int(count.value) or None if count else None,
        guessed=guessed,
    )


def _value(parts: dict[str, GS1ElementString], ai: str) -> str:
    return parts[ai].value if ai in parts else ""


def _last_day(part: GS1ElementString) -> dt.date:
    """The date; day 00 is the last of its month (7.12), also should a reader give the first."""
    if part.date is None:
        raise _refuse(
            Text("Hạn dùng trong mã không có trong lịch.", "The code's expiry is no calendar day.")
        )
    if part.value.endswith("00"):
        last = calendar.monthrange(part.date.year, part.date.month)[1]
        return part.date.replace(day=last)
    return part.date


def _check_digit_holds(gtin: str) -> bool:
    """Modulo 10, weights 3 and 1 from the right (GS1 7.9)."""
    return sum(int(d) * (3 if at % 2 else 1) for at, d in enumerate(reversed(gtin))) % 10 == 0


def _bad_check_digit(gtin: str) -> InvalidInput:
    return _refuse(
        Text(
            f"Mã {gtin} sai số kiểm tra: máy quét đọc nhầm hoặc gõ thiếu. Hãy quét lại.",
            f"The check digit of {gtin} is wrong: misread or mistyped. Scan it again.",
        )
    )


def _refuse(text: Text) -> InvalidInput:
    return InvalidInput(text, faults=[Fault("scan", text)])
