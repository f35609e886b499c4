"""Finance: spending by fund, equal to the ledger to the đồng. See docs.md."""

from supply.core.registry import MenuItem, Module
from supply.core.text import Text

_READ = (("can_read", "FundSpending"),)

MODULE = Module(
    name="finance",
    title=Text("Tài chính", "Finance"),
    depends=("catalog", "inventory"),
    views=("views:FundSpendingView",),
    menu=(
        MenuItem(
            Text("Tài chính", "Finance"),
            Text("Chi theo nguồn quỹ", "Spending by fund"),
            "/funds-spending/",
            "cash",
            "FundSpending",
            order=500,
        ),
    ),
    grants={"finance": _READ, "planner": _READ, "auditor": _READ},
)
