"""The simplest ledger that could be right: lists and loops, no database, no cleverness.

Rules, as docs say them: stock per place and consignment; first expired first out; value follows
round(V·q/Q), all of V with the last unit; what leaves on a day must be spared by every later day.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

Place = tuple[str, str]  # ("store" | "transit", facility) or (outside kind, "")


class Refused(Exception):
    """The plain ledger will not write this."""


@dataclass(frozen=True)
class Move:
    day: dt.date
    consignment: int
    source: Place
    target: Place
    quantity: int
    amount: int


@dataclass
class Written:
    kind: str
    facility: str
    day: dt.date
    moves: list[Move]
    follows: int | None = None
    reversed: bool = False


@dataclass(frozen=True)
class Goods:
    item: str
    lot: str
    expiry: dt.date | None


@dataclass
class PlainLedger:
    today: dt.date
    goods: dict[int, Goods] = field(default_factory=dict)
    stock: dict[tuple[Place, int], list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0, 0])
    )
    written: dict[int, Written] = field(default_factory=dict)
    lot_order: dict[tuple[str, str], int] = field(default_factory=dict)

    def on_day(self, place: Place, consignment: int, day: dt.date) -> int:
        """Units of a consignment at a place at the end of a day."""
        total = 0
        for document in self.written.values():
            for move in document.moves:
                if move.consignment == consignment and move.day <= day:
                    total += move.quantity * ((move.target == place) - (move.source == place))
        return total

    def free(self, place: Place, consignment: int, day: dt.date) -> int:
        """The least this place holds on any day from `day` to today."""
        span = (self.today - day).days
        days = (day + dt.timedelta(days=n) for n in range(span + 1))
        return min(self.on_day(place, consignment, d) for d in days)

    def value_of(self, place: Place, consignment: int, quantity: int) -> int:
        held, worth = self.stock[place, consignment]
        if held == quantity:
            return worth
        return (2 * worth * quantity + held) // (2 * held)  # round half up, exact

    def apply(self, number: int, document: Written) -> None:
        self.written[number] = document
        for move in document.moves:
            for place, sign in ((move.source, -1), (move.target, 1)):
                if place[1]:
                    cell = self.stock[place, move.consignment]
                    cell[0] += sign * move.quantity
                    cell[1] += sign * move.amount

    def bring_in(
        self, number: int, day: dt.date, facility: str, source: str,
        consignment: int, goods: Goods, quantity: int, amount: int,
    ) -> None:  # fmt: skip
        self.goods[consignment] = goods
        self.lot_order.setdefault((goods.item, goods.lot), len(self.lot_order))
        move = Move(day, consignment, (source, ""), ("store", facility), quantity, amount)
        kind = "receipt" if source == "supplier" else "adjustment"
        self.apply(number, Written(kind, facility, day, [move]))

    def choose(
        self, facility: str, item: str, quantity: int, day: dt.date, *, expired_too: bool
    ) -> list[tuple[int, int]]:
        """(consignment, quantity) in FEFO order. Raises Refused."""
        place = ("store", facility)
        mine = [
            c
            for c, goods in self.goods.items()
            if goods.item == item
            and self.stock[place, c][0] > 0
            and (expired_too or goods.expiry is None or goods.expiry >= day)
        ]
        mine.sort(key=self._fefo)
        chosen, wanted = [], quantity
        for consignment in mine:
            part = min(wanted, self.free(place, consignment, day))
            if part > 0:
                chosen.append((consignment, part))
                wanted -= part
        if wanted:
            raise Refused
        return chosen

    def _fefo(self, consignment: int) -> tuple[dt.date, int, int]:
        goods = self.goods[consignment]
        lot = self.lot_order[goods.item, goods.lot]
        return (goods.expiry or dt.date.max, lot, consignment)

    def take_out(
        self, number: int, kind: str, day: dt.date, facility: str, target: Place,
        chosen: list[tuple[int, int]],
    ) -> None:  # fmt: skip
        store = ("store", facility)
        moves = [Move(day, c, store, target, q, self.value_of(store, c, q)) for c, q in chosen]
        self.apply(number, Written(kind, facility, day, moves))

    def outstanding(self, dispatch: int) -> dict[int, int]:
        """What of a dispatch has neither arrived nor been lost, per consignment."""
        rest: dict[int, int] = defaultdict(int)
        for number, document in self.written.items():
            if dispatch in (number, document.follows):
                for move in document.moves:
                    inward = (move.target[0] == "transit") - (move.source[0] == "transit")
                    rest[move.consignment] += inward * move.quantity
        return {c: q for c, q in rest.items() if q > 0}

    def receive(
        self, day: dt.date, facility: str, dispatch: int, received: int, lost: int
    ) -> list[Move]:
        """Arrivals in the order item, lot, consignment; first what came, then what was lost."""
        sent = self.written[dispatch]
        rest = self.outstanding(dispatch)
        if not rest or day < sent.day or received + lost > sum(rest.values()):
            raise Refused
        moves = []
        for wanted, target in ((received, ("store", facility)), (lost, ("loss", ""))):
            for consignment in sorted(rest, key=self._by_lot):
                part = min(wanted, rest[consignment])
                if part:
                    moves.append(Move(day, consignment, ("transit", facility), target, part, 0))
                    rest[consignment] -= part
                    wanted -= part
        return self._valued(moves)

    def _by_lot(self, consignment: int) -> tuple[int, int]:
        goods = self.goods[consignment]
        return (self.lot_order[goods.item, goods.lot], consignment)

    def _valued(self, moves: list[Move]) -> list[Move]:
        """Each move with its value, taken one after the other; each day must spare it."""
        held = {key: list(cell) for key, cell in self.stock.items()}
        taken: dict[tuple[Place, int], int] = defaultdict(int)
        done = []
        for move in sorted(
            moves, key=lambda m: (*self._by_lot(m.consignment), m.target[0] == "store")
        ):
            key = (move.source, move.consignment)
            taken[key] += move.quantity
            if taken[key] > self.free(move.source, move.consignment, move.day):
                raise Refused
            quantity, worth = held[key]
            amount = (
                worth
                if quantity == move.quantity
                else (2 * worth * move.quantity + quantity) // (2 * quantity)
            )
            held[key] = [quantity - move.quantity, worth - amount]
            done.append(
                Move(move.day, move.consignment, move.source, move.target, move.quantity, amount)
            )
        return done

    def undo(self, day: dt.date, original: int) -> list[Move]:
        """The exact opposite of a document. Raises Refused."""
        document = self.written[original]
        followers = [
            w for w in self.written.values()
            if w.follows == original and w.kind == "transfer_receipt" and not w.reversed
        ]  # fmt: skip
        if document.kind == "reversal" or document.reversed or day < document.day or followers:
            raise Refused
        moves = [
            Move(day, m.consignment, m.target, m.source, m.quantity, m.amount)
            for m in document.moves
        ]
        for move in moves:
            if move.source[1]:
                held, worth = self.stock[move.source, move.consignment]
                left, left_worth = held - move.quantity, worth - move.amount
                spared = self.free(move.source, move.consignment, day) >= move.quantity
                if left < 0 or left_worth < 0 or (left == 0 and left_worth) or not spared:
                    raise Refused
        return moves
