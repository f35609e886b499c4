"""What a count says against the book: difference, its value, its quality, and the lines that mend it.

Pure. Quantities in base units, money in whole đồng. Columns as in the count minutes C33-HD:
book 2-3, counted 4-5, surplus 6-7, shortage 8-9, quality good, poor, lost 10-12.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Counted:
    """What was found of a lot: `quantity` in all, of which `poor` is of poor quality and `spoiled`
    has lost its quality."""

    quantity: int
    poor: int = 0
    spoiled: int = 0

    @property
    def good(self) -> int:
        """Of full quality: 100 found, 7 poor, 3 spoiled -> 90."""
        return self.quantity - self.poor - self.spoiled


@dataclass(frozen=True)
class Variance:
    """A lot's book at the end of the count's day, and what was counted; None: not counted."""

    book_quantity: int
    book_amount_vnd: int
    counted_quantity: int | None
    unit_price_vnd: int = 0
    """for goods that the book does not hold"""

    @property
    def difference(self) -> int:
        """Counted less book, in base units; nothing for what was not counted: 95 - 100 = -5."""
        return 0 if self.counted_quantity is None else self.counted_quantity - self.book_quantity

    @property
    def surplus(self) -> int:
        """What there is more than the book says."""
        return max(0, self.difference)

    @property
    def shortage(self) -> int:
        """What there is less than the book says."""
        return max(0, -self.difference)

    @property
    def difference_vnd(self) -> int:
        """Value of the difference: round(V · d / Q), V and Q the book's; without a book d · price.

        The ledger's own rule (a move of q from (Q, V) carries round(V·q/Q)), so that the sheet says
        what posting will do while nothing has moved since. Worked: V = 100 đ, Q = 3, one missing:
        round(100·1/3) = 33 đ.
        """
        if self.book_quantity > 0:
            return _share(self.difference, self.book_quantity, self.book_amount_vnd)
        return self.difference * self.unit_price_vnd

    @property
    def counted_vnd(self) -> int | None:
        """Value of what was counted: the book's value and the difference's."""
        if self.counted_quantity is None:
            return None
        return self.book_amount_vnd + self.difference_vnd


def _share(part: int, whole: int, amount: int) -> int:
    """round(amount · part / whole), halves away from zero, as PostgreSQL rounds a numeric."""
    sign = -1 if (part < 0) != (amount < 0) else 1
    part, amount = abs(part), abs(amount)
    return sign * ((2 * amount * part + whole) // (2 * whole))


@dataclass(frozen=True)
class Restated:
    """A resolved lot as it stands after what was back-dated before the count's day since then.

    `book_then` is what the count was resolved against; `book_now` what the ledger says today of the
    same day, without the count's own adjustment. The counted quantity never changes.
    """

    book_then: int
    book_now: int
    counted: int

    @property
    def difference_then(self) -> int:
        """What was adjusted: counted 95 against 100 -> -5."""
        return self.counted - self.book_then

    @property
    def difference_now(self) -> int:
        """What would have to be adjusted today: an issue of 5 came in late -> 0."""
        return self.counted - self.book_now

    @property
    def is_restated(self) -> bool:
        """Whether something was back-dated since."""
        return self.book_now != self.book_then


@dataclass(frozen=True)
class Held:
    """A consignment of a lot in the store: at the end of the count's day, and now."""

    consignment_id: int
    quantity_then: int
    quantity_now: int


@dataclass(frozen=True)
class Correction:
    """A line of the adjustment. Without a consignment the lot is new here and brings fund and price."""

    direction: str
    quantity: int
    consignment_id: int | None


def corrections(difference: int, held: Sequence[Held]) -> list[Correction]:
    """The lines that move `difference` on a lot held as `held` (oldest consignment first).

    A surplus joins the newest consignment that was there on the day. A shortage is taken from the
    oldest first, from each no more than it held then and holds now; what is left over is asked of the
    newest all the same, so that the ledger refuses it by name instead of it being dropped.
    Worked: -12 on 10 and 5 -> out 10, out 2; +4 -> in 4 on the second.
    """
    if difference == 0:
        return []
    there = [h for h in held if h.quantity_then > 0] or list(held)
    if difference > 0:
        newest = max((h.consignment_id for h in there), default=None)
        return [Correction("in", difference, newest)]
    left = -difference
    lines: dict[int, int] = {}
    for h in sorted(there, key=lambda one: one.consignment_id):
        part = min(left, h.quantity_then, h.quantity_now)
        if part > 0:
            lines[h.consignment_id] = part
            left -= part
    if left and there:
        newest_id = max(h.consignment_id for h in there)
        lines[newest_id] = lines.get(newest_id, 0) + left
    return [Correction("out", quantity, key) for key, quantity in lines.items()]


@dataclass(frozen=True)
class Totals:
    """A sheet's foot: how many lots, how many counted, how many differ, and in đồng."""

    lines: int
    counted: int
    differing: int
    surplus_vnd: int
    shortage_vnd: int

    @property
    def uncounted(self) -> int:
        """Lots on the sheet that nobody has counted yet."""
        return self.lines - self.counted


def totals(variances: Iterable[Variance]) -> Totals:
    """Add a sheet up. Shortage as a positive amount."""
    rows = list(variances)
    return Totals(
        len(rows),
        sum(v.counted_quantity is not None for v in rows),
        sum(v.difference != 0 for v in rows),
        sum(v.difference_vnd for v in rows if v.difference > 0),
        -sum(v.difference_vnd for v in rows if v.difference < 0),
    )
