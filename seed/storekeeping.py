"""What a district's stores did besides: counts, requests, kits, oxygen, loans, a recall, closed months.

A little of everything, so that each page of a demonstration has something to show; through the
services, as the people in charge. Keys are made from the district's name: doing it again adds nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

import pandas as pd

from seed.posting import NAMESPACE
from supply.catalog import queries as catalog
from supply.core.errors import AlreadyDone
from supply.core.scope import acting_as
from supply.core.transaction import transaction
from supply.counts.asked import CountRequest, TallyInput
from supply.counts.queries import sheet
from supply.counts.services import open_count, save_tallies
from supply.inventory import queries as stock
from supply.inventory.documents import IssueLine
from supply.inventory.periods import close_months, close_period, closed_through, month_before
from supply.kits.asked import KitOrder
from supply.kits.services import assemble, issue_kits
from supply.lending.services import Lend, lend
from supply.oxygen.asked import CylinderOrder, FlowEntry
from supply.oxygen.services import record_flow, take_empties_back
from supply.recalls.recalls import Recall
from supply.recalls.services import start as start_recall
from supply.requests.requisitions import AskedLine, Decision, Requisition
from supply.requests.services import approve, ask

KIT, KIT_COMPONENTS = "TUI-A", {"TH001": 28, "TH024": 14}
KITS_MADE, KITS_GIVEN = 12, 5
LENT, WANTED, RECALLED, CYLINDER = "PH005", ("PH001", "XN001"), "HC002", "OX001"


@dataclass(frozen=True)
class District:
    """A district's stores by what they are here: codes, and who acts for them."""

    slug: str
    depot: str
    ward: str
    neighbour: str
    treatment: str
    facility_ids: Mapping[str, int]
    storekeeper_ids: Mapping[str, int]
    planner_id: int
    last_day: dt.date

    def key(self, what: str) -> UUID:
        """The idempotency key of one thing done."""
        return uuid5(NAMESPACE, f"{self.slug}/storekeeping/{what}")

    @contextmanager
    def as_keeper(self, code: str) -> Iterator[int]:
        """Act as the storekeeper of a facility, in one transaction; gives the facility's id."""
        with acting_as(self.storekeeper_ids[code]), transaction():
            yield self.facility_ids[code]


def keep_stores(district: District) -> int:
    """All of it; returns how many documents it took. What a store has no goods for is left out."""
    with acting_as(district.planner_id):
        lots = stock.on_hand_lots(district.slug)
    usable = lots[[d is None or d > district.last_day for d in lots["expiry"]]]
    held: dict[tuple[str, str], int] = defaultdict(int)
    for row in usable.to_dict("records"):
        held[str(row["facility_code"]), str(row["item_code"])] += int(row["quantity"])
    _requests(district)
    posted = _kits(district, held) + _oxygen(district, held) + _loan(district, held)
    _count(district)
    _recall(district, lots)
    _close(district)
    return posted


