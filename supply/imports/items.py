"""Items and their packs from a file: entered where missing, never over what an officer has written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supply.catalog import bulk
from supply.catalog.bulk import NewItem, NewPack
from supply.core.text import Text, fold
from supply.imports.table import Faults, Table

if TYPE_CHECKING:
    from supply.imports.running import Outcome

LIMITS = {
    "code": 20,
    "name_vi": 250,
    "name_en": 250,
    "inn": 200,
    "base_unit_vi": 30,
    "base_unit_en": 30,
    "pack_vi": 80,
    "pack_en": 80,
}


def check(table: Table, outcome: Outcome) -> None:
    """What would be entered."""
    _count(outcome, _new(table))


def run(table: Table, outcome: Outcome) -> None:
    """Enter it, all or nothing. Raises NotAllowed for anybody but the administrator."""
    new = _new(table)
    _count(outcome, new)
    if not table.faults:
        bulk.add_items(new)
        outcome.posted = True


def _count(outcome: Outcome, new: list[NewItem]) -> None:
    outcome.new = {
        "items": sum(1 for i in new if not i.known),
        "packs": sum(len(i.packs) for i in new),
    }
    outcome.already = sum(1 for i in new if i.known and not i.packs)
    outcome.lines = outcome.rows


def _new(table: Table) -> list[NewItem]:
    """The file's items, each once, with only the packs that are new; faults go to the table."""
    book = bulk.item_book()
    found: dict[str, NewItem] = {}
    first_row: dict[str, int] = {}
    faults = table.faults
    columns = table.columns
    for index, row in enumerate(table.rows):
        one = {name: values[index] for name, values in columns.items()}
        code = one["code"]
        if not code:
            continue
        for name, limit in LIMITS.items():
            if one[name] and len(one[name]) > limit:
                faults.add(row, name, _too_long(limit))
        at = fold(code)
        if at not in found:
            found[at] = _head(one, book)
            first_row[at] = row
            _refuse_change(row, one, book, faults)
        elif one["base_unit_vi"] and fold(one["base_unit_vi"]) != fold(found[at].base_unit_vi):
            faults.add(row, "base_unit_vi", _other_unit(found[at].base_unit_vi, first_row[at]))
        _add_pack(row, one, found[at], book, faults)
    return list(found.values())


def _head(one: dict[str, object], book: bulk.ItemBook) -> NewItem:
    def words(name: str) -> str:
        return str(one[name] or "")

    known = book.items.get(fold(words("code")))
    return NewItem(
        code=known.code if known else words("code"),
        name_vi=words("name_vi"),
        name_en=words("name_en") or words("name_vi"),
        inn=words("inn"),
        category=words("category"),
        base_unit_vi=words("base_unit_vi"),
        base_unit_en=words("base_unit_en") or words("base_unit_vi"),
        litres_per_unit=one["litres_per_unit"],
        is_essential=bool(one["is_essential"]),
        shelf_life_days=one["shelf_life_days"],
        cold_chain=words("cold_chain") or "none",
        is_reusable=bool(one["is_reusable"]),
        known=known is not None,
        packs=[],
    )


def _refuse_change(row: int, one: dict[str, object], book: bulk.ItemBook, faults: Faults) -> None:
    """An item that is there keeps its words; but another unit would change what every number means."""
    known = book.items.get(fold(str(one["code"])))
    unit = str(one["base_unit_vi"] or "")
    if known and unit and fold(unit) != fold(known.base_unit_vi):
        faults.add(
            row,
            "base_unit_vi",
            Text(
                f"Mã “{known.code}” đã có trong danh mục với đơn vị “{known.base_unit_vi}”, tệp ghi "
                f"“{unit}”; hãy dùng mã khác hoặc ghi đúng đơn vị.",
                f"Code “{known.code}” is in the catalogue with unit “{known.base_unit_vi}”, the file "
                f"says “{unit}”; use another code or the right unit.",
            ),
        )


def _add_pack(
    row: int, one: dict[str, object], item: NewItem, book: bulk.ItemBook, faults: Faults
) -> None:
    name, units = str(one["pack_vi"] or ""), one["units_per_pack"]
    if not name and units is None:
        return
    if not name or not isinstance(units, int) or units < 2:
        faults.add(
            row,
            "units_per_pack" if name else "pack_vi",
            Text(
                "Quy cách cần cả tên và số đơn vị (từ 2 trở lên).",
                "A pack needs both its name and its units (2 or more).",
            ),
        )
        return
    gtin = str(one["gtin"] or "") or None
    if gtin is not None and not (gtin.isascii() and gtin.isdigit() and 8 <= len(gtin) <= 14):
        faults.add(row, "gtin", Text("GTIN phải có 8 đến 14 chữ số.", "A GTIN has 8 to 14 digits."))
        return
    known = book.packs.get((fold(item.code), fold(name)))
    if known is not None:
        if known != units:
            faults.add(row, "units_per_pack", _other_units(name, known))
        return
    if any(fold(p.name_vi) == fold(name) for p in item.packs):
        return
    if gtin is not None and gtin in book.gtins:
        faults.add(
            row,
            "gtin",
            Text(f"GTIN {gtin} đã của mặt hàng khác.", f"GTIN {gtin} belongs to another item."),
        )
        return
    if gtin is not None:
        book.gtins.add(gtin)
    item.packs.append(
        NewPack(name, str(one["pack_en"] or name), units, bool(one["is_default"]), gtin)
    )


def _too_long(limit: int) -> Text:
    return Text(f"Dài quá {limit} ký tự.", f"Longer than {limit} characters.")


def _other_unit(unit: str, row: int) -> Text:
    return Text(
        f"Cùng mã với dòng {row} nhưng đơn vị khác “{unit}”.",
        f"Same code as row {row}, but another unit than “{unit}”.",
    )


def _other_units(name: str, units: int) -> Text:
    return Text(
        f"Quy cách “{name}” đã có với {units} đơn vị; hãy đặt tên khác.",
        f"The pack “{name}” is known with {units} units; give it another name.",
    )
