"""Master data by FAB's screens: no relations in `search_columns` (FAB would render every row)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from flask_appbuilder import ModelView
from flask_appbuilder.models.sqla.filters import FilterContains, SQLAFilterConverter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from supply.catalog.models import (
    District,
    Facility,
    Fund,
    Item,
    ItemPack,
    Partner,
    UserScope,
    Vehicle,
    Ward,
)
from supply.catalog.words import (
    CATEGORY,
    COLD_CHAIN,
    FACILITY_KIND,
    FUND_KIND,
    PARTNER_KIND,
    VEHICLE_COLD_CHAIN,
)
from supply.core.i18n import lazy_t, num, t
from supply.core.text import Text, fold

LABELS = {
    "code": lazy_t("Mã", "Code"),
    "name": lazy_t("Tên", "Name"),
    "name_vi": lazy_t("Tên tiếng Việt", "Vietnamese name"),
    "name_en": lazy_t("Tên tiếng Anh", "English name"),
    "inn": lazy_t("Hoạt chất (INN)", "INN"),
    "category": lazy_t("Nhóm", "Category"),
    "base_unit_vi": lazy_t("Đơn vị tính", "Base unit"),
    "base_unit_en": lazy_t("Đơn vị tính (Anh)", "Base unit (English)"),
    "litres_per_unit": lazy_t("Lít mỗi đơn vị", "Litres per unit"),
    "is_essential": lazy_t("Thiết yếu", "Essential"),
    "shelf_life_days": lazy_t("Tuổi thọ (ngày)", "Shelf life (days)"),
    "cold_chain": lazy_t("Bảo quản lạnh (°C)", "Cold chain (°C)"),
    "is_reusable": lazy_t("Dùng lại", "Reusable"),
    "active": lazy_t("Đang dùng", "Active"),
    "kind": lazy_t("Loại", "Kind"),
    "district": lazy_t("Quận, huyện", "District"),
    "ward": lazy_t("Phường, xã", "Ward"),
    "province": lazy_t("Tỉnh, thành phố", "Province"),
    "population": lazy_t("Dân số", "Population"),
    "population_note": lazy_t("Ghi chú dân số", "Population note"),
    "valid_from": lazy_t("Từ ngày", "Valid from"),
    "valid_to": lazy_t("Đến ngày", "Valid to"),
    "is_depot": lazy_t("Kho trung tâm", "Depot"),
    "is_private": lazy_t("Tư nhân", "Private"),
    "beds": lazy_t("Giường", "Beds"),
    "icu_beds": lazy_t("Giường hồi sức", "ICU beds"),
    "facility": lazy_t("Cơ sở", "Facility"),
    "trips_per_day": lazy_t("Chuyến mỗi ngày", "Trips per day"),
    "litres_per_trip": lazy_t("Lít mỗi chuyến", "Litres per trip"),
    "user": lazy_t("Người dùng", "User"),
    "note": lazy_t("Ghi chú", "Note"),
    "item": lazy_t("Mặt hàng", "Item"),
    "units_per_pack": lazy_t("Số đơn vị mỗi quy cách", "Units per pack"),
    "is_default": lazy_t("Mặc định", "Default"),
    "gtin": lazy_t("Mã vạch GTIN", "GTIN"),
}


def _named(names: Mapping[str, Text]) -> Callable[[str], str]:
    """A formatter that shows the name of a stored word."""
    return lambda word: t(names[word]) if word in names else word


class FoldedContains(FilterContains):
    """ "contains", blind to diacritics where the column is the folded one."""

    def apply(self, query: Any, value: str) -> Any:
        """Fold what was typed as the column was folded."""
        return super().apply(query, fold(value) if self.column_name == "search" else value)


class FoldingConverter(SQLAFilterConverter):
    """FAB's filters, with ours in the place of its "contains"."""

    conversion_table = tuple(
        (test, [FoldedContains if f is FilterContains else f for f in filters])
        for test, filters in SQLAFilterConverter.conversion_table
    )


