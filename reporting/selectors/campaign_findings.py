"""What insights noticed about a campaign, as its page shows it: the gravest first, at most a few open."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from accounts.models import User
from accounts.permissions import sees_money
from campaigns.models import Campaign
from core.known import known_at
from insights.models import Finding
from insights.selectors import findings_for
from metrics.selectors import METRICS

TONES = {"critical": "bad", "warning": "warn", "info": "accent"}
ORDER = list(TONES)


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """``url`` leads to its alert; "" of a finding that asks nobody."""

    title: str
    kind: str
    reason: str
    tone: str
    icon: str
    url: str


def shown_findings(user: User, campaign: Campaign) -> list[ShownFinding]:
    """Open findings about a campaign; those about amounts only for people who see amounts."""
    rows = list(findings_for(user).open(known_at()).filter(campaign=campaign))
    if not sees_money(user):
        rows = [row for row in rows if row.metric not in METRICS or not _is_money(row)]
    rows.sort(key=lambda row: (ORDER.index(_severity(row)), -(row.stake_micros or 0)))
    return [_shown(row) for row in rows]


def _is_money(finding: Finding) -> bool:
    metric = METRICS[finding.metric]
    return metric.needs_currency or metric.is_money


def _severity(finding: Finding) -> str:
    return str(finding.evidence.get("severity", "warning"))


def _shown(finding: Finding) -> ShownFinding:
    quiet = bool(finding.evidence.get("quiet"))
    tone = "good" if quiet else TONES[_severity(finding)]
    return ShownFinding(
        title=finding.title,
        kind="Ahead of pace" if quiet else finding.get_kind_display(),
        reason=finding.reason,
        tone=tone,
        icon="trending-up" if quiet else "alert-triangle",
        url="" if quiet else reverse("automation:for-finding", args=[finding.pk]),
    )
