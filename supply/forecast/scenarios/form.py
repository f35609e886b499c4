"""A scenario as a form: its fields from the assumptions, and the assumptions from what was typed. Pure.

What the form does not show (generation intervals, weights of the estimate) rides along in `base`, a
JSON text; it is read as carefully as the rest.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text
from supply.forecast.norms import TIERS
from supply.forecast.scenarios.spec import Change, ScenarioSpec, Variant, WardOverride

CHANGE_ROWS = 4
RT_PARTS: tuple[tuple[str, Text], ...] = (
    ("0", Text("Toàn bộ các khả năng", "All that it may be")),
    ("0.5", Text("Nửa xấu hơn", "The worse half")),
    ("0.8", Text("Phần năm xấu nhất", "The worst fifth")),
    ("0.95", Text("Một phần hai mươi xấu nhất", "The worst twentieth")),
)
_PERCENT = ("reporting_share", "susceptible_share")
_DECIMAL = ("rt_least", "imports_per_100k_day", "drift_sd_per_week", "dispersion")
_WHOLE = ("horizon_days", "delay_days", "immunity_days")
_IN_BED = ("severe", "critical")


@dataclass
class _Reader:
    """Reads typed fields and gathers faults."""

    typed: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)

    def text(self, name: str) -> str:
        return self.typed.get(name, "").strip()

    def number(self, name: str, usual: float) -> float:
        """A number as written in Vietnam (1,5) or in English (1.5)."""
        said = self.text(name)
        if not said:
            return usual
        try:
            value = float(said.replace(" ", "").replace(",", "."))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.faults.append(
                Fault(
                    name,
                    Text(
                        f"“{said[:30]}” không phải là số (ví dụ 1,5).",
                        f"“{said[:30]}” is not a number (such as 1.5).",
                    ),
                )
            )
            return usual
        return value

    def whole(self, name: str, usual: int) -> int:
        value = self.number(name, usual)
        if value != int(value):
            self.faults.append(
                Fault(name, Text("Phải là số nguyên.", "It must be a whole number."))
            )
        return int(value)

    def day(self, name: str) -> date | None:
        """dd/mm/yyyy, or an ISO date; None where nothing was typed."""
        said = self.text(name)
        for form in ("%d/%m/%Y", "%Y-%m-%d"):
            try:
                return datetime.strptime(said, form).date()
            except ValueError:
                continue
        if said:
            self.faults.append(
                Fault(
                    name,
                    Text(
                        f"“{said[:30]}” không phải là ngày (ví dụ 05/03/2022).",
                        f"“{said[:30]}” is not a day (such as 05/03/2022).",
                    ),
                )
            )
        return None


def read_base(told: str) -> ScenarioSpec:
    """The assumptions a form was made from. Raises InvalidInput where the text was changed."""
    try:
        return ScenarioSpec.from_json(json.loads(told))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise InvalidInput(
            Text(
                "Biểu mẫu không còn nguyên vẹn. Xin mở lại trang.",
                "The form is not whole. Please open the page again.",
            )
        ) from error


def read_form(
    typed: Mapping[str, str], ward_codes: Sequence[str]
) -> tuple[ScenarioSpec, list[Fault]]:
    """The assumptions as typed and what cannot be read of them; a field that is absent or cannot be
    read keeps its former figure. Raises InvalidInput where `base` is not whole."""
    base, reader = read_base(typed.get("base", "")), _Reader(typed)
    spec = replace(
        base,
        changes=_changes(reader),
        overrides=_overrides(reader, ward_codes),
        rt_from=reader.number("rt_from", base.rt_from),
        rt_least=reader.number("rt_least", base.rt_least),
        fixed_rt=reader.text("fixed_rt") == "1",
        capped=reader.text("capped") == "1",
        reporting_share=_share(reader, "reporting_share", base.reporting_share),
        susceptible_share=_share(reader, "susceptible_share", base.susceptible_share),
        imports_per_100k_day=reader.number("imports_per_100k_day", base.imports_per_100k_day),
        drift_sd_per_week=reader.number("drift_sd_per_week", base.drift_sd_per_week),
        dispersion=reader.number("dispersion", base.dispersion),
        horizon_days=reader.whole("horizon_days", base.horizon_days),
        delay_days=reader.whole("delay_days", base.delay_days),
        immunity_days=reader.whole("immunity_days", base.immunity_days),
        variant=None if base.variant is None else _variant(reader, base.variant),
    )
    return spec, reader.faults


def _share(reader: _Reader, name: str, usual: float) -> float:
    """A share typed in per cent; one that was not touched stays as it is to the last bit."""
    if reader.text(name) == _written(usual * 100):
        return usual
    return reader.number(name, usual * 100) / 100.0


def _changes(reader: _Reader) -> tuple[Change, ...]:
    found = []
    for row in range(CHANGE_ROWS + 20):
        day_name, factor_name = f"change-{row}-day", f"change-{row}-factor"
        day = reader.day(day_name)
        if day is not None and reader.text(factor_name):
            found.append(Change(day, reader.number(factor_name, 1.0)))
        elif day is not None or (reader.text(factor_name) and not reader.text(day_name)):
            missing = factor_name if day is not None else day_name
            reader.faults.append(
                Fault(
                    missing,
                    Text(
                        "Mốc thay đổi cần cả ngày và hệ số.",
                        "A change needs both its day and its factor.",
                    ),
                )
            )
    return tuple(found)


def _overrides(reader: _Reader, ward_codes: Sequence[str]) -> tuple[WardOverride, ...]:
    found = []
    for code in ward_codes:
        own = WardOverride(
            code,
            reader.number(f"ward-{code}-factor", 1.0),
            reader.number(f"ward-{code}-imports", 0.0),
        )
        if own.factor != 1.0 or own.imports_per_day != 0.0:
            found.append(own)
    return tuple(found)


def _variant(reader: _Reader, base: Variant) -> Variant:
    share, stays = base.severity_share, base.stay_days
    if share is not None:
        told = [_share(reader, f"severity-{tier}", share[TIERS.index(tier)]) for tier in _IN_BED]
        rest = sum(share[: -len(_IN_BED)])
        left = (1.0 - sum(told)) / rest if rest > 0 else 0.0
        if tuple(told) != share[-len(_IN_BED) :]:
            share = (*(v * left for v in share[: -len(_IN_BED)]), *told)
    if stays is not None:
        stays = (
            *stays[: -len(_IN_BED)],
            *(reader.number(f"stay-{tier}", stays[TIERS.index(tier)]) for tier in _IN_BED),
        )
    return replace(
        base,
        day=reader.day("variant_day") or base.day,
        takeover_days=reader.whole("takeover_days", base.takeover_days),
        transmissibility=reader.number("transmissibility", base.transmissibility),
        immune_escape=_share(reader, "immune_escape", base.immune_escape),
        severity_share=share,
        stay_days=stays,
    )


def _written(value: float) -> str:
    """A figure as it stands in a field: 1,15."""
    return f"{value:.6g}".replace(".", ",")


def fields_of(spec: ScenarioSpec, name: str, note: str) -> dict[str, str]:
    """What the form's fields hold for a scenario; `read_form` of them gives the scenario again."""
    found = {"name": name, "note": note, "base": json.dumps(spec.to_json())}
    found |= {key: _written(getattr(spec, key) * 100) for key in _PERCENT}
    found |= {key: _written(getattr(spec, key)) for key in (*_DECIMAL, *_WHOLE)}
    found |= {
        "rt_from": f"{spec.rt_from:g}",
        "fixed_rt": "1" if spec.fixed_rt else "",
        "capped": "1" if spec.capped else "",
    }
    for row, change in enumerate(spec.changes):
        found[f"change-{row}-day"] = f"{change.day:%d/%m/%Y}"
        found[f"change-{row}-factor"] = _written(change.factor)
    for own in spec.overrides:
        found[f"ward-{own.ward_code}-factor"] = _written(own.factor)
        found[f"ward-{own.ward_code}-imports"] = _written(own.imports_per_day)
    if spec.variant is not None:
        found |= _variant_fields(spec.variant)
    return found


def _variant_fields(variant: Variant) -> dict[str, str]:
    found = {
        "variant_day": f"{variant.day:%d/%m/%Y}",
        "takeover_days": str(variant.takeover_days),
        "transmissibility": _written(variant.transmissibility),
        "immune_escape": _written(variant.immune_escape * 100),
    }
    for tier in _IN_BED:
        if variant.severity_share is not None:
            found[f"severity-{tier}"] = _written(variant.severity_share[TIERS.index(tier)] * 100)
        if variant.stay_days is not None:
            found[f"stay-{tier}"] = _written(variant.stay_days[TIERS.index(tier)])
    return found
