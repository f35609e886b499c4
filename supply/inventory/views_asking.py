"""What the entry screen asks while a person writes: items, lots, scanned codes, earlier papers."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from flask_appbuilder import BaseView, expose

from supply.catalog import queries as catalog
from supply.core.errors import InvalidInput
from supply.core.i18n import t, today
from supply.core.security import guarded
from supply.core.text import Text
from supply.inventory import entry_json, entry_queries, entry_services, gs1, queries
from supply.inventory.documents import LINES_MAX
from supply.inventory.entry_forms import FORMS, form_of
from supply.inventory.gs1 import Scan
from supply.inventory.kinds import INSIDE_PLACES, Kind
from supply.inventory.limits import limits_of
from supply.inventory.typed import read_draft
from supply.inventory.views_common import chosen, day_of_address, facility, json_body

_FOUND_MAX = 12


class AskingView(BaseView):
    """Answers for the entry screen's script."""

    route_base = "/documents"
    class_permission_name = "Documents"
    method_permission_name = dict.fromkeys(("items", "known", "lots", "allowed", "resolve", "scan", "learn", "arrivals", "issued", "owed", "save_template", "delete_template"), "write")  # fmt: skip

    @expose("/items")
    @guarded
    def items(self) -> Any:
        """Items for the search box, with what the store can use."""
        place = facility(chosen("facility"), writable=True)
        kind = _kind(request.args.get("kind", ""))
        found = queries.item_search(
            _plain(request.args.get("q", ""))[:100], place.id, limit=_FOUND_MAX
        )
        shown = entry_json.items_json([hit.code for hit in found], place.id, kind)
        return jsonify(items=[shown[hit.code] for hit in found])

    @expose("/known")
    @guarded
    def known(self) -> Any:
        """The items the store uses, most used first: searched in the page while one types."""
        place = facility(chosen("facility"), writable=True)
        kind = _kind(request.args.get("kind", ""))
        items = entry_json.known_json(place.id, kind)
        return jsonify(items=items, complete=len(items) < entry_queries.KNOWN_MAX)

    @expose("/lots", methods=["POST"])
    @guarded
    def lots(self) -> Any:
        """The lots of many items in a place, first expired first, expired ones included."""
        asked = json_body()
        place = facility(_number(asked, "facility_id"), writable=True)
        where = str(asked.get("place", "store"))
        found = entry_queries.lots_of(
            _texts(asked, "items"), place.id, where if where in INSIDE_PLACES else "store"
        )
        return jsonify(
            lots={code: [entry_json.lot_json(lot) for lot in lots] for code, lots in found.items()}
        )

    @expose("/limits")
    @guarded
    def allowed(self) -> Any:
        """What is left of each item by what other rooms allow, on the document's day."""
        place = facility(chosen("facility"), writable=True)
        kind = _kind(request.args.get("kind", ""))
        day = day_of_address("day", None) or today()
        return jsonify(
            limits=[
                {
                    "item_code": limit.item_code,
                    "left_to_day": limit.left_to_day,
                    "left": limit.left,
                    "until": limit.until.isoformat(),
                    "details": t(limit.details),
                    "source": t(limit.source),
                    "url": limit.url,
                }
                for limit in limits_of(place.id, kind, day)
            ]
        )

    @expose("/resolve", methods=["POST"])
    @guarded
    def resolve(self) -> Any:
        """Which items the texts of a pasted list mean: codes, GTINs, whole names."""
        asked = json_body()
        place = facility(_number(asked, "facility_id"), writable=True)
        kind = _kind(str(asked.get("kind", "")))
        meant = entry_queries.named(_texts(asked, "words"))
        items = entry_json.items_json(meant.values(), place.id, kind)
        return jsonify(codes=meant, items=items)

    @expose("/scan", methods=["POST"])
    @guarded
    def scan(self) -> Any:
        """What a scan says, and the item its code stands for, if anybody knows."""
        asked = json_body()
        place = facility(_number(asked, "facility_id"), writable=True)
        kind = _kind(str(asked.get("kind", "")))
        read = gs1.read_scan(str(asked.get("text", "")))
        hit = entry_queries.find_code(read.code)
        items = entry_json.items_json([hit.item_code], place.id, kind) if hit else {}
        return jsonify(
            scan=_scan_json(_with_known_lot(read, hit.item_code, place.id) if hit else read),
            item=items[hit.item_code] if hit else None,
            pack_id=hit.pack_id if hit else None,
        )

    @expose("/codes", methods=["POST"])
    @guarded
    def learn(self) -> Any:
        """Teach what an unknown code stands for; afterwards everybody's scanner knows it."""
        asked = json_body()
        code = gs1.read_scan(str(asked.get("code", ""))).code
        pack = str(asked.get("pack_id") or "")
        entry_services.learn_code(
            code, _plain(asked.get("item_code"))[:20], int(pack) if _is_key(pack) else None
        )
        return jsonify(learned=code)

    # --- lines of earlier documents --------------------------------------------------------------

    @expose("/arrivals/<int:dispatch_id>")
    @guarded
    def arrivals(self, dispatch_id: int) -> Any:
        """What of a dispatch is still on its way, as lines of a transfer receipt."""
        mine = [place.id for place in catalog.facilities(writable=True)]
        return _lines(entry_json.arriving_lines(dispatch_id, mine), Kind.TRANSFER_RECEIPT)

    @expose("/issued/<int:issue_id>")
    @guarded
    def issued(self, issue_id: int) -> Any:
        """What of an issue is still out, as lines of a return."""
        return _lines(entry_json.returning_lines(issue_id), Kind.RETURN)

    @expose("/owed/<int:loan_id>")
    @guarded
    def owed(self, loan_id: int) -> Any:
        """What of a loan is still owed, as lines that give it back."""
        return _lines(entry_json.owed_lines(loan_id), _kind(request.args.get("kind", "")))

    # --- templates -------------------------------------------------------------------------------

    @expose("/templates/save/<kind>", methods=["POST"])
    @guarded
    def save_template(self, kind: str) -> Any:
        """Keep what is written under a name, to write it again."""
        typed = json_body()
        wanted, _form = form_of(kind)
        name = _plain(typed.get("name"))[:1000]
        return jsonify(
            template_id=entry_services.save_template(read_draft(wanted, typed), name),
            said=t(f"Đã lưu mẫu “{name.strip()}”.", f"Saved the template “{name.strip()}”."),
        )

    @expose("/templates/<int:template_id>/delete", methods=["POST"])
    @guarded
    def delete_template(self, template_id: int) -> Any:
        """Forget a template."""
        entry_services.delete_template(template_id)
        return jsonify(deleted=template_id)


