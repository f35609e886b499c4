"""What others ask of allocation: the plans, one plan with its comparison, its transfers, how far it is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, text

from supply.allocation.models import PlanRow
from supply.allocation.words import CLASS_NAMES, POLICIES, TRIP_STATES
from supply.catalog import queries as catalog
from supply.core.errors import NotFound
from supply.core.scope import acting_user_id
from supply.core.text import Text, group_digits
from supply.core.transaction import reading
from supply.inventory import queries as inventory

_DRAFTS_MAX = 10_000
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]+")


@dataclass(frozen=True)
class Progress:
    """How far an approved plan is, in transfer documents that the reader may see. `discarded` drafts
    were thrown away by their sender, `reversed` documents undone; neither will arrive."""

    drafts: int = 0
    waiting: int = 0
    under_way: int = 0
    received: int = 0
    discarded: int = 0
    reversed: int = 0
    trip_states: Mapping[int, str] = field(default_factory=dict)
    """draft id → waiting, under_way, received, reversed or discarded"""

    @property
    def state(self) -> str:
        """The plan's place on the state bar, once approved."""
        if self.drafts and not self.waiting and not self.under_way:
            return "done"
        return "under_way" if self.under_way or self.received else "approved"


@dataclass(frozen=True)
class PlanHead:
    """A plan in a list; shortages in weighted points (docs/formats)."""

    id: int
    district_name: str
    district_slug: str
    policy: str
    state: str
    start: dt.date
    horizon_days: int
    created_at: dt.datetime
    created_by: str
    transfers: int
    no_transfer: int
    proportional: int
    plan: int
    bound: int

    @property
    def relief_percent(self) -> float:
        """How much of the shortage the plan takes away."""
        return (
            100.0 * (self.no_transfer - self.plan) / self.no_transfer if self.no_transfer else 0.0
        )

    @property
    def gap_percent(self) -> float:
        """At most how far the plan is from the best there can be, in % of its shortage."""
        return 100.0 * (self.plan - self.bound) / self.plan if self.plan else 0.0


@dataclass(frozen=True)
class TransferRow:
    """One lot from one place to another; `quantity` base units, in packs where they come out."""

    origin: str
    origin_name: Text
    destination: str
    destination_name: Text
    item: str
    item_name: Text
    unit: Text
    lot: str
    expiry: dt.date | None
    day: dt.date
    quantity: int
    in_packs: Text
    litres: float
    draft_id: int | None


@dataclass(frozen=True)
class CoverageRow:
    """A facility: class → coverage without transfers and with the plan, 0 … 1, None without need."""

    code: str
    name: Text
    before: dict[str, float]
    after: dict[str, float]
    reasons: tuple[tuple[str, Text], ...]

    @property
    def worst(self) -> float:
        """The lowest coverage the plan leaves, for the order of the table."""
        return min(self.after.values(), default=1.0)


@dataclass(frozen=True)
class ClassRow:
    """A class: units needed, unmet each way, and the lowest coverage of any facility each way."""

    name: str
    needed: int
    no_transfer: int
    proportional: int
    plan: int
    worst: Mapping[str, float]

    def coverage(self, way: str) -> float:
        """Share of the units needed that is served, 0 … 1."""
        return 1.0 - float(getattr(self, way)) / self.needed


@dataclass(frozen=True)
class ItemRow:
    """An item: units needed, and unmet each way."""

    code: str
    name: Text
    unit: Text
    needed: int
    no_transfer: int
    proportional: int
    plan: int


@dataclass(frozen=True)
class PlanView:
    """Everything a person needs to defend a plan, or turn it down."""

    head: PlanHead
    status: str
    run_id: int
    params: Mapping[str, Any]
    solver_status: str
    model_version: str
    seconds: float
    weights: Mapping[str, int]
    short_pairs: Mapping[str, int]
    transfer_counts: Mapping[str, int]
    classes: tuple[ClassRow, ...]
    items: tuple[ItemRow, ...]
    coverage: tuple[CoverageRow, ...]
    transfers: tuple[TransferRow, ...]
    notes: tuple[Text, ...]
    compared: Mapping[str, Any]
    """what is kept beside the plan (`supply.allocation.comparison`)"""
    progress: Progress
    approved_by: str
    approved_at: dt.datetime | None
    rejected_by: str
    rejected_at: dt.datetime | None
    reject_reason: str
    is_mine: bool
    """the reader made it, so somebody else approves it"""
    ended_by: str
    ended_at: dt.datetime | None
    end_reason: str


