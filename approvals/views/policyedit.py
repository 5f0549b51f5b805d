"""Changing the policy: thresholds, rules and steps, what would change, and who would approve then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person
from approvals import services
from approvals.choices import FINAL_STATES, POLICY_CHANGE
from approvals.forms import ReasonForm, SimulatorForm
from approvals.models import ChangeRequest
from approvals.rules.routing import Rule
from approvals.selectors import policy_in_force, requests_visible
from approvals.views.policy import effect_tables, last_quarter, replay_between
from approvals.views.policysheet import PolicySheet
from approvals.views.policywords import (
    answer_steps,
    ask,
    replay_notes,
    replay_sentence,
    simulator,
)
from approvals.views.tables import RuleChangeTable, TriedTable
from core import clock
from core.errors import AdroitError, Invalid
from core.forms import refuse
from core.models import Organisation
from core.pages import invalid, page, redirect_to

SEND, PREVIEW, ASK, TRY = "send", "preview", "ask", "try"
QUESTION = "ask"


@gate(Act.CHANGE_POLICY)
@require_http_methods(["GET", "POST"])
def policy_edit(request: HttpRequest) -> HttpResponse:
    """Rules as rows; every button sends the whole form, and only one of them asks for the change."""
    user, newest = person(request), policy_in_force()
    asked = _own_change(request, user)
    start = asked.payload["rules"] if asked else newest.rules
    posted = request.POST if request.method == "POST" else None
    sheet = PolicySheet(services.policy_known(), start, posted=posted)
    do = request.POST.get("do", "")
    context = _context(request, user, sheet, asked)
    # A button that adds, removes or orders rows looks at nothing yet.
    rules = sheet.check() if do in (SEND, PREVIEW, ASK, TRY) else None
    if rules is not None:
        if do == SEND and (made := _send(request, user, sheet, rules, asked)):
            return redirect_to(request, made.get_absolute_url())
        _show(request, user, context, newest.rules, rules, do)
    is_wrong = do in (SEND, PREVIEW, ASK, TRY) and (rules is None or do == SEND)
    answer = invalid if is_wrong else page
    return answer(request, "approvals/policy_edit.html", context)


def _own_change(request: HttpRequest, user: User) -> ChangeRequest | None:
    """The policy request that is changed here, when the address names one of one's own."""
    wanted = request.GET.get("request", "")
    if not wanted:
        return None
    rows = requests_visible(user).filter(kind=POLICY_CHANGE, requested_by=user)
    found = rows.exclude(state__in=FINAL_STATES)
    return get_object_or_404(
        found, pk=int(wanted) if wanted.isdecimal() and len(wanted) < 19 else 0
    )


def _context(
    request: HttpRequest, user: User, sheet: PolicySheet, asked: ChangeRequest | None
) -> dict[str, Any]:
    return {
        "title": f"Change {asked.reference}" if asked else "Change the approval policy",
        "sheet": sheet,
        "asked": asked,
        "reason": request.POST.get("reason", asked.reason if asked else ""),
        "question": _question(request, user),
        "currency": Organisation.current().reporting_currency,
        "crumbs": [
            ("Approvals", reverse("approvals:inbox")),
            ("Policy", reverse("approvals:policy")),
            ("Change", ""),
        ],
    }


def _reason(request: HttpRequest) -> str:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Invalid("The reason is too long, or cannot be read.", where="reason")
    return str(form.cleaned_data["reason"])


def _question(request: HttpRequest, user: User) -> SimulatorForm:
    """The simulator beside the rules: checked when it is asked, else as it was typed."""
    typed = request.POST
    if typed.get("do") == ASK:
        return simulator(user, typed, prefix=QUESTION)
    form = simulator(user, None, prefix=QUESTION)
    for name in form.fields:
        if values := [value for value in typed.getlist(f"{QUESTION}-{name}") if value]:
            form.initial[name] = values if name == "channels" else values[0]
    return form


def _send(
    request: HttpRequest,
    user: User,
    sheet: PolicySheet,
    rules: Sequence[Rule],
    asked: ChangeRequest | None,
) -> ChangeRequest | None:
    try:
        made = services.policy_propose(
            user=user,
            rules=rules,
            reason=_reason(request),
            at=clock.now(),
            request=asked,
        )
    except AdroitError as error:
        sheet.problems.append(f"{error.message} {error.remedy}".strip())
        return None
    messages.success(
        request, f"{made.reference} was sent. An executive who had no hand in it confirms."
    )
    return made


def _show(
    request: HttpRequest,
    user: User,
    context: dict[str, Any],
    before: Sequence[Rule],
    after: Sequence[Rule],
    do: str,
) -> None:
    """Add what the pressed button asks for: the differences always, an answer, or real requests."""
    changes = services.rule_changes(before, after, context["sheet"].known)
    context["changes"] = RuleChangeTable(request, changes, export=False)
    if do == ASK:
        _answer(context, after)
    if do == TRY:
        now = clock.now()
        found = replay_between(before, after, *last_quarter(now))
        context |= {
            "effect": replay_sentence(found),
            "notes": replay_notes(found),
            **effect_tables(request, user, found, table=TriedTable),
        }


def _answer(context: dict[str, Any], rules: Sequence[Rule]) -> None:
    form = context["question"]
    if not form.is_bound or not form.is_valid():
        return
    try:
        answer = ask(rules, form)
    except AdroitError as error:
        refuse(form, error)
        return
    context |= {"answer": answer, "steps": answer_steps(answer)}
