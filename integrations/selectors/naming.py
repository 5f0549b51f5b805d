"""Which naming rule holds for a team."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Team, User
from campaigns.models import CampaignLine
from integrations.models import NamingRule, NamingRuleQuerySet
from integrations.rules.naming import Pattern, compile_pattern, split_name


def rule_of(team: Team) -> NamingRule | None:
    """The current rule of the team, else of the nearest team above it that has one."""
    rules = NamingRule.objects.current().select_related("team")
    above = [rule for rule in rules if team.path.startswith(rule.team.path)]
    return max(above, key=lambda rule: len(rule.team.path), default=None)


def pattern_of(rule: NamingRule) -> Pattern:
    return compile_pattern(rule.pattern, rule.allowed)


def rules_for(user: User) -> NamingRuleQuerySet:
    """The rules the person may see, with who saved them."""
    return NamingRule.objects.for_user(user).select_related("team", "saved_by")


def lines_under(team: Team) -> QuerySet[CampaignLine]:
    """The lines of the team and the teams below."""
    return CampaignLine.objects.filter(campaign__team__path__startswith=team.path)


def name_problem(team: Team, name: str) -> str:
    """Why a campaign's name does not follow the team's rule, with what to do; "" when it does."""
    rule = rule_of(team)
    if rule is None:
        return ""
    split = split_name(pattern_of(rule), name)
    if split.fits:
        return ""
    return (
        f"“{name}” does not follow the naming rule of {rule.team} ({rule.pattern}): "
        f"{' '.join(split.problems)} Rename it, or it counts as “not named” when figures are split."
    )
