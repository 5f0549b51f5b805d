"""The optimisation log: what was changed, what it was before, and what was expected of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from campaigns.models import Campaign, CampaignLine, Optimisation
from campaigns.services.plans import acting, clean
from core import events
from core.errors import Conflict
from core.events import Actor

_metrics: list[tuple[str, str]] = []
_amounts: set[str] = set()


def register_metrics(choices: Sequence[tuple[str, str]], amounts: Iterable[str] = ()) -> None:
    """Say which metrics a change may be expected to move: (key, label); ``amounts`` are money."""
    _metrics[:] = choices
    _amounts.clear()
    _amounts.update(amounts)


def expectable_metrics() -> list[tuple[str, str]]:
    """What was registered."""
    return list(_metrics)


def expected_currency(entry: Optimisation) -> str | None:
    """The currency of what was expected; None where the metric is no amount or lines differ."""
    if entry.expected_metric not in _amounts:
        return None
    if entry.line:
        return entry.line.currency
    currencies = {line.currency for line in entry.campaign.lines.all()}
    return currencies.pop() if len(currencies) == 1 else None


@transaction.atomic
def optimisation_log(
    *,
    campaign: Campaign,
    kind: str,
    what: str,
    made_on: date,
    at: datetime,
    user: User | None = None,
    actor: Actor | None = None,
    line: CampaignLine | None = None,
    old_value: str = "",
    new_value: str = "",
    hypothesis: str = "",
    expected_metric: str = "",
    expected: tuple[int | None, int | None, int | None] = (None, None, None),
    request_id: int | None = None,
) -> Optimisation:
    """Log a change once; with ``request_id`` a repeated call for the line returns the first entry.

    ``expected`` is low, middle and high change of ``expected_metric`` in micros of its unit.
    """
    if user:
        require(user, Act.DRAFT_REQUEST, team=campaign.team, owner_id=campaign.owner_id)
    if request_id and (
        known := Optimisation.objects.filter(request_id=request_id, line=line).first()
    ):
        return known
    who = acting(user, actor)
    low, middle, high = expected
    entry = Optimisation(
        campaign=campaign,
        line=line,
        kind=kind,
        what=what,
        old_value=old_value,
        new_value=new_value,
        hypothesis=hypothesis,
        expected_metric=expected_metric,
        expected_low_micros=low,
        expected_micros=middle,
        expected_high_micros=high,
        by_id=who.id,
        by_name=who.name,
        made_on=made_on,
        recorded_at=at,
        request_id=request_id,
    )
    return _keep(entry, who, at)


def _keep(entry: Optimisation, who: Actor, at: datetime) -> Optimisation:
    # Nobody is a person when the product itself acts.
    clean(entry, exclude=["by"])
    entry.save()
    events.record(
        actor=who,
        action="optimisation.logged",
        subject=entry,
        at=at,
        before={"value": entry.old_value} if entry.old_value else None,
        after={"value": entry.new_value},
        reason=entry.hypothesis,
        team_path=entry.campaign.team.path,
        live=[f"campaign:{entry.campaign.pk}"],
    )
    return entry


@transaction.atomic
def optimisation_undo(*, optimisation: Optimisation, user: User, reason: str, at: datetime) -> None:
    """Say that a logged change was taken back; the entry stays."""
    campaign = optimisation.campaign
    require(user, Act.DRAFT_REQUEST, team=campaign.team, owner_id=campaign.owner_id)
    taken = Optimisation.objects.filter(pk=optimisation.pk, undone_at=None).update(undone_at=at)
    if not taken:
        raise Conflict("This change was already marked as taken back.")
    events.record(
        actor=user.as_actor(),
        action="optimisation.undone",
        subject=optimisation,
        at=at,
        reason=reason,
        team_path=campaign.team.path,
        live=[f"campaign:{campaign.pk}"],
    )
