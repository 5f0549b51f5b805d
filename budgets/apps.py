from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    name = "budgets"

    def ready(self) -> None:
        from accounts.choices import Act
        from accounts.services import register_organisation_check
        from approvals.services import register_action, register_converter, register_listener
        from budgets.approval_actions import (
            Close,
            LockPlan,
            OrderRequest,
            PlanChange,
            RateChange,
            Reallocation,
            Reopen,
            UnlockPlan,
        )
        from budgets.selectors import at_rate_of_day, find_lines, invariants, rates_for
        from budgets.selectors.reminders import needs_of_owner
        from budgets.services.orders.asking import follow as follow_orders
        from budgets.services.years import books_in_use
        from core import needs, search, shell
        from metrics.selectors.rates import register_rates

        invariants.register()
        register_organisation_check(books_in_use)
        register_rates(rates_for)
        register_converter(at_rate_of_day)
        register_action(Reallocation())
        register_action(PlanChange())
        register_action(LockPlan())
        register_action(UnlockPlan())
        register_action(OrderRequest())
        register_listener(follow_orders)
        register_action(RateChange())
        register_action(Close())
        register_action(Reopen())
        needs.register(needs_of_owner)
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
