"""What a document would change before it is posted, for the entry screen."""

from __future__ import annotations

from typing import Any

from flask import jsonify
from flask_appbuilder import BaseView, expose

from supply.core.errors import NotEnoughStock, SupplyError
from supply.core.i18n import dmy, num, t
from supply.core.security import guarded
from supply.inventory.backdating import Effect, effect_of
from supply.inventory.typed import entry_kind, read_document
from supply.inventory.views_common import json_body


class PreviewView(BaseView):
    """A trial of a document; nothing is posted."""

    route_base = "/documents/preview"
    class_permission_name = "Documents"
    method_permission_name = {"preview": "write"}

    @expose("/<kind>", methods=["POST"])
    @guarded
    def preview(self, kind: str) -> Any:
        """The form as the entry screen sends it; answers with what posting it would change, or with
        the refusal (a day on which it would go below zero, a closed period) as problem details."""
        document = read_document(entry_kind(kind), json_body())
        try:
            effect = effect_of(document)
        except NotEnoughStock as error:
            # The head names the day; the faults stay at their lines.
            return jsonify(refused=t(error.text), errors=_faults(error)), 409
        return jsonify(_effect(effect))


def _faults(error: SupplyError) -> list[dict[str, Any]]:
    return [{"line": f.line, "field": f.field, "message": t(f.text)} for f in error.faults]


def _effect(effect: Effect) -> dict[str, Any]:
    """The effect for the screen: figures, and one sentence that says what matters."""
    return {
        "happened_on": effect.happened_on.isoformat(),
        "back_dated": effect.is_back_dated,
        "sentence": _sentence(effect),
        "items": [
            {
                "item_code": i.item_code,
                "name": t(i.item_name),
                "unit": t(i.unit),
                "change": i.change,
                "day_before": i.day_before,
                "day_after": i.day_after,
                "now_before": i.now_before,
                "now_after": i.now_after,
                "later_movements": i.later_movements,
                "lowest_after": i.lowest_after,
                "lowest_on": i.lowest_on.isoformat(),
            }
            for i in effect.items
        ],
        "counts": [
            {"document_id": c.document_id, "label": c.label, "happened_on": c.happened_on.isoformat()}
            for c in effect.counts
        ],
        "months": [m.isoformat() for m in effect.months],
    }  # fmt: skip


def _sentence(effect: Effect) -> str:
    if not effect.is_back_dated:
        return ""
    later = sum(i.later_movements for i in effect.items)
    vi = [f"Ghi lùi về {dmy(effect.happened_on)}: {num(later)} lần nhập, xuất sau đó đổi số tồn"]
    en = [f"Back-dated to {dmy(effect.happened_on)}: {num(later)} later movements change balance"]
    if effect.counts:
        labels = ", ".join(c.label for c in effect.counts)
        vi.append(f"chênh lệch kiểm kê ở {labels} phải xem lại")
        en.append(f"the count differences of {labels} need another look")
    if effect.months:
        months = ", ".join(f"{m:%m/%Y}" for m in effect.months)
        vi.append(f"số dư và báo cáo tháng {months} đổi theo")
        en.append(f"closing balances and reports of {months} change")
    return t("; ".join(vi) + ".", "; ".join(en) + ".")
