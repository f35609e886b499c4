"""Pages that only read: one database with its books for all tests of a file."""

from __future__ import annotations

import pytest

from supply.core.database import Database
from tests.books import Books, post_books


@pytest.fixture(scope="module")
def books(shared_db: Database, shared_people: dict[str, int]) -> Books:
    return post_books(shared_db, shared_people, seed=5, days=12)


@pytest.fixture
def db(shared_db: Database) -> Database:
    return shared_db


@pytest.fixture
def people(books: Books) -> dict[str, int]:
    return books.people
