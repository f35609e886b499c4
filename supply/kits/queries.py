"""What is asked of kits. One set-based question each; rows outside one's scope do not appear."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import RowMapping, text

from supply.core.clock import today
from supply.core.errors import NotFound
from supply.core.text import Text
from supply.core.transaction import reading
from supply.inventory.kinds import document_label
from supply.kits.explode import Component, against_stock
from supply.kits.rows import (
    ComponentRow,
    Kit,
    KitDocument,
    KitState,
    KitVersion,
    NeedRow,
)


def _ask(sql: str, **params: object) -> Sequence[RowMapping]:
    with reading() as session:
        return session.connection().execute(text(sql), params).mappings().all()


_VERSIONS = """
SELECT k.id, k.code, k.name_vi, k.name_en, k.kind, k.rule_vi, k.rule_en, k.active,
       v.id AS version_id, v.version, v.valid_from, v.source, v.assumed, v.created_at,
       coalesce(concat_ws(' ', u.first_name, u.last_name), '') AS created_by
FROM kit k JOIN kit_version v ON v.kit_id = k.id LEFT JOIN ab_user u ON u.id = v.created_by
"""
_COMPONENTS = """
SELECT c.version_id, c.quantity, c.per_beds, i.id, i.code, i.name_vi, i.name_en, i.base_unit_vi,
       i.base_unit_en
FROM kit_component c JOIN item i ON i.id = c.item_id
WHERE c.version_id = ANY (:ids) ORDER BY i.category, i.code
"""
_ORDER = " ORDER BY CASE k.kind WHEN 'home_bag' THEN 1 WHEN 'station_set' THEN 2 ELSE 3 END, k.code"


def kits(on: dt.date | None = None, *, include_inactive: bool = False) -> list[Kit]:
    """The kits as they are made on a day (today), home bags first."""
    found = _ask(
        _VERSIONS
        + "WHERE v.version = kit_version_on(k.id, :day) AND (k.active OR :inactive)"
        + _ORDER,
        day=on or today(),
        inactive=include_inactive,
    )
    return _kits(found)


def kit(code: str, on: dt.date | None = None) -> Kit:
    """One kit as it is made on a day. Raises NotFound."""
    for found in kits(on, include_inactive=True):
        if found.code == code:
            return found
    raise NotFound(Text(f"Không có bộ cơ số {code}.", f"There is no kit {code}."))


def versions(code: str) -> list[KitVersion]:
    """All that a kit was made of, newest first."""
    found = _kits(_ask(_VERSIONS + "WHERE k.code = :code ORDER BY v.version DESC", code=code))
    return [one.version for one in found]


def _kits(found: Sequence[RowMapping]) -> list[Kit]:
    parts: dict[int, list[ComponentRow]] = defaultdict(list)
    for r in _ask(_COMPONENTS, ids=[r["version_id"] for r in found]):
        parts[r["version_id"]].append(
            ComponentRow(
                Component(r["code"], r["quantity"], r["per_beds"]),
                r["id"],
                Text(r["name_vi"], r["name_en"]),
                Text(r["base_unit_vi"], r["base_unit_en"]),
            )
        )
    return [
        Kit(
            r["id"],
            r["code"],
            Text(r["name_vi"], r["name_en"]),
            r["kind"],
            Text(r["rule_vi"], r["rule_en"]),
            r["active"],
            KitVersion(
                r["version"],
                r["valid_from"],
                r["source"],
                r["assumed"],
                r["created_by"],
                r["created_at"],
                tuple(parts[r["version_id"]]),
            ),
        )
        for r in found
    ]


# --- at a facility -------------------------------------------------------------------------------

_USABLE = """
SELECT i.code, sum(b.quantity)::bigint AS quantity
FROM balance b
JOIN location l ON l.id = b.location_id AND l.kind = 'store'
JOIN lot t ON t.id = b.lot_id
JOIN item i ON i.id = b.item_id
WHERE b.facility_id = :facility AND i.code = ANY (:items)
  AND (t.expiry IS NULL OR t.expiry >= supply_today())
  AND NOT EXISTS (SELECT FROM lot_block x WHERE x.lot_id = t.id AND x.until IS NULL)
