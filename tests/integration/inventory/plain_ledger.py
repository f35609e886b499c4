"""The simplest ledger that could be right: lists and loops, no database, no cleverness.

Rules, as docs say them: stock per place and consignment; first expired first out; value follows
round(V·q/Q), all of V with the last unit; what leaves on a day must be spared by every later day.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

Place = tuple[str, str]  # ("store" | "transit" | "quarantine" | …, facility) or (outside kind, "")


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
    settles: int | None = None
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
    recalled: set[str] = field(default_factory=set)

    def on_day(self, place: Place, consignment: int, day: dt.date) -> int:
        """Units of a consignment at a place at the end of a day."""
        total = 0
        for document in self.written.values():
            for move in document.moves:
                if move.consignment == consignment and move.day <= day:
                    total += move.quantity * ((move.target == place) - (move.source == place))
        return total

    def flows(self, place: Place, first: dt.date, last: dt.date) -> list[tuple[int, int]]:
        """Opening, came, went, closing of a place in a period: (quantity, value) each."""
        sums = {name: [0, 0] for name in ("opening", "came", "went", "closing")}
        for move in (m for document in self.written.values() for m in document.moves):
            sign = (move.target == place) - (move.source == place)
            parts = []
            if move.day < first:
                parts.append(("opening", sign))
            elif move.day <= last and sign:
                parts.append(("came" if sign > 0 else "went", 1))
            if move.day <= last:
                parts.append(("closing", sign))
            for name, times in parts:
                sums[name][0] += times * move.quantity
                sums[name][1] += times * move.amount
        return [(quantity, value) for quantity, value in sums.values()]

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
        self, number: int, kind: str, day: dt.date, facility: str, source: str,
        consignment: int, goods: Goods, quantity: int, amount: int, settles: int | None = None,
    ) -> None:  # fmt: skip
        move = self.new_goods(day, facility, source, consignment, goods, quantity, amount)
        self.apply(number, Written(kind, facility, day, [move], settles=settles))

    def new_goods(
        self, day: dt.date, facility: str, source: str,
        consignment: int, goods: Goods, quantity: int, amount: int,
    ) -> Move:  # fmt: skip
        self.goods[consignment] = goods
        self.lot_order.setdefault((goods.item, goods.lot), len(self.lot_order))
        return Move(day, consignment, (source, ""), ("store", facility), quantity, amount)

    def choose(
        self, place: Place, item: str, quantity: int, day: dt.date,
        *, expired_too: bool = False, recalled_too: bool = False,
    ) -> list[tuple[int, int]]:  # fmt: skip
        """(consignment, quantity) in FEFO order. Raises Refused."""
        mine = [
            c
            for c, goods in self.goods.items()
            if goods.item == item
            and self.stock[place, c][0] > 0
            and (expired_too or goods.expiry is None or goods.expiry >= day)
            and (recalled_too or goods.lot not in self.recalled)
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

    def taken(
        self, day: dt.date, source: Place, target: Place, chosen: list[tuple[int, int]]
    ) -> list[Move]:
        """What was chosen, each part with the value that goes with it."""
        return [Move(day, c, source, target, q, self.value_of(source, c, q)) for c, q in chosen]

    def out(self, document: int, place: str) -> dict[int, list[int]]:
        """What a document brought to a place and followers have not taken back from it,
        per consignment: [quantity, value]."""
        rest: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        for number, written in self.written.items():
            if number == document or (written.follows == document):
                for move in written.moves:
                    sign = (move.target[0] == place) - (move.source[0] == place)
                    rest[move.consignment][0] += sign * move.quantity
                    rest[move.consignment][1] += sign * move.amount
        return {c: cell for c, cell in rest.items() if cell[0] > 0}

    def give_back(self, day: dt.date, issue: int, quantity: int) -> list[Move]:
        """Goods of an issue come back, first by lot, each part with its share of what is out."""
        issued = self.written[issue]
        rest = self.out(issue, "use")
        if (
            issued.reversed
            or issued.kind != "issue"
            or issued.moves[0].target[0] != "use"
            or day < issued.day
            or quantity > sum(q for q, _ in rest.values())
        ):
            raise Refused
        moves = []
        for consignment in sorted(rest, key=self._by_lot):
            held, worth = rest[consignment]
            part = min(quantity, held)
            quantity -= part
            if part:
                amount = worth if part == held else (2 * worth * part + held) // (2 * held)
                store = ("store", issued.facility)
                moves.append(Move(day, consignment, ("use", ""), store, part, amount))
        return moves

    def owed(self, loan: int) -> int:
        """Units of a loan that were not yet given back."""
        lent = sum(m.quantity for m in self.written[loan].moves)
        back = sum(
            m.quantity
            for w in self.written.values()
            if w.settles == loan and not w.reversed
            for m in w.moves
        )
        return lent - back

    def outstanding(self, dispatch: int) -> dict[int, int]:
        """What of a dispatch has neither arrived nor been lost, per consignment."""
        return {c: q for c, (q, _) in self.out(dispatch, "transit").items()}

    def receive(
        self, day: dt.date, facility: str, dispatch: int, received: int, lost: int
    ) -> list[Move]:
        """Arrivals in the order item, lot, consignment; first what came, then what was lost."""
        sent = self.written[dispatch]
        rest = self.outstanding(dispatch)
        if not rest or day < sent.day or received + lost > sum(rest.values()):
            raise Refused
        moves = []
        arrives_in = "quarantine" if sent.moves[0].source[0] == "quarantine" else "store"
        for wanted, target in ((received, (arrives_in, facility)), (lost, ("loss", ""))):
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
            moves, key=lambda m: (*self._by_lot(m.consignment), m.target[0] != "loss")
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
            w
            for w in self.written.values()
            if not w.reversed
            and (w.settles == original
                 or (w.follows == original and w.kind in ("transfer_receipt", "return")))
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
