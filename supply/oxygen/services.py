"""The verbs of oxygen: what flows, cylinders to patients and back, to the supplier and back.

Every movement goes through the inventory's door; only what flows is this room's own record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from supply.core.errors import Conflict, Fault, InvalidInput, KeyReused, SupplyError
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import add_translator, transaction
from supply.inventory import services as stock
from supply.inventory.documents import (
    CylinderEmpty,
    CylinderExchange,
    CylinderLine,
    CylinderSend,
    EmptyLine,
    Issue,
    IssueLine,
)
from supply.inventory.services import Posted
from supply.oxygen import gas, queries
from supply.oxygen.asked import (
    CylinderOrder,
    ExchangeOrder,
    FlowEntry,
    NewNorm,
    NewSize,
    cylinder_faults,
    exchange_faults,
    figure_faults,
    flow_faults,
    shell_faults,
)
from supply.oxygen.rows import Size
from supply.oxygen.words import NORM_NAMES

__all__ = [
    "CylinderOrder",
    "ExchangeOrder",
    "FlowEntry",
    "NewNorm",
    "NewSize",
    "add_norm",
    "add_size",
    "exchange",
    "record_flow",
    "send_empties",
    "take_empties_back",
    "use_cylinders",
]


def _explain(state: str, _code: str, _details: dict[str, object]) -> SupplyError | None:
    if state == "SP441":
        return Conflict(
            Text(
                "Lưu lượng đã ghi không sửa; hãy ghi số mới.",
                "A flow is not changed; enter a new one.",
            )
        )
    return None


add_translator(_explain)


def _sizes() -> dict[str, Size]:
    return {size.code: size for size in queries.sizes()}


_FLOW = """
INSERT INTO oxygen_flow (facility_id, severe_patients, critical_patients, litres_per_minute,
                         by_patients, open_cylinders, note, client_key, entered_by)
VALUES (:facility, :severe, :critical, :flow, :by_patients, CAST(:open AS jsonb), :note, :key, :user)
ON CONFLICT (client_key) DO NOTHING RETURNING id
"""


def record_flow(entry: FlowEntry) -> int:
    """Keep what flows now, from patients by tier or as a total; returns its id. The same key twice is
    one record. Raises InvalidInput, NotAllowed."""
    faults = flow_faults(entry, _sizes())
    if faults:
        raise InvalidInput(faults=faults)
    norms = queries.norms()
    flow = entry.litres_per_minute
    by_patients = flow is None
    if flow is None:
        flow = gas.flow_litres_per_minute(
            entry.severe_patients,
            entry.critical_patients,
            norms.severe_litres_per_minute,
            norms.critical_litres_per_minute,
        )
    with transaction() as session:
        made = session.execute(
            text(_FLOW),
            {
                "facility": entry.facility_id,
                "severe": entry.severe_patients,
                "critical": entry.critical_patients,
                "flow": round(flow, 1),
                "by_patients": by_patients,
                "open": json.dumps(
                    [{"item": one.size_code, "bar": one.bar} for one in entry.open_cylinders]
                ),
                "note": entry.note.strip(),
                "key": entry.client_key,
                "user": acting_user_id(),
            },
        ).scalar_one_or_none()
        if made is None:
            made = session.execute(
                text("SELECT id FROM oxygen_flow WHERE client_key = :key"),
                {"key": entry.client_key},
            ).scalar_one_or_none()
        if made is None:
            raise KeyReused()
        return int(made)


def use_cylinders(order: CylinderOrder) -> Posted:
    """Full cylinders to patients, first expired first. Raises InvalidInput, NotEnoughStock."""
    _check(order, shells=False)
    lines = [IssueLine(item_code=code, quantity=n) for code, n in _some(order.cylinders)]
    return stock.post(
        Issue(lines=lines, purpose="patient", recipient=order.recipient, **_head(order))
    )


def take_empties_back(order: CylinderOrder) -> Posted:
    """Used-up cylinders come back as shells, no more than are in use by the book. The fund is whose
    shells they are. Raises InvalidInput, NotAllowed."""
    sizes = _check(order, shells=True)
    if not order.fund_code:
        raise InvalidInput(faults=[Fault("fund", Text("Hãy chọn nguồn quỹ.", "Choose the fund."))])
    with transaction() as session:
        session.execute(text("SELECT store_lock(:f)"), {"f": order.facility_id})
        posted = session.execute(
            text("SELECT 1 FROM document WHERE client_key = :key"), {"key": order.client_key}
        ).one_or_none()
        if posted is None:
            _no_more_than_in_use(order)
        lines = [
            EmptyLine(item_code=sizes[code].empty_code or "", quantity=n, fund_code=order.fund_code)
            for code, n in _some(order.cylinders)
        ]
        return stock.post(CylinderEmpty(lines=lines, **_head(order)))


def _no_more_than_in_use(order: CylinderOrder) -> None:
    there = {c.size.code: c for c in queries.at(order.facility_id).cylinders}
    faults = [
        Fault(
            f"cylinders-{code}",
            Text(
                f"{there[code].size.name.vi}: theo sổ chỉ có {there[code].in_use} bình đang dùng. Vỏ có "
                "từ trước khi lập sổ thì nhập bằng phiếu tồn đầu.",
                f"{there[code].size.name.en}: by the book {there[code].in_use} are in use. Shells from "
                "before the books are entered as an opening balance.",
            ),
        )
        for code, n in _some(order.cylinders)
        if n > there[code].in_use
    ]
    if faults:
        raise InvalidInput(faults=faults)


def send_empties(order: CylinderOrder) -> Posted:
    """Empty shells to the supplier to be filled; they stay the facility's."""
    sizes = _check(order, shells=True)
    lines = [
        IssueLine(item_code=sizes[code].empty_code or "", quantity=n)
        for code, n in _some(order.cylinders)
    ]
    return stock.post(CylinderSend(lines=lines, recipient=order.recipient, **_head(order)))


