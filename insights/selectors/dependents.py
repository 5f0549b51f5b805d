"""Findings and requests that stand on batches of facts, for whoever is about to undo them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from approvals.models import ChangeRequest
from insights.models import Finding, Recommendation
from metrics.models import Batch, BatchLine
from metrics.selectors import Dependent

MOST = 20


def concluded_from(user: User, batches: Sequence[Batch]) -> Iterator[Dependent]:
    """Findings about the batches' campaigns and days, and the requests that quote them."""
    findings = list(_findings(user, batches)[:MOST])
    for finding in findings:
        yield Dependent(
            "A finding",
            finding.title,
            reverse("automation:for-finding", args=[finding.pk]),
            "It is looked at again; when it no longer holds, it ends.",
        )
    quoted = Recommendation.objects.filter(
        finding__in=findings, request_id__isnull=False
    ).values_list("request_id", flat=True)
    for request in ChangeRequest.objects.for_user(user).filter(pk__in=list(quoted))[:MOST]:
        yield Dependent(
            "A request that quotes such a finding",
            f"{request.number}: {request.title}",
            reverse("approvals:request", args=[request.pk]),
            "It keeps the figures it was made with.",
        )


def _findings(user: User, batches: Sequence[Batch]) -> QuerySet[Finding]:
    days = [day for batch in batches for day in (batch.first_day, batch.last_day) if day]
    since = min(batch.known_at for batch in batches)
    campaigns = BatchLine.objects.filter(batch__in=batches).values("line__campaign")
    return Finding.objects.for_user(user).filter(
        campaign__in=campaigns,
        window_start__lte=max(days, default=since.date()),
        window_end__gte=min(days, default=since.date()),
        seen_at__gte=since,
    )
