"""Returns that tests measured: what curves begin from where there is one."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from campaigns.models import Channel
from core import events
from core.errors import Invalid
from insights.models import MeasuredReturn
from insights.rules.response import RESULTS

# An 80 % range reaches this many standard errors to each side.
ENDS = 1.2816


def returns_above(team: Team) -> QuerySet[MeasuredReturn]:
    """What counts for a team: its own measured returns and those of the teams above it."""
    paths = team.path.strip("/").split("/")
    above = ["/".join(paths[: n + 1]) + "/" for n in range(len(paths))]
    rows = MeasuredReturn.objects.filter(team__path__in=above, ended_at=None)
    return rows.select_related("channel", "team").order_by("team__path", "pk")


@transaction.atomic
def return_enter(
    *,
    user: User,
    team: Team,
    channel: Channel,
    metric: str,
    low: float,
    high: float,
    source: str,
    measured_on: date,
    at: datetime,
) -> MeasuredReturn:
    """Enter the 80 % range of a measured return; it takes the place of an earlier one.

    Raises ``Invalid`` for a range that is empty or below zero, and without a source.
    """
    require(user, Act.RUN_MODELS, team=team, owner_id=user.pk)
    _check(metric, low, high, source)
    before = MeasuredReturn.objects.filter(team=team, channel=channel, metric=metric, ended_at=None)
    before.update(ended_at=at)
    made = MeasuredReturn.objects.create(
        team=team,
        channel=channel,
        metric=metric,
        value=(low + high) / 2,
        standard_error=(high - low) / 2 / ENDS,
        measured_on=measured_on,
        source=source.strip(),
        entered_at=at,
        entered_by=user,
    )
    events.record(
        actor=user.as_actor(),
        action="measured_return.entered",
        subject=made,
        at=at,
        after={"channel": channel.key, "metric": metric, "low": low, "high": high},
        reason=made.source,
        team_path=team.path,
    )
    return made


def _check(metric: str, low: float, high: float, source: str) -> None:
    if metric not in RESULTS:
        raise Invalid(f"Curves are not fitted for “{metric}”.", where="metric")
    if not 0 <= low < high:
        raise Invalid(
            "The range must begin at zero or above and end higher.",
            where="high",
            remedy="Enter both ends of the 80 % range that the test gave.",
        )
    if not source.strip():
        raise Invalid("Say which test it comes from.", where="source")
