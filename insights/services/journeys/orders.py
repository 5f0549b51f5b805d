"""Asking for a run: by a person with settings of their own, in the worker, with progress."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from core import events, outbox
from core.errors import AdroitError
from core.models import OutboxItem
from insights.models import AnalysisPlan, Conversion
from insights.rules.attribution import Asked, usual_for
from insights.selectors.analyses import KIND
from insights.services.journeys.lifetime import lifetime_run
from insights.services.journeys.runs import attribution_run

LIFETIME = AnalysisPlan.LIFETIME
OPEN = (OutboxItem.State.PENDING, OutboxItem.State.RUNNING)


def usual(kind: str) -> Asked:
    """The settings of a kind that nobody has chosen settings for."""
    return Asked(days=730, offline=90.0) if kind == LIFETIME else usual_for(kind)


def plan_for(team: Team, kind: str) -> Asked:
    """The settings of a team's nightly runs, else the usual ones."""
    plan = AnalysisPlan.objects.filter(team=team, kind=kind).first()
    return Asked.read(plan.settings) if plan else usual(kind)


@transaction.atomic
def plan_set(*, team: Team, kind: str, asked: Asked, user: User, at: datetime) -> AnalysisPlan:
    """Use these settings every night from now on."""
    require(user, Act.RUN_MODELS, team=team)
    before = plan_for(team, kind)
    plan, _ = AnalysisPlan.objects.update_or_create(
        team=team, kind=kind, defaults={"settings": asked.plain(), "set_at": at, "set_by": user}
    )
    events.record(
        actor=user.as_actor(),
        action="analysis.settings_changed",
        subject=plan,
        at=at,
        before=before.plain(),
        after=asked.plain(),
        team_path=team.path,
    )
    return plan


def analysis_order(
    *, user: User | None, team: Team, kind: str, asked: Asked, at: datetime
) -> OutboxItem:
    """Ask for a run of a conversion kind, or of lifetime value; one that waits already is given.

    Without a user: the nightly run, which is left out where nothing is new.
    """
    if user is not None:
        require(user, Act.RUN_MODELS, team=team)
    wanted = {
        "team": team.pk, "kind": kind, "user": user.pk if user else None, "settings": asked.plain()
    }  # fmt: skip
    same = OutboxItem.objects.filter(kind=KIND, state__in=OPEN, payload__contains=wanted).first()
    who = user.pk if user else "nightly"
    return same or outbox.enqueue(
        KIND, f"{KIND}:{team.pk}:{kind}:{who}:{at.isoformat()}", wanted, at=at
    )


def analysis_work(item: OutboxItem, now: datetime) -> dict[str, Any]:
    """Outbox handler: ``{"run": number, "kind": ...}``, or why there is none in ``refused``."""
    wanted = item.payload
    asked = Asked.read(wanted["settings"])
    more = {
        "team": Team.objects.get(pk=wanted["team"]),
        "asked": asked,
        "user": User.objects.filter(pk=wanted["user"]).first() if wanted["user"] else None,
        "at": now,
        "only_new": wanted["user"] is None,
        "tell": lambda done, total, note: outbox.progress(item, done, total, note, now=now),
    }
    try:
        run = _run(wanted["kind"], more)
    except AdroitError as error:
        return {"refused": error.message, "remedy": error.remedy}
    return {"kind": wanted["kind"], "run": run.pk if run else None}


def _run(kind: str, more: Mapping[str, Any]) -> Any:
    if kind == LIFETIME:
        return lifetime_run(**more)
    return attribution_run(conversion=Conversion(kind), **more)
