"""Who would approve a change that nobody has asked for yet, under any rules, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Team, User
from approvals.models import Delegation
from approvals.rules.routing import (
    Rule,
    StepRule,
    Traits,
    matching,
    placed,
    steps_of,
    thresholds,
)
from approvals.selectors.bench import Bench
from core import formats
from core.money import Money


@dataclass(frozen=True, slots=True)
class Question:
    """A change: ``micros`` absolute, of the reporting currency ``currency``."""

    kind: str
    micros: int
    currency: str
    team: Team
    traits: Traits
    requester: User | None = None


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """One step with its people; ``limited`` hold the right, but only up to an amount of their own."""

    order: int
    lane: int
    rule: StepRule
    people: tuple[User, ...]
    stand_ins: tuple[Delegation, ...]
    limited: tuple[tuple[User, Money], ...]

    @property
    def is_empty(self) -> bool:
        return not self.people

    @property
    def is_beside(self) -> bool:
        """Whether it runs beside the step before it."""
        return self.lane > 1


@dataclass(frozen=True, slots=True)
class Answer:
    """The rule that covers it (its place, none when fixed or missing), why, and the steps."""

    place: int | None
    why: tuple[str, ...]
    steps: tuple[StepAnswer, ...]
    is_possible: bool

    @property
    def is_covered(self) -> bool:
        return bool(self.steps)


def who_would_approve(
    rules: Sequence[Rule],
    question: Question,
    *,
    at: datetime,
    fixed: Sequence[StepRule] = (),
) -> Answer:
    """The steps a change would take and the people who could take them.

    ``fixed`` are the steps of a kind that no policy changes. Never raises: a change that no
    rule covers has no steps, and says so.
    """
    place = None if fixed else _place(rules, question)
    steps = tuple(fixed) or (steps_of(rules[place]) if place is not None else ())
    bench = Bench(at)
    touched = {question.requester.pk} if question.requester else set()
    return Answer(
        place=place,
        why=tuple(_why(rules, question, place, is_fixed=bool(fixed))),
        steps=tuple(
            _step(bench, order, lane, rule, question, touched)
            for order, lane, rule in placed(steps)
        ),
        is_possible=bench.can_decide(steps, question.team, abs(question.micros), touched),
    )


def _place(rules: Sequence[Rule], question: Question) -> int | None:
    return matching(
        rules,
        kind=question.kind,
        micros=question.micros,
        team_path=question.team.path,
        traits=question.traits,
    )


def _step(
    bench: Bench, order: int, lane: int, rule: StepRule, question: Question, touched: set[int]
) -> StepAnswer:
    micros, team = abs(question.micros), question.team
    limited = [
        (able.user, Money(able.limit or 0, question.currency))
        for able in bench.able(rule, team)
        if rule.decides and not able.reaches(micros) and able.user.pk not in touched
    ]
    return StepAnswer(
        order=order,
        lane=lane,
        rule=rule,
        people=tuple(bench.people(rule, team, micros, touched)),
        stand_ins=tuple(bench.stand_ins(rule, team, micros, touched)),
        limited=tuple(limited),
    )


def _why(
    rules: Sequence[Rule], question: Question, place: int | None, *, is_fixed: bool
) -> list[str]:
    if is_fixed:
        return ["The permission table names the second person of this kind; no rule changes it."]
    if place is None:
        return ["No rule covers it, so it could not be asked for."]
    first, second = (Money(limit, question.currency) for limit in thresholds(rules))
    amount = Money(abs(question.micros), question.currency)
    where = (
        f"is within the first threshold, {formats.money_whole(first)}"
        if amount.micros <= first.micros
        else f"is above the first threshold, {formats.money_whole(first)}"
        if amount.micros <= second.micros
        else f"is above the second threshold, {formats.money_whole(second)}"
    )
    found = [
        f"Rule {place + 1} is the first that covers it.",
        f"{formats.money_whole(amount)} {where}.",
    ]
    if question.requester:
        found.append(f"{question.requester} asks, and so decides none of it.")
    return found
