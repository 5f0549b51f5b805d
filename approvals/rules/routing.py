"""From kind, amount and team to the steps that decide; policies are data, this reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.choices import Act, Role
from core.errors import Invalid
from core.money import MICROS

ANY_KIND = "*"
THRESHOLD_1 = 5_000 * MICROS
THRESHOLD_2 = 50_000 * MICROS

Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StepRule:
    """One step: whoever holds one of ``roles`` and the right ``act``; ``needed`` of them must approve."""

    roles: tuple[str, ...]
    act: Act
    needed: int = 1


@dataclass(frozen=True, slots=True)
class Band:
    """The amounts a rule covers, in micros: above ``above`` (None: from zero) up to ``up_to`` (None: no end)."""

    above: int | None
    up_to: int | None

    def holds(self, micros: int) -> bool:
        return (self.above is None or micros > self.above) and (
            self.up_to is None or micros <= self.up_to
        )


def default_rules(threshold_1: int = THRESHOLD_1, threshold_2: int = THRESHOLD_2) -> list[Rule]:
    """Rules of the first policy; the thresholds are micros of the reporting currency.

    Up to the first threshold one director or executive decides; up to the second an
    executive, while a director may recommend; above it an executive and then an auditor.
    """
    small = [_step([Role.DIRECTOR, Role.EXECUTIVE], Act.DECIDE_SMALL)]
    medium = [_step([Role.EXECUTIVE], Act.DECIDE_MEDIUM)]
    large = [_step([role], Act.DECIDE_LARGE) for role in (Role.EXECUTIVE, Role.AUDITOR)]
    return [
        _rule(None, threshold_1, small),
        _rule(threshold_1, threshold_2, medium),
        _rule(threshold_2, None, large),
    ]


def _step(roles: Sequence[Role], act: Act) -> dict[str, Any]:
    return {"roles": [role.value for role in roles], "act": act.name.lower(), "needed": 1}


def _rule(above: int | None, up_to: int | None, steps: list[dict[str, Any]]) -> Rule:
    return {
        "kinds": [ANY_KIND],
        "teams": [],
        "above_micros": above,
        "max_micros": up_to,
        "steps": steps,
    }


def band(rule: Rule) -> Band:
    """The amounts of a rule."""
    return Band(rule.get("above_micros"), rule.get("max_micros"))


def steps_of(rule: Rule) -> tuple[StepRule, ...]:
    """The steps of a rule, in order."""
    return tuple(
        StepRule(tuple(step["roles"]), Act[step["act"].upper()], step.get("needed", 1))
        for step in rule["steps"]
    )


def route(rules: Sequence[Rule], *, kind: str, micros: int, team_path: str) -> tuple[StepRule, ...]:
    """The steps of the first rule that covers the kind, the absolute amount and the team.

    Raises ``Invalid`` when no rule does: nothing is approved by an oversight.
    """
    for rule in rules:
        if _covers(rule, kind, team_path) and band(rule).holds(abs(micros)):
            return steps_of(rule)
    raise Invalid(
        "No rule of the approval policy covers this change.",
        code="no_rule",
        remedy="Ask an administrator to complete the policy.",
    )


def _covers(rule: Rule, kind: str, team_path: str) -> bool:
    kinds, teams = rule.get("kinds", [ANY_KIND]), rule.get("teams", [])
    in_teams = not teams or any(team_path.startswith(path) for path in teams)
    return (ANY_KIND in kinds or kind in kinds) and in_teams