GROUP BY i.code
"""


def usable(facility_id: int, item_codes: Iterable[str]) -> dict[str, int]:
    """Item -> what its store can use today: not expired, not recalled."""
    found = _ask(_USABLE, facility=facility_id, items=sorted(set(item_codes)))
    return {r["code"]: r["quantity"] for r in found}


def counts(facility_ids: Sequence[int]) -> dict[tuple[int, int], dict[int, int]]:
    """(facility, kit's id) -> version -> assembled kits, from the documents that name them."""
    found: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for r in _ask("SELECT * FROM kit_counts(:ids) WHERE kits <> 0", ids=list(facility_ids)):
        found[r["facility_id"], r["kit_id"]][r["version"]] = r["kits"]
    return found


_EXPIRIES = """
SELECT i.code, min(t.expiry) AS expiry
FROM balance b
JOIN location l ON l.id = b.location_id AND l.kind = 'kit'
JOIN lot t ON t.id = b.lot_id
JOIN item i ON i.id = b.item_id
WHERE b.facility_id = :facility AND b.quantity > 0 GROUP BY i.code
"""


def board(facility_id: int) -> list[KitState]:
    """Every kit at a facility: assembled, possible, what is short, the earliest expiry."""
    all_kits = kits()
    stock = usable(
        facility_id, [c.component.item_code for k in all_kits for c in k.version.components]
    )
    assembled = counts([facility_id])
    expiries = {r["code"]: r["expiry"] for r in _ask(_EXPIRIES, facility=facility_id)}
    return [
        _state(one, assembled.get((facility_id, one.id), {}), stock, expiries) for one in all_kits
    ]


def _state(
    one: Kit, counted: dict[int, int], stock: dict[str, int], expiries: dict[str, dt.date | None]
) -> KitState:
    codes = [c.component.item_code for c in one.version.components]
    found = [e for e in (expiries.get(code) for code in codes) if e is not None]
    return KitState(
        one, counted, stock, min(found, default=None) if any(counted.values()) else None
    )


def state(facility_id: int, code: str) -> KitState:
    """One kit at a facility. Raises NotFound."""
    for found in board(facility_id):
        if found.kit.code == code:
            return found
    raise NotFound(Text(f"Không có bộ cơ số {code}.", f"There is no kit {code}."))


def needs(facility_id: int, code: str, count: int) -> list[NeedRow]:
    """`count` kits (or beds) taken apart, against what the facility's store can use."""
    one = kit(code)
    rows = {row.component.item_code: row for row in one.version.components}
    stock = usable(facility_id, rows)
    return [
        NeedRow(rows[need.item_code], need)
        for need in against_stock(one.version.parts, count, stock)
    ]


_DOCUMENTS = """
SELECT d.id, d.kind, d.year, d.number, d.happened_on, (d.details->>'count')::bigint AS count,
       coalesce(nullif(d.recipient, ''), o.name_vi, d.note) AS words,
       EXISTS (SELECT FROM document r WHERE r.reverses_id = d.id) AS reversed
FROM document d LEFT JOIN facility o ON o.id = d.counterpart_facility_id
WHERE d.facility_id = :facility AND d.details ? 'kit' AND d.details->>'kit' = :code
ORDER BY d.id DESC LIMIT :limit
"""


def documents(facility_id: int, code: str, limit: int = 30) -> list[KitDocument]:
    """What a facility posted about a kit, newest first."""
    return [
        KitDocument(
            r["id"],
            r["kind"],
            document_label(r["kind"], r["year"], r["number"]),
            r["happened_on"],
            r["count"],
            r["words"],
            r["reversed"],
        )
        for r in _ask(_DOCUMENTS, facility=facility_id, code=code, limit=limit)
    ]


def assembled_in_scope() -> int:
    """All kits ready to be given in one's facilities."""
    found = _ask("SELECT coalesce(sum(kits), 0)::bigint AS n FROM kit_counts(supply_read_ids())")
    return int(found[0]["n"])
