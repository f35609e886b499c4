"""Seeing a stored run: what-if on its own inputs, hindsight against what came, the workbook."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from sqlalchemy import text

from supply.core import jobs
from supply.core.database import Database
from supply.core.errors import Conflict, NotAllowed, NotFound
from supply.core.scope import acting_as
from supply.forecast import queries
from supply.forecast.inputs import district_of
from supply.forecast.seeing import backtest, bases, whatif
from supply.forecast.seeing.book import book_of
from supply.forecast.seeing.hindsight import hindsight
from supply.forecast.seeing.past import stored
from supply.forecast.seeing.whatif import Factors
from supply.forecast.seeing.workbook import write_book
from supply.forecast.services import CaseRow, record_cases, run_forecast
from tests.conftest import Stage
from tests.integration.forecast.conftest import (
    LAST_WEEK,
    SOURCE,
    enter_reported,
    ward_codes_of,
)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Each test has a database of its own, whose runs have the same numbers and digests."""
    bases.forget()


@pytest.fixture
def run_id(db: Database, reported: dict[str, int], stage: Stage) -> int:
    """A run of Ba Đình."""

    def enter() -> int:
        with acting_as(enter_reported(db, reported)["kehoach"]):
            return run_forecast("ba-dinh", draws=50)

    return stage(enter)


def test_what_if_starts_from_the_runs_own_inputs(reported: dict[str, int], run_id: int) -> None:
    with acting_as(reported["kehoach"]):
        found = bases.ready(run_id)
        again = bases.ready(run_id)
        burn = queries.stored_burn(run_id, found.base.inputs.item_codes)
    assert again.base is found.base  # kept
    total, seen = (b.total_mean.sum() for b in (burn, found.base.burn))
    assert seen == pytest.approx(total, rel=0.15)  # 50 draws against 200
    plain = whatif.figures(found.base, found.lots, days_passed=found.days_passed)
    np.testing.assert_array_equal(plain.burn, found.plain.burn)
    more = whatif.figures(found.base, found.lots, Factors(cases=1.5), found.days_passed)
    assert (more.burn >= plain.burn - 1e-9).all()


def test_what_one_person_was_shown_is_not_handed_to_another(
    reported: dict[str, int], run_id: int
) -> None:
    with acting_as(reported["kehoach"]):
        bases.ready(run_id)
    with acting_as(reported["kho_px"]), pytest.raises(NotAllowed):
        bases.ready(run_id)
    with acting_as(reported["kho_rg"]), pytest.raises(NotFound):
        bases.ready(run_id)


def test_only_a_few_runs_are_kept(reported: dict[str, int], run_id: int) -> None:
    with acting_as(reported["kehoach"]):
        found = bases.ready(run_id)
        for n in range(bases.KEPT + 3):
            bases._kept[(n, "x")] = found
        bases.ready(run_id)
    assert len(bases._kept) == bases.KEPT


