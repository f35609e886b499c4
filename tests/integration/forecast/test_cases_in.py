"""Cases come in whole or not at all, once, in turn; and what was known stays known."""

from __future__ import annotations

import datetime as dt
import threading
from itertools import pairwise
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from seed import forecast_cases
from supply.core.clock import stand_on
from supply.core.database import Database
from supply.core.errors import Conflict, InvalidInput, KeyReused, NotAllowed, NotFound
from supply.core.scope import acting_as
from supply.core.transaction import reading, transaction
from supply.forecast.inputs import district_of, history_of
from supply.forecast.intake import keeping, queries, services
from supply.forecast.intake.checking import Choices
from supply.forecast.intake.found import Given
from supply.forecast.intake.keeping import Batch
from supply.forecast.intake.services import Said
from supply.forecast.services import CaseRow, record_cases, run_forecast
from tests.integration.forecast.conftest import ward_codes_of

TODAY = dt.date(2022, 3, 12)
WEEK = dt.date(2022, 3, 5)
SAID = Said("báo cáo ngày của trạm (kiểm thử)")


@pytest.fixture
def planner(db: Database, people: dict[str, int]) -> dict[str, int]:
    """The people, on a day of 2022: wards of today's code did not exist later."""
    stand_on(TODAY)
    return people


def count(db: Database, table: str) -> int:
    with db.owner_engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def wide(db: Database, weeks: int = 5, add: int = 0) -> str:
    """A district's daily table: wards down, days across, ending on the Saturday of WEEK."""
    days = [WEEK - dt.timedelta(days=n) for n in range(weeks * 7 - 1, -1, -1)]
    lines = ["Phường\t" + "\t".join(f"{day:%d/%m/%Y}" for day in days)]
    for n, code in enumerate(ward_codes_of(db)):
        lines.append(f"{code}\t" + "\t".join(str(5 + n + k % 7 + add) for k in range(len(days))))
    return "\n".join(lines)


def brought(pasted: str, said: Said = SAID) -> services.Looked:
    return services.look(services.bring("ba-dinh", "paste", "", pasted.encode(), said))


def confirmed(pasted: str) -> keeping.Kept:
    looked = brought(pasted)
    assert looked.may_keep, [f.message() for f in looked.faults]
    return services.confirm(looked.upload.id, looked.preview.seen)


def test_a_paste_is_shown_then_kept_with_who_when_and_from_where(
    db: Database, planner: dict[str, int]
) -> None:
    with acting_as(planner["kehoach"]):
        looked = brought(wide(db))
        assert count(db, "case_report") == 0
        assert len(looked.preview.of_kind("added")) == 14 * 35
        kept = services.confirm(looked.upload.id, looked.preview.seen)
        assert (kept.added, kept.changed, kept.unchanged) == (490, 0, 0)
        (batch,) = queries.batches(district_of("ba-dinh").id)
        assert (batch.id, batch.how, batch.source) == (kept.batch_id, "paste", SAID.source)
        assert len(batch.digest) == 64
        assert run_forecast("ba-dinh", draws=20) > 0
    assert count(db, "case_report") == 490


def test_the_same_content_again_changes_nothing(db: Database, planner: dict[str, int]) -> None:
    with acting_as(planner["kehoach"]):
        confirmed(wide(db))
        again = confirmed(wide(db))
    assert again.batch_id is None
    assert "Đã có đủ" in again.text.vi
    assert (count(db, "case_report"), count(db, "case_batch")) == (490, 1)


def test_a_second_click_posts_once(db: Database, planner: dict[str, int]) -> None:
    with acting_as(planner["kehoach"]):
        looked = brought(wide(db))
        first = services.confirm(looked.upload.id, looked.preview.seen)
        second = services.confirm(looked.upload.id, looked.preview.seen)
        assert second.batch_id == first.batch_id
        assert second.repeated
    assert (count(db, "case_report"), count(db, "case_batch")) == (490, 1)


def test_a_key_used_for_other_content_is_refused(db: Database, planner: dict[str, int]) -> None:
    key = uuid4()

    def batch(cases: int) -> Batch:
        given = [Given(1, "Phúc Xá", WEEK, cases, 7)]
        return Batch("api", given, "nguồn", key, Choices({}))

    with acting_as(planner["kehoach"]):
        keeping.keep("ba-dinh", batch(5))
        with pytest.raises(KeyReused):
            keeping.keep("ba-dinh", batch(6))
    assert count(db, "case_report") == 1


