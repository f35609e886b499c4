"""What the entry screen asks while a person writes: known items, their lots, codes, earlier papers.

Each question is asked once for many items, however many lines a document has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from supply.core.text import Text, fold
from supply.inventory.asking import Row, ask
from supply.inventory.kinds import Kind
from supply.inventory.rows import PackHit

KNOWN_MAX = 400
FREQUENT_DAYS = 90


@dataclass(frozen=True)
class Proposal:
    """What the last receipt of an item said: accepted by Enter, changed by typing. `amount_vnd` is
    what `quantity` base units cost then."""

    lot_number: str
    expiry: dt.date | None
    fund_code: str
    quantity: int
    amount_vnd: int
    happened_on: dt.date


@dataclass(frozen=True)
class EntryItem:
    """An item to write a line of; `quantity` is what lies in the place (base units, not expired),
    `uses` how often the store moved it lately."""

    id: int
    code: str
    name: Text
    unit: Text
    search: str
    quantity: int
    uses: int
    packs: tuple[PackHit, ...]
    last: Proposal | None = None


@dataclass(frozen=True)
class EntryLot:
    """One consignment lying in a place, in the order it should leave."""

    item_code: str
    consignment_id: int
    lot_number: str
    expiry: dt.date | None
    fund_code: str
    quantity: int
    amount_vnd: int
    blocked: bool


_ITEM = """
SELECT i.id, i.code, i.name_vi, i.name_en, i.base_unit_vi, i.base_unit_en, i.search,
       coalesce(u.uses, 0)::int AS uses, coalesce(h.quantity, 0)::bigint AS quantity,
       (SELECT jsonb_agg(jsonb_build_array(p.id, p.name_vi, p.name_en, p.units_per_pack,
                                           p.is_default)
                         ORDER BY p.is_default DESC, p.units_per_pack)
        FROM item_pack p WHERE p.item_id = i.id) AS packs,
       r.lot_number, r.expiry, r.fund_code, r.quantity AS last_quantity, r.amount_vnd,
       r.happened_on
FROM item i
LEFT JOIN used u ON u.item_id = i.id
LEFT JOIN held h ON h.item_id = i.id
LEFT JOIN LATERAL (
    SELECT t.number AS lot_number, t.expiry, f.code AS fund_code, e.quantity, e.amount_vnd,
           e.happened_on
    FROM entry e
    JOIN document d ON d.id = e.document_id AND d.kind = 'receipt'
    JOIN lot t ON t.id = e.lot_id
    JOIN consignment c ON c.id = e.consignment_id
    JOIN fund f ON f.id = c.fund_id
    WHERE :proposes AND e.to_location_id = (SELECT id FROM place) AND e.item_id = i.id
      AND NOT EXISTS (SELECT FROM document x WHERE x.reverses_id = d.id)
    ORDER BY e.happened_on DESC, e.id DESC LIMIT 1
) r ON true
"""
_WITH = """
WITH place AS (
    SELECT id FROM location WHERE facility_id = :facility_id AND kind = :place
), used AS (
    SELECT e.item_id, count(*) AS uses FROM entry e
    WHERE e.{side}_location_id = (SELECT id FROM place)
      AND e.happened_on > supply_today() - CAST(:days AS int)
    GROUP BY e.item_id
), held AS (
    SELECT b.item_id, sum(b.quantity) AS quantity FROM balance b JOIN lot t ON t.id = b.lot_id
    WHERE b.location_id = (SELECT id FROM place) AND b.quantity > 0
      AND (t.expiry IS NULL OR t.expiry >= supply_today())
    GROUP BY b.item_id
)
"""


def _items(
    where: str, facility_id: int, place: str, proposes: bool, **more: object
) -> Sequence[Row]:
    # Each direction has its own index; a choice of columns inside the question would have none.
    return ask(
        _WITH.format(side="to" if proposes else "from") + _ITEM + where,
        facility_id=facility_id,
        place=place,
        proposes=proposes,
        days=FREQUENT_DAYS,
        **more,
    )


def known_items(
    facility_id: int, *, place: str = "store", proposes: bool = False, limit: int = KNOWN_MAX
) -> list[EntryItem]:
    """The items a store uses, most used first; `proposes`: goods come in, so the last receipt of each
    is told and receipts count as use."""
    where = (
        " WHERE i.active ORDER BY uses DESC, (h.quantity > 0) DESC NULLS LAST,"
        " i.is_essential DESC, i.code LIMIT :limit"
    )
    return [_item(r) for r in _items(where, facility_id, place, proposes, limit=limit)]


def items_of(
    codes: Iterable[str], facility_id: int, *, place: str = "store", proposes: bool = False
) -> dict[str, EntryItem]:
    """The named items by code, inactive ones too: a draft may hold one."""
    found = _items(
        " WHERE i.code = ANY (:codes)", facility_id, place, proposes, codes=sorted(set(codes))
    )
    return {r["code"]: _item(r) for r in found}


def _item(r: Row) -> EntryItem:
    last = None
    if r["happened_on"] is not None:
        last = Proposal(
            r["lot_number"],
            r["expiry"],
            r["fund_code"],
            r["last_quantity"],
            r["amount_vnd"],
            r["happened_on"],
        )
    return EntryItem(
        r["id"],
        r["code"],
        Text(r["name_vi"], r["name_en"]),
        Text(r["base_unit_vi"], r["base_unit_en"]),
        r["search"],
        r["quantity"],
        r["uses"],
        tuple(PackHit(p[0], Text(p[1], p[2]), p[3], p[4]) for p in r["packs"] or ()),
        last,
    )


_LOTS = """
SELECT i.code, b.consignment_id, t.number, t.expiry, f.code AS fund_code, b.quantity, b.amount_vnd,
       EXISTS (SELECT FROM lot_block k WHERE k.lot_id = t.id AND k.until IS NULL) AS blocked
