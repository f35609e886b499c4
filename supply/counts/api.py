"""Stock counts for other programs: open, count blind, compare, resolve by one adjustment."""

from __future__ import annotations

from typing import Any

from supply.core.api import Answer, Api, operation
from supply.core.errors import Conflict
from supply.core.shape_of import made, shape_of, taken_shape, with_also
from supply.core.shapes import Int, Listed, MapOf, Obj, OneOf, Str
from supply.core.text import Text
from supply.counts import queries, resolving, services
from supply.counts.asked import CountRequest, FoundLot, Member, Resolution, TallyInput
from supply.counts.rows import ComparedLine, Comparison, CountEvent, CountHead, SheetLine
from supply.inventory.api import FACILITY, PAGING, in_scope, one_after, page, page_answer
from supply.inventory.api_documents import KEYED, fields_as_sent
from supply.inventory.api_shapes import ID, SIGNED, one_of
from supply.inventory.rows import Page

TAG = "Counts"
AT = {"count_id": ID}
HEAD = shape_of(CountHead, "CountHead")
COUNT_VIEW = Obj(
    name="Count",
    fields={"head": HEAD, "events": Listed(of=shape_of(CountEvent, "CountEvent"))},
)
SHEET = Obj(name="CountSheet", fields={"result": Listed(of=shape_of(SheetLine, "SheetLine"))})
COMPARED = shape_of(ComparedLine, "ComparedLine", also={"difference": SIGNED})
COMPARISON = Obj(
    name="Comparison",
    fields={**shape_of(Comparison).fields, "head": HEAD, "lines": Listed(of=COMPARED)},
)
TALLIES = Obj(
    name="NewTallies",
    fields={"lines": Listed(of=taken_shape(TallyInput, "NewTally"), longest=500, lines=True)},
)
SAVED = shape_of(services.Saved, "SavedTallies")
RESOLUTION = taken_shape(
    Resolution, "NewResolution", without=("funds",),
    known={
        "head": taken_shape(Member, "CountMember"),
        "members": Listed(of=taken_shape(Member, "CountMember"), longest=12),
        "book_seen": Str(longest=64, about="From the comparison that was decided upon"),
        "reasons": MapOf(of=Str(longest=200), about="A line's id -> why it differs"),
        "uncounted": OneOf(words=["", "leave", "zero"]),
    },
)  # fmt: skip
LINES = Obj(
    name="CountLines",
    fields={"lines": Listed(of=Int(lowest=1), longest=5000, about="Ids of lines of the sheet")},
)
WHY = Obj(name="CountReason", fields={"reason": Str(shortest=1, longest=500, example="Nhầm ngày")})
STATE = {200: Answer("As it stands now", one_of(COUNT_VIEW))}


