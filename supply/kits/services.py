"""The verbs of kits: assemble, break up, issue, send; a new version; drafts for what is missing.

Every movement goes through the inventory's door with `details` that name the kit; how many kits there
are follows from those documents. The facility is held while it is counted, and the database checks
once more (kit_counts_hold), so that two people cannot give the last kits twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from supply.core.clock import today
from supply.core.errors import (
    AlreadyDone,
    Conflict,
    Fault,
    InvalidInput,
    KeyReused,
    NotEnoughStock,
    SupplyError,
)
from supply.core.scope import acting_user_id
from supply.core.text import Text, group_digits
from supply.core.transaction import add_translator, transaction
from supply.inventory import services as stock
from supply.inventory.documents import (
    Issue,
    IssueLine,
    KitAssembly,
    KitBreakup,
    TransferDispatch,
)
from supply.inventory.services import Posted
from supply.kits import queries
from supply.kits.asked import (
    KitOrder,
    NewKit,
    NewVersion,
    kit_faults,
    order_faults,
    version_faults,
)
from supply.kits.explode import explode, take
from supply.kits.rows import Kit

__all__ = [
    "KitOrder",
    "NewKit",
    "NewVersion",
    "add_kit",
    "add_version",
    "assemble",
    "break_up",
    "draft_transfer_of_missing",
    "issue_kits",
    "send_kits",
]


def _explain(state: str, _code: str, details: Mapping[str, Any]) -> SupplyError | None:
    """What the trigger of migrations/sql/0012_1_kits.sql refuses."""
    name = Text(str(details.get("name_vi", "")), str(details.get("name_en", "")))
    if state == "SP431":
        return NotEnoughStock(
            Text(
                f"Không đủ bộ {name.vi}: thiếu {details.get('missing')} bộ.",
                f"Not enough of {name.en}: {details.get('missing')} kits short.",
            )
        )
    if state == "SP432":
        return Conflict(
            Text(
                f"{name.vi} trong các bộ đã lắp sẽ không còn đủ; hãy tháo bộ trước.",
                f"The assembled kits would lack {name.en}; break kits up first.",
            )
        )
    return None


add_translator(_explain)


def assemble(order: KitOrder) -> Posted:
    """Make kits of the store's goods, first expired first, as the kit is made on that day.

    Raises InvalidInput, NotFound, NotEnoughStock (components by line), NotAllowed.
    """
    kit = _checked(order)
    version = kit.version.version
    return stock.post(
        KitAssembly(
            lines=_lines(explode(kit.version.parts, order.count)),
            details=_details(order, {version: order.count}),
            **_head(order),
        )
    )


def break_up(order: KitOrder) -> Posted:
    """Take kits apart, oldest version first; what has expired comes back to the store too."""
    _checked(order)
    with transaction():
        taken = _taken(order)
        return stock.post(
            KitBreakup(
                lines=_lines(_components(order.kit_code, taken)),
                details=_details(order, taken),
                **_head(order),
            )
        )


def issue_kits(order: KitOrder) -> Posted:
    """Give kits out, oldest version first. Raises NotEnoughStock: there are not so many kits, or what
    is in them has expired."""
    _checked(order)
    with transaction():
        taken = _taken(order)
        return stock.post(
            Issue(
                lines=_lines(_components(order.kit_code, taken)),
                details=_details(order, taken),
                from_place="kit",
                purpose=order.purpose,
                recipient=order.recipient,
                **_head(order),
            )
        )


def send_kits(order: KitOrder) -> Posted:
    """Send kits to another facility, where they arrive as their components."""
    _checked(order)
    if order.to_facility_id is None:
        raise InvalidInput(
            faults=[Fault("to_facility", Text("Hãy chọn nơi nhận.", "Choose the receiver."))]
        )
    with transaction():
        taken = _taken(order)
        return stock.post(
            TransferDispatch(
                lines=_lines(_components(order.kit_code, taken)),
                details=_details(order, taken),
                from_place="kit",
                counterpart_facility_id=order.to_facility_id,
                recipient=order.recipient,
                **_head(order),
            )
        )


def _checked(order: KitOrder) -> Kit:
    faults = order_faults(order)
    if faults:
        raise InvalidInput(faults=faults)
    kit = queries.kit(order.kit_code, order.happened_on)
    if kit.by_beds:
        raise InvalidInput(
            faults=[
                Fault(
                    "kit",
                    Text(
                        f"{kit.name.vi} tính theo giường, không lắp thành bộ.",
                        f"{kit.name.en} is counted by beds and not assembled.",
                    ),
                )
            ]
        )
    return kit


def _taken(order: KitOrder) -> dict[int, int]:
    """Version -> kits to take, with the facility held. What was posted with this key before is taken
    as it was then, so that a retry is the same request."""
    kit = queries.kit(order.kit_code)
    with transaction() as session:
        session.execute(text("SELECT store_lock(:f)"), {"f": order.facility_id})
        posted = session.execute(
            text("SELECT details FROM document WHERE client_key = :key"), {"key": order.client_key}
        ).scalar_one_or_none()
    if posted is not None:
        if posted.get("kit") != order.kit_code or posted.get("count") != order.count:
            raise KeyReused()
        return {int(version): int(n) for version, n in posted["versions"].items()}
    there = queries.counts([order.facility_id]).get((order.facility_id, kit.id), {})
    taken = take(there, order.count)
    if taken is None:
        total = sum(there.values())
        raise NotEnoughStock(
            Text(
                f"Không đủ bộ {kit.name.vi}: còn {group_digits(total)} bộ đã lắp, cần "
                f"{group_digits(order.count)}.",
                f"Not enough of {kit.name.en}: {group_digits(total)} assembled, {group_digits(order.count)} asked.",
            )
        )
    return taken


def _components(code: str, taken: Mapping[int, int]) -> dict[str, int]:
    """Items of kits of several versions together."""
    by_version = {v.version: v for v in queries.versions(code)}
    found: Counter[str] = Counter()
    for version, count in taken.items():
        found.update(explode(by_version[version].parts, count))
    return dict(found)


def _lines(components: Mapping[str, int]) -> list[IssueLine]:
    return [IssueLine(item_code=item, quantity=n) for item, n in sorted(components.items())]


def _details(order: KitOrder, versions: Mapping[int, int]) -> dict[str, Any]:
    return {
        "kit": order.kit_code,
        "count": order.count,
        "versions": {str(version): n for version, n in sorted(versions.items())},
    }


def _head(order: KitOrder) -> dict[str, Any]:
    return {
        "facility_id": order.facility_id,
        "happened_on": order.happened_on,
        "client_key": order.client_key,
        "note": order.note,
        "origin": f"kit:{order.kit_code}",
    }


# --- definitions ---------------------------------------------------------------------------------


def add_kit(kit: NewKit, first: NewVersion) -> int:
    """A new kit with what it is made of; returns its id. Raises InvalidInput, AlreadyDone (the code is
    taken), NotAllowed (planner or administrator)."""
    faults = kit_faults(kit) + version_faults(first, by_beds=kit.kind == "opening_set")
    if faults:
        raise InvalidInput(faults=faults)
    with transaction() as session:
        made = session.execute(
            text(
                "INSERT INTO kit (code, name_vi, name_en, kind, rule_vi, rule_en)"
                " VALUES (:code, :name_vi, :name_en, :kind, :rule_vi, :rule_en)"
                " ON CONFLICT (code) DO NOTHING RETURNING id"
            ),
            {
                "code": kit.code,
                "name_vi": kit.name.vi.strip(),
                "name_en": kit.name.en.strip(),
                "kind": kit.kind,
                "rule_vi": kit.rule.vi.strip(),
                "rule_en": kit.rule.en.strip(),
            },
        ).scalar_one_or_none()
        if made is None:
            words = Text(f"Mã {kit.code} đã có bộ khác dùng.", f"The code {kit.code} is taken.")
            raise AlreadyDone(words, [Fault("code", words)])
        _enter_version(int(made), first, by_beds=kit.kind == "opening_set")
        return int(made)


def add_version(new: NewVersion) -> int:
    """What a kit is made of from a day on; older versions stay for the kits made of them. Returns the
    version's number. Raises InvalidInput, NotFound, NotAllowed (planner or administrator)."""
    kit = queries.kit(new.kit_code)
    faults = version_faults(new, by_beds=kit.by_beds)
    if faults:
        raise InvalidInput(faults=faults)
    return _enter_version(kit.id, new, by_beds=kit.by_beds)


