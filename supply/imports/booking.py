"""Documents carried out one after another on paper: lots chosen, values shared, shortages named. Pure.

The rules are the ledger's (migrations/sql/ledger), line for line: first expired first out, a named lot
from its own consignments, a part of a balance (Q, V) carries round(V·q/Q) and the last unit all of V,
nothing leaves that a later day needs. The database proves the result again before it writes it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from itertools import count

from supply.core.text import Text, group_digits
from supply.imports.papers import Paper, PaperLine
from supply.imports.shelves import NEW, Ledger, Lot, Move, NewConsignment, Parcel, Rest, Tell, share
from supply.inventory.refusals import WORDS

Numbered = tuple[int, PaperLine]


def book(papers: Sequence[Paper], follows: Mapping[int, int], ledger: Ledger, tell: Tell) -> None:
    """Carry out `papers` in their order. `follows`: place of a document in the order -> place of the
    one it follows in the order; one that follows a document of the ledger has `follows_id`.

    A line that cannot be met moves nothing and is told; what comes after is tried all the same.
    """
    followed = set(follows.values())
    for number, paper in enumerate(papers):
        one = _One(ledger, number, paper, follows.get(number), tell)
        VERBS[paper.kind](one)
        ledger.moves += one.moves
        if number in followed:
            ledger.rests[number] = _rests(one.moves, ledger)


def _rests(moves: Sequence[Move], ledger: Ledger) -> list[Rest]:
    by: dict[int, Rest] = {}
    for _document, _line, consignment, _incoming, quantity, amount in moves:
        rest = by.get(consignment)
        if rest is None:
            lot = ledger.lot_of_consignment[consignment]
            by[consignment] = Rest(lot.item_id, lot, consignment, quantity, amount)
        else:
            rest.quantity += quantity
            rest.amount_vnd += amount
    return sorted(by.values(), key=lambda r: (r.item_id, r.lot.id, r.consignment_id))


class _One:
    """One document being carried out."""

    __slots__ = ("day", "follows", "ledger", "moves", "number", "paper", "store", "tell")

    def __init__(
        self, ledger: Ledger, number: int, paper: Paper, follows: int | None, tell: Tell
    ) -> None:
        self.ledger = ledger
        self.number = number
        self.paper = paper
        self.follows = follows
        self.tell = tell
        self.day: dt.date = paper.happened_on
        self.store = paper.facility.places["store"]
        self.moves: list[Move] = []

    def lines(self) -> list[Numbered]:
        """As the ledger works on them: by item; lines that name a lot first, by its number (texts
        compare by code points, which is the order of their UTF-8 bytes)."""
        lines = self.paper.lines
        if len(lines) == 1:
            return [(1, lines[0])]
        items = [line.item.id for line in lines]
        if len(set(items)) == len(items):  # no two of an item: their lots need not be compared
            return [
                (n, line) for _item, n, line in sorted(zip(items, count(1), lines, strict=False))
            ]
        keyed = [
            (line.item.id, not line.lot_number, line.lot_number, n, line)
            for n, line in enumerate(lines, 1)
        ]
        keyed.sort()
        return [(n, line) for _item, _unnamed, _lot, n, line in keyed]

    # --- coming in -------------------------------------------------------------------------------

    def lot(self, line: PaperLine) -> Lot:
        """The maker's lot, known or new; another expiry for a known number is told."""
        ledger = self.ledger
        at = (line.item.id, line.lot_number)
        found = ledger.lots.get(at)
        if found is None:
            found = Lot(NEW + len(ledger.new_lots), line.item.id, line.lot_number, line.expiry)
            ledger.lots[at] = found
            ledger.new_lots.append(found)
        if line.expiry is not None and found.expiry != line.expiry:
            self.tell(
                line.row,
                "expiry",
                WORDS["lot_expiry_differs"].fill(
                    item=line.item.code,
                    lot=found.number,
                    given=f"{line.expiry:%d/%m/%Y}",
                    known=f"{found.expiry:%d/%m/%Y}" if found.expiry else "",
                ),
            )
        return found

    def bring_in(self, lines: Sequence[Numbered]) -> None:
        """Goods from outside: a consignment of its own for each line."""
        ledger, number, store = self.ledger, self.number, self.store
        made, lot_of, put = ledger.new_consignments, ledger.lot_of_consignment, ledger.shelves.set
        is_receipt, move = self.paper.kind == "receipt", self.moves.append
        for line_no, line in lines:
            lot, quantity, fund = self.lot(line), line.quantity, line.fund
            if is_receipt and lot.expiry is not None and lot.expiry < self.day:
                self.tell(line.row, "expiry", _expired(line, lot))
            amount = line.amount_vnd or 0
            price = share(1, quantity, amount)
            id_ = NEW + len(made)
            made.append(NewConsignment(id_, lot.id, fund.id if fund else 0, price, number))
            lot_of[id_] = lot
            put(store, line.item.id, Parcel(id_, lot, quantity, amount, price))
            move((number, line_no, id_, 1, quantity, amount))

    def add_found(self, lines: Sequence[Numbered]) -> None:
        """A surplus joins the newest consignment of its lot, at its present value."""
        for line_no, line in lines:
            known = self.ledger.shelves.all.get((self.store, line.item.id), {})
            parcel = max(
                (p for p in known.values() if p.lot.number == line.lot_number),
                key=lambda p: p.consignment_id,
                default=None,
            )
            if parcel is None:
                self.tell(line.row, "fund", WORDS["missing_fund"])
                continue
            amount = (
                share(line.quantity, parcel.quantity, parcel.amount_vnd)
                if parcel.quantity
                else parcel.unit_price_vnd * line.quantity
            )
            self.put(line, line_no, parcel, line.quantity, amount)

    def put(
        self, line: PaperLine, line_no: int, parcel: Parcel, quantity: int, amount: int
    ) -> None:
        """One move into the store."""
        self.ledger.shelves.put(
            self.store, line.item.id, parcel.consignment_id, parcel.lot, quantity, amount,
            parcel.unit_price_vnd,
        )  # fmt: skip
        self.moves.append((self.number, line_no, parcel.consignment_id, 1, quantity, amount))

    # --- going out -------------------------------------------------------------------------------

    def take_out(self, lines: Sequence[Numbered], usable: bool, target: int | None = None) -> None:
        """First expired, first out, or the lot that is named. `usable`: expired and recalled lots
        stay; `target`: the place of a facility whose parcels grow, None where goods leave for good."""
        ledger = self.ledger
        day, number = self.day, self.number
        back_dated = day < ledger.today
        live, take, move = ledger.shelves.live, ledger.shelves.take, self.moves.append
        store, blocked = self.store, ledger.blocked
        for line_no, line in lines:
            item_id, wanted, named = line.item.id, line.quantity, line.lot_number
            at = (store, item_id)
            plan: list[tuple[Parcel, int]] = []
            for parcel in live.get(at, ()):
                lot = parcel.lot
                if (named and lot.number != named) or (
                    usable and ((lot.expiry is not None and lot.expiry < day) or lot.id in blocked)
                ):
                    continue
                part = parcel.quantity
                if back_dated and parcel.later is not None:
                    part = parcel.free(day)
                if part >= wanted:
                    plan.append((parcel, wanted))
                    wanted = 0
                    break
                if part > 0:
                    plan.append((parcel, part))
                    wanted -= part
            if wanted:
                self.tell_short(line, line.quantity - wanted, usable)
                continue
            for parcel, part in plan:
                amount = take(at, parcel, part)
                if target is not None:
                    ledger.shelves.put(
                        target, item_id, parcel.consignment_id, parcel.lot, part, amount,
                        parcel.unit_price_vnd,
                    )  # fmt: skip
                move((number, line_no, parcel.consignment_id, 0, part, amount))

    def tell_short(self, line: PaperLine, available: int, usable: bool) -> None:
        """Why a line cannot be met."""
        known = self.ledger.shelves.all.get((self.store, line.item.id), {}).values()
        parcels = [p for p in known if not line.lot_number or p.lot.number == line.lot_number]
        if line.lot_number and not parcels:
            words = WORDS["unknown_lot"].fill(
                item=line.item.code, lot=line.lot_number, place="store",
                place_vi="Kho", place_en="The store",
            )  # fmt: skip
            self.tell(line.row, "lot_number", words)
            return
        if line.lot_number and usable:
            lot = parcels[0].lot
            if lot.id in self.ledger.blocked:
                words = Text(
                    f"Lô “{lot.number}” của “{line.item.code}” đang bị thu hồi, không xuất được.",
                    f"Lot “{lot.number}” of “{line.item.code}” is recalled and may not leave.",
                )
                self.tell(line.row, "lot_number", words)
                return
            if lot.expiry is not None and lot.expiry < self.day:
                self.tell(line.row, "lot_number", _expired(line, lot))
                return
        on_hand = sum(p.quantity for p in parcels)
        expired = sum(p.quantity for p in parcels if (p.lot.expiry or dt.date.max) < self.day)
        self.tell(line.row, "quantity", _not_enough(self, line, available, on_hand, expired))

    # --- what follows another document -----------------------------------------------------------

    def rest(self) -> list[Rest]:
        """What is still open of the document this one follows."""
        if self.follows is not None:
            return self.ledger.rests.get(self.follows, [])
        return self.ledger.open_rests.get(self.paper.follows_id or 0, [])

    def matched(
        self, refusal: str, loss: int | None
    ) -> list[tuple[int, PaperLine, Rest, int, int, bool]]:
        """(line number, line, rest, quantity, exact share of the rest's value, is lost) for every
        part; a line that asks for more than is open is told and left out."""
        rests = self.rest()
        if not any(r.quantity for r in rests):
            done = "already_received" if loss is not None else "already_returned"
            self.tell(self.paper.row, "source_paper", WORDS[done])
            return []
        found = []
        for line_no, line in self.lines():
            mine = [
                r
                for r in rests
                if r.item_id == line.item.id
                and r.quantity
                and (not line.lot_number or r.lot.number == line.lot_number)
            ]
            asked, available = line.quantity + line.lost_quantity, sum(r.quantity for r in mine)
            if asked > available:
                self.tell(
                    line.row,
                    "quantity",
                    WORDS[refusal].fill(
                        item=line.item.code,
                        available=group_digits(available),
                        asked=group_digits(asked),
                    ),
                )
                continue
            for wanted, lost in ((line.quantity, False), (line.lost_quantity, True)):
                for rest in mine:
                    part = min(wanted, rest.quantity)
                    if part:
                        amount = share(part, rest.quantity, rest.amount_vnd)
                        rest.quantity -= part
                        rest.amount_vnd -= amount
                        wanted -= part
                        found.append((line_no, line, rest, part, amount, lost))
        return found


