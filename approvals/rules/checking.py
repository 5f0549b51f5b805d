"""Whether the rules of a policy can be followed: shape, no gap, nothing unreachable, enough people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any

from accounts.choices import Act, Role, in_words
from approvals.rules.matching import can_all_be_filled
from approvals.rules.routing import (
    ANY_KIND,
    EVERYBODY,
    RISKS,
    Rule,
    StepRule,
    band,
    covers_channels,
    covers_kind,
    covers_percent,
    covers_risk,
    covers_team,
    placed,
    steps_of,
)
from core import formats
from core.money import Money

BY_AMOUNT = tuple(
    act.name.lower() for act in (Act.DECIDE_SMALL, Act.DECIDE_MEDIUM, Act.DECIDE_LARGE)
)
MOST_RULES, MOST_STEPS, MOST_NEEDED, MOST_HOURS = 60, 8, 20, 14 * 24
# Far below bigint, and above any plan.
MOST_MICROS = 10**17
# Gaps that are named one by one; more of the same help nobody.
NAMED_GAPS = 5

RULE_KEYS = {
    "kinds", "teams", "channels", "risks", "above_micros", "max_micros", "above_percent", "steps",
}  # fmt: skip
STEP_KEYS = {"roles", "act", "needed", "with_previous", "hours", "decides"}


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to name in rules, and who holds what.

    ``kinds``, ``teams`` (by path) and ``channels`` map to their names. ``able`` are the pairs
    (role, act) the permission table allows, ``holders`` the people of each role.
    """

    kinds: Mapping[str, str]
    teams: Mapping[str, str]
    channels: Mapping[str, str]
    able: frozenset[tuple[str, str]]
    holders: Mapping[str, frozenset[int]] = field(default_factory=dict)
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with rules, and where: ``rules.2.steps.0.roles``, places from 0."""

    where: str
    message: str


def check_rules(rules: Any, known: Known) -> list[Problem]:
    """Everything that is wrong with rules; empty when a policy can be made of them.

    Shape first. Only what can be read is looked at further: that every kind, amount, team,
    channel, share and risk is covered, that each rule is ever reached, that the people exist.
    """
    problems = list(_shape(rules, known))
    if problems:
        return problems
    return [*_coverage(rules, known), *_people(rules, known)]


# Shape


def _shape(rules: Any, known: Known) -> Iterator[Problem]:
    if not isinstance(rules, list) or not rules:
        yield Problem("rules", "A policy needs at least one rule.")
        return
    if len(rules) > MOST_RULES:
        yield Problem("rules", f"A policy has at most {MOST_RULES} rules.")
        return
    for place, rule in enumerate(rules):
        yield from _rule(rule, f"rules.{place}", place + 1, known)


def _rule(rule: Any, where: str, number: int, known: Known) -> Iterator[Problem]:
    if not isinstance(rule, dict):
        yield Problem(where, f"Rule {number} cannot be read.")
        return
    for key in sorted(set(rule) - RULE_KEYS):
        yield Problem(f"{where}.{key}", f"Rule {number}: “{key}” is not a part of a rule.")
    lists: tuple[tuple[str, Mapping[str, str] | Sequence[str], str], ...] = (
        ("kinds", {ANY_KIND: "", **known.kinds}, "kind of change"),
        ("teams", known.teams, "team"),
        ("channels", known.channels, "channel"),
        ("risks", RISKS, "risk"),
    )
    for name, allowed, noun in lists:
        yield from _names(rule.get(name, []), allowed, f"{where}.{name}", number, noun)
    yield from _amounts(rule, where, number)
    yield from _percent(rule.get("above_percent"), f"{where}.above_percent", number)
    yield from _steps(rule.get("steps"), f"{where}.steps", number, known)


def _names(
    values: Any, allowed: Mapping[str, str] | Sequence[str], where: str, number: int, noun: str
) -> Iterator[Problem]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        yield Problem(where, f"Rule {number}: give each {noun} as text in a list.")
        return
    for value in values:
        if value not in allowed:
            yield Problem(where, f"Rule {number}: “{value}” is not a known {noun}.")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _amounts(rule: Mapping[str, Any], where: str, number: int) -> Iterator[Problem]:
    above, up_to = rule.get("above_micros"), rule.get("max_micros")
    for key, value in (("above_micros", above), ("max_micros", up_to)):
        if value is not None and not (_is_whole(value) and 0 <= value <= MOST_MICROS):
            yield Problem(
                f"{where}.{key}", f"Rule {number}: an amount is whole micros, zero or more."
            )
            return
    if above is not None and up_to is not None and above >= up_to:
        yield Problem(
            f"{where}.max_micros", f"Rule {number} ends at an amount that is not above its start."
        )


def _percent(value: Any, where: str, number: int) -> Iterator[Problem]:
    if value is None:
        return
    try:
        share = Decimal(str(value))
        is_right = share.is_finite() and 0 <= share <= 10_000 and not isinstance(value, bool)
    except InvalidOperation:
        is_right = False
    if not is_right:
        yield Problem(where, f"Rule {number}: a percentage is a number from 0 to 10,000.")


def _steps(steps: Any, where: str, number: int, known: Known) -> Iterator[Problem]:
    if not isinstance(steps, list) or not steps:
        yield Problem(where, f"Rule {number} needs at least one step; nothing approves itself.")
        return
    if len(steps) > MOST_STEPS:
        yield Problem(where, f"Rule {number} has more than {MOST_STEPS} steps.")
        return
    found = [p for i, step in enumerate(steps) for p in _step(step, f"{where}.{i}", number, known)]
    yield from found
    if not found:
        yield from _sequence(steps, where, number)


def _sequence(steps: Sequence[Mapping[str, Any]], where: str, number: int) -> Iterator[Problem]:
    if steps[0].get("with_previous"):
        yield Problem(
            f"{where}.0.with_previous", f"Rule {number}: the first step has none before it."
        )
    last = placed(steps_of({"steps": steps}))
    if not any(step.decides for order, _, step in last if order == last[-1][0]):
        yield Problem(where, f"Rule {number} ends with advice; somebody has to decide last.")


def _step(step: Any, where: str, number: int, known: Known) -> Iterator[Problem]:
    if not isinstance(step, dict):
        yield Problem(where, f"Rule {number}: a step cannot be read.")
        return
    for key in sorted(set(step) - STEP_KEYS):
        yield Problem(f"{where}.{key}", f"Rule {number}: “{key}” is not a part of a step.")
    roles, act = step.get("roles"), step.get("act")
    if not isinstance(roles, list) or not roles:
        yield Problem(f"{where}.roles", f"Rule {number}: say who takes the step.")
        roles = []
    for role in roles:
        if role not in Role.values:
            yield Problem(f"{where}.roles", f"Rule {number}: “{role}” is not a known role.")
    if act not in BY_AMOUNT:
        yield Problem(f"{where}.act", f"Rule {number}: “{act}” is not a right to decide amounts.")
    else:
        yield from _able(roles, act, where, number, known)
    yield from _how(step, where, number)


def _able(
    roles: Sequence[Any], act: str, where: str, number: int, known: Known
) -> Iterator[Problem]:
    for role in roles:
        if role in Role.values and (role, act) not in known.able:
            yield Problem(
                f"{where}.act",
                f"Rule {number}: {Role(role).label} may not {in_words(Act[act.upper()])} "
                "by the permission table.",
            )


def _how(step: Mapping[str, Any], where: str, number: int) -> Iterator[Problem]:
    needed, hours = step.get("needed", 1), step.get("hours")
    if not _is_whole(needed) or not 0 <= needed <= MOST_NEEDED:
        yield Problem(
            f"{where}.needed",
            f"Rule {number}: how many must approve is 1 to {MOST_NEEDED}, or 0 for everybody.",
        )
    if hours is not None and not (_is_whole(hours) and 1 <= hours <= MOST_HOURS):
        yield Problem(f"{where}.hours", f"Rule {number}: hours are 1 to {MOST_HOURS}.")
    for key in ("with_previous", "decides"):
        if not isinstance(step.get(key, False), bool):
            yield Problem(f"{where}.{key}", f"Rule {number}: “{key}” is true or false.")
    if step.get("decides") is False and hours is None:
        yield Problem(f"{where}.hours", f"Rule {number}: say how many hours advice may take.")


# Coverage: each condition divides the changes into cells that no rule tells apart further


@dataclass(frozen=True, slots=True)
class _Cell:
    """Changes of one sort: which rules cover them (a bit for each), and how they are called."""

    rules: int
    words: str


def _coverage(rules: Sequence[Rule], known: Known) -> Iterator[Problem]:
    parts = _parts(rules, known)
    reached = 0
    gaps: list[str] = []
    for cells in product(*parts):
        covering = (1 << len(rules)) - 1
        for cell in cells:
            covering &= cell.rules
        if covering:
            reached |= covering & -covering
        elif len(gaps) <= NAMED_GAPS:
            gaps.append(", ".join(cell.words for cell in cells if cell.words))
    yield from _gaps(gaps)
    for place in range(len(rules)):
        if not reached >> place & 1:
            yield Problem(
                f"rules.{place}",
                f"Rule {place + 1} is never reached: the rules before it cover all of it.",
            )


def _gaps(gaps: Sequence[str]) -> Iterator[Problem]:
    for gap in gaps[:NAMED_GAPS]:
        yield Problem("rules", f"No rule covers {gap or 'any change'}.")
    if len(gaps) > NAMED_GAPS:
        yield Problem("rules", "And there are more changes that no rule covers.")


def _parts(rules: Sequence[Rule], known: Known) -> list[list[_Cell]]:
    kinds = [(kind, f"“{label}”") for kind, label in known.kinds.items()]
    teams = [(path, f"in {name}") for path, name in known.teams.items()]
    channels = [((key,), f"in {name}") for key, name in known.channels.items()]
    risks = [(risk, f"of {risk} risk") for risk in RISKS]
    return [
        _cells(rules, [*kinds, ("", "a kind added later")], covers_kind),
        _cells(rules, _amount_samples(rules, known.currency), lambda r, n: band(r).holds(n)),
        _cells(rules, teams or [("", "")], covers_team),
        _cells(rules, [((), "in no channel"), *channels], covers_channels),
        _cells(rules, _percent_samples(rules), covers_percent),
        _cells(rules, risks, covers_risk),
    ]


def _cells(
    rules: Sequence[Rule], samples: Sequence[tuple[Any, str]], covers: Callable[[Rule, Any], bool]
) -> list[_Cell]:
    """One cell for all samples that the rules treat alike; unnamed where all are alike."""
    found: dict[int, str] = {}
    for value, words in samples:
        bits = sum(1 << place for place, rule in enumerate(rules) if covers(rule, value))
        found.setdefault(bits, words)
    if len(found) == 1:
        return [_Cell(bits, "") for bits in found]
    return [_Cell(bits, words) for bits, words in found.items()]


def _amount_samples(rules: Sequence[Rule], currency: str) -> list[tuple[int, str]]:
    """Zero, every end of a band, and just above it."""
    limits = {end for rule in rules for end in (band(rule).above, band(rule).up_to)}
    found = [(0, "nothing in money")]
    for end in sorted(limit for limit in limits if limit is not None):
        words = formats.money_whole(Money(end, currency))
        found += [(end, f"up to {words}"), (end + 1, f"above {words}")]
    return found


def _percent_samples(rules: Sequence[Rule]) -> list[tuple[Decimal | None, str]]:
    ends = {Decimal(str(rule["above_percent"])) for rule in rules if rule.get("above_percent")}
    found: list[tuple[Decimal | None, str]] = [(None, "without a plan to compare with")]
    for end in sorted({Decimal(0), *ends}):
        found += [(end, f"up to {end} % of a plan"), (end + 1, f"above {end} % of a plan")]
    return found


# People


def _people(rules: Sequence[Rule], known: Known) -> Iterator[Problem]:
    """Each step takes other people than the rest: whether there are as many as a rule needs."""
    if not known.holders:
        return
    for place, rule in enumerate(rules):
        steps = [step for step in steps_of(rule) if step.decides]
        slots = [_holders(step, known) for step in steps for _ in range(max(1, step.needed))]
        if not can_all_be_filled(slots):
            yield Problem(
                f"rules.{place}.steps",
                f"Rule {place + 1} needs {len(slots)} different people, "
                f"and not enough hold {_roles(steps)}.",
            )
        yield from _crowded(steps_of(rule), place)


def _holders(step: StepRule, known: Known) -> frozenset[int]:
    return frozenset().union(*(known.holders.get(role, frozenset()) for role in step.roles))


def _roles(steps: Sequence[StepRule]) -> str:
    roles = dict.fromkeys(role for step in steps for role in step.roles)
    return " or ".join(Role(role).label.lower() for role in roles)


def _crowded(steps: Sequence[StepRule], place: int) -> Iterator[Problem]:
    """Everybody can only be asked where nobody of them is taken by another step."""
    everybody = [step for step in steps if step.decides and step.needed == EVERYBODY]
    for step in everybody:
        others = [other for other in steps if other is not step]
        if any(set(step.roles) & set(other.roles) for other in others):
            yield Problem(
                f"rules.{place}.steps",
                f"Rule {place + 1} asks everybody of a role that takes another of its steps too; "
                "nobody takes two steps.",
            )
            return
