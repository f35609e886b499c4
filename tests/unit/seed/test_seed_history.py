"""The planned history: the same each time, and one that a careful storekeeper could have lived."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seed.demand import SHARES, district_ward_cases, read_province, units_used, ward_days
from seed.history import Event, Goods, Money, Place, drawn_together, plan_history
from seed.shelves import Batch, Shelf
from supply.forecast.sharing import Place as SharedPlace

FIRST = dt.date(2021, 11, 1)
MONEY = Money("NSTP", "QCOVID", "NSQ")
PLACES = (
    Place("K", "medical_centre", is_depot=True),
    Place("A", "ward_station"),
    Place("B", "ward_station"),
    Place("T", "treatment_facility"),
    Place("P", "private_clinic", is_private=True),
)
GOODS = tuple(
    Goods(f"I{n}", pack, life, 100 * (n + 1), "NCC01", delivered_directly=n == 5)
    for n, (pack, life) in enumerate(
        [(1, 365), (10, 730), (50, None), (2, 120), (25, 540), (2, 1095), (100, 90)]
    )
)


def history(seed: int, days: int, level: float = 15.0) -> list[Event]:
    rng = np.random.default_rng(seed)
    use = rng.gamma(1.0, level, size=(len(PLACES), len(GOODS), days))
    return plan_history(PLACES, GOODS, use, FIRST, MONEY, seed)


def replayed(events: list[Event]) -> dict[tuple[str, str], int]:
    """Stock by place and item after the events, checked at every step."""
    stock: defaultdict[tuple[str, str], int] = defaultdict(int)
    transit: dict[str, Counter[str]] = {}
    by_key = {event.key: event for event in events}
    for event in events:
        for line in event.lines:
            at = (event.facility, line.item_code)
            match event.kind:
                case "receipt" | "opening":
                    stock[at] += line.quantity
                case "issue":
                    stock[at] -= line.quantity
                case "transfer_dispatch":
                    stock[at] -= line.quantity
                    transit.setdefault(event.key, Counter())[line.item_code] += line.quantity
                case "adjustment":
                    stock[at] += line.quantity if line.direction == "in" else -line.quantity
            assert stock[at] >= 0, (event.key, at)
        if event.kind == "transfer_receipt":
            sent = transit.pop(str(event.follows))
            arrived = Counter({line.item_code: line.quantity for line in event.lines}) or sent
            lost = Counter({line.item_code: line.lost_quantity for line in event.lines})
            assert arrived + lost == sent
            for code, quantity in arrived.items():
                stock[event.facility, code] += quantity
        if event.kind == "reversal":
            for line in by_key[str(event.reverses)].lines:
                stock[event.facility, line.item_code] += line.quantity
    return dict(stock)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), days=st.integers(1, 60), level=st.floats(0.0, 80.0))
def test_nothing_leaves_before_it_came(seed: int, days: int, level: float) -> None:
    events = history(seed, days, level)
    replayed(events)
    assert [event.day for event in events] == sorted(event.day for event in events)
    assert len({event.key for event in events}) == len(events)


def test_the_same_seed_makes_the_same_history_and_another_another() -> None:
    assert history(3, 40) == history(3, 40)
    assert history(3, 40) != history(4, 40)


def test_every_kind_of_document_turns_up_in_ninety_days() -> None:
    events = history(5, 90)
    kinds = Counter(event.kind for event in events)
    assert set(kinds) == {
        "receipt", "issue", "transfer_dispatch", "transfer_receipt", "opening", "adjustment",
        "reversal",
    }  # fmt: skip
    assert 1 <= kinds["reversal"] <= 3
    assert {e.reason for e in events if e.kind == "adjustment"} >= {"damaged", "count"}
    assert kinds["transfer_dispatch"] > kinds["transfer_receipt"]  # the last ones are on their way


def test_receipts_carry_fund_price_lot_and_paper() -> None:
    for event in history(6, 60):
        brings = event.kind in ("receipt", "opening")
        for line in event.lines if brings else ():
            assert line.fund_code
            assert line.unit_price_vnd
            assert line.lot_number
            assert line.expiry is None or line.expiry > event.day
        if event.kind == "receipt":
            assert event.paper_reference
            assert event.partner_code


def test_the_same_lot_number_never_has_two_expiries() -> None:
    known: dict[tuple[str, str], dt.date | None] = {}
    for event in history(7, 90):
        for line in event.lines:
            if line.fund_code:
                key = (line.item_code, str(line.lot_number))
                assert known.setdefault(key, line.expiry) == line.expiry


def test_use_must_fit_the_places_and_goods() -> None:
    with pytest.raises(ValueError, match="depot"):
        plan_history(PLACES[1:], GOODS, np.zeros((4, 7, 3)), FIRST, MONEY, 1)
    with pytest.raises(ValueError, match="place, item, day"):
        plan_history(PLACES, GOODS, np.zeros((5, 6, 3)), FIRST, MONEY, 1)


def test_drawing_together_changes_when_not_how_much() -> None:
    wanted = np.random.default_rng(1).poisson(2.0, size=(3, 4, 48))
    drawn = drawn_together(wanted)
    for place in range(3):
        last = max(day for day in range(48) if day % 4 == place % 4)
        assert (drawn[place].sum(axis=1) == wanted[place, :, : last + 1].sum(axis=1)).all()
    assert (drawn > 0).sum() < (wanted > 0).sum() / 2
    quick = np.full((1, 1, 8), 100)
    assert (drawn_together(quick) == quick).all()


def test_a_shelf_gives_the_earliest_expiry_first_and_never_an_expired_lot() -> None:
    shelf = Shelf()
    early, late = (Batch(FIRST + dt.timedelta(days=d), d, f"L{d}") for d in (3, 30))
    shelf.put("I", [(late, 5), (early, 4)])
    assert shelf.take("I", 6, FIRST) == [(early, 4), (late, 2)]
    shelf.put("I", [(early, 4)])
    after = FIRST + dt.timedelta(days=4)
    assert shelf.usable("I", after) == 3
    assert shelf.expired(after) == [("I", early, 4)]
    with pytest.raises(ValueError, match="too few"):
        shelf.take("I", 4, after)
    with pytest.raises(ValueError, match="too few"):
        shelf.take_lot("I", early, 5)


@pytest.mark.parametrize("slug", sorted(SHARES))
def test_ward_cases_add_up_to_the_districts_share(slug: str) -> None:
    share, name = SHARES[slug]
    province = read_province(name)
    people = [1000.0, 2500.0, 400.0]
    wards = district_ward_cases(slug, people)
    believed = np.where(np.array(province.anomaly), 0.0, province.cases)
    assert abs(np.nansum(wards) - believed.sum() * share.share) <= 1
    rows = ward_days(slug, dict(zip("abc", people, strict=True)))
    marked = [row for row in rows if row.anomaly]
    assert sum(r.cases for r in rows if not r.anomaly) == np.nansum(wards)
    assert bool(marked) == (slug == "rach-gia")


def test_use_follows_the_cases() -> None:
    places = [SharedPlace("ward_station", 0, 4), SharedPlace("treatment_facility", None, 100)]
    on = dt.date(2022, 1, 22)
    few = units_used(np.full((1, 60), 2.0), places, ["XN001", "OX001"], on, 1)
    many = units_used(np.full((1, 60), 200.0), places, ["XN001", "OX001"], on, 1)
    assert few.shape == (2, 2, 39)
    assert many[0, 0].sum() > 10 * few[0, 0].sum()
    assert many[1, 1].sum() > 10 * few[1, 1].sum()
    assert many[0, 1].sum() == 0  # oxygen is for those who lie in a bed


def test_two_districts_never_share_a_lot_number() -> None:
    def lots(prefix: str) -> set[str | None]:
        places = [Place(f"{prefix}-{p.code}", p.kind, p.is_depot, p.is_private) for p in PLACES]
        use = np.full((len(PLACES), len(GOODS), 20), 9.0)
        events = plan_history(places, GOODS, use, FIRST, MONEY, 1)
        return {line.lot_number for e in events for line in e.lines if line.fund_code}

    assert not lots("BD") & lots("RG")
