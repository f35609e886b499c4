"""The kits that come with the system, entered at deploy; what an officer has changed stays."""

from __future__ import annotations

import csv
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

FOLDER = Path(__file__).parent / "data"

_KIT = """
INSERT INTO kit (code, name_vi, name_en, kind, rule_vi, rule_en)
VALUES (:code, :name_vi, :name_en, :kind, :rule_vi, :rule_en) ON CONFLICT (code) DO NOTHING
"""
_VERSION = """
INSERT INTO kit_version (kit_id, version, valid_from, source, assumed)
SELECT id, :version, CAST(:valid_from AS date), :source, :assumed FROM kit WHERE code = :code
ON CONFLICT ON CONSTRAINT kit_version_once DO NOTHING RETURNING id
"""
_COMPONENT = """
INSERT INTO kit_component (version_id, item_id, quantity, per_beds)
SELECT :version_id, id, :quantity, :per_beds FROM item WHERE code = :item
"""


def load_kits(session: Session) -> None:
    """Enter kits that are not there yet. Raises ValueError where a component is no item."""
    components = _rows("components.csv")
    for kit in _rows("kits.csv"):
        session.execute(text(_KIT), kit)
        version_id = session.execute(
            text(_VERSION),
            kit | {"version": int(kit["version"]), "assumed": kit["assumed"] == "true"},
        ).scalar_one_or_none()
        if version_id is None:
            continue
        for one in components:
            if (one["kit"], one["version"]) == (kit["code"], kit["version"]):
                _enter(session, version_id, one)


def _enter(session: Session, version_id: int, one: dict[str, str]) -> None:
    done = session.execute(
        text(_COMPONENT),
        {
            "version_id": version_id,
            "item": one["item"],
            "quantity": int(one["quantity"]),
            "per_beds": int(one["per_beds"]) if one["per_beds"] else None,
        },
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise ValueError(f"kit {one['kit']}: there is no item {one['item']}")


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
