"""Adopting a scenario, and scenarios side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person, require
from budgets.forms.cases import CaseForm
from budgets.forms.scenarios import AdoptForm, ScenarioCompareForm
from budgets.models import FiscalYear, Scenario
from budgets.selectors.outlook import Outlook, added_up, history, left_out, outlooks
from budgets.selectors.scenarios import (
    Plan,
    channel_names,
    plan_now,
    plan_of_scenario,
    scenarios_for,
)
from budgets.services import scenarios as services
from budgets.views.scenarios import SECTION, find_own, show
from budgets.views.tables_plans import side_by_side
from budgets.views.yearly import asked_year, frame, no_books
from core import clock, formats
from core.errors import AdroitError
from core.exports import export_response
from core.forms import refuse
from core.models import Organisation
from core.money import Money
from core.pages import page, redirect_to

MOST = 4


@gate(Act.DRAFT_REQUEST)
@require_POST
def scenario_adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """One request that brings the plan to the scenario: a draft, unless it is sent at once."""
    found, user = find_own(request, pk), person(request)
    form, case_form = AdoptForm(request.POST), CaseForm(request.POST, prefix="case")
    if form.is_valid() and case_form.is_valid():
        try:
            done = services.scenario_adopt(
                scenario=found,
                user=user,
                reason=form.cleaned_data["reason"],
                send=form.cleaned_data["send"],
                case=case_form.case(Organisation.current().reporting_currency),
                at=clock.now(),
            )
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            messages.success(request, _told(done))
            return redirect_to(request, done.request.get_absolute_url())
    return show(request, found, adopt_form=form, case_form=case_form)


def _told(done: services.Adoption) -> str:
    words = [f"{done.request.reference} brings the plan to the scenario."]
    if done.made:
        count = "1 new line waits" if len(done.made) == 1 else f"{len(done.made)} new lines wait"
        words.append(f"{count} for its money.")
    if done.staying:
        words.append(f"Months that are over or closed stay: {'; '.join(done.staying[:3])}.")
    return " ".join(words)


@gate(Act.VIEW_MONEY)
@require_safe
def scenario_compare(request: HttpRequest) -> HttpResponse:
    """Up to four scenarios and the plan: totals by month and channel, and what they may bring."""
    year = asked_year(request)
    if year is None:
        return no_books(request)
    user = person(request)
    known = scenarios_for(user, year)
    asked = set(request.GET.getlist("ids"))
    chosen = [one for one in known if str(one.pk) in asked][:MOST] if asked else known[:MOST]
    sheet = _Sheet(user, year, chosen)
    table = side_by_side(request, [plan.name for plan in sheet.plans], sheet.rows())
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(
            table,
            wanted,
            title=f"Scenarios {year} side by side",
            as_of=clock.now(),
            classification=Organisation.current().classification,
        )
    ids = [str(one.pk) for one in chosen]
    context = {
        **frame(request, SECTION, year, "Side by side"),
        "title": sheet.title(),
        "filters": ScenarioCompareForm(known, {"year": year.year, "ids": ids}),
        "table": table,
        "conversions": sheet.conversions(),
        "left_out": sheet.left_out(),
        "too_many": len(asked) > MOST,
        "gaps": list(dict.fromkeys(gap for plan in sheet.plans for gap in plan.gaps)),
    }
    return page(request, "budgets/scenario_compare.html", context)


class _Sheet:
    """The plan and the chosen scenarios, with what each may bring."""

    def __init__(self, user: User, year: FiscalYear, chosen: Sequence[Scenario]) -> None:
        teams = {one.team for one in chosen}
        top = min(teams, key=lambda team: len(team.path), default=None)
        self.plans: list[Plan] = [plan_now(user, year, top)] if top else []
        self.plans += [plan_of_scenario(one) for one in chosen]
        self.months = Organisation.current().calendar.months(year.year)
        self.found: list[Sequence[Outlook]] = []
        today = clock.today()
        past = {team.pk: history(user, team, today) for team in teams}
        for plan in self.plans:
            team = plan.scenario.team if plan.scenario else top
            self.found.append(outlooks(plan, past[team.pk]) if team else [])

    def title(self) -> str:
        if len(self.plans) < 2:
            return "No scenario to compare yet"
        scenarios = self.plans[1:]
        if len(scenarios) == 1:
            change = scenarios[0].total - self.plans[0].total
            beside = f"{formats.money_signed(change)} against the plan" if change else "as the plan"
            return f"{scenarios[0].name}: {formats.money(scenarios[0].total)}, {beside}"
        largest = max(scenarios, key=lambda plan: plan.total.micros)
        return f"{largest.name} plans most: {formats.money(largest.total)}"

    def rows(self) -> list[dict[str, Any]]:
        """What each costs and may bring, then its parts by channel and by month."""
        if not self.plans:
            return []
        rows = [self._row("Total spend", [plan.total for plan in self.plans])]
        for place, word in ((1, "middle"), (0, "low"), (2, "high")):
            rows.append(self._row(f"Expected revenue, {word}", self._revenue(place)))
        rows += [
            self._row(f"Spend on {name}", [plan.channel(key) for plan in self.plans])
            for key, name in channel_names(self.plans)
        ]
        rows += [
            self._row(f"Spend in {m.label}", [plan.month(m.key) for plan in self.plans])
            for m in self.months
        ]
        return rows

    def _revenue(self, place: int) -> list[Money | None]:
        sums = [added_up(found, "revenue") for found in self.found]
        return [
            Money(known[place], plan.currency) if known else None
            for known, plan in zip(sums, self.plans, strict=True)
        ]

    def _row(self, what: str, values: Sequence[Money | None]) -> dict[str, Any]:
        """Amounts of the plans, each with its difference to the first, the plan of now."""
        now, row = values[0], dict[str, Any](what=what)
        for number, value in enumerate(values):
            row[f"p{number}"] = value
            change = value - now if number and value is not None and now is not None else None
            row[f"d{number}"] = formats.money_signed(change) if change else ""
        return row

    def left_out(self) -> str:
        """Names of channels about whose results nothing can be said."""
        keys = {key for found in self.found for key in left_out(found, "revenue")}
        names = [name for key, name in channel_names(self.plans) if key in keys]
        return " and ".join(names)

    def conversions(self) -> list[tuple[str, str]]:
        """Plan -> "820 (640 to 1,050)"."""
        told = []
        for plan, found in zip(self.plans, self.found, strict=True):
            known = added_up(found, "conversions")
            if known:
                low, mid, high = (formats.compact(Money(value, "").amount) for value in known)
                told.append((plan.name, f"{mid} ({low} to {high})"))
        return told
