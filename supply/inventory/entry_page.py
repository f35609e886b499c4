"""What the entry page is made of: the fields of its head with their choices, what its script is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from supply.catalog import queries as catalog
from supply.core.i18n import t, today
from supply.inventory import entry_followups, entry_queries, queries
from supply.inventory.entry_followups import Earlier
from supply.inventory.entry_forms import FORMS
from supply.inventory.entry_words import entry_words
from supply.inventory.kinds import FROM_PLACES, PLACES, PURPOSES, REASONS, Kind, ReasonFacts

Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class HeadField:
    """A field of the head: a select where it has `choices`, text otherwise. `when`: shown only with
    these purposes ("" always)."""

    name: str
    label: str
    choices: Choices | None = None
    blank: str = ""
    size: str = ""
    max_length: int = 200
    when: str = ""


def head_fields(kind: Kind, facility_id: int, form: dict[str, Any]) -> list[HeadField]:
    """The fields of the kind's head, in order."""
    made = (_head_field(name, kind, facility_id) for name in FORMS[kind].head)
    return [field for field in made if field is not None]


def _head_field(name: str, kind: Kind, home: int) -> HeadField | None:
    choose = t("Chọn…", "Choose…")
    if name == "partner_code":
        found = [(p.code, t(p.name)) for p in catalog.partners()]
        label = t("Bên giao hàng", "From whom")
        if kind == Kind.ISSUE:
            return HeadField(name, t("Nơi mượn", "Borrower"), found, choose, "named", when="loan")
        return HeadField(name, label, found, choose, "named")
    if name == "fund_code":
        found = [(f.code, t(f.name)) for f in catalog.funds()]
        return HeadField(name, t("Nguồn quỹ", "Fund"), found, choose, "wide")
    if name == "purpose":
        return _purposes(kind)
    if name == "settles_id":
        found = _earlier(entry_followups.loans_to_settle(home, kind))
        return HeadField(
            name, t("Trả cho phiếu mượn", "Settles the loan"), found, choose, "wide",
            when="loan_return",
        )  # fmt: skip
    if name == "counterpart_facility_id":
        found = [(str(p.id), t(p.name)) for p in catalog.neighbours(home)]
        return HeadField(name, t("Nơi nhận", "Receiver"), found, choose, "named")
    if name == "follows_id":
        return _follows(kind, home)
    if name == "from_place":
        found = [(place, t(PLACES[place])) for place in FROM_PLACES[kind]]
        return HeadField(name, t("Lấy từ", "Taken from"), found, size="short")
    if name == "reason" and kind == Kind.ADJUSTMENT:
        found = [(code, t(facts.name)) for code, facts in REASONS.items()]
        return HeadField(name, t("Lý do", "Reason"), found, choose)
    return _text_field(name, kind)


def _text_field(name: str, kind: Kind) -> HeadField:
    """A field to type into, labelled as the paper of the kind calls it."""
    labels = {
        "recipient": t("Người, bộ phận nhận", "Recipient"),
        "note": t("Ghi chú", "Note"),
        "reason": t("Lý do", "Reason"),
        "paper_reference": t("Số chứng từ giấy", "Paper reference"),
    }
    special = {
        (Kind.RECEIPT, "paper_reference"): t("Số hóa đơn, biên bản", "Invoice, minutes no."),
        (Kind.TRANSFER_DISPATCH, "paper_reference"): t("Số lệnh điều chuyển", "Transfer order no."),
        (Kind.TRANSFER_DISPATCH, "recipient"): t("Người nhận, vận chuyển", "Carrier, recipient"),
        (Kind.TRANSFER_RECEIPT, "paper_reference"): t("Số biên bản giao nhận", "Handover minutes"),
        (Kind.TRANSFER_RECEIPT, "reason"): t("Lý do hao hụt (nếu có)", "Reason for loss, if any"),
        (Kind.RETURN, "reason"): t("Lý do hoàn trả", "Why it comes back"),
        (Kind.QUARANTINE, "reason"): t("Lý do biệt trữ", "Why it is set aside"),
        (Kind.RELEASE, "reason"): t("Lý do giải tỏa", "Why it is released"),
        (Kind.ADJUSTMENT, "paper_reference"): t("Số biên bản", "Minutes no."),
    }
    limits = {"paper_reference": 100, "note": 2000}
    return HeadField(
        name, special.get((kind, name), labels[name]), max_length=limits.get(name, 200)
    )


