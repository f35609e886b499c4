"""Every ward's patients are looked after by somebody, once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.forecast.faults import InputFaults
from supply.forecast.sharing import Place, ShareRule, case_shares, load_share_rules

RULES = load_share_rules(dt.date(2022, 1, 22))
KINDS = ("ward_station", "mobile_station", "private_clinic", "medical_centre", "treatment_facility")


def test_the_worked_number() -> None:
    places = [
        Place("ward_station", 0, 5),
        Place("private_clinic", 0, 5),
        Place("mobile_station", 1, 0),
        Place("ward_station", 1, 4),
        Place("medical_centre", None, 60),
        Place("treatment_facility", 0, 200),
    ]
    shares = case_shares(RULES, places, 2)
    assert shares.home.toarray()[:, 0] == pytest.approx([0.8, 0.1, 0.1, 0, 0, 0])
    assert shares.home.toarray()[:, 1] == pytest.approx([0, 0, 0.1, 0.9, 0, 0])
    assert shares.bed.toarray()[:, 0] == pytest.approx([0, 0, 0, 0, 60 / 260, 200 / 260])


def test_a_ward_without_a_station_falls_to_the_medical_centre() -> None:
    shares = case_shares(RULES, [Place("ward_station", 0, 5), Place("medical_centre", None, 60)], 2)
    assert shares.home.toarray().tolist() == [[1.0, 0.0], [0.0, 1.0]]


@given(
    st.lists(
        st.builds(
            Place,
            st.sampled_from(KINDS),
            st.one_of(st.none(), st.integers(0, 3)),
            st.integers(0, 300),
        ),
        max_size=20,
    )
)
def test_no_ward_is_shared_more_than_once(places: list[Place]) -> None:
    places = [*places, Place("medical_centre", None, 10)]
    shares = case_shares(RULES, places, 4)
    for table in (shares.home.toarray(), shares.bed.toarray()):
        assert (table >= 0).all()
        assert np.allclose(table.sum(axis=0), 1.0)


def test_every_rule_has_a_source_and_a_status() -> None:
    assert all(rule.source and rule.status for rule in RULES)


def test_a_faulty_table_names_row_and_field(tmp_path: Path) -> None:
    file = tmp_path / "share.csv"
    file.write_text(
        "care,facility_kind,rule,share,valid_from,valid_to,source,status\n"
        "home,ward_station,remainder,1.2,,,x,y\nhouse,ward_station,remainder,1,,,x,y\n"
    )
    with pytest.raises(InputFaults) as refused:
        load_share_rules(dt.date(2022, 1, 1), file)
    assert [(f.line, f.field) for f in refused.value.faults] == [(2, "share"), (3, "care")]


def test_without_rules_nobody_is_looked_after() -> None:
    none: tuple[ShareRule, ...] = ()
    assert case_shares(none, [Place("ward_station", 0, 5)], 1).home.toarray().sum() == 0
