"""On what terms a demo district's places take part in allocation: its private clinic by agreement, and
two wards that are more vulnerable than others."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text

from seed.people import planner_name
from supply.allocation.asking import terms
from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.database import database
from supply.core.scope import acting_as
from supply.core.transaction import transaction

# facility code of the ward's station, weight, what it is based on
WEIGHTS = {
    "ba-dinh": (
        ("BD-TYT-01", 1.5, "nhiều hộ ngoài bãi sông, nhà trọ đông người (ví dụ, cần xác nhận)"),
        ("BD-TYT-14", 1.2, "nhiều người trên 65 tuổi ở khu tập thể cũ (ví dụ, cần xác nhận)"),
    ),
    "rach-gia": (
        ("RG-TYT-12", 1.5, "xã xa trung tâm, đi lại bằng đường thủy (ví dụ, cần xác nhận)"),
        ("RG-TYT-11", 1.2, "nhiều hộ nghèo, cận nghèo (ví dụ, cần xác nhận)"),
    ),
}
AGREED_DAYS_AGO = 20


def load(district_slug: str) -> None:
    """Through the services, as the district's planner; a district with agreements is left as it is."""
    with database().owner_engine.connect() as connection:
        found = connection.execute(text("SELECT username, id FROM ab_user"))
        ids = {row.username: row.id for row in found}
    since = today() - dt.timedelta(days=AGREED_DAYS_AGO)
    with acting_as(ids[planner_name(district_slug)]), transaction():
        district = catalog.district(district_slug)
        private = terms.agreements(district.id)
        if any(one.valid_from for one in private):
            return
        for one in private:
            terms.record_agreement(
                one.facility_id, True, since, None, f"Biên bản thỏa thuận {since:%d/%m/%Y} (ví dụ)"
            )
        ward_of = {f.code: f.ward_id for f in catalog.facilities(district.id)}
        for code, weight, source in WEIGHTS.get(district_slug, ()):
            ward = ward_of.get(code)
            if ward is not None:
                terms.set_vulnerability(ward, weight, since, source)