# --- each kind -----------------------------------------------------------------------------------


def _receipt(one: _One) -> None:
    one.bring_in(one.lines())


def _issue(one: _One) -> None:
    one.take_out(one.lines(), True)


def _dispatch(one: _One) -> None:
    assert one.paper.counterpart is not None
    one.take_out(one.lines(), True, one.paper.counterpart.places["transit"])


def _transfer_receipt(one: _One) -> None:
    ledger = one.ledger
    transit, loss = one.paper.facility.places["transit"], ledger.loss
    parts = one.matched("more_than_dispatched", loss)
    # Values are shares of what lies in transit, in the one order of locks.
    parts.sort(
        key=lambda p: (
            p[2].item_id, p[2].lot.id, p[2].consignment_id, loss if p[5] else one.store, p[0],
        )
    )  # fmt: skip
    for line_no, line, rest, quantity, _share, lost in parts:
        parcel = ledger.shelves.all.get((transit, rest.item_id), {}).get(rest.consignment_id)
        if parcel is None or parcel.quantity < quantity or (
            one.day < ledger.today and parcel.free(one.day) < quantity
        ):  # fmt: skip
            one.tell(line.row, "quantity", _moved_since(line, rest.lot))
            continue
        amount = ledger.shelves.take((transit, rest.item_id), parcel, quantity)
        if lost:
            one.moves.append((one.number, line_no, rest.consignment_id, 0, quantity, amount))
        else:
            one.put(line, line_no, parcel, quantity, amount)


