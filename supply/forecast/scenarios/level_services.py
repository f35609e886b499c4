"""The verbs of epidemic levels: enter what is known of a ward, confirm or change its level."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.errors import Fault, InvalidInput, NotFound
from supply.core.text import Text
from supply.core.transaction import transaction
from supply.forecast.scenarios import level_queries
from supply.forecast.scenarios.levels import CRITERIA, LEVELS

_DECIDE = text(
    "INSERT INTO ward_level (ward_id, week_end, computed, confirmed, reason, figures, decided_by)"
    " VALUES (:ward, :week, :computed, :confirmed, :reason, CAST(:figures AS jsonb),"
    " supply_user_id())"
)
_ENTER = text(
    "INSERT INTO ward_criterion (ward_id, criterion, figure, valid_from, source, recorded_by)"
    " VALUES (:ward, :criterion, :figure, :valid_from, :source, supply_user_id())"
)


@dataclass(frozen=True)
class Choice:
    """An officer's level for a ward; a reason where it is not the computed one."""

    ward_code: str
    level: int
    reason: str = ""


def confirm_levels(
    district_slug: str, week_end: dt.date, choices: Sequence[Choice] | None = None
) -> int:
    """Confirm the levels of a week; returns how many were written. `choices` None: every ward as
    computed, those decided before or without cases left as they are.

    Raises InvalidInput (line = place in `choices`, from 1), NotFound, NotAllowed; nothing is then kept.
    """
    view = level_queries.view(district_slug, week_end)
    if view is None:
        raise NotFound()
    rows = {row.ward.code: row for row in view.rows}
    if choices is None:
        choices = [
            Choice(row.ward.code, row.now.level)
            for row in view.rows
            if row.now.level is not None and row.decision is None
        ]
    faults = [f for n, choice in enumerate(choices, 1) for f in _faults(n, choice, rows)]
    if faults:
        raise InvalidInput(faults=faults)
    with transaction() as session:
        for choice in choices:
            row = rows[choice.ward_code]
            session.execute(
                _DECIDE,
                {
                    "ward": row.ward.id,
                    "week": week_end,
                    "computed": row.now.level,
                    "confirmed": choice.level,
                    "reason": choice.reason.strip(),
                    "figures": json.dumps(row.now.figures()),
                },
            )
    return len(choices)


def _faults(line: int, choice: Choice, rows: Mapping[str, level_queries.LevelRow]) -> list[Fault]:
    row = rows.get(choice.ward_code)
    if row is None:
        said = choice.ward_code
        return [
            Fault(
                "ward",
                Text(
                    f"Không có phường, xã mã {said} trong quận, huyện này.",
                    f"There is no ward {said} in this district.",
                ),
                line,
            )
        ]
    found = []
    if choice.level not in LEVELS:
        found.append(
            Fault(
                f"level-{row.ward.code}",
                Text("Cấp độ dịch phải từ 1 đến 4.", "A level must be from 1 to 4."),
                line,
            )
        )
    if choice.level != row.now.level and not choice.reason.strip():
        found.append(
            Fault(
                f"reason-{row.ward.code}",
                Text(
                    f"{row.ward.name}: xin ghi lý do khi chọn cấp khác với cấp tính được.",
                    f"{row.ward.name}: give a reason for a level other than the computed one.",
                ),
                line,
            )
        )
    if len(choice.reason) > 500:
        found.append(
            Fault(
                f"reason-{row.ward.code}",
                Text("Lý do dài quá 500 ký tự.", "The reason is longer than 500 characters."),
                line,
            )
        )
    return found


def enter_criteria(
    district_slug: str,
    criterion: str,
    figures: Mapping[str, float],
    valid_from: dt.date,
    source: str,
) -> int:
    """Enter a criterion's figure (a share, or 1 enough and 0 not) of wards by code; returns how many.

    Raises InvalidInput, NotFound, NotAllowed; nothing is then kept.
    """
    where = catalog.district(district_slug)
    wards = {ward.code: ward for ward in catalog.wards(where.id)}
    faults = []
    if criterion not in CRITERIA:
        faults.append(
            Fault("criterion", Text("Không có tiêu chí này.", "There is no such criterion."))
        )
    if not source.strip() or len(source) > 200:
        faults.append(
            Fault(
                "source",
                Text(
                    "Xin ghi nguồn số liệu (tối đa 200 ký tự).",
                    "State where the figure is from (at most 200 characters).",
                ),
            )
        )
    for line, (code, figure) in enumerate(figures.items(), 1):
        if code not in wards or not 0.0 <= figure <= 1.0:
            faults.append(
                Fault(
                    f"criterion-{code}",
                    Text(
                        f"{wards[code].name if code in wards else code}: tỷ lệ phải từ 0 đến 100 %.",
                        f"{wards[code].name if code in wards else code}: must be from 0 to 100 %.",
                    ),
                    line,
                )
            )
    if faults:
        raise InvalidInput(faults=faults)
    with transaction() as session:
        for code, figure in figures.items():
            session.execute(
                _ENTER,
                {
                    "ward": wards[code].id,
                    "criterion": criterion,
                    "figure": figure,
                    "valid_from": valid_from,
                    "source": source.strip(),
                },
            )
    return len(figures)
