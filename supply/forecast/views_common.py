"""What the forecast's pages share: where they stand, their address, the run they are read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_appbuilder import BaseView

from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import NotFound
from supply.core.lists import chosen
from supply.core.security import may
from supply.core.text import Text
from supply.forecast import queries, screens


@dataclass(frozen=True)
class Here:
    """The district of the address, the choice of districts, and the run the page is read from: the
    one of the address (`run`), else the newest forecast."""

    district: catalog.DistrictRow
    districts: list[catalog.DistrictRow]
    run: queries.RunRow | None

    @property
    def age_days(self) -> int | None:
        """Days since the run's origin week ended."""
        return None if self.run is None else (today() - self.run.origin).days


def here() -> Here:
    """Where the page stands. Raises NotFound for a district outside the scope."""
    found = catalog.districts()
    slug = request.args.get("district") or request.form.get("district") or ""
    at = next((d for d in found if d.slug == slug or not slug), None)
    if at is None:
        raise NotFound(
            Text(
                "Không có quận, huyện nào như vậy trong phạm vi của bạn.",
                "There is no such district in your scope.",
            )
        )
    return Here(at, found, _run_of(at))


def _run_of(at: catalog.DistrictRow) -> queries.RunRow | None:
    wanted = chosen("run")
    if wanted is None:
        return queries.latest_run(at.id)
    run = queries.run(wanted)
    if run.district_id != at.id:
        raise NotFound(Text("Không có lượt dự báo này.", "There is no such forecast run."))
    return run


def address(path: str, **more: object) -> str:
    """A path with the present filters, some changed; empty ones are left out."""
    wanted = {**request.args.to_dict(), **more}
    kept = {name: value for name, value in wanted.items() if value not in (None, "")}
    return f"{path}?{urlencode(kept)}" if kept else path


class ForecastPage(BaseView):
    """What all pages of the forecast are given."""

    def page(self, template: str, at: Here, **values: Any) -> Any:
        """Render with the district, the run and the right to run."""
        return self.render_template(
            f"forecast/{template}.html",
            at=at,
            may_run=may("can_write", "Projection"),
            may_stamp=may("can_read", "Projection"),
            severity_sets=screens.SEVERITY_SETS,
            address=address,
            **values,
        )


def chosen_places(facilities: list[catalog.FacilityRow]) -> list[int]:
    """The places (in the order of `facilities`) that the address asks for: one or all."""
    wanted = chosen("facility")
    found = [n for n, f in enumerate(facilities) if wanted in (None, f.id)]
    if not found:
        raise NotFound(
            Text(
                "Không tìm thấy cơ sở này trong phạm vi của bạn.",
                "There is no such facility in your scope.",
            )
        )
    return found
