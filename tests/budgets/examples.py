"""Example objects of budgets: a line of DACH, and a request to move its money."""

from budgets.models import Scenario, SpendingCheck
from budgets.services.scenarios import scenario_create
from budgets.services.versions import version_take
from tests.budgets import billing
from tests.budgets.orders import attach, draft, make_vendor
from tests.budgets.tools import make_tool
from tests.budgets.world import AT, DEC, NOV, create_world, move
from tests.cast import Cast
from tests.examples import Keywords, example


@example("budgets:line-edit", "api-budget-line")
def line(cast: Cast) -> Keywords:
    return {"pk": create_world(cast).shopping.pk}


@example("budgets:reallocate-edit", "budgets:decide")
def request(cast: Cast) -> Keywords:
    return {"pk": move(create_world(cast), cast.manager).pk}


@example("api-budget-line-plan")
def plan(cast: Cast) -> Keywords:
    return {"pk": create_world(cast).shopping.pk, "month": DEC}


@example(
    "api-budget-months",
    "api-budget-versions",
    "api-budget-compare",
    "api-top-down",
    "api-top-down-spread",
    seen_by_all=True,
)
def year(cast: Cast) -> Keywords:
    return {"year": create_world(cast).year.year}


@example(
    "budgets:scenario",
    "budgets:scenario-cells",
    "budgets:scenario-tool",
    "budgets:scenario-line-add",
    "budgets:scenario-adopt",
    "budgets:scenario-archive",
    "api-scenario",
    "api-scenario-cells",
    "api-scenario-tool",
    "api-scenario-lines",
    "api-scenario-adopt",
    "api-scenario-archive",
)
def scenario(cast: Cast) -> Keywords:
    return {"pk": _scenario(cast).pk}


@example("budgets:scenario-line-remove", "api-scenario-line")
def scenario_line(cast: Cast) -> Keywords:
    return {"pk": _scenario(cast).lines.get(name="Shopping DE").pk}


def _scenario(cast: Cast) -> Scenario:
    return scenario_create(
        user=cast.manager,
        fiscal_year=create_world(cast).year,
        team=cast.dach,
        name="Push",
        at=AT,
    )


@example("budgets:version-baseline", "api-budget-baseline", seen_by_all=True)
def version(cast: Cast) -> Keywords:
    world = create_world(cast)
    return {"pk": version_take(user=cast.director, year=world.year, name="Agreed", at=AT).pk}


@example("budgets:variance-note")
def variance(cast: Cast) -> Keywords:
    return {"pk": create_world(cast).shopping.pk, "query": f"month={NOV}"}


@example(
    "api-month-close", "api-month-reopen", "api-month-signoffs", "api-month-reminders",
    "api-month-variances", seen_by_all=True,
)  # fmt: skip
def month(cast: Cast) -> Keywords:
    create_world(cast)
    return {"month": "2026-10"}


@example(
    "budgets:order", "budgets:order-edit", "budgets:order-submit", "budgets:order-close",
    "budgets:order-cancel", "budgets:order-reopen", "budgets:order-attach", "api-order",
    "api-order-act", "api-order-files",
)  # fmt: skip
def order(cast: Cast) -> Keywords:
    return {"pk": draft(cast.manager, create_world(cast)).pk}


@example("budgets:vendor-edit", "budgets:vendor-archive", "api-vendor", seen_by_all=True)
def vendor(cast: Cast) -> Keywords:
    return {"pk": make_vendor(cast.manager).pk}


@example("budgets:attachment", "budgets:attachment-delete", "api-file")
def attachment(cast: Cast) -> Keywords:
    return {"pk": attach(draft(cast.manager, create_world(cast)), cast.manager).pk}


@example("budgets:check-clear", "api-spending-check")
def check(cast: Cast) -> Keywords:
    line = create_world(cast).shopping
    return {"pk": SpendingCheck.objects.create(budget_line=line).pk}


@example("budgets:line", "api-budget-line-months")
def months(cast: Cast) -> Keywords:
    return {"pk": create_world(cast).shopping.pk}


@example(
    "budgets:bill", "budgets:bill-match", "budgets:bill-pass", "budgets:bill-dispute",
    "budgets:bill-void", "budgets:accrual-reverse", "budgets:bill-attach", "api-bill",
    "api-bill-suggestions", "api-bill-files", "api-bill-match", "api-bill-dispute", "api-bill-pass",
    "api-bill-void", "api-accrual-reverse",
)  # fmt: skip
def bill(cast: Cast) -> Keywords:
    world = create_world(cast)
    rows = [billing.line(billing.k(1), budget_line=world.shopping)]
    return {"pk": billing.invoice(cast.manager, world.shopping, rows).pk}


@example("budgets:version-cell")
def version_cell(cast: Cast) -> Keywords:
    return {"query": f"line={create_world(cast).shopping.pk}&month={DEC}"}


@example("budgets:lock", seen_by_all=True)
def lock(cast: Cast) -> Keywords:
    return {"query": f"year={create_world(cast).year.year}"}


@example("budgets:unlock", seen_by_all=True)
def unlock(cast: Cast) -> Keywords:
    return {"query": f"year={create_world(cast).year.year}"}


@example(
    "budgets:tool",
    "budgets:tool-edit",
    "budgets:tool-cancel",
    "budgets:tool-count",
    "budgets:tool-attach",
    "api-tool",
    "api-tool-cancel",
    "api-tool-count",
    "api-tool-files",
)
def marketing_tool(cast: Cast) -> Keywords:
    return {"pk": make_tool(cast).pk}


@example("budgets:grid-rows", "api-budget-cells", "integrations:budget-sheet", seen_by_all=True)
def plan_of_year(cast: Cast) -> Keywords:
    return {"query": f"year={create_world(cast).year.year}"}
