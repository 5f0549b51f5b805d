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
from automation.services.requests import on_message, on_request
from automation.services.switches import everything_stop, feature_ask, feature_off, release_ask

__all__ = [
    "alert_acknowledge",
    "alert_assign",
    "alert_raise",
    "alert_recover",
    "alert_snooze",
    "everything_stop",
    "feature_ask",
    "feature_off",
    "notification_read",
    "notify",
    "on_finding",
    "on_message",
    "on_request",
    "release_ask",
    "send_mail_item",
    "wake_snoozed",
]
