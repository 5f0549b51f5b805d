"""Naming rules of a team: tried on the names there are, saved as a version, applied to lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from campaigns.models import CampaignLine, LinePart
from core import events
from core.errors import Conflict, Invalid
from core.events import SYSTEM
from integrations.models import NamingRule
from integrations.rules.naming import (
    Pattern,
    PatternWrong,
    SplitName,
    compile_pattern,
    split_name,
)
from integrations.selectors.naming import lines_under, pattern_of, rule_of

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a pattern would make of the names there are."""

    pattern: Pattern
    names: Sequence[SplitName]

    @property
    def fitting(self) -> int:
        return sum(1 for item in self.names if item.fits)


def naming_preview(team: Team, *, pattern: str, allowed: Values) -> Preview:
    """Try a pattern on the names of the team and those below; raises ``Invalid`` for a wrong one."""
    compiled = _compiled(pattern, allowed)
    names = sorted({line.name for line in lines_under(team)})
    return Preview(compiled, [split_name(compiled, name) for name in names])


def _compiled(pattern: str, allowed: Values) -> Pattern:
    try:
        return compile_pattern(pattern.strip(), allowed)
    except PatternWrong as error:
        raise Invalid(
            str(error), where="pattern", remedy="An example: {market}_{channel}_{campaign}."
        ) from error


@transaction.atomic
def naming_save(
    team: Team,
    *,
    pattern: str,
    allowed: Values,
    utm: Values,
    user: User,
    at: datetime,
    version: int | None = None,
) -> NamingRule:
    """Save the rule as the team's next version; names are taken apart anew at once.

    ``version`` is the one the person saw; ``Conflict`` when somebody saved since.
    """
    require(user, Act.CONFIRM_PARTIAL, team=team, owner_id=user.pk)
    compiled = _compiled(pattern, allowed)
    before = NamingRule.objects.select_for_update().filter(team=team, is_current=True).first()
    if version is not None and version != (before.version if before else 0):
        raise Conflict("Somebody saved this rule meanwhile.", remedy="Look at it, then save again.")
    NamingRule.objects.filter(team=team, is_current=True).update(is_current=False)
    rule = NamingRule.objects.create(
        team=team,
        version=before.version + 1 if before else 1,
        pattern=compiled.text,
        allowed={key: list(values) for key, values in allowed.items()},
        utm={key: list(values) for key, values in utm.items()},
        saved_by=user,
        saved_at=at,
    )
    events.record(
        actor=user.as_actor(),
        action="naming.saved",
        subject=rule,
        at=at,
        before=_plain(before) if before else None,
        after=_plain(rule),
        team_path=team.path,
    )
    for below in Team.objects.filter(path__startswith=team.path):
        parts_renew(below, at=at)
    return rule


def _plain(rule: NamingRule) -> dict[str, object]:
    return {
        "version": rule.version,
        "pattern": rule.pattern,
        "allowed": rule.allowed,
        "utm": rule.utm,
    }


@transaction.atomic
def parts_renew(team: Team, *, at: datetime) -> int:
    """Take the names of the team's lines apart by its rule; returns how many parts changed."""
    rule = rule_of(team)
    pattern = pattern_of(rule) if rule else None
    wanted = {
        (line.pk, key): value
        for line in CampaignLine.objects.filter(campaign__team=team).select_related("campaign")
        for key, value in (_parts(pattern, line).items())
    }
    known = {
        (part.line_id, part.key): part
        for part in LinePart.objects.filter(line__campaign__team=team)
    }
    gone = [part.pk for key, part in known.items() if wanted.get(key) != part.value]
    new = [
        LinePart(line_id=line, key=key, value=value[:200])
        for (line, key), value in wanted.items()
        if (line, key) not in known or known[line, key].value != value
    ]
    if gone or new:
        LinePart.objects.filter(pk__in=gone).delete()
        LinePart.objects.bulk_create(new)
        events.record(
            actor=SYSTEM,
            action="naming.applied",
            subject=team,
            at=at,
            after={"rule": str(rule) if rule else None, "new": len(new), "gone": len(gone)},
            team_path=team.path,
        )
    return len(gone) + len(new)


def _parts(pattern: Pattern | None, line: CampaignLine) -> Mapping[str, str]:
    """What a line's own name says, else its campaign's."""
    if pattern is None:
        return {}
    own = split_name(pattern, line.name)
    return own.parts or split_name(pattern, line.campaign.name).parts
