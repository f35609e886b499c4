"""What a sender's store works from: the list to pick by, lot by lot, and the load of each trip."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from supply.allocation.carrying.loading import NO_COLD, Load, TripLoad
from supply.allocation.carrying.queries import SenderDay
from supply.allocation.queries import TransferRow
from supply.allocation.story import short_name
from supply.core.text import Text, group_digits
from supply.paper.forms import Typed
from supply.paper.layout import Column, Fact, Paper, Row
from supply.paper.phrases import EMPTY, Say, long_day, sayer, signatures


def pick_list(plan_id: int, day: SenderDay, typed: Typed) -> Paper:
    """A4: each lot once, how much to take, and how it is shared out."""
    say = sayer(typed.language)
    by_lot: defaultdict[tuple[str, str], list[TransferRow]] = defaultdict(list)
    for row in day.rows:
        by_lot[row.item, row.lot].append(row)
    rows = [
        Row(
            (
                n,
                say(lots[0].item_name),
                item,
                lot,
                lots[0].expiry,
                sum(r.quantity for r in lots),
                say(lots[0].unit),
                _shares(lots, say),
                "☐",
            )
        )
        for n, ((item, lot), lots) in enumerate(sorted(by_lot.items()), 1)
    ]
    return replace(
        _blank("plan_pick_list", plan_id, day, typed),
        title=say(Text("DANH SÁCH SOẠN HÀNG", "PICK LIST")),
        columns=(
            Column(say(Text("STT", "No.")), "index", "9mm"),
            Column(say(Text("Tên mặt hàng", "Item")), "text", "1fr"),
            Column(say(Text("Mã số", "Code")), "code", "14mm"),
            Column(say(Text("Số lô", "Lot")), "code", "24mm"),
            Column(say(Text("Hạn dùng", "Expiry")), "date", "19mm"),
            Column(say(Text("Lấy ra", "Take")), "whole", "17mm"),
            Column(say(Text("ĐVT", "Unit")), "unit", "14mm"),
            Column(say(Text("Chia cho", "Shared out")), "text", "1.45fr"),
            Column(say(Text("Đã soạn", "Picked")), "tick", "13mm"),
        ),
        rows=tuple(rows),
        signatures=signatures(("storekeeper", "driver"), typed),
    )


def _shares(rows: Iterable[TransferRow], say: Say) -> str:
    """A line for each receiver, so that a finger can follow while the shares are laid out."""
    return "\n".join(
        f"{say(short_name(r.destination_name))}:\u00a0{group_digits(r.quantity)}"
        for r in sorted(rows, key=lambda r: r.destination)
    )


def loading_list(plan_id: int, day: SenderDay, typed: Typed) -> Paper:
    """A4: what rides on each trip, in the order of the receivers, with room to tick."""
    say = sayer(typed.language)
    facts = {(r.destination, r.item, r.lot): r for r in day.rows}
    rows: list[Row] = []
    for trip in day.loading.trips:
        rows.append(_heading(_trip_words(trip, say)))
        rows += _load_rows(trip.lines, facts, say)
    if day.loading.left:
        rows.append(_heading(say(_NO_ROOM)))
        rows += _load_rows(day.loading.left, facts, say)
    return replace(
        _blank("plan_loading_list", plan_id, day, typed),
        title=say(Text("DANH SÁCH XẾP XE", "LOADING LIST")),
        columns=(
            Column(say(Text("STT", "No.")), "index", "9mm"),
            Column(say(Text("Nơi nhận", "Receiver")), "text", "1fr"),
            Column(say(Text("Tên mặt hàng", "Item")), "text", "1.3fr"),
            Column(say(Text("Số lô", "Lot")), "code", "24mm"),
            Column(say(Text("Số lượng", "Quantity")), "whole", "19mm"),
            Column(say(Text("ĐVT", "Unit")), "unit", "14mm"),
            Column(say(Text("Lít", "Litres")), "code", "15mm"),
            Column(say(Text("Đã xếp", "Loaded")), "tick", "13mm"),
        ),
        rows=tuple(rows),
        signatures=signatures(("storekeeper", "driver"), typed),
    )


_NO_ROOM = Text("CHƯA CÓ XE CHỞ: cần thêm chuyến", "NO VEHICLE TAKES THIS: another trip is needed")


def _trip_words(trip: TripLoad, say: Say) -> str:
    load, most = _litres(trip.litres), _litres(trip.litres_max)
    return say(
        Text(
            f"Xe {trip.carrier}, chuyến {trip.number}: {load} / {most} lít",
            f"Vehicle {trip.carrier}, trip {trip.number}: {load} / {most} litres",
        )
    )


def _heading(words: str) -> Row:
    return Row(("", words, "", "", "", "", "", ""), "heading")


def _load_rows(
    lines: Iterable[Load], facts: dict[tuple[str, str, str], TransferRow], say: Say
) -> list[Row]:
    found = []
    for n, line in enumerate(lines, 1):
        row = facts[line.destination, line.item, line.lot]
        cold = "" if line.cold == NO_COLD else f" ({line.cold} °C)"
        found.append(
            Row(
                (
                    n,
                    say(short_name(row.destination_name)),
                    say(row.item_name) + cold,
                    line.lot,
                    line.quantity,
                    say(row.unit),
                    _litres(line.litres),
                    "☐",
                )
            )
        )
    return found


def _litres(litres: float) -> str:
    """1.234,5: in both languages as the quantities beside it are written."""
    return f"{litres:,.1f}".translate(str.maketrans(",.", ".,"))


def _blank(code: str, plan_id: int, day: SenderDay, typed: Typed) -> Paper:
    say = sayer(typed.language)
    plan = Text(f"Theo kế hoạch phân bổ số {plan_id}", f"Allocation plan no. {plan_id}")
    return Paper(
        code=code,
        language=typed.language,
        landscape=False,
        unit=say(day.origin_name),
        department="",
        form_number="",
        basis="",
        title="",
        date_line=long_day(day.day, typed.language),
        number=f"KH{plan_id}-{day.origin}-{day.day:%Y%m%d}",
        columns=(),
        rows=(),
        facts=(
            (
                Fact("", say(plan)),
                Fact(say(Text("Số nơi nhận", "Receivers")), str(day.destinations)),
                Fact(say(Text("Tổng thể tích (lít)", "Total litres")), _litres(day.litres)),
            ),
        ),
        day=day.day,
        empty_note=say(EMPTY),
    )
