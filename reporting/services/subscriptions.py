"""Who gets which report about which team by mail."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import may, require
from core import events
from core.errors import Invalid
from reporting.models import Subscription


@transaction.atomic
def subscription_set(
    *,
    user: User,
    recipient: User,
    kind: str,
    team: Team,
    at: datetime,
    cadence: str = Subscription.Cadence.EVERY,
    condition: str = Subscription.Condition.ALWAYS,
    delivery: str = Subscription.Delivery.PDF,
) -> Subscription:
    """Have reports of a kind about a team sent to somebody; again changes which and how.

    Raises ``NotAllowed`` when ``user`` may not arrange it, ``Invalid`` when the recipient
    may not see the team's amounts.
    """
    require(user, Act.SCHEDULE_REPORT, team=team, owner_id=recipient.pk)
    if not (recipient.is_active and may(recipient, Act.VIEW_MONEY, team=team)):
        raise Invalid(
            f"{recipient.name} may not see the amounts of {team.name}, so no report of it is sent to them.",
            where="recipient",
            remedy="Choose a team within their scope.",
        )
    filters = {"cadence": cadence, "condition": condition, "delivery": delivery}
    subscription, created = Subscription.objects.get_or_create(
        user=recipient,
        kind=kind,
        team=team,
        defaults={"created_by": user, "created_at": at, **filters},
    )
    if created:
        _record(subscription, user, "subscription.made", at)
    elif any(getattr(subscription, name) != value for name, value in filters.items()):
        for name, value in filters.items():
            setattr(subscription, name, value)
        subscription.save(update_fields=[*filters])
        _record(subscription, user, "subscription.changed", at)
    return subscription


@transaction.atomic
def subscription_remove(*, user: User, subscription: Subscription, at: datetime) -> None:
    """Stop sending; raises ``NotAllowed`` unless it is the person's own or in their scope."""
    if subscription.user_id != user.pk:
        require(user, Act.SCHEDULE_REPORT, team=subscription.team, owner_id=subscription.user_id)
    _record(subscription, user, "subscription.ended", at)
    subscription.delete()


def _record(subscription: Subscription, user: User, action: str, at: datetime) -> None:
    events.record(
        actor=user.as_actor(),
        action=action,
        subject=subscription,
        at=at,
        after={
            "kind": subscription.kind,
            "recipient": subscription.user.name,
            "team": subscription.team.name,
            "cadence": subscription.cadence,
            "condition": subscription.condition,
            "delivery": subscription.delivery,
        },
        team_path=subscription.team.path,
    )
