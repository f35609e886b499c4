"""What a demo district has planned: goods on order, a purchase plan waiting for a second person, a
reserve list approved, and what waste can be treated."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text

from seed.people import planner_name
from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.database import database
from supply.core.scope import acting_as
from supply.core.transaction import transaction
from supply.inventory.on_order import NewOrder, cancel_order, place_orders
from supply.planning import queries, services
from supply.planning.runs import worst_run
from supply.planning.services import Asked

# item, base units, days from today, partner, fund, đồng for one, paper
ORDERS = (
    ("PH001", 40_000, 5, "NCC02", "QCOVID", 1_150, "HĐ 14/2022 (ví dụ)"),
    ("XN001", 8_000, 9, "NCC04", "QCOVID", 61_000, "HĐ 17/2022 (ví dụ)"),
    ("TH001", 60_000, 12, "NCC01", "NSQ", 480, "HĐ 12/2022 (ví dụ)"),
    ("PH012", 3_000, -2, "NTT03", "TAITRO", None, "Thư tài trợ 01/2022 (ví dụ)"),
)
CONTRACTOR_KG_PER_DAY = 600
TREATMENT_KG_PER_DAY = 120
DEPOT_KG_PER_DAY = 80


def load(district_slug: str) -> None:
    """Through the services, as the district's two planners; a district that has orders already is left
    as it is."""
    with database().owner_engine.connect() as connection:
        found = connection.execute(text("SELECT username, id FROM ab_user"))
        ids = {row.username: row.id for row in found}
    with acting_as(ids[planner_name(district_slug)]), transaction():
        district = catalog.district(district_slug)
        facilities = catalog.facilities(district.id)
        depot = next(f for f in facilities if f.is_depot)
        if queries.purchase_plans(district.id) or queries.reserve_lists(district.id):
            return
        orders = place_orders(
            [
                NewOrder(depot.id, item, units, today() + dt.timedelta(days=days), partner, fund,
                         price, paper)
                for item, units, days, partner, fund, price, paper in ORDERS
            ]
        )  # fmt: skip
        cancel_order(orders[2], "nhà cung cấp báo hết hàng đến hết tháng")
        treating = next(f for f in facilities if f.kind == "treatment_facility")
        for place, kg, words in (
            (None, CONTRACTOR_KG_PER_DAY, "hợp đồng vận chuyển, xử lý chất thải (ví dụ)"),
            (treating.id, TREATMENT_KG_PER_DAY, "lò hấp ướt tại cơ sở (ví dụ)"),
            (depot.id, DEPOT_KG_PER_DAY, "lò hấp ướt tại trung tâm y tế (ví dụ)"),
        ):
            services.set_capacity(district_slug, place, kg, words)
        worst = worst_run(district.id)
        words = "theo lượt dự báo mới nhất" if worst is None else "theo kịch bản xấu nhất"
        reserve = services.make_reserve(district_slug, worst, note=words)
        services.submit_reserve(reserve)
    with acting_as(ids[planner_name(district_slug, 2)]):
        services.approve_reserve(reserve)
    with acting_as(ids[planner_name(district_slug)]):
        services.save_purchase(district_slug, Asked(funds={"": "QCOVID", "drug": "NSQ"}))
