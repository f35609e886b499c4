"""What planning says of its figures, and how it reads what people type."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from supply.core.errors import InvalidInput
from supply.core.text import Text
from supply.paper.forms import Typed
from supply.planning.paper import reserve_paper
from supply.planning.purchase import Line
from supply.planning.purchase_plans import PlanRow, by_fund, row_of
from supply.planning.reserve_lists import ListHead, ListLine
from supply.planning.typed import asked_of, decimal, order_of, reserve_units
from supply.planning.words import lateness, why

LINE = Line(
    lead_days=10, cover_days=24, forecast_days=20, use_mean=600, use_quantile=840, reserve=0,
    on_hand=100, in_transit=0, on_order=200, expiring=40, wanted=580, pack_units=50, packs=12,
    units=600, unit_price_vnd=1_500, amount_vnd=900_000, out_day=4,
)  # fmt: skip
ROW = PlanRow(
    facility_id=None, facility_code="", facility_name=Text("Toàn địa bàn", "Whole district"),
    item_id=1, item_code="PH001", item_name=Text("Khẩu trang", "Mask"),
    unit=Text("chiếc", "each"), category="ppe", pack_name=Text("hộp 50", "box of 50"),
    fund_code="QCOVID", line=LINE,
)  # fmt: skip


def test_why_tells_every_figure_of_the_reckoning() -> None:
    words = why(ROW, 0.975)
    for figure in ("840", "600", "100", "200", "40", "580", "12 × hộp 50", "97,5 %", "24 ngày"):
        assert figure in words.vi
    assert "tuần cuối" in words.vi  # 24 days asked of a forecast of 20
    assert "97,5 %" in words.en
    assert "dự trữ" not in words.vi
    kept = why(replace(ROW, line=replace(LINE, reserve=900)), 0.95)
    assert "dự trữ đã duyệt 900" in kept.vi


def test_the_day_to_order_by_is_told_with_its_urgency() -> None:
    def told(out_day: int | None) -> tuple[str, str]:
        tone, words = lateness(replace(ROW, line=replace(LINE, out_day=out_day)))
        return tone, words.vi

    assert told(4) == ("danger", "trễ 6 ngày")
    assert told(10) == ("danger", "hôm nay")
    assert told(15) == ("warning", "còn 5 ngày")
    assert told(20) == ("good", "còn 10 ngày")
    assert told(None) == ("", "không gấp")
    for out_day, words in ((4, "6 days late"), (9, "1 day late"), (11, "in 1 day")):
        assert lateness(replace(ROW, line=replace(LINE, out_day=out_day)))[1].en == words


def test_a_line_goes_into_json_and_back() -> None:
    told = ROW.to_json()
    told["item_name"] = list(told["item_name"])  # as JSON has it
    assert row_of(told) == ROW


def test_money_by_fund_adds_up() -> None:
    other = replace(ROW, fund_code="", line=replace(LINE, unit_price_vnd=None, amount_vnd=None))
    assert by_fund((ROW, ROW, other)) == [("QCOVID", 1_800_000, 2), ("", 0, 1)]


@pytest.mark.parametrize(
    ("typed", "value"),
    [("95", 95.0), ("97,5", 97.5), ("97.5 %", 97.5), ("1.234,5", 1234.5), ("20.000", 20000.0)],
)
def test_numbers_are_read_as_they_are_written_in_vietnam(typed: str, value: float) -> None:
    assert decimal(typed) == value


@pytest.mark.parametrize("typed", ["", "nhiều", "-5", "1e9", "1,2,3", "nan"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        decimal(typed)


def test_terms_are_read_with_funds_by_category() -> None:
    asked = asked_of({"level": "99", "review_days": "7", "scope": "facility", "fund": "NSQ",
                      "fund-drug": "BHYT", "reserve": "0", "run": "12"})  # fmt: skip
    assert (asked.service_level, asked.review_days, asked.run_id) == (0.99, 7, 12)
    assert (asked.per_facility, asked.with_reserve) == (True, False)
    assert (asked.fund("drug"), asked.fund("ppe")) == ("BHYT", "NSQ")
    with pytest.raises(InvalidInput) as caught:
        asked_of({"level": "x", "review_days": "-1"})
    assert [f.field for f in caught.value.faults] == ["review_days", "service_level"]


def test_an_order_and_reserves_are_refused_with_all_faults() -> None:
    with pytest.raises(InvalidInput) as caught:
        order_of({"quantity": "1,5", "expected_on": "31/02/2022", "unit_price_vnd": "x"})
    assert {f.field for f in caught.value.faults} == {"quantity", "expected_on", "unit_price_vnd"}
    assert reserve_units({"units-3-7": "1.200", "units-3-8": "", "note": "x"}) == {
        (3, 7): 1200, (3, 8): 0,
    }  # fmt: skip
    with pytest.raises(InvalidInput) as caught:
        reserve_units({"units-3-7": "ba"})
    assert caught.value.faults[0].field == "units-3-7"


def test_the_paper_has_every_line_and_who_approved() -> None:
    head = ListHead(
        1, 1, 3, 9, dt.date(2022, 1, 23), 0.95, "", None, 1, "approved", 5, "Ngô Thị Dung",
        dt.datetime(2022, 1, 22, tzinfo=dt.UTC), "Nguyễn Văn Hương",
        dt.datetime(2022, 1, 23, tzinfo=dt.UTC), "",
    )  # fmt: skip
    line = ListLine(
        1, "BD-TTYT", Text("Trung tâm", "Centre"), True, 2, "PH001", Text("Khẩu trang", "Mask"),
        Text("chiếc", "each"), "ppe", True, 50, 300, 300, 14, 280.0, "", 120,
    )  # fmt: skip
    typed = Typed(language="vi", names={}, attached="")
    paper = reserve_paper(head, [line], Text("Ba Đình", "Ba Đình"), dt.date(2022, 1, 23), typed)
    assert paper.rows[0].cells[-3:] == (300, 120, 180)
    assert "Nguyễn Văn Hương" in str(paper.facts)
    assert paper.number == "3"
