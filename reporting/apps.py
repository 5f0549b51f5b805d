from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from core.shell import NavItem


class ReportingConfig(AppConfig):
    name = "reporting"

    def ready(self) -> None:
        from approvals.selectors import register_results
        from approvals.services import register_action
        from core import exports, outbox, search
        from core.shell import register_currencies, register_nav, register_periods
        from metrics.selectors import register_dependents
        from reporting import services
        from reporting.approval_actions import ChangeClearance
        from reporting.selectors.clearances import require_cleared
        from reporting.selectors.dependents import reports_quoting
        from reporting.selectors.find import find_campaigns, logged_changes_of
        from reporting.selectors.reports import find_reports
        from reporting.views.periods import currency_options, period_options
        from reporting.views.sheets import sheet_pdf

        for item in _places():
            register_nav(item)
        register_periods(period_options)
        register_currencies(currency_options)
        register_results(logged_changes_of)
        register_dependents(reports_quoting)
        search.register(find_campaigns)
        search.register(find_reports)
        outbox.register_handler(services.MAIL, services.send_report_item)
        outbox.register_handler(services.MAKE, services.make_report_item)
        exports.register_pdf(sheet_pdf)
        exports.register_guard(require_cleared)
        register_action(ChangeClearance())


def _places() -> Iterable[NavItem]:
    """What stands in the rail of this room."""
    from accounts.choices import Act
    from core.shell import NavItem

    return (
        NavItem("home", "Home", "home", "reporting:home", order=10),
        NavItem(
            "campaigns",
            "Campaigns",
            "speakerphone",
            "reporting:campaigns",
            order=20,
            action=Act.VIEW_CAMPAIGNS,
        ),
        NavItem(
            "initiatives",
            "Initiatives",
            "flag",
            "reporting:initiatives",
            order=25,
            action=Act.VIEW_CAMPAIGNS,
        ),
        NavItem(
            "reports",
            "Reports",
            "presentation",
            "reporting:reports",
            group="Understand",
            order=10,
            action=Act.VIEW_MONEY,
        ),
        NavItem(
            "audit",
            "Audit trail",
            "history",
            "reporting:audit",
            group="Data",
            order=60,
            action=Act.VIEW_AUDIT,
        ),
    )
