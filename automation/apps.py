from django.apps import AppConfig
from django.http import HttpRequest
from django.urls import reverse


class AutomationConfig(AppConfig):
    name = "automation"

    def ready(self) -> None:
        from accounts.choices import Act
        from accounts.permissions import person
        from approvals.services import register_notifier
        from automation.selectors import open_alert_count, unread
        from automation.services import handover, notifications, on_finding, on_request
        from core import outbox
        from core.shell import Bell, NavItem, register_bell, register_nav
        from insights.services.listeners import register_listener

        def waiting(request: HttpRequest) -> int:
            return open_alert_count(person(request))

        def bell(request: HttpRequest) -> Bell:
            return Bell(unread(person(request)), reverse("automation:notifications"))

        register_listener(on_finding)
        register_notifier(on_request)
        outbox.register_handler(notifications.MAIL, notifications.send_mail_item)
        register_nav(
            NavItem(
                key="alerts",
                label="Alerts",
                icon="bell-exclamation",
                url_name="automation:alerts",
                group="Act",
                order=20,
                action=Act.VIEW_CAMPAIGNS,
                badge=waiting,
            )
        )
        register_bell(bell)
        handover.register()
