"""The reference tables are complete, agree with each other, and every norm says where it comes from."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "seed" / "reference"
NORMS = ROOT / "supply" / "forecast" / "data"
Row = dict[str, str]

REFERENCE_COLUMNS = {
    "items": "code,name_vi,name_en,inn,category,base_unit_vi,base_unit_en,litres_per_unit,"
    "is_essential,shelf_life_days,cold_chain,is_reusable",
    "packs": "item_code,pack_vi,pack_en,units_per_pack,is_default",
    "districts": "code,slug,name,province,population,population_year,population_source",
    "wards": "district_code,ward_code,name,kind,population,population_note,valid_from,valid_to",
    "facilities": "code,name_vi,name_en,kind,district_slug,ward_code,is_depot,is_private,beds,"
    "icu_beds,address_note",
    "partners": "code,name,kind,note",
    "funds": "code,name_vi,name_en,kind,valid_from,valid_to",
    "vehicles": "facility_code,trips_per_day,litres_per_trip,cold_chain,note",
}
NORM_COLUMNS = {
    "norms_severity": "set,valid_from,valid_to,tier,share,source,status",
    "norms_stay": "set,valid_from,valid_to,tier,stay_days,shape,variation,step_down_days,place,"
    "source,status",
    "norms_delay": "set,valid_from,valid_to,tier,delay_days,shape,variation,source,status",
    "norms_test_share": "valid_from,valid_to,kind,share,source,status",
    "norms_oxygen_source": "name,valid_from,valid_to,value,unit,source,status",
    "norms_rate": "item_code,driver,class,quantity_per_driver_day,valid_from,valid_to,"
    "source,status",
    "norms_staff": "tier,staff_hours_per_patient_day,cleaner_hours_per_patient_day,shift_hours,"
    "source,status",
    "norms_oxygen": "tier,litres_per_minute,low,high,source,status",
    "norms_testing": "name,value,unit,source,status",
}
PREFIX_OF_CATEGORY = {
    "drug": "TH",
    "oxygen": "OX",
    "ppe": "PH",
    "test_kit": "XN",
    "vaccine": "VX",
    "chemical": "HC",
    "consumable": "VT",
    "equipment": "TB",
}
DATED = (
    "norms_severity",
    "norms_stay",
    "norms_rate",
    "norms_delay",
    "norms_test_share",
    "norms_oxygen_source",
)
TIERS = ("mild", "moderate", "severe", "critical")
DRIVERS = {
    "new_case",
    "staff_shift",
    "cleaner_shift",
    "community_team_day",
    "test_antigen",
    "test_pcr",
    *(f"new_case_{tier}" for tier in TIERS),
    *(f"patient_day_{tier}" for tier in TIERS),
}
ALL_FILES = [(REFERENCE, name) for name in REFERENCE_COLUMNS] + [
    (NORMS, name) for name in NORM_COLUMNS
]
file_ids = [name for _, name in ALL_FILES]


def read(folder: Path, name: str) -> list[Row]:
    """All rows of one table; a short or long row is an error, not a blank."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, strict=True))
    for number, row in enumerate(rows, start=2):
        assert None not in (*row, *row.values()), f"{name}.csv line {number}: {row}"
    return rows


def reference(name: str) -> list[Row]:
    return read(REFERENCE, name)


def norms(name: str) -> list[Row]:
    return read(NORMS, name)


@pytest.mark.parametrize(("folder", "name"), ALL_FILES, ids=file_ids)
def test_each_table_has_the_promised_columns_and_rows(folder: Path, name: str) -> None:
    promised = {**REFERENCE_COLUMNS, **NORM_COLUMNS}[name].split(",")
    rows = read(folder, name)
    assert rows
    assert list(rows[0]) == promised


