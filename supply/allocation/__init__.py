"""Allocation: instance → plan → check → approve → transfers. See docs.md."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_READ = (("can_read", "Plans"),)

MODULE = Module(
    name="allocation",
    title=Text("Điều phối", "Allocation"),
    depends=("inventory", "paper", "forecast", "requests", "planning"),
    has_models=True,
    views=(
        "asking.views:AskPlansView",
        "views:PlansView",
        "seeing.views:LookView",
        "seeing.views_replay:ReplayView",
        "hand.views:HandView",
        "explaining.views:WhyView",
        "carrying.views:CarryView",
    ),
    apis=("carrying.api:PlansApi",),
    commands=("scale.commands:register",),
    jobs=("services", "carrying.services", "hand.services", "seeing.services"),
    menu=(
        MenuItem(
            Text("Điều phối", "Allocation"),
            Text("Kế hoạch phân bổ", "Allocation plans"),
            "/plans/",
            "scale",
            "Plans",
            order=400,
        ),
    ),
    grants={
        "planner": (*_READ, ("can_write", "Plans")),
        "facility_head": _READ,
        "storekeeper": _READ,
        "finance": _READ,
        "auditor": _READ,
    },
)
