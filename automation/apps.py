from django.apps import AppConfig
from django.http import HttpRequest
from django.urls import reverse


class AutomationConfig(AppConfig):
    name = "automation"

    def ready(self) -> None:
        from accounts.permissions import person
        from approvals.services import register_action, register_messenger, register_notifier
        from automation.approval_actions import Release, SwitchOn
        from automation.choices import ALERT_MAILS
        from automation.selectors import unread
        from automation.services import handover, notifications, on_finding, on_message, on_request
        from automation.services.incidents import on_incident
        from automation.services.requests import no_longer_fits
        from core import features, killswitch, outbox
        from core.shell import Bell, register_bell, register_notice
        from customers import services as incidents
        from insights.services.listeners import register_listener

        def bell(request: HttpRequest) -> Bell:
            return Bell(unread(person(request)), reverse("automation:notifications"))

        register_listener(on_finding)
        incidents.register_listener(on_incident)
        register_notifier(on_request)
        register_messenger(on_message)
        notifications.register_check("request", no_longer_fits)
        outbox.register_handler(notifications.MAIL, notifications.send_mail_item)
        _rail()
        register_bell(bell)
        register_notice(killswitch.notice)
        register_action(Release())
        register_action(SwitchOn())
        features.register(
            features.Feature(
                ALERT_MAILS,
                "Alerts by mail",
                "Sends an alert to its owner by mail as well as to the inbox.",
                level=1,
            )
        )
        handover.register()


def _rail() -> None:
    from accounts.choices import Act
    from accounts.permissions import person
    from automation.selectors import open_alert_count
    from core.shell import NavItem, register_nav

    def waiting(request: HttpRequest) -> int:
        return open_alert_count(person(request))

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
    register_nav(
        NavItem(
            key="automation",
            label="Automation",
            icon="bolt",
            url_name="automation:switches",
            group="Act",
            order=30,
            action=Act.VIEW_CAMPAIGNS,
        )
    )
