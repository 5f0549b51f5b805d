"""The e-mail with which somebody comes in: a link to set their password, made when it is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from core import outbox
from core.models import Organisation, OutboxItem

KIND = "accounts.invitation"


def invitation_send(user: User, *, by: User | None, at: datetime) -> None:
    """Ask for the invitation to be mailed, in the current transaction."""
    key = f"invitation:{user.pk}:{at:%Y-%m-%dT%H:%M:%S.%f}"
    payload = {"user": user.pk, "by": by.name if by else ""}
    outbox.enqueue(KIND, key, payload, at=at)


def handle(item: OutboxItem, now: datetime) -> dict[str, Any]:  # noqa: ARG001
    """Outbox handler: the link is written into the mail and nowhere else."""
    user = User.objects.get(pk=item.payload["user"])
    if user.has_usable_password() or not user.is_active:
        return {"sent": False}
    organisation = Organisation.current().name
    context = {
        "person": user,
        "by": item.payload["by"],
        "organisation": organisation,
        "link": password_link(user),
        "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
    }
    message = EmailMultiAlternatives(
        subject=f"Your invitation to Adroit at {' '.join(organisation.split())}",
        body=render_to_string("accounts/mail/invitation.txt", context),
        to=[user.email],
        headers={"Message-ID": f"<invitation-{item.pk}@adroit>"},
    )
    message.attach_alternative(
        render_to_string("accounts/mail/invitation.html", context), "text/html"
    )
    message.send()
    return {"sent": True}


def mail_folder() -> str:
    """Where mails are written instead of being sent; "" where they are sent."""
    is_written = settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")
    return str(settings.EMAIL_CONFIG["EMAIL_FILE_PATH"]) if is_written else ""


def password_link(user: User) -> str:
    """Where a person sets a password; works once, for ``PASSWORD_RESET_TIMEOUT`` seconds."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return str(urljoin(settings.SITE_URL, reverse("account_reset_password_from_key", kwargs=key)))
