"""The reserve list (danh mục dự trữ): made from a run's worst days, sent, approved by a second person.

A list never changes: a figure changed by hand makes the next version. What counts on a day is the
newest approved version that is in force by then.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import AlreadyDone, Conflict, Fault, InvalidInput, NotAllowed, NotFound
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction
from supply.forecast import queries as forecast
from supply.inventory import queries as inventory
from supply.planning.reserve import QUANTILE_USUAL, Kept, ReserveLine, reserve_lines
from supply.planning.returning import reason_of_return
from supply.planning.runs import chosen_run
from supply.planning.tables import load_on_site

UNITS_MAX = 1_000_000_000
STATUS_NAMES = {
    "draft": Text("Nháp", "Draft"),
    "submitted": Text("Chờ duyệt", "To be approved"),
    "approved": Text("Đã duyệt", "Approved"),
    "returned": Text("Trả lại", "Returned"),
}


@dataclass(frozen=True)
class ListHead:
    """A version of a district's list."""

    id: int
    district_id: int
    version: int
    run_id: int
    valid_from: dt.date
    quantile: float
    note: str
    follows_id: int | None
    line_count: int
    status: str
    created_by_id: int
    created_by: str
    created_at: dt.datetime
    decided_by: str
    decided_at: dt.datetime | None
    reason: str


@dataclass(frozen=True)
class ListLine:
    """What a facility is to hold of an item, and what it holds; base units.

    `computed` is what the run says, `units` what stands in the list; `held` usable stock now.
    """

    facility_id: int
    facility_code: str
    facility_name: Text
    is_depot: bool
    item_id: int
    item_code: str
    item_name: Text
    unit: Text
    category: str
    is_essential: bool
    pack_units: int
    units: int
    computed: int
    days_on_site: int
    burn_units: float
    note: str
    held: int

    @property
    def missing(self) -> int:
        """Units below the list."""
        return max(self.units - self.held, 0)


@dataclass(frozen=True)
class SavedList:
    """A version with the lines of the person's facilities."""

    head: ListHead
    lines: tuple[ListLine, ...]
    may_decide: bool
    is_mine: bool


_HEADS = """
SELECT r.id, r.district_id, r.version, r.run_id, r.valid_from,
       (r.params ->> 'quantile')::float8 AS quantile, r.note, r.follows_id,
       (SELECT count(*) FROM planning_reserve_line l WHERE l.reserve_id = r.id) AS line_count,
       coalesce(d.kind, s.kind, 'draft') AS status, r.created_by AS created_by_id,
       concat_ws(' ', u.first_name, u.last_name) AS created_by, r.created_at,
       concat_ws(' ', b.first_name, b.last_name) AS decided_by, d.recorded_at AS decided_at,
       coalesce(d.reason, '') AS reason
FROM planning_reserve r
JOIN ab_user u ON u.id = r.created_by
LEFT JOIN planning_reserve_event s ON s.reserve_id = r.id AND s.kind = 'submitted'
LEFT JOIN planning_reserve_event d ON d.reserve_id = r.id AND d.kind IN ('approved', 'returned')
LEFT JOIN ab_user b ON b.id = d.recorded_by
WHERE (CAST(:district AS int) IS NULL OR r.district_id = :district)
  AND (CAST(:id AS bigint) IS NULL OR r.id = :id)
ORDER BY r.version DESC LIMIT 100
"""
_LINES = """
SELECT l.facility_id, f.code AS facility_code, f.name_vi AS facility_vi, f.name_en AS facility_en,
       f.is_depot, l.item_id, i.code AS item_code, i.name_vi, i.name_en, i.base_unit_vi,
       i.base_unit_en, i.category, i.is_essential,
       coalesce((SELECT p.units_per_pack FROM item_pack p WHERE p.item_id = i.id
                 ORDER BY p.is_default DESC, p.units_per_pack LIMIT 1), 1) AS pack_units,
       l.units, l.computed_units AS computed, l.days_on_site, l.burn_units, l.note
FROM planning_reserve_line l
JOIN facility f ON f.id = l.facility_id
JOIN item i ON i.id = l.item_id
WHERE l.reserve_id = :id
ORDER BY f.is_depot DESC, f.code, i.code
"""
_APPROVED = """
SELECT r.id FROM planning_reserve r
JOIN planning_reserve_event e ON e.reserve_id = r.id AND e.kind = 'approved'
WHERE r.district_id = :district AND r.valid_from <= :on
ORDER BY r.valid_from DESC, r.version DESC LIMIT 1
"""


