"""Texts in two languages, and the folding that makes search blind to diacritics."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple


class Text(NamedTuple):
    """One text, Vietnamese first; `{name}` placeholders are filled by `fill`."""

    vi: str
    en: str

    def fill(self, **values: object) -> Text:
        """Both languages with the placeholders filled."""
        return Text(self.vi.format(**values), self.en.format(**values))

    def in_language(self, language: str) -> str:
        """The text in `language` ('vi' or 'en'; anything else reads as Vietnamese)."""
        return self.en if language == "en" else self.vi


def counted(number: object, plural: Text) -> Text:
    """The noun for so many: the English plural becomes its singular for 1 (or "1").

    >>> counted(1, Text("phiếu", "documents")).en, counted(2, Text("cơ sở", "facilities")).en
    ('document', 'facilities')
    """
    en = plural.en
    if str(number) != "1":
        return plural
    if en.endswith("ies"):
        en = f"{en[:-3]}y"
    elif en.endswith("s") and not en.endswith(("as", "ss")):
        en = en[:-1]
    return Text(plural.vi, en)


def fold(text: str) -> str:
    """Lower case without diacritics, single spaces: "Đồng  Tháp" -> "dong thap".

    The embedded PostgreSQL has no unaccent, so the folded text is kept in a `search` column and
    what a person types is folded the same way.
    """
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(plain.split())


def group_digits(number: int) -> str:
    """1234567 -> "1.234.567", as numbers are written in Vietnam."""
    return f"{number:,}".replace(",", ".")
