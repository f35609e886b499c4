"""What a plan's workbook holds: everything the pages tell, as rows that can be worked on."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from supply.allocation import queries
from supply.allocation.queries import Names, PlanView
from supply.allocation.seeing.book_columns import (
    CLASS,
    ITEM,
    LITRES,
    LOT,
    PLACE,
    QUANTITY,
    UNIT,
    VALUE,
    C,
    place_of,
)
from supply.allocation.seeing.book_inputs import input_sheets
from supply.allocation.seeing.moves import Move, by_day, pairs, total
from supply.allocation.seeing.overview import WAYS
from supply.allocation.seeing.queries import moves
from supply.allocation.seeing.workbook import CHART_ROWS, Cell, Chart, Column, Sheet
from supply.allocation.story import short_name, tell
from supply.allocation.words import CLASS_NAMES, POLICIES, STATES, TRIP_STATES
from supply.core.text import Text, group_digits
from supply.core.transaction import reading


def book_of(plan_id: int) -> tuple[Sheet, ...]:
    """The sheets of a plan. Raises NotFound."""
    with reading():
        plan = queries.plan(plan_id)
        moved = moves(plan)
        instance, result = queries.stored(plan_id, "instance"), queries.stored(plan_id, "result")
        names = Names.read()
    start = plan.head.start
    return (
        _summary(plan, moved),
        _transfers(plan, moved),
        _quotas(result["quotas"], start, names),
        _coverage(plan),
        _flows(moved),
        _days(plan, moved),
        *input_sheets(instance, names),
        _reasons(plan),
        _stamp(plan, instance),
    )


def instance_hash(instance: Mapping[str, Any]) -> str:
    """SHA-256 of the instance as JSON with sorted keys and no spaces, in UTF-8."""
    written = json.dumps(instance, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def _summary(plan: PlanView, moved: Sequence[Move]) -> Sheet:
    story, sums = tell(plan), total(moved)
    fair: Mapping[str, Any] = plan.compared.get("fairness", {})
    rows: list[Sequence[Cell]] = [
        (
            CLASS_NAMES[row.name],
            row.needed,
            *(row.coverage(way) for way in WAYS),
            *(row.worst[way] for way in WAYS),
            *(fair[way][row.name]["gini"] if fair else None for way in WAYS),
        )
        for row in plan.classes
    ]
    return Sheet(
        Text("Tóm tắt", "Summary"),
        Text(f"Kế hoạch phân bổ số {plan.head.id}", f"Allocation plan no. {plan.head.id}"),
        (
            C(Text("Nhóm", "Class"), width=16),
            C(Text("Nhu cầu (đơn vị)", "Need (units)"), "whole", 14),
            *_by_way(Text("đáp ứng", "served"), "percent"),
            *_by_way(Text("nơi thấp nhất", "lowest place"), "percent"),
            *_by_way(Text("Gini", "Gini"), "percent"),
        ),
        rows,
        notes=tuple(
            note
            for note in (
                story.headline,
                story.beside,
                Text(
                    f"{sums.trips} chuyến, {sums.lines} dòng hàng, {group_digits(round(sums.litres))} lít, trị giá "
                    f"{group_digits(sums.value_vnd)} đồng.",
                    f"{sums.trips} trips, {sums.lines} lines, {group_digits(round(sums.litres))} litres, worth "
                    f"VND {group_digits(sums.value_vnd)}.",
                ),
            )
            if note.vi
        ),
        charts=(
            Chart(
                Text("Mức đáp ứng theo nhóm", "Coverage by class"),
                "column",
                0,
                (2, 3, 4),
                Text("phần nhu cầu", "share of need"),
                (12, 0),
            ),
        ),
        shaded=(2, 3, 4, 5, 6, 7),
    )


def _by_way(what: Text, kind: Any) -> tuple[Column, ...]:
    return tuple(
        C(Text(f"{words.vi}: {what.vi}", f"{words.en}: {what.en}"), kind, 15)
        for words in WAYS.values()
    )


def _transfers(plan: PlanView, moved: Sequence[Move]) -> Sheet:
    states = plan.progress.trip_states
    rows: list[Sequence[Cell]] = []
    for move in moved:
        r = move.row
        state = states.get(r.draft_id) if r.draft_id is not None else None
        rows.append(
            (
                *(r.day, move.arrives, r.origin, short_name(r.origin_name)),
                *(r.destination, short_name(r.destination_name)),
                *(r.item, r.item_name, r.lot, r.expiry, r.quantity, r.unit, r.in_packs, r.litres),
                *(move.value_vnd, TRIP_STATES[state] if state else None),
            )
        )
    return Sheet(
        Text("Hàng chuyển", "Transfers"),
        Text("Hàng chuyển theo lô", "Transfers by lot"),
        (
            C(Text("Ngày gửi", "Sent on"), "date"),
            C(Text("Ngày đến", "Arrives"), "date"),
            C(Text("Mã nơi gửi", "From, code"), width=13),
            C(Text("Nơi gửi", "From"), width=24),
            C(Text("Mã nơi nhận", "To, code"), width=13),
            C(Text("Nơi nhận", "To"), width=24),
            *ITEM,
            *LOT,
            QUANTITY,
            UNIT,
            C(Text("Quy đổi", "In packs"), width=20),
            LITRES,
            VALUE,
            C(Text("Phiếu", "Voucher"), width=18),
        ),
        rows,
        notes=(
            Text(
                "Giá trị: giá nhập bình quân của lô; ô trống là chưa rõ giá.",
                "Value: the lot's average purchase price; an empty cell means no price is known.",
            ),
        ),
        fixed=0,
    )


def _quotas(quotas: Sequence[Mapping[str, Any]], start: dt.date, names: Names) -> Sheet:
    ordered = sorted(quotas, key=lambda q: (q["day"], q["facility"], q["item"], q["class"]))
    return Sheet(
        Text("Hạn mức cấp phát", "Quotas"),
        Text("Mỗi nơi cấp cho mỗi nhóm tối đa bao nhiêu", "What each place may give each class"),
        (C(Text("Ngày", "Day"), "date"), *PLACE, *ITEM, CLASS, QUANTITY, UNIT),
        [
            (
                start + dt.timedelta(days=q["day"]),
                *place_of(q["facility"], names),
                *(q["item"], names.item(q["item"]), CLASS_NAMES[q["class"]], q["quantity"]),
                names.unit(q["item"]),
            )
            for q in ordered
        ],
    )


def _coverage(plan: PlanView) -> Sheet:
    rows: list[Sequence[Cell]] = []
    columns = [*PLACE]
    classes = [row.name for row in plan.classes]
    for name in classes:
        words = CLASS_NAMES[name]
        columns += [
            C(Text(f"{words.vi}: trước", f"{words.en}: before"), "percent"),
            C(Text(f"{words.vi}: sau", f"{words.en}: after"), "percent"),
        ]
    for place in plan.coverage:
        shares = (s.get(name) for name in classes for s in (place.before, place.after))
        rows.append((place.code, place.name, *shares))
    return Sheet(
        Text("Mức đáp ứng", "Coverage"),
        Text(
            "Mức đáp ứng theo nơi và nhóm, trước và sau",
            "Coverage by place and class, before and after",
        ),
        tuple(columns),
        rows,
        shaded=tuple(range(2, len(columns))),
        fixed=2,
    )


def _flows(moved: Sequence[Move]) -> Sheet:
    return Sheet(
        Text("Ai gửi cho ai", "Who to whom"),
        Text("Ai gửi cho ai", "Who sends to whom"),
        (
            C(Text("Mã nơi gửi", "From, code"), width=13),
            C(Text("Nơi gửi", "From"), width=38),
            C(Text("Mã nơi nhận", "To, code"), width=13),
            C(Text("Nơi nhận", "To"), width=38),
            C(Text("Chuyến", "Trips"), "whole", sums=True),
            C(Text("Dòng hàng", "Lines"), "whole", sums=True),
            LITRES,
            VALUE,
        ),
        [
            (
                *(p.origin, short_name(p.origin_name)),
                *(p.destination, short_name(p.destination_name)),
                *(p.total.trips, p.total.lines, p.total.litres, p.total.value_vnd),
            )
            for p in pairs(moved)
        ],
        fixed=0,
    )


def _days(plan: PlanView, moved: Sequence[Move]) -> Sheet:
    short = plan.compared.get("days", {})
    rows = by_day(moved, plan.head.start, plan.head.horizon_days, short)
    beside = len(rows) + 6
    return Sheet(
        Text("Từng ngày", "By day"),
        Text("Hàng đi, hàng đến và điểm thiếu từng ngày", "What leaves, arrives, and is short"),
        (
            C(Text("Ngày", "Day"), "date"),
            C(Text("Chuyến đi", "Trips out"), "whole", sums=True),
            C(Text("Dòng đi", "Lines out"), "whole", sums=True),
            C(Text("Dòng đến", "Lines in"), "whole", sums=True),
            C(Text("Lít đi", "Litres out"), "decimal", sums=True),
            C(Text("Giá trị đi (đồng)", "Value out (VND)"), "whole", 16, sums=True),
            *(
                C(
                    Text(f"Điểm thiếu: {words.vi.lower()}", f"Points short: {words.en.lower()}"),
                    "whole",
                    15,
                    sums=True,
                )
                for words in WAYS.values()
            ),
        ),
        [
            (
                *(r.day, r.leaves.trips, r.leaves.lines, r.arrives.lines, r.leaves.litres),
                *(r.leaves.value_vnd, *((r.short or {}).get(way) for way in WAYS)),
            )
            for r in rows
        ],
        charts=(
            Chart(
                Text("Điểm thiếu theo ngày", "Shortage points by day"),
                "line",
                0,
                (6, 7, 8),
                Text("điểm", "points"),
                (beside, 0),
            ),
            Chart(
                Text("Dòng hàng đi và đến", "Lines out and in"),
                "column",
                0,
                (2, 3),
                Text("dòng", "lines"),
                (beside + CHART_ROWS, 0),
            ),
        ),
    )


def _reasons(plan: PlanView) -> Sheet:
    return Sheet(
        Text("Lý do", "Reasons"),
        Text("Vì sao từng nơi được bấy nhiêu", "Why each place gets what it gets"),
        (*PLACE, CLASS, C(Text("Lý do", "Reason"), "long", 110)),
        [
            (place.code, place.name, CLASS_NAMES[name], words)
            for place in plan.coverage
            for name, words in place.reasons
        ],
        fixed=2,
    )


def _stamp(plan: PlanView, instance: Mapping[str, Any]) -> Sheet:
    head = plan.head
    weights = Text(
        *(
            ", ".join(
                f"{words.in_language(language).lower()} {group_digits(plan.weights[name])}"
                for name, words in CLASS_NAMES.items()
            )
            for language in ("vi", "en")
        )
    )
    lines: list[tuple[Text, Cell]] = [
        (Text("Kế hoạch số", "Plan no."), str(head.id)),
        (Text("Địa bàn", "District"), head.district_name),
        (Text("Từ ngày", "From"), f"{head.start:%d/%m/%Y}"),
        (Text("Số ngày", "Days"), str(head.horizon_days)),
        (Text("Cách phân bổ", "Policy"), POLICIES[head.policy].name),
        (Text("Mã cách phân bổ", "Policy code"), head.policy),
        (Text("Phiên bản mô hình", "Model version"), plan.model_version),
        (Text("Băm bài toán (SHA-256)", "Instance hash (SHA-256)"), instance_hash(instance)),
        (Text("Lượt dự báo", "Forecast run"), str(plan.run_id)),
        (Text("Trạng thái bộ giải", "Solver status"), plan.solver_status),
        (Text("Thời gian giải (giây)", "Seconds"), f"{plan.seconds:.1f}"),
        (Text("Điểm thiếu", "Shortage points"), group_digits(head.plan)),
        (Text("Cận dưới", "Bound"), group_digits(head.bound)),
        (Text("Theo tỷ lệ", "Proportional"), group_digits(head.proportional)),
        (Text("Không chuyển", "No transfer"), group_digits(head.no_transfer)),
        (Text("Trọng số mỗi đơn vị thiếu", "Points per unit short"), weights),
        (Text("Tham số", "Parameters"), json.dumps(plan.params, ensure_ascii=False)),
        (Text("Người lập", "Made by"), head.created_by),
        (Text("Lập lúc", "Made at"), f"{head.created_at:%d/%m/%Y %H:%M}"),
        (Text("Trạng thái", "State"), STATES[head.state]),
        (Text("Người duyệt", "Approved by"), plan.approved_by),
        (
            Text("Duyệt lúc", "Approved at"),
            f"{plan.approved_at:%d/%m/%Y %H:%M}" if plan.approved_at else "",
        ),
    ]
    lines += [(Text("Ghi chú", "Note"), note) for note in plan.notes]
    lines += [
        (Text("Đầu vào cần xem", "Input to look at"), Text(one["vi"], one["en"]))
        for one in plan.compared.get("inputs", ())
    ]
    return Sheet(
        Text("Tem", "Stamp"),
        Text("Kế hoạch và cách kiểm tra lại", "The plan and how to prove it again"),
        (C(Text("Mục", "What"), width=30), C(Text("Nội dung", "Content"), "long", 110)),
        lines,
    )