def _enter_version(kit_id: int, new: NewVersion, *, by_beds: bool) -> int:
    with transaction() as session:
        made = session.execute(
            text(
                "INSERT INTO kit_version (kit_id, version, valid_from, source, assumed, created_by)"
                " SELECT :kit, 1 + coalesce(max(version), 0), :day, :source, :assumed, :user"
                " FROM kit_version WHERE kit_id = :kit RETURNING id, version"
            ),
            {
                "kit": kit_id,
                "day": new.valid_from,
                "source": new.source.strip(),
                "assumed": new.assumed,
                "user": acting_user_id(),
            },
        ).one()
        for line, part in enumerate(new.components, 1):
            done = session.execute(
                text(
                    "INSERT INTO kit_component (version_id, item_id, quantity, per_beds)"
                    " SELECT :version, id, :quantity, :beds FROM item WHERE code = :item"
                ),
                {
                    "version": made.id,
                    "quantity": part.quantity,
                    "beds": part.per_beds if by_beds else None,
                    "item": part.item_code,
                },
            )
            if done.rowcount != 1:  # type: ignore[attr-defined]
                words = Text(
                    f"Không có mặt hàng mã “{part.item_code}”.",
                    f"There is no item with code “{part.item_code}”.",
                )
                raise InvalidInput(faults=[Fault("item", words, line)])
        return int(made.version)


# --- what is missing -----------------------------------------------------------------------------


def draft_transfer_of_missing(
    facility_id: int, code: str, count: int, from_facility_id: int
) -> int:
    """Prepare a transfer of what `facility_id` lacks for `count` kits (or beds), as much as another
    store can use of it; its storekeeper checks and posts the draft. Returns the draft's id.

    Raises Conflict (nothing is missing, or the other store has none of it), NotAllowed.
    """
    kit = queries.kit(code)
    missing = {
        row.need.item_code: row.need.missing
        for row in queries.needs(facility_id, code, count)
        if row.need.missing
    }
    there = queries.usable(from_facility_id, missing)
    lines = [
        IssueLine(item_code=item, quantity=min(n, there[item]), asked_quantity=n)
        for item, n in sorted(missing.items())
        if there.get(item, 0) > 0
    ]
    if not lines:
        raise Conflict(
            Text(
                "Kho này không có mặt hàng nào đang thiếu.",
                "This store has none of what is missing.",
            )
        )
    return stock.save_draft(
        TransferDispatch(
            facility_id=from_facility_id,
            counterpart_facility_id=facility_id,
            lines=lines,
            happened_on=today(),
            origin=f"kit:{code}",
            note=f"{kit.name.vi}: {group_digits(count)} {'giường' if kit.by_beds else 'bộ'}",
        )
    )
