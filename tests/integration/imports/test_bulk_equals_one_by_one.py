"""A file in bulk leaves the ledger exactly as its documents one after another through the one door."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from supply.core.transaction import transaction
from supply.imports import posting, queries, running
from supply.imports.columns import FileKind
from supply.imports.gathering import gather
from supply.inventory.verify import verify_ledger
from tests.integration.imports.histories import FIRST, Story, as_csv, state


def one_by_one(content: bytes) -> running.Outcome:
    """The same file through `post_document`, document by document."""
    table = running.open_file(FileKind.HISTORY, "f.csv", content)
    known = queries.known()
    papers = gather(table, known)
    assert not table.faults, table.faults.listed(5)
    with transaction() as session:
        prepared = posting.prepare(session, papers, known, table.faults)
        assert not table.faults, table.faults.listed(5)
        posting.post_one_by_one(prepared, "import:0", table.faults, lambda _what: None)
    return running.Outcome(FileKind.HISTORY, len(table), table.faults)


def in_bulk(content: bytes) -> running.Outcome:
    return running.run(running.open_file(FileKind.HISTORY, "f.csv", content), "import:0")


@pytest.mark.parametrize("seed", range(5))
def test_the_same_ledger_either_way(db, keeper, seed):
    story = Story(seed)
    content = as_csv(story.write(days=25))
    # Some of it is there already: earlier stock, and documents of later days that must keep theirs.
    before = Story(1000 + seed)
    before.receipt(FIRST - dt.timedelta(days=20), "BD-TYT-01")
    before.receipt(FIRST - dt.timedelta(days=19), "BD-TTYT")
    before.receipt(FIRST + dt.timedelta(days=12), "BD-TYT-01")
    before.issue(FIRST + dt.timedelta(days=15), "BD-TYT-01")
    assert one_by_one(as_csv(before.rows)).faults.count == 0
    with db.owner_engine.begin() as connection:
        connection.execute(text("SELECT ledger_close_months()"))

    with transaction() as session:
        savepoint = session.begin_nested()
        slow = one_by_one(content)
        expected = None if slow.faults else state(session)
        savepoint.rollback()
    fast = in_bulk(content)
    assert bool(fast.faults) == bool(slow.faults), (fast.faults.listed(5), slow.faults.listed(5))
    if expected is None:
        return
    with transaction() as session:
        found = state(session)
    for part in expected:
        assert found[part] == expected[part], part
    report = verify_ledger()
    assert report.is_sound, report.discrepancies
