"""What is done to a bill: matched, let pass, disputed, voided; many accepted at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.permissions import gate, person
from budgets.choices import BillState
from budgets.forms.bills import ReasonForm
from budgets.models import Bill
from budgets.selectors.bills import exact_bills
from budgets.services import bills
from budgets.services.bills import ENTERS, PASSES, TO_ENTER, Match
from budgets.views.bills.places import Places
from budgets.views.bills.queue import queue_page
from budgets.views.bills.remedies import refusal
from budgets.views.bills.shown import bill_of, bill_page
from core import clock
from core.errors import AdroitError
from core.forms import refuse
from core.pages import redirect_to

QUEUE = "queue"


@gate(*ENTERS, to=TO_ENTER)
@require_POST
def bill_match(request: HttpRequest, pk: int) -> HttpResponse:
    """Post a waiting bill for the orders or budget lines chosen for its lines."""
    user = person(request)
    found = bill_of(user, pk)
    try:
        matched = bills.bill_match(
            bill=found, user=user, matches=_matches(request, user, found), at=clock.now()
        )
    except AdroitError as error:
        if error.status == 403:
            raise
        told = refusal(error, found)
        if QUEUE in request.POST:
            return queue_page(request, user, found.pk, told)
        return bill_page(request, found, refused=told)
    if matched.state == BillState.HELD:
        messages.warning(request, f"{matched} is held. {matched.held_because}")
    else:
        messages.success(request, f"{matched} is posted. {matched.held_because}".strip())
    return redirect_to(request, _back(request, matched))


def _matches(request: HttpRequest, user: User, found: Bill) -> Sequence[Match]:
    """What was chosen for each line: ``place-1``, ``month-1``, ``whole-1``; unchosen ones stay."""
    places = Places(user, found.vendor)
    chosen = []
    for position in found.lines.values_list("position", flat=True):
        value = request.POST.get(f"other-{position}") or request.POST.get(f"place-{position}", "")
        if value:
            chosen.append(
                Match(
                    position,
                    month=request.POST.get(f"month-{position}", ""),
                    is_whole_month=f"whole-{position}" in request.POST,
                    **places.fields(value),
                )
            )
    return chosen


def _back(request: HttpRequest, found: Bill) -> str:
    """The next bill of the queue for those who work there, else the bill."""
    if QUEUE not in request.POST:
        return found.get_absolute_url()
    stays = found.state in (BillState.TO_MATCH, BillState.HELD)
    return reverse("budgets:matching") + (f"?bill={found.pk}" if stays else "")


@gate(*ENTERS, to=TO_ENTER)
@require_POST
def bill_dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold a bill with a comment on what is wrong."""
    return _with_reason(
        request, pk, "is held until the question is settled.",
        lambda found, user, reason: bills.bill_dispute(
            bill=found, user=user, comment=reason, at=clock.now()
        ),
    )  # fmt: skip


@gate(*PASSES, to="let a held bill pass")
@require_POST
def bill_pass(request: HttpRequest, pk: int) -> HttpResponse:
    """Post a held bill although its budget line has too little."""
    return _with_reason(
        request, pk, "is posted.",
        lambda found, user, reason: bills.bill_pass(
            bill=found, user=user, reason=reason, at=clock.now()
        ),
    )  # fmt: skip


@gate(*ENTERS, to=TO_ENTER)
@require_POST
def bill_void(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a bill back by entries that undo it."""
    return _with_reason(
        request, pk, "is void. What it wrote is undone.",
        lambda found, user, reason: bills.bill_void(
            bill=found, user=user, reason=reason, at=clock.now()
        ),
    )  # fmt: skip


def _with_reason(
    request: HttpRequest, pk: int, told: str, act: Callable[[Bill, User, str], Bill]
) -> HttpResponse:
    """Carry out an act that needs a reason; refused, the bill's page says why."""
    user = person(request)
    found, form = bill_of(user, pk), ReasonForm(request.POST)
    if form.is_valid():
        try:
            done = act(found, user, form.cleaned_data["reason"])
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            messages.success(request, f"{done} {told}")
            return redirect_to(request, _back(request, done))
    return bill_page(request, found, form)


@gate(*ENTERS, to=TO_ENTER)
@require_POST
def bills_accept(request: HttpRequest) -> HttpResponse:
    """Post every waiting invoice of which each line has exactly one order."""
    user = person(request)
    done = bills.bills_accept_exact(user=user, bills=exact_bills(user), at=clock.now())
    if done.posted:
        count = len(done.posted)
        messages.success(
            request, "1 bill is posted." if count == 1 else f"{count} bills are posted."
        )
    for left, why in done.left[:5]:
        messages.warning(request, f"{left} stays: {why}")
    if not done.posted and not done.left:
        messages.info(request, "No bill has exactly one order for each of its lines.")
    return redirect_to(request, reverse("budgets:matching"))