@pytest.mark.parametrize(("folder", "name"), ALL_FILES, ids=file_ids)
def test_all_text_is_composed_and_trimmed_so_that_it_can_be_searched(
    folder: Path, name: str
) -> None:
    for row in read(folder, name):
        for column, text in row.items():
            assert unicodedata.is_normalized("NFC", text), (column, text)
            assert text == " ".join(text.split()), (column, text)
            folded = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
            bare = "".join(c for c in folded if not unicodedata.combining(c))
            assert all(c.isascii() or c == "°" for c in bare), (column, text)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("items", "code"),
        ("items", "name_vi"),
        ("items", "name_en"),
        ("districts", "code"),
        ("districts", "slug"),
        ("facilities", "code"),
        ("facilities", "name_vi"),
        ("partners", "code"),
        ("funds", "code"),
        ("wards", "ward_code"),
        ("vehicles", "facility_code"),
    ],
)
def test_keys_are_given_once(name: str, key: str) -> None:
    repeated = [value for value, n in Counter(r[key] for r in reference(name)).items() if n > 1]
    assert repeated == []


def test_there_are_enough_items_in_every_category_and_the_code_tells_it() -> None:
    items = reference("items")
    assert len(items) >= 150
    assert {item["category"] for item in items} == set(PREFIX_OF_CATEGORY)
    for item in items:
        assert re.fullmatch(PREFIX_OF_CATEGORY[item["category"]] + r"\d{3}", item["code"]), item


def test_items_are_measured_in_plausible_figures() -> None:
    for item in reference("items"):
        litres = Decimal(item["litres_per_unit"])
        assert 0 < litres < 10_000, item
        assert litres == round(litres, 6), item  # the column is numeric(14, 6)
        assert item["cold_chain"] in {"none", "2-8", "-20", "-70"}, item
        assert {item["is_essential"], item["is_reusable"]} <= {"true", "false"}, item
        assert all(item[c] for c in ("name_vi", "name_en", "base_unit_vi", "base_unit_en")), item
        if item["shelf_life_days"]:
            assert 1 <= int(item["shelf_life_days"]) <= 3650, item
        else:
            assert item["category"] not in {"drug", "vaccine", "test_kit"} or (
                item["is_reusable"] == "true"
            ), item


def test_vaccines_are_kept_cold_and_equipment_comes_back() -> None:
    for item in reference("items"):
        if item["category"] == "vaccine":
            assert item["cold_chain"] != "none", item
        if item["category"] == "equipment":
            assert (item["is_reusable"], item["shelf_life_days"]) == ("true", ""), item


def test_packs_convert_to_whole_units_and_essential_items_have_one_default() -> None:
    items = {item["code"]: item for item in reference("items")}
    defaults: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    for pack in reference("packs"):
        assert pack["item_code"] in items, pack
        assert int(pack["units_per_pack"]) >= 2, pack
        assert pack["is_default"] in {"true", "false"}, pack
        assert pack["pack_vi"].endswith(items[pack["item_code"]]["base_unit_vi"]), pack
        assert f"{int(pack['units_per_pack']):,}" in pack["pack_en"], pack
        assert f"{int(pack['units_per_pack']):,}".replace(",", ".") in pack["pack_vi"], pack
        key = (pack["item_code"], pack["pack_vi"])
        assert key not in seen, pack
        seen.add(key)
        defaults[pack["item_code"]] += pack["is_default"] == "true"
    assert all(count == 1 for count in defaults.values()), defaults
    essential = {code for code, item in items.items() if item["is_essential"] == "true"}
    assert len(essential) >= 30
    assert essential - set(defaults) == set()


def test_ward_populations_add_up_to_their_district_and_say_they_are_estimates() -> None:
    wards: dict[str, list[Row]] = defaultdict(list)
    for ward in reference("wards"):
        assert "ước tính" in ward["population_note"], ward
        assert ward["kind"] in {"phường", "xã"}, ward
        assert re.fullmatch(r"\d{5}", ward["ward_code"]), ward
        wards[ward["district_code"]].append(ward)
    districts = {district["code"]: district for district in reference("districts")}
    assert {code: len(rows) for code, rows in wards.items()} == {"001": 14, "899": 12}
    for code, rows in wards.items():
        figures = [int(row["population"]) for row in rows]
        assert sum(figures) == int(districts[code]["population"])
        assert len(set(figures)) == len(figures)
        assert min(figures) > 1000


