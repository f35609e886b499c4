"""The sheet a storekeeper counts on: everything it needs in one page, saved in chunks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask import jsonify, request
from flask_appbuilder import BaseView, expose
from flask_login import current_user

from supply.catalog import queries as catalog
from supply.catalog.words import CATEGORY
from supply.core.errors import InvalidInput, NotAllowed
from supply.core.i18n import VIETNAM, t
from supply.core.security import guarded
from supply.core.text import Text
from supply.counts import queries, services
from supply.counts.asked import FoundLot, TallyInput
from supply.counts.rows import SheetLine, Tally
from supply.counts.words import STATE_CHIPS, STATES
from supply.inventory.entry_queries import find_code
from supply.inventory.gs1 import read_scan
from supply.inventory.parsing import parse_expiry
from supply.inventory.queries import item_search
from supply.inventory.views_common import json_body


class CountSheetView(BaseView):
    """Counting: a blind sheet, kept on the device and on the server as one writes."""

    route_base = "/counts"
    class_permission_name = "Counts"
    method_permission_name = dict.fromkeys(("sheet", "save", "since", "scan", "items", "lots"), "write")  # fmt: skip

    @expose("/<int:count_id>/sheet")
    @guarded
    def sheet(self, count_id: int) -> Any:
        """All lines of the sheet; nothing of the book."""
        head = queries.count(count_id)
        if head.facility_id not in {place.id for place in catalog.facilities(writable=True)}:
            raise NotAllowed(
                Text(
                    "Chỉ người giữ kho này mới kiểm kê được.",
                    "Only those who keep this store may count it.",
                )
            )
        lines = queries.sheet(count_id)
        config = {
            "count": count_id,
            "user": current_user.id,
            "facility": head.facility_id,
            "open": head.state in ("open", "counting"),
            "lines": [_line(line) for line in lines],
            "packs": _packs(lines),
            "show": request.args.get("show", ""),
            "last": max((line.tally.id for line in lines if line.tally), default=0),
            "words": _words(),
        }
        return self.render_template(
            "counts/sheet.html", head=head, config=config, STATES=STATES, STATE_CHIPS=STATE_CHIPS
        )

    @expose("/<int:count_id>/save", methods=["POST"])
    @guarded
    def save(self, count_id: int) -> Any:
        """Keep what was counted; the same again changes nothing."""
        typed = json_body().get("tallies")
        if not isinstance(typed, list) or not all(isinstance(one, dict) for one in typed):
            raise InvalidInput(
                Text("Nội dung gửi lên không đọc được.", "What was sent cannot be read.")
            )
        saved = services.save_tallies(count_id, [_input(one) for one in typed])
        return jsonify(
            tallies={key: _tally(value) for key, value in saved.tallies.items()},
            conflicts={key: _tally(value) for key, value in saved.conflicts.items()},
        )

    @expose("/<int:count_id>/since/<int:last>")
    @guarded
    def since(self, count_id: int, last: int) -> Any:
        """What others have counted or found since a tally; so two people see each other's work."""
        head = queries.count(count_id)
        lines = [
            line
            for line in queries.sheet(count_id)
            if not line.listed or (line.tally is not None and line.tally.id > last)
        ]
        return jsonify(
            open=head.state in ("open", "counting"), lines=[_line(line) for line in lines]
        )

    @expose("/<int:count_id>/scan")
    @guarded
    def scan(self, count_id: int) -> Any:
        """What a scanned code means: items by their code, with the lot and expiry it names."""
        head = queries.count(count_id)
        read = read_scan(request.args.get("code", ""))
        known = find_code(read.code)
        hits = item_search(known.item_code if known else read.code, head.facility_id, limit=3)
        return jsonify(
            items=[
                {"code": hit.code, "name": t(hit.name)}
                for hit in hits
                if known is None or hit.code == known.item_code
            ],
            lot_number=read.lot_number,
            expiry=_dmy(read.expiry),
        )

    @expose("/<int:count_id>/items")
    @guarded
    def items(self, count_id: int) -> Any:
        """Items by a few letters of their name, for a lot that was found."""
        head = queries.count(count_id)
        found = item_search(request.args.get("q", "")[:100], head.facility_id, limit=10)
        return jsonify(
            items=[{"code": hit.code, "name": t(hit.name), "unit": t(hit.unit)} for hit in found]
        )

    @expose("/<int:count_id>/lots", methods=["POST"])
    @guarded
    def lots(self, count_id: int) -> Any:
        """Put a lot on the sheet that was found on the shelf."""
        typed = json_body()
        expiry = str(typed.get("expiry") or "").strip()
        line = services.add_found_lot(
            count_id,
            FoundLot(
                item_code=str(typed.get("item_code") or ""),
                lot_number=str(typed.get("lot_number") or "").strip(),
                expiry=parse_expiry(expiry, "expiry") if expiry else None,
            ),
        )
        return jsonify(line=_line(line))


