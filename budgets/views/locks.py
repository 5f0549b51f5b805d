"""Asking to lock the plan of a year, and to unlock it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.choices import Act
from accounts.models import Team
from accounts.permissions import gate, person
from budgets.forms.versions import LockForm, UnlockForm
from budgets.models import FiscalYear
from budgets.selectors import in_reporting
from budgets.selectors.locks import lock_of, lock_sentence, planned_totals, team_of_year
from budgets.services.locks import lock_ask, unlock_ask
from budgets.views.yearly import asked_year, frame, led_teams
from core import clock, formats
from core.errors import AdroitError, Invalid, NotAllowed
from core.forms import refuse
from core.pages import invalid, page, redirect_to

SECTION = "budgets:versions"


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def lock(request: HttpRequest) -> HttpResponse:
    return _asking(request, LockForm, lock_ask, "Lock the plan of")


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def unlock(request: HttpRequest) -> HttpResponse:
    return _asking(request, UnlockForm, unlock_ask, "Unlock the plan of")


def _asking(request: HttpRequest, kind: type[UnlockForm], ask: Any, words: str) -> HttpResponse:
    user, year = person(request), asked_year(request)
    if year is None:
        raise Http404
    teams = led_teams(user)
    if not teams:
        raise NotAllowed(
            "Locking and unlocking is asked for by directors.", remedy="Ask your director."
        )
    rows = Team.objects.filter(pk__in=[team.pk for team in teams])
    form = kind(rows, request.POST or None, initial={"team": _best(year, teams)})
    if form.is_valid():
        data = dict(form.cleaned_data)
        try:
            made = ask(user=user, year=year, team_id=data.pop("team").pk, at=clock.now(), **data)
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            messages.success(request, f"{made.reference} was sent to those who may decide.")
            return redirect_to(request, made.get_absolute_url())
    return _page(request, year, form, f"{words} {year}")


def _best(year: FiscalYear, teams: list[Team]) -> Team:
    """The team above all lines where the person leads it, else the highest that they lead."""
    above = team_of_year(year)
    if above is not None and above in teams:
        return above
    return min(teams, key=lambda team: len(team.path))


def _page(request: HttpRequest, year: FiscalYear, form: UnlockForm, title: str) -> HttpResponse:
    held = lock_of(year)
    context = {
        **frame(request, SECTION, year, title),
        "title": title,
        "form": form,
        "amount": _amount(year),
        "lock_text": lock_sentence(held) if held else "",
        "back": f"{reverse(SECTION)}?year={year.year}",
    }
    answer = invalid if form.is_bound else page
    return answer(request, "budgets/lock.html", context)


def _amount(year: FiscalYear) -> str:
    try:
        return formats.money_whole(in_reporting(planned_totals(year), clock.today()))
    except Invalid as error:
        return f"not known yet: {error.message}"
