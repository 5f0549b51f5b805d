"""Messages to one person: in the product at once, by e-mail through the outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from accounts.models import User
from automation.models import Notification
from core import outbox
from core.models import OutboxItem

MAIL = "automation.mail"

# Whether news still hold when the mail leaves: why not, or "".
Check = Callable[[Notification, datetime], str]
_checks: dict[str, Check] = {}


def register_check(kind: str, check: Check) -> None:
    """Ask ``check`` before a message whose key begins with ``kind:`` goes out by mail."""
    _checks[kind] = check


def _outdated(notification: Notification, now: datetime) -> str:
    check = _checks.get(notification.key.partition(":")[0])
    return check(notification, now) if check else ""


def notify(
    *,
    user: User,
    key: str,
    title: str,
    at: datetime,
    body: str = "",
    url: str = "",
    mail: bool = True,
    button: str = "Open in Adroit",
    facts: Mapping[str, str] | None = None,
) -> Notification:
    """Tell a person something once per ``key``, inside the transaction of what happened.

    ``url`` is a path or a whole address; ``facts`` are a few label-value pairs printed in the mail.
    """
    notification, created = Notification.objects.get_or_create(
        user=user,
        key=key,
        defaults={"title": title[:300], "body": body, "url": url, "created_at": at},
    )
    if created and mail and user.is_active:
        payload = {"notification": notification.pk, "button": button, "facts": dict(facts or {})}
        outbox.enqueue(MAIL, f"mail:{notification.pk}", payload, at=at)
    return notification


def send_mail_item(item: OutboxItem, now: datetime) -> dict[str, Any]:
    """Outbox handler: send one notification by mail; a second run after a crash sends nothing."""
    notification = Notification.objects.select_related("user").get(pk=item.payload["notification"])
    if notification.mailed_at or not notification.user.is_active:
        return {"sent": False}
    if why := _outdated(notification, now):
        return {"sent": False, "skipped": why}
    context = {
        "notification": notification,
        "link": urljoin(settings.SITE_URL, notification.url) if notification.url else "",
        "button": item.payload["button"],
        "facts": item.payload["facts"],
    }
    message = EmailMultiAlternatives(
        # A line break in a title must not become a header of its own.
        subject=" ".join(notification.title.split()),
        body=render_to_string("automation/mail/notification.txt", context),
        to=[notification.user.email],
        headers={"Message-ID": f"<notification-{notification.pk}@adroit>"},
    )
    message.attach_alternative(
        render_to_string("automation/mail/notification.html", context), "text/html"
    )
    message.send()
    Notification.objects.filter(pk=notification.pk).update(mailed_at=now)
    return {"sent": True}


def notification_read(*, user: User, at: datetime, pk: int | None = None) -> int:
    """Mark one message, or all of them, as read; returns how many were unread."""
    unread = Notification.objects.filter(user=user, read_at=None)
    return (unread.filter(pk=pk) if pk else unread).update(read_at=at)