class Table(SQLAInterface):
    """A table whose folded column is found with or without diacritics."""

    filter_converter_class = FoldingConverter


def chosen_from(label: str, names: Mapping[str, Text]) -> SelectField:
    """A field that offers the stored words by their names."""
    return SelectField(
        LABELS[label], choices=[SelectChoice(key, lazy_t(name)) for key, name in names.items()]
    )


def may_be_empty(label: str) -> StringField:
    """A text that is not always there (a mask has no INN)."""
    return StringField(LABELS[label], validators=[Optional()])


def yes_or_no(*labels: str) -> dict[str, BooleanField]:
    """Tick boxes; FAB would demand that a column that may not be null is ticked."""
    return {label: BooleanField(LABELS[label], default=label == "active") for label in labels}


class MasterView(ModelView):
    """What all master-data screens share."""

    label_columns: ClassVar[dict[str, Any]] = LABELS
    page_size = 50
    add_title = lazy_t("Thêm mới", "Add new")
    edit_title = lazy_t("Sửa", "Edit")
    show_title = lazy_t("Chi tiết", "Details")
    formatters_columns: ClassVar[dict[str, Any]] = {
        "population": num,
        "units_per_pack": num,
        "category": _named(CATEGORY),
        "kind": _named(FACILITY_KIND | PARTNER_KIND | FUND_KIND),
    }
    base_order = ("code", "asc")


class ItemView(MasterView):
    """Items."""

    route_base = "/items"
    add_form_extra_fields = edit_form_extra_fields = {
        "inn": may_be_empty("inn"),
        "category": chosen_from("category", CATEGORY),
        "cold_chain": chosen_from("cold_chain", COLD_CHAIN),
        **yes_or_no("is_essential", "is_reusable", "active"),
    }
    class_permission_name = "Items"
    datamodel = Table(Item)
    list_title = lazy_t("Mặt hàng", "Items")
    list_columns = ["code", "name_vi", "category", "base_unit_vi", "is_essential", "active"]
    search_columns = ["code", "search", "category", "is_essential"]
    add_columns = edit_columns = show_columns = [
        "code",
        "name_vi",
        "name_en",
        "inn",
        "category",
        "base_unit_vi",
        "base_unit_en",
        "litres_per_unit",
        "is_essential",
        "shelf_life_days",
        "cold_chain",
        "is_reusable",
        "active",
    ]
    label_columns = LABELS | {"search": lazy_t("Tìm (không cần dấu)", "Search (no diacritics)")}


class PackView(MasterView):
    """Packs."""

    route_base = "/packs"
    add_form_extra_fields = edit_form_extra_fields = yes_or_no("is_default")
    class_permission_name = "Items"
    datamodel = Table(ItemPack)
    list_title = lazy_t("Quy cách", "Packs")
    list_columns = ["item", "name_vi", "units_per_pack", "is_default", "gtin"]
    search_columns = ["name_vi", "units_per_pack", "gtin"]
    add_columns = edit_columns = show_columns = [
        "item",
        "name_vi",
        "name_en",
        "units_per_pack",
        "is_default",
        "gtin",
    ]
    base_order = ("id", "asc")


class FacilityView(MasterView):
    """Facilities."""

    route_base = "/facilities"
    add_form_extra_fields = edit_form_extra_fields = {
        "kind": chosen_from("kind", FACILITY_KIND),
        **yes_or_no("is_depot", "is_private", "active"),
    }
    class_permission_name = "Facilities"
    datamodel = Table(Facility)
    list_title = lazy_t("Cơ sở", "Facilities")
    list_columns = ["code", "name_vi", "kind", "district", "ward", "beds", "active"]
    search_columns = ["code", "search", "kind", "is_depot", "is_private"]
    add_columns = edit_columns = show_columns = [
        "code",
        "name_vi",
        "name_en",
        "kind",
        "district",
        "ward",
        "is_depot",
        "is_private",
        "beds",
        "icu_beds",
        "active",
    ]
    label_columns = LABELS | {"search": lazy_t("Tìm (không cần dấu)", "Search (no diacritics)")}


