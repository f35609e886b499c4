"""A file without faults gathered into documents by whole columns. Pure.

The rules are gathering.py's, each asked of all rows at once. Where any row breaks one nothing is said here:
the file is then gathered row by row, which tells every fault. tests/unit/imports/test_sweeping.py proves that
both ways make the same documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supply.imports.coded import Coded, Codes, constant
from supply.imports.columns import FileKind
from supply.imports.known import Known, key
from supply.imports.papers import (
    ALWAYS_BRINGS,
    DAY_ORDER,
    FOLLOWS,
    HEAD_TEXTS,
    LINES_MAX,
    NOT_FROM_FILES,
    TEXT_MAX,
    TRANSFERS,
    TWO_WAYS,
    Paper,
    PaperLine,
    line_texts,
)
from supply.imports.table import Faults, Table
from supply.imports.whole_papers import check_paper, purpose_of
from supply.inventory.parsing import MONEY_VND_MAX, QUANTITY_MAX

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]
_KEY_MAX = 1 << 62
_CHECKED = frozenset({"adjustment", "quarantine", "release"}) | FOLLOWS


class _NotClean(Exception):
    """Some row has a fault, or may have one."""


def sweep(table: Table, known: Known) -> list[Paper] | None:
    """The documents in the order of their first rows; None where any row has a fault."""
    if table.faults or not len(table):
        return None
    try:
        return _Sweep(table, known).papers()
    except _NotClean:
        return None


def _never(bad: Any) -> None:
    if np.any(bad):
        raise _NotClean


class _Sweep:
    """The table's columns, looked up."""

    def __init__(self, table: Table, known: Known) -> None:
        self.table = table
        self.known = known
        self.count = len(table)
        opening = table.kind == FileKind.OPENING
        self.day = self.filled(self.column("happened_on"))
        self.kind = constant("opening", self.count) if opening else self.column("kind")
        self.kind = self.filled(self.kind)
        self.facility = self.filled(self.looked_up("facility", known.facilities))
        self.item = self.filled(self.looked_up("item", known.items))
        self.fund = self.looked_up("fund", known.funds)
        self.partner = self.looked_up("partner", known.partners)
        self.paper = self.words("paper_reference")
        self.lot = self.words("lot_number")
        self.other = self.counterpart()

    # --- columns ---------------------------------------------------------------------------------

    def column(self, name: str) -> Coded:
        """A column, blank where the kind of file has none."""
        found = self.table.columns.get(name)
        return constant(None, self.count) if found is None else found

    def filled(self, column: Coded) -> Coded:
        """A column that is blank nowhere."""
        if None in column.values:
            raise _NotClean
        return column

    def words(self, name: str) -> Coded:
        """A column of texts, "" where blank, none too long."""
        column = self.column(name)
        values = [v or "" for v in column.values]
        _never([len(v) > TEXT_MAX.get(name, len(v)) for v in values])
        return Coded(column.codes, values)

    def looked_up(self, name: str, among: Mapping[str, Any]) -> Coded:
        """A column of codes as what they stand for, all known."""
        column = self.column(name)
        values = [among.get(key(v)) if v else None for v in column.values]
        _never([bool(v) and found is None for v, found in zip(column.values, values, strict=True)])
        # "bd-01" and "BD-01" are one facility, and must be one code.
        places: dict[int, int] = {}
        codes = [places.setdefault(id(found), len(places)) for found in values]
        distinct = {places[id(found)]: found for found in values}
        return Coded(
            np.array(codes, np.int64)[column.codes], [distinct[n] for n in range(len(distinct))]
        )

    def counterpart(self) -> Coded:
        """The other facility, of transfers only."""
        other = self.looked_up("counterpart", self.known.facilities)
        codes = np.where(self.of_kind(TRANSFERS), other.codes, len(other.values))
        return Coded(codes, [*other.values, None])

    def of_kind(self, kinds: frozenset[str]) -> Mask:
        """Which rows are of these kinds."""
        return self.kind.where([k in kinds for k in self.kind.values])

    # --- documents -------------------------------------------------------------------------------

    def papers(self) -> list[Paper]:
        """Every row in its document."""
        _never([k in NOT_FROM_FILES or k not in DAY_ORDER for k in self.kind.values])
        _never([day > self.known.today for day in self.day.values])
        _never([not f.writable for f in self.facility.values])
        document, first = self.grouped()
        lines, lost = self.lines(np.argsort(document, kind="stable"))
        papers = self.heads(document, first)
        self.texts(papers, document)
        start = 0
        for paper, end in zip(papers, np.cumsum(np.bincount(document)).tolist(), strict=True):
            paper.lines = lines[start:end]
            start = end
        faults = Faults()
        for paper, is_lost in zip(papers, np.bincount(document, lost).tolist(), strict=True):
            if is_lost or paper.purpose or paper.kind in _CHECKED or len(paper.lines) > LINES_MAX:
                check_paper(paper, faults)
        if faults:
            raise _NotClean
        return papers

    def grouped(self) -> tuple[Codes, Codes]:
        """For each row its document, numbered by first rows; and these first rows."""
        keys = self.keyed(
            (self.day, self.facility, self.kind, self.paper, self.other, self.partner)
        )
        _keys, first, document = np.unique(keys, return_index=True, return_inverse=True)
        nth = np.argsort(first, kind="stable")
        rank = np.empty_like(nth)
        rank[nth] = np.arange(len(nth))
        return rank[document], first[nth]

    def keyed(self, columns: Sequence[Coded]) -> Codes:
        """A number for each row, the same where these columns hold the same."""
        keys = np.zeros(self.count, np.int64)
        size = 1
        for column in columns:
            width = max(1, len(column.values))
            if size * width > _KEY_MAX:
                keys = np.unique(keys, return_inverse=True)[1].astype(np.int64)
                size = self.count
            keys = keys * width + column.codes
            size *= width
        return keys

    def heads(self, document: Codes, first: Codes) -> list[Paper]:
        """The documents without lines and texts; a document has the fields of its first row."""
        rows = np.array(self.table.rows, np.int64)[first].tolist()
        columns = [
            column.at(column.codes[first])
            for column in (self.facility, self.kind, self.day, self.paper, self.other, self.partner)
        ]
        papers = [
            Paper(row, facility, kind, day, paper, other, "", partner, "", "", "", "")
            for row, facility, kind, day, paper, other, partner in zip(rows, *columns, strict=True)
        ]
        for paper in papers:
            if paper.kind in TRANSFERS and (
                paper.counterpart is None
                or (paper.kind == "transfer_dispatch"
                    and (paper.counterpart.id == paper.facility.id or not paper.counterpart.active))
            ):  # fmt: skip
                raise _NotClean
        return papers

    def texts(self, papers: Sequence[Paper], document: Codes) -> None:
        """Give the documents the texts of their rows, which may leave them blank or repeat them."""
        for name in HEAD_TEXTS:
            column = self.words(name)
            if name == "purpose":
                column = self.purposes(column)
            said = np.flatnonzero(column.where([v != "" for v in column.values]))
            if not len(said):
                continue
            of_document = np.full(len(papers), -1, np.int64)
            of_document[document[said]] = column.codes[said]
            _never(of_document[document[said]] != column.codes[said])
            for number in np.flatnonzero(of_document >= 0).tolist():
                setattr(papers[number], name, column.values[of_document[number]])

    def purposes(self, column: Coded) -> Coded:
        """Purposes by their codes; those of other kinds, and returned loans, are faults."""
        pairs = self.kind.codes * len(column.values) + column.codes
        places: dict[str, int] = {}
        code_of = {}
        for pair in np.unique(pairs).tolist():
            kind, code = divmod(pair, len(column.values))
            words = column.values[code]
            found = purpose_of(self.kind.values[kind], words) if words else ""
            if found is None or found == "loan_return":
                raise _NotClean
            code_of[pair] = places.setdefault(found, len(places))
        distinct, inverse = np.unique(pairs, return_inverse=True)
        codes = np.array([code_of[p] for p in distinct.tolist()], np.int64)
        return Coded(codes[inverse], list(places))

    # --- lines -----------------------------------------------------------------------------------

    def lines(self, order: Codes) -> tuple[list[PaperLine], Numbers]:
        """The lines in this order of rows, each sound by itself; and what is lost, by row."""
        quantity = self.filled(self.column("quantity")).numbers()
        lost = self.column("lost_quantity").numbers()
        per_pack, packs = self.packs()
        arrival, two_ways = self.of_kind(frozenset({"transfer_receipt"})), self.of_kind(TWO_WAYS)
        direction = self.column("direction")
        incoming = direction.where([v == "in" for v in direction.values])
        _never(two_ways & direction.where([v is None for v in direction.values]))
        _never((quantity * per_pack > QUANTITY_MAX) | ((quantity == 0) & ~arrival))
        _never((lost > 0) & ~arrival)
        brings = self.of_kind(ALWAYS_BRINGS) | (
            incoming & two_ways
            & (self.fund.where([f is not None for f in self.fund.values])
               | ~self.of_kind(frozenset({"adjustment"})))
        )  # fmt: skip
        amount = self.bought(brings, quantity)
        fund = Coded(np.where(brings, self.fund.codes, len(self.fund.values)),
                     [*self.fund.values, None])  # fmt: skip
        amounts: list[int | None] = amount[order].tolist()
        for at in np.flatnonzero(~brings[order]).tolist():
            amounts[at] = None
        expiry = self.column("expiry")
        said: list[Sequence[Any]] = [
            self.item.at(self.item.codes[order]),
            (quantity * per_pack)[order].tolist(),
            self.lot.at(self.lot.codes[order]),
            expiry.at(expiry.codes[order]),
            fund.at(fund.codes[order]),
            amounts,
            incoming[order].tolist(),
            (lost * per_pack)[order].tolist(),
        ]
        made = zip(
            np.array(self.table.rows, np.int64)[order].tolist(),
            *said,
            packs.at(packs.codes[order]),
            quantity[order].tolist(),
            lost[order].tolist(),
            self.words_of(said, order),
            strict=True,
        )
        return list(map(partial(tuple.__new__, PaperLine), made)), lost

    def words_of(self, said: Sequence[Sequence[Any]], order: Codes) -> list[str]:
        """What each line says, in this order of rows: rows with the same cells say the same, once."""
        cells = [
            self.column(name)
            for name in ("quantity", "pack", "lot_number", "expiry", "unit_price_vnd", "amount_vnd",
                         "direction", "lost_quantity")
        ]  # fmt: skip
        keys = self.keyed((self.kind, self.item, self.fund, *cells))[order]
        _keys, first, same = np.unique(keys, return_index=True, return_inverse=True)
        once = first.tolist()
        texts = line_texts([list(map(column.__getitem__, once)) for column in said])
        return list(map(texts.__getitem__, same.tolist()))

    def packs(self) -> tuple[Numbers, Coded]:
        """Base units of each row's pack, and the pack's id."""
        pack = self.column("pack")
        pairs, inverse = np.unique(
            self.item.codes * len(pack.values) + pack.codes, return_inverse=True
        )
        units: list[int] = []
        ids: list[int | None] = []
        for pair in pairs.tolist():
            item, code = divmod(pair, len(pack.values))
            words = pack.values[code]
            found = self.item.values[item].pack(words) if words else (None, 1)
            if found is None:
                raise _NotClean
            ids.append(found[0])
            units.append(found[1])
        return np.array(units, np.int64)[inverse], Coded(inverse.astype(np.int64), ids)

    def bought(self, brings: Mask, quantity: Numbers) -> Numbers:
        """The value of what comes in; 0 of other rows."""
        receipt = self.of_kind(frozenset({"receipt"}))
        exchange = self.of_kind(frozenset({"cylinder_exchange"}))
        empty = self.of_kind(frozenset({"cylinder_empty"}))
        _never(receipt & self.item.where([not i.active for i in self.item.values]))
        _never(brings & self.fund.where([f is None for f in self.fund.values]))
        self.funds_are_open(brings)
        expiry = self.column("expiry")
        dated = expiry.where([v is not None for v in expiry.values])
        _never(brings & dated & self.lot.where([v == "" for v in self.lot.values]))
        late = _ordinals(expiry)[expiry.codes] < _ordinals(self.day)[self.day.codes]
        _never(brings & dated & late & (receipt | exchange))
        price, amount = self.column("unit_price_vnd"), self.column("amount_vnd")
        priced = price.where([v is not None for v in price.values])
        summed = amount.where([v is not None for v in amount.values])
        brings = brings & ~empty
        _never(brings & ~priced & ~summed)
        _never(brings & (price.numbers().astype(np.float64) * quantity > 2.0 * MONEY_VND_MAX))
        product = np.where(brings, price.numbers(), 0) * quantity
        _never(brings & priced & summed & (np.abs(amount.numbers() - product) >= quantity))
        value = np.where(brings, np.where(summed, amount.numbers(), product), 0)
        _never(value > MONEY_VND_MAX)
        return value

    def funds_are_open(self, brings: Mask) -> None:
        """Every fund is open on the days of what it pays."""
        pairs = np.unique((self.fund.codes * len(self.day.values) + self.day.codes)[brings])
        for pair in pairs.tolist():
            fund, day = divmod(pair, len(self.day.values))
            if not self.fund.values[fund].is_open(self.day.values[day]):
                raise _NotClean


def _ordinals(column: Coded) -> Numbers:
    """The values as days since the year 1; the last day there is for None."""
    return np.array(
        [v.toordinal() if v else np.iinfo(np.int64).max for v in column.values], np.int64
    )
