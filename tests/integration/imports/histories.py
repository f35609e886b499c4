"""Random but lawful histories as files, and the state of a ledger in words that do not depend on ids."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.orm import Session

HEADINGS = (
    "Ngày", "Mã cơ sở", "Loại phiếu", "Số chứng từ", "Cơ sở đối ứng", "Số chứng từ gốc", "Mã đối tác",
    "Mã hàng", "Số lô", "Hạn dùng", "Nguồn quỹ", "Quy cách", "Số lượng", "Đơn giá", "Thành tiền",
    "Số lượng hao hụt", "Tăng/giảm", "Lý do", "Người nhận",
)  # fmt: skip
FIRST = dt.date(2022, 1, 3)


def as_csv(rows: list[dict[str, object]]) -> bytes:
    """The rows under Vietnamese headings."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    for row in rows:
        writer.writerow([row.get(h, "") for h in HEADINGS])
    return out.getvalue().encode("utf-8-sig")


@dataclass
class Story:
    """Keeps enough of a ledger to write documents that will be accepted, mostly."""

    seed: int
    facilities: tuple[str, ...] = ("BD-TTYT", "BD-TYT-01", "BD-TYT-02")
    items: tuple[str, ...] = ("TH001", "TH002", "PH001")
    rows: list[dict[str, object]] = field(default_factory=list)
    stock: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    papers: int = 0
    on_way: list[tuple[str, str, str, list[tuple[str, int]]]] = field(default_factory=list)
    issued: list[tuple[str, str, list[tuple[str, int]]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    def write(self, days: int) -> list[dict[str, object]]:
        """A history of `days` days, goods in before goods out."""
        verbs = ("receipt", "issue", "issue", "dispatch", "arrive", "adjust", "give_back")
        for n in range(days):
            day = FIRST + dt.timedelta(days=n)
            if n == 0:
                for place in self.facilities:
                    self.receipt(day, place, "TD")
            for verb in self.rng.choices(verbs, k=self.rng.randrange(1, 5)):
                getattr(self, verb)(day, self.rng.choice(self.facilities))
        order = {"TD": 0, "PN": 0, "PC": 1, "NC": 1, "PT": 1}
        # As a person's file has them: by day, and goods in first, so that what is written holds.
        return sorted(self.rows, key=lambda r: (r["_day"], order.get(str(r["Loại phiếu"]), 2)))

    def row(
        self, day: dt.date, place: str, kind: str, paper: str, item: str, **more: object
    ) -> None:
        self.rows.append(
            {"_day": day, "Ngày": f"{day:%d/%m/%Y}", "Mã cơ sở": place, "Loại phiếu": kind,
             "Số chứng từ": paper, "Mã hàng": item, **more}
        )  # fmt: skip

    def paper(self, prefix: str) -> str:
        self.papers += 1
        return f"{prefix}{self.papers}"

    def have(self, place: str, item: str) -> dict[str, int]:
        return self.stock.setdefault((place, item), {})

    def receipt(self, day: dt.date, place: str, kind: str = "PN") -> None:
        paper = self.paper(kind)
        for item in self.rng.sample(self.items, self.rng.randrange(1, len(self.items) + 1)):
            quantity = self.rng.randrange(5, 60)
            month = self.rng.randrange(1, 13)
            lot = f"L{month}"
            more: dict[str, object] = {"Thành tiền": self.rng.randrange(0, 99_999)}
            if self.rng.random() < 0.5:
                more = {"Đơn giá": self.rng.randrange(0, 5_000)}
            packed = self.rng.random() < 0.2 and item == "TH001"
            self.row(
                day, place, kind, paper, item,
                **{"Số lô": lot, "Hạn dùng": f"{month:02d}/2023", "Nguồn quỹ": "NSTP",
                   "Số lượng": quantity, "Mã đối tác": "NCC01" if kind == "PN" else "",
                   "Quy cách": "hộp 100 viên" if packed else "", **more},
            )  # fmt: skip
            have = self.have(place, item)
            have[lot] = have.get(lot, 0) + quantity * (100 if packed else 1)

    def taken(self, place: str) -> list[tuple[str, int, str]]:
        found = []
        for item in self.items:
            have = self.have(place, item)
            total = sum(have.values())
            if not total or self.rng.random() < 0.3:
                continue
            lot = ""
            if self.rng.random() < 0.4:
                lot = self.rng.choice([x for x, q in have.items() if q])
                quantity = self.rng.randrange(1, have[lot] + 1)
                have[lot] -= quantity
            else:
                quantity = self.rng.randrange(1, min(total, 40) + 1)
                left = quantity
                for known in sorted(have, key=lambda x: int(x[1:])):
                    part = min(left, have[known])
                    have[known] -= part
                    left -= part
            found.append((item, quantity, lot))
        return found

    def issue(self, day: dt.date, place: str) -> None:
        paper = self.paper("PX")
        lines = self.taken(place)
        for item, quantity, lot in lines:
            more = {"Số lượng": quantity, "Số lô": lot, "Người nhận": "Khoa khám"}
            self.row(day, place, "PX", paper, item, **more)
        if lines:
            self.issued.append((place, paper, [(i, q) for i, q, _ in lines]))

    def dispatch(self, day: dt.date, place: str) -> None:
        to = self.rng.choice([f for f in self.facilities if f != place])
        paper = self.paper("PC")
        lines = self.taken(place)
        for item, quantity, lot in lines:
            more = {"Số lượng": quantity, "Số lô": lot, "Cơ sở đối ứng": to}
            self.row(day, place, "PC", paper, item, **more)
        if lines:
            self.on_way.append((place, to, paper, [(i, q) for i, q, _ in lines]))

    def arrive(self, day: dt.date, _place: str) -> None:
        if not self.on_way:
            return
        sender, to, source, lines = self.on_way.pop(0)
        if self.sent_on(source) == day:
            self.on_way.insert(0, (sender, to, source, lines))
            return
        paper = self.paper("NC")
        for item, quantity in lines:
            lost = self.rng.randrange(0, quantity + 1) if self.rng.random() < 0.3 else 0
            more = {"Số lượng": quantity - lost, "Số lượng hao hụt": lost or "", "Lý do": "Vỡ"}
            self.row(
                day, to, "NC", paper, item,
                **more, **{"Cơ sở đối ứng": sender, "Số chứng từ gốc": source},
            )  # fmt: skip

    def sent_on(self, paper: str) -> object:
        return next(r["_day"] for r in self.rows if r["Số chứng từ"] == paper)

    def give_back(self, day: dt.date, _place: str) -> None:
        if not self.issued:
            return
        place, source, lines = self.issued.pop(self.rng.randrange(len(self.issued)))
        if self.sent_on(source) == day:
            return
        paper = self.paper("PT")
        for item, quantity in lines:
            back = self.rng.randrange(1, quantity + 1)
            more = {"Số lượng": back, "Số chứng từ gốc": source}
            self.row(day, place, "PT", paper, item, **more)

    def adjust(self, day: dt.date, place: str) -> None:
        paper = self.paper("DC")
        item = self.rng.choice(self.items)
        have = self.have(place, item)
        lots = [x for x, q in have.items() if q]
        if not lots:
            return
        lot = self.rng.choice(lots)
        common = {"Số lô": lot, "Lý do": "Chênh lệch kiểm kê"}
        if self.rng.random() < 0.5:
            quantity = self.rng.randrange(1, have[lot] + 1)
            have[lot] -= quantity
            self.row(day, place, "DC", paper, item, **common, **{"Tăng/giảm": "giảm", "Số lượng": quantity})  # fmt: skip
        else:
            quantity = self.rng.randrange(1, 9)
            have[lot] += quantity
            self.row(day, place, "DC", paper, item, **common, **{"Tăng/giảm": "tăng", "Số lượng": quantity})  # fmt: skip


_CONSIGNMENTS = """
    SELECT c.id, format('%s %s %s/%s #%s', f.code, d.kind, d.number, d.year,
                        row_number() OVER (PARTITION BY d.id ORDER BY c.id)) AS name
    FROM consignment c JOIN document d ON d.id = c.document_id JOIN facility f ON f.id = d.facility_id
"""


def state(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """Everything that must not depend on the way in."""
    ask = session.execute
    places = "coalesce((SELECT format('%s %s', l.kind, f.code) FROM location l LEFT JOIN facility f ON f.id = l.facility_id WHERE l.id = {}), '')"
    return {
        "entries": [
            tuple(r)
            for r in ask(
                text(
                    f"WITH named AS ({_CONSIGNMENTS})"
                    " SELECT f.code, d.kind, d.year, d.number, d.happened_on, d.paper_reference,"
                    " d.recipient, d.reason, o.code AS other, p.code AS partner,"
                    " row_number() OVER (PARTITION BY d.id ORDER BY e.id) AS nth, e.line_no, i.code,"
                    " l.number, l.expiry, n.name, c.unit_price_vnd, fu.code AS fund, "
                    + places.format("e.from_location_id")
                    + ", "
                    + places.format("e.to_location_id")
                    + ", e.quantity, e.amount_vnd, x.entered_quantity, x.pack_id,"
                    " (SELECT s.number FROM document s WHERE s.id = d.follows_id)"
                    " FROM document d JOIN entry e ON e.document_id = d.id"
                    " JOIN facility f ON f.id = d.facility_id"
                    " LEFT JOIN facility o ON o.id = d.counterpart_facility_id"
                    " LEFT JOIN partner p ON p.id = d.partner_id"
                    " JOIN item i ON i.id = e.item_id JOIN lot l ON l.id = e.lot_id"
                    " JOIN consignment c ON c.id = e.consignment_id JOIN fund fu ON fu.id = c.fund_id"
                    " JOIN named n ON n.id = c.id"
                    " LEFT JOIN document_line x ON x.document_id = d.id AND x.line_no = e.line_no"
                    " ORDER BY 1, 2, 3, 4, 11"
                )
            )
        ],
        "balances": [
            tuple(r)
            for r in ask(
                text(
                    f"WITH named AS ({_CONSIGNMENTS}) SELECT "
                    + places.format("b.location_id")
                    + ", n.name, i.code, l.number, b.quantity, b.amount_vnd"
                    " FROM balance b JOIN named n ON n.id = b.consignment_id"
                    " JOIN item i ON i.id = b.item_id JOIN lot l ON l.id = b.lot_id ORDER BY 1, 2"
                )
            )
        ],
        "heads": [
            tuple(r)
            for r in ask(
                text("SELECT facility_id, documents FROM chain_head WHERE documents > 0 ORDER BY 1")
            )
        ],
        "closings": [
            tuple(r)
            for r in ask(
                text(
                    f"WITH named AS ({_CONSIGNMENTS}) SELECT k.month_end, "
                    + places.format("k.location_id")
                    + ", n.name, k.quantity, k.amount_vnd FROM closing_balance k"
                    " JOIN named n ON n.id = k.consignment_id"
                    " WHERE k.quantity <> 0 OR k.amount_vnd <> 0 ORDER BY 1, 2, 3"
                )
            )
        ],
    }