_HEADS = """
SELECT p.id, d.name AS district_name, d.slug AS district_slug, p.policy, p.status, p.drafts,
       p.ended_by IS NOT NULL AS is_ended,
       (p.instance->>'start')::date AS start, (p.instance->>'horizon_days')::int AS horizon_days,
       p.created_at, concat_ws(' ', u.first_name, u.last_name) AS created_by,
       (p.comparison->'transfers'->>'plan')::int AS transfers,
       (p.result->'shortage'->>'no_transfer')::bigint AS no_transfer,
       (p.result->'shortage'->>'proportional')::bigint AS proportional,
       (p.result->'shortage'->>'plan')::bigint AS plan,
       (p.result->'shortage'->>'bound')::bigint AS bound
FROM plan p JOIN district d ON d.id = p.district_id JOIN ab_user u ON u.id = p.created_by
"""
_LIST = """
WHERE (CAST(:district AS text) IS NULL OR d.slug = :district)
  AND (CAST(:status AS text) IS NULL OR p.status = :status)
ORDER BY p.id DESC LIMIT :limit
"""


def plans(
    district_slug: str | None = None, status: str | None = None, limit: int = 100
) -> list[PlanHead]:
    """Plans of the reader's districts, newest first."""
    with reading() as session:
        rows = (
            session.execute(
                text(_HEADS + _LIST), {"district": district_slug, "status": status, "limit": limit}
            )
            .mappings()
            .all()
        )
        return [_head(row, _progress(row["id"], row["drafts"])) for row in rows]


def waiting_plans() -> list[PlanHead]:
    """Plans that wait for a decision."""
    return plans(status="proposed")


def plan_progress(plan_id: int) -> Progress:
    """How far a plan is. Raises NotFound."""
    with reading() as session:
        row = session.execute(
            select(PlanRow.id, PlanRow.drafts).where(PlanRow.id == plan_id)
        ).one_or_none()
        if row is None:
            raise NotFound(Text("Không có kế hoạch này.", "There is no such plan."))
        return _progress(row.id, row.drafts)


def _head(row: Mapping[Any, Any], progress: Progress) -> PlanHead:
    plain = {name: row[name] for name in PlanHead.__dataclass_fields__ if name != "state"}
    state = progress.state if row["status"] == "approved" else row["status"]
    if row["is_ended"]:
        state = "ended"
    return PlanHead(state=state, **plain)


def _progress(plan_id: int, drafts: list[dict[str, Any]] | None) -> Progress:
    """From what the inventory says of the drafts made; those of other stores do not appear to a
    reader who sees only some facilities."""
    if not drafts:
        return Progress()
    origin = f"plan:{plan_id}"
    seen = {
        d.id: d for d in inventory.drafts(origin=origin, include_posted=True, limit=_DRAFTS_MAX)
    }
    mine = {f.code for f in catalog.facilities()}
    expected = [row for row in drafts if row["from"] in mine]
    sent = {
        d.id: d
        for d in inventory.documents(
            kinds=["transfer_dispatch"], origin=origin, limit=_DRAFTS_MAX
        ).rows
    }
    on_the_way = set(inventory.in_transit()["dispatch_id"]) if sent else set()

    def state(draft_id: int) -> str:
        draft = seen.get(draft_id)
        if draft is None:
            return "discarded"
        document = sent.get(draft.posted_document_id or 0)
        if document is None:
            return "waiting"
        if document.reversed_by_id is not None:
            return "reversed"
        return "under_way" if document.id in on_the_way else "received"

    states = {row["draft"]: state(row["draft"]) for row in expected}
    return Progress(
        drafts=len(expected),
        trip_states=states,
        **{name: list(states.values()).count(name) for name in TRIP_STATES},
    )


