"""What was typed into planning's forms and addresses, read once. Pure of Flask."""

from __future__ import annotations

import re
from collections.abc import Mapping

from supply.core.address import number, words
from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text
from supply.inventory.on_order import NewOrder
from supply.inventory.parsing import parse_date_vn, parse_money_vnd, parse_quantity
from supply.planning.purchase_plans import Asked

_NO_NUMBER = Text("Hãy nhập một số.", "Please enter a number.")


def asked_of(said: Mapping[str, str]) -> Asked:
    """The terms of a purchase plan; what is not said is as usual. Raises InvalidInput by field."""
    usual = Asked()
    faults: list[Fault] = []
    review, level = usual.review_days, usual.service_level
    if said.get("review_days", "").strip():
        typed = number({"days": said["review_days"].strip()}, "days")
        if typed is None:
            faults.append(Fault("review_days", _NO_NUMBER))
        else:
            review = typed
    if said.get("level", "").strip():
        try:
            level = decimal(said["level"]) / 100
        except ValueError:
            faults.append(Fault("service_level", _NO_NUMBER))
    if faults:
        raise InvalidInput(faults=faults)
    funds = {
        name.removeprefix("fund").removeprefix("-"): value
        for name, value in said.items()
        if re.fullmatch(r"fund(-[a-z_]+)?", name) and value
    }
    return Asked(
        run_id=number(said, "run"),
        review_days=review,
        service_level=level,
        per_facility=said.get("scope") == "facility",
        with_reserve=said.get("reserve", "1") != "0",
        category=words(said, "category", 20),
        funds=funds,
    )


def decimal(typed: str) -> float:
    """A number as written in Vietnam: "1.234,5" or "12.5". Raises ValueError."""
    bare = typed.strip().replace(" ", "").removesuffix("%")
    if "," in bare or re.fullmatch(r"\d{1,3}(\.\d{3})+", bare):
        bare = bare.replace(".", "").replace(",", ".")
    if not re.fullmatch(r"\d+(\.\d*)?", bare):
        raise ValueError(typed)
    return float(bare)


def order_of(said: Mapping[str, str]) -> NewOrder:
    """A new order as typed. Raises InvalidInput with all faults."""
    faults: list[Fault] = []
    quantity, price, day = 1, None, None
    try:
        quantity = parse_quantity(said.get("quantity", ""))
    except InvalidInput as error:
        faults += error.faults
    try:
        day = parse_date_vn(said.get("expected_on", ""), "expected_on")
    except InvalidInput as error:
        faults += error.faults
    if said.get("unit_price_vnd", "").strip():
        try:
            price = parse_money_vnd(said["unit_price_vnd"])
        except InvalidInput as error:
            faults += error.faults
    if faults or day is None:
        raise InvalidInput(faults=faults)
    return NewOrder(
        facility_id=number(said, "facility_id") or 0,
        item_code=said.get("item", "").split(" ")[0].strip()[:20],
        quantity=quantity,
        expected_on=day,
        partner_code=said.get("partner", ""),
        fund_code=said.get("fund", ""),
        unit_price_vnd=price,
        paper_reference=words(said, "paper_reference", 200),
        note=words(said, "note", 500),
    )


def reserve_units(said: Mapping[str, str]) -> dict[tuple[int, int], int]:
    """`units-<facility>-<item>` -> units. Raises InvalidInput by field."""
    found: dict[tuple[int, int], int] = {}
    faults: list[Fault] = []
    for name, value in said.items():
        key = re.fullmatch(r"units-(\d{1,9})-(\d{1,9})", name)
        if key is None:
            continue
        try:
            units = 0 if value.strip() in {"", "0"} else parse_quantity(value, name)
        except InvalidInput as error:
            faults += error.faults
            continue
        found[int(key[1]), int(key[2])] = units
    if faults:
        raise InvalidInput(faults=faults)
    return found
