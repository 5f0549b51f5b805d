"""Looking at what is hidden of a contact: allowed by field, with a reason, and written down."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from core import events
from core.errors import Invalid, NotAllowed
from customers.models import Contact, PersonalView
from customers.permissions import fields_for


@transaction.atomic
def personal_look(
    *, contact: Contact, user: User, reason: str, at: datetime
) -> list[tuple[str, str]]:
    """The hidden fields the person may see, as (name, value); the access log keeps who and why."""
    allowed = fields_for(user, contact.team)
    if not allowed:
        raise NotAllowed(
            "Your role does not allow you to see what is hidden of a contact.",
            remedy="Ask somebody who holds the right; the table of rights is in the help.",
        )
    if len(reason.strip()) < 5:
        raise Invalid("Say why you look: a few words that an auditor understands.", where="reason")
    PersonalView.objects.create(
        contact=contact,
        label=contact.label,
        viewer=user,
        fields=[field.value for field in allowed],
        reason=reason.strip()[:300],
        at=at,
    )
    events.record(
        actor=user.as_actor(),
        action="contact.looked_at",
        subject=contact,
        at=at,
        after={"fields": [field.value for field in allowed]},
        reason=reason.strip(),
        team_path=contact.team.path,
        is_security=True,
    )
    return [(field.label, str(getattr(contact, field.value)) or "Not known") for field in allowed]