# --- one plan ------------------------------------------------------------------------------------

_ONE = (
    _HEADS.replace(
        "FROM plan p",
        """, p.run_id, p.params, p.result - 'quotas' AS result, p.comparison, p.reject_reason,
       p.instance->'lots' AS lots, p.instance->'arrivals' AS arrivals, p.approved_at, p.rejected_at,
       p.ended_at, p.end_reason, p.created_by AS created_by_id,
       concat_ws(' ', e.first_name, e.last_name) AS ended_by,
       concat_ws(' ', a.first_name, a.last_name) AS approved_by,
       concat_ws(' ', r.first_name, r.last_name) AS rejected_by
FROM plan p""",
    )
    + """
LEFT JOIN ab_user a ON a.id = p.approved_by LEFT JOIN ab_user r ON r.id = p.rejected_by
LEFT JOIN ab_user e ON e.id = p.ended_by
WHERE p.id = :id
"""
)


def plan(plan_id: int) -> PlanView:
    """One plan in full. Raises NotFound, also for another district's."""
    with reading() as session:
        row = session.execute(text(_ONE), {"id": plan_id}).mappings().one_or_none()
        if row is None:
            raise NotFound(Text("Không có kế hoạch này.", "There is no such plan."))
        progress = _progress(plan_id, row["drafts"])
        names = Names.read()
    result, compared = row["result"], row["comparison"]
    return PlanView(
        head=_head(row, progress),
        status=row["status"],
        run_id=row["run_id"],
        params=row["params"],
        solver_status=result["status"],
        model_version=result["model_version"],
        seconds=sum(result["seconds"].values()),
        weights=result["weights"],
        short_pairs=compared["short_pairs"],
        transfer_counts=compared["transfers"],
        classes=_classes(compared),
        items=tuple(names.item_row(one) for one in compared["items"]),
        coverage=_coverage(compared["coverage"], result["reasons"], names),
        transfers=_transfers(row, names),
        notes=tuple(Text(note["vi"], note["en"]) for note in compared["notes"]),
        compared=compared,
        progress=progress,
        approved_by=row["approved_by"],
        approved_at=row["approved_at"],
        rejected_by=row["rejected_by"],
        rejected_at=row["rejected_at"],
        reject_reason=row["reject_reason"],
        is_mine=row["created_by_id"] == acting_user_id(),
        ended_by=row["ended_by"],
        ended_at=row["ended_at"],
        end_reason=row["end_reason"],
    )


def stored(plan_id: int, part: str) -> dict[str, Any]:
    """A plan's `instance` or `result` as they stand in docs/formats, to be proved again elsewhere."""
    column = {"instance": PlanRow.instance, "result": PlanRow.result}[part]
    with reading() as session:
        found: dict[str, Any] | None = session.scalar(select(column).where(PlanRow.id == plan_id))
    if found is None:
        raise NotFound(Text("Không có kế hoạch này.", "There is no such plan."))
    return found


def _classes(compared: Mapping[str, Any]) -> tuple[ClassRow, ...]:
    def worst(name: str) -> dict[str, float]:
        return {
            way: min((r["coverage"] for r in rows if r["class"] == name), default=1.0)
            for way, rows in compared["coverage"].items()
        }

    found = compared["classes"]
    return tuple(ClassRow(n, **found[n], worst=worst(n)) for n in CLASS_NAMES if n in found)


