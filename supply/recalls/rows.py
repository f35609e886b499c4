"""What the questions about recalls and quarantine answer with. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from supply.core.text import Text
from supply.recalls.recalls import Clock, Standing, label_of, standing_of


@dataclass(frozen=True)
class Goods:
    """A maker's lot of an item."""

    lot_id: int
    lot_number: str
    expiry: dt.date | None
    item_id: int
    item_code: str
    item_name: Text
    unit: Text


@dataclass(frozen=True)
class Head:
    """A recall in a list. `places`, `answered`: facilities of the reader's scope that had the lot,
    and those of them whose answer is whole."""

    id: int
    year: int
    number: int
    district_id: int | None
    district_name: str
    goods: Goods
    recall_class: str
    reason: str
    instructions: str
    paper_reference: str
    started_at: dt.datetime
    started_by: str
    due_at: dt.datetime
    now: dt.datetime
    closed_at: dt.datetime | None
    outcome: str
    is_blocked: bool
    places: int
    answered: int

    @property
    def label(self) -> str:
        """The number as on paper."""
        return label_of(self.year, self.number)

    @property
    def clock(self) -> Clock:
        """How long it runs: to its end, or to now."""
        return Clock(self.started_at, self.due_at, self.closed_at or self.now)

    @property
    def is_open(self) -> bool:
        """Not closed yet."""
        return self.closed_at is None


@dataclass(frozen=True)
class Answer:
    """What a facility said, base units; `quarantined` is what its document set aside."""

    found: int
    used: int
    quarantined: int
    comment: str
    by: str
    at: dt.datetime
    document_id: int | None
    document_label: str


@dataclass(frozen=True)
class Holder:
    """A facility that has or had the lot, base units by the books of this moment. `held`: in the
    store; `in_kits`: in assembled kits; `issued`: to use, less what came back; `sent`: to others."""

    facility_id: int
    facility_code: str
    facility_name: Text
    held: int
    in_kits: int
    coming: int
    quarantined: int
    issued: int
    sent: int
    answer: Answer | None
    overdue: bool

    @property
    def standing(self) -> Standing:
        """Where it stands."""
        return standing_of(self.answer is not None, self.held + self.in_kits, self.overdue)


@dataclass(frozen=True)
class Onward:
    """One issue or dispatch that took some of the lot onward, less what was returned."""

    document_id: int
    label: str
    facility_name: Text
    happened_on: dt.date
    to: Text
    purpose: str
    kind: str
    quantity: int


@dataclass(frozen=True)
class Event:
    """Closed or lifted: when, by whom, what was said."""

    kind: str
    outcome: str
    note: str
    paper_reference: str
    by: str
    at: dt.datetime


@dataclass(frozen=True)
class View:
    """A recall in full, as far as the reader's scope goes. `outside`: facilities beyond its district
    that had the lot, for who leads it."""

    head: Head
    holders: tuple[Holder, ...]
    onward: tuple[Onward, ...]
    events: tuple[Event, ...]
    outside: int
    may_lead: bool


@dataclass(frozen=True)
class SetAside:
    """What lies in a facility's quarantine of one lot. `why`, `since`: of the document that put the
    latest of it there; `blocked`: a recall holds it."""

    facility_id: int
    facility_name: Text
    goods: Goods
    quantity: int
    amount_vnd: int
    why: str
    since: dt.date | None
    document_id: int | None
    document_label: str
    recall_id: int | None
    blocked: bool
