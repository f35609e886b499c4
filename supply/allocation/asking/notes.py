"""What a person defending a plan must be able to say of how it was asked. Pure."""

from __future__ import annotations

from supply.allocation.asking.world import NO_COLD, Question, World
from supply.allocation.instance import Instance
from supply.core.text import Text, group_digits


def notes_of(
    world: World, question: Question, instance: Instance, senders: set[str], fixed: set[str]
) -> tuple[Text, ...]:
    """The notes beside a plan. `senders` have a vehicle; `fixed` items no vehicle carries."""
    return (
        _transport(question),
        *_partners(world, question),
        *_idle(instance, senders),
        *_fixed(fixed),
        *_cold(world, instance),
        *_reserve(world, question),
        *_requests(world, question),
        *_weights(question),
        *_set_aside(world),
        *_ordered(world, instance),
    )


def _transport(question: Question) -> Text:
    at = question.transport
    return Text(
        f"Giả định cần xác nhận: chuyển từ kho trung tâm mất {at.depot_lead_days} ngày, giữa hai "
        f"trạm mất {at.station_lead_days} ngày; mỗi trạm trao đổi với kho trung tâm và "
        f"{at.neighbours_per_station} trạm liền trước, liền sau theo mã phường; hàng đến nơi còn "
        f"hạn ít nhất {at.min_shelf_life_days} ngày.",
        f"Assumptions to be confirmed: {at.depot_lead_days} day from the depot, "
        f"{at.station_lead_days} day between stations; each station exchanges with the depot and "
        f"the {at.neighbours_per_station} stations before and after it by ward code; goods "
        f"arrive with at least {at.min_shelf_life_days} days of shelf life.",
    )


def _partners(world: World, question: Question) -> list[Text]:
    private = {p.code for p in world.places if p.is_private}
    found = []
    if inside := sorted(private & question.partners):
        names = ", ".join(inside)
        found.append(
            Text(
                f"Cơ sở ngoài công lập tham gia theo thỏa thuận: {names}.",
                f"Private facilities that take part by agreement: {names}.",
            )
        )
    if outside := len(private - question.partners):
        found.append(
            Text(
                f"{outside} cơ sở ngoài công lập chưa tham gia điều phối (chỉ tham gia khi đồng ý).",
                f"Private facilities that take no part (they do only by agreement): {outside}.",
            )
        )
    return found


def _idle(instance: Instance, senders: set[str]) -> list[Text]:
    idle = ", ".join(sorted({f.id for f in instance.facilities} - senders))
    if not idle:
        return []
    return [
        Text(
            f"Chưa khai phương tiện nên không gửi hàng đi được: {idle}.",
            f"No vehicle recorded, so these cannot send: {idle}.",
        )
    ]


def _fixed(fixed: set[str]) -> list[Text]:
    if not fixed:
        return []
    names = ", ".join(sorted(fixed))
    return [
        Text(
            f"Không chuyển được bằng xe thường nên không đưa vào kế hoạch: {names}.",
            f"Cannot be carried by ordinary vehicles, so left out: {names}.",
        )
    ]


def _cold(world: World, instance: Instance) -> list[Text]:
    here = {i.id for i in instance.items}
    cold = sorted(g.code for g in world.goods if g.code in here and g.cold != NO_COLD)
    if not cold:
        return []
    names = ", ".join(cold)
    return [
        Text(
            f"Hàng cần bảo quản lạnh chỉ đi từ nơi có xe giữ được nhiệt độ đó: {names}. Sức chở vẫn "
            "tính chung cho mọi xe của nơi gửi.",
            f"Goods of the cold chain leave only where a vehicle keeps their temperature: {names}. "
            "Room is still counted over all vehicles of the sender.",
        )
    ]


def _reserve(world: World, question: Question) -> list[Text]:
    if question.reserve == "days":
        return []
    share = question.reserve_percent
    days = question.reserve_days
    vi = f"Mỗi nơi giữ lại {share} % danh mục dự trữ đã duyệt ({len(world.listed)} dòng)"
    en = f"Every place keeps {share}% of the approved reserve list ({len(world.listed)} lines)"
    if question.reserve == "both":
        vi += f", và ít nhất {days} ngày dùng"
        en += f", and at least {days} days of use"
    return [
        Text(
            vi + "; mặt hàng nào đang dưới mức này thì không gửi đi.",
            en + "; what is below that is not sent.",
        )
    ]


def _requests(world: World, question: Question) -> list[Text]:
    if not question.count_requests or not world.wishes:
        return []
    lines = len(world.wishes)
    return [
        Text(
            f"Đã tính {lines} dòng phiếu yêu cầu chưa cấp đủ là mức cần tối thiểu; phần vượt dự báo xếp "
            "vào nhóm nhẹ.",
            f"{lines} lines of open requests count as the least that is needed; what goes beyond the "
            "forecast is in the mild class.",
        )
    ]


def _weights(question: Question) -> list[Text]:
    found = []
    if question.vulnerability:
        found.append(
            Text(
                "Điểm thiếu được nhân với hệ số dễ tổn thương của từng phường, xã khi tính phương án.",
                "In solving, shortage points are weighed by each ward's vulnerability.",
            )
        )
    if question.weights is not None:
        told = " : ".join(group_digits(points) for points in question.weights)
        found.append(
            Text(
                f"Điểm thiếu tính theo điểm riêng (nguy kịch, nặng, nhân viên, nhẹ): {told}.",
                f"Shortage is told in own points (critical, severe, staff, mild): {told}.",
            )
        )
    return found


def _set_aside(world: World) -> list[Text]:
    if not world.promised:
        return []
    lines = len(world.promised)
    return [
        Text(
            f"Đã trừ {lines} dòng hàng của các kế hoạch, yêu cầu đã duyệt mà chưa gửi đi.",
            f"{lines} lines of approved plans and requests that have not left yet are set aside.",
        )
    ]


def _ordered(world: World, instance: Instance) -> list[Text]:
    lots = {a.lot for a in instance.arrivals}
    lines = len({s.lot for s in world.coming if s.is_order and s.lot in lots})
    if not lines:
        return []
    return [
        Text(
            f"Có tính {lines} đơn hàng đã đặt, về theo ngày hẹn (một phần về trễ); chưa biết hạn dùng.",
            f"{lines} orders count as coming on the day promised (a share of them late); their expiry "
            "is not known.",
        )
    ]
