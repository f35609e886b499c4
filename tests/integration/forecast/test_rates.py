"""Rates learned from a real ledger: what counts as use, as known when, kept with the run and told again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pytest
from sqlalchemy import text

from supply.catalog import queries as catalog
from supply.core.database import Database
from supply.core.errors import InvalidInput, NotAllowed
from supply.core.scope import acting_as
from supply.core.transaction import reading
from supply.forecast import chain, queries
from supply.forecast.inputs import District, district_of, gather, last_report_id
from supply.forecast.rates.learned import Learned
from supply.forecast.rates.queries import district_use, learned_rates, pins, stored
from supply.forecast.rates.services import pin
from supply.forecast.services import replay, run_forecast
from supply.inventory import queries as inventory
from supply.inventory.documents import (
    Adjustment,
    AdjustmentLine,
    Issue,
    IssueLine,
    Receipt,
    ReceiptLine,
    Return,
    Reversal,
    TransferDispatch,
)
from supply.inventory.periods import close_months
from supply.inventory.services import post
from tests.books import post_books
from tests.conftest import Stage
from tests.integration.forecast.conftest import LAST_WEEK, enter_reported

STATION, OTHER = "BD-TYT-01", "BD-TYT-02"
GOWN = "PH012"
PER_WEEK = 70


def day(weeks_before: int) -> dt.date:
    """A Monday so many weeks before the run's origin."""
    return LAST_WEEK - dt.timedelta(weeks=weeks_before, days=5)


def ids_of(places: Sequence[str]) -> list[int]:
    """Facility ids by code, as the acting person sees them."""
    found = {f.code: f.id for f in catalog.facilities()}
    return [found[code] for code in places]


def receive(facility: int, quantity: int, on: dt.date, item: str = GOWN) -> None:
    """Goods into a store."""
    line = ReceiptLine(
        item_code=item,
        quantity=quantity,
        lot_number="A1",
        expiry=dt.date(2024, 1, 1),
        fund_code="NSTP",
        unit_price_vnd=1000,
    )
    post(Receipt(facility_id=facility, lines=(line,), happened_on=on))


def use(facility: int, quantity: int, on: dt.date, item: str = GOWN) -> int:
    """Goods handed out for use; the document's id."""
    line = IssueLine(item_code=item, quantity=quantity)
    return post(Issue(facility_id=facility, lines=(line,), happened_on=on)).document_id


@pytest.fixture
def kept(db: Database, people: dict[str, int], stage: Stage) -> dict[str, int]:
    """A station that hands out 70 gowns every Monday of twelve weeks, with all that is not use."""
    return stage(lambda: enter_kept(db, people))


def enter_kept(db: Database, people: dict[str, int]) -> dict[str, int]:
    """Enter what `kept` says; the people."""
    reported = enter_reported(db, people)
    with acting_as(reported["kho_px"]):
        (station,) = ids_of([STATION])
        receive(station, 5000, day(14))
        for week in range(12, 0, -1):
            use(station, PER_WEEK, day(week))
        with acting_as(reported["kehoach"]):
            (other,) = ids_of([OTHER])
        lost = AdjustmentLine(item_code=GOWN, quantity=400, direction="out")
        post(Adjustment(facility_id=station, lines=(lost,), happened_on=day(6), reason="damaged"))
        sent = TransferDispatch(
            facility_id=station,
            lines=(IssueLine(item_code=GOWN, quantity=300),),
            happened_on=day(5),
            counterpart_facility_id=other,
        )
        post(sent)
        wrong = use(station, 600, day(4))
        post(Reversal(facility_id=station, happened_on=day(4), reason="nhầm", reverses_id=wrong))
        more = use(station, 50, day(3))
        back = (IssueLine(item_code=GOWN, quantity=50),)
        post(Return(facility_id=station, lines=back, happened_on=day(2), follows_id=more))
    return reported


