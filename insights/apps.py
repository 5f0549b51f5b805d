from datetime import datetime
from typing import Any

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "insights"

    def ready(self) -> None:
        from accounts.choices import Act
        from approvals.services import register_listener
        from core import outbox
        from core.models import OutboxItem
        from core.shell import NavItem, register_nav
        from insights.services import daily_check, note_request

        def check(item: OutboxItem, now: datetime) -> dict[str, Any]:  # noqa: ARG001
            return dict(daily_check(now=now))

        register_listener(note_request)
        outbox.register_handler("insights.check", check)
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
