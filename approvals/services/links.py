"""Links in mails: they lead one person to the confirm page of one content, and decide nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import User
from approvals.models import ChangeRequest
from approvals.services.steps import TIME_TO_DECIDE
from core.errors import Invalid

SALT = "approvals.confirm"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom a link is for, and what they were told about."""

    user_id: int
    request_id: int
    content_hash: str


def confirm_url(request: ChangeRequest, user: User) -> str:
    """The whole address of the confirm page for a mail to ``user``; valid as long as a decision is open.

    It carries no right: the person signs in and decides there, with the rights of that moment.
    """
    told = {"u": user.pk, "r": request.pk, "h": request.content_hash}
    token = signing.dumps(told, salt=SALT, compress=True)
    return f"{settings.SITE_URL}{reverse('approvals:confirm', args=[token])}"


def read_invitation(token: str) -> Invitation:
    """What a link says; raises ``Invalid`` when it was changed or is too old."""
    try:
        told = signing.loads(token, salt=SALT, max_age=TIME_TO_DECIDE)
    except signing.BadSignature as error:
        raise Invalid(
            "This link is no longer valid.",
            code="bad_link",
            remedy="Open the request from your approvals inbox.",
        ) from error
    return Invitation(told["u"], told["r"], told["h"])
