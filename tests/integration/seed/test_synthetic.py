"""Synthetic districts: small through the services, large in bulk, both sound and repeatable."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from seed.synthetic import Size, load_synthetic
from supply.core.database import Database
from supply.core.errors import InvalidInput
from supply.inventory.verify import verify_ledger

SMALL, LARGE = Size(4, 6, 35, 3), Size(45, 30, 70, 7)


def content(db: Database, slug: str) -> list[tuple[object, ...]]:
    """What was moved where, in words that do not depend on ids."""
    with db.owner_engine.connect() as connection:
        return [
            tuple(row)
            for row in connection.execute(
                text(
                    "SELECT d.kind, d.number, d.happened_on, right(f.code, 5), e.line_no, i.code,"
                    " e.quantity, e.amount_vnd FROM entry e JOIN document d ON d.id = e.document_id"
                    " JOIN facility f ON f.id = d.facility_id JOIN item i ON i.id = e.item_id"
                    " JOIN district x ON x.id = f.district_id WHERE x.slug = :slug ORDER BY e.id"
                ),
                {"slug": slug},
            )
        ]


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_synthetic_district_is_sound_and_a_second_load_changes_nothing(
    shared_db: Database, size: Size
) -> None:
    made = load_synthetic(size)
    assert made.fresh
    assert made.through_services == (size is SMALL)
    assert made.documents > size.days
    report = verify_ledger()
    assert report.is_sound, report.discrepancies
    before = content(shared_db, size.slug)
    again = load_synthetic(size)
    assert not again.fresh
    assert (again.documents, again.entries) == (made.documents, made.entries)
    assert content(shared_db, size.slug) == before


def test_bulk_obeys_the_rules_of_the_stores(shared_db: Database) -> None:
    load_synthetic(LARGE)
    with shared_db.owner_engine.connect() as connection:
        counted = connection.execute(
            text(
                "SELECT d.kind, count(*) AS n FROM document d JOIN facility f ON f.id = d.facility_id"
                " JOIN district x ON x.id = f.district_id WHERE x.slug = :slug GROUP BY 1"
            ),
            {"slug": LARGE.slug},
        )
        kinds = {row.kind: row.n for row in counted}
        expired = connection.execute(
            text(
                "SELECT count(*) FROM entry e JOIN lot l ON l.id = e.lot_id"
                " WHERE l.expiry < e.happened_on"
            )
        ).scalar_one()
        # First expired, first out: an issue never leaves an older lot behind in its store.
        passed_over = connection.execute(
            text(
                "SELECT count(*) FROM entry e JOIN document d ON d.id = e.document_id"
                " AND d.kind = 'issue' AND d.origin LIKE 'synthetic:%'"
                " JOIN lot l ON l.id = e.lot_id"
                " JOIN balance b ON b.location_id = e.from_location_id AND b.item_id = e.item_id"
                " JOIN lot o ON o.id = b.lot_id WHERE b.quantity > 0 AND o.expiry < l.expiry"
            )
        ).scalar_one()
    assert set(kinds) == {"receipt", "transfer_dispatch", "transfer_receipt", "issue"}
    assert kinds["transfer_dispatch"] == kinds["transfer_receipt"] == 42 * 3
    assert kinds["issue"] == 42 * LARGE.days
    assert expired == passed_over == 0


def test_the_same_numbers_make_the_same_district(db: Database) -> None:
    size = Size(5, 7, 20, 9)
    load_synthetic(size, through_services=False)
    first = content(db, size.slug)
    other = Size(5, 7, 20, 10)
    load_synthetic(other, through_services=False)
    assert content(db, other.slug) != first
    assert verify_ledger().is_sound


def test_sizes_out_of_range_are_named_and_nothing_is_made(db: Database) -> None:
    with pytest.raises(InvalidInput) as refused:
        load_synthetic(Size(1, 0, 9999, 1))
    assert [fault.field for fault in refused.value.faults] == ["facilities", "items", "days"]
    with db.owner_engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM district")).scalar_one() == 2
