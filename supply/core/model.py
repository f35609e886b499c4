"""The base of every table: FAB's, so that accounts and our tables share one metadata."""

from __future__ import annotations

from flask_appbuilder.models.sqla import Model as Base

__all__ = ["Base"]
