"""What every list page shares: its address, the columns chosen, its saved views, its files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from flask import Response, request
from sqlalchemy import text

from supply.core.address import Args, address, number, query_of
from supply.core.clock import today
from supply.core.errors import Conflict, InvalidInput, NotFound
from supply.core.export import Column, plain
from supply.core.i18n import t
from supply.core.kept import kept
from supply.core.scope import acting_user_id
from supply.core.text import Text
from supply.core.transaction import reading, transaction

VIEWS_MAX = 30
_PAGE = re.compile(r"/(?:[\w-]+/)*[\w-]*")
# Arguments of an address that are not part of a view.
_PASSING = {"after": None, "view": None, "posted": None}


def args() -> Args:
    """What the address of this request says."""
    return Args(request.args)


def asks_for_part() -> bool:
    """htmx asks for the rows only, not for the page round them."""
    return request.headers.get("HX-Request") == "true"


def chosen(name: str) -> int | None:
    """A whole number from the address; anything else counts as not chosen."""
    return number(request.args, name)


def csv_response(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A short CSV that spreadsheets open as it is, no cell taken for a formula.

    Written before it is sent: the rows are read as the person who asks, while the request lasts.
    """
    body = io.StringIO()
    body.write("\ufeff")
    writer = csv.writer(body)
    writer.writerow(head)
    writer.writerows([plain(cell) for cell in row] for row in rows)  # type: ignore[arg-type]
    return Response(
        body.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}-{today():%Y%m%d}.csv"'},
    )


def shown(columns: Sequence[Column], said: Args) -> tuple[Column, ...]:
    """The columns the address chose (`cols`, repeated), in the list's own order; else the usual."""
    wanted = set(said.getlist("cols"))
    chosen = tuple(c for c in columns if c.key in wanted)
    return chosen or tuple(c for c in columns if c.usual)


@dataclass(frozen=True)
class SavedView:
    """A named address of a list; each is its maker's own."""

    id: int
    name: str
    query: str


def saved_views(page: str) -> list[SavedView]:
    """The acting person's views of a page, by name."""
    return list(kept(("saved views", page), lambda: _saved_views(page)))


def _saved_views(page: str) -> tuple[SavedView, ...]:
    with reading() as session:
        found = session.execute(
            text("SELECT id, name, query FROM saved_view WHERE page = :page ORDER BY lower(name)"),
            {"page": page},
        )
        return tuple(SavedView(*row) for row in found)


def save_view(page: str, name: str, query: str) -> int:
    """Keep an address under a name; a name that is there gets the new address.

    Raises InvalidInput for an empty name or too long an address, Conflict beyond VIEWS_MAX.
    """
    name = " ".join(name.split())[:60]
    if not name or not _PAGE.fullmatch(page) or len(page) > 100 or len(query) > 2000:
        raise InvalidInput(Text("Hãy đặt tên cho khung nhìn.", "Give the view a name."))
    with transaction() as session:
        values = {"user": acting_user_id(), "page": page, "name": name, "query": query}
        count = session.execute(
            text(
                "SELECT count(*) FROM saved_view WHERE page = :page AND lower(name) <> lower(:name)"
            ),
            {"page": page, "name": name},
        ).scalar_one()
        if count >= VIEWS_MAX:
            raise Conflict(
                Text(
                    f"Mỗi trang giữ tối đa {VIEWS_MAX} khung nhìn; hãy xóa bớt.",
                    f"A page keeps at most {VIEWS_MAX} views; delete some first.",
                )
            )
        session.execute(
            text("DELETE FROM saved_view WHERE page = :page AND lower(name) = lower(:name)"), values
        )
        return int(
            session.execute(
                text(
                    "INSERT INTO saved_view (user_id, page, name, query)"
                    " VALUES (:user, :page, :name, :query) RETURNING id"
                ),
                values,
            ).scalar_one()
        )


def delete_view(view_id: int) -> str:
    """Forget a view; returns its page. Raises NotFound, also for another person's."""
    with transaction() as session:
        page = session.execute(
            text("DELETE FROM saved_view WHERE id = :id RETURNING page"), {"id": view_id}
        ).scalar()
    if page is None:
        raise NotFound()
    return str(page)


@lru_cache(maxsize=2048)
def _address(
    path: str, said: tuple[tuple[str, str], ...], changes: tuple[tuple[str, str | None], ...]
) -> str:
    """A list has a dozen addresses of itself, and the same again with the next page."""
    return address(path, Args(said), **dict(changes))


@dataclass(frozen=True)
class ListPage:
    """What the shared pieces of a list's template need (templates/supply/lists.html).

    `path`: the list's own address; `export`: the name it is exported by, '' where it is not.
    """

    path: str
    said: Args
    columns: tuple[Column, ...] = ()
    export: str = ""

    @cached_property
    def shown(self) -> tuple[Column, ...]:
        """The columns of this page."""
        return shown(self.columns, self.said)

    @cached_property
    def keys(self) -> set[str]:
        """The keys of the columns of this page."""
        return {c.key for c in self.shown}

    @property
    def query(self) -> str:
        """Filters, order and columns, without where a page begins."""
        return query_of(self.said, **_PASSING)

    @cached_property
    def views(self) -> list[SavedView]:
        """The person's saved views of this page."""
        return saved_views(self.path)

    @property
    def tools_key(self) -> Hashable:
        """All that the tools below the filters depend on."""
        return ("tools", self.path, self._pairs, tuple(self.views),
                tuple((c.key, c.head, c.usual) for c in self.columns))  # fmt: skip

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The arguments as pairs, for forms that change only one of them."""
        return [(k, v) for k, v in self.said.items(multi=True) if k not in _PASSING and v != ""]

    @cached_property
    def _pairs(self) -> tuple[tuple[str, str], ...]:
        return tuple(self.said.items(multi=True))

    def address(self, **changes: Any) -> str:
        """This list, some arguments changed; from its beginning unless `after` is named."""
        said = tuple((k, v if v is None else str(v)) for k, v in {**_PASSING, **changes}.items())
        return _address(self.path, self._pairs, said)

    def file_address(self, kind: str) -> str:
        """What this page shows, as a file."""
        return address(f"/lists/{self.export}.{kind}", self.said, **_PASSING)

    def sort_address(self, key: str, *, down_first: bool = False) -> str:
        """The same list ordered by `key`; a second time, the other way round."""
        now, down = self.said.get("sort", ""), self.said.get("dir") == "desc"
        goes_down = (not down) if now == key else down_first
        return self.address(sort=key, dir="desc" if goes_down else None)

    def sorted_by(self, key: str, *, usual: str = "code") -> str:
        """'asc' or 'desc' where the list is ordered by `key`, else ''."""
        if self.said.get("sort", usual) != key:
            return ""
        return "desc" if self.said.get("dir") == "desc" else "asc"


def columns_text(columns: Sequence[Column]) -> list[tuple[str, str]]:
    """Keys and heads, for the choice of columns."""
    return [(c.key, t(c.head)) for c in columns]
