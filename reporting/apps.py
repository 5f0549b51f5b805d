from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"

    def ready(self) -> None:
        from accounts.choices import Act
        from approvals.selectors import register_results
        from core import exports, outbox, search
        from core.shell import NavItem, register_currencies, register_nav, register_periods
        from reporting import services
        from reporting.selectors.find import find_campaigns, logged_changes_of
        from reporting.selectors.reports import find_reports
        from reporting.views.periods import currency_options, period_options
        from reporting.views.sheets import sheet_pdf

        for item in (
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
        ):
            register_nav(item)
        register_periods(period_options)
        register_currencies(currency_options)
        register_results(logged_changes_of)
        search.register(find_campaigns)
        search.register(find_reports)
        outbox.register_handler(services.MAIL, services.send_report_item)
        outbox.register_handler(services.MAKE, services.make_report_item)
        exports.register_pdf(sheet_pdf)
