from datetime import datetime
from typing import Any

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "insights"

    def ready(self) -> None:
        from accounts.choices import Act
        from approvals.services import register_listener
        from core import features, outbox
        from core.models import OutboxItem
        from core.shell import NavItem, register_nav
        from insights.choices import ADVICE
        from insights.selectors import concluded_from, days_growing
        from insights.services import daily_check, note_request
        from metrics.selectors import register_dependents, register_growth

        def check(item: OutboxItem, now: datetime) -> dict[str, Any]:  # noqa: ARG001
            return dict(daily_check(now=now))

        register_listener(note_request)
        register_growth(days_growing)
        register_dependents(concluded_from)
        features.register(
            features.Feature(
                ADVICE,
                "Recommendations",
                "Turns what the daily check finds into typed actions with their expected effect.",
                level=2,
            )
        )
        outbox.register_handler("insights.check", check)
        register_nav(
            NavItem(
                "competitors",
                "Competitors",
                "affiliate",
                "insights:competitors",
                group="Understand",
                order=30,
                action=Act.VIEW_CAMPAIGNS,
            )
        )
        register_nav(
            NavItem(
                "decisions",
                "Recommendations",
                "bulb",
                "insights:recommendations",
                group="Act",
                order=15,
                action=Act.DRAFT_REQUEST,
            )
        )
