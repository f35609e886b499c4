"""What an import asks of the catalogue and the ledger, in a few set-based questions."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from supply.core.clock import today
from supply.core.text import Text, fold
from supply.core.transaction import reading
from supply.imports.known import Known, KnownFacility, KnownFund, KnownItem, KnownPartner, key
from supply.imports.papers import Paper
from supply.imports.shelves import Ledger, Lot, Parcel, Rest, Shelves

_ITEMS = text("SELECT id, code, active, base_unit_vi, base_unit_en FROM item")
_PACKS = text("SELECT id, item_id, name_vi, name_en, units_per_pack FROM item_pack")
# Names of facilities to send to are shared with everybody; where one may post is not.
_FACILITIES = text(
    "SELECT id, code, active, id = ANY ((SELECT supply_write_ids())::int[]) AS writable FROM facility"
)
_PLACES = text("SELECT id, kind, facility_id FROM location")
_FUNDS = text("SELECT id, code, active, valid_from, valid_to FROM fund")
_PARTNERS = text("SELECT id, code, kind FROM partner WHERE active")


def known() -> Known:
    """The catalogue as the acting person knows it."""
    with reading() as session:
        packs: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
        for row in session.execute(_PACKS):
            for name in (row.name_vi, row.name_en):
                packs[row.item_id][fold(name)] = (row.id, row.units_per_pack)
        places: dict[int | None, dict[str, int]] = defaultdict(dict)
        for row in session.execute(_PLACES):
            places[row.facility_id][row.kind] = row.id
        return Known(
            today(),
            {
                key(f.code): KnownFacility(f.id, f.code, f.active, f.writable, places[f.id])
                for f in session.execute(_FACILITIES)
            },
            {
                key(i.code): KnownItem(
                    i.id, i.code, i.active, Text(i.base_unit_vi, i.base_unit_en), packs[i.id]
                )
                for i in session.execute(_ITEMS)
            },
            {key(f.code): KnownFund(*f) for f in session.execute(_FUNDS)},
            {key(p.code): KnownPartner(*p) for p in session.execute(_PARTNERS)},
            places[None],
        )


# --- documents that are there already ------------------------------------------------------------

_SEEN = text(
    "SELECT CAST(client_key AS text) FROM document WHERE client_key = ANY (CAST(:keys AS uuid[]))"
)
_ANY = text("SELECT EXISTS (SELECT FROM document)")
_IMPORTED = text(
    """
    SELECT d.facility_id, d.kind, d.happened_on, d.paper_reference,
           CASE WHEN d.kind IN ('transfer_dispatch', 'transfer_receipt')
                THEN d.counterpart_facility_id END AS counterpart,
           d.partner_id, d.number, d.year, CAST(d.client_key AS text) AS client_key
    FROM document d
    WHERE d.origin LIKE 'import:%' AND d.facility_id = ANY (:facilities)
      AND d.happened_on BETWEEN :first AND :last
      AND NOT EXISTS (SELECT FROM document r WHERE r.reverses_id = d.id)
    """
)
_CLOSED = text(
    "SELECT f.id, ledger_closed_through(f.id) FROM unnest(CAST(:facilities AS int[])) f (id)"
)


def keys_seen(session: Session, papers: Sequence[Paper]) -> set[str]:
    """The keys of those that were entered before; a first load is not asked key by key."""
    if not session.execute(_ANY).scalar_one():
        return set()
    keys = "{" + ",".join(p.client_key for p in papers) + "}"  # one text, not one value for each
    return set(session.execute(_SEEN, {"keys": keys}).scalars())


def imported(session: Session, papers: Sequence[Paper]) -> dict[tuple[Any, ...], Any]:
    """Identity -> the document of an earlier file that has it and stands."""
    found = session.execute(_IMPORTED, _span(papers))
    return {tuple(row[:6]): row for row in found}


def closed_through(session: Session, papers: Sequence[Paper]) -> dict[int, dt.date]:
    """Facility id -> the last day of its closed books."""
    rows = session.execute(_CLOSED, {"facilities": facility_ids(papers)})
    return {row[0]: row[1] for row in rows if row[1] is not None}


def facility_ids(papers: Iterable[Paper]) -> list[int]:
    """The facilities that post, in the order of locks."""
    return sorted({p.facility.id for p in papers})


def _span(papers: Sequence[Paper]) -> dict[str, Any]:
    days = [p.happened_on for p in papers]
    return {"facilities": facility_ids(papers), "first": min(days), "last": max(days)}


# --- documents that are followed ------------------------------------------------------------------

_SOURCES = text(
    """
    SELECT d.id, d.kind, d.facility_id, d.counterpart_facility_id, d.paper_reference, d.happened_on
    FROM document d
    WHERE d.kind = ANY (:kinds) AND d.facility_id = ANY (:senders)
      AND d.paper_reference = ANY (:papers) AND d.from_place <> 'quarantine'
      AND d.purpose NOT IN ('loan', 'loan_return')
      AND NOT EXISTS (SELECT FROM document r WHERE r.reverses_id = d.id)
    ORDER BY d.id
    """
)


def sources(session: Session, papers: Sequence[Paper]) -> list[Any]:
    """Dispatches and issues of the ledger that the file's receipts and returns may follow."""
    senders = {p.counterpart.id for p in papers if p.kind == "transfer_receipt" and p.counterpart}
    senders |= {p.facility.id for p in papers if p.kind == "return"}
    named = {p.source_paper or p.paper_reference for p in papers}
    if not papers:
        return []
    values = {
        "kinds": ["transfer_dispatch", "issue"],
        "senders": list(senders),
        "papers": list(named),
    }
    return list(session.execute(_SOURCES, values))


