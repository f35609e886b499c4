"""The minimum of an item in a store: a quantity that a person entered."""

from __future__ import annotations

from sqlalchemy import text

from supply.core.errors import Fault, InvalidInput, NotAllowed
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import transaction

QUANTITY_MAX = 1_000_000_000


def set_minimum(facility_id: int, item_id: int, quantity: int | None) -> None:
    """Enter the minimum (base units); None: the rule of days of use holds again.

    Raises InvalidInput for a quantity out of range, NotAllowed where the person neither keeps the
    store nor plans for its district.
    """
    if quantity is not None and not 0 <= quantity <= QUANTITY_MAX:
        raise InvalidInput(
            faults=[
                Fault(
                    "minimum",
                    Text(
                        "Mức tối thiểu phải là số nguyên từ 0 đến 1.000.000.000.",
                        "The minimum must be a whole number between 0 and 1,000,000,000.",
                    ),
                )
            ]
        )
    values = {
        "facility": facility_id,
        "item": item_id,
        "quantity": quantity,
        "user": acting_user_id(),
    }
    with transaction() as session:
        may = session.execute(
            text(
                "SELECT :facility = ANY (supply_write_ids()) OR (supply_has_role('planner')"
                " AND :facility = ANY (supply_read_ids()))"
            ),
            values,
        ).scalar()
        if not may:
            raise NotAllowed(
                Text(
                    "Chỉ thủ kho, thủ trưởng cơ sở hoặc người lập kế hoạch được đặt mức tối thiểu.",
                    "Only the storekeeper, the head of the facility or a planner sets minimums.",
                )
            )
        if quantity is None:
            session.execute(
                text("DELETE FROM stock_minimum WHERE facility_id = :facility AND item_id = :item"),
                values,
            )
            return
        session.execute(
            text(
                "INSERT INTO stock_minimum (facility_id, item_id, quantity, changed_by)"
                " VALUES (:facility, :item, :quantity, :user)"
                " ON CONFLICT (facility_id, item_id) DO UPDATE SET quantity = excluded.quantity,"
                " changed_by = excluded.changed_by, changed_at = now()"
            ),
            values,
        )
