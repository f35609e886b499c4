"""Forecast: reported cases, projection, burn rate, shortage."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_SECTION = Text("Dự báo", "Forecast")

MODULE = Module(
    name="forecast",
    title=_SECTION,
    depends=("catalog", "inventory", "imports"),
    has_models=True,
    views=(
        "views_cases:CasesView",
        "intake.views:IntakeView",
        "intake.views_history:CaseHistoryView",
        "views_projection:ProjectionView",
        "views_burn:BurnView",
        "views_shortage:ShortageView",
        "seeing.views_whatif:WhatIfView",
        "seeing.views_hindsight:HindsightView",
        "views_runs:RunsView",
    ),
    apis=("intake.api:CasesApi",),
    commands=("commands:forecast",),
    menu=(
        MenuItem(
            _SECTION,
            Text("Ca bệnh", "Cases"),
            "/forecast/cases/",
            "virus",
            "Cases",
            order=310,
        ),
        MenuItem(
            _SECTION,
            Text("Dự báo ca mắc", "Projection"),
            "/forecast/projection/",
            "graph",
            "Projection",
            order=320,
        ),
        MenuItem(
            _SECTION,
            Text("Mức tiêu hao", "Burn rate"),
            "/forecast/burn/",
            "fire",
            "Burn",
            order=330,
        ),
        MenuItem(
            _SECTION,
            Text("Nguy cơ thiếu", "Shortage"),
            "/forecast/shortage/",
            "warning",
            "Shortage",
            order=340,
        ),
        MenuItem(
            _SECTION,
            Text("Thử giả định", "What if"),
            "/forecast/what-if/",
            "percent",
            "WhatIf",
            order=350,
        ),
        MenuItem(
            _SECTION,
            Text("Dự báo đúng đến đâu", "How good were we"),
            "/forecast/hindsight/",
            "clipboard-data",
            "Hindsight",
            order=360,
        ),
        MenuItem(
            _SECTION,
            Text("Các lượt dự báo", "Forecast runs"),
            "/forecast/runs/",
            "list",
            "Projection",
            order=390,
        ),
    ),
    grants={
        "planner": (
            ("can_read", "Cases"),
            ("can_write", "Cases"),
            ("can_read", "Projection"),
            ("can_write", "Projection"),
            ("can_read", "Burn"),
            ("can_read", "Shortage"),
            ("can_read", "WhatIf"),
            ("can_read", "Hindsight"),
            ("can_write", "Hindsight"),
        ),
        "facility_head": (
            ("can_read", "Cases"),
            ("can_read", "Projection"),
            ("can_read", "Burn"),
            ("can_read", "Shortage"),
            ("can_read", "Hindsight"),
        ),
        "storekeeper": (("can_read", "Burn"), ("can_read", "Shortage")),
    },
    jobs=("services", "intake.tables", "seeing.backtest", "runs.services"),
)