# --- stock to begin with --------------------------------------------------------------------------

_LOTS = text("SELECT id, item_id, number, expiry FROM lot WHERE item_id = ANY (:items)")
_BLOCKED = text("SELECT DISTINCT lot_id FROM lot_block WHERE until IS NULL")
_BALANCES = text(
    """
    SELECT b.location_id, b.item_id, b.consignment_id, b.lot_id, b.quantity, b.amount_vnd,
           c.unit_price_vnd
    FROM balance b JOIN consignment c ON c.id = b.consignment_id
    WHERE b.location_id = ANY (:places) AND b.item_id = ANY (:items)
    """
)
# From each later day on, the most that entries have added since: see ledger_free().
_LATER = text(
    """
    WITH moved AS (
        SELECT to_location_id AS place, consignment_id, happened_on, quantity FROM entry
        WHERE to_location_id = ANY (:places) AND item_id = ANY (:items) AND happened_on > :first
        UNION ALL
        SELECT from_location_id, consignment_id, happened_on, -quantity FROM entry
        WHERE from_location_id = ANY (:places) AND item_id = ANY (:items) AND happened_on > :first
    ), since AS (
        SELECT place, consignment_id, happened_on,
               sum(sum(quantity)) OVER (PARTITION BY place, consignment_id
                                        ORDER BY happened_on DESC) AS added
        FROM moved GROUP BY place, consignment_id, happened_on
    )
    SELECT place, consignment_id, array_agg(happened_on ORDER BY happened_on) AS days,
           array_agg(most ORDER BY happened_on) AS most
    FROM (
        SELECT place, consignment_id, happened_on,
               max(added) OVER (PARTITION BY place, consignment_id
                                ORDER BY happened_on DESC)::bigint AS most
        FROM since
    ) s
    GROUP BY place, consignment_id
    """
)
_OPEN = text(
    """
    SELECT e.item_id, e.lot_id, e.consignment_id,
           sum(CASE WHEN e.to_location_id = :place THEN e.quantity ELSE -e.quantity END)::bigint,
           sum(CASE WHEN e.to_location_id = :place THEN e.amount_vnd ELSE -e.amount_vnd END)::bigint
    FROM document d JOIN entry e ON e.document_id = d.id
    WHERE (d.id = :document OR d.follows_id = :document)
      AND :place IN (e.from_location_id, e.to_location_id)
    GROUP BY e.item_id, e.lot_id, e.consignment_id
    ORDER BY e.item_id, e.lot_id, e.consignment_id
    """
)


def ledger(session: Session, papers: Sequence[Paper], known_: Known) -> Ledger:
    """Stock, lots and open documents that `papers` may touch, as they stand now."""
    items = sorted({line.item.id for p in papers for line in p.lines})
    places = sorted({p.facility.places[k] for p in papers for k in ("store", "transit")})
    values = {"items": items, "places": places}
    lots = {
        row.id: Lot(row.id, row.item_id, row.number, row.expiry)
        for row in session.execute(_LOTS, values)
    }
    first = min(p.happened_on for p in papers)
    later = {
        (row.place, row.consignment_id): (row.days, row.most)
        for row in session.execute(_LATER, values | {"first": first})
    }
    shelves = Shelves()
    of_consignment: dict[int, Lot] = {}
    for b in session.execute(_BALANCES, values):
        of_consignment[b.consignment_id] = lots[b.lot_id]
        parcel = Parcel(
            b.consignment_id, lots[b.lot_id], b.quantity, b.amount_vnd, b.unit_price_vnd,
            later.get((b.location_id, b.consignment_id)),
        )  # fmt: skip
        shelves.set(b.location_id, b.item_id, parcel)
    found = Ledger(
        today=known_.today,
        shelves=shelves,
        lots={(lot.item_id, lot.number): lot for lot in lots.values()},
        loss=known_.outside["loss"],
        lot_of_consignment=of_consignment,
        blocked=frozenset(session.execute(_BLOCKED).scalars()),
    )
    for paper in papers:
        if paper.follows_id is not None and paper.follows_id not in found.open_rests:
            use = known_.outside["use"]
            place = use if paper.kind == "return" else paper.facility.places["transit"]
            rows = session.execute(_OPEN, {"place": place, "document": paper.follows_id})
            found.open_rests[paper.follows_id] = [
                Rest(
                    row[0],
                    lots.get(row[1]) or Lot(row[1], row[0], "", None),
                    row[2],
                    row[3],
                    row[4],
                )
                for row in rows
                if row[3] > 0
            ]
    return found