def world(known_by: dt.datetime | None = None) -> tuple[District, chain.Inputs, Learned]:
    """The district, a run's inputs, and what is learned for them."""
    where = district_of("ba-dinh")
    params = chain.Params(LAST_WEEK, 28, "hanoi_2021", 1, 50)
    inputs = gather(where, params, last_report_id(where))
    return where, inputs, learned_rates(where, inputs, district_use(where, LAST_WEEK, known_by))


def test_only_use_is_learned_from(kept: dict[str, int]) -> None:
    with acting_as(kept["kehoach"]):
        _, inputs, found = world()
    at = inputs.facility_codes.index(STATION), inputs.item_codes.index(GOWN)
    # Held since the Monday 14 weeks before; the book begins a fortnight before the first issue.
    days = 14 * 7 + 6
    assert found.days_seen[at] == days
    assert found.observed_per_day[at] == pytest.approx(12 * PER_WEEK / days)
    assert found.method[at] == "blend"
    assert 0 < found.own_weight[at] <= 1
    assert found.days_seen[inputs.facility_codes.index(OTHER)].sum() == 0


def test_what_was_recorded_later_was_not_known(kept: dict[str, int]) -> None:
    with acting_as(kept["kehoach"]):
        before = dt.datetime.now(dt.UTC)
        _, inputs, then = world()
    with acting_as(kept["kho_px"]):
        (station,) = ids_of([STATION])
        use(station, 900, day(1))
    with acting_as(kept["kehoach"]):
        _, _, as_known = world(before)
        _, _, now = world()
        nothing = world(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))[2]
    assert as_known.told() == then.told()
    at = inputs.facility_codes.index(STATION), inputs.item_codes.index(GOWN)
    assert now.observed_per_day[at] > 1.8 * then.observed_per_day[at]
    assert nothing.days_seen.sum() == 0
    assert (nothing.multiplier == 1).all()


def test_what_happens_after_the_origin_changes_nothing(kept: dict[str, int]) -> None:
    with acting_as(kept["kehoach"]):
        _, _, then = world()
    with acting_as(kept["kho_px"]):
        (station,) = ids_of([STATION])
        use(station, 900, LAST_WEEK + dt.timedelta(days=1))
    with acting_as(kept["kehoach"]):
        assert world()[2].told() == then.told()


def test_a_run_keeps_its_rates_and_is_made_again_from_them(
    db: Database, kept: dict[str, int]
) -> None:
    with acting_as(kept["kehoach"]):
        run_id = run_forecast("ba-dinh", draws=50)
        where = district_of("ba-dinh")
        codes = tuple(f.code for f in where.facilities)
        before = stored(run_id, codes)
    assert before is not None
    assert GOWN in before.item_codes
    at = codes.index(STATION), before.item_codes.index(GOWN)
    assert before.learned.method[at] == "blend"
    with acting_as(kept["kho_px"]):
        (station,) = ids_of([STATION])
        use(station, 900, day(1))  # what is written afterwards must not change the run
    with acting_as(kept["kehoach"]):
        replay(run_id)
        later = run_forecast("ba-dinh", draws=50)
        after = stored(later, codes)
        first, second = queries.stored_burn(run_id, [GOWN]), queries.stored_burn(later, [GOWN])
    assert after is not None
    assert after.learned.observed_per_day[at] > before.learned.observed_per_day[at]
    place = first.facility_ids.index(STATION)
    assert second.total_mean[place].sum() > first.total_mean[place].sum()


def test_the_rates_seen_are_those_of_ones_own_store(kept: dict[str, int]) -> None:
    with acting_as(kept["kehoach"]):
        run_id = run_forecast("ba-dinh", draws=50)
    with acting_as(kept["kho_px"]):
        found = stored(run_id, (STATION, OTHER))
    assert found is not None
    assert (found.learned.days_seen[0] > 0).any()
    assert (found.learned.method[1] == "norm").all()  # as where nothing is kept
    assert np.isnan(found.learned.norm_per_day[1]).all()
    with acting_as(kept["kho_rg"]):
        assert stored(run_id, (STATION, OTHER)) is None


