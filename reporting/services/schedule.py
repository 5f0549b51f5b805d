"""What runs every month: reviews of every team and the board pack of the whole, and after a quarter its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import Team
from core.errors import TooThin
from core.models import Organisation
from core.periods import Period
from reporting.models import Report, Subscription
from reporting.services.packs import board_pack, performance_review
from reporting.services.sending import report_send

Maker = Callable[..., Report]


def monthly_board_pack(*, now: datetime) -> dict[str, Any]:
    """Schedule: the pack of every root team, and of teams whose pack somebody gets."""
    wanted = Subscription.objects.filter(kind=Report.Kind.BOARD_PACK).values("team")
    teams = Team.objects.filter(Q(parent=None) | Q(pk__in=wanted), is_archived=False)
    return _make_all(board_pack, Report.Kind.BOARD_PACK, teams.order_by("path"), now)


def monthly_reviews(*, now: datetime) -> dict[str, Any]:
    """Schedule: the review of every team with campaigns, and of teams somebody follows."""
    wanted = Subscription.objects.filter(kind=Report.Kind.REVIEW).values("team")
    teams = Team.objects.filter(Q(campaigns__isnull=False) | Q(pk__in=wanted), is_archived=False)
    return _make_all(performance_review, Report.Kind.REVIEW, teams.distinct().order_by("path"), now)


def _make_all(make: Maker, kind: str, teams: Iterable[Team], now: datetime) -> dict[str, Any]:
    """Make and send what the schedule has not made yet; thin data is said, not raised."""
    periods = periods_over(now)
    result: dict[str, Any] = {
        "periods": [period.key for period in periods], "made": [], "known": 0, "mails": 0, "thin": [],
    }  # fmt: skip
    for team in teams:
        for period in periods:
            report = _report(make, kind, team, period, now, result)
            if report:
                # Again for one that is there: the run that made it may have died before the mails.
                result["mails"] += report_send(report=report, at=now)
    return result


def _report(
    make: Maker, kind: str, team: Team, period: Period, now: datetime, result: dict[str, Any]
) -> Report | None:
    """The report that the schedule made before, or a new one; None when too little is known."""
    made = Report.objects.filter(kind=kind, team=team, period_key=period.key, made_by=None)
    if known := made.order_by("made_at").first():
        result["known"] += 1
        return known
    try:
        report = make(team=team, period=period, at=now)
    except TooThin as error:
        result["thin"].append(error.message)
        return None
    result["made"].append(report.title)
    return report


def periods_over(now: datetime) -> list[Period]:
    """The fiscal month that is over, and the quarter when it ended with that month."""
    organisation = Organisation.current()
    calendar = organisation.calendar
    today = now.astimezone(ZoneInfo(organisation.time_zone)).date()
    month = calendar.month_of(calendar.month_of(today).start - timedelta(days=1))
    quarter = calendar.quarter_of(month.end)
    return [month, quarter] if quarter.end == month.end else [month]