class CountsApi(Api):
    """Counts of a store."""

    class_permission_name = "Counts"

    @operation(
        method="GET",
        path="/counts",
        tag=TAG,
        permission="read",
        summary=Text("Các đợt kiểm kê, mới nhất trước", "Counts, newest first"),
        query=PAGING | {"facility": FACILITY},
        answers=page_answer(HEAD),
        errors=(404,),
    )
    def counts(self, query: dict[str, Any]) -> Any:
        """Under way, resolved and given up."""
        rows, after = queries.counts(
            in_scope(query), after=one_after("counts", query), limit=query.get("limit", 100)
        )
        return page(Page(tuple(rows), after), "counts", after)

    @operation(
        method="GET",
        path="/counts/{count_id}",
        tag=TAG,
        permission="read",
        summary=Text("Một đợt kiểm kê", "One count"),
        in_path=AT,
        answers=STATE,
    )
    def count(self, count_id: int) -> Any:
        """Its head and the states it entered."""
        return _state(count_id)

    @operation(
        method="GET",
        path="/counts/{count_id}/sheet",
        tag=TAG,
        permission="read",
        summary=Text("Phiếu đếm (không có số sổ)", "The blind sheet"),
        in_path=AT,
        answers={200: Answer("Every line, in the order of shelves", SHEET)},
    )
    def sheet(self, count_id: int) -> Any:
        """Nothing here tells what the book says."""
        return {"result": queries.sheet(count_id)}

    @operation(
        method="GET",
        path="/counts/{count_id}/comparison",
        tag=TAG,
        permission="read",
        summary=Text("So với sổ", "Against the book"),
        in_path=AT,
        answers={200: Answer("Book, counted, difference", one_of(COMPARISON))},
        errors=(409,),
    )
    def comparison(self, count_id: int) -> Any:
        """Not before it was compared: a count is blind."""
        if queries.count(count_id).state not in {"compared", "resolved"}:
            words = Text("Đợt kiểm kê chưa đối chiếu.", "The count was not compared yet.")
            raise Conflict(words)
        found = queries.compare(count_id)
        lines = [with_also(line) | {"difference": line.variance.difference} for line in found.lines]
        return {"result": with_also(found) | {"lines": lines}}

    @operation(
        method="POST",
        path="/counts",
        tag=TAG,
        permission="write",
        summary=Text("Mở đợt kiểm kê", "Open a count"),
        headers=KEYED,
        body=taken_shape(
            CountRequest,
            "NewCount",
            without=("client_key",),
            known={"scope": OneOf(words=["all", "category", "items"])},
        ),
        answers={201: Answer("Opened, or opened before with this key", one_of(COUNT_VIEW))},
        errors=(404, 409),
    )
    def open(self, body: dict[str, Any], headers: dict[str, Any]) -> Any:
        """Once per key."""
        with fields_as_sent():
            request = made(CountRequest, body, client_key=headers["Idempotency-Key"])
            return _state(services.open_count(request))

    @operation(
        method="POST",
        path="/counts/{count_id}/tallies",
        tag=TAG,
        permission="write",
        summary=Text("Ghi số đếm được", "Save what was counted"),
        about="The same again changes nothing.",
        in_path=AT,
        body=TALLIES,
        answers={200: Answer("What stands now, and what somebody else had written", one_of(SAVED))},
        errors=(409,),
    )
    def tallies(self, count_id: int, body: dict[str, Any]) -> Any:
        """By line of the sheet."""
        with fields_as_sent():
            lines = [made(TallyInput, one) for one in body["lines"]]
            return {"result": services.save_tallies(count_id, lines)}

    @operation(
        method="POST",
        path="/counts/{count_id}/found-lots",
        tag=TAG,
        permission="write",
        summary=Text("Thêm lô tìm thấy", "Add a lot that was found"),
        in_path=AT,
        body=taken_shape(FoundLot, "NewFoundLot"),
        answers={201: Answer("Its line of the sheet", one_of(shape_of(SheetLine, "SheetLine")))},
        errors=(409,),
    )
    def found_lot(self, count_id: int, body: dict[str, Any]) -> Any:
        """One that is not on the sheet."""
        with fields_as_sent():
            return {"result": services.add_found_lot(count_id, made(FoundLot, body))}

    @operation(
        method="POST",
        path="/counts/{count_id}/comparing",
        tag=TAG,
        permission="write",
        summary=Text("Đối chiếu với sổ", "Compare with the book"),
        in_path=AT,
        answers=STATE,
        errors=(409, 422),
    )
    def compare(self, count_id: int) -> Any:
        """Counting ends; differences may be counted again."""
        services.compare(count_id)
        return _state(count_id)

    @operation(
        method="POST",
        path="/counts/{count_id}/recount",
        tag=TAG,
        permission="write",
        summary=Text("Đếm lại các dòng", "Count lines again"),
        in_path=AT,
        body=LINES,
        answers=STATE,
        errors=(409,),
    )
    def recount(self, count_id: int, body: dict[str, Any]) -> Any:
        """Blind once more."""
        services.recount(count_id, body["lines"])
        return _state(count_id)

    @operation(
        method="POST",
        path="/counts/{count_id}/resolution",
        tag=TAG,
        permission="write",
        summary=Text("Xử lý chênh lệch", "Resolve"),
        about="One adjustment puts the book right; book and counted are both kept.",
        in_path=AT,
        body=RESOLUTION,
        answers=STATE,
        errors=(409,),
    )
    def resolve(self, count_id: int, body: dict[str, Any]) -> Any:
        """Signed by the committee."""
        with fields_as_sent():
            reasons = {
                int(line): why
                for line, why in (body.get("reasons") or {}).items()
                if line.isascii() and line.isdigit() and len(line) < 18
            }
            resolving.resolve(count_id, made(Resolution, body | {"reasons": reasons}))
            return _state(count_id)

    @operation(
        method="POST",
        path="/counts/{count_id}/cancellation",
        tag=TAG,
        permission="write",
        summary=Text("Hủy đợt kiểm kê", "Give a count up"),
        in_path=AT,
        body=WHY,
        answers=STATE,
        errors=(409,),
    )
    def cancel(self, count_id: int, body: dict[str, Any]) -> Any:
        """It stays readable and moves nothing."""
        services.cancel(count_id, body["reason"])
        return _state(count_id)


def _state(count_id: int) -> dict[str, Any]:
    return {"result": {"head": queries.count(count_id), "events": queries.events(count_id)}}
