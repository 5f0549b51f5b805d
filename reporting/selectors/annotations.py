"""Which remarks stand on which charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q, QuerySet

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import may
from campaigns.models import Campaign
from core import formats
from core.charts import Chart, Marker
from reporting.models import Annotation


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark as a list below the charts shows it; ``letter`` ties it to its mark."""

    annotation: Annotation
    letter: str
    may_edit: bool

    @property
    def days(self) -> str:
        return days_of(self.annotation)


def days_of(remark: Annotation) -> str:
    """One day, or the range."""
    if remark.first_day == remark.last_day:
        return formats.day(remark.first_day)
    return formats.span(remark.first_day, remark.last_day)


def annotations_for(user: User) -> QuerySet[Annotation]:
    """Remarks in sight that were not deleted; about a campaign only with the campaign."""
    seen = Campaign.objects.for_user(user).values("pk")
    kept = Annotation.objects.for_user(user).kept().select_related("team", "by")
    return kept.filter(Q(campaign_id=None) | Q(campaign_id__in=seen))


def deleted_annotations_for(user: User) -> QuerySet[Annotation]:
    """Remarks that can be brought back."""
    return Annotation.objects.for_user(user).exclude(deleted_at=None).select_related("team", "by")


def remarks_on(user: User, campaign: Campaign, first: date, last: date) -> list[Remark]:
    """Remarks on a campaign's charts between two days: its own, and those of its team or above."""
    parts = campaign.team.path.strip("/").split("/")
    above = ["/".join(parts[: count + 1]) + "/" for count in range(len(parts))]
    about = Q(campaign_id=campaign.pk) | Q(campaign_id=None, team__path__in=above)
    rows = (
        Annotation.objects.kept()
        .filter(about, first_day__lte=last, last_day__gte=first)
        .select_related("team", "by")
    )
    return [
        Remark(row, letter(number), _may_edit(user, row))
        for number, row in enumerate(rows.order_by("first_day", "pk"))
    ]


def letter(number: int) -> str:
    """A, B, ... Z, AA, AB ..."""
    high, low = divmod(number, 26)
    return (letter(high - 1) if high else "") + chr(ord("A") + low)


def _may_edit(user: User, remark: Annotation) -> bool:
    return remark.by_id == user.pk or may(
        user, Act.DRAFT_REQUEST, team=remark.team, owner_id=remark.by_id
    )


def remark_markers(remarks: Sequence[Remark], days: Sequence[date]) -> list[Marker]:
    """A lettered mark at the first shown day of each remark, with its days in words."""
    markers = []
    for remark in remarks:
        first = remark.annotation.first_day
        before = [day for day in days if day <= first]
        at = max(before) if before else (days[0] if days else None)
        if at is not None:
            label = f"{remark.annotation.text} ({remark.days})"
            markers.append(Marker(at, 0, label, letter=remark.letter))
    return markers


def remarked(chart: Chart | None, remarks: Sequence[Remark]) -> Chart | None:
    """The chart with the remarks on it."""
    if chart is None or not remarks:
        return chart
    days = [day for day in chart.x if isinstance(day, date)]
    marks = [*chart.markers, *remark_markers(remarks, days)]
    return replace(chart, markers=marks, sub=f"{chart.sub} · letters are remarks")