@dataclass(frozen=True)
class Names:
    """Names behind the codes; a code that has left the catalogue since stands for itself."""

    facilities: dict[str, Text]
    items: dict[str, catalog.ItemRow]

    @staticmethod
    def read() -> Names:
        """The names the reader may see."""
        return Names(
            {f.code: f.name for d in catalog.districts() for f in places_of(d.id)},
            {i.code: i for i in catalog.items()},
        )

    def facility(self, code: str) -> Text:
        """A facility's name."""
        return self.facilities.get(code, Text(code, code))

    def item(self, code: str) -> Text:
        """An item's name."""
        return self.items[code].name if code in self.items else Text(code, code)

    def unit(self, code: str) -> Text:
        """An item's base unit."""
        return self.items[code].base_unit if code in self.items else Text("", "")

    def item_row(self, row: dict[str, Any]) -> ItemRow:
        """A row of the comparison with its names."""
        code = row["item"]
        figures = {k: v for k, v in row.items() if k != "item"}
        return ItemRow(code=code, name=self.item(code), unit=self.unit(code), **figures)

    def in_packs(self, code: str, quantity: int) -> Text:
        """ "6 hộp", or "5 hộp + 20 viên"; nothing for an item without a pack."""
        item = self.items.get(code)
        pack = next((p for p in item.packs if p.is_default), None) if item else None
        if item is None or pack is None:
            return Text("", "")
        packs, rest = divmod(quantity, pack.units_per_pack)
        if packs == 0:
            return Text("", "")
        end = Text("", "")
        if rest:
            end = Text(f" + {rest} {item.base_unit.vi}", f" + {rest} {item.base_unit.en}")
        return Text(
            f"{group_digits(packs)} × {pack.name.vi}{end.vi}",
            f"{group_digits(packs)} × {pack.name.en}{end.en}",
        )

    def litres(self, code: str, quantity: int) -> float:
        """The volume of a quantity."""
        return self.items[code].litres_per_unit * quantity if code in self.items else 0.0

    def in_words(self, words: Text) -> Text:
        """A reason with names in place of codes."""

        def name(found: re.Match[str], language: str) -> str:
            code = found.group()
            known = self.facilities.get(code) or (self.item(code) if code in self.items else None)
            return known.in_language(language) if known else code

        return Text(
            _CODE.sub(lambda found: name(found, "vi"), words.vi),
            _CODE.sub(lambda found: name(found, "en"), words.en),
        )


def places_of(district_id: int) -> list[catalog.FacilityRow]:
    """All active facilities of a district: the names in a plan are known to all who may read it."""
    mine = catalog.facilities(district_id)
    return mine + catalog.neighbours(mine[0].id) if mine else []


def _coverage(
    ways: dict[str, list[dict[str, Any]]], reasons: list[dict[str, Any]], names: Names
) -> tuple[CoverageRow, ...]:
    def by_facility(way: str) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {}
        for row in ways[way]:
            found.setdefault(row["facility"], {})[row["class"]] = row["coverage"]
        return found

    told: dict[str, list[tuple[str, Text]]] = {}
    for reason in reasons:
        words = names.in_words(Text(reason["text_vi"], reason["text_en"]))
        told.setdefault(reason["facility"], []).append((reason["class"], words))
    before, after = by_facility("no_transfer"), by_facility("plan")
    rows = [
        CoverageRow(
            code, names.facility(code), before[code], after[code], tuple(told.get(code, ()))
        )
        for code in before
    ]
    return tuple(sorted(rows, key=lambda row: (row.worst, row.code)))


def _transfers(row: Mapping[Any, Any], names: Names) -> tuple[TransferRow, ...]:
    drafts = {(d["from"], d["to"], d["day"]): d["draft"] for d in row["drafts"] or ()}
    expiry = {(s["item"], s["lot"]): s["expiry"] for s in (*row["lots"], *row["arrivals"])}
    return tuple(
        TransferRow(
            origin=t["from"],
            origin_name=names.facility(t["from"]),
            destination=t["to"],
            destination_name=names.facility(t["to"]),
            item=t["item"],
            item_name=names.item(t["item"]),
            unit=names.unit(t["item"]),
            lot=t["lot"],
            expiry=_day(expiry.get((t["item"], t["lot"]))),
            day=row["start"] + dt.timedelta(days=t["day"]),
            quantity=t["quantity"],
            in_packs=names.in_packs(t["item"], t["quantity"]),
            litres=names.litres(t["item"], t["quantity"]),
            draft_id=drafts.get((t["from"], t["to"], t["day"])),
        )
        for t in row["result"]["transfers"]
    )


def _day(written: str | None) -> dt.date | None:
    return None if written is None else dt.date.fromisoformat(written)


def policy_name(policy: str) -> Text:
    """What a policy is called."""
    return POLICIES[policy].name
