"""Many items at once: what an import asks of the catalogue and enters into it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from supply.catalog.models import Item, ItemPack
from supply.core.errors import NotAllowed
from supply.core.text import Text, fold
from supply.core.transaction import reading, transaction


@dataclass(frozen=True)
class NewPack:
    """A pack to enter."""

    name_vi: str
    name_en: str
    units_per_pack: int
    is_default: bool
    gtin: str | None


@dataclass(frozen=True)
class NewItem:
    """An item to enter; `known`: it is there, only its packs may be new."""

    code: str
    name_vi: str
    name_en: str
    inn: str
    category: str
    base_unit_vi: str
    base_unit_en: str
    litres_per_unit: Any
    is_essential: bool
    shelf_life_days: Any
    cold_chain: str
    is_reusable: bool
    known: bool
    packs: list[NewPack]


@dataclass(frozen=True)
class KnownItem:
    """What decides whether a row of a file is the same item."""

    id: int
    code: str
    base_unit_vi: str


@dataclass(frozen=True)
class ItemBook:
    """All items by folded code, packs by folded (code, name), GTINs in use."""

    items: dict[str, KnownItem]
    packs: dict[tuple[str, str], int]
    gtins: set[str]


def item_book() -> ItemBook:
    """The catalogue, active or not."""
    with reading() as session:
        items = {
            fold(row.code): KnownItem(row.id, row.code, row.base_unit_vi)
            for row in session.execute(select(Item.id, Item.code, Item.base_unit_vi))
        }
        packs: dict[tuple[str, str], int] = {}
        gtins: set[str] = set()
        query = select(Item.code, ItemPack.name_vi, ItemPack.units_per_pack, ItemPack.gtin)
        for row in session.execute(query.join(ItemPack, ItemPack.item_id == Item.id)):
            packs[(fold(row.code), fold(row.name_vi))] = row.units_per_pack
            if row.gtin:
                gtins.add(row.gtin)
    return ItemBook(items, packs, gtins)


def add_items(new: Iterable[NewItem]) -> None:
    """Enter items and packs that are not there. Raises NotAllowed (administrators only)."""
    wanted = [i for i in new if not i.known or i.packs]
    with transaction() as session:
        ids = {fold(code): item_id for code, item_id in session.execute(select(Item.code, Item.id))}
        try:
            for one in wanted:
                if not one.known:
                    session.add(_item(one))
            session.flush()
        except Exception as error:
            if getattr(getattr(error, "orig", None), "sqlstate", None) == "42501":
                raise NotAllowed(
                    Text(
                        "Chỉ quản trị nhập được danh mục mặt hàng.",
                        "Only the administrator may import items.",
                    )
                ) from error
            raise
        ids |= {
            fold(code): item_id for code, item_id in session.execute(select(Item.code, Item.id))
        }
        session.add_all(_pack(ids[fold(i.code)], p) for i in wanted for p in i.packs)


def _item(one: NewItem) -> Item:
    names = (
        "code", "name_vi", "name_en", "inn", "category", "base_unit_vi", "base_unit_en",
        "litres_per_unit", "is_essential", "shelf_life_days", "cold_chain", "is_reusable",
    )  # fmt: skip
    return Item(**{name: getattr(one, name) for name in names})


def _pack(item_id: int, pack: NewPack) -> ItemPack:
    return ItemPack(
        item_id=item_id,
        name_vi=pack.name_vi,
        name_en=pack.name_en,
        units_per_pack=pack.units_per_pack,
        is_default=pack.is_default,
        gtin=pack.gtin,
    )