def approved_reserve(district_id: int, on: dt.date | None = None) -> dict[tuple[int, int], int]:
    """(facility id, item id) -> base units to be held on a day (default today) by the newest approved
    list in force; empty where there is none. Only facilities of the acting person's scope."""
    with reading() as session:
        found = session.execute(
            text(_APPROVED), {"district": district_id, "on": on or today()}
        ).scalar()
        if found is None:
            return {}
        rows = session.execute(
            text(
                "SELECT facility_id, item_id, units FROM planning_reserve_line"
                " WHERE reserve_id = :id AND units > 0"
            ),
            {"id": found},
        )
        return {(row.facility_id, row.item_id): row.units for row in rows}


def reserve_lists(district_id: int) -> list[ListHead]:
    """All versions of a district's list, the newest first."""
    with reading() as session:
        found = session.execute(text(_HEADS), {"district": district_id, "id": None}).mappings()
        return [ListHead(**row) for row in found]


def reserve_list(list_id: int) -> SavedList:
    """One version against what is held now. Raises NotFound."""
    with reading() as session:
        row = session.execute(text(_HEADS), {"district": None, "id": list_id}).mappings().first()
        if row is None:
            raise NotFound(Text("Không có danh mục dự trữ này.", "There is no such reserve list."))
        head = ListHead(**row)
        slug = next(d.slug for d in catalog.districts() if d.id == head.district_id)
        held = _held(slug)
        lines = session.execute(text(_LINES), {"id": list_id}).mappings().all()
        decides = session.execute(
            text("SELECT CAST(:id AS int) = ANY (supply_decide_district_ids())"),
            {"id": head.district_id},
        ).scalar_one()
    return SavedList(
        head,
        tuple(_line(line, held) for line in lines),
        bool(decides),
        head.created_by_id == acting_user_id(),
    )


def _held(district_slug: str) -> dict[tuple[int, int], int]:
    """Usable stock by (facility, item)."""
    lots = inventory.on_hand_lots(district_slug)
    on = today()
    found: dict[tuple[int, int], int] = {}
    columns = ["facility_id", "item_id", "expiry", "quantity"]
    for facility, item, expiry, quantity in lots[columns].to_numpy():
        if expiry is None or expiry >= on:
            key = (int(facility), int(item))
            found[key] = found.get(key, 0) + int(quantity)
    return found


def _line(row: Mapping[Any, Any], held: Mapping[tuple[int, int], int]) -> ListLine:
    return ListLine(
        facility_id=row["facility_id"],
        facility_code=row["facility_code"],
        facility_name=Text(row["facility_vi"], row["facility_en"]),
        is_depot=row["is_depot"],
        item_id=row["item_id"],
        item_code=row["item_code"],
        item_name=Text(row["name_vi"], row["name_en"]),
        unit=Text(row["base_unit_vi"], row["base_unit_en"]),
        category=row["category"],
        is_essential=row["is_essential"],
        pack_units=row["pack_units"],
        units=row["units"],
        computed=row["computed"],
        days_on_site=row["days_on_site"],
        burn_units=row["burn_units"],
        note=row["note"],
        held=held.get((row["facility_id"], row["item_id"]), 0),
    )


# --- verbs -----------------------------------------------------------------------------------------


def make_reserve(
    district_slug: str,
    run_id: int | None = None,
    quantile: float = QUANTILE_USUAL,
    valid_from: dt.date | None = None,
    note: str = "",
) -> int:
    """Reckon the list from a run (a scenario's, or the newest forecast) and keep it as the next
    version, a draft; returns its id. Raises InvalidInput, NotFound, Conflict, NotAllowed."""
    if not 0.5 <= quantile <= 0.999:
        words = Text(
            "Mức bảo đảm phải từ 50 % đến 99,9 %.", "The level must be from 50 % to 99.9 %."
        )
        raise InvalidInput(faults=[Fault("quantile", words)])
    with transaction():
        district = catalog.district(district_slug)
        run = chosen_run(district, run_id)
        burn = forecast.stored_burn(run.id)
        facilities = catalog.facilities(district.id)
        items = catalog.items(burn.item_codes)
        days = load_on_site(today())
        kept = [
            Kept(days[i.category], next((p.units_per_pack for p in i.packs), 1), i.is_essential)
            for i in items
        ]
        lines = reserve_lines(burn, kept, [f.is_depot for f in facilities], quantile)
        if not lines:
            raise Conflict(
                Text(
                    "Lượt dự báo này không cần mặt hàng nào; hãy chọn lượt khác.",
                    "This run uses no item; please choose another one.",
                )
            )
        ids = [f.id for f in facilities], [i.id for i in items]
        rows = [_computed(line, *ids) for line in lines]
        head = {"run": run.id, "from": valid_from or today(), "note": note, "quantile": quantile}
        return _store(district.id, head, rows, None)


def _computed(line: ReserveLine, places: Sequence[int], items: Sequence[int]) -> dict[str, Any]:
    return {
        "facility": places[line.facility],
        "item": items[line.item],
        "units": line.units,
        "computed": line.units,
        "days": line.days,
        "burn": line.quantile_units,
        "note": "",
    }


