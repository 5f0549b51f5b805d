"""Alerts: one open incident per cause, owned by a person until it recovers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.choices import Act, Role
from accounts.models import Membership, Team, User
from accounts.permissions import may, require
from automation.choices import ALERT_MAILS
from automation.models import Alert
from automation.services.notifications import notify
from campaigns.models import Campaign
from core import events, features
from core.errors import Conflict, Invalid
from core.events import AUTOMATION, Actor
from insights.models import Finding
from insights.services.listeners import CHANGED, ENDED, OPENED

State = Alert.State
OPEN_STATES = (State.OPEN, State.ACKNOWLEDGED, State.SNOOZED)


def on_finding(finding: Finding, what: str, at: datetime) -> None:
    """Open an alert with a finding, keep its words current, close it with the finding."""
    if what in (OPENED, CHANGED) and finding.evidence.get("quiet"):
        _recover_all(finding, at)
    elif what == OPENED:
        _open_for(finding, at)
    elif what == CHANGED:
        _open_for(finding, at)
        Alert.objects.filter(cause=finding.cause, state__in=OPEN_STATES).update(
            title=finding.title, reason=finding.reason, severity=_severity(finding)
        )
    elif what == ENDED:
        _recover_all(finding, at)


def _recover_all(finding: Finding, at: datetime) -> None:
    """Good news needs no alert, and neither does what is over."""
    for alert in Alert.objects.filter(cause=finding.cause, state__in=OPEN_STATES):
        alert_recover(alert=alert, actor=AUTOMATION, at=at)


@transaction.atomic
def _open_for(finding: Finding, at: datetime) -> Alert:
    owner = _owner(finding)
    alert, created = Alert.objects.get_or_create(
        cause=finding.cause,
        state__in=OPEN_STATES,
        defaults={
            "state": State.OPEN,
            "finding": finding,
            "team": finding.team,
            "campaign": finding.campaign,
            "owner": owner,
            "severity": _severity(finding),
            "title": finding.title,
            "reason": finding.reason,
            "opened_at": at,
        },
    )
    if created:
        _record(alert, "alert.opened", AUTOMATION, at)
        _tell_owner(alert, "opened", at)
    return alert


def _owner(finding: Finding) -> User:
    """Whose campaign, target or budget line it is, else who leads the team."""
    if finding.campaign:
        return finding.campaign.owner
    named = User.objects.filter(pk=finding.evidence.get("owner"), is_active=True).first()
    return named or team_lead(finding.team)


def _severity(finding: Finding) -> str:
    severity: str = finding.evidence.get("severity", Alert.Severity.WARNING)
    return severity


def team_lead(team: Team) -> User:
    """Who answers for a team: its nearest director, else an executive of the house."""
    for role in (Role.DIRECTOR, Role.EXECUTIVE):
        held = Membership.objects.filter(role=role, user__is_active=True).select_related(
            "user", "team"
        )
        above = [m for m in held if team.path.startswith(m.team.path)]
        if above:
            return max(above, key=lambda m: len(m.team.path)).user
    raise Invalid(f"Nobody answers for {team}: it has no director and the house no executive.")


@transaction.atomic
def alert_raise(
    *, user: User, team: Team, title: str, reason: str, severity: str, at: datetime,
    campaign: Campaign | None = None, owner: User | None = None,
) -> Alert:  # fmt: skip
    """A person raises an alert by hand (a failed payment, a drop in usage)."""
    require(user, Act.VIEW_CAMPAIGNS, team=team)
    if not title.strip():
        raise Invalid("Say in a sentence what is wrong.", where="title")
    alert = Alert.objects.create(
        cause=f"manual:{user.pk}:{at.timestamp():.6f}",
        team=team,
        campaign=campaign,
        owner=owner or (campaign.owner if campaign else team_lead(team)),
        severity=severity,
        title=title.strip(),
        reason=reason,
        opened_at=at,
    )
    _record(alert, "alert.raised", user.as_actor(), at, reason=reason)
    _tell_owner(alert, "opened", at)
    return alert


@transaction.atomic
def alert_open(
    *, cause: str, team: Team, title: str, reason: str, severity: str, at: datetime
) -> Alert:
    """An alert that the product opens for a cause without a finding; its team's lead owns it."""
    alert = Alert.objects.create(
        cause=cause,
        team=team,
        owner=team_lead(team),
        severity=severity,
        title=title,
        reason=reason,
        opened_at=at,
    )
    _record(alert, "alert.opened", AUTOMATION, at)
    _tell_owner(alert, "opened", at)
    return alert


def may_handle(user: User, alert: Alert) -> bool:
    """The owner, and whoever may pause campaigns of that team."""
    return alert.owner_id == user.pk or may(
        user, Act.PAUSE_CAMPAIGN, team=alert.team, owner_id=alert.owner_id
    )


