"""Stores that make kits: the same world as the inventory's stories."""

from tests.integration.inventory.conftest import world  # noqa: F401
