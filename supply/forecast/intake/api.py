"""Reported cases for other programs: what counts, what was known on a day; send a batch once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from supply.catalog import queries as catalog
from supply.core.api import Answer, Api, Sent, cursor_of, cursor_read, operation
from supply.core.errors import Fault, InvalidInput, NotFound
from supply.core.shapes import Bool, Day, Int, Listed, Obj, OneOf, Shape, Str, Uuid
from supply.core.shapes import Moment as MomentShape
from supply.core.text import Text
from supply.forecast.intake import keeping, queries
from supply.forecast.intake.checking import Choices
from supply.forecast.intake.found import DAY, Given
from supply.forecast.intake.keeping import Batch, Kept

TAG = "Cases"
LIMIT, LIMIT_MAX = 100, 500
ROWS_MAX = 5_000
FIRST, LAST = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
SLUG = Str(shortest=1, longest=40, about="A district, by its slug", example="ba-dinh")
WARD = Str(shortest=1, longest=120, about="A ward, by its code", example="00001")
LENGTH = Int(lowest=1, highest=7, about="1: of a day; 7: of the week that ends on this Saturday", example=1)  # fmt: skip
CASE = Obj(
    name="CaseFigure",
    fields={
        "ward": WARD,
        "ward_name": Str(longest=120, example="Phúc Xá"),
        "on": Day(example="2022-03-05"),
        "days": LENGTH,
        "cases": Int(lowest=-1_000_000, highest=1_000_000, example=12, about="Negative: a correction"),
        "anomaly": Bool(about="Not to be believed: shown, never used"),
        "source": Str(longest=500, example="Báo cáo ngày của trạm y tế"),
        "recorded_at": MomentShape(),
    },
)  # fmt: skip
PAGE = Obj(
    name="CaseFigurePage",
    fields={
        "result": Listed(of=CASE),
        "next_after": Str(longest=1000, null=True, about="null: that was the last page"),
    },
)
NEW_CASE = Obj(
    name="NewCaseFigure",
    fields={
        "ward": Str(shortest=1, longest=120, example="00001", about="Code or name; the district's own name: a total, shared by population"),
        "on": Day(example="2022-03-05"),
        "cases": Int(lowest=-1_000_000, highest=1_000_000, example=12),
        "days": Int(lowest=1, highest=7, null=True, about="1 (if absent) or 7", example=1),
        "anomaly": Bool(null=True, about="Absent: nothing is said about it"),
        "note": Str(longest=500, null=True, example=""),
    },
    required=frozenset({"ward", "on", "cases"}),
)  # fmt: skip
NEW_BATCH = Obj(
    name="NewCaseBatch",
    fields={
        "district": Str(shortest=1, longest=40, null=True, about="Its slug; may be absent where the key sees one district", example="ba-dinh"),
        "source": Str(shortest=1, longest=keeping.SOURCE_MAX, example="Phần mềm giám sát dịch, bản ngày 05/03/2022"),
        "rows": Listed(of=NEW_CASE, longest=ROWS_MAX, lines=True),
    },
    required=frozenset({"source", "rows"}),
)  # fmt: skip
FINDING = Obj(
    name="CaseFinding",
    fields={
        "code": Str(longest=40, example="gap"),
        "does": OneOf(words=["refused", "asked", "shown"]),
        "text": Str(longest=4000, example="Thiếu ngày (Phúc Xá: 02/03/2022)."),
        "lines": Listed(of=Int(lowest=0, example=3)),
    },
)
KEPT = Obj(
    name="KeptCases",
    fields={
        "batch_id": Int(lowest=1, null=True, example=12, about="null: everything was there already"),
        "added": Int(example=14),
        "changed": Int(example=1),
        "unchanged": Int(example=83),
        "findings": Listed(of=FINDING, about="What each rule found; nothing is dropped or marked for you"),
    },
)  # fmt: skip
RESULT = Obj(name="KeptCasesResult", fields={"result": KEPT})
QUERY: dict[str, Shape] = {
    "limit": Int(lowest=1, highest=LIMIT_MAX, about=f"Rows of a page; {LIMIT} if absent"),
    "after": Str(longest=1000, about="The `next_after` of the page before"),
    "district": SLUG,
    "ward": WARD,
    "from": Day(about="First day"),
    "to": Day(about="Last day"),
    "as_known_on": Day(about="As it was known at the end of that day in Viet Nam"),
}


class CasesApi(Api):
    """Reported cases."""

    class_permission_name = "Cases"

    @operation(
        method="GET",
        path="/cases",
        tag=TAG,
        permission="read",
        summary=Text("Số ca mắc đang dùng", "Reported cases that count"),
        about="By ward and day. Of several figures for a ward, day and length the latest counts.",
        query=QUERY,
        answers={200: Answer("Figures, and where the next page begins", PAGE)},
        errors=(404,),
    )
    def cases(self, query: dict[str, Any]) -> Any:
        """By ward code, day, length."""
        limit = query.get("limit", LIMIT)
        after = cursor_read("cases", query.get("after"))
        known_on = query.get("as_known_on")
        found = queries.counted(
            _ward_ids(query),
            query.get("from") or FIRST,
            query.get("to") or LAST,
            None if known_on is None else queries.end_of(known_on),
            after,
            limit + 1,
        )
        shown = found[:limit]
        more = len(found) > limit
        return {
            "result": [{name: getattr(row, name) for name in CASE.fields} for row in shown],
            "next_after": cursor_of("cases", *shown[-1].key) if more else None,
        }

    @operation(
        method="POST",
        path="/cases",
        tag=TAG,
        permission="write",
        summary=Text("Gửi một đợt số ca", "Send a batch of cases"),
        about="All rows or none. A figure that counts already is not written again; a different one is"
        " a correction, the earlier stays. What the rules find is told, spikes included; only what is"
        " sent as `anomaly` is marked.",
        headers={"Idempotency-Key": Uuid(about="Made once per batch; the same again posts once", example="5a2f8c1e-7d0b-4c55-9d0e-2f5b7f6f3f10")},
        body=NEW_BATCH,
        answers={
            201: Answer("Recorded", RESULT),
            200: Answer("Recorded before with this key, or nothing was new", RESULT),
        },
        errors=(404, 409),
    )  # fmt: skip
    def post(self, body: dict[str, Any], headers: dict[str, Any]) -> Any:
        """Once per key."""
        slug = _district(body.get("district"))
        given = [_given(n, row) for n, row in enumerate(body["rows"], 1)]
        if not given:
            raise InvalidInput(
                faults=[Fault("rows", Text("Chưa có dòng nào.", "There are no rows."))]
            )
        choices = Choices({}, propose=False)
        batch = Batch("api", given, body["source"], headers["Idempotency-Key"], choices)
        kept = keeping.keep(slug, batch)
        is_new = kept.batch_id is not None and not kept.repeated
        return Sent({"result": _told(kept)}, 201 if is_new else 200)


def _given(line: int, row: dict[str, Any]) -> Given:
    days = row.get("days") or DAY
    if days not in (1, 7):
        words = Text("Chỉ nhận 1 (ngày) hoặc 7 (tuần).", "1 (a day) or 7 (a week) only.")
        raise InvalidInput(faults=[Fault("days", words, line)])
    ward = " ".join(row["ward"].split())
    if not ward:
        words = Text("Thiếu mã hoặc tên phường, xã.", "The ward's code or name is missing.")
        raise InvalidInput(faults=[Fault("ward", words, line)])
    return Given(
        line,
        ward,
        row["on"],
        row["cases"],
        days,
        note=row.get("note") or "",
        anomaly=row.get("anomaly"),
    )


def _told(kept: Kept) -> dict[str, Any]:
    return {
        "batch_id": kept.batch_id,
        "added": kept.added,
        "changed": kept.changed,
        "unchanged": kept.unchanged,
        "findings": [
            {"code": f.code, "does": f.does, "text": f.text, "lines": list(f.lines)}
            for f in kept.findings
        ],
    }


def _district(slug: str | None) -> str:
    if slug is not None:
        return catalog.district(slug).slug
    found = catalog.districts()
    if len(found) != 1:
        words = Text("Hãy ghi quận, huyện.", "Say which district.")
        raise InvalidInput(faults=[Fault("district", words)])
    return found[0].slug


def _ward_ids(query: dict[str, Any]) -> list[int]:
    """The wards asked about, of one district or of all in scope. Raises NotFound."""
    slug = query.get("district")
    places = catalog.districts() if slug is None else [catalog.district(slug)]
    wards = [ward for place in places for ward in catalog.wards(place.id)]
    code = query.get("ward")
    found = [ward.id for ward in wards if code is None or ward.code == code]
    if code is not None and not found:
        raise NotFound(
            Text("Không có phường, xã này trong phạm vi của bạn.", "No such ward in your scope.")
        )
    return found
