"""The demo's scenarios and levels, as the acting planner would set them, all through the services."""

from __future__ import annotations

from supply.catalog import queries as catalog
from supply.forecast.scenarios import level_queries, level_services, library, queries, services

SHOWN = ("level_3", "worst_case", "variant_dangerous", "beyond_capacity")
NOTES = {
    "worst_case": "Dùng để lập cơ số dự trữ cho tình huống xấu nhất.",
    "beyond_capacity": "Dùng để chuẩn bị phương án chi viện.",
}


def load(district_slug: str) -> None:
    """Four scenarios from the library, and last week's levels confirmed as computed, the week before
    this one. A district that has scenarios already is left as it is; so is one without cases."""
    now = queries.present_or_none(district_slug)
    if now is None or queries.active(catalog.district(district_slug).id):
        return
    for template in library.templates(now.day_0):
        if template.key in SHOWN:
            services.add_scenario(
                district_slug,
                template.name.vi,
                library.build(template, now),
                NOTES.get(template.key, ""),
            )
    view = level_queries.view(district_slug)
    if view is not None and len(view.weeks) > 1:
        level_services.confirm_levels(district_slug, view.weeks[-2])