FROM balance b
JOIN location l ON l.id = b.location_id AND l.kind = :place
JOIN lot t ON t.id = b.lot_id
JOIN item i ON i.id = b.item_id
JOIN consignment c ON c.id = b.consignment_id
JOIN fund f ON f.id = c.fund_id
WHERE b.facility_id = :facility_id AND b.quantity > 0 AND i.code = ANY (:codes)
ORDER BY i.code, t.expiry NULLS LAST, b.consignment_id
"""


def lots_of(
    codes: Iterable[str], facility_id: int, place: str = "store"
) -> dict[str, list[EntryLot]]:
    """What lies in a place of the named items, first to expire first, expired and blocked too."""
    wanted = sorted(set(codes))
    found: dict[str, list[EntryLot]] = {code: [] for code in wanted}
    for r in ask(_LOTS, facility_id=facility_id, place=place, codes=wanted):
        lot = EntryLot(
            r["code"],
            r["consignment_id"],
            r["number"],
            r["expiry"],
            r["fund_code"],
            r["quantity"],
            r["amount_vnd"],
            r["blocked"],
        )
        found[lot.item_code].append(lot)
    return found


# --- codes ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CodeHit:
    """What a scanned code stands for; `pack_id` None: one base unit."""

    item_code: str
    pack_id: int | None
    learned: bool


_CODE = """
(SELECT i.code AS item_code, p.id AS pack_id, false AS learned
 FROM item_pack p JOIN item i ON i.id = p.item_id
 WHERE lpad(p.gtin, 14, '0') = :code AND i.active LIMIT 1)
UNION ALL
(SELECT i.code, c.pack_id, true
 FROM learned_code c JOIN item i ON i.id = c.item_id
 WHERE c.code = :code AND i.active ORDER BY c.id DESC LIMIT 1)
UNION ALL
(SELECT i.code, NULL, false FROM item i WHERE upper(i.code) = upper(:code) AND i.active)
"""


def find_code(code: str) -> CodeHit | None:
    """The item of a code: a pack's GTIN, then what was learned (the latest), then an item's own."""
    found = ask(_CODE, code=code)
    return CodeHit(**found[0]) if found else None


_NAMED = """
SELECT w.words, i.code FROM unnest(CAST(:codes AS text[]), CAST(:folded AS text[])) AS w (words, folded)
JOIN item i ON i.active AND (i.code = upper(w.words) OR lower(i.code) = w.folded)
UNION ALL
SELECT w.words, i.code FROM unnest(CAST(:codes AS text[]), CAST(:folded AS text[])) AS w (words, folded)
JOIN item_pack p ON lpad(p.gtin, 14, '0') = lpad(w.words, 14, '0')
JOIN item i ON i.id = p.item_id AND i.active
WHERE w.words ~ '^[0-9]{8,14}$'
"""


def named(words: Iterable[str]) -> dict[str, str]:
    """Which item each text of a pasted list means: its code, its GTIN, or its whole name (either
    language, diacritics or not). What means none, or more than one, is not in the answer."""
    wanted = sorted({w.strip() for w in words if w.strip()})
    found = {
        r["words"]: r["code"] for r in ask(_NAMED, codes=wanted, folded=[fold(w) for w in wanted])
    }
    rest = [w for w in wanted if w not in found]
    if rest:
        found |= _by_name(rest)
    return found


def _by_name(words: Sequence[str]) -> dict[str, str]:
    """The whole catalogue is read once: it is small beside a list worth pasting."""
    seen: dict[str, set[str]] = {}
    for r in ask("SELECT code, name_vi, name_en FROM item WHERE active"):
        for name in (r["name_vi"], r["name_en"]):
            seen.setdefault(fold(name), set()).add(r["code"])
    codes = {w: seen.get(fold(w), set()) for w in words}
    return {w: next(iter(found)) for w, found in codes.items() if len(found) == 1}


# --- earlier papers ------------------------------------------------------------------------------


@dataclass(frozen=True)
class LastHead:
    """The head of an earlier document, to be proposed again."""

    document_id: int
    facility_id: int
    kind: Kind
    partner_code: str
    fund_code: str
    counterpart_facility_id: int | None
    recipient: str
    purpose: str
    from_place: str
    reason: str
    note: str


_LAST = """
SELECT d.id AS document_id, d.facility_id, d.kind, coalesce(p.code, '') AS partner_code,
       d.counterpart_facility_id, d.recipient, d.purpose, d.from_place, d.reason, d.note,
       coalesce((SELECT f.code FROM entry e JOIN consignment c ON c.id = e.consignment_id
                 JOIN fund f ON f.id = c.fund_id AND f.active
                     AND supply_today() BETWEEN coalesce(f.valid_from, '-infinity')
                                            AND coalesce(f.valid_to, 'infinity')
                 WHERE e.document_id = d.id ORDER BY e.line_no DESC LIMIT 1), '') AS fund_code