def _purposes(kind: Kind) -> HeadField:
    found = [(code, t(name)) for code, name in PURPOSES[kind].items()]
    blanks = {
        Kind.RECEIPT: t("Mua hoặc tài trợ", "Purchase or donation"),
        Kind.TRANSFER_DISPATCH: t("Điều chuyển", "Transfer"),
    }
    label = t("Hình thức", "Way") if kind != Kind.ISSUE else t("Xuất cho", "For")
    return HeadField("purpose", label, found, blanks.get(kind, t("Không ghi rõ", "Not said")))


def _follows(kind: Kind, home: int) -> HeadField:
    if kind == Kind.RETURN:
        found = _earlier(entry_followups.issues_to_return(home))
        label = t("Phiếu xuất được hoàn trả", "Issue that comes back")
    else:
        found = dispatches(home)
        label = t("Phiếu chuyển đến", "Transfer that arrived")
    return HeadField("follows_id", label, found, t("Chọn…", "Choose…"), "wide")


def _earlier(found: list[Earlier]) -> Choices:
    return [
        (str(d.id), " · ".join(filter(None, (d.label, f"{d.happened_on:%d/%m/%Y}", d.words))))
        for d in found
    ]


def dispatches(facility_id: int) -> Choices:
    """Transfers on their way to this store, for a select."""
    frame = queries.in_transit([facility_id])
    coming = frame[frame["to_facility_id"] == facility_id]["dispatch_id"].drop_duplicates()
    heads = [queries.document(int(dispatch_id)).head for dispatch_id in coming.tolist()]
    return [
        (str(head.id), f"{head.label} · {t(head.facility_name)} · {head.happened_on:%d/%m/%Y}")
        for head in heads
    ]


def page_config(kind: Kind, home: int) -> dict[str, Any]:
    """What the script is told of the kind, whatever the document says."""
    form = FORMS[kind]
    as_above = t("Theo phiếu", "As above") if form.brings else t("Theo lô", "The lot's")
    funds = [{"value": f.code, "label": t(f.name)} for f in catalog.funds()]
    return {
        "kind": kind.value,
        "today": today().isoformat(),
        "words": entry_words(kind),
        "ways": {code: _only_way(facts) for code, facts in REASONS.items()},
        "funds": [{"value": "", "label": as_above}, *funds],
        "form_of": {
            "columns": form.columns,
            "place": form.place,
            "brings": form.brings,
            "takes": form.takes,
            "fefo": form.fefo,
            "any_lot": form.any_lot,
            "may_fall_short": form.may_fall_short,
            "arrives": form.arrives,
            "adjusts": form.adjusts,
            "limited": kind == Kind.ISSUE,
        },
        "repeats": not form.arrives and entry_queries.last_head(home, kind) is not None,
        "urls": _urls(kind),
    }


def _urls(kind: Kind) -> dict[str, str]:
    lines_of = {Kind.TRANSFER_RECEIPT: "arrivals", Kind.RETURN: "issued"}
    return {
        "items": "/documents/items",
        "known": "/documents/known",
        "lots": "/documents/lots",
        "limits": "/documents/limits",
        "resolve": "/documents/resolve",
        "scan": "/documents/scan",
        "codes": "/documents/codes",
        "follows": f"/documents/{lines_of.get(kind, 'owed')}/",
        "post": f"/documents/new/{kind.value}",
        "preview": f"/documents/preview/{kind.value}",
        "save_draft": f"/documents/drafts/save/{kind.value}",
        "save_template": f"/documents/templates/save/{kind.value}",
        "templates": "/documents/templates/",
        "drafts": "/documents/drafts/",
        "again": f"/documents/new/{kind.value}",
    }


def _only_way(facts: ReasonFacts) -> str:
    """The direction a reason leaves no choice about."""
    if facts.may_come_in and facts.may_go_out:
        return ""
    return "in" if facts.may_come_in else "out"
