"""The whole chain on the demo district, without a screen: from cases to money, told step by step."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import text

from seed.district import last_demo_day
from seed.people import planner_name, storekeeper_name
from supply.allocation import queries as plans
from supply.allocation import services as allocation
from supply.allocation.carrying import headless
from supply.allocation.carrying import services as decisions
from supply.allocation.words import CLASS_NAMES
from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.database import database
from supply.core.scope import acting_as
from supply.core.text import group_digits
from supply.finance.figures import total
from supply.finance.queries import Asked, spending
from supply.forecast import needs
from supply.forecast import queries as forecast
from supply.forecast.score import HUB_QUANTILES
from supply.inventory import queries as inventory
from supply.inventory.documents import TransferReceipt
from supply.inventory.services import receive_transfer
from supply.inventory.verify import verify_ledger
from supply.report.services import make_workbook

Tell = Callable[[str], None]
ITEMS_SHOWN = 6


@dataclass
class Chain:
    """One walk through the chain; `tell` gets each line, in Vietnamese and English."""

    slug: str
    out: Path
    tell: Tell
    steps: int = 0

    def run(self) -> None:
        """Cases → use → shortage → plan → approved → sent and received → shortage after → money."""
        self.read_people()
        self.day_0 = last_demo_day(self.slug) + dt.timedelta(days=1)
        with acting_as(self.planner):
            self.cases()
            self.burn()
            self.shortage("trước kế hoạch", "before the plan")
            self.workbook("truoc")
            plan_id = self.plan()
        with acting_as(self.second_planner):
            self.carry_out(plan_id)
        with acting_as(self.planner):
            self.shortage("sau kế hoạch", "after the plan")
            self.workbook("sau")
        with acting_as(self.finance):
            self.money()
        self.proof()

    def step(self, vi: str, en: str) -> None:
        """The head of a step."""
        self.steps += 1
        self.tell(f"\n{self.steps}. {vi} / {en}")

    def read_people(self) -> None:
        """Ids of the demo's people."""
        with database().owner_engine.connect() as connection:
            rows = connection.execute(text("SELECT username, id FROM ab_user"))
            ids = {row.username: row.id for row in rows}
            places = connection.execute(
                text(
                    "SELECT f.code, f.id FROM facility f JOIN district d ON d.id = f.district_id"
                    " WHERE d.slug = :slug"
                ),
                {"slug": self.slug},
            )
            self.storekeepers = {row.id: ids[storekeeper_name(row.code)] for row in places}
        self.planner, self.second_planner = (
            ids[planner_name(self.slug)],
            ids[planner_name(self.slug, 2)],
        )
        self.finance = ids[planner_name(self.slug).replace("kehoach1", "taichinh")]

    def cases(self) -> None:
        """The last weeks, and what is projected."""
        district = catalog.district(self.slug)
        run = forecast.latest_run(district.id)
        assert run is not None, "the demo district was loaded with a first forecast"
        self.run_id = run.id
        view = forecast.projection(run.id)
        self.step(f"Ca mắc {district.name}", f"Cases of {district.name}")
        past = view.district.history
        upto = view.history_week_ends.index(run.origin) + 1
        weeks = ", ".join(
            f"{day:%d/%m} {num(cases)}"
            for day, cases in zip(
                view.history_week_ends[upto - 4 : upto], past[upto - 4 : upto], strict=True
            )
        )
        self.tell(f"   4 tuần qua / last 4 weeks: {weeks}")
        low, mid, high = (
            next(n for n, q in enumerate(HUB_QUANTILES) if abs(q - wanted) < 1e-9)
            for wanted in (0.025, 0.5, 0.975)
        )
        for day, row in zip(view.week_ends, view.district.quantiles, strict=True):
            self.tell(
                f"   tuần đến / week to {day:%d/%m/%Y}: {num(row[mid])} "
                f"({num(row[low])} – {num(row[high])}, 95 %)"
            )
        self.tell(f"   mô hình / model: {run.model_version}; dấu / digest {run.inputs_digest[:12]}")

    def burn(self) -> None:
        """What the district uses most of, by value of days."""
        self.step("Mức tiêu hao 14 ngày tới", "Use over the next 14 days")
        burn = forecast.stored_burn(self.run_id)
        used = burn.total_mean[..., :14].sum(axis=(0, 2))
        names = {item.code: item for item in catalog.items(burn.item_codes)}
        for i in np.argsort(-used)[:ITEMS_SHOWN]:
            item = names[burn.item_codes[i]]
            self.tell(f"   {item.code} {item.name.vi}: {num(used[i])} {item.base_unit.vi}")

    def shortage(self, vi: str, en: str) -> None:
        """How many rows of the shortage table are in danger."""
        self.step(f"Nguy cơ thiếu, {vi}", f"Shortage, {en}")
        rows = needs.shortage_rows(needs.shortage(self.run_id, self.slug, self.day_0))
        danger = sum(row.level == "danger" for row in rows)
        warning = sum(row.level == "warning" for row in rows)
        short = [row for row in rows if row.short_14]
        self.tell(
            f"   {len(rows)} cặp cơ sở và mặt hàng / facility-item pairs: {danger} dưới 7 ngày / under"
            f" 7 days, {warning} dưới 14 ngày / under 14 days, {len(short)} thiếu trong 14 ngày / short"
            " within 14 days"
        )
        for row in rows[:4]:
            out = f"{row.stock_out:%d/%m}" if row.stock_out else "–"
            self.tell(
                f"   {row.facility.name.vi}, {row.item.name.vi}: {row.days:.1f} ngày / days"
                f" (hết / out {out})"
            )

    def plan(self) -> int:
        """Make the plan; the comparison speaks for it."""
        self.step("Kế hoạch phân bổ 14 ngày", "Allocation plan, 14 days")
        self.end_what_was_broken_off()
        started = time.perf_counter()
        plan_id = allocation.make_plan(self.slug, on=self.day_0)
        view = plans.plan(plan_id)
        head = view.head
        self.tell(
            f"   kế hoạch / plan {plan_id}: {head.transfers} chuyến hàng / transfers, giải trong /"
            f" solved in {time.perf_counter() - started:.1f} s, {view.model_version}"
        )
        self.tell(
            f"   điểm thiếu / weighted shortage: không điều chuyển / without {num(head.no_transfer)},"
            f" theo tỷ lệ / proportional {num(head.proportional)}, kế hoạch / plan {num(head.plan)},"
            f" không thể dưới / bound {num(head.bound)}"
        )
        for row in view.classes:
            words = CLASS_NAMES[row.name]
            self.tell(
                f"   {words.vi} / {words.en}: đáp ứng / met {row.coverage('no_transfer'):.1%}"
                f" → {row.coverage('plan'):.1%}"
            )
        return plan_id

    def end_what_was_broken_off(self) -> None:
        """Drafts of a run that stopped between approval and dispatch hold stock back no longer."""
        for head in plans.plans(self.slug, status="approved"):
            if head.state != "ended" and plans.plan_progress(head.id).waiting:
                decisions.end(head.id, "Lần chạy trước dừng giữa chừng")

    def carry_out(self, plan_id: int) -> None:
        """Another planner approves; storekeepers send and receive."""
        self.step("Duyệt, chuyển, nhận", "Approve, send, receive")
        drafts = decisions.approve(plan_id)
        arrived = self.receive_what_was_on_its_way()
        posted = headless.dispatch_plan_drafts(plan_id, self.storekeepers)
        received = headless.receive_plan_transfers(plan_id, self.storekeepers)
        self.tell(
            f"   {arrived} chuyến đang trên đường đã đến / earlier deliveries arrived; "
            f"{len(drafts)} phiếu nháp / drafts, {len(posted) + len(received)} phiếu chuyển và"
            " nhận đã ghi sổ / vouchers posted"
        )

    def receive_what_was_on_its_way(self) -> int:
        """Deliveries from before the plan arrive: the plan counts on them, and may send them on."""
        waiting = inventory.in_transit(self.storekeepers)
        heads = waiting[["dispatch_id", "dispatched_on", "to_facility_id"]].drop_duplicates()
        for row in heads.to_dict("records"):
            facility_id = int(row["to_facility_id"])
            with acting_as(self.storekeepers[facility_id]):
                receive_transfer(
                    TransferReceipt(
                        facility_id=facility_id,
                        follows_id=int(row["dispatch_id"]),
                        happened_on=min(today(), row["dispatched_on"] + dt.timedelta(days=1)),
                    )
                )
        return len(heads)

    def money(self) -> None:
        """Spending by fund."""
        self.step("Chi theo nguồn quỹ (đồng)", "Spending by fund (VND)")
        rows = spending(Asked(district=self.slug))
        for row in rows:
            f = row.figures
            self.tell(
                f"   {row.fund_name.vi} ({row.fund_code}): nhập / received {num(f.received + f.opening)},"
                f" dùng / used {num(f.used)}, tồn / in stock {num(f.in_stock)},"
                f" hao hụt / lost {num(f.lost)}, đang chuyển / in transit {num(f.in_transit)}"
            )
        whole = total(rows)
        self.tell(
            f"   cộng / total: {num(whole.came)} = {num(whole.went)} (chênh lệch / difference"
            f" {num(whole.difference)})"
        )

    def proof(self) -> None:
        """The ledger recomputed."""
        self.step("Kiểm tra sổ", "Ledger verify")
        report = verify_ledger()
        self.tell(
            f"   {num(report.documents)} chứng từ / documents, {num(report.entries)} bút toán /"
            f" entries, {sum(d.count for d in report.discrepancies)} sai lệch / discrepancies"
        )
        if not report.is_sound:
            raise SystemExit(1)

    def workbook(self, which: str) -> None:
        """The workbook, before or after."""
        made = make_workbook(self.slug)
        self.out.mkdir(parents=True, exist_ok=True)
        file = self.out / f"hau-can-{self.slug}-{which}.xlsx"
        file.write_bytes(made.content)
        self.tell(f"   → {file} ({num(len(made.content) / 1000)} kB)")


def num(value: float) -> str:
    """1.234.567, as numbers are written in Vietnam."""
    return group_digits(round(float(value)))
