from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "metrics"

    def ready(self) -> None:
        from accounts.choices import Act
        from campaigns.services import register_metrics, register_readiness
        from core import shell
        from metrics.selectors import METRICS, invariants
        from metrics.services import campaign_needs_target

        invariants.register()
        register_readiness(campaign_needs_target)
        register_metrics(
            [(metric.key, metric.label) for metric in METRICS.values()],
            amounts=[metric.key for metric in METRICS.values() if metric.is_money],
        )
        shell.register_nav(
            shell.NavItem(
                "goals",
                "Goals",
                "target-arrow",
                "metrics:goals",
                order=40,
                action=Act.VIEW_CAMPAIGNS,
            )
        )