def _kind(name: str) -> Kind:
    """The kind whose screen asks; a receipt's where it does not say."""
    return form_of(name or Kind.RECEIPT.value)[0]


def _lines(lines: list[dict[str, Any]], kind: Kind) -> Any:
    mine = catalog.facilities(writable=True)
    place = facility(chosen("facility") or (mine[0].id if mine else None), writable=True)
    codes = [line["item_code"] for line in lines]
    return jsonify(lines=lines, items=entry_json.items_json(codes, place.id, kind))


def _texts(asked: dict[str, Any], name: str) -> list[str]:
    """A list of short texts. Raises InvalidInput."""
    found = asked.get(name)
    if not isinstance(found, list) or len(found) > LINES_MAX:
        raise InvalidInput(
            Text("Danh sách gửi lên không đọc được.", "The list that was sent cannot be read.")
        )
    return [_plain(text)[:300] for text in found if text is not None]


def _plain(value: object) -> str:
    """A value as text that the database takes."""
    return "" if value is None else str(value).replace("\x00", "")


def _number(asked: dict[str, Any], name: str) -> int | None:
    text = str(asked.get(name) or "")
    return int(text) if _is_key(text) else None


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _scan_json(scan: Scan) -> dict[str, Any]:
    return {
        "code": scan.code,
        "gtin": scan.gtin,
        "lot_number": scan.lot_number,
        "expiry": f"{scan.expiry:%d/%m/%Y}" if scan.expiry else "",
        "serial": scan.serial,
        "count": scan.count,
        "guessed": scan.guessed,
    }


def _with_known_lot(scan: Scan, item_code: str, facility_id: int) -> Scan:
    """A wedge that drops FNC1 glues the serial to the lot: a lot that lies here tells where to cut."""
    if "21" not in scan.lot_number or scan.serial:
        return scan
    lots = entry_queries.lots_of([item_code], facility_id, FORMS[Kind.ISSUE].place)[item_code]
    known = {lot.lot_number for lot in lots}
    return gs1.cut_at_known_lot(scan, known)
