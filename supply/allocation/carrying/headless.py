"""An approved plan carried out without a screen, as its storekeepers would: for the demo and tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from supply.allocation.carrying.services import trips_of
from supply.allocation.models import PlanRow
from supply.allocation.transfers import origin_of
from supply.allocation.transport import transport_on
from supply.core.clock import today
from supply.core.errors import NotFound
from supply.core.scope import acting_as
from supply.core.text import Text
from supply.core.transaction import reading, transaction
from supply.inventory import queries as inventory
from supply.inventory import services as stock
from supply.inventory.documents import TransferReceipt
from supply.inventory.services import Posted

_DRAFTS_MAX = 10_000


def dispatch_plan_drafts(plan_id: int, storekeepers: Mapping[int, int]) -> list[Posted]:
    """Carry an approved plan out from the first day to the last: each sending storekeeper posts the
    draft, each receiving one receives it before what is passed on leaves again. `storekeepers`:
    facility id → user id. Days to come are dated today, since nothing is posted ahead of its day.

    Returns what was posted. Whatever a posting refuses is raised; what was posted before stays, as
    it would by hand.
    """
    with reading() as session:
        plan = session.get(PlanRow, plan_id)
        if plan is None or plan.drafts is None:
            raise NotFound(
                Text("Không có kế hoạch đã duyệt này.", "There is no such approved plan.")
            )
        drafts = {(row["from"], row["to"], row["day"]): int(row["draft"]) for row in plan.drafts}
        waiting = trips_of(plan)
    posted: list[Posted] = []
    for day in sorted({trip.day for trip in waiting}):
        for trip in (trip for trip in waiting if trip.day == day):
            document = trip.document
            on = min(document.happened_on or today(), today())
            with acting_as(storekeepers[document.facility_id]), transaction():
                draft = drafts[trip.origin, trip.destination, trip.day]
                stock.save_draft(replace(document, happened_on=on), draft)
                posted.append(stock.post_draft(draft))
        posted += receive_plan_transfers(plan_id, storekeepers)
    return posted


def receive_plan_transfers(plan_id: int, storekeepers: Mapping[int, int]) -> list[Posted]:
    """Receive in full all that a plan's posted documents have on the way, as each receiving
    storekeeper, a lead time after it left (today at the latest)."""
    lead = dt.timedelta(days=transport_on(today()).depot_lead_days)
    sent = inventory.documents(
        kinds=["transfer_dispatch"], origin=origin_of(plan_id), limit=_DRAFTS_MAX
    ).rows
    waiting = set(inventory.in_transit()["dispatch_id"])
    received = []
    for document in sorted(sent, key=lambda d: d.id):
        receiver = document.counterpart_facility_id
        if document.id not in waiting or receiver is None:
            continue
        with acting_as(storekeepers[receiver]):
            received.append(
                stock.receive_transfer(
                    TransferReceipt(
                        facility_id=receiver,
                        follows_id=document.id,
                        happened_on=min(today(), document.happened_on + lead),
                        origin=document.origin,
                    )
                )
            )
    return received
