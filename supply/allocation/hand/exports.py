"""The comparison of plans as a file."""

from __future__ import annotations

from supply.allocation.hand import queries
from supply.allocation.hand.table import Measure, measures
from supply.allocation.queries import policy_name
from supply.core.address import Args
from supply.core.errors import NotFound
from supply.core.export import Cell, Column, Table
from supply.core.files import exportable
from supply.core.text import Text


@exportable("allocation.compare", "Plans")
def compare_table(said: Args) -> Table:
    """Every figure of the plans `ids` (5,6,7): a line for each plan, a column for each figure."""
    ids = queries.ids_of(said.get("ids", ""))
    if not ids:
        raise NotFound()
    beside = queries.side_by_side(ids)
    first = beside.sheets[0].instance
    facts: list[tuple[Text, Cell | Text]] = [
        (Text("Từ ngày", "From"), first.start),
        (Text("Số ngày", "Days"), first.horizon_days),
    ]
    if not beside.same_need:
        words = Text(
            "nhu cầu khác nhau, không trừ cho nhau được", "different needs, do not subtract"
        )
        facts.append((Text("Lưu ý", "Note"), words))
    return Table(
        name="so-sanh-ke-hoach",
        title=Text("So sánh kế hoạch", "Plans compared"),
        columns=(
            Column("id", Text("Kế hoạch số", "Plan no."), lambda row: row[1].id, "number"),
            Column(
                "policy",
                Text("Cách phân bổ", "Way"),
                lambda row: policy_name(row[1].policy),
                width=24,
            ),
            Column(
                "from", Text("Lập từ số", "Made from no."), lambda row: row[1].based_on, "number"
            ),
            *(_column(at, measure) for at, measure in enumerate(measures(beside.accounts))),
        ),
        rows=list(enumerate(beside.sheets)),
        facts=tuple(facts),
    )


def _column(at: int, measure: Measure) -> Column:
    def words(language: str) -> str:
        group, name, unit = (
            part.in_language(language) for part in (measure.group, measure.name, measure.unit)
        )
        return f"{group}: {name.lower()}" + (f" ({unit})" if unit else "")

    head = Text(words("vi"), words("en"))
    return Column(f"m{at}", head, lambda row: measure.values[row[0]], measure.kind, width=16)
