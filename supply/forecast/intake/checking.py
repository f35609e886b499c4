"""All that is known of a batch before it is kept: what it would change, what is refused or asked. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from supply.core.errors import Fault
from supply.core.text import Text
from supply.forecast.intake import rules
from supply.forecast.intake.found import Change, Finding, Given, Key, Row, Spike
from supply.forecast.intake.places import Area, Matcher
from supply.forecast.intake.placing import Question, place
from supply.forecast.intake.series import State, mark_of
from supply.forecast.intake.thresholds import Limits


@dataclass(frozen=True)
class Choices:
    """What a person decided: places by `bare` name; the spikes that were left ticked (None: nobody
    has looked yet, all that are proposed). `propose` False: another program sends, and only what it
    marks itself is marked."""

    places: Mapping[str, str]
    ticked: frozenset[str] | None = None
    propose: bool = True


@dataclass(frozen=True)
class Preview:
    """What keeping would do. `rows_read`: figures in the file; `origin`: the Saturday to forecast
    from where the last days look incomplete; `assumed`: what the source must say besides."""

    rows_read: int
    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]
    findings: tuple[Finding, ...]
    questions: tuple[Question, ...]
    spikes: tuple[Spike, ...]
    ticked: frozenset[str]
    origin: dt.date | None = None
    assumed: Text | None = None

    def of_kind(self, kind: str) -> list[Change]:
        """The changes that are `added`, `changed` or `unchanged`."""
        return [change for change in self.changes if change.kind == kind]

    @property
    def to_keep(self) -> list[Change]:
        """What would be written: the unchanged is not written again."""
        return [change for change in self.changes if change.kind != "unchanged"]

    @property
    def may_keep(self) -> bool:
        """Nothing refused and nothing open."""
        return not self.faults and not self.questions

    @property
    def seen(self) -> str:
        """A digest of what would happen: if it differs when confirmed, somebody came in between."""
        told = [
            (c.row.ward.id, c.row.on.isoformat(), c.row.days, c.row.cases,
             None if c.old is None else (c.old.cases, c.old.anomaly))
            for c in sorted(self.changes, key=lambda c: c.row.key)
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def check(
    given: Sequence[Given],
    area: Area,
    state: State,
    choices: Choices,
    today: dt.date,
    limits: Limits,
    revised: float | None = None,
) -> Preview:
    """Hold the figures to every rule. Nothing is dropped: what cannot be kept is named."""
    placed = place(given, Matcher(area, choices.places))
    faults = [*placed.faults, *rules.impossible(placed.rows, today, limits)]
    rows, equal, differing = rules.duplicates(placed.rows)
    faults += differing
    findings = [*equal, *placed.findings]
    found: list[Spike] = []
    origin = None
    if rows and not faults and not placed.questions:
        found = rules.implausible(rows, state, area.wards, limits)
        late, origin = rules.incomplete(rows, state, area.wards, limits, revised)
        findings += [
            *rules.spike_findings(found),
            *late,
            *rules.gaps(rows, state, area.wards, limits),
            *rules.negatives(rows, state),
            *rules.both_lengths(rows, state),
        ]
    ticked = _ticked(found, choices)
    marks = frozenset(s.row.key for s in found if s.token in ticked)
    asked = frozenset(s.row.key for s in found)
    return Preview(
        len(given),
        tuple(_change(row, state, marks, asked) for row in rows),
        tuple(sorted(faults, key=lambda f: f.line or 0)),
        tuple(findings),
        tuple(placed.questions),
        tuple(found),
        ticked,
        origin,
        ASSUMED if placed.shared else None,
    )


ASSUMED = Text("chia theo dân số (giả định)", "shared by population (assumed)")


def _ticked(found: Sequence[Spike], choices: Choices) -> frozenset[str]:
    if not choices.propose:
        return frozenset(s.token for s in found if s.row.anomaly)
    if choices.ticked is None:
        return frozenset(s.token for s in found if s.proposed)
    return frozenset(s.token for s in found) & choices.ticked


def _change(row: Row, state: State, marks: frozenset[Key], asked: frozenset[Key]) -> Change:
    """A spike's mark is what the person decided here; any other row's follows `series.mark_of`."""
    old = state.get(row.key)
    if row.key in asked:
        return Change(replace(row, anomaly=row.key in marks), old, row.key in marks)
    return Change(row, old, mark_of(row, old, marks))
