"""The places a list can be narrowed to, as its filter form offers them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from supply.catalog import queries as catalog
from supply.catalog.queries import DistrictRow, FacilityRow, WardRow
from supply.core.address import Args, number
from supply.core.errors import NotFound
from supply.core.i18n import language
from supply.core.text import Text
from supply.inventory.held_sql import Where


@dataclass(frozen=True)
class Places:
    """What an address chose of district, ward and facility, and what there is to choose."""

    district_id: int | None
    ward_id: int | None
    facility_id: int | None

    @cached_property
    def facilities(self) -> list[FacilityRow]:
        """Those in scope, of the chosen district."""
        return catalog.facilities(self.district_id)

    @property
    def facility_names(self) -> list[tuple[int, str]]:
        """The same with their names, for a select."""
        words = language()
        return [(f.id, f.name.in_language(words)) for f in self.facilities]

    @cached_property
    def districts(self) -> list[DistrictRow]:
        """Those with facilities in scope."""
        return catalog.districts()

    @cached_property
    def wards(self) -> list[WardRow]:
        """Wards that have a facility in scope, where one district is looked at."""
        ids = {f.ward_id for f in self.facilities}
        if self.district_id is None and len(self.districts) != 1:
            return []
        found = catalog.wards(self.district_id or self.districts[0].id)
        return [w for w in found if w.id in ids]

    @property
    def several(self) -> bool:
        """More than one facility is looked at."""
        return self.facility_id is None and len(self.facilities) > 1

    @property
    def only_facility_id(self) -> int | None:
        """The facility of a person who has one."""
        return self.facilities[0].id if len(self.facilities) == 1 else self.facility_id

    @property
    def where(self) -> Where:
        """The same for a question."""
        one = None if self.facility_id is None else (self.facility_id,)
        return Where(one, self.district_id, self.ward_id)


def places_of(said: Args) -> Places:
    """The places of an address. Raises NotFound for a facility outside the person's scope, so that
    others' stores do not even seem to exist."""
    found = Places(number(said, "district"), number(said, "ward"), number(said, "facility"))
    if found.facility_id is not None and found.facility_id not in {
        f.id for f in catalog.facilities()
    }:
        raise NotFound(
            Text(
                "Không tìm thấy cơ sở này trong phạm vi của bạn.",
                "There is no such facility in your scope.",
            )
        )
    return found