@pytest.mark.parametrize(("slug", "stations"), [("ba-dinh", 14), ("rach-gia", 12)])
def test_each_district_has_its_chain_of_facilities(slug: str, stations: int) -> None:
    code_of_slug = {district["slug"]: district["code"] for district in reference("districts")}
    wards = {w["ward_code"] for w in reference("wards") if w["district_code"] == code_of_slug[slug]}
    facilities = [f for f in reference("facilities") if f["district_slug"] == slug]
    assert Counter(f["kind"] for f in facilities) == {
        "medical_centre": 1,
        "ward_station": stations,
        "treatment_facility": 1,
        "mobile_station": 1,
        "private_clinic": 1,
    }
    assert {f["ward_code"] for f in facilities if f["kind"] == "ward_station"} == wards
    assert {f["ward_code"] for f in facilities} <= wards | {""}
    for facility in facilities:
        assert (facility["is_depot"] == "true") == (facility["kind"] == "medical_centre")
        assert (facility["is_private"] == "true") == (facility["kind"] == "private_clinic")
        assert 0 <= int(facility["icu_beds"]) <= int(facility["beds"]), facility
        if facility["is_private"] == "true":
            assert "ví dụ" in facility["name_vi"]


def test_partners_are_plainly_fictional_and_funds_cover_every_source() -> None:
    partners = reference("partners")
    kinds = Counter(partner["kind"] for partner in partners)
    assert kinds["supplier"] >= 4
    assert kinds["donor"] >= 3
    assert set(kinds) == {"supplier", "donor"}
    assert all("(ví dụ)" in partner["name"] for partner in partners)
    assert {fund["kind"] for fund in reference("funds")} == {
        "budget",
        "covid_fund",
        "donation",
        "insurance",
        "patient",
        "other",
    }


def test_vehicles_belong_to_facilities_and_every_depot_has_one() -> None:
    facilities = {f["code"]: f for f in reference("facilities")}
    vehicles = {v["facility_code"]: v for v in reference("vehicles")}
    assert set(vehicles) <= set(facilities)
    assert {c for c, f in facilities.items() if f["is_depot"] == "true"} <= set(vehicles)
    for vehicle in vehicles.values():
        assert int(vehicle["trips_per_day"]) >= 1
        assert int(vehicle["litres_per_trip"]) >= 1
        assert vehicle["cold_chain"] in {"none", "2-8", "-20", "-70"}, vehicle
        assert "ví dụ" in vehicle["note"]


@pytest.mark.parametrize("name", NORM_COLUMNS)
def test_every_norm_names_its_source_and_how_sure_it_is(name: str) -> None:
    for row in norms(name):
        assert len(row["source"]) >= 10, row
        assert re.match(r"(read in source|derived: |assumed: )", row["status"]), row
        if row["status"].startswith("assumed"):
            assert "to be confirmed" in row["status"] or "see " in row["status"], row


@pytest.mark.parametrize("name", DATED)
def test_dated_norms_are_valid_for_some_time(name: str) -> None:
    for row in norms(name):
        start = date.fromisoformat(row["valid_from"])
        if row["valid_to"]:
            assert start <= date.fromisoformat(row["valid_to"]), row


def test_severity_shares_of_each_set_sum_to_one() -> None:
    shares: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in norms("norms_severity"):
        assert row["tier"] not in shares[row["set"]], row
        shares[row["set"]][row["tier"]] = Decimal(row["share"])
    assert set(shares) == {"esft", "hanoi_2021"}
    for tiers in shares.values():
        assert tuple(tiers) == TIERS
        assert sum(tiers.values()) == 1


