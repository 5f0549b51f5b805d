"""Changes that wait for approval, as the budget centre shows and decides them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.permissions import gate, person
from approvals.choices import Outcome
from approvals.models import ChangeRequest
from approvals.permissions import BY_AMOUNT, roles_in_words
from approvals.selectors import (
    asks_to_sign_in_again,
    current_step,
    requests_visible,
    standing,
)
from approvals.services import request_decide
from budgets.choices import REQUEST_KINDS
from core import clock, formats
from core.errors import Conflict, Invalid
from core.pages import redirect_to

SHOWN = 6
SAID = {Outcome.APPROVE: "approved", Outcome.REJECT: "rejected"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request in the list; ``decides`` where the person may decide it right here."""

    request: ChangeRequest
    stake: str
    meta: str
    left: str
    decides: bool
    elsewhere: bool


def waiting(user: User, asked: Sequence[ChangeRequest], now: datetime) -> list[Waiting]:
    """The first of them, with what the person may do with each."""
    return [_waiting(user, one, now) for one in asked[:SHOWN]]


def _waiting(user: User, one: ChangeRequest, now: datetime) -> Waiting:
    step = current_step(one)
    mine = standing(user, one, now=now).decide
    again = mine and asks_to_sign_in_again([one], Outcome.APPROVE)
    who = f"waits for {roles_in_words(step.roles)}" if step else ""
    return Waiting(
        one,
        stake=formats.money(one.amount),
        meta=f"{one.reference} · {one.requested_by} · {who}",
        left=formats.left(one.due_at, now) if one.due_at else "",
        decides=mine and not again,
        elsewhere=again,
    )


def pending_title(count: int) -> str:
    if not count:
        return "No change waits for approval"
    return "1 change waits for approval" if count == 1 else f"{count} changes wait for approval"


@gate(*BY_AMOUNT)
@require_POST
def decide_here(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or reject up to the first threshold without leaving the centre.

    Above it the request's own page shows all there is to know, and asks to sign in again.
    """
    user = person(request)
    asked = get_object_or_404(requests_visible(user).filter(kind__in=REQUEST_KINDS), pk=pk)
    outcome = request.POST.get("outcome", "")
    if outcome not in SAID:
        raise Invalid("Approve or reject it.", where="outcome")
    if asks_to_sign_in_again([asked], outcome):
        messages.info(request, "Above the first threshold a change is decided on its own page.")
        return redirect_to(request, asked.get_absolute_url())
    try:
        request_decide(
            request=asked,
            user=user,
            outcome=outcome,
            reason=request.POST.get("reason", ""),
            content_hash=request.POST.get("content_hash", ""),
            at=clock.now(),
        )
    except Conflict as error:
        messages.error(request, f"{error.message} {error.remedy}".strip())
    else:
        messages.success(request, f"{asked.reference} is {SAID[Outcome(outcome)]}.")
    return redirect_to(request, _back(request))


def _back(request: HttpRequest) -> str:
    """The centre as it stood; only its own query string is kept."""
    query = str(request.POST.get("back", ""))
    return reverse("budgets:centre") + (query if query.startswith("?") else "")