def _return(one: _One) -> None:
    parts = one.matched("more_than_issued", None)
    parts.sort(key=lambda p: (p[2].item_id, p[2].lot.id, p[2].consignment_id, p[0]))
    for line_no, line, rest, quantity, amount, _lost in parts:
        one.put(
            line, line_no, Parcel(rest.consignment_id, rest.lot, quantity, amount), quantity, amount
        )


def _adjustment(one: _One) -> None:
    """Losses leave first, then what comes in with a fund, then what a count found."""
    lines = one.lines()
    one.take_out([n for n in lines if not n[1].incoming], False)
    one.bring_in([n for n in lines if n[1].incoming and n[1].fund])
    one.add_found([n for n in lines if n[1].incoming and not n[1].fund])


VERBS: dict[str, Callable[[_One], None]] = {
    "receipt": _receipt,
    "opening": _receipt,
    "issue": _issue,
    "transfer_dispatch": _dispatch,
    "transfer_receipt": _transfer_receipt,
    "return": _return,
    "adjustment": _adjustment,
}


# --- words ---------------------------------------------------------------------------------------


def _expired(line: PaperLine, lot: Lot) -> Text:
    return WORDS["expired_lot"].fill(
        item=line.item.code, lot=lot.number, expiry=f"{lot.expiry:%d/%m/%Y}"
    )


def _moved_since(line: PaperLine, lot: Lot) -> Text:
    return Text(
        f"{line.item.code}, lô “{lot.number}”: hàng trên đường không còn đủ.",
        f"{line.item.code}, lot “{lot.number}”: not enough of it is still on its way.",
    )


def _not_enough(one: _One, line: PaperLine, available: int, on_hand: int, expired: int) -> Text:
    unit = line.item.unit
    day = f"{one.day:%d/%m/%Y}"
    words = Text(
        f"Ngày {day} không đủ tồn {line.item.code}: còn {group_digits(available)} {unit.vi}, "
        f"cần {group_digits(line.quantity)}.",
        f"Not enough of {line.item.code} on {day}: {group_digits(available)} {unit.en} available, "
        f"{group_digits(line.quantity)} asked.",
    )
    if expired:
        words = Text(
            words.vi + f" Có {group_digits(expired)} đã hết hạn.",
            words.en + f" {group_digits(expired)} more have expired.",
        )
    if on_hand - expired > available:
        words = Text(
            words.vi + " Các phiếu ghi ngày sau đã cần đến số còn lại.",
            words.en + " Documents of later dates need the rest.",
        )
    return words
