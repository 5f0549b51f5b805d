"""Reading stored reports and who gets them."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import levels
from core.models import OutboxItem
from core.search import Hit
from reporting.models import Report, ReportQuerySet, Subscription


def reports_for(user: User) -> ReportQuerySet:
    """Reports a person may open, newest first, without the PDF and the content."""
    rows = Report.objects.for_user(user).select_related("team", "made_by", "signed_by")
    return rows.defer("pdf", "content")


def subscriptions_for(user: User) -> QuerySet[Subscription]:
    """The person's own, and those of the teams for which they may arrange them for others."""
    wide = Q(user=user)
    for level, team in levels(user, Act.SCHEDULE_REPORT):
        if level == "A":
            return Subscription.objects.select_related("user", "team", "created_by")
        if level == "S":
            wide |= Q(team__path__startswith=team.path)
    return Subscription.objects.filter(wide).select_related("user", "team", "created_by")


def being_made(user: User) -> QuerySet[OutboxItem]:
    """The reports this person asked for, whatever became of them."""
    return OutboxItem.objects.filter(kind="reporting.make", payload__user=user.pk)


def find_reports(user: User, text: str, limit: int) -> list[Hit]:
    """Reports for the global search, by title."""
    return [
        Hit(
            "Reports",
            report.title,
            report.get_state_display().lower(),
            reverse("reporting:report", args=[report.pk]),
            "report",
        )
        for report in reports_for(user).filter(title__icontains=text)[:limit]
    ]