def exchange(order: ExchangeOrder) -> Posted:
    """Full cylinders in, empties out, one for one or with the difference named; with
    `from_supplier` for those the supplier already has. Raises InvalidInput, NotEnoughStock."""
    sizes = _sizes()
    faults = exchange_faults(order, sizes)
    if faults:
        raise InvalidInput(faults=faults)
    lines = [
        CylinderLine(
            item_code=code,
            quantity=n,
            direction="in",
            fund_code=order.fund_code,
            unit_price_vnd=order.prices_vnd[code],
        )
        for code, n in _some(order.full)
    ]
    lines += [
        CylinderLine(item_code=sizes[code].empty_code or "", quantity=n, direction="out")
        for code, n in _some(order.empties)
    ]
    return stock.post(
        CylinderExchange(
            facility_id=order.facility_id,
            lines=lines,
            partner_code=order.partner_code,
            from_place="refill" if order.from_supplier else "store",
            happened_on=order.happened_on,
            paper_reference=order.paper_reference,
            reason=order.difference_reason.strip(),
            details={"differences": gas.exchange_differences(order.full, order.empties)},
            client_key=order.client_key,
        )
    )


def _check(order: CylinderOrder, *, shells: bool) -> dict[str, Size]:
    sizes = _sizes()
    faults = cylinder_faults(order.cylinders, sizes)
    if shells:
        faults += shell_faults(order.cylinders, sizes)
    if faults:
        raise InvalidInput(faults=faults)
    return sizes


def _some(cylinders: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(code, n) for code, n in sorted(cylinders.items()) if n]


def _head(order: CylinderOrder) -> dict[str, Any]:
    return {
        "facility_id": order.facility_id,
        "happened_on": order.happened_on,
        "client_key": order.client_key,
        "note": order.note,
    }


# --- figures -------------------------------------------------------------------------------------


def add_norm(new: NewNorm) -> None:
    """A figure from a day on; earlier ones stay for earlier days. Raises InvalidInput, Conflict (this
    day has one already), NotAllowed (planner or administrator)."""
    faults = figure_faults(new)
    if new.name not in NORM_NAMES:
        faults.append(Fault("name", Text("Hãy chọn một định mức.", "Choose a figure.")))
    if faults:
        raise InvalidInput(faults=faults)
    with transaction() as session:
        session.execute(
            text(
                "INSERT INTO oxygen_norm (name, value, valid_from, source, confirmed, created_by)"
                " VALUES (:name, :value, :day, :source, :confirmed, :user)"
            ),
            {
                "name": new.name,
                "value": new.value,
                "day": new.valid_from,
                "source": new.source.strip(),
                "confirmed": new.confirmed,
                "user": acting_user_id(),
            },
        )


def add_size(new: NewSize) -> None:
    """What a known size of cylinder holds from a day on. Raises as `add_norm`."""
    faults = figure_faults(new)
    if new.code not in _sizes():
        faults.append(Fault("code", Text("Hãy chọn loại bình.", "Choose the size.")))
    if faults:
        raise InvalidInput(faults=faults)
    with transaction() as session:
        session.execute(
            text(
                "INSERT INTO oxygen_size (full_item_id, empty_item_id, name_vi, name_en,"
                " water_litres, pressure_bar, gas_litres, valid_from, source, confirmed, created_by)"
                " SELECT s.full_item_id, s.empty_item_id, s.name_vi, s.name_en, :water, :bar, :gas,"
                " :day, :source, :confirmed, :user FROM oxygen_size s"
                " JOIN item i ON i.id = s.full_item_id WHERE i.code = :code"
                " ORDER BY s.valid_from DESC LIMIT 1"
            ),
            {
                "code": new.code,
                "water": new.water_litres,
                "bar": new.pressure_bar,
                "gas": new.gas_litres,
                "day": new.valid_from,
                "source": new.source.strip(),
                "confirmed": new.confirmed,
                "user": acting_user_id(),
            },
        )
