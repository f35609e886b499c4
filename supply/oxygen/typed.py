"""What was typed on the pages of oxygen, as what the services take."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text
from supply.inventory.parsing import parse_date_vn, parse_money_vnd, parse_quantity
from supply.oxygen.asked import CylinderOrder, ExchangeOrder, FlowEntry, NewNorm, NewSize
from supply.oxygen.rows import OpenCylinder


def flow_of(typed: Mapping[str, Any], facility_id: int, sizes: Sequence[str]) -> FlowEntry:
    """What flows, as its form sends it: by patients, or as a total where that is filled in."""
    total = str(typed.get("litres_per_minute", "")).strip()
    open_cylinders = []
    for code in sizes:
        for bar in re.split(r"[;,\s]+", str(typed.get(f"bar-{code}", "")).strip()):
            if bar:
                open_cylinders.append(OpenCylinder(code, _count(bar, f"bar-{code}")))
    return FlowEntry(
        facility_id=facility_id,
        severe_patients=_count(str(typed.get("severe_patients", "")), "severe_patients"),
        critical_patients=_count(str(typed.get("critical_patients", "")), "critical_patients"),
        litres_per_minute=_decimal(total) if total else None,
        open_cylinders=open_cylinders,
        note=str(typed.get("note", "")),
        client_key=_key(typed),
    )


def cylinders_of(typed: Mapping[str, Any], facility_id: int, sizes: Sequence[str]) -> CylinderOrder:
    """Cylinders by size, as a form sends them."""
    day = str(typed.get("happened_on", "")).strip()
    return CylinderOrder(
        facility_id=facility_id,
        cylinders={code: _count(str(typed.get(f"n-{code}", "")), f"n-{code}") for code in sizes},
        happened_on=parse_date_vn(day, "happened_on") if day else None,
        recipient=str(typed.get("recipient", "")).strip(),
        fund_code=str(typed.get("fund", "")) or None,
        note=str(typed.get("note", "")).strip(),
        client_key=_key(typed),
    )


def exchange_of(typed: Mapping[str, Any], facility_id: int, sizes: Sequence[str]) -> ExchangeOrder:
    """An exchange, as its form sends it."""
    day = str(typed.get("happened_on", "")).strip()
    prices = {
        code: parse_money_vnd(str(typed[f"price-{code}"]), f"price-{code}")
        for code in sizes
        if str(typed.get(f"price-{code}", "")).strip()
    }
    return ExchangeOrder(
        facility_id=facility_id,
        full={code: _count(str(typed.get(f"full-{code}", "")), f"full-{code}") for code in sizes},
        empties={
            code: _count(str(typed.get(f"empty-{code}", "")), f"empty-{code}") for code in sizes
        },
        prices_vnd=prices,
        fund_code=str(typed.get("fund", "")),
        partner_code=str(typed.get("partner", "")) or None,
        from_supplier=typed.get("from_supplier") == "1",
        difference_reason=str(typed.get("difference_reason", "")),
        paper_reference=str(typed.get("paper_reference", "")).strip(),
        happened_on=parse_date_vn(day, "happened_on") if day else None,
        client_key=_key(typed),
    )


def norm_of(typed: Mapping[str, Any]) -> NewNorm:
    """A new figure, as its form sends it."""
    return NewNorm(
        name=str(typed.get("name", "")),
        value=_decimal(str(typed.get("value", "")), "value"),
        valid_from=parse_date_vn(str(typed.get("valid_from", "")), "valid_from"),
        source=str(typed.get("source", "")),
        confirmed=typed.get("confirmed") == "1",
    )


def size_of(typed: Mapping[str, Any]) -> NewSize:
    """What a size holds, as its form sends it."""
    return NewSize(
        code=str(typed.get("code", "")),
        water_litres=_decimal(str(typed.get("water_litres", "")), "water_litres"),
        pressure_bar=_count(str(typed.get("pressure_bar", "")), "pressure_bar"),
        gas_litres=_count(str(typed.get("gas_litres", "")), "gas_litres"),
        valid_from=parse_date_vn(str(typed.get("valid_from", "")), "valid_from"),
        source=str(typed.get("source", "")),
        confirmed=typed.get("confirmed") == "1",
    )


def _count(typed: str, field: str) -> int:
    bare = typed.strip()
    return 0 if bare in ("", "0") else parse_quantity(bare, field)


def _decimal(typed: str, field: str = "litres_per_minute") -> float:
    """ "12,5" or "12.5" -> 12.5; "1.200" -> 1200, as numbers are written in Vietnam."""
    bare = typed.strip()
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3})+", bare):
        return float(bare.replace(".", ""))
    if re.fullmatch(r"[0-9]{1,7}([.,][0-9]{1,4})?", bare):
        return float(bare.replace(",", "."))
    words = Text(
        f"“{bare[:20]}” không phải là số; ví dụ 60 hoặc 12,5.",
        f"“{bare[:20]}” is not a number; for example 60 or 12.5.",
    )
    raise InvalidInput(faults=[Fault(field, words)])


def _key(typed: Mapping[str, Any]) -> UUID:
    try:
        return UUID(str(typed.get("client_key", "")))
    except ValueError as error:
        stale = Text("Trang đã cũ, hãy tải lại.", "The page is out of date, please reload it.")
        raise InvalidInput(stale, [Fault("client_key", stale)]) from error
