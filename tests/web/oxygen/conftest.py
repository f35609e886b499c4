"""The same store as the kits' pages."""

from tests.web.kits.conftest import stocked  # noqa: F401
