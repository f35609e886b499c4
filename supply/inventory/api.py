"""The inventory for other programs: stock by keyset, posting with an idempotency key.

Sign in with a token or an API key. Errors are RFC 9457 problem details naming line and field.
"""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from flask_appbuilder.api import BaseApi, expose
from flask_appbuilder.security.decorators import protect

from supply.core.i18n import t
from supply.inventory import queries, screen_queries, services
from supply.inventory.rows import DocumentView
from supply.inventory.screen_queries import StockFilter, StockLine
from supply.inventory.services import Posted
from supply.inventory.typed import entry_kind, read_document
from supply.inventory.views_common import json_body
from supply.inventory.views_stock import address_after, address_filter

_LIMIT_MAX = 500
_ALIASES = {"item": "item_code", "fund": "fund_code", "partner": "partner_code"}


class InventoryApi(BaseApi):
    """`/api/v1/inventory/…`"""

    resource_name = "inventory"
    class_permission_name = "Documents"
    method_permission_name = {"stock": "read", "document": "read", "post": "write"}
    allow_browser_login = True

    @expose("/stock", methods=["GET"])
    @protect(allow_browser_login=True)
    def stock(self) -> Any:
        """Stock by item and facility
        ---
        get:
          parameters:
          - {in: query, name: facility, schema: {type: integer}}
          - {in: query, name: category, schema: {type: string}}
          - {in: query, name: q, schema: {type: string}}
          - {in: query, name: show, schema: {type: string, enum: ["", near, expired, zero, all]}}
          - {in: query, name: after, schema: {type: string}}
          - {in: query, name: limit, schema: {type: integer, maximum: 500}}
          responses:
            200:
              description: Rows and the key of the page that follows
        """
        wanted: StockFilter = address_filter()
        typed = request.args.get("limit", "")
        limit = min(int(typed), _LIMIT_MAX) if typed.isascii() and typed.isdigit() else 100
        page = screen_queries.stock_lines(wanted, address_after(), max(1, limit))
        after = page.next_after
        return jsonify(
            result=[_stock_line(row) for row in page.rows],
            next_after=f"{after[0]}~{after[1]}" if after else None,
        )

    @expose("/documents/<int:document_id>", methods=["GET"])
    @protect(allow_browser_login=True)
    def document(self, document_id: int) -> Any:
        """One posted document
        ---
        get:
          parameters:
          - {in: path, name: document_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: The document with its lines
            404:
              description: None such in your facilities
        """
        return jsonify(result=_document(queries.document(document_id)))

    @expose("/documents/<kind>", methods=["POST"])
    @protect(allow_browser_login=True)
    def post(self, kind: str) -> Any:
        """Post a document; the same key posts once
        ---
        post:
          parameters:
          - {in: path, name: kind, required: true, schema: {type: string}}
          - in: header
            name: Idempotency-Key
            description: A UUID made once per document; or `client_key` in the body
            schema: {type: string, format: uuid}
          requestBody:
            required: true
            content: {application/json: {schema: {type: object}}}
          responses:
            201:
              description: Posted
            200:
              description: Posted before with the same key; nothing was added
            409:
              description: Not enough stock, or the key was used for other content
            422:
              description: Faults by line and field
        """
        posted = services.post(read_document(entry_kind(kind), _as_typed(json_body())))
        return jsonify(result=_posted(posted)), 200 if posted.replayed else 201


def _as_typed(body: dict[str, Any]) -> dict[str, Any]:
    """The body in the screen's names: the ledger's own short ones are taken too."""
    found = {_ALIASES.get(name, name): value for name, value in body.items()}
    key = request.headers.get("Idempotency-Key")
    if key:
        found["client_key"] = key
    lines = found.get("lines")
    if isinstance(lines, list):
        found["lines"] = [
            {_ALIASES.get(name, name): value for name, value in line.items()}
            if isinstance(line, dict)
            else line
            for line in lines
        ]
    return found


def _stock_line(row: StockLine) -> dict[str, Any]:
    return {
        "facility_id": row.facility_id,
        "facility": t(row.facility_name),
        "item_id": row.item_id,
        "item": row.item_code,
        "name": t(row.item_name),
        "category": row.category,
        "unit": t(row.unit),
        "quantity": row.quantity,
        "usable": row.usable,
        "near_expiry": row.near,
        "expired": row.expired,
        "on_way": row.on_way,
        "next_expiry": row.next_expiry.isoformat() if row.next_expiry else None,
        "amount_vnd": row.amount_vnd,
    }


def _posted(posted: Posted) -> dict[str, Any]:
    return {
        "document_id": posted.document_id,
        "label": posted.label,
        "hash": posted.hash,
        "replayed": posted.replayed,
        "lines": [
            {
                "line": line.line,
                "item": line.item_code,
                "lot_number": line.lot_number,
                "expiry": line.expiry.isoformat() if line.expiry else None,
                "consignment_id": line.consignment_id,
                "quantity": line.quantity,
                "amount_vnd": line.amount_vnd,
            }
            for line in posted.lines
        ],
    }


def _document(document: DocumentView) -> dict[str, Any]:
    head = document.head
    return {
        "id": head.id,
        "label": head.label,
        "kind": head.kind.value,
        "facility_id": head.facility_id,
        "counterpart_facility_id": head.counterpart_facility_id,
        "happened_on": head.happened_on.isoformat(),
        "recorded_at": head.recorded_at.isoformat(),
        "recorded_by": document.recorded_by,
        "origin": head.origin,
        "reverses_id": head.reverses_id,
        "reversed_by_id": head.reversed_by_id,
        "follows_id": head.follows_id,
        "amount_vnd": head.amount_vnd,
        "hash": document.hash,
        "lines": [
            {
                "line": line.line,
                "item": line.item_code,
                "lot_number": line.lot_number,
                "expiry": line.expiry.isoformat() if line.expiry else None,
                "fund": line.fund_code,
                "from": line.from_kind,
                "to": line.to_kind,
                "quantity": line.quantity,
                "amount_vnd": line.amount_vnd,
            }
            for line in document.lines
        ],
    }
