"""What is known of the quality of data: reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import scope_for
from core import formats
from core.needs import Waiting
from core.parts import Need
from integrations.choices import IssueState, Severity
from integrations.models import (
    Hold,
    MonitorSetting,
    QualityIssue,
    QualityIssueQuerySet,
    QualityScore,
    Source,
)
from integrations.rules.monitors import SPECS

MOST_NEEDS = 3


@dataclass(frozen=True, slots=True)
class Setting:
    """How a monitor is set for a source; ``is_own`` when not as for everybody."""

    severity: str
    threshold: Decimal
    holds: bool
    is_own: bool = False


def settings_of(source: Source) -> Mapping[str, Setting]:
    """Every monitor with how it is set for this source."""
    own = {item.monitor: item for item in MonitorSetting.objects.filter(source=source)}
    return {
        key: Setting(own[key].severity, own[key].threshold, own[key].holds, is_own=True)
        if key in own
        else Setting(spec.severity, Decimal(str(spec.threshold)), holds=False)
        for key, spec in SPECS.items()
    }


def issues_for(user: User) -> QualityIssueQuerySet:
    """The issues the person may see, with what a list shows of them."""
    return QualityIssue.objects.for_user(user).select_related("source__team", "acted_by")


def open_errors(user: User) -> int:
    """How many errors are open about sources the person may see."""
    return QualityIssue.objects.for_user(user).open().filter(severity=Severity.ERROR).count()


def scored_sources_for(user: User) -> QuerySet[Source]:
    """The sources the person may see, with their newest score and what is open."""
    newest = QualityScore.objects.filter(source=OuterRef("pk")).order_by("-day")
    is_open = Q(issues__state=IssueState.OPEN)
    return (
        Source.objects.for_user(user)
        .select_related("team")
        .annotate(
            score=Subquery(newest.values("score")[:1]),
            scored_on=Subquery(newest.values("day")[:1]),
            errors=Count("issues", filter=is_open & Q(issues__severity=Severity.ERROR)),
            notes=Count("issues", filter=is_open & Q(issues__severity=Severity.WARNING)),
        )
    )


def scores_of(source: Source, since: date) -> list[QualityScore]:
    return list(QualityScore.objects.filter(source=source, day__gte=since).order_by("day"))


def holds_of(source: Source) -> QuerySet[Hold]:
    """What is held back of a source now, newest first."""
    found = Hold.objects.filter(source=source, released_at=None)
    return found.select_related("held_by", "issue")


def waiting_issues(user: Any, now: datetime) -> list[Waiting]:
    """Open errors about sources whose files the person looks after."""
    scope = scope_for(user, Act.UPLOAD_IMPORT)
    errors = QualityIssue.objects.open().filter(
        scope.where("source__team__path"), severity=Severity.ERROR
    )
    return [
        Waiting(
            Need(
                issue.title,
                reverse("integrations:quality-issue", args=[issue.pk]),
                "alert-triangle",
                meta=f"data error, seen {formats.ago(issue.first_seen_at, now)}",
                tone="bad",
            ),
            stake_micros=0,
        )
        for issue in errors.order_by("-last_seen_at")[:MOST_NEEDS]
    ]
