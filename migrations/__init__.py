"""Alembic migrations; they run forwards only, as the owner."""