def test_a_pin_holds_to_the_norm_until_it_is_taken_out(kept: dict[str, int]) -> None:
    with acting_as(kept["kehoach"]):
        where, inputs, _ = world()
        key = where.facility_ids[STATION], where.item_ids[GOWN]
        at = inputs.facility_codes.index(STATION), inputs.item_codes.index(GOWN)
        pin(*key, True, LAST_WEEK, "cấp phát bù, không phải thực dùng")
        held = world()[2]
        assert pins([key[0]], LAST_WEEK)[key].reason.startswith("cấp phát bù")
        pin(*key, False, LAST_WEEK, "đã hết cấp bù")
        freed = world()[2]
        with pytest.raises(InvalidInput) as caught:
            pin(*key, True, LAST_WEEK, "  ")
        assert [fault.field for fault in caught.value.faults] == ["reason"]
    assert (held.method[at], held.multiplier[at]) == ("pinned", 1.0)
    assert freed.method[at] == "blend"
    with acting_as(kept["kho_px"]), pytest.raises(NotAllowed):
        pin(*key, True, LAST_WEEK, "tôi muốn vậy")


def test_items_without_a_norm_that_are_used_are_forecast_by_their_use(
    kept: dict[str, int],
) -> None:
    with acting_as(kept["kehoach"]):
        rated = set(chain.norms_of(world()[1].params).item_codes())
        code = next(
            i.code for i in catalog.items() if i.code.startswith("VT") and i.code not in rated
        )
    with acting_as(kept["kho_px"]):
        (station,) = ids_of([STATION])
        receive(station, 1000, day(14), code)
        for week in range(12, 0, -1):
            use(station, 21, day(week), code)
    with acting_as(kept["kehoach"]):
        where = district_of("ba-dinh")
        assert code in district_use(where, LAST_WEEK).item_codes()
        run_id = run_forecast("ba-dinh", draws=50)
        replay(run_id)
        burn = queries.stored_burn(run_id, [code])
    daily = burn.total_mean[burn.facility_ids.index(STATION), 0]
    # 21 a week, none in the last of them: 3 a day, and a little less since.
    assert 2.0 < daily.mean() <= 3.0


def test_spans_without_stock_are_the_days_that_are_counted(
    db: Database, people: dict[str, int]
) -> None:
    books = post_books(db, people, seed=5)
    ids = list(books.facility_ids.values())
    first = dt.date(2021, 11, 1)
    periods = [(0, 36), (5, 20), (15, 15), (30, 60), (-10, 3)]
    counted = text(
        "SELECT facility_id, item_id, stock_out_days FROM ledger_stock_days(:ids, :first, :last)"
    )

    def both() -> list[tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]]]:
        answers = []
        with acting_as(people["kehoach"]):
            for a, b in periods:
                begin, end = first + dt.timedelta(days=a), first + dt.timedelta(days=b)
                spans = inventory.empty_spans(ids, begin, end)
                days: dict[tuple[int, int], int] = {}
                columns = (spans[name] for name in spans.columns)
                for f, i, _, empty_from, empty_to in zip(*columns, strict=True):
                    length = 0 if empty_from is None else (empty_to - empty_from).days + 1
                    days[int(f), int(i)] = days.get((int(f), int(i)), 0) + length
                with reading() as session:
                    rows = session.execute(counted, {"ids": ids, "first": begin, "last": end}).all()
                answers.append((days, {(f, i): n for f, i, n in rows}))
        return answers

    plain = both()
    assert any(n for found, _ in plain for n in found.values())
    for found, wanted in plain:
        assert found == wanted
    with acting_as(people["kehoach"]):
        close_months()
    assert both() == plain
