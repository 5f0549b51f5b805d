"""Steps for which everybody must approve: who was asked when it opened, and who of them still may.

Whoever comes later has no seat. The seat of somebody who lost the right ends, and so does what
they said; the step then takes everybody who is left. Nobody left is never an approval: those
who may decide by then are asked instead.
"""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from approvals.choices import Outcome, StepState
from approvals.models import ChangeRequest, Decision, Step
from approvals.selectors import people_for_step
from approvals.services.state import record
from core.events import SYSTEM


def seats_take(request: ChangeRequest, step: Step) -> None:
    """Give a seat to everybody who may take the step now (not saved)."""
    step.seats = None
    step.seats = sorted(person.pk for person in people_for_step(step, request))
    step.needed = max(1, len(step.seats))


def words_that_count(step: Step) -> list[Decision]:
    """Approvals of a step (advice, where it does not decide) by those who have a say in it now."""
    wanted = Outcome.APPROVE if step.decides else Outcome.RECOMMEND
    given = [d for d in step.decisions.all() if d.outcome == wanted]
    if step.seats is None:
        return given
    return [d for d in given if (d.on_behalf_of_id or d.user_id) in step.seats]


def seats_renew(request: ChangeRequest, step: Step, at: datetime) -> list[User]:
    """Bring the seats of a running step to this moment; returns people who are asked instead."""
    if step.seats is None or step.state != StepState.CURRENT:
        return []
    before = set(step.seats)
    held = sorted(person.pk for person in people_for_step(step, request))
    if held and before == set(held):
        return []
    step.seats, step.needed = held, max(1, len(held))
    if not held:
        seats_take(request, step)
    if before == set(step.seats):
        return []
    step.save(update_fields=["seats", "needed"])
    _record(request, step, before, at)
    return list(User.objects.filter(pk__in=set(step.seats) - before))


def _record(request: ChangeRequest, step: Step, before: set[int], at: datetime) -> None:
    gone = User.objects.filter(pk__in=before - set(step.seats or ())).values_list("name", flat=True)
    after = {"step": step.order, "needed": step.needed, "no_longer_asked": list(gone)}
    record(
        request,
        SYSTEM,
        "request.seats_changed",
        at,
        after=after,
        reason="Who lost the right to decide is not waited for; what they said does not count.",
    )