def _handle(alert: Alert, user: User) -> Alert:
    """The alert, locked, if the person may handle it and it is still open."""
    current = Alert.objects.select_for_update().get(pk=alert.pk)
    if not may_handle(user, current):
        require(user, Act.PAUSE_CAMPAIGN, team=current.team, owner_id=current.owner_id)
    if current.state == State.RECOVERED:
        raise Conflict("This alert has recovered in the meantime; there is nothing left to do.")
    return current


@transaction.atomic
def alert_acknowledge(*, alert: Alert, user: User, at: datetime) -> Alert:
    """Say “I have seen it and I am on it”; a second time changes nothing."""
    current = _handle(alert, user)
    if current.state == State.ACKNOWLEDGED:
        return current
    return _change(
        current,
        user,
        "alert.acknowledged",
        at,
        state=State.ACKNOWLEDGED,
        acknowledged_at=at,
        acknowledged_by=user,
        snoozed_until=None,
    )


@transaction.atomic
def alert_assign(*, alert: Alert, user: User, to: User, at: datetime) -> Alert:
    """Hand an alert to somebody who may see it."""
    current = _handle(alert, user)
    if not may(to, Act.VIEW_CAMPAIGNS, team=current.team):
        raise Invalid(f"{to} cannot see {current.team}.", where="owner")
    changed = _change(current, user, "alert.assigned", at, owner=to)
    _tell_owner(changed, f"assigned:{at.timestamp():.0f}", at)
    return changed


@transaction.atomic
def alert_snooze(*, alert: Alert, user: User, until: datetime, reason: str, at: datetime) -> Alert:
    """Be quiet until a moment, at most 30 days away, with a reason that others can read."""
    if not reason.strip():
        raise Invalid("Say why it may wait.", where="reason")
    if not at < until or (until - at).days > 30:
        raise Invalid("Snooze an alert for at most 30 days.", where="until")
    current = _handle(alert, user)
    return _change(
        current,
        user,
        "alert.snoozed",
        at,
        reason=reason,
        state=State.SNOOZED,
        snoozed_until=until,
        snooze_reason=reason,
    )


@transaction.atomic
def alert_recover(*, alert: Alert, actor: Actor, at: datetime, reason: str = "") -> None:
    """Close an alert whose cause is gone, and tell the owner."""
    closed = Alert.objects.filter(pk=alert.pk, state__in=OPEN_STATES).update(
        state=State.RECOVERED, recovered_at=at, snoozed_until=None
    )
    if closed:
        _record(alert, "alert.recovered", actor, at, reason=reason)
        _tell_owner(alert, "recovered", at)


def wake_snoozed(*, now: datetime) -> dict[str, int]:
    """Schedule: alerts whose snooze is over are open again and say so."""
    woken = 0
    for alert in Alert.objects.filter(state=State.SNOOZED, snoozed_until__lte=now):
        with transaction.atomic():
            opened = Alert.objects.filter(pk=alert.pk, state=State.SNOOZED).update(
                state=State.OPEN, snoozed_until=None
            )
            if opened:
                _record(alert, "alert.woken", AUTOMATION, now)
                _tell_owner(alert, f"woken:{now:%Y-%m-%d}", now)
                woken += 1
    return {"woken": woken}


def _change(
    alert: Alert, user: User, action: str, at: datetime, *, reason: str = "", **fields: Any
) -> Alert:
    before = {name: getattr(alert, name) for name in fields}
    for name, value in fields.items():
        setattr(alert, name, value)
    alert.save(update_fields=list(fields))
    _record(alert, action, user.as_actor(), at, reason=reason, before=before, after=fields)
    return alert


def _record(
    alert: Alert,
    action: str,
    actor: Actor,
    at: datetime,
    *,
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    live = [f"campaign:{alert.campaign_id}"] if alert.campaign_id else []
    events.record(
        actor=actor,
        action=action,
        subject=alert,
        at=at,
        before=before,
        after=after,
        reason=reason,
        team_path=alert.team.path,
        live=live,
    )


def _tell_owner(alert: Alert, what: str, at: datetime) -> None:
    by_mail = what != "recovered" or alert.severity == Alert.Severity.CRITICAL
    titles = {"opened": alert.title, "recovered": f"Recovered: {alert.title}"}
    notify(
        user=alert.owner,
        key=f"alert:{alert.pk}:{what}",
        title=titles.get(what, f"Yours now: {alert.title}"),
        body=alert.reason,
        url=reverse("automation:alert", args=[alert.pk]),
        button="Open the alert",
        at=at,
        mail=by_mail and features.is_on(ALERT_MAILS),
    )
