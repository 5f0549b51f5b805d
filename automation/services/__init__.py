"""Alerts and messages: what people must see, and how it reaches them."""

from automation.services.alerts import (
    alert_acknowledge,
    alert_assign,
    alert_raise,
    alert_recover,
    alert_snooze,
    on_finding,
    wake_snoozed,
)
from automation.services.notifications import notification_read, notify, send_mail_item
from automation.services.requests import on_request

__all__ = [
    "alert_acknowledge",
    "alert_assign",
    "alert_raise",
    "alert_recover",
    "alert_snooze",
    "notification_read",
    "notify",
    "on_finding",
    "on_request",
    "send_mail_item",
    "wake_snoozed",
]
