"""A source as the monitors see it, read from the facts, the imports and the campaigns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Min, Sum

from campaigns.choices import Status
from campaigns.models import CampaignLine, Creative, Transition
from campaigns.services import IMPORTED
from core.models import Organisation
from integrations.choices import RunState
from integrations.models import ImportRun, Source
from integrations.rules.monitors import COLUMNS, Link, NewLine, Observed, Statement, frame_of
from integrations.rules.naming import USUAL_UTM
from integrations.selectors.naming import pattern_of, rule_of
from metrics.models import Batch, BatchLine, LineDay

# The usual amount of a weekday is that of eight weeks.
COMPARED = timedelta(days=63)
ARRIVALS = timedelta(days=60)
# A campaign that came longer ago than this is no surprise any more.
NEW = timedelta(days=28)
MOST_LINKS = 200
STANDING = (RunState.IMPORTED, RunState.UNCHANGED)


def observed_of(
    source: Source, *, at: datetime, since: date, links: Sequence[Link] = ()
) -> Observed:
    """What the monitors judge from ``since`` on, with what they compare it with."""
    zone = ZoneInfo(Organisation.current().time_zone)
    today = at.astimezone(zone).date()
    days = frame_of(_days(since, source=source.pk))
    lines = _lines(source, since)
    rule = rule_of(source.team)
    return Observed(
        name=source.name,
        currency=source.currency,
        today=today,
        since=since,
        days=days,
        others=frame_of(_others(source, since)),
        lines={line.pk: line.name for line in lines},
        line_currencies={line.pk: line.currency for line in lines},
        arrivals=_arrivals(source, at, zone),
        every_days=source.expected_every_days,
        is_expected=source.is_active and any(line.campaign.status == Status.LIVE for line in lines),
        statements=list(_statements(source, since, zone)),
        new_lines=list(_new_lines(source, at)),
        pattern=pattern_of(rule) if rule else None,
        links=links,
        utm=(rule.utm if rule else None) or USUAL_UTM,
    )


def _days(since: date, **where: Any) -> Any:
    rows = LineDay.objects.filter(day__gte=since - COMPARED, period_days=1, **where)
    return rows.values_list(*COLUMNS)


def _others(source: Source, since: date) -> Any:
    """Days of the team's other sources, to see what came in twice."""
    near = Source.objects.filter(team=source.team).exclude(pk=source.pk)
    return _days(since + COMPARED, source__in=list(near.values_list("pk", flat=True)))


def _lines(source: Source, since: date) -> list[CampaignLine]:
    used = LineDay.objects.filter(source=source.pk, day__gte=since - COMPARED)
    return list(
        CampaignLine.objects.filter(pk__in=used.values("line").distinct()).select_related(
            "campaign"
        )
    )


def _arrivals(source: Source, at: datetime, zone: ZoneInfo) -> list[date]:
    """Days on which something was delivered, whether or not it was new."""
    batches = Batch.objects.filter(
        source=source.pk, kind=Batch.Kind.LOAD, known_at__range=(at - ARRIVALS, at)
    )
    runs = ImportRun.objects.filter(
        source=source, state__in=STANDING, imported_at__range=(at - ARRIVALS, at)
    )
    moments = [
        *batches.values_list("known_at", flat=True),
        *runs.values_list("imported_at", flat=True),
    ]
    return sorted({moment.astimezone(zone).date() for moment in moments if moment})


def _statements(source: Source, since: date, zone: ZoneInfo) -> Iterator[Statement]:
    runs = ImportRun.objects.filter(
        source=source, state__in=STANDING, imported_at__date__gte=since - COMPARED
    ).order_by("imported_at", "pk")
    for name, imported_at, totals, result in runs.values_list(
        "file_name", "imported_at", "totals", "check_result__time_zone"
    ):
        if imported_at is None:
            continue
        codes = tuple(code for code in totals if code)
        yield Statement(name, imported_at.astimezone(zone).date(), codes, result or "")


def _new_lines(source: Source, at: datetime) -> Iterator[NewLine]:
    """Campaigns that an import made after the source's first one, and that nobody edited since."""
    firsts = (
        BatchLine.objects.filter(batch__source=source.pk)
        .values("line")
        .annotate(first=Min("batch"))
    )
    batches = {row["line"]: row["first"] for row in firsts}
    beginning = min(batches.values(), default=0)
    later = [line for line, batch in batches.items() if batch != beginning]
    made = Transition.objects.filter(reason=IMPORTED, at__gte=at - NEW).values("campaign")
    lines = CampaignLine.objects.filter(pk__in=later, campaign__in=made, campaign__version=1)
    sums = LineDay.objects.filter(source=source.pk, line__in=lines).values("line")
    known = {row["line"]: row for row in sums.annotate(first=Min("day"), spent=Sum("spend"))}
    for line in lines.order_by("pk"):
        if row := known.get(line.pk):
            yield NewLine(line.pk, line.name, row["first"], row["spent"])


def links_of(source: Source, since: date) -> list[Link]:
    """Where the running ads of the source's campaigns lead to."""
    campaigns = {line.campaign_id for line in _lines(source, since)}
    ads = Creative.objects.filter(campaign__in=campaigns, state=Creative.State.RUNNING)
    rows = ads.exclude(link="").order_by("pk").values_list("name", "link")[:MOST_LINKS]
    return [Link(name, url) for name, url in rows]
