"""Locking and unlocking the plan of a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from approvals.models import ChangeRequest
from approvals.services import Effect, Payload, is_unchanged
from budgets.choices import LOCK, UNLOCK, LockLevel
from budgets.models import FiscalYear, PlanLock
from budgets.selectors import in_reporting, local_day
from budgets.selectors.locks import lock_of, lock_sentence, planned_totals
from budgets.services.locks import lock_lift, lock_set
from budgets.services.years import year_alone
from core import formats
from core.errors import Conflict, Invalid
from core.money import Money

OPEN = "Open"
WHY_THIS_AMOUNT = (
    "The year’s planned total, so that a large budget is locked and unlocked by those who "
    "decide large amounts. No money moves."
)


class LockPlan:
    """``{"year": 2026, "team": id, "level": "total"}``: the plan stays as it is from then on.

    ``team`` is the director's who asks; the amount is the year's planned total.
    """

    kind = LOCK
    label = "Lock of a budget"
    template = ""

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:
        """A known year and level, not locked as far already, asked by a director."""
        year, lock = self._year(payload), lock_of(self._year(payload))
        level = payload.get("level")
        if level not in LockLevel.values:
            raise Invalid("Choose what is locked.", where="level")
        if lock and (lock.level == LockLevel.ALL or lock.level == level):
            raise Conflict(f"{lock_sentence(lock)} It cannot be locked twice.", code="plan_locked")
        _require_director(user, self.team(payload))
        self.amount({"year": year.year}, at=at)

    def binding(self, payload: Payload) -> Payload:
        """The content, the lock of this moment, and the totals that would be locked."""
        year = self._year(payload)
        return {
            "payload": dict(payload),
            "lock": _state(lock_of(year)),
            "totals": {total.currency: total.micros for total in planned_totals(year)},
        }

    def amount(self, payload: Payload, *, at: datetime) -> Money:
        return in_reporting(planned_totals(self._year(payload)), local_day(at))

    def team(self, payload: Payload) -> Team:
        team = _team(payload.get("team"))
        if team is None:
            raise Invalid("Say for which team you ask.", where="team")
        return team

    def effects(self, payload: Payload) -> Sequence[Effect]:
        year = self._year(payload)
        lock = lock_of(year)
        before = lock.get_level_display() if lock else OPEN
        return [Effect(f"Plan of {year}", before, LockLevel(payload["level"]).label)]

    def evidence(self, payload: Payload, *, user: User, at: datetime) -> Mapping[str, str]:  # noqa: ARG002
        totals = planned_totals(self._year(payload))
        told = " + ".join(formats.money_exact(total) for total in totals) or "nothing"
        return {"Planned in the year": told, "Why this amount": WHY_THIS_AMOUNT}

    def details(self, request: ChangeRequest) -> Mapping[str, Any]:  # noqa: ARG002
        return {}

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:
        """Lock the year; a plan that moved since it was approved ends the request."""
        year = self._alone(request)
        lock = lock_set(year=year, level=request.payload["level"], request=request, at=at)
        return {"version": lock.version_id}

    def _alone(self, request: ChangeRequest) -> FiscalYear:
        year = self._year(request.payload)
        year_alone(year)
        if not is_unchanged(request):
            raise Conflict(f"The plan of {year} moved since this was asked for.", code="stale")
        return year

    def _year(self, payload: Payload) -> FiscalYear:
        number = payload.get("year")
        found = FiscalYear.objects.filter(year=number).first() if type(number) is int else None
        if found is None:
            raise Invalid("There is no such fiscal year.", where="year")
        return found


class UnlockPlan(LockPlan):
    """``{"year": 2026, "team": id}``: the plan may change again by request."""

    kind = UNLOCK
    label = "Unlock of a budget"

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:
        year = self._year(payload)
        if lock_of(year) is None:
            raise Conflict(f"The plan of {year} is not locked.", code="not_locked")
        _require_director(user, self.team(payload))
        self.amount(payload, at=at)

    def effects(self, payload: Payload) -> Sequence[Effect]:
        year = self._year(payload)
        lock = lock_of(year)
        return [Effect(f"Plan of {year}", lock.get_level_display() if lock else OPEN, OPEN)]

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:
        lock_lift(year=self._alone(request), request=request, at=at)
        return {}


def _require_director(user: User, team: Team) -> None:
    """Those who plan for whole teams ask; without an owner named, the right of owners does not do."""
    require(user, Act.DRAFT_REQUEST, team=team)


def _state(lock: PlanLock | None) -> list[Any]:
    return [] if lock is None else [lock.pk, lock.level, lock.request_id]


def _team(number: Any) -> Team | None:
    return Team.objects.filter(pk=number).first() if type(number) is int else None
