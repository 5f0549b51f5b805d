"""Answers of the simulator, and of real requests under other rules, as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import teams_with
from approvals.forms import SimulatorForm
from approvals.permissions import roles_in_words
from approvals.rules.routing import Rule, Traits
from approvals.selectors import (
    Answer,
    Question,
    Replay,
    Rerouted,
    StepAnswer,
    route_in_words,
    who_would_approve,
)
from approvals.services import fixed_steps, in_reporting_currency, kinds
from core import clock, formats
from core.models import Organisation
from core.money import Money
from core.parts import ApprovalStep

NOBODY = "Nobody could decide this"


def simulator(user: User, data: Any, *, prefix: str | None = None) -> SimulatorForm:
    """The form over the teams and people in sight."""
    teams = Team.objects.filter(pk__in=[team.pk for team in teams_with(user, Act.VIEW_CAMPAIGNS)])
    return SimulatorForm(kinds(), teams, data, prefix=prefix)


def ask(rules: Sequence[Rule], form: SimulatorForm) -> Answer:
    """Who would approve what a valid form describes; raises ``Invalid`` without a rate."""
    data, now = form.cleaned_data, clock.now()
    reporting = Organisation.current().reporting_currency
    amount = Money.parse(data["amount"], data["currency"] or reporting)
    question = Question(
        kind=data["kind"],
        micros=in_reporting_currency(amount, now).micros,
        currency=reporting,
        team=data["team"],
        traits=Traits(data["percent"], tuple(data["channels"]), data["risk"] or Traits().risk),
        requester=data["requester"],
    )
    return who_would_approve(rules, question, at=now, fixed=fixed_steps(data["kind"]))


def answer_steps(answer: Answer) -> list[ApprovalStep]:
    """The steps of an answer for the panel."""
    return [_step(step) for step in answer.steps]


def _step(step: StepAnswer) -> ApprovalStep:
    names = [person.name for person in step.people]
    return ApprovalStep(
        who=" or ".join(names) if names else NOBODY,
        role=_role(step),
        state="todo" if names else "rejected",
        when="at the same time" if step.is_beside else "",
        note="; ".join(_notes(step)),
    )


def _role(step: StepAnswer) -> str:
    who, rule = roles_in_words(step.rule.roles), step.rule
    if not rule.decides:
        return f"Advice of {who}, within {rule.hours} working hours"
    if rule.needed == 0:
        return f"Everybody who is {who}"
    return who.capitalize() if rule.needed == 1 else f"{rule.needed} people, each {who}"


def _notes(step: StepAnswer) -> list[str]:
    stand_ins = [f"{held.delegate} for {held.delegator}" for held in step.stand_ins]
    limited = [
        f"{person} only up to {formats.money_whole(limit)}" for person, limit in step.limited
    ]
    return [*stand_ins, *limited]


def replay_sentence(found: Replay) -> str:
    """ "This change would have sent 12 more requests to an executive"."""
    if not found.total:
        return "No request was sent in this time"
    changes = [
        f"{_more(row.more)} to {roles_in_words([row.role])}" for row in found.roles if row.more
    ]
    if changes:
        return f"This change would have sent {' and '.join(changes)}"
    if found.moved:
        return f"{len(found.moved)} of {found.total} requests would have gone another way"
    return f"All {found.total} requests would have gone the same way"


def _more(count: int) -> str:
    """ "12 more requests", "1 request fewer"."""
    if count in (-1, 1):
        return "1 more request" if count > 0 else "1 request fewer"
    return f"{abs(count)} {'more' if count > 0 else 'fewer'} requests"


def replay_notes(found: Replay) -> list[tuple[str, str]]:
    """Figures under the sentence."""
    more = f"+{found.extra_steps}" if found.extra_steps > 0 else formats.number(found.extra_steps)
    return [
        ("Requests sent in this time", formats.number(found.total)),
        ("Go another way", formats.number(len(found.moved))),
        ("Steps more or fewer", more),
        *(
            (f"Must pass {roles_in_words([row.role])}", f"{row.before} before, {row.after} after")
            for row in found.roles
        ),
        ("Nobody could decide", formats.number(len(found.stuck))),
    ]


def rerouted_rows(rows: Sequence[Rerouted]) -> list[dict[str, Any]]:
    """Requests whose route changes, for a table."""
    return [
        {
            "pk": row.request.pk,
            "title": row.request.title,
            "reference": row.reference,
            "url": row.request.get_absolute_url(),
            "amount": row.request.policy_amount,
            "team": row.request.team,
            "before": route_in_words(row.before),
            "after": route_in_words(row.after) if row.is_possible else f"{NOBODY}",
            "tone": "" if row.is_possible else "bad",
        }
        for row in rows
    ]
