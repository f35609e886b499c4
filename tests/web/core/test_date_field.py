"""Days in master-data forms are day/month/year in every browser; what is no day changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from supply.core.database import Database
from tests.web.conftest import Browser

ClientFor = Callable[[str], Browser]


def _add(browser: Browser, day: str) -> str:
    answer = browser.submit(
        "/funds/add",
        code="Q-THU",
        name_vi="Quỹ thử",
        name_en="Trial fund",
        kind="budget",
        valid_from=day,
        active="y",
    )
    return answer.text


def _days(db: Database) -> list[str]:
    with Session(db.owner_engine) as session:
        rows = session.execute(text("SELECT valid_from::text FROM fund WHERE code = 'Q-THU'"))
        return [row[0] for row in rows]


@pytest.mark.parametrize("typed", ["05/03/2026", "5/3/2026", "2026-03-05"])
def test_a_day_is_read_day_first(client_for: ClientFor, db: Database, typed: str) -> None:
    _add(client_for("quantri"), typed)
    assert _days(db) == ["2026-03-05"]


@pytest.mark.parametrize("typed", ["31/02/2026", "03/25/2026", "hôm nay", "05/03/26"])
def test_what_is_no_day_is_refused_and_stays_to_be_mended(
    client_for: ClientFor, db: Database, typed: str
) -> None:
    page = _add(client_for("quantri"), typed)
    assert "không phải là ngày" in page
    assert f'value="{typed}"' in page
    assert _days(db) == []


def test_the_form_offers_roles_by_their_names(client_for: ClientFor) -> None:
    page = client_for("quantri").client.get("/users/add").text
    assert ">Thủ kho</option>" in page
    assert ">storekeeper</option>" not in page
