"""Changing many planned amounts together: what only gives out money at once, the rest as one request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import may
from approvals.models import ChangeRequest
from approvals.permissions import roles_in_words
from approvals.selectors import policy_in_force, who_must_approve
from approvals.services import request_create
from budgets.choices import PLAN_CHANGE, REALLOCATION
from budgets.models import BudgetLine, LedgerTransaction
from budgets.rules.cells import CellEdit, Settled, Short, settle
from budgets.rules.moves import Move, Place, as_payload, nets
from budgets.selectors.cells import CellBooks, cell_books, cell_problems, problem
from budgets.selectors.rates import local_day
from budgets.services.commitments import hold_lines
from budgets.services.ledger import Leg, line_leg, transfer
from budgets.services.moves import amount_of, resolve, team_above
from budgets.services.years import hold_years
from core import formats
from core.errors import Conflict, Invalid
from core.money import Money

# What others need to say which cells they change.
__all__ = [
    "BulkEdited",
    "BulkPlan",
    "BulkPreview",
    "CellEdit",
    "Place",
    "bulk_title",
    "plan_edit_many",
    "preview_bulk",
    "read_bulk",
]

SHOWN = 200


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """What edits come to: ``legs`` move at once, ``moves`` are asked for as a request of ``kind``.

    ``totals`` is by how much each currency's planned total would change; ``given`` and
    ``lines`` count cells given out at once and budget lines touched.
    """

    legs: Sequence[Leg]
    moves: Sequence[Move]
    kind: str
    totals: Mapping[str, int]
    given: int
    cells: int
    lines: Sequence[BudgetLine]
    months: Sequence[str]

    @property
    def payload(self) -> dict[str, Any]:
        return {"moves": as_payload(self.moves), "currency": self.lines[0].currency}


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """A plan in words: who would decide, and how much is asked for in the reporting currency."""

    plan: BulkPlan
    amount: Money | None
    deciders: str


@dataclass(frozen=True, slots=True)
class BulkEdited:
    """What was done at once and what was asked for; either may be None."""

    plan: BulkPlan
    made: LedgerTransaction | None
    asked: ChangeRequest | None


@transaction.atomic
def plan_edit_many(
    *, user: User, cells: Sequence[CellEdit], reason: str, at: datetime
) -> BulkEdited:
    """Bring every cell to its amount, all or nothing.

    A cell without campaign line is the line's whole month. Raises ``Conflict`` or
    ``Invalid`` whose ``details`` name each cell that cannot be changed and why: over,
    closed, or changed by somebody since it was read.
    """
    if not reason.strip():
        raise Invalid("Say why the plan changes.", where="reason")
    seen = BudgetLine.objects.for_user(user).filter(pk__in={c.place.budget_line for c in cells})
    found = dict(seen.values_list("pk", "fiscal_year"))
    hold_years(set(found.values()))
    hold_lines(list(found))
    plan = read_bulk(user, cells, at=at)
    made = _give_out(plan, user, reason, at) if plan.legs else None
    asked = _ask(plan, user, reason, at) if plan.moves else None
    return BulkEdited(plan, made, asked)


def preview_bulk(user: User, cells: Sequence[CellEdit], *, at: datetime) -> BulkPreview:
    """What ``plan_edit_many`` would do; raises what it would raise."""
    plan = read_bulk(user, cells, at=at)
    if not plan.moves:
        return BulkPreview(plan, None, "")
    found = resolve(plan.payload, least=1)
    amount = amount_of(found, at)
    steps = who_must_approve(
        policy=policy_in_force(),
        kind=plan.kind,
        micros=amount.micros,
        team=team_above(found),
        requester=user,
    )
    words = ", then ".join(roles_in_words(step.roles) for step in steps)
    return BulkPreview(plan, amount, words)


def read_bulk(user: User, cells: Sequence[CellEdit], *, at: datetime) -> BulkPlan:
    """The edits checked against the books as they are now."""
    books = cell_books(user, cells)
    problems = cell_problems(books, cells, today=local_day(at))
    _refuse(problems)
    settled = _settle(user, books, cells)
    legs = [leg for place, month in settled.items() for leg in _legs(books, place, month)]
    moves = [
        Move(Place(line, month, part), micros)
        for (line, month), found in settled.items()
        for part, micros in found.asked.items()
    ]
    if not legs and not moves:
        raise Invalid("That is what is planned already.", where="cells")
    net = nets((books.lines[move.place.budget_line].currency, move.micros) for move in moves)
    used = [c for c in cells if books.micros(c.place) != c.micros]
    lines = [books.lines[pk] for pk in dict.fromkeys(c.place.budget_line for c in used)]
    return BulkPlan(
        legs=legs,
        moves=moves,
        kind=PLAN_CHANGE if any(net.values()) or len(moves) < 2 else REALLOCATION,
        totals=net,
        given=sum(len(found.given) for found in settled.values()),
        cells=len(used),
        lines=lines,
        months=sorted({c.place.month for c in used}),
    )


def _refuse(problems: Sequence[dict[str, Any]]) -> None:
    if not problems:
        return
    stale = [found for found in problems if found["code"] == "stale"]
    kind = Conflict if stale else Invalid
    count = len(problems)
    first = problems[0]["message"]
    raise kind(
        first if count == 1 else f"{count} amounts cannot be saved. The first: {first}",
        code="stale" if stale else "cells",
        where="cells",
        remedy="Nothing was saved. Look at the marked amounts, then save again.",
        details=problems[:SHOWN],
    )


def _settle(
    user: User, books: CellBooks, cells: Sequence[CellEdit]
) -> dict[tuple[int, str], Settled]:
    """(line, month) -> how it gets from now to then."""
    wanted: dict[tuple[int, str], dict[int | None, int]] = {}
    for cell in cells:
        place = cell.place
        wanted.setdefault((place.budget_line, place.month), {})[place.campaign_line] = cell.micros
    gives = {
        pk: may(user, Act.DRAFT_REQUEST, team=line.team, owner_id=line.owner_id)
        for pk, line in books.lines.items()
    }
    settled, problems = {}, []
    for (line, month), amounts in wanted.items():
        parts = {part: micros for part, micros in amounts.items() if part is not None}
        now, total = books.month(line, month), amounts.get(None)
        try:
            settled[line, month] = settle(now, total=total, parts=parts, may_give=gives[line])
        except Short as error:
            problems.append(_short(books, line, month, error.micros, None in amounts))
    _refuse(problems)
    return settled


def _short(
    books: CellBooks, line: int, month: str, micros: int, whole_edited: bool
) -> dict[str, Any]:
    amount = formats.money_exact(Money(micros, books.lines[line].currency))
    place = Place(line, month)
    return problem(
        books,
        place,
        "parts",
        f"its campaign lines hold {amount} more than that; lower them too."
        if whole_edited
        else f"its campaign lines would hold {amount} too much.",
    )


def _legs(books: CellBooks, place: tuple[int, str], found: Settled) -> list[Leg]:
    """Out of the free money of the month, into its campaign lines."""
    if not found.given:
        return []
    line, month = books.lines[place[0]], place[1]
    legs = [line_leg(line, month, -sum(found.given.values()))]
    return legs + [
        line_leg(line, month, micros, books.parts[part]) for part, micros in found.given.items()
    ]


def _give_out(plan: BulkPlan, user: User, reason: str, at: datetime) -> LedgerTransaction:
    return transfer(
        legs=plan.legs,
        key=f"grid:{uuid4()}",
        kind=LedgerTransaction.Kind.PLAN,
        reason=reason.strip(),
        actor=user.as_actor(),
        at=at,
    )


def _ask(plan: BulkPlan, user: User, reason: str, at: datetime) -> ChangeRequest:
    return request_create(
        user=user,
        kind=plan.kind,
        payload=plan.payload,
        title=bulk_title(plan),
        reason=reason,
        evidence={},
        at=at,
    )


def bulk_title(plan: BulkPlan) -> str:
    """ "Change 14 planned amounts of 3 lines, 2026-11 to 2026-12: +€12,000"."""
    names = [str(line) for line in plan.lines]
    whose = " and ".join(names) if len(names) < 3 else f"{len(names)} lines"
    months = plan.months[0]
    if len(plan.months) > 1:
        months = f"{plan.months[0]} to {plan.months[-1]}"
    sums = [
        formats.money_exact_signed(Money(micros, currency))
        for currency, micros in plan.totals.items()
        if micros
    ]
    change = ", ".join(sums) or "the total stays"
    count = "1 planned amount" if plan.cells == 1 else f"{plan.cells} planned amounts"
    return f"Change {count} of {whose[:100]}, {months}: {change}"[:200]
