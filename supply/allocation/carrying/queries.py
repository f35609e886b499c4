"""What the page, the papers and the interface ask of a plan that is carried out."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from supply.allocation import queries
from supply.allocation.carrying.loading import Carrier, Load, Loading, load_trips
from supply.allocation.carrying.progress import (
    DISCARDED,
    WAITING,
    WITHDRAWN,
    Draft,
    Line,
    Moved,
    Totals,
    Trip,
    lines_of,
    totals_of,
)
from supply.allocation.queries import PlanView, TransferRow
from supply.allocation.transfers import origin_of
from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import NotFound
from supply.core.text import Text
from supply.core.transaction import reading
from supply.inventory import queries as inventory

_DRAFTS_MAX = 10_000
POSTED = "posted"
_PLAN = text(
    "SELECT result->'transfers' AS transfers, instance->'arcs' AS arcs, drafts, withdrawn,"
    " (instance->>'start')::date AS start FROM plan WHERE id = :id"
)


@dataclass(frozen=True)
class SenderDay:
    """All that one place sends on one day, and how it is loaded."""

    origin: str
    origin_name: Text
    day: dt.date
    rows: tuple[TransferRow, ...]
    loading: Loading
    states: Mapping[str, int]
    """trips by the state of their draft"""

    @property
    def destinations(self) -> int:
        """How many places it goes to."""
        return len({row.destination for row in self.rows})

    @property
    def litres(self) -> float:
        """Its volume."""
        return sum(row.litres for row in self.rows)

    @property
    def is_open(self) -> bool:
        """Something of it waits to leave."""
        return bool(self.states.get(WAITING))


@dataclass(frozen=True)
class Carrying:
    """A plan and how far it is, as far as the reader may see."""

    plan: PlanView
    lines: tuple[Line, ...]
    totals: Totals
    days: tuple[SenderDay, ...]


def carrying(plan_id: int) -> Carrying:
    """How far a plan is. Raises NotFound."""
    with reading() as session:
        plan = queries.plan(plan_id)
        row = session.execute(_PLAN, {"id": plan_id}).mappings().one()
        mine = {f.code for f in catalog.facilities()}
        drafts = _drafts(plan_id, row, mine)
        lines = lines_of(
            (t for t in row["transfers"] if mine & {t["from"], t["to"]}),
            drafts,
            row["start"],
            {(a["from"], a["to"]): a["lead_days"] for a in row["arcs"]},
            today(),
        )
        days = _sender_days(plan, drafts, mine)
    return Carrying(plan, tuple(lines), totals_of(lines), days)


def sender_day(plan_id: int, origin: str, day: dt.date) -> tuple[PlanView, SenderDay]:
    """What a place sends on a day. Raises NotFound."""
    found = carrying(plan_id)
    for one in found.days:
        if (one.origin, one.day) == (origin, day):
            return found.plan, one
    raise NotFound(
        Text(
            f"Kế hoạch này không chuyển gì từ {origin} ngày {day:%d/%m/%Y}.",
            f"This plan sends nothing from {origin} on {day:%d/%m/%Y}.",
        )
    )


# --- what became of the drafts -------------------------------------------------------------------


def _drafts(plan_id: int, row: Mapping[Any, Any], mine: set[str]) -> dict[Trip, Draft]:
    """The trips' drafts; a receiver sees the documents of what comes, not the sender's drafts."""
    if not row["drafts"]:
        return {}
    origin = origin_of(plan_id)
    seen = {
        d.id: d for d in inventory.drafts(origin=origin, include_posted=True, limit=_DRAFTS_MAX)
    }
    codes = {f.id: f.code for d in catalog.districts() for f in queries.places_of(d.id)}
    moved = _moved(origin, codes)
    withdrawn = set(row["withdrawn"] or ())
    found: dict[Trip, Draft] = {}
    not_mine: list[tuple[Trip, int]] = []
    for one in row["drafts"]:
        trip, id_ = (one["from"], one["to"], int(one["day"])), int(one["draft"])
        draft = seen.get(id_)
        if draft is not None and draft.posted_document_id is not None:
            found[trip] = _posted(id_, draft.posted_document_id, moved)
        elif draft is not None:
            found[trip] = Draft(id_, WAITING)
        elif id_ in withdrawn:
            found[trip] = Draft(id_, WITHDRAWN)
        elif one["from"] in mine:
            found[trip] = Draft(id_, DISCARDED)
        else:
            not_mine.append((trip, id_))
    linked = {draft.document_id for draft in found.values()}
    arrivals = {pair: [d for d in ids if d not in linked] for pair, ids in moved.by_pair.items()}
    for trip, id_ in sorted(not_mine):
        rest = arrivals.get(trip[:2])
        found[trip] = _posted(id_, rest.pop(0), moved) if rest else Draft(id_, WAITING)
    return found


@dataclass(frozen=True)
class _MovedOf:
    documents: Mapping[int, tuple[Moved, ...]]
    by_pair: Mapping[tuple[str, str], list[int]]


def _posted(draft_id: int, document_id: int, moved: _MovedOf) -> Draft:
    return Draft(draft_id, POSTED, document_id, moved.documents.get(document_id, ()))


def _moved(origin: str, codes: Mapping[int, str]) -> _MovedOf:
    """What moved by document and item, and each pair's documents in their order."""
    rows: defaultdict[int, defaultdict[str, list[Mapping[str, Any]]]]
    rows = defaultdict(lambda: defaultdict(list))
    by_pair: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for r in inventory.moved_of(origin).to_dict("records"):
        document_id = int(r["dispatch_id"])
        if document_id not in rows:
            pair = (int(r["from_facility_id"]), int(r["to_facility_id"]))
            by_pair[codes.get(pair[0], ""), codes.get(pair[1], "")].append(document_id)
        rows[document_id][str(r["item_code"])].append({str(k): v for k, v in r.items()})
    return _MovedOf(
        {
            document_id: tuple(_together(item, parts) for item, parts in items.items())
            for document_id, items in rows.items()
        },
        by_pair,
    )


