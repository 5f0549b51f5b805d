"""From a change to the steps that decide it; policies are data, this reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.choices import Act, Role
from core.errors import Invalid
from core.money import MICROS

ANY_KIND = "*"
THRESHOLD_1 = 5_000 * MICROS
THRESHOLD_2 = 50_000 * MICROS

NORMAL = "normal"
RISKS = ("low", NORMAL, "high")
# ``needed`` of a step for which everybody who may decide it has to approve.
EVERYBODY = 0

Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Traits:
    """What a change is besides its kind, amount and team.

    ``percent`` is the largest share of a line's plan that changes (None: no plan to compare
    with), ``channels`` the keys it touches, ``risk`` a value of ``Risk``.
    """

    percent: Decimal | None = None
    channels: tuple[str, ...] = ()
    risk: str = NORMAL


@dataclass(frozen=True, slots=True)
class StepRule:
    """One step: whoever holds one of ``roles`` and the right ``act``; ``needed`` of them must approve.

    ``needed`` 0 is everybody who may when it opens. A step ``with_previous`` runs beside the
    one before it. One that does not ``decide`` asks for advice and holds nothing up longer
    than its ``hours``.
    """

    roles: tuple[str, ...]
    act: Act
    needed: int = 1
    with_previous: bool = False
    hours: int | None = None
    decides: bool = True


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
        StepRule(
            roles=tuple(step["roles"]),
            act=Act[step["act"].upper()],
            needed=step.get("needed", 1),
            with_previous=step.get("with_previous", False),
            hours=step.get("hours"),
            decides=step.get("decides", True),
        )
        for step in rule["steps"]
    )


def placed(steps: Sequence[StepRule]) -> list[tuple[int, int, StepRule]]:
    """(order, lane, step): steps beside each other share their order."""
    order, lane, found = 0, 1, []
    for step in steps:
        beside = step.with_previous and order > 0
        order, lane = (order, lane + 1) if beside else (order + 1, 1)
        found.append((order, lane, step))
    return found


def route(
    rules: Sequence[Rule],
    *,
    kind: str,
    micros: int,
    team_path: str,
    traits: Traits = Traits(),
) -> tuple[StepRule, ...]:
    """The steps of the first rule that covers the change; ``micros`` counts absolute.

    Raises ``Invalid`` when no rule does: nothing is approved by an oversight.
    """
    place = matching(rules, kind=kind, micros=micros, team_path=team_path, traits=traits)
    if place is None:
        raise Invalid(
            "No rule of the approval policy covers this change.",
            code="no_rule",
            remedy="Ask an administrator to complete the policy.",
        )
    return steps_of(rules[place])


def matching(
    rules: Sequence[Rule],
    *,
    kind: str,
    micros: int,
    team_path: str,
    traits: Traits = Traits(),
) -> int | None:
    """The place of the first rule that covers the change; none when no rule does."""
    for place, rule in enumerate(rules):
        if (
            covers_kind(rule, kind)
            and covers_team(rule, team_path)
            and band(rule).holds(abs(micros))
            and covers_traits(rule, traits)
        ):
            return place
    return None


def covers_kind(rule: Rule, kind: str) -> bool:
    """No kind and ``*`` are every kind."""
    kinds = rule.get("kinds") or [ANY_KIND]
    return ANY_KIND in kinds or kind in kinds


def covers_team(rule: Rule, path: str) -> bool:
    """A rule for a team holds for the teams below it."""
    teams = rule.get("teams") or []
    return not teams or any(path.startswith(team) for team in teams)


def covers_percent(rule: Rule, percent: Decimal | None) -> bool:
    """A change without a plan to compare with is above no percentage."""
    above = rule.get("above_percent")
    return above is None or (percent is not None and percent > Decimal(str(above)))


def covers_channels(rule: Rule, channels: Sequence[str]) -> bool:
    """One channel of the rule that the change touches is enough."""
    wanted = rule.get("channels") or []
    return not wanted or not set(wanted).isdisjoint(channels)


def covers_risk(rule: Rule, risk: str) -> bool:
    risks = rule.get("risks") or []
    return not risks or risk in risks


def covers_traits(rule: Rule, traits: Traits) -> bool:
    """Whether the conditions besides kind, amount and team hold."""
    return (
        covers_percent(rule, traits.percent)
        and covers_channels(rule, traits.channels)
        and covers_risk(rule, traits.risk)
    )


def worst(one: Traits, other: Traits) -> Traits:
    """What asks for the most care in either: the larger share, every channel, the higher risk."""
    shares = [t.percent for t in (one, other) if t.percent is not None]
    return Traits(
        percent=max(shares, default=None),
        channels=tuple(sorted({*one.channels, *other.channels})),
        risk=max(one.risk, other.risk, key=RISKS.index),
    )


def is_plain(rule: Rule) -> bool:
    """Whether a rule asks for nothing but the amount."""
    special = ("teams", "channels", "risks")
    kinds = rule.get("kinds") or [ANY_KIND]
    return (
        ANY_KIND in kinds
        and rule.get("above_percent") is None
        and not any(rule.get(name) for name in special)
    )


def thresholds(rules: Sequence[Rule]) -> tuple[int, int]:
    """T1 and T2 of a policy in micros: the first two ends of its rules for every change.

    Where it has fewer the defaults count, never below one that it has.
    """
    ends = sorted({end for rule in rules if is_plain(rule) and (end := band(rule).up_to)})
    first = ends[0] if ends else THRESHOLD_1
    return first, ends[1] if len(ends) > 1 else max(first, THRESHOLD_2)


def with_thresholds(rules: Sequence[Rule], first: int, second: int) -> list[dict[str, Any]]:
    """The same rules with other thresholds, wherever an amount was the old T1 or T2."""
    was = dict(zip(thresholds(rules), (first, second), strict=True))
    ends = ("above_micros", "max_micros")
    return [
        {**rule, **{end: was.get(value, value) for end in ends if (value := rule.get(end))}}
        for rule in rules
    ]
