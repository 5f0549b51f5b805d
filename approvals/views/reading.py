"""The inbox, one request, and the policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act, Role
from accounts.models import Team, User
from accounts.permissions import gate, person, teams_with
from approvals.forms import RequestFilter, SimulatorForm
from approvals.models import ChangeRequest, Decision, Policy
from approvals.permissions import roles_in_words
from approvals.rules.routing import band, steps_of
from approvals.selectors import (
    decision_times,
    policy_in_force,
    requests_visible,
    waiting_for,
    who_must_approve,
)
from approvals.services import kinds
from approvals.views.shown import request_context
from approvals.views.tables import RequestTable, RuleTable
from core import clock, formats
from core.exports import export_response
from core.models import Organisation
from core.money import Money
from core.pages import invalid, page
from core.parts import ApprovalStep, Tab, Tile


def waiting_count(request: HttpRequest) -> int:
    """How many requests wait for the signed-in person, for the rail's badge."""
    return len(waiting_for(person(request), now=clock.now()))


LIST_TITLES = {"mine": "Asked by you", "all": "Requests of your teams"}


@gate(Act.VIEW_MONEY, Act.DRAFT_REQUEST)
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    user, now = person(request), clock.now()
    waiting = waiting_for(user, now=now)
    visible = requests_visible(user)
    mine = visible.filter(requested_by=user)
    show = request.GET.get("show", "")
    found = RequestFilter(request.GET, visible, request=request)
    rows: Any = {"mine": mine, "all": found.qs}.get(show, waiting)
    table = RequestTable(request, rows, now=now)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Requests", as_of=now)
    context = {
        "title": _inbox_title(waiting, now),
        "tabs": _tabs(show, len(waiting), mine.open().count()),
        "table": table,
        "list_title": LIST_TITLES.get(show, "Waiting for your decision"),
        "filters": found.form if show == "all" else None,
        "tiles": _times(visible),
        "crumbs": [("Approvals", "")],
    }
    return page(request, "approvals/inbox.html", context, fragment="requests")


def _inbox_title(waiting: Sequence[ChangeRequest], now: datetime) -> str:
    if not waiting:
        return "No request waits for you"
    first = waiting[0]
    left = formats.duration(first.due_at - now) if first.due_at else ""
    if len(waiting) == 1:
        return f"1 request waits for you; it lapses in {left}"
    return f"{len(waiting)} requests wait for you; the first lapses in {left}"


def _tabs(show: str, waiting: int, mine: int) -> list[Tab]:
    return [
        Tab("Waits for you", "?", show not in ("mine", "all"), waiting),
        Tab("Asked by you", "?show=mine", show == "mine", mine),
        Tab("All", "?show=all", show == "all"),
    ]


def _times(visible: Any) -> list[Tile]:
    times = decision_times(Decision.objects.filter(step__request__in=visible))
    if not times.n or times.reading_p50 is None or times.waiting_p50 is None:
        return []
    words = formats.duration
    return [
        Tile(
            "From opened to decided",
            words(times.reading_p50),
            sentence=f"median of {times.n} decisions; 9 of 10 within {words(times.reading_p90)}"
            if times.reading_p90
            else "",
        ),
        Tile(
            "Waiting until opened",
            words(times.waiting_p50),
            sentence=f"median; 9 of 10 within {words(times.waiting_p90)}"
            if times.waiting_p90
            else "",
        ),
    ]


def visible_request(user: User, pk: int) -> ChangeRequest:
    """The request, or 404 when it is out of sight."""
    return get_object_or_404(requests_visible(user), pk=pk)


@gate(Act.VIEW_MONEY, Act.DRAFT_REQUEST)
@require_safe
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    asked = visible_request(user, pk)
    context = request_context(request, user, asked, clock.now())
    return page(request, "approvals/request.html", context)


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    user = person(request)
    newest = policy_in_force()
    currency = Organisation.current().reporting_currency
    teams = Team.objects.filter(pk__in=[team.pk for team in teams_with(user, Act.VIEW_CAMPAIGNS)])
    form = SimulatorForm(kinds(), teams, request.GET or None)
    context = {
        "title": "Who must approve what",
        "policy": newest,
        "rules": RuleTable(request, _rules(newest, currency), export=False),
        "form": form,
        "currency": currency,
        "answer": _answer(newest, form) if form.is_bound and form.is_valid() else None,
        "asked": form.is_bound,
        "crumbs": [("Approvals", reverse("approvals:inbox")), ("Policy", "")],
    }
    answer = invalid if form.is_bound and form.errors else page
    return answer(request, "approvals/policy.html", context)


def _rules(newest: Policy, currency: str) -> list[dict[str, Any]]:
    return [
        {
            "amounts": _amounts(band(rule), currency),
            "kinds": ", ".join(kinds().get(kind, "Every kind") for kind in rule["kinds"]),
            "who": _capital(", then ".join(roles_in_words(s.roles) for s in steps_of(rule))),
        }
        for rule in newest.rules
    ]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _amounts(covered: Any, currency: str) -> str:
    above = formats.money_whole(Money(covered.above, currency)) if covered.above else ""
    up_to = formats.money_whole(Money(covered.up_to, currency)) if covered.up_to else ""
    if above and up_to:
        return f"Above {above}, up to {up_to}"
    return f"Above {above}" if above else f"Up to {up_to}" if up_to else "Any amount"


def _answer(newest: Policy, form: SimulatorForm) -> list[ApprovalStep]:
    data = form.cleaned_data
    micros = Money.parse(data["amount"], "").micros
    steps = who_must_approve(
        policy=newest,
        kind=data["kind"],
        micros=micros,
        team=data["team"],
        requester=data["requester"],
    )
    return [
        ApprovalStep(
            who=" or ".join(person.name for person in step.people) or "Nobody holds this right now",
            role=", ".join(Role(role).label for role in step.roles),
        )
        for step in steps
    ]
