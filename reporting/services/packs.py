"""Board packs and performance reviews: composed, drawn and frozen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts.models import Team, User
from core import events
from core.events import AUTOMATION
from core.periods import Period
from reporting.models import Report
from reporting.permissions import require_make
from reporting.rules.pack.checks import digest
from reporting.rules.pack.content import PackContent, ReviewContent
from reporting.rules.pack.drawing import draw_pack
from reporting.rules.pack.frozen import freeze
from reporting.rules.pack.review import draw_review
from reporting.selectors.pack import Brief, open_brief, pack_content, review_content

# What a maker says: steps done, all steps, what it does now.
Tell = Callable[[int, int, str], None]
READING = "Reading targets, figures, changes and decisions"
DRAWING = "Drawing the pages and checking every footnote"


def tell_nobody(done: int, total: int, note: str) -> None:
    """For makers that nobody watches."""


def board_pack(
    *,
    team: Team,
    period: Period,
    at: datetime,
    as_of: datetime | None = None,
    user: User | None = None,
    tell: Tell = tell_nobody,
) -> Report:
    """The board pack of a team and everything below it, frozen with every number's provenance.

    Over the same data it is made only once: the same content gives the same hash, and the
    report that is there comes back. ``user`` None is the schedule; ``tell`` hears how far the
    work is. Raises ``TooThin`` when nothing is known about the period, ``NotAllowed`` when the
    person may not have it made.
    """
    tell(0, 3, READING)
    brief = _begin(team, period, at, as_of, user)
    content = pack_content(brief)
    tell(2, 3, DRAWING)
    return _keep(Report.Kind.BOARD_PACK, brief, content, draw_pack(content), at, user)


def performance_review(
    *,
    team: Team,
    period: Period,
    at: datetime,
    as_of: datetime | None = None,
    user: User | None = None,
    tell: Tell = tell_nobody,
) -> Report:
    """The performance review of a team: targets, changes and what came of them, what is open.

    Like ``board_pack`` in everything else.
    """
    tell(0, 3, READING)
    brief = _begin(team, period, at, as_of, user)
    content = review_content(brief)
    tell(2, 3, DRAWING)
    return _keep(Report.Kind.REVIEW, brief, content, draw_review(content), at, user)


def _begin(
    team: Team, period: Period, at: datetime, as_of: datetime | None, user: User | None
) -> Brief:
    if user:
        require_make(user, team)
    return open_brief(team=team, period=period, as_of=as_of, at=at)


@transaction.atomic
def _keep(
    kind: Report.Kind,
    brief: Brief,
    content: PackContent | ReviewContent,
    pdf: bytes,
    at: datetime,
    user: User | None,
) -> Report:
    report, created = Report.objects.get_or_create(
        kind=kind,
        team=brief.team,
        period_key=brief.period.key,
        content_hash=digest(content),
        defaults={
            "first_day": brief.period.start,
            "last_day": brief.period.end,
            "title": f"{kind.label}, {brief.team.name}, {brief.period.label}"[:200],
            "as_of": brief.as_of,
            "made_at": at,
            "made_by": user,
            "classification": brief.organisation.classification,
            "content": freeze(content),
            "pdf": pdf,
        },
    )
    if created:
        events.record(
            actor=user.as_actor() if user else AUTOMATION,
            action="report.made",
            subject=report,
            at=at,
            after={"as_of": brief.as_of, "content_hash": report.content_hash},
            team_path=brief.team.path,
            live=["reports"],
        )
    return report
