"""Competitors: who they are, and under which domains they advertise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from core import events
from core.errors import Conflict, Invalid
from metrics.models import Competitor, CompetitorDomain

LONGEST_NAME, LONGEST_DOMAIN, MOST_DOMAINS = 120, 200, 50


@transaction.atomic
def competitor_create(
    *, team: Team, name: str, domains: Sequence[str], user: User, at: datetime, note: str = ""
) -> Competitor:
    """Several domains as one competitor of a team.

    Raises ``Conflict`` when the team has one of that name, or one of the domains elsewhere.
    """
    require(user, Act.DRAFT_REQUEST, team=team)
    # Whoever comes second waits here, and then sees what the first one wrote.
    team = Team.objects.select_for_update().get(pk=team.pk)
    competitor = Competitor(team=team)
    _fill(competitor, name, note)
    competitor.save(force_insert=True)
    _set_domains(competitor, _clean(domains))
    _record(competitor, "created", user, at, after=_content(competitor))
    return competitor


@transaction.atomic
def competitor_edit(
    *,
    competitor: Competitor,
    name: str,
    domains: Sequence[str],
    user: User,
    at: datetime,
    note: str = "",
) -> Competitor:
    """Change the name, the domains or the note; nothing is written where nothing changes."""
    require(user, Act.DRAFT_REQUEST, team=competitor.team)
    Team.objects.select_for_update().get(pk=competitor.team_id)
    current = Competitor.objects.select_related("team").get(pk=competitor.pk)
    before = _content(current)
    _fill(current, name, note)
    current.save()
    _set_domains(current, _clean(domains))
    after = _content(current)
    changed = [key for key in after if after[key] != before[key]]
    if changed:
        was, becomes = ({key: content[key] for key in changed} for content in (before, after))
        _record(current, "changed", user, at, before=was, after=becomes)
    return current


def _fill(competitor: Competitor, name: str, note: str) -> None:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"A name has 1 to {LONGEST_NAME} characters.", where="name")
    same = Competitor.objects.filter(team=competitor.team, name=name).exclude(pk=competitor.pk)
    if same.exists():
        raise Conflict(
            f"{competitor.team.name} has a competitor “{name}” already.",
            where="name",
            remedy="Add the domain to that one.",
        )
    competitor.name, competitor.note = name, note.strip()


def _clean(domains: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(domain.strip().casefold() for domain in domains if domain.strip()))
    if not found:
        raise Invalid(
            "Name at least one domain, as the auction insights write it.", where="domains"
        )
    if len(found) > MOST_DOMAINS:
        raise Invalid(f"A competitor has at most {MOST_DOMAINS} domains.", where="domains")
    for domain in found:
        if len(domain) > LONGEST_DOMAIN or any(sign in domain for sign in "/:@?#"):
            raise Invalid(
                f"“{domain[:60]}” is not a domain.",
                where="domains",
                remedy="Write it as example.com, without https:// and without a path.",
            )
    return found


def _set_domains(competitor: Competitor, domains: Sequence[str]) -> None:
    taken = CompetitorDomain.objects.filter(team=competitor.team, domain__in=domains)
    other = taken.exclude(competitor=competitor).select_related("competitor").first()
    if other:
        raise Conflict(
            f"{other.domain} belongs to {other.competitor.name} already.",
            where="domains",
            remedy="Take it away there first.",
        )
    competitor.domains.exclude(domain__in=domains).delete()
    known = set(competitor.domains.values_list("domain", flat=True))
    CompetitorDomain.objects.bulk_create(
        CompetitorDomain(competitor=competitor, team=competitor.team, domain=domain)
        for domain in domains
        if domain not in known
    )


def _content(competitor: Competitor) -> dict[str, Any]:
    return {
        "name": competitor.name,
        "domains": sorted(competitor.domains.values_list("domain", flat=True)),
        "note": competitor.note,
    }


def _record(competitor: Competitor, verb: str, user: User, at: datetime, **what: Any) -> None:
    events.record(
        actor=user.as_actor(),
        action=f"competitor.{verb}",
        subject=competitor,
        at=at,
        team_path=competitor.team.path,
        **what,
    )
