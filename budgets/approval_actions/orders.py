"""What can be asked for of orders: placing one, and changing one that is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import Team, User
from approvals.models import ChangeRequest
from approvals.services import Effect, Payload, is_unchanged
from budgets.choices import ORDER
from budgets.models import Order
from budgets.services.checks import in_words
from budgets.services.orders import asking, foreseen, read_payload
from core.errors import Conflict
from core.models import Organisation
from core.money import Money


class OrderRequest:
    """An order is placed, or an open one changes: its money is reserved until it is decided."""

    kind = ORDER
    label = "Purchase order"
    template = "budgets/_order_evidence.html"

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:  # noqa: ARG002
        """Shape, sight, rights, open months, a rate for every currency, nothing below what is billed."""
        asking.require_askable(payload, user=user)

    def binding(self, payload: Payload) -> Payload:
        """Every word of the order, its version, and the newest rates in use."""
        return asking.binding_of(payload)

    def amount(self, payload: Payload, *, at: datetime) -> Money:
        return asking.amount_asked(payload, at=at)

    def earlier(self, payload: Payload, others: Sequence[ChangeRequest], *, at: datetime) -> Money:  # noqa: ARG002
        """What other order requests of the person took from the same budget lines."""
        lines = asking.lines_touched(payload)
        near = [
            other
            for other in others
            if other.kind == ORDER and lines & asking.lines_touched(other.payload)
        ]
        return Money(
            sum(other.own_micros for other in near), Organisation.current().reporting_currency
        )

    def team(self, payload: Payload) -> Team:
        return asking.team_of(payload)

    def effects(self, payload: Payload) -> Sequence[Effect]:
        """What each line's month has left before and after."""
        return [
            Effect(
                label=str(line.budget_line),
                before=left,
                after=left - taken,
                change=-taken,
                channel=line.budget_line.channel.key,
                owner=line.budget_line.owner.name,
                note=f"{line.description} · {asking.month_of_line(line)}",
            )
            for line, left, taken in asking.effects_on(payload)
        ]

    def evidence(self, payload: Payload, *, user: User, at: datetime) -> Mapping[str, str]:  # noqa: ARG002
        """What the spending checks say, frozen with the request."""
        order, content = read_payload(payload)
        return in_words(foreseen(order, content)) or {
            "Spending check": "Within what its lines have."
        }

    def edit_url(self, request: ChangeRequest) -> str:
        return reverse("budgets:order-edit", args=[request.payload["order"]])

    def details(self, request: ChangeRequest) -> Mapping[str, Any]:
        """The order, for a link to its page."""
        return {"order": Order.objects.filter(pk=request.payload["order"]).first()}

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:
        """Commit what was reserved; a check that stops, or a change in between, ends it as stale."""
        if not is_unchanged(request):
            raise Conflict(f"What {request.reference} would change has moved.", code="stale")
        return asking.carry_out(request, at)
