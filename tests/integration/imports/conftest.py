"""A person who keeps several stores."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from supply.core.scope import acting_as


@pytest.fixture
def keeper(db, people):
    """kho_px, who here keeps the depot and two stations."""
    with db.owner_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO user_scope (user_id, facility_id)"
                " SELECT :user, id FROM facility WHERE code IN ('BD-TTYT', 'BD-TYT-02')"
            ),
            {"user": people["kho_px"]},
        )
    with acting_as(people["kho_px"]):
        yield people["kho_px"]
