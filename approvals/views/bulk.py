"""Deciding many requests at once: a page that shows them once more, then what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.permissions import gate, person
from approvals import services
from approvals.choices import Outcome
from approvals.forms import ReasonForm
from approvals.models import ChangeRequest
from approvals.permissions import DECIDING
from approvals.selectors import asks_to_sign_in_again, waiting_for
from approvals.services import Answered, Chosen
from approvals.views.again import lead_to_sign_in, must_sign_in_again, typed_before
from approvals.views.tables import AnsweredTable, ChosenTable, LeftOutTable
from core import clock, formats
from core.errors import Invalid
from core.money import Money
from core.pages import invalid, page

KEY = "bulk"
# A number of the database has at most 19 digits.
LONGEST_NUMBER = 19
WORDS = {Outcome.APPROVE: ("Approve", "approved"), Outcome.REJECT: ("Reject", "rejected")}


@gate(*DECIDING)
@require_http_methods(["GET", "POST"])
def decide_many(request: HttpRequest) -> HttpResponse:
    """The chosen requests once more, with one reason; posting ``confirmed`` decides them.

    Each is decided on the content that this page showed. Without anything chosen (GET) it is
    the page somebody comes back to after they signed in again.
    """
    user = person(request)
    if request.method == "POST" and "confirmed" in request.POST:
        return _decide(request, user)
    kept = typed_before(request, KEY) if request.method == "GET" else None
    ids = kept["ids"] if kept else _ids(request)
    outcome = kept["outcome"] if kept else request.POST.get("outcome", Outcome.APPROVE)
    reason = kept["reason"] if kept else _reason(request)
    chosen = [r for r in waiting_for(user, now=clock.now()) if ids is None or r.pk in ids]
    return _confirm_page(request, chosen, outcome, reason)


def _ids(request: HttpRequest) -> set[int] | None:
    """The numbers that were ticked; none of them is everything that waits."""
    if request.POST.get("all"):
        return None
    return {int(text) for text in request.POST.getlist("ids") if _is_number(text)}


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < LONGEST_NUMBER


def _reason(request: HttpRequest) -> str:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Invalid("The reason is too long, or cannot be read.", where="reason")
    return str(form.cleaned_data["reason"])


def _confirm_page(
    request: HttpRequest,
    chosen: Sequence[ChangeRequest],
    outcome: str,
    reason: str,
    *,
    problem: str = "",
) -> HttpResponse:
    if outcome not in WORDS:
        raise Invalid("Many at once are approved or rejected, nothing else.", where="outcome")
    verb, _ = WORDS[Outcome(outcome)]
    left_out = services.overtaken(chosen, outcome)
    chosen = [one for one in chosen if one not in left_out]
    context = {
        "title": _question(verb, chosen, left_out),
        "lead": _sum(chosen),
        "verb": verb,
        "outcome": outcome,
        "reason": reason,
        "problem": problem,
        "chosen": chosen,
        "left_out": LeftOutTable(request, [_unchosen(one) for one in left_out], export=False),
        "table": ChosenTable(request, chosen, export=False),
        "asks_again": asks_to_sign_in_again(chosen, outcome),
        "crumbs": _crumbs(),
    }
    answer = invalid if problem else page
    return answer(request, "approvals/bulk.html", context)


def _question(verb: str, chosen: Sequence[ChangeRequest], left_out: Sequence[ChangeRequest]) -> str:
    if chosen:
        return f"{verb} {_count(len(chosen))}?"
    return "None of these can be approved as it stands" if left_out else "Nothing is chosen"


def _unchosen(asked: ChangeRequest) -> dict[str, Any]:
    return {
        "pk": asked.pk,
        "title": asked.title,
        "reference": asked.reference,
        "url": asked.get_absolute_url(),
        "why": "What it would change has moved since it was asked for, by another request perhaps.",
        "remedy": f"Ask {asked.requested_by} to change it and send it again, or reject it.",
    }


def _decide(request: HttpRequest, user: User) -> HttpResponse:
    outcome, reason = request.POST.get("outcome", ""), _reason(request)
    chosen = _chosen(request.POST.getlist("chosen"))
    ids = [one.pk for one in chosen]
    waiting = [r for r in waiting_for(user, now=clock.now()) if r.pk in ids]
    if must_sign_in_again(request, user, waiting, outcome):
        typed = {"outcome": outcome, "reason": reason, "ids": ids}
        return lead_to_sign_in(request, user, KEY, typed, reverse("approvals:decide-many"))
    try:
        answers = services.requests_decide(
            user=user, chosen=chosen, outcome=outcome, reason=reason, at=clock.now()
        )
    except Invalid as error:
        return _confirm_page(request, waiting, outcome, reason, problem=error.message)
    return _result_page(request, answers, Outcome(outcome))


def _chosen(posted: Sequence[str]) -> list[Chosen]:
    """``12:0f3c...`` each: the number and the fingerprint of what was shown."""
    pairs = [text.partition(":") for text in posted]
    return [Chosen(int(pk), shown) for pk, _, shown in pairs if _is_number(pk)]


def _result_page(
    request: HttpRequest, answers: Sequence[Answered], outcome: Outcome
) -> HttpResponse:
    done = sum(answer.is_decided for answer in answers)
    _, past = WORDS[outcome]
    context: Mapping[str, Any] = {
        "title": f"{done} of {_count(len(answers))} {past}",
        "lead": ""
        if done == len(answers)
        else "Each of the others says why it was left as it is, and what to do.",
        "table": AnsweredTable(request, [_row(a, past) for a in answers], export=False),
        "is_result": True,
        "crumbs": _crumbs(),
    }
    return page(request, "approvals/bulk.html", context)


def _row(answer: Answered, past: str) -> dict[str, Any]:
    asked = answer.request
    return {
        "pk": answer.pk,
        "title": asked.title if asked else "Not found",
        "reference": asked.reference if asked else "",
        "url": asked.get_absolute_url() if asked else "",
        "outcome": past.capitalize() if answer.is_decided else "Not decided",
        "tone": "good" if answer.is_decided else "warn",
        "why": answer.problem,
    }


def _count(count: int) -> str:
    return "1 request" if count == 1 else f"{count} requests"


def _sum(chosen: Sequence[ChangeRequest]) -> str:
    sums: dict[str, int] = {}
    for request in chosen:
        sums[request.currency] = sums.get(request.currency, 0) + request.own_micros
    amounts = [formats.money_whole(Money(micros, cur)) for cur, micros in sums.items() if micros]
    return f"{' and '.join(amounts)} in all. Each is decided by itself." if amounts else ""


def _crumbs() -> list[tuple[str, str]]:
    return [("Approvals", reverse("approvals:inbox")), ("Several at once", "")]
