"""What can be asked for here: moving planned money between lines, and changing the plan's total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import Team, User
from approvals.models import ChangeRequest
from approvals.services import Effect, Payload, Traits, is_unchanged
from budgets.choices import BULK_FILE, PLAN_CHANGE, REALLOCATION, REQUEST_KINDS
from budgets.models import LedgerTransaction
from budgets.rules.case import read_case
from budgets.rules.checks import Stage
from budgets.rules.moves import moved, read_moves, require_net_zero
from budgets.selectors import in_reporting, local_day, newest_rates
from budgets.services import effects, expectations, moves
from budgets.services.cases import show_case
from budgets.services.checks import foresee, in_words
from budgets.services.commitments import hold_lines
from budgets.services.evidence import evidence_for
from budgets.services.traits import traits_of
from core import outbox
from core.errors import Conflict
from core.money import Money


class PlanChange:
    """Planned amounts of lines and months change, and with them the total."""

    kind = PLAN_CHANGE
    label = "Plan change"
    template = "budgets/_evidence.html"
    ledger_kind: str = LedgerTransaction.Kind.PLAN
    least_moves = 1

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:
        """Shape, sight, open months, enough money, and a readable expectation."""
        wanted = self._moves(payload)
        moves.require_possible(wanted, user=user, at=at)
        moves.require_named_currency(payload, wanted)
        expectations.read_expectation(payload)
        read_case(payload)
        moves.amount_of(wanted, at)
        moves.require_affordable(wanted, at=at)

    def binding(self, payload: Payload) -> Payload:
        """The content, the version of every account it touches, and the newest rates in use."""
        wanted = self._moves(payload)
        versions = moves.versions_of(wanted)
        until = max(move.period.end for move in wanted)
        return {
            "payload": dict(payload),
            "accounts": {place.key: version for place, version in versions.items()},
            "rates": newest_rates((move.line.currency for move in wanted), until),
        }

    def amount(self, payload: Payload, *, at: datetime) -> Money:
        return moves.amount_of(self._moves(payload), at)

    def traits(self, payload: Payload, *, at: datetime) -> Traits:
        """Share of a plan, channels and risk."""
        return traits_of(self._moves(payload), at=at)

    def earlier(self, payload: Payload, others: Sequence[ChangeRequest], *, at: datetime) -> Money:
        """What other requests moved on the budget lines of this one."""
        wanted = self._moves(payload)
        lines = {move.line.pk: move.line.currency for move in wanted}
        amounts = [
            amount
            for other in others
            if other.kind in REQUEST_KINDS
            for amount in moved(
                (lines[move.place.budget_line], move.micros)
                for move in read_moves(other.payload, least=1)
                if move.place.budget_line in lines
            )
        ]
        return in_reporting(amounts, local_day(at))

    def team(self, payload: Payload) -> Team:
        return moves.team_above(self._moves(payload))

    def effects(self, payload: Payload) -> Sequence[Effect]:
        return effects.effects_of(self._moves(payload))

    def evidence(self, payload: Payload, *, user: User, at: datetime) -> Mapping[str, str]:
        """What the campaign lines did in the 28 days before, as far as the person sees it, and
        what the spending checks say."""
        wanted = self._moves(payload)
        told = in_words(foresee(moves.asks_of(wanted), Stage.REQUESTS))
        return {**evidence_for(wanted, user=user, at=at), **told}

    def edit_url(self, request: ChangeRequest) -> str:
        return reverse("budgets:reallocate-edit", args=[request.pk])

    def details(self, request: ChangeRequest) -> Mapping[str, Any]:
        told = expectations.details(request.payload, request.reason)
        return {**told, "case": show_case(request.payload)}

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:
        """Move the money, log the change per campaign line, and order the platforms' file."""
        wanted = self._moves(request.payload)
        # Read, then compared with what was approved, then named to the ledger: whoever moves
        # one of these accounts in between, is noticed at the latest where the money moves.
        versions = moves.versions_of(wanted)
        if not is_unchanged(request):
            raise Conflict(f"What {request.reference} would change has moved.", code="stale")
        hold_lines({move.line.pk for move in wanted})
        moves.require_affordable(wanted, at=at)
        changes = effects.part_changes(wanted)
        made = moves.move_money(
            wanted,
            key=f"request:{request.pk}",
            kind=self.ledger_kind,
            reason=f"{request.reference}: {request.title}",
            actor=request.requested_by.as_actor(),
            at=at,
            request_id=request.pk,
            versions=versions,
        )
        effects.log_changes(request, changes, at)
        if changes:
            outbox.enqueue(BULK_FILE, f"bulk_file:{request.pk}", {"request": request.pk}, at=at)
        return {"transaction": made.pk, "campaign_lines": len(changes)}

    def _moves(self, payload: Payload) -> list[moves.LineMove]:
        return moves.resolve(payload, least=self.least_moves)


class Reallocation(PlanChange):
    """Money changes place between lines; every currency's total stays."""

    kind = REALLOCATION
    label = "Budget move"
    ledger_kind: str = LedgerTransaction.Kind.REALLOCATION
    least_moves = 2

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:
        require_net_zero(moves.by_currency(self._moves(payload)))
        super().validate(payload, user=user, at=at)