def _requests(d: District) -> None:
    """One answered in part, one waiting for an answer."""
    for nth, (code, quantities) in enumerate(((d.ward, (400, 60)), (d.neighbour, (600, 90)))):
        lines = [
            AskedLine(item_code=item, quantity=many)
            for item, many in zip(WANTED, quantities, strict=True)
        ]
        with d.as_keeper(code) as facility_id:
            made = ask(
                Requisition(
                    facility_id=facility_id,
                    asked_id=d.facility_ids[d.depot],
                    lines=lines,
                    needed_on=d.last_day + dt.timedelta(days=4),
                    note="Số ca tăng nhanh trong tuần",
                    client_key=d.key(f"request {nth}"),
                )
            )
        if nth == 0:
            # A load that was broken off after this decision goes on from here.
            with acting_as(d.planner_id), suppress(AlreadyDone):
                decisions = [
                    Decision(line=1, quantity=quantities[0]),
                    Decision(line=2, quantity=quantities[1] // 2, reason="Chia đều cho các phường"),
                ]
                approve(made, decisions)


def _kits(d: District, held: Mapping[tuple[str, str], int]) -> int:
    """A dozen home bags where there is enough for them, some of them given out."""
    able = (
        code
        for code in d.facility_ids
        if all(held.get((code, i), 0) >= n * KITS_MADE for i, n in KIT_COMPONENTS.items())
    )
    maker = next(able, None)
    if maker is None:
        return 0
    with d.as_keeper(maker) as facility_id:
        made = KitOrder(
            facility_id=facility_id,
            kit_code=KIT,
            count=KITS_MADE,
            happened_on=d.last_day,
            client_key=d.key("kits"),
        )
        assemble(made)
        team = "Tổ chăm sóc người nhiễm tại nhà"
        given = replace(made, count=KITS_GIVEN, recipient=team, client_key=d.key("kits given"))
        issue_kits(given)
    return 2


def _oxygen(d: District, held: Mapping[tuple[str, str], int]) -> int:
    """What flows now, and some empty cylinders back from the wards."""
    with d.as_keeper(d.treatment) as facility_id:
        record_flow(
            FlowEntry(
                facility_id=facility_id,
                severe_patients=60,
                critical_patients=12,
                client_key=d.key("flow"),
            )
        )
        if not held.get((d.treatment, CYLINDER), 0):
            return 0
        take_empties_back(
            CylinderOrder(
                facility_id=facility_id,
                cylinders={CYLINDER: 6},
                happened_on=d.last_day,
                fund_code="NSTP" if d.slug == "ba-dinh" else "NST",
                client_key=d.key("empties"),
            )
        )
    return 1


def _loan(d: District, held: Mapping[tuple[str, str], int]) -> int:
    if held.get((d.depot, LENT), 0) < 50:
        return 0
    with d.as_keeper(d.depot) as facility_id:
        lend(
            Lend(
                facility_id=facility_id,
                lines=[IssueLine(item_code=LENT, quantity=50)],
                to_facility_id=d.facility_ids[d.ward],
                happened_on=d.last_day,
                due_on=d.last_day + dt.timedelta(days=14),
                client_key=d.key("loan"),
            )
        )
    return 1


def _count(d: District) -> None:
    """A count under way: every second lot is counted, one of them short."""
    with d.as_keeper(d.neighbour) as facility_id:
        made = open_count(
            CountRequest(
                facility_id=facility_id,
                counted_on=d.last_day,
                scope="category",
                category="ppe",
                client_key=d.key("count"),
            )
        )
        book = {
            (row["item_code"], row["lot_number"]): int(row["quantity"])
            for row in stock.on_hand_lots(d.slug).to_dict("records")
            if row["facility_id"] == facility_id
        }
        lines = sheet(made)[::2]
        tallies = [
            TallyInput(
                line_id=line.id,
                quantity=max(0, book.get((line.item_code, line.lot_number), 0) - (nth == 0)),
            )
            for nth, line in enumerate(lines)
        ]
        if tallies:
            save_tallies(made, tallies)


def _recall(d: District, lots: pd.DataFrame) -> None:
    """One lot of a disinfectant, called back this morning."""
    chosen = lots[(lots["item_code"] == RECALLED) & (lots["lot_number"] != "")]
    if chosen.empty:
        return
    with acting_as(d.planner_id), transaction():
        start_recall(
            Recall(
                lot_id=int(chosen["lot_id"].iloc[-1]),
                reason="Nghi ngờ sai nồng độ (dữ liệu mẫu)",
                recall_class="2",
                district_id=catalog.district(d.slug).id,
                instructions="Ngừng cấp phát, đưa vào biệt trữ và trả lời trong 24 giờ.",
                client_key=d.key("recall"),
            )
        )


def _close(d: District) -> None:
    """The month before last is closed at the depot; closings of every month are made."""
    through = month_before(month_before(d.last_day))
    with d.as_keeper(d.depot) as facility_id:
        if closed_through(facility_id) is None:
            close_period(facility_id, through)
        close_months()
