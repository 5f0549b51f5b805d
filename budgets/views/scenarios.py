"""Scenarios: the list, making one, its amounts and tools, adopting it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import gate, may, person, require, teams_with
from budgets.choices import ScenarioState
from budgets.forms.scenarios import GROW, SHIFT, ScenarioForm, ScenarioLineForm, ToolForm
from budgets.models import FiscalYear, Scenario, ScenarioLine
from budgets.selectors.scenarios import plan_of_scenario, scenarios_for
from budgets.services import scenarios as services
from budgets.views.scenariosheet import read_cells, scenario_context
from budgets.views.tables_plans import ScenarioTable, Shown
from budgets.views.yearly import asked_year, counted, frame, no_books
from core import clock
from core.errors import AdroitError, Conflict, Invalid
from core.exports import export_response
from core.forms import refuse
from core.models import Organisation
from core.pages import form_page, invalid, page, redirect_to

SECTION = "budgets:scenarios"
TONES = {ScenarioState.ADOPTED: "good", ScenarioState.DRAFT: "neutral"}


@gate(Act.VIEW_MONEY)
@require_safe
def scenarios(request: HttpRequest) -> HttpResponse:
    year = asked_year(request)
    if year is None:
        return no_books(request)
    user = person(request)
    rows = [_shown(one) for one in scenarios_for(user, year)]
    table = ScenarioTable(request, rows)
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(
            table,
            wanted,
            title=f"Scenarios {year}",
            as_of=clock.now(),
            classification=Organisation.current().classification,
        )
    count = (
        "No scenario" if not rows else "1 scenario" if len(rows) == 1 else f"{len(rows)} scenarios"
    )
    context = {
        **frame(request, SECTION, year),
        "title": f"{count} for {year}",
        "table": table,
        "may_make": bool(list(teams_with(user, Act.DRAFT_REQUEST))),
        "may_compare": bool(rows),
    }
    return page(request, "budgets/scenarios.html", context)


def _shown(scenario: Scenario) -> Shown:
    url = reverse("budgets:scenario", args=[scenario.pk])
    total = plan_of_scenario(scenario).total
    return Shown(scenario, total, url, TONES.get(ScenarioState(scenario.state), "neutral"))


def _teams(user: User) -> Any:
    pks = [team.pk for team in teams_with(user, Act.DRAFT_REQUEST)]
    return Team.objects.filter(pk__in=pks)


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def scenario_create(request: HttpRequest) -> HttpResponse:
    user, newest = person(request), FiscalYear.objects.first()
    teams = _teams(user)
    initial = {"fiscal_year": newest, "team": teams.order_by("path").first()}
    form = ScenarioForm(teams, request.POST or None, initial=initial)
    if form.is_valid():
        try:
            made = services.scenario_create(user=user, at=clock.now(), **form.fields_for_service())
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            messages.success(request, f"{made} is a draft: nothing changes until it is adopted.")
            return redirect_to(request, reverse("budgets:scenario", args=[made.pk]))
    return form_page(
        request,
        form,
        title="New scenario",
        save="Make the scenario",
        back=reverse(SECTION),
        crumbs=[
            ("Budgets", reverse("budgets:centre")),
            ("Scenarios", reverse(SECTION)),
            ("New", ""),
        ],
        lead="A plan that might be. Nothing changes until it is adopted and approved.",
    )


def find(request: HttpRequest, pk: int) -> Scenario:
    """A scenario in sight."""
    rows = Scenario.objects.for_user(person(request)).select_related("fiscal_year", "team", "owner")
    return get_object_or_404(rows, pk=pk)


def find_own(request: HttpRequest, pk: int) -> Scenario:
    """One that the person may change."""
    found = find(request, pk)
    require(person(request), Act.DRAFT_REQUEST, team=found.team, owner_id=found.owner_id)
    return found


@gate(Act.VIEW_MONEY)
@require_safe
def scenario(request: HttpRequest, pk: int) -> HttpResponse:
    return show(request, find(request, pk))


def show(request: HttpRequest, found: Scenario, **forms: Any) -> HttpResponse:
    """The page of a scenario, with a form that was refused in place of its own."""
    user, typed = person(request), forms.pop("typed", {})
    may_change = may(user, Act.DRAFT_REQUEST, team=found.team, owner_id=found.owner_id)
    context = {
        **frame(request, SECTION, found.fiscal_year, found.name),
        **scenario_context(user, found, clock.today(), may_change=may_change, typed=typed),
        "line_form": ScenarioLineForm(_teams(user), initial={"team": found.team}),
        **forms,
    }
    answer = invalid if forms else page
    return answer(request, "budgets/scenario.html", context)


@gate(Act.DRAFT_REQUEST)
@require_POST
def scenario_cells(request: HttpRequest, pk: int) -> HttpResponse:
    """Every amount of the sheet at once."""
    found = find_own(request, pk)
    try:
        amounts = read_cells(request.POST)
        count = services.cells_set(
            scenario=found, user=person(request), amounts=amounts, at=clock.now()
        )
    except (Invalid, Conflict) as error:
        problem = f"{error.message} {error.remedy}".strip()
        return show(request, found, problem=problem, typed=request.POST.dict())
    messages.success(request, counted(count, "amount"))
    return redirect_to(request, reverse("budgets:scenario", args=[pk]))


@gate(Act.DRAFT_REQUEST)
@require_POST
def scenario_tool(request: HttpRequest, pk: int) -> HttpResponse:
    """Grow, move by months, or share out a total."""
    found, user = find_own(request, pk), person(request)
    context = scenario_context(user, found, clock.today(), may_change=True)
    form = ToolForm(context["channel_choices"], context["month_choices"], request.POST)
    if form.is_valid():
        try:
            count = _use(form, found, user)
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            messages.success(request, counted(count, "amount"))
            return redirect_to(request, reverse("budgets:scenario", args=[pk]))
    return show(request, found, tool_form=form)


def _use(form: ToolForm, found: Scenario, user: User) -> int:
    data, at = form.cleaned_data, clock.now()
    chosen: dict[str, Any] = {
        "scenario": found, "user": user, "channel": data["channel"], "at": at
    }  # fmt: skip
    months = [data["month"]] if data["month"] else []
    if data["tool"] == GROW:
        return services.growth_apply(percent=data["percent"], months=months, **chosen)
    if data["tool"] == SHIFT:
        return services.months_shift(by=data["by"], **chosen)
    return services.total_spread(total=form.money, months=months, **chosen)


@gate(Act.DRAFT_REQUEST)
@require_POST
def scenario_line_add(request: HttpRequest, pk: int) -> HttpResponse:
    found, user = find_own(request, pk), person(request)
    form = ScenarioLineForm(_teams(user), request.POST)
    if form.is_valid():
        try:
            services.line_add(scenario=found, user=user, at=clock.now(), **form.cleaned_data)
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            return redirect_to(request, reverse("budgets:scenario", args=[pk]))
    return show(request, found, line_form=form)


@gate(Act.DRAFT_REQUEST)
@require_POST
def scenario_line_remove(request: HttpRequest, pk: int) -> HttpResponse:
    line = get_object_or_404(ScenarioLine.objects.select_related("scenario__team"), pk=pk)
    found = find_own(request, line.scenario_id)
    services.line_remove(line=line, user=person(request), at=clock.now())
    messages.success(request, f"{line} is out of the scenario.")
    return redirect_to(request, reverse("budgets:scenario", args=[found.pk]))


@gate(Act.DRAFT_REQUEST)
@require_POST
def scenario_archive(request: HttpRequest, pk: int) -> HttpResponse:
    found = find_own(request, pk)
    services.scenario_archive(scenario=found, user=person(request), at=clock.now())
    messages.success(request, f"{found} was put away.")
    return redirect_to(request, f"{reverse(SECTION)}?year={found.fiscal_year.year}")
