"""Form names: entered once, chosen by date, written by officers alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import text

from supply.core.database import Database
from supply.core.errors import InvalidInput, NotAllowed, NotFound
from supply.core.scope import acting_as
from supply.paper.titles import form_title, form_titles, save_title

DAY = dt.date(2022, 3, 3)


def test_the_date_chooses_the_circular(shared_db: Database, shared_people: dict[str, int]) -> None:
    with acting_as(shared_people["kho_px"]):
        assert "107/2017" in form_title("receipt", DAY).basis
        assert "107/2017" in form_title("receipt", dt.date(2024, 12, 31)).basis
        assert "24/2024" in form_title("receipt", dt.date(2025, 1, 1)).basis
        assert form_title("receipt", dt.date(2001, 1, 1)).number == "C30-HD"
        with pytest.raises(NotFound):
            form_title("no_such_form", DAY)


def test_nothing_is_confirmed_until_an_officer_says_so(
    shared_db: Database, shared_people: dict[str, int]
) -> None:
    with acting_as(shared_people["taichinh"]):
        assert {row.confirmed_at for row in form_titles()} == {None}


@pytest.mark.parametrize("who", ["kho_px", "kehoach", "thanhtra"])
def test_others_cannot_write_names_whatever_page_they_come_from(
    shared_db: Database, shared_people: dict[str, int], who: str
) -> None:
    with acting_as(shared_people[who]):
        row = form_title("issue", DAY)
        with pytest.raises(NotAllowed):
            save_title(replace(row, title_vi="Của tôi"), confirmed=True)
        with pytest.raises(NotAllowed):
            save_title(replace(row, id=0, valid_from=DAY), confirmed=False)
        assert form_title("issue", DAY) == row


def test_a_row_that_cannot_be_is_refused_field_by_field(
    shared_db: Database, shared_people: dict[str, int]
) -> None:
    with acting_as(shared_people["taichinh"]):
        row = form_title("issue", DAY)
        bad = replace(row, title_vi=" ", basis="x" * 301, valid_to=dt.date(2017, 1, 1))
        with pytest.raises(InvalidInput) as told:
            save_title(bad, confirmed=False)
        assert {fault.field for fault in told.value.faults} == {"title_vi", "basis", "valid_to"}
        assert form_title("issue", DAY) == row


def test_who_has_not_signed_in_sees_no_form(
    shared_db: Database, shared_people: dict[str, int]
) -> None:
    with shared_db.web_engine.connect() as connection:
        seen = connection.execute(text("SELECT count(*) FROM form_title")).scalar()
    assert seen == 0
