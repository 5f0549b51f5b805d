"""Who may take a step, asked for many changes at once: people and memberships are read once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import decision_limit, may
from approvals.models import Delegation
from approvals.permissions import BY_AMOUNT, may_stand_in
from approvals.rules.matching import can_all_be_filled
from approvals.rules.routing import StepRule
from approvals.selectors.delegation import delegations_running, with_memberships


@dataclass(frozen=True, slots=True)
class Able:
    """Somebody who holds a step's role and right for a team; ``limit`` is their own, in micros."""

    user: User
    limit: int | None

    def reaches(self, micros: int) -> bool:
        return self.limit is None or micros <= self.limit


class Bench:
    """The people of this moment, with the delegations that run ``at`` it."""

    def __init__(self, at: datetime | None = None) -> None:
        people = User.objects.filter(is_active=True, memberships__isnull=False).distinct()
        self._people = list(with_memberships(people))
        self._delegations = delegations_running(at) if at else []
        self._able: dict[tuple[tuple[str, ...], Act, str], list[Able]] = {}

    def able(self, rule: StepRule, team: Team) -> list[Able]:
        """Everybody with the role and the right, whatever their limit and whatever they touched."""
        key = (rule.roles, rule.act, team.path)
        if key not in self._able:
            self._able[key] = [
                Able(user, decision_limit(user, rule.act, team))
                for user in self._people
                if user.roles & set(rule.roles) and may(user, rule.act, team=team)
            ]
        return self._able[key]

    def people(
        self, rule: StepRule, team: Team, micros: int, touched: Collection[int]
    ) -> list[User]:
        """Who may take the step by their own right; no limit counts for advice."""
        return [
            able.user
            for able in self.able(rule, team)
            if able.user.pk not in touched and (not rule.decides or able.reaches(micros))
        ]

    def stand_ins(
        self, rule: StepRule, team: Team, micros: int, touched: Collection[int]
    ) -> list[Delegation]:
        """Delegations by which somebody else may take the step now."""
        if rule.act not in BY_AMOUNT or not rule.decides:
            return []
        own = {user.pk for user in self.people(rule, team, micros, touched)}
        return [
            held
            for held in self._delegations
            if held.delegator_id in own
            and held.delegate_id not in touched
            and (held.cap_micros is None or micros <= held.cap_micros)
            and may_stand_in(held.delegate)
            and may_stand_in(held.delegator)
        ]

    def can_decide(
        self, steps: Sequence[StepRule], team: Team, micros: int, touched: Iterable[int]
    ) -> bool:
        """Whether different people can be found for all steps that decide."""
        left_out = set(touched)
        slots = [
            {user.pk for user in self.people(rule, team, micros, left_out)}
            for rule in steps
            if rule.decides
            for _ in range(max(1, rule.needed))
        ]
        return bool(slots) and can_all_be_filled(slots)
