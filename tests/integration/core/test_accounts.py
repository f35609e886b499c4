"""No default passwords: a link that works once, and rules that hold everywhere."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash

from supply.core import accounts
from supply.core.accounts import NewUser
from supply.core.database import Database
from supply.core.errors import InvalidInput, NotFound


def new(db: Database, **changes: object) -> str:
    person = NewUser(
        **{
            "username": "moi",
            "first_name": "Trần",
            "last_name": "Mới",
            "role": "storekeeper",
            "email": "moi@example.invalid",
            "facility_codes": ("BD-TYT-03",),
        }
        | changes  # type: ignore[arg-type]
    )
    with Session(db.owner_engine) as session:
        user = accounts.create_user(session, person)
        session.commit()
        return accounts.first_login_token(user)


def test_the_link_sets_the_password_once(db: Database) -> None:
    token = new(db)
    user = accounts.set_first_password(token, "Tram-y-te-2022", "Tram-y-te-2022")
    assert check_password_hash(user.password, "Tram-y-te-2022")
    with pytest.raises(NotFound, match="used or has expired"):
        accounts.set_first_password(token, "Ke-khac-2022xx", "Ke-khac-2022xx")


def test_a_false_link_leads_nowhere(db: Database) -> None:
    with pytest.raises(NotFound):
        accounts.user_of_token("WzEsImFiYyJd.forged.token")


@pytest.mark.parametrize("weak", ["ngan1", "khongcochuso", "1234567890", "moi-moi-2022"])
def test_a_weak_password_is_refused_and_the_link_still_works(db: Database, weak: str) -> None:
    token = new(db)
    with pytest.raises(InvalidInput) as refused:
        accounts.set_first_password(token, weak, weak)
    assert refused.value.faults[0].field == "password"
    assert accounts.set_first_password(token, "Tram-y-te-2022", "Tram-y-te-2022")


def test_two_different_entries_are_refused(db: Database) -> None:
    with pytest.raises(InvalidInput, match="mend"):
        accounts.set_first_password(new(db), "Tram-y-te-2022", "Tram-y-te-2023")


def test_an_unknown_facility_enters_nobody(db: Database) -> None:
    with pytest.raises(InvalidInput, match="mend"):
        new(db, facility_codes=("BD-KHONG-CO",))
    with db.owner_engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM ab_user").scalar() == 0


def test_a_generated_password_is_within_the_rules() -> None:
    for _ in range(200):
        assert accounts.password_faults(accounts.generate_password(), "kho_px") == []