FROM document d LEFT JOIN partner p ON p.id = d.partner_id AND p.active
"""


def last_head(facility_id: int, kind: Kind) -> LastHead | None:
    """What the store's last standing document of this kind said in its head."""
    return _head(
        " WHERE d.facility_id = :facility_id AND d.kind = :kind"
        " AND NOT EXISTS (SELECT FROM document r WHERE r.reverses_id = d.id)"
        " ORDER BY d.id DESC LIMIT 1",
        facility_id=facility_id,
        kind=kind.value,
    )


def head_of(document_id: int) -> LastHead | None:
    """The head of a posted document; None for one outside the person's scope."""
    return _head(" WHERE d.id = :id", id=document_id)


def _head(where: str, **params: object) -> LastHead | None:
    found = ask(_LAST + where, **params)
    return LastHead(**{**found[0], "kind": Kind(found[0]["kind"])}) if found else None


def was_posted(client_key: UUID) -> bool:
    """Whether the form with this key became a document already (its answer may have been lost)."""
    return bool(ask("SELECT FROM document WHERE client_key = :key LIMIT 1", key=client_key))


@dataclass(frozen=True)
class CopiedLine:
    """A line of a posted document as it was entered: packs where packs were typed."""

    item_code: str
    quantity: int
    pack_id: int | None
    asked_quantity: int | None
    lot_number: str
    expiry: dt.date | None
    fund_code: str
    amount_vnd: int
    direction: str
    consignment_id: int | None


_COPIED = """
WITH moved AS (
    SELECT e.line_no, e.item_id, sum(e.quantity) AS quantity, sum(e.amount_vnd) AS amount_vnd,
           min(t.number) AS lot_number, count(DISTINCT t.id) AS lots, min(t.expiry) AS expiry,
           min(f.code) AS fund_code, min(e.consignment_id) AS consignment_id,
           count(DISTINCT e.consignment_id) AS consignments,
           bool_or(b.facility_id IS NOT NULL AND a.facility_id IS NULL) AS incoming
    FROM entry e
    JOIN lot t ON t.id = e.lot_id
    JOIN consignment c ON c.id = e.consignment_id
    JOIN fund f ON f.id = c.fund_id
    JOIN location a ON a.id = e.from_location_id
    JOIN location b ON b.id = e.to_location_id
    WHERE e.document_id = :id GROUP BY e.line_no, e.item_id
)
SELECT i.code, coalesce(x.entered_quantity, m.quantity)::bigint AS quantity,
       CASE WHEN x.entered_quantity IS NOT NULL THEN x.pack_id END AS pack_id, x.asked_quantity,
       CASE WHEN m.lots = 1 THEN m.lot_number ELSE '' END AS lot_number, m.expiry, m.fund_code,
       m.amount_vnd::bigint, CASE WHEN m.incoming THEN 'in' ELSE 'out' END AS direction,
       CASE WHEN m.consignments = 1 THEN m.consignment_id END AS consignment_id
FROM moved m JOIN item i ON i.id = m.item_id
LEFT JOIN document_line x ON x.document_id = :id AND x.line_no = m.line_no
ORDER BY m.line_no
"""


def lines_to_copy(document_id: int) -> list[CopiedLine]:
    """A posted document's lines, to write them again."""
    return [
        CopiedLine(
            r["code"],
            r["quantity"],
            r["pack_id"],
            r["asked_quantity"],
            r["lot_number"],
            r["expiry"],
            r["fund_code"],
            r["amount_vnd"],
            r["direction"],
            r["consignment_id"],
        )
        for r in ask(_COPIED, id=document_id)
    ]


@dataclass(frozen=True)
class Template:
    """A document to write again, under a name."""

    id: int
    name: str
    lines: int


def templates(facility_id: int, kind: Kind) -> list[Template]:
    """The templates of a store for a kind, by name."""
    found = ask(
        "SELECT id, name, coalesce(jsonb_array_length(payload->'lines'), 0) AS lines"
        " FROM document_template WHERE facility_id = :facility_id AND kind = :kind ORDER BY name",
        facility_id=facility_id,
        kind=kind.value,
    )
    return [Template(r["id"], r["name"], r["lines"]) for r in found]


def template_payload(template_id: int) -> dict[str, object] | None:
    """What a template holds (a document's payload); None where there is none in scope."""
    found = ask("SELECT payload FROM document_template WHERE id = :id", id=template_id)
    return dict(found[0]["payload"]) if found else None