def test_one_bad_row_keeps_all_out(db: Database, planner: dict[str, int]) -> None:
    bad = wide(db) + "\n00001\t" + "\t".join(["9"] * 34 + ["12,5"])
    with acting_as(planner["kehoach"]):
        looked = brought(bad)
        assert not looked.may_keep
        with pytest.raises(InvalidInput) as refused:
            services.confirm(looked.upload.id, looked.preview.seen)
    assert [f.line for f in refused.value.faults] == [16]
    assert (count(db, "case_report"), count(db, "case_batch")) == (0, 0)


def test_who_came_in_between_is_told(db: Database, planner: dict[str, int]) -> None:
    with acting_as(planner["kehoach"]):
        looked = brought(wide(db, add=1))
    with acting_as(planner["duyet"]):
        confirmed(wide(db))
    with acting_as(planner["kehoach"]), pytest.raises(Conflict, match="Somebody recorded"):
        services.confirm(looked.upload.id, looked.preview.seen)
    assert count(db, "case_batch") == 1


def test_two_planners_at_once_both_get_in_and_nothing_is_lost(
    db: Database, planner: dict[str, int]
) -> None:
    done: list[keeping.Kept] = []

    def write(who: str, cases: int) -> None:
        with acting_as(planner[who]):
            given = [Given(1, "Phúc Xá", WEEK, cases, 7), Given(2, "Trúc Bạch", WEEK, cases, 7)]
            done.append(keeping.keep("ba-dinh", Batch("api", given, who, uuid4(), Choices({}))))

    threads = [threading.Thread(target=write, args=a) for a in (("kehoach", 3), ("duyet", 4))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((k.added, k.changed) for k in done) == [(0, 2), (2, 0)]
    with acting_as(planner["kehoach"]):
        now = queries.state(queries.area_of(services.catalog.district("ba-dinh")))
    assert len({c.cases for c in now.values()}) == 1


def test_only_planners_write_and_nobody_dates_back(db: Database, planner: dict[str, int]) -> None:
    given = [Given(1, "Phúc Xá", WEEK, 3, 7)]
    for who in ("truong", "kho_px", "kho_rg"):
        with acting_as(planner[who]), pytest.raises((NotAllowed, NotFound)):
            keeping.keep("ba-dinh", Batch("api", given, "x", uuid4(), Choices({})))
    with acting_as(planner["kehoach"]), pytest.raises(NotAllowed), transaction() as session:
        session.execute(
            text(
                "INSERT INTO case_report (ward_id, reported_on, days, cases, source, recorded_by,"
                " recorded_at) SELECT id, '2022-03-05', 7, 1, 'x', supply_user_id(), '2022-03-06'"
                " FROM ward WHERE code = '00001'"
            )
        )
    assert count(db, "case_report") == 0


def test_a_correction_never_changes_what_was_known_before_it(
    db: Database, planner: dict[str, int]
) -> None:
    with acting_as(planner["kehoach"]):
        confirmed(wide(db))
        where = district_of("ba-dinh")
        then, before = _now(db), history_of(where)
        corrected = wide(db).replace("00001\t5\t", "00001\t50\t", 1)
        assert confirmed(corrected).changed == 1
        after = history_of(where)
        assert not np.array_equal(before.cases, after.cases)
        known = queries.history_as_known(where, then)
        np.testing.assert_array_equal(known.cases, before.cases)
        assert queries.last_report_id_at(where, then) == 490
        assert queries.history_as_known(where, then - dt.timedelta(days=1)).cases.size == 0
        ids = [w.id for w in where.wards if w.code == "00001"]
        changed = queries.versions(ids, only_changed=True)
    assert [(v.cases, v.counts) for v in changed] == [(50, True), (5, False)]
    assert changed[0].recorded_by.startswith("Nguyễn Thị")


def _now(db: Database) -> dt.datetime:
    with db.owner_engine.connect() as connection:
        return connection.execute(text("SELECT clock_timestamp()")).scalar_one()  # type: ignore[no-any-return]


def test_revisions_show_how_a_week_grew(db: Database, planner: dict[str, int]) -> None:
    with acting_as(planner["kehoach"]):
        confirmed(wide(db))
        confirmed(wide(db).replace("00001\t5\t", "00001\t50\t", 1))
        found = queries.revisions_of(district_of("ba-dinh"))
    assert found is not None
    oldest = found.weeks[-1]
    assert oldest.first is not None
    assert oldest.now == oldest.first + 45
    assert (oldest.entries, found.weeks[0].entries) == (2, 1)


def test_a_figure_is_marked_and_unmarked_by_new_rows(db: Database, planner: dict[str, int]) -> None:
    with acting_as(planner["kehoach"]):
        confirmed(wide(db))
        where = district_of("ba-dinh")
        ward = where.wards[0].id
        services.mark("ba-dinh", ward, WEEK, 1, anomaly=True, reason="nhập nhầm cột")
        assert [(m.ward.id, m.reported_on) for m in queries.marked(where)] == [(ward, WEEK)]
        assert np.isnan(history_of(where).cases[0, -1])
        # The same table again says nothing of the mark, so the mark stays.
        assert confirmed(wide(db)).batch_id is None
        services.mark("ba-dinh", ward, WEEK, 1, anomaly=False, reason="đã xác minh")
        assert queries.marked(where) == []
        with pytest.raises(InvalidInput):
            services.mark("ba-dinh", ward, WEEK, 1, anomaly=True, reason=" ")
    assert count(db, "case_report") == 492


def test_a_total_is_shared_by_population_and_says_so(db: Database, planner: dict[str, int]) -> None:
    with acting_as(planner["kehoach"]):
        confirmed("Ngày\tĐịa bàn\tSố ca\n04/03/2022\tBa Đình\t140\n05/03/2022\tBa Đình\t150")
        history = queries.state(queries.area_of(services.catalog.district("ba-dinh")))
        (batch,) = queries.batches(district_of("ba-dinh").id)
    assert sum(c.cases for (_, on, _), c in history.items() if on == WEEK) == 150
    assert "chia theo dân số (giả định)" in batch.source
    assert [o["code"] for o in batch.outcomes] == ["shared_total"]


@pytest.mark.parametrize("cuts", [(), (1,), (3, 4), (1, 2, 3, 4, 5)])
def test_any_split_into_batches_gives_the_same_series(
    cuts: tuple[int, ...], db: Database, planner: dict[str, int]
) -> None:
    rows = [f"{WEEK - dt.timedelta(days=n):%d/%m/%Y}\t{name}\t{10 + n}" for n in range(3) for name in ("Phúc Xá", "Ba Đình")]  # fmt: skip
    rows = [r for r in rows if "Phúc Xá" in r] * 2  # the same figures twice, in order
    edges = [0, *cuts, len(rows)]
    with acting_as(planner["kehoach"]):
        for a, b in pairwise(edges):
            confirmed_rows(rows[a:b])
        found = queries.state(queries.area_of(services.catalog.district("ba-dinh")))
    assert sorted((on.day, c.cases) for (_, on, _), c in found.items()) == [
        (3, 12),
        (4, 11),
        (5, 10),
    ]


def confirmed_rows(rows: list[str]) -> None:
    if rows:
        looked = brought("Ngày\tPhường\tSố ca\n" + "\n".join(rows), Said("x", days=1))
        services.confirm(looked.upload.id, looked.preview.seen)


def test_an_upload_is_its_makers_own(db: Database, planner: dict[str, int]) -> None:
    with acting_as(planner["kehoach"]):
        made = brought(wide(db)).upload.id
    with acting_as(planner["duyet"]), pytest.raises(NotFound):
        services.look(made)
    with acting_as(planner["kehoach"]):
        services.forget(made)
        with pytest.raises(NotFound):
            services.upload(made)


def test_the_demo_shows_a_correction_and_changes_no_forecast(
    db: Database, planner: dict[str, int]
) -> None:
    with acting_as(planner["kehoach"]):
        forecast_cases.load("ba-dinh")  # nothing to correct yet
        codes = ward_codes_of(db)
        record_cases(
            "ba-dinh",
            [CaseRow(c, WEEK - dt.timedelta(days=n), 9) for c in codes for n in range(7)],
            "x",
        )
        where = district_of("ba-dinh")
        before = history_of(where)
        forecast_cases.load("ba-dinh")
        forecast_cases.load("ba-dinh")
        np.testing.assert_array_equal(history_of(where).cases, before.cases)
        assert len(queries.batches(where.id)) == 2
        changed = queries.versions([where.wards[0].id], only_changed=True)
        assert [v.cases for v in changed] == [9, 7, 9]


def test_nothing_that_was_recorded_can_be_changed(db: Database, planner: dict[str, int]) -> None:
    with acting_as(planner["kehoach"]):
        confirmed(wide(db, weeks=1))
        for change in ("UPDATE case_batch SET source = 'y'", "DELETE FROM case_batch"):
            with pytest.raises((NotAllowed, DBAPIError)), transaction() as session:
                session.execute(text(change))
        with reading() as session:
            assert session.execute(text("SELECT count(*) FROM case_batch")).scalar_one() == 1
