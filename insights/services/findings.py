"""Findings as they are kept: opened once per cause, kept current, ended when they no longer hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import Team
from campaigns.models import Campaign, CampaignLine
from core import events
from core.events import AUTOMATION
from insights.models import Finding
from insights.services.listeners import CHANGED, ENDED, OPENED, tell


@dataclass(frozen=True, slots=True)
class Found:
    """What a check noticed, before it is known whether it is new.

    ``cause`` names the subject and the check, not the day, so that it stays one finding
    as long as it holds. ``evidence`` holds values as decimal text, see ``Evidence`` keys:
    ``unit``, ``currency``, ``method``, ``formula``, ``periods`` (label, value), ``target``,
    ``facts`` (label, text), ``n``, ``interval``, ``severity``, ``as_of``, ``batches``.
    """

    kind: str
    cause: str
    team: Team
    title: str
    reason: str
    window: tuple[date, date]
    evidence: Mapping[str, Any]
    campaign: Campaign | None = None
    line: CampaignLine | None = None
    metric: str = ""
    stake_micros: int | None = None
    currency: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Synced:
    """How many findings a run opened, kept and ended."""

    opened: int = 0
    kept: int = 0
    ended: int = 0


def findings_sync(*, kinds: Iterable[str], found: Iterable[Found], at: datetime) -> Synced:
    """Make the open findings of ``kinds`` equal to what was found now."""
    result = Synced()
    causes = set()
    for item in found:
        causes.add(item.cause)
        if _keep(item, at):
            result.opened += 1
        else:
            result.kept += 1
    for stale in Finding.objects.open().filter(kind__in=list(kinds)).exclude(cause__in=causes):
        result.ended += _end(stale, at)
    return result


@transaction.atomic
def _keep(item: Found, at: datetime) -> bool:
    """Open a finding or bring the open one up to date; returns whether it is new."""
    fields = {
        "kind": item.kind,
        "team": item.team,
        "campaign": item.campaign,
        "line": item.line,
        "metric": item.metric,
        "title": item.title[:300],
        "reason": item.reason,
        "window_start": item.window[0],
        "window_end": item.window[1],
        "evidence": events.plain(item.evidence),
        "stake_micros": item.stake_micros,
        "currency": item.currency,
        "seen_at": at,
    }
    finding, created = Finding.objects.get_or_create(
        cause=item.cause, ended_at=None, defaults={**fields, "found_at": at}
    )
    if created:
        _record(finding, "finding.opened", at)
        tell(finding, OPENED, at)
        return True
    changed = finding.title != fields["title"] or finding.reason != fields["reason"]
    for name, value in fields.items():
        setattr(finding, name, value)
    finding.save()
    if changed:
        _record(finding, "finding.changed", at)
        tell(finding, CHANGED, at)
    return False


@transaction.atomic
def _end(finding: Finding, at: datetime) -> bool:
    ended = Finding.objects.filter(pk=finding.pk, ended_at=None).update(ended_at=at)
    if ended:
        _record(finding, "finding.ended", at)
        tell(finding, ENDED, at)
    return bool(ended)


def _record(finding: Finding, action: str, at: datetime) -> None:
    events.record(
        actor=AUTOMATION,
        action=action,
        subject=finding,
        at=at,
        after={"title": finding.title, "window_end": finding.window_end},
        reason=finding.reason,
        team_path=finding.team.path,
        live=[f"campaign:{finding.campaign_id}"] if finding.campaign_id else [],
    )
