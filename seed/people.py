"""The people of a demo district, each with a password that is made now and shown once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from supply.catalog.data import rows
from supply.core.accounts import NewUser, create_user, generate_password
from supply.core.text import fold

FAMILY_NAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô")
MIDDLE_NAMES = ("Thị", "Văn", "Thu", "Minh", "Ngọc", "Quang", "Thanh")
GIVEN_NAMES = (
    "An", "Bình", "Chi", "Dung", "Giang", "Hà", "Hải", "Hạnh", "Hoa", "Hùng", "Hương", "Lan", "Linh",
    "Long", "Mai", "Nam", "Nga", "Phúc", "Quân", "Sơn", "Tâm", "Thảo", "Trang", "Tuấn", "Yến",
)  # fmt: skip
OFFICE = (
    ("planner", "kehoach1"),
    ("planner", "kehoach2"),
    ("finance", "taichinh"),
    ("auditor", "thanhtra"),
)


@dataclass(frozen=True)
class DemoUser:
    """A demo account; `password` only where it was made just now."""

    username: str
    full_name: str
    role: str
    place: str
    password: str | None = None


def facility_codes(district_slug: str) -> list[str]:
    """The demo facilities of a district, as the reference tables list them."""
    return [row["code"] for row in rows("facilities") if row["district_slug"] == district_slug]


def planner_name(district_slug: str, nth: int = 1) -> str:
    """The user name of a district's first or second planner."""
    return office_name(f"kehoach{nth}", facility_codes(district_slug))


def storekeeper_name(facility_code: str) -> str:
    """The user name of the one who keeps the store of a facility: BD-TYT-01 -> kho_bd_tyt_01."""
    return "kho_" + fold(facility_code).replace("-", "_")


def office_name(stem: str, facility_codes: Sequence[str]) -> str:
    """The user name of somebody in the district's office: kehoach1 -> kehoach1_bd."""
    return f"{stem}_{facility_codes[0].split('-')[0].lower()}"


def demo_people(
    slug: str, facility_codes: Sequence[str], headed_codes: Sequence[str]
) -> list[NewUser]:
    """A storekeeper for each facility, heads for some, two planners, finance and an auditor."""
    people: list[NewUser] = []

    def add(username: str, role: str, facilities: Sequence[str], districts: Sequence[str]) -> None:
        n = len(people) + sum(slug.encode())
        # As everywhere here: the family and middle name stand first, the given name last.
        first = f"{FAMILY_NAMES[n % len(FAMILY_NAMES)]} {MIDDLE_NAMES[n % len(MIDDLE_NAMES)]}"
        last = GIVEN_NAMES[n * 7 % len(GIVEN_NAMES)]
        email = f"{username}@example.invalid"
        people.append(NewUser(username, first, last, role, email, facilities, districts))

    for code in facility_codes:
        add(storekeeper_name(code), "storekeeper", (code,), ())
    for code in headed_codes:
        head = storekeeper_name(code).replace("kho_", "truong_", 1)
        add(head, "facility_head", (code,), ())
    for role, stem in OFFICE:
        add(office_name(stem, facility_codes), role, (), (slug,))
    return people


def enter_people(
    session: Session, people: Sequence[NewUser]
) -> tuple[dict[str, int], list[DemoUser]]:
    """Enter those who are not there yet (session of the owner): ids of all by user name, and all of
    them with the passwords made now."""
    names = [person.username for person in people]
    there = session.execute(select(User.username, User.id).where(User.username.in_(names)))
    known = {row.username: row.id for row in there}
    shown = []
    for new in people:
        password = None
        if new.username not in known:
            password = generate_password()
            known[new.username] = create_user(session, new, password).id
        place = ", ".join((*new.facility_codes, *new.district_slugs))
        full_name = f"{new.first_name} {new.last_name}"
        shown.append(DemoUser(new.username, full_name, new.role, place, password))
    return known, shown
