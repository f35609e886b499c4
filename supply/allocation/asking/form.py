"""What was typed into the form that asks for a plan, read once. Pure of Flask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from supply.allocation.asking.request import OWN_WEIGHTS, PlanRequest
from supply.allocation.instance import CLASSES, STANDARD_WEIGHTS
from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text

USUAL = PlanRequest("")
_LONGEST_NUMBER = 9


def request_of(typed: Mapping[str, str], partners: Sequence[str] = ()) -> PlanRequest:
    """What the form says; what it does not say is as usual. Raises InvalidInput for what is no number.

    `partners`: the ids ticked. Points are read only for own weights.
    """
    faults: list[Fault] = []
    own = typed.get("policy") == OWN_WEIGHTS
    asked = PlanRequest(
        district_slug=typed.get("district", ""),
        policy=typed.get("policy", "") or USUAL.policy,
        horizon_days=_whole(typed, "horizon_days", USUAL.horizon_days, faults),
        quantile=_decimal(typed, "quantile", USUAL.quantile, faults),
        reserve_days=_whole(typed, "reserve_days", USUAL.reserve_days, faults),
        run_id=_whole(typed, "run", 0, faults) or None,
        reserve=typed.get("reserve", "") or USUAL.reserve,
        reserve_percent=_whole(typed, "reserve_percent", USUAL.reserve_percent, faults),
        count_requests=typed.get("count_requests") == "1",
        vulnerability=typed.get("vulnerability") == "1",
        weights=_weights(typed, faults) if own else None,
        partners=tuple(
            _whole({"partners": one}, "partners", 0, faults) for one in dict.fromkeys(partners)
        ),
    )
    if faults:
        raise InvalidInput(faults=faults)
    return asked


def query_pairs(asked: PlanRequest) -> list[tuple[str, str]]:
    """The same as fields of the form and of an address; `request_of` reads them back."""
    pairs: list[tuple[str, object]] = [
        ("district", asked.district_slug),
        ("policy", asked.policy),
        ("horizon_days", asked.horizon_days),
        ("quantile", asked.quantile),
        ("reserve_days", asked.reserve_days),
        ("run", asked.run_id or ""),
        ("reserve", asked.reserve),
        ("reserve_percent", asked.reserve_percent),
        ("count_requests", "1" if asked.count_requests else ""),
        ("vulnerability", "1" if asked.vulnerability else ""),
    ]
    if asked.weights is not None:
        pairs += [(f"weight_{c}", w) for c, w in zip(CLASSES, asked.weights, strict=True)]
    pairs += [("partner", id_) for id_ in asked.partners]
    return [(name, str(value)) for name, value in pairs if str(value)]


def _weights(typed: Mapping[str, str], faults: list[Fault]) -> tuple[int, ...]:
    return tuple(_whole(typed, f"weight_{c}", STANDARD_WEIGHTS[c], faults) for c in CLASSES)


def _whole(typed: Mapping[str, str], name: str, usual: int, faults: list[Fault]) -> int:
    """A whole number from 0, dots and spaces between thousands allowed."""
    words = typed.get(name, "").strip()
    bare = words.replace(".", "").replace(" ", "").replace("\u00a0", "")
    if not words:
        return usual
    if bare.isascii() and bare.isdigit() and len(bare) <= _LONGEST_NUMBER:
        return int(bare)
    told = Text(f"“{words[:40]}” không phải là số.", f"“{words[:40]}” is not a whole number.")
    faults.append(Fault(name, told))
    return usual


def _decimal(typed: Mapping[str, str], name: str, usual: float, faults: list[Fault]) -> float:
    words = typed.get(name, "").strip()
    if not words:
        return usual
    try:
        return float(words.replace(",", "."))
    except ValueError:
        told = Text(f"“{words[:40]}” không phải là số.", f"“{words[:40]}” is not a number.")
        faults.append(Fault(name, told))
        return usual
