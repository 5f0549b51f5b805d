"""Endpoints of budgets under /api/v1/."""

from django.urls import path

from budgets.api.views import (
    bills,
    cells,
    checks,
    closing,
    lines,
    orders,
    pacing,
    rates,
    scenarios,
    tools,
    vendors,
    versions,
)

urlpatterns = [
    path("fiscal-years/", lines.Years.as_view(), name="api-fiscal-years"),
    path("fiscal-years/<int:year>/months/", lines.YearMonths.as_view(), name="api-budget-months"),
    path("budget-lines/", lines.Lines.as_view(), name="api-budget-lines"),
    path("budget-lines/change/", cells.LinesChange.as_view(), name="api-budget-lines-change"),
    path("budgets/history/", cells.History.as_view(), name="api-budget-history"),
    path("budgets/cells/", cells.Cells.as_view(), name="api-budget-cells"),
    path("budget-lines/<int:pk>/", lines.LineDetail.as_view(), name="api-budget-line"),
    path(
        "budget-lines/<int:pk>/plan/<str:month>/",
        lines.LinePlan.as_view(),
        name="api-budget-line-plan",
    ),
    path("budgets/pacing/", pacing.Pacing.as_view(), name="api-budget-pacing"),
    path("vendors/", vendors.Vendors.as_view(), name="api-vendors"),
    path("vendors/<int:pk>/", vendors.VendorDetail.as_view(), name="api-vendor"),
    path("orders/", orders.Orders.as_view(), name="api-orders"),
    path("orders/change/", orders.OrdersChange.as_view(), name="api-orders-change"),
    path("orders/<int:pk>/", orders.OrderDetail.as_view(), name="api-order"),
    path("orders/<int:pk>/act/", orders.OrderAction.as_view(), name="api-order-act"),
    path("orders/<int:pk>/files/", orders.OrderFiles.as_view(), name="api-order-files"),
    path("files/<int:pk>/", orders.File.as_view(), name="api-file"),
    path("splits/", orders.Splits.as_view(), name="api-splits"),
    path("spending-checks/", checks.Checks.as_view(), name="api-spending-checks"),
    path("spending-checks/<int:pk>/", checks.CheckDetail.as_view(), name="api-spending-check"),
    path("tools/", tools.Tools.as_view(), name="api-tools"),
    path("tools/uses/", tools.ToolUses.as_view(), name="api-tool-uses"),
    path("tools/<int:pk>/", tools.ToolDetail.as_view(), name="api-tool"),
    path("tools/<int:pk>/cancel/", tools.ToolCancel.as_view(), name="api-tool-cancel"),
    path("tools/<int:pk>/count/", tools.ToolCount.as_view(), name="api-tool-count"),
    path("tools/<int:pk>/files/", tools.ToolFiles.as_view(), name="api-tool-files"),
    path(
        "budget-lines/<int:pk>/months/",
        bills.LineMonthsDetail.as_view(),
        name="api-budget-line-months",
    ),
    path("bills/", bills.Bills.as_view(), name="api-bills"),
    path("bills/accept/", bills.BillsAccept.as_view(), name="api-bills-accept"),
    path("bills/<int:pk>/", bills.BillDetail.as_view(), name="api-bill"),
    path(
        "bills/<int:pk>/suggestions/", bills.BillSuggestions.as_view(), name="api-bill-suggestions"
    ),
    path("bills/<int:pk>/files/", bills.BillFiles.as_view(), name="api-bill-files"),
    path("bills/<int:pk>/match/", bills.BillMatch.as_view(), name="api-bill-match"),
    path("bills/<int:pk>/dispute/", bills.BillDispute.as_view(), name="api-bill-dispute"),
    path("bills/<int:pk>/pass/", bills.BillPass.as_view(), name="api-bill-pass"),
    path("bills/<int:pk>/void/", bills.BillVoid.as_view(), name="api-bill-void"),
    path("bills/<int:pk>/reverse/", bills.AccrualReverse.as_view(), name="api-accrual-reverse"),
    path("accruals/", bills.Accruals.as_view(), name="api-accruals"),
    path("fx-rates/", rates.Rates.as_view(), name="api-fx-rates"),
    path("fx-rates/file/", rates.RateFile.as_view(), name="api-fx-rate-file"),
    path("month-closes/<str:month>/", closing.Month.as_view(), name="api-month-close"),
    path(
        "month-closes/<str:month>/reopen/", closing.MonthReopen.as_view(), name="api-month-reopen"
    ),
    path(
        "month-closes/<str:month>/sign-offs/", closing.SignOffs.as_view(), name="api-month-signoffs"
    ),
    path(
        "month-closes/<str:month>/reminders/",
        closing.Reminders.as_view(),
        name="api-month-reminders",
    ),
    path(
        "month-closes/<str:month>/variances/",
        closing.Variances.as_view(),
        name="api-month-variances",
    ),
    path(
        "fiscal-years/<int:year>/versions/",
        versions.Versions.as_view(),
        name="api-budget-versions",
    ),
    path(
        "fiscal-years/<int:year>/compare/",
        versions.VersionCompare.as_view(),
        name="api-budget-compare",
    ),
    path(
        "budget-versions/<int:pk>/baseline/",
        versions.VersionBaseline.as_view(),
        name="api-budget-baseline",
    ),
    path("fiscal-years/<int:year>/targets/", versions.Targets.as_view(), name="api-top-down"),
    path(
        "fiscal-years/<int:year>/targets/spread/",
        versions.TargetSpread.as_view(),
        name="api-top-down-spread",
    ),
    path("scenarios/", scenarios.Scenarios.as_view(), name="api-scenarios"),
    path("scenarios/<int:pk>/", scenarios.ScenarioDetail.as_view(), name="api-scenario"),
    path("scenarios/<int:pk>/cells/", scenarios.ScenarioCells.as_view(), name="api-scenario-cells"),
    path("scenarios/<int:pk>/tool/", scenarios.ScenarioTool.as_view(), name="api-scenario-tool"),
    path("scenarios/<int:pk>/lines/", scenarios.ScenarioLines.as_view(), name="api-scenario-lines"),
    path("scenarios/<int:pk>/adopt/", scenarios.ScenarioAdopt.as_view(), name="api-scenario-adopt"),
    path(
        "scenarios/<int:pk>/archive/",
        scenarios.ScenarioArchive.as_view(),
        name="api-scenario-archive",
    ),
    path(
        "scenario-lines/<int:pk>/",
        scenarios.ScenarioLineDetail.as_view(),
        name="api-scenario-line",
    ),
]