class VehicleView(MasterView):
    """Vehicles."""

    route_base = "/vehicles"
    add_form_extra_fields = edit_form_extra_fields = {
        "cold_chain": chosen_from("cold_chain", VEHICLE_COLD_CHAIN),
        "note": may_be_empty("note"),
    }
    class_permission_name = "Facilities"
    datamodel = Table(Vehicle)
    list_title = lazy_t("Phương tiện vận chuyển", "Vehicles")
    list_columns = ["facility", "trips_per_day", "litres_per_trip", "cold_chain", "note"]
    search_columns = ["note"]
    add_columns = edit_columns = show_columns = list_columns
    base_order = ("id", "asc")


class DistrictView(MasterView):
    """Districts."""

    route_base = "/districts"
    class_permission_name = "Places"
    datamodel = Table(District)
    list_title = lazy_t("Quận, huyện", "Districts")
    list_columns = ["code", "name", "province", "population"]
    add_columns = edit_columns = show_columns = ["code", "slug", "name", "province", "population"]
    search_columns = ["code", "name"]


class WardView(MasterView):
    """Wards."""

    route_base = "/wards"
    add_form_extra_fields = edit_form_extra_fields = {
        "population_note": may_be_empty("population_note")
    }
    class_permission_name = "Places"
    datamodel = Table(Ward)
    list_title = lazy_t("Phường, xã", "Wards")
    list_columns = ["code", "name", "district", "population", "valid_from", "valid_to"]
    add_columns = edit_columns = show_columns = [
        "code",
        "name",
        "kind",
        "district",
        "population",
        "population_note",
        "valid_from",
        "valid_to",
    ]
    search_columns = ["code", "name"]


class PartnerView(MasterView):
    """Suppliers and donors."""

    route_base = "/partners"
    add_form_extra_fields = edit_form_extra_fields = {
        "kind": chosen_from("kind", PARTNER_KIND),
        "note": may_be_empty("note"),
        **yes_or_no("active"),
    }
    class_permission_name = "Partners"
    datamodel = Table(Partner)
    list_title = lazy_t("Nhà cung cấp, nhà tài trợ", "Suppliers and donors")
    list_columns = ["code", "name", "kind", "active"]
    search_columns = ["code", "search", "kind"]
    add_columns = edit_columns = show_columns = ["code", "name", "kind", "note", "active"]
    label_columns = LABELS | {"search": lazy_t("Tìm (không cần dấu)", "Search (no diacritics)")}


class FundView(MasterView):
    """Funds."""

    route_base = "/funds"
    add_form_extra_fields = edit_form_extra_fields = {
        "kind": chosen_from("kind", FUND_KIND),
        **yes_or_no("active"),
    }
    class_permission_name = "Funds"
    datamodel = Table(Fund)
    list_title = lazy_t("Nguồn quỹ", "Funds")
    list_columns = ["code", "name_vi", "kind", "valid_from", "valid_to", "active"]
    search_columns = ["code", "name_vi", "kind"]
    add_columns = edit_columns = show_columns = [
        "code",
        "name_vi",
        "name_en",
        "kind",
        "valid_from",
        "valid_to",
        "active",
    ]


class ScopeView(MasterView):
    """Who is responsible for which facility or district."""

    route_base = "/scopes"
    class_permission_name = "UserScope"
    datamodel = Table(UserScope)
    list_title = lazy_t("Phạm vi cơ sở", "Facility scope")
    list_columns = ["user", "facility", "district"]
    add_columns = edit_columns = show_columns = ["user", "facility", "district"]
    search_columns = ["user"]
    base_order = ("id", "asc")