def test_inputs_that_changed_since_are_said_to_have_changed(
    reported: dict[str, int], run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supply.forecast.chain.MODEL_VERSION", "chain 999")
    with acting_as(reported["kehoach"]), pytest.raises(Conflict, match="have changed"):
        bases.ready(run_id)


def test_a_forecast_is_compared_when_its_weeks_have_come(
    db: Database, reported: dict[str, int]
) -> None:
    codes = ward_codes_of(db)
    with acting_as(reported["kehoach"]):
        run_forecast("ba-dinh", draws=50)
        run_forecast("ba-dinh", draws=50, seed=4)  # of the same origin: only the newest counts
        assert stored(district_of("ba-dinh")).cases.truth.size == 0
        week = LAST_WEEK + dt.timedelta(weeks=1)
        rows = [CaseRow(code, week, 50 + n, days=7) for n, code in enumerate(codes)]
        record_cases("ba-dinh", rows, SOURCE)
        past = stored(district_of("ba-dinh"))
        newest = queries.latest_run(district_of("ba-dinh").id)
    assert past.runs == 1
    assert past.cases.horizon_weeks.tolist() == [1] * len(codes)
    assert sorted(past.cases.truth.tolist()) == [50.0 + n for n in range(len(codes))]
    assert newest is not None
    with acting_as(reported["kehoach"]):
        wards, _ = queries.stored_quantiles(newest.id)
    order = np.argsort(past.cases.place)
    np.testing.assert_array_equal(past.cases.quantiles[order], wards[:, 0])
    found = hindsight(past.cases, past.use)
    assert found.by_horizon[0].pairs == len(codes)
    assert np.isfinite(found.by_horizon[0].relative_wis)


def test_expected_use_is_set_against_the_ledger(db: Database, reported: dict[str, int]) -> None:
    """The run's weeks lie in 2022, long past; nothing was issued, so all of it was not used."""
    with acting_as(reported["kehoach"]):
        run_id = run_forecast("ba-dinh", draws=50)
        past = stored(district_of("ba-dinh"))
        burn = queries.stored_burn(run_id)
    short = past.use.days == 14
    assert past.use.expected[short].sum() == pytest.approx(burn.total_mean[..., :14].sum())
    assert (past.use.low <= past.use.high).all()
    assert not past.use.used.any()


def test_the_model_is_tried_on_past_weeks(db: Database, reported: dict[str, int]) -> None:
    with acting_as(reported["kehoach"]):
        job_id = jobs.enqueue(backtest.KIND, district="ba-dinh")
    jobs.run_now(job_id)
    with acting_as(reported["kehoach"]):
        state = jobs.state(job_id)
        assert state.status == "succeeded", state.message
        found, as_known = backtest.result_of(job_id, "ba-dinh")
        with pytest.raises(NotFound):
            backtest.result_of(job_id, "rach-gia")
    assert state.result is not None
    assert state.result["url"].endswith(f"backtest={job_id}")
    assert found.origins == 3  # weeks 9, 10 and 11 of 12
    assert as_known == 0  # entered today, years after
    assert [line.key for line in found.by_horizon] == [1, 2, 3]
    assert found.by_horizon[0].pairs == 3 * 14
    with acting_as(reported["duyet"]), pytest.raises(NotFound):
        backtest.result_of(job_id, "ba-dinh")


def test_a_trial_needs_some_weeks(db: Database, people: dict[str, int]) -> None:
    with acting_as(people["kehoach"]):
        job_id = jobs.enqueue(backtest.KIND, district="ba-dinh")
    jobs.run_now(job_id)
    with acting_as(people["kehoach"]):
        state = jobs.state(job_id)
    assert state.status == "failed"
    assert "chưa đủ 9 tuần" in state.message.vi


def test_a_projection_never_sees_the_weeks_after_its_origin(reported: dict[str, int]) -> None:
    with acting_as(reported["kehoach"]):
        history = backtest.history_of(district_of("ba-dinh"))
    origin = backtest.origins_of(history)[0]
    early = backtest.projected(history.until(np.datetime64(origin)), origin)
    np.testing.assert_array_equal(early, backtest.projected(history, origin))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_workbook_says_what_the_run_says(
    reported: dict[str, int], run_id: int, tmp_path: Path, language: str
) -> None:
    path = tmp_path / "run.xlsx"
    with acting_as(reported["kehoach"]):
        run = queries.run(run_id)
        write_book(path, book_of(run_id), language)
        burn = queries.stored_burn(run_id)
        _, district = queries.stored_quantiles(run_id)
    book = openpyxl.load_workbook(path)
    names = {"vi": ["Tem", "Biểu đồ ca mắc", "Ca mắc", "Mức tiêu hao", "Nguy cơ thiếu", "Định mức"],
             "en": ["Stamp", "Case charts", "Cases", "Use", "Shortage", "Norms"]}  # fmt: skip
    assert book.sheetnames == names[language]
    stamp = {row[0].value: row[1].value for row in book.worksheets[0].iter_rows(min_row=3)}
    assert run.inputs_digest in stamp.values()
    assert str(run.params.seed) in stamp.values()
    assert any("norms_rate.csv" in str(name) for name in stamp)
    charts: Any = book.worksheets[1]
    assert len(charts._charts) == 15
    medians = [
        row[5].value
        for row in book.worksheets[2].iter_rows(min_row=2)
        if row[0].value == "Ba Đình" and row[2].value is None
    ]
    np.testing.assert_allclose(medians, np.round(district[:, 11], 1))
    used: Any = book.worksheets[3]
    assert len(used._charts) == 1
    by_item = {row[0].value: row[8].value for row in used.iter_rows(min_row=2)}
    for i, code in enumerate(burn.item_codes):
        if burn.total_mean[:, i].any():
            assert by_item[code] == pytest.approx(burn.total_mean[:, i, :14].sum(), abs=0.06)
    assert not [
        cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
    ]


def test_making_a_run_again_says_whether_it_is_the_same(
    db: Database, reported: dict[str, int], run_id: int
) -> None:
    def again() -> dict[str, Any]:
        with acting_as(reported["kehoach"]):
            job_id = jobs.enqueue("forecast.replay", district="ba-dinh", run_id=run_id)
        jobs.run_now(job_id)
        with acting_as(reported["kehoach"]):
            result = jobs.state(job_id).result
        assert result is not None
        return result

    assert again()["equal"] is True
    with db.owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE forecast_burn DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE forecast_burn SET sd[1] = sd[1] + 1 WHERE class = 'all'"))
    other = again()
    assert other["equal"] is False
    assert "khác số đã lưu" in other["why_vi"]