def change_reserve(list_id: int, units: Mapping[tuple[int, int], int], note: str = "") -> int:
    """Other figures by hand for some (facility id, item id): the next version, a draft; returns its
    id. Raises NotFound, InvalidInput, Conflict (a version that is waiting to be decided)."""
    wrong = [n for n in units.values() if not 0 <= n <= UNITS_MAX]
    if wrong:
        words = Text(
            "Số dự trữ phải là số nguyên từ 0.", "A reserve must be a whole number from 0."
        )
        raise InvalidInput(faults=[Fault("units", words)])
    with transaction():
        found = reserve_list(list_id)
        if found.head.status == "submitted":
            raise Conflict(
                Text(
                    "Danh mục đang chờ duyệt, chưa sửa được.",
                    "The list is waiting for approval and cannot be changed.",
                )
            )
        rows = [
            {
                "facility": line.facility_id,
                "item": line.item_id,
                "units": units.get((line.facility_id, line.item_id), line.units),
                "computed": line.computed,
                "days": line.days_on_site,
                "burn": line.burn_units,
                "note": line.note,
            }
            for line in found.lines
        ]
        head = {
            "run": found.head.run_id,
            "from": max(found.head.valid_from, today()),
            "note": note or found.head.note,
            "quantile": found.head.quantile,
        }
        return _store(found.head.district_id, head, rows, list_id)


def _store(
    district_id: int, head: Mapping[str, Any], rows: list[dict[str, Any]], follows: int | None
) -> int:
    with transaction() as session:
        # One version after another, however many write at once.
        session.execute(text("SELECT pg_advisory_xact_lock(72045, :id)"), {"id": district_id})
        list_id = int(
            session.execute(
                text(
                    "INSERT INTO planning_reserve (district_id, version, run_id, valid_from, params,"
                    " note, follows_id, created_by) SELECT CAST(:district AS int),"
                    " 1 + coalesce(max(version), 0), :run, :from, CAST(:params AS jsonb), :note,"
                    " :follows, :me FROM planning_reserve WHERE district_id = :district"
                    " RETURNING id"
                ),
                {
                    "district": district_id,
                    "run": head["run"],
                    "from": head["from"],
                    "params": json.dumps({"quantile": head["quantile"]}),
                    "note": " ".join(str(head["note"]).split())[:500],
                    "follows": follows,
                    "me": acting_user_id(),
                },
            ).scalar_one()
        )
        session.execute(
            text(
                "INSERT INTO planning_reserve_line (reserve_id, facility_id, item_id, units,"
                " computed_units, days_on_site, burn_units, note) SELECT :id, x.facility, x.item,"
                " x.units, x.computed, x.days, x.burn, x.note"
                " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS x (facility int, item int,"
                " units bigint, computed bigint, days int, burn float8, note text)"
            ),
            {"id": list_id, "rows": json.dumps(rows, ensure_ascii=False)},
        )
    return list_id


def submit_reserve(list_id: int) -> None:
    """Send a draft for approval. Raises NotFound, NotAllowed (not its author), AlreadyDone."""
    with transaction():
        found = reserve_list(list_id)
        _expect(found, "draft")
        if not found.is_mine:
            raise NotAllowed(
                Text("Chỉ người lập gửi duyệt được.", "Only its author may send it for approval.")
            )
        _event(list_id, "submitted", "")


def approve_reserve(list_id: int) -> None:
    """A second person approves. Raises NotFound, NotAllowed (its author), AlreadyDone."""
    _decide(list_id, "approved", "")


def return_reserve(list_id: int, reason: str) -> None:
    """A second person sends it back, and says why. Raises InvalidInput, and as `approve_reserve`."""
    _decide(list_id, "returned", reason_of_return(reason))


def _decide(list_id: int, kind: str, reason: str) -> None:
    with transaction():
        found = reserve_list(list_id)
        _expect(found, "submitted")
        if found.is_mine:
            raise NotAllowed(
                Text(
                    "Người lập không tự duyệt được; xin người thứ hai duyệt.",
                    "Whoever made it cannot approve it; a second person does.",
                )
            )
        _event(list_id, kind, reason)


def _expect(found: SavedList, status: str) -> None:
    if found.head.status != status:
        state = STATUS_NAMES[found.head.status]
        raise AlreadyDone(
            Text(
                f"Danh mục này đang ở trạng thái: {state.vi.lower()}.",
                f"The state of this list is: {state.en.lower()}.",
            )
        )


def _event(list_id: int, kind: str, reason: str) -> None:
    with transaction() as session:
        session.execute(
            text(
                "INSERT INTO planning_reserve_event (reserve_id, kind, reason, recorded_by)"
                " VALUES (:id, :kind, :reason, :me)"
            ),
            {"id": list_id, "kind": kind, "reason": reason, "me": acting_user_id()},
        )
