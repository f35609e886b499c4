"""What day it is: Vietnam's, or the one a demonstration database stands on.

Documents are dated by the day they happened, so "today" decides what is expired and what is late. A
demonstration on real series of 2021-22 would be all expired today; its database says which day it
plays (`ALTER DATABASE … SET supply.today`), and every page says so. The moment of recording is
always the real one.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

from psycopg import sql
from sqlalchemy import text

from supply.core.database import Database, database

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def today() -> dt.date:
    """The day it is; the same as `supply_today()` in SQL."""
    return demo_day() or dt.datetime.now(VIETNAM).date()


def demo_day() -> dt.date | None:
    """The day a demonstration stands on; None in earnest."""
    return _demo_day(database())


@lru_cache(maxsize=4)
def _demo_day(db: Database) -> dt.date | None:
    with db.web_engine.connect() as connection:
        named = connection.execute(text("SELECT current_setting('supply.today', true)")).scalar()
    return dt.date.fromisoformat(named) if named else None


def stand_on(day: dt.date | None) -> None:
    """Let this database play `day` (None: the real day again). For demonstrations only."""
    db = database()
    with db.owner_engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        name = sql.Identifier(db.owner_url.database or "")
        if day is None:
            driver.execute(sql.SQL("ALTER DATABASE {} RESET supply.today").format(name))
        else:
            driver.execute(
                sql.SQL("ALTER DATABASE {} SET supply.today = {}").format(
                    name, sql.Literal(day.isoformat())
                )
            )
        driver.commit()  # SQLAlchemy began nothing here, so its own commit would keep nothing
    # Settings of a database reach new connections only.
    db.dispose()
    _demo_day.cache_clear()
