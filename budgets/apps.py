from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    name = "budgets"

    def ready(self) -> None:
        from accounts.choices import Act
        from accounts.services import register_organisation_check
        from approvals.services import register_action
        from budgets.approval_actions import PlanChange, Reallocation
        from budgets.selectors import find_lines, invariants, rates_for
        from budgets.services.years import books_in_use
        from core import search, shell
        from metrics.selectors.rates import register_rates

        invariants.register()
        register_organisation_check(books_in_use)
        register_rates(rates_for)
        register_action(Reallocation())
        register_action(PlanChange())
        search.register(find_lines)
        shell.register_nav(
            shell.NavItem(
                key="budgets",
                label="Budgets",
                icon="wallet",
                url_name="budgets:centre",
                group="",
                order=30,
                action=Act.VIEW_MONEY,
            )
        )
