"""Adopting a scenario: the lines it lacks, and one request that brings the plan to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from approvals.choices import RequestState
from approvals.models import ChangeRequest
from approvals.services import request_create
from budgets.choices import PLAN_CHANGE, ScenarioState
from budgets.models import BudgetLine, LedgerAccount, Scenario, ScenarioLine
from budgets.rules.case import Case
from budgets.rules.growth import shared_out
from budgets.rules.moves import Move, Place, as_payload
from budgets.selectors.closes import closed_months
from budgets.selectors.rates import local_day
from budgets.services.lines import line_create
from budgets.services.scenarios.state import changed, held
from core.errors import Conflict, Invalid
from core.models import Organisation

# A request that ended so changed nothing: the scenario may ask again.
ENDED = (
    RequestState.REJECTED,
    RequestState.WITHDRAWN,
    RequestState.EXPIRED,
    RequestState.STALE,
)


@dataclass(frozen=True, slots=True)
class Adoption:
    """The request, the budget lines that were made, and "line, month" of what stays as it is."""

    request: ChangeRequest
    made: Sequence[BudgetLine]
    staying: Sequence[str]


@transaction.atomic
def scenario_adopt(
    *,
    scenario: Scenario,
    user: User,
    reason: str,
    send: bool = False,
    case: Case | None = None,
    at: datetime,
) -> Adoption:
    """Ask that the plan becomes the scenario: a draft request, sent only if ``send``.

    A second call answers with the same request while that one can still lead to
    something. Months that are over or closed stay as they are and are named. Raises
    ``Conflict`` when the plan is locked, ``Invalid`` when nothing differs.
    """
    found = held(scenario, user)
    if found.state == ScenarioState.ARCHIVED:
        raise Conflict(f"{found} was put away.", code="archived")
    asked = ChangeRequest.objects.filter(pk=found.request_id or 0).first()
    if asked and asked.state not in ENDED:
        return Adoption(asked, [], [])
    lines = list(found.lines.select_related("budget_line", "team").prefetch_related("cells"))
    made = [_made(found, line, user, at) for line in lines if line.budget_line is None]
    moves, staying = _moves(found, lines, at)
    if not moves:
        raise Invalid(
            "The plan of the open months is what the scenario says already.",
            code="nothing_differs",
            remedy="Change an amount of the scenario first.",
        )
    request = request_create(
        user=user,
        kind=PLAN_CHANGE,
        payload=_payload(found, lines, moves, case),
        title=f"Adopt “{found}” for {found.fiscal_year}",
        reason=reason,
        evidence={"Stays as it is": "; ".join(staying)} if staying else {},
        at=at,
        submit=send,
    )
    found.state, found.request_id = ScenarioState.ADOPTED, request.pk
    after = {"request": request.reference, "lines made": len(made), "stays": list(staying)}
    changed(found, user, "adopted", at, after=after, reason=reason)
    return Adoption(request, [line for line in made if line], staying)


def _made(scenario: Scenario, line: ScenarioLine, user: User, at: datetime) -> BudgetLine | None:
    """The budget line of a scenario's line; None when somebody made one of the name meanwhile."""
    existing = BudgetLine.objects.filter(
        fiscal_year=scenario.fiscal_year, team=line.team, name__iexact=line.name
    ).first()
    if existing and existing.currency != line.currency:
        raise Invalid(
            f"{existing} pays in {existing.currency}, the scenario plans it in {line.currency}.",
            where="lines",
            remedy="Take the line out of the scenario, or rename it.",
        )
    line.budget_line = existing or line_create(
        user=user,
        fiscal_year=scenario.fiscal_year,
        team=line.team,
        channel=line.channel,
        name=line.name,
        owner=user,
        currency=line.currency,
        at=at,
    )
    line.save(update_fields=["budget_line"])
    return None if existing else line.budget_line


def _payload(
    scenario: Scenario, lines: Sequence[ScenarioLine], moves: Sequence[Move], case: Case | None
) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "moves": as_payload(moves),
        "currency": lines[0].currency,
        "scenario": scenario.pk,
    }
    return payload | ({"case": case.as_payload()} if case else {})


def _moves(
    scenario: Scenario, lines: Sequence[ScenarioLine], at: datetime
) -> tuple[list[Move], list[str]]:
    """What must move, and which differing amounts lie in months that do not change any more."""
    year = scenario.fiscal_year
    today, shut = local_day(at), closed_months(year)
    accounts = _accounts(lines)
    moves, staying = [], []
    for month in Organisation.current().calendar.months(year.year):
        for line in lines:
            wanted = {cell.month: cell.amount_micros for cell in line.cells.all()}
            held_now = accounts.get((line.budget_line_id or 0, month.key), {})
            change = wanted.get(month.key, sum(held_now.values())) - sum(held_now.values())
            if change and (month.end < today or month.key in shut):
                staying.append(f"{line}, {month.label}")
            elif change:
                moves += _into(line.budget_line_id or 0, month.key, change, held_now)
    return moves, staying


def _accounts(lines: Sequence[ScenarioLine]) -> Mapping[tuple[int, str], dict[int, int]]:
    """(budget line, month) -> campaign line (0: none) -> micros."""
    rows = LedgerAccount.objects.filter(budget_line__in=[line.budget_line_id for line in lines])
    found: dict[tuple[int, str], dict[int, int]] = {}
    for line, month, part, micros in rows.values_list(
        "budget_line", "month", "campaign_line", "balance_micros"
    ):
        found.setdefault((line or 0, month), {})[part or 0] = micros
    return found


def _into(line: int, month: str, change: int, parts: Mapping[int, int]) -> list[Move]:
    """More goes to the line; less comes from what nobody has, then from campaigns as they hold it."""
    if change > 0:
        return [Move(Place(line, month), change)]
    free = min(parts.get(0, 0), -change)
    rest = -change - free
    held_by = {part: micros for part, micros in sorted(parts.items()) if part and micros}
    taken = (
        dict(zip(held_by, shared_out(rest, list(held_by.values())), strict=True)) if rest else {}
    )
    moves = [Move(Place(line, month), -free)] if free else []
    return moves + [Move(Place(line, month, part), -m) for part, m in taken.items() if m]
