"""Opening years, making and changing lines."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import gate, person, require, teams_with
from budgets import services
from budgets.forms import LineForm, YearForm
from budgets.models import BudgetLine, FiscalYear
from budgets.services import OPENS_YEARS
from campaigns.models import CampaignLine
from core import clock
from core.errors import AdroitError, Invalid
from core.forms import refuse
from core.models import Organisation
from core.pages import form_page, redirect_to


def _refuse(form: Any, error: AdroitError) -> None:
    """Show an error at its field; what a person may not do stays a refusal."""
    if error.status == 403:
        raise error
    refuse(form, error)


@gate(*OPENS_YEARS)
@require_POST
def year_open(request: HttpRequest) -> HttpResponse:
    form = YearForm(request.POST)
    if not form.is_valid():
        raise Invalid("That is not a fiscal year.", where="year")
    number = form.cleaned_data["year"]
    year = services.year_open(user=person(request), year=number, at=clock.now())
    messages.success(request, f"The books of {year} are open. Add its lines next.")
    quarters = Organisation.current().calendar.quarters(year.year)
    quarter = next((one for one in quarters if clock.today() in one), quarters[0])
    return redirect_to(request, f"{reverse('budgets:centre')}?quarter={quarter.key}")


def _line_form(user: User, *args: Any, **kwargs: Any) -> LineForm:
    teams = Team.objects.filter(pk__in=[team.pk for team in teams_with(user, Act.DRAFT_REQUEST)])
    return LineForm(teams, CampaignLine.objects.for_user(user), *args, **kwargs)


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def line_create(request: HttpRequest) -> HttpResponse:
    user = person(request)
    initial = {
        "owner": user.pk,
        "fiscal_year": FiscalYear.objects.first(),
        "currency": Organisation.current().reporting_currency,
    }
    form = _line_form(user, request.POST or None, initial=initial)
    if form.is_valid():
        try:
            line = services.line_create(user=user, at=clock.now(), **form.cleaned_data)
        except AdroitError as error:
            _refuse(form, error)
        else:
            messages.success(request, f"{line} has no money yet: choose a month and ask for it.")
            return redirect_to(request, reverse("budgets:centre"))
    return _form_page(
        request, form, "New budget line", "Create line", "Its money comes by request."
    )


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def line_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    line = get_object_or_404(BudgetLine.objects.for_user(user), pk=pk)
    require(user, Act.DRAFT_REQUEST, team=line.team, owner_id=line.owner_id)
    form = _bound_to(user, line, request)
    if form.is_valid():
        data, now = form.cleaned_data, clock.now()
        try:
            services.line_change(
                line=line,
                user=user,
                name=data["name"],
                owner=data["owner"],
                gl_code=data["gl_code"],
                campaign_lines=data["campaign_lines"],
                at=now,
            )
        except AdroitError as error:
            _refuse(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect_to(request, reverse("budgets:centre"))
    return _form_page(request, form, str(line), "Save changes")


def _bound_to(user: User, line: BudgetLine, request: HttpRequest) -> LineForm:
    """The form of an existing line; where its money lies cannot change any more."""
    fixed = {
        "fiscal_year": line.fiscal_year,
        "team": line.team,
        "channel": line.channel,
        "currency": line.currency,
    }
    initial = {
        **fixed,
        "name": line.name,
        "owner": line.owner_id,
        "gl_code": line.gl_code,
        "campaign_lines": list(line.campaign_lines.values_list("pk", flat=True)),
    }
    form = _line_form(user, request.POST or None, initial=initial)
    for name in fixed:
        form.fields[name].disabled = True
    return form


def _form_page(
    request: HttpRequest, form: Any, title: str, save: str, lead: str = ""
) -> HttpResponse:
    back = reverse("budgets:centre")
    crumbs = [("Budgets", back), (title, "")]
    return form_page(request, form, title=title, save=save, back=back, crumbs=crumbs, lead=lead)