def test_every_severity_set_has_a_stay_for_every_tier() -> None:
    stays = {(row["set"], row["tier"]): row for row in norms("norms_stay")}
    assert set(stays) == {(r["set"], r["tier"]) for r in norms("norms_severity")}
    for (_, tier), row in stays.items():
        assert int(row["stay_days"]) >= 1
        assert row["shape"] in {"fixed", "geometric", "gamma"}
        assert row["place"] == ("home" if tier in {"mild", "moderate"} else "bed")


def test_rates_use_known_items_drivers_and_classes_once_each() -> None:
    items = {item["code"] for item in reference("items")}
    rates = norms("norms_rate")
    keys = [(r["item_code"], r["driver"], r["class"], r["valid_from"]) for r in rates]
    assert len(set(keys)) == len(keys)
    for row in rates:
        assert row["item_code"] in items, row
        assert row["driver"] in DRIVERS, row
        assert row["class"] in {"critical", "severe", "staff", "mild"}, row
        assert Decimal(row["quantity_per_driver_day"]) > 0, row
    assert len({row["item_code"] for row in rates}) >= 60


def test_a_patients_own_supplies_are_counted_in_the_class_of_that_patient() -> None:
    for row in norms("norms_rate"):
        tier = row["driver"].rpartition("_")[2]
        if row["class"] == "staff":
            assert row["driver"] in {"staff_shift", "cleaner_shift", "community_team_day"}, row
        elif tier in {"critical", "severe"}:
            assert row["class"] == tier, row
        else:
            assert row["class"] == "mild", row


def test_oxygen_cylinders_follow_from_the_flow() -> None:
    cylinder_litres = 6_000  # 40 L of water volume at 150 bar
    rates = {
        row["driver"]: Decimal(row["quantity_per_driver_day"])
        for row in norms("norms_rate")
        if row["item_code"] == "OX001"
    }
    flows = {row["tier"]: row for row in norms("norms_oxygen")}
    assert set(flows) == set(TIERS)
    for tier in ("severe", "critical"):
        flow = Decimal(flows[tier]["litres_per_minute"])
        assert Decimal(flows[tier]["low"]) <= flow <= Decimal(flows[tier]["high"])
        assert rates[f"patient_day_{tier}"] == flow * 1440 / cylinder_litres
    assert rates["patient_day_severe"] == Decimal("2.4")


def test_sicker_patients_need_more_hours_of_care() -> None:
    hours = {
        row["tier"]: (
            Decimal(row["staff_hours_per_patient_day"]),
            Decimal(row["cleaner_hours_per_patient_day"]),
        )
        for row in norms("norms_staff")
    }
    assert set(hours) == {*TIERS, "screening"}
    assert [hours[tier] for tier in TIERS] == sorted(hours[tier] for tier in TIERS)
    assert all(Decimal(row["shift_hours"]) == 8 for row in norms("norms_staff"))


def test_testing_figures_agree_with_each_other_and_with_the_rates() -> None:
    figures = {row["name"]: Decimal(row["value"]) for row in norms("norms_testing")}
    assert len(figures) == len(norms("norms_testing"))
    assert figures["tests_per_new_case"] == (
        figures["tests_per_mild_or_moderate_case"] * (1 + figures["negatives_per_positive"])
    )
    assert figures["contact_tests_per_case"] == (
        figures["contacts_per_case"] * figures["share_contacts_tested"]
    )
    rate = next(
        Decimal(row["quantity_per_driver_day"])
        for row in norms("norms_rate")
        if (row["item_code"], row["driver"]) == ("XN004", "new_case_severe")
    )
    needed = figures["tests_per_severe_or_critical_case"] / (1 - figures["pcr_kit_wastage_share"])
    assert abs(rate - needed) < Decimal("0.000001")
