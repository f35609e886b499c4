"""From a request to what it asks of which world: the run, the demand, the partners, all as of now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from supply.allocation.asking.request import PlanRequest, faults_of
from supply.allocation.asking.terms import Agreement, agreements
from supply.allocation.asking.world import Question, World
from supply.allocation.gather import gather
from supply.allocation.transport import transport_on
from supply.catalog import queries as catalog
from supply.core.clock import today
from supply.core.errors import Fault, InvalidInput
from supply.core.text import Text
from supply.core.transaction import reading
from supply.forecast import needs
from supply.forecast import queries as forecast
from supply.planning.runs import chosen_run, run_words


@dataclass(frozen=True)
class Asked:
    """A request that can be met, and all that is known for it."""

    district: catalog.DistrictRow
    run: forecast.RunRow
    question: Question
    world: World


def district_and_run(request: PlanRequest) -> tuple[catalog.DistrictRow, forecast.RunRow]:
    """Whose plan, from which run. Raises NotFound, InvalidInput (fields named), Conflict (no run)."""
    district = catalog.district(request.district_slug)
    faults = faults_of(request)
    if faults:
        raise InvalidInput(faults=faults)
    return district, chosen_run(district, request.run_id)


def read_asked(request: PlanRequest, on: dt.date | None = None) -> Asked:
    """All a plan needs to know; `on` is its first day (default today), the day the stock stands for.

    Raises as `district_and_run`; InvalidInput also for partners without an agreement that day, for an
    approved list that does not exist, and for more days than the run has left.
    """
    with reading():
        district, run = district_and_run(request)
        demand = needs.burn_for_allocation(run.id, request.quantile, request.horizon_days, on)
        partners = _partners(request, agreements(district.id, on))
        transport = transport_on(demand.start)
        world = gather(district, demand, transport, on)
    if request.reserve != "days" and not world.listed:
        words = Text(
            f"{district.name} chưa có danh mục dự trữ được duyệt; hãy chọn giữ lại theo ngày dùng.",
            f"{district.name} has no approved reserve list; keep days of use instead.",
        )
        raise InvalidInput(faults=[Fault("reserve", words)])
    question = Question(
        start=demand.start,
        horizon_days=request.horizon_days,
        reserve_days=request.reserve_days,
        transport=transport,
        partners=partners,
        reserve=request.reserve,
        reserve_percent=request.reserve_percent,
        count_requests=request.count_requests,
        vulnerability=request.vulnerability,
        weights=None if request.weights is None else tuple(request.weights),  # type: ignore[arg-type]
    )
    return Asked(district, run, question, world)


def _partners(request: PlanRequest, known: list[Agreement]) -> frozenset[str]:
    """Codes of the partners asked for. Raises InvalidInput where one has not agreed."""
    by_id = {one.facility_id: one for one in known}
    faults = []
    for id_ in request.partners:
        one = by_id.get(id_)
        if one is None or not one.agreed:
            name = Text(f"Cơ sở {id_}", f"Facility {id_}") if one is None else one.name
            words = Text(
                f"{name.vi} không có thỏa thuận tham gia còn hiệu lực.",
                f"{name.en} has no agreement in force.",
            )
            faults.append(Fault("partners", words))
    if faults:
        raise InvalidInput(faults=faults)
    return frozenset(by_id[id_].code for id_ in request.partners)


def is_stale(run: forecast.RunRow) -> bool:
    """Whether every day of the forecast is behind us."""
    return today() >= run.day_0 + dt.timedelta(days=run.params.horizon_days)


def run_notes(run: forecast.RunRow) -> tuple[Text, ...]:
    """What must be said of the run a plan is made from."""
    found = []
    if run.is_scenario:
        name = run_words(run)
        found.append(
            Text(
                f"Nhu cầu lấy từ kịch bản, không phải dự báo: {name.vi}.",
                f"Need is taken from a scenario, not from the forecast: {name.en}.",
            )
        )
    if is_stale(run):
        found.append(
            Text(
                f"Dự báo tính đến {run.origin:%d/%m/%Y} đã hết kỳ; kế hoạch lấy nhu cầu của kỳ đó và "
                "tồn kho hôm nay. Nên chạy dự báo mới.",
                f"The forecast of {run.origin:%d/%m/%Y} has run out; the plan sets the need of that "
                "time against today's stock. Better run a new forecast.",
            )
        )
    return tuple(found)