def _together(item: str, lots: list[Mapping[str, Any]]) -> Moved:
    received_on = [r["received_on"] for r in lots if isinstance(r["received_on"], dt.date)]
    sent, received, lost, undone = (
        sum(int(r[name]) for r in lots) for name in ("sent", "received", "lost", "undone")
    )
    return Moved(
        item,
        sent,
        received,
        lost,
        undone,
        sent_on=lots[0]["sent_on"],
        received_on=max(received_on, default=None),
    )


# --- a sender's day ------------------------------------------------------------------------------


def _sender_days(
    plan: PlanView, drafts: Mapping[Trip, Draft], mine: set[str]
) -> tuple[SenderDay, ...]:
    rows: defaultdict[tuple[dt.date, str], list[TransferRow]] = defaultdict(list)
    for row in plan.transfers:
        if row.origin in mine:
            rows[row.day, row.origin].append(row)
    items = {i.code: i for i in catalog.items(sorted({r.item for r in plan.transfers}))}
    fleet = _fleet({f.id: f.code for f in catalog.facilities()})
    return tuple(
        SenderDay(
            origin,
            found[0].origin_name,
            day,
            tuple(found),
            load_trips((_load(row, items) for row in found), fleet.get(origin, ())),
            _states(found, (day - plan.head.start).days, drafts),
        )
        for (day, origin), found in sorted(rows.items())
    )


def _states(rows: Iterable[TransferRow], day: int, drafts: Mapping[Trip, Draft]) -> dict[str, int]:
    states: defaultdict[str, int] = defaultdict(int)
    for trip in {(row.origin, row.destination, day) for row in rows}:
        states[drafts[trip].state if trip in drafts else ""] += 1
    return dict(states)


def _load(row: TransferRow, items: Mapping[str, catalog.ItemRow]) -> Load:
    item = items.get(row.item)
    if item is None:
        return Load(row.destination, row.item, row.lot, row.quantity, 0.0)
    pack = next((p.units_per_pack for p in item.packs if p.is_default), 1)
    return Load(
        row.destination,
        row.item,
        row.lot,
        row.quantity,
        item.litres_per_unit,
        pack,
        item.cold_chain,
    )


def _fleet(codes: Mapping[int, str]) -> dict[str, list[Carrier]]:
    """The vehicles of each place, numbered as they are entered in the catalogue."""
    found: defaultdict[str, list[Carrier]] = defaultdict(list)
    for v in catalog.vehicles(list(codes)):
        own = found[codes[v.facility_id]]
        own.append(Carrier(str(len(own) + 1), v.trips_per_day, v.litres_per_trip, v.cold_chain))
    return found
