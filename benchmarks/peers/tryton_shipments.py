"""Tryton's internal shipments of N lines, drafted, assigned and done, one after the other.

Run by `benchmarks.peers` with the interpreter of Tryton's own environment; prints one JSON line.

    python tryton_shipments.py URI DATABASE LINES SECONDS
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from decimal import Decimal
from typing import Any

from trytond import config

URI, DATABASE, LINES, SECONDS = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
config.set("database", "uri", URI)

from trytond.pool import Pool  # noqa: E402  the address must be known first
from trytond.transaction import Transaction  # noqa: E402

PRODUCTS = 40
PLENTY = 10_000_000
ROOT = 0  # Tryton's own superuser: no access rules to pay for


def prepare(pool: Pool) -> dict[str, Any]:
    """A company, products in stock, and a place to send them to; returns their ids."""
    currencies, parties, companies = (
        pool.get(n) for n in ("currency.currency", "party.party", "company.company")
    )
    [dong] = currencies.create(
        [{"name": "Đồng", "code": "VND", "symbol": "₫", "digits": 0, "rounding": Decimal(1)}]
    )
    [party] = parties.create([{"name": "Trung tâm Y tế"}])
    [company] = companies.create([{"party": party.id, "currency": dong.id}])
    [unit] = pool.get("product.uom").search([("symbol", "=", "u")], limit=1)
    with Transaction().set_context(company=company.id):
        templates = pool.get("product.template").create(
            [
                {
                    "name": f"P{n}",
                    "default_uom": unit.id,
                    "type": "goods",
                    "list_price": Decimal(1),
                    "products": [("create", [{"code": f"P{n}"}])],
                }
                for n in range(PRODUCTS)
            ]
        )
        locations = pool.get("stock.location")
        [storage] = locations.search([("code", "=", "STO")], limit=1)
        [supplier] = locations.search([("type", "=", "supplier")], limit=1)
        [ward] = locations.create(
            [{"name": "Trạm", "type": "storage", "parent": storage.parent.id}]
        )
        products = [template.products[0].id for template in templates]
        moves = pool.get("stock.move")
        arrived = moves.create(
            [
                {
                    "product": product,
                    "unit": unit.id,
                    "quantity": PLENTY,
                    "from_location": supplier.id,
                    "to_location": storage.id,
                    "company": company.id,
                    "unit_price": Decimal(1),
                    "currency": dong.id,
                }
                for product in products
            ]
        )
        moves.do(arrived)
    return {
        "company": company.id, "unit": unit.id, "storage": storage.id, "ward": ward.id,
        "products": products,
    }  # fmt: skip


def ship(pool: Pool, known: dict[str, Any], nth: int) -> None:
    """One shipment from draft to done, committed."""
    today = dt.date.today()
    with Transaction().start(DATABASE, ROOT, context={"company": known["company"]}):
        shipments = pool.get("stock.shipment.internal")
        products = known["products"]
        ends = {"from_location": known["storage"], "to_location": known["ward"]}
        moves = [
            {
                "product": products[(nth * LINES + k) % len(products)],
                "unit": known["unit"],
                "quantity": 1,
                "company": known["company"],
                **ends,
            }
            for k in range(LINES)
        ]
        [shipment] = shipments.create(
            [
                {
                    **ends,
                    "company": known["company"],
                    "planned_start_date": today,
                    "planned_date": today,
                    "effective_date": today,
                    "moves": [("create", moves)],
                }
            ]
        )
        shipments.wait([shipment])
        assert shipments.assign_try([shipment]) is not False
        shipments.do([shipment])


def main() -> None:
    """Prepare, warm up, count for the time given."""
    pool = Pool(DATABASE)
    pool.init()
    with Transaction().start(DATABASE, ROOT):
        known = prepare(pool)
    ship(pool, known, 0)
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        done += 1
        ship(pool, known, done)
    print(json.dumps({"documents_per_second": done / (time.perf_counter() - start)}))


if __name__ == "__main__":
    main()
