"""What to do next with a plan, by its state and by who looks. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from supply.allocation.queries import PlanView
from supply.core.text import Text

PLANS = "/plans/"


@dataclass(frozen=True)
class Step:
    """A thing to do: what, why or how, and where."""

    title: Text
    note: Text
    url: str


def steps(plan: PlanView, *, may_write: bool, out_of_date: bool = False) -> tuple[Step, ...]:
    """The few next things, the first first."""
    if plan.head.state in ("rejected", "ended"):
        return (*_again(may_write), _look(plan))
    if plan.status in ("trial", "proposed"):
        return (*(_again(may_write) if out_of_date else ()), *_decide(plan, may_write))
    return (*_carry_out(plan), *_still_short(plan), *_replay(plan))


def _url(plan: PlanView, part: str) -> str:
    return f"{PLANS}{plan.head.id}/{part}"


def _decide(plan: PlanView, may_write: bool) -> tuple[Step, ...]:
    why = Step(
        Text("Đọc vì sao từng nơi được bấy nhiêu", "Read why each place gets what it gets"),
        Text(
            "Lý do và điều đang giới hạn, theo từng nơi và nhóm.",
            "The reason and what binds, by place and class.",
        ),
        _url(plan, "why"),
    )
    if not may_write:
        return (why, _look(plan), *_still_short(plan))
    adjust = Step(
        Text("Sửa một dòng, thử điều kiện khác", "Change a line, try other conditions"),
        Text(
            "Ghim hoặc cấm một chuyến, thêm xe, thêm hàng tài trợ, rồi tính lại.",
            "Pin or forbid a transfer, add a vehicle or a donation, and solve again.",
        ),
        _url(plan, "adjust"),
    )
    if plan.status == "trial":
        return (_beside(plan), why, adjust)
    decide = Step(
        Text("Mời người thứ hai duyệt", "Ask a second person to approve"),
        Text(
            "Người lập không tự duyệt; gửi địa chỉ trang này cho cán bộ kế hoạch khác.",
            "Who made it does not approve it; send this page's address to another planner.",
        ),
        _url(plan, ""),
    )
    if not plan.is_mine:
        decide = Step(
            Text("Duyệt hoặc không duyệt", "Approve or turn down"),
            Text(
                "Hai nút ở đầu trang. Duyệt xong, phiếu chuyển nháp đến kho của từng nơi gửi.",
                "The two buttons above. Once approved, drafts go to each sending store.",
            ),
            _url(plan, ""),
        )
    return (why, adjust, decide)


def _beside(plan: PlanView) -> Step:
    base = plan.params["based_on"]
    return Step(
        Text(f"Đặt cạnh kế hoạch số {base}", f"Set it beside plan no. {base}"),
        Text(
            "So hai phương án, rồi trình duyệt phương án được chọn.",
            "Compare the two, then put forward the one that is chosen.",
        ),
        f"{PLANS}compare?ids={base},{plan.head.id}",
    )


def _carry_out(plan: PlanView) -> tuple[Step, ...]:
    g = plan.progress
    if not g.waiting and not g.under_way:
        return ()
    return (
        Step(
            Text("Theo dõi thực hiện", "Follow the carrying out"),
            Text(
                f"{g.waiting} phiếu chờ gửi, {g.under_way} đang đi đường, {g.received} đã nhận.",
                f"{g.waiting} drafts to be sent, {g.under_way} on their way, {g.received} received.",
            ),
            _url(plan, "carry"),
        ),
    )


def _still_short(plan: PlanView) -> tuple[Step, ...]:
    short = sum(row.plan > 0 for row in plan.items)
    if not short:
        return ()
    return (
        Step(
            Text("Lo phần vẫn thiếu", "See to what stays short"),
            Text(
                f"{short} mặt hàng vẫn thiếu sau khi chuyển: phải mua hoặc xin cấp thêm.",
                f"{short} items stay short after the transfers: buy or request them.",
            ),
            _url(plan, "look#still-short"),
        ),
    )


def _replay(plan: PlanView) -> tuple[Step, ...]:
    return (
        Step(
            Text("Xem lại tháng qua", "Look back at the past month"),
            Text(
                "Nếu khi đó phân bổ theo cách khác thì đã ra sao.",
                "What another way to allocate would have done.",
            ),
            _url(plan, "replay"),
        ),
    )


def _look(plan: PlanView) -> Step:
    return Step(
        Text("Xem hình và bảng", "See the pictures and tables"),
        Text("Ai gửi cho ai, theo ngày, theo nơi.", "Who sends to whom, by day and by place."),
        _url(plan, "look"),
    )


def _again(may_write: bool) -> tuple[Step, ...]:
    if not may_write:
        return ()
    return (
        Step(
            Text("Lập kế hoạch mới", "Make a new plan"),
            Text("Theo tồn kho và dự báo hôm nay.", "From today's stock and forecast."),
            PLANS,
        ),
    )
