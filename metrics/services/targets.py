"""Setting, changing and retiring targets."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from campaigns.choices import Status
from campaigns.models import Campaign, Channel
from core import events
from core.errors import Conflict, Invalid
from core.events import Actor
from metrics.models import Target
from metrics.rules.registry import metric_for

EDITABLE = ("first_day", "last_day", "value_micros", "tolerance_percent", "owner")


@transaction.atomic
def target_set(
    *,
    metric: str,
    team: Team,
    first_day: date,
    last_day: date,
    value_micros: int,
    owner: User,
    at: datetime,
    user: User | None = None,
    actor: Actor | None = None,
    campaign: Campaign | None = None,
    channel: Channel | None = None,
    currency: str = "",
    tolerance_percent: int = 5,
) -> Target:
    """Set a target for a team, one of its channels, or a campaign.

    ``value_micros`` is in millionths of the metric's unit: 4.2x is 4,200,000, 3.1 % is
    31,000, amounts in micros of ``currency``. Raises ``Conflict`` when the same subject has
    a target of this metric for the same days, ``Invalid`` for what makes no sense.
    """
    if user:
        _require(user, team, campaign)
    target = Target(
        metric=metric_for(metric).key,
        team=team,
        campaign=campaign,
        channel=channel,
        first_day=first_day,
        last_day=last_day,
        value_micros=value_micros,
        currency=currency if metric_for(metric).is_money else "",
        tolerance_percent=tolerance_percent,
        owner=owner,
    )
    _check(target)
    target.save(force_insert=True)
    _record(target, "set", _acting(user, actor), at, after=_content(target))
    return target


@transaction.atomic
def target_edit(
    *, target: Target, user: User, at: datetime, reason: str = "", **changes: Any
) -> Target:
    """Change any of ``EDITABLE``; what a target is about never changes."""
    current = Target.objects.select_for_update(of=("self",)).get(pk=target.pk)
    _require(user, current.team, current.campaign)
    _refuse_retired(current)
    if unknown := sorted(set(changes) - set(EDITABLE)):
        raise Invalid(f"{', '.join(unknown)} of a target cannot be changed.", where=unknown[0])
    before = _content(current)
    for name, value in changes.items():
        setattr(current, name, value)
    after = _content(current)
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return current
    _check(current)
    current.save()
    _record(
        current,
        "changed",
        user.as_actor(),
        at,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        reason=reason,
    )
    return current


@transaction.atomic
def target_retire(*, target: Target, user: User, at: datetime, reason: str) -> Target:
    """Take a target out of force; it and its history stay on record."""
    current = Target.objects.select_for_update(of=("self",)).get(pk=target.pk)
    _require(user, current.team, current.campaign)
    _refuse_retired(current)
    if not reason.strip():
        raise Invalid("Say why it is retired, so that the next person understands.", where="reason")
    current.is_retired = True
    current.save(update_fields=["is_retired"])
    _record(current, "retired", user.as_actor(), at, reason=reason)
    return current


def campaign_needs_target(campaign: Campaign, to: str) -> str | None:
    """What is missing before approval: no campaign is approved without a target."""
    if to != Status.APPROVED:
        return None
    if campaign.targets.filter(is_retired=False).exists():
        return None
    return "It needs at least one target (a metric, a value and a period) before it is approved."


def _require(user: User, team: Team, campaign: Campaign | None) -> None:
    """A campaign's target is its owner's business, a team's that of who leads the team."""
    owner_id = campaign.owner_id if campaign else None
    require(user, Act.DRAFT_REQUEST, team=team, owner_id=owner_id)


def _refuse_retired(target: Target) -> None:
    if target.is_retired:
        raise Conflict("This target was retired.", remedy="Set a new one.")


def _check(target: Target) -> None:
    metric = metric_for(target.metric)
    if target.campaign and target.campaign.team_id != target.team_id:
        raise Invalid("The campaign belongs to another team.", where="campaign")
    if target.campaign and target.channel:
        raise Invalid(
            "A target is for a campaign or for a channel of the team, not both.", where="channel"
        )
    if metric.is_money and not target.currency:
        raise Invalid(f"{metric.label} is an amount and needs its currency.", where="currency")
    if target.value_micros <= 0:
        raise Invalid("A target is more than zero.", where="value")
    if not 0 <= target.tolerance_percent <= 100:
        raise Invalid("A tolerance goes from 0 to 100 %.", where="tolerance_percent")
    if target.last_day < target.first_day:
        raise Invalid("The last day lies before the first.", where="last_day")
    _refuse_twice(target)
    try:
        target.full_clean(validate_constraints=False)
    except ValidationError as error:
        field, said = next(iter(error.message_dict.items()))
        raise Invalid(said[0], where=field) from error


def _refuse_twice(target: Target) -> None:
    same = Target.objects.filter(
        metric=target.metric,
        team=target.team,
        campaign=target.campaign,
        channel=target.channel,
        first_day=target.first_day,
        last_day=target.last_day,
        is_retired=False,
    )
    if same.exclude(pk=target.pk).exists():
        raise Conflict(
            "There is a target of this metric for the same days already.",
            code="target_exists",
            remedy="Change that one.",
        )


def _content(target: Target) -> dict[str, Any]:
    return {
        "metric": target.metric,
        "team": target.team.name,
        "campaign": target.campaign.name if target.campaign else "",
        "channel": target.channel.name if target.channel else "",
        "first_day": target.first_day,
        "last_day": target.last_day,
        "value_micros": target.value_micros,
        "currency": target.currency,
        "tolerance_percent": target.tolerance_percent,
        "owner": target.owner.name,
    }


def _acting(user: User | None, actor: Actor | None) -> Actor:
    return user.as_actor() if user else actor or events.SYSTEM


def _record(
    target: Target,
    verb: str,
    actor: Actor,
    at: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    events.record(
        actor=actor,
        action=f"target.{verb}",
        subject=target,
        at=at,
        before=before,
        after=after,
        reason=reason,
        team_path=target.team.path,
        live=[f"campaign:{target.campaign_id}"] if target.campaign_id else [],
    )
