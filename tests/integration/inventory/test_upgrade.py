"""A database from before the kinds of storekeeping comes up to date, and old hashes stay what they were."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.engine import URL

from supply.core import database as databases
from supply.core.database import Database, use_database
from supply.core.deploy import deploying, migrate
from supply.core.settings import ROOT
from supply.inventory.verify import verify_ledger
from tests.conftest import WEB_ROLE
from tests.integration.inventory.conftest import World

BEFORE = "0006"


@pytest.fixture
def blank(server: URL) -> Iterator[Database]:
    """A database with nothing in it."""
    name = f"upgrade_{uuid.uuid4().hex[:12]}"
    yield use_database(server.set(database=name), WEB_ROLE)
    databases.database().dispose()
    address = server.set(drivername="postgresql", database="postgres").render_as_string(False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def test_a_database_of_the_last_release_is_brought_up_to_date(blank: Database) -> None:
    with deploying() as connection:
        config = Config()
        config.set_main_option("script_location", str(ROOT / "migrations"))
        config.attributes["connection"] = connection
        role = text("SELECT set_config('supply.web_role', :role, false)")
        connection.execute(role, {"role": WEB_ROLE})
        command.upgrade(config, BEFORE)
        # What 0003 used to bring with it, by name and type, is dropped and made anew.
        connection.execute(text("CREATE TYPE ledger_line AS (line_no integer)"))
        connection.execute(
            text(
                "CREATE FUNCTION ledger_write(l ledger_line) RETURNS jsonb"
                " LANGUAGE sql AS 'SELECT NULL::jsonb'"
            )
        )
        connection.commit()
        migrate(connection)
        functions = connection.execute(
            text("SELECT count(*) FROM pg_proc WHERE proname = 'ledger_write'")
        ).scalar_one()
        columns = connection.execute(
            text(
                "SELECT count(*) FROM pg_attribute WHERE attrelid ="
                " (SELECT typrelid FROM pg_type WHERE typname = 'ledger_line')"
            )
        ).scalar_one()
    assert functions == 1
    assert columns > 1
    assert verify_ledger().is_sound


def test_a_document_that_says_nothing_new_is_sealed_as_ever(world: World) -> None:
    posted = world.receive("kho_px", "BD-TYT-01", 30)
    with world.database.owner_engine.connect() as connection:
        d = connection.execute(
            text(
                "SELECT *, to_char(recorded_at AT TIME ZONE 'UTC', :f) AS at FROM document"
                " WHERE id = :id"
            ),
            {"id": posted.document_id, "f": 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'},
        ).one()
        e, c = (
            connection.execute(
                text(f"SELECT * FROM {table} WHERE document_id = :id"), {"id": posted.document_id}
            ).one()
            for table in ("entry", "consignment")
        )
        lot = connection.execute(text("SELECT * FROM lot WHERE id = :id"), {"id": e.lot_id}).one()
    entry = [
        e.line_no, e.item_id, e.lot_id, lot.number, lot.expiry.isoformat(), e.consignment_id,
        c.fund_id, c.partner_id, c.paper_reference, c.unit_price_vnd, e.from_location_id,
        e.to_location_id, e.quantity, e.amount_vnd, e.happened_on.isoformat(),
    ]  # fmt: skip
    sealed = [
        d.previous_hash, d.id, d.facility_id, d.kind, d.number, d.year, d.happened_on.isoformat(),
        d.at, d.recorded_by, d.counterpart_facility_id, d.partner_id, d.recipient, d.origin,
        d.paper_reference, d.note, d.reason, str(d.client_key), d.request_digest, d.reverses_id,
        d.follows_id, [entry],
    ]  # fmt: skip
    content = json.dumps(sealed, ensure_ascii=False)
    assert hashlib.sha256(content.encode()).hexdigest() == posted.hash