def _input(typed: dict[str, Any]) -> TallyInput:
    seen = typed.get("seen")
    try:
        return TallyInput(
            line_id=int(typed["line_id"]),
            quantity=typed["quantity"],
            poor=typed.get("poor") or 0,
            spoiled=typed.get("spoiled") or 0,
            note=str(typed.get("note") or "").strip(),
            seen=seen if isinstance(seen, int) else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            Text("Nội dung gửi lên không đọc được.", "What was sent cannot be read.")
        ) from error


def _line(line: SheetLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "code": line.item_code,
        "name": t(line.item_name),
        "other_name": line.item_name.en,
        "category": t(CATEGORY[line.category]) if line.category in CATEGORY else line.category,
        "unit": t(line.unit),
        "lot": line.lot_number,
        "expiry": _dmy(line.expiry),
        "found": not line.listed,
        "round": line.round,
        "tally": _tally(line.tally) if line.tally else None,
    }


def _packs(lines: Sequence[SheetLine]) -> dict[str, dict[str, Any]]:
    """Item -> its usual pack, for those who count boxes."""
    return {
        item.code: {"name": t(pack.name), "units": pack.units_per_pack}
        for item in catalog.items(sorted({line.item_code for line in lines}))
        for pack in item.packs
        if pack.is_default
    }


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "id": tally.id,
        "round": tally.round,
        "quantity": tally.quantity,
        "poor": tally.poor,
        "spoiled": tally.spoiled,
        "note": tally.note,
        "by_id": tally.by_id,
        "by": tally.by,
        "at": f"{tally.at.astimezone(VIETNAM):%H:%M %d/%m}",
    }


def _dmy(day: dt.date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _words() -> dict[str, str]:
    """What the script says."""
    return {
        "label": t("Các lô cần đếm", "Lots to count"),
        "item": t("Mặt hàng, lô", "Item, lot"),
        "quantity": t("Đếm được", "Counted"),
        "poor": t("Kém phẩm chất", "Poor quality"),
        "spoiled": t("Mất phẩm chất", "Spoiled"),
        "note": t("Ghi chú", "Note"),
        "more": t("Chất lượng, ghi chú", "Quality, note"),
        "no_lot": t("không số lô", "no lot number"),
        "lot": t("Lô", "Lot"),
        "expiry": t("HSD", "Exp."),
        "found": t("tìm thấy thêm", "found"),
        "recount": t("kiểm lại lần", "recount no."),
        "waiting": t("chờ lưu", "to be saved"),
        "saved_by": t("{by} ghi lúc {at}", "{by} at {at}"),
        "conflict": t("{by} vừa ghi {quantity} lúc {at}", "{by} has written {quantity} at {at}"),
        "take_theirs": t("Lấy số {quantity}", "Take {quantity}"),
        "keep_mine": t("Giữ số của tôi", "Keep mine"),
        "bad_number": t("Hãy nhập số nguyên, ví dụ 1.234, hoặc phép tính 12x100+30.", "Type a whole number, for example 1.234, or a sum: 12x100+30."),
        "sum": t("= {n} {unit}", "= {n} {unit}"),
        "pack": t("{name}", "{name}"),
        "camera_none": t("Không mở được máy ảnh; hãy cho phép dùng máy ảnh, hoặc chụp ảnh mã rồi chọn ảnh.", "The camera could not be opened; allow it, or choose a picture of the code."),
        "camera_nothing": t("Không thấy mã nào trong ảnh.", "No code was found in the picture."),
        "camera_aim": t("Đưa mã vào giữa khung.", "Hold the code in the middle."),
        "bad_quality": t("Kém và mất phẩm chất nhiều hơn số đếm được.", "More poor or spoiled than counted."),
        "not_blank": t("Đã ghi {quantity}; không còn thì ghi 0.", "{quantity} was saved; type 0 for none."),
        "progress": t("Đã đếm {done}/{all}", "Counted {done} of {all}"),
        "saving": t("Đang lưu {n} dòng…", "Saving {n} lines…"),
        "pending": t("{n} dòng chờ gửi, vẫn giữ trên máy này", "{n} lines wait here to be sent"),
        "saved": t("Đã lưu hết", "All saved"),
        "none": t("Không có dòng nào như vậy.", "No line matches."),
        "not_on_sheet": t("Không có lô này trên phiếu; hãy thêm lô tìm thấy.", "This lot is not on the sheet; add it as found."),
        "bad_scan": t("Chưa đọc được mã; hãy gõ tên hàng.", "The code could not be read; type the name."),
        "closed": t("Đợt kiểm kê đã chuyển bước; số chưa gửi không lưu được nữa.", "The count has moved on; what was not sent cannot be saved any more."),
    }  # fmt: skip
