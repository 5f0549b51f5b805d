"""Spending checks: which hold where, and the form that sets them."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import can, gate, may, person
from accounts.selectors import open_teams_for
from budgets.choices import CheckLevel
from budgets.forms.checks import CheckForm
from budgets.models import BudgetLine, SpendingCheck
from budgets.rules.checks import DEFAULT
from budgets.selectors.checks import checks_for
from budgets.selectors.sections import section_tabs
from budgets.services.checks import SETS_CHECKS, check_clear, check_set, may_set_check
from core import clock
from core.errors import AdroitError
from core.forms import refuse
from core.pages import invalid, page, redirect_to

STAGES = ("requests", "orders", "actuals", "cumulative")


@dataclass(frozen=True, slots=True)
class CheckShown:
    """A scope with its four levels; ``check`` is None for what the product does by itself."""

    scope: str
    note: str
    levels: list[tuple[str, str]]
    check: SpendingCheck | None
    may_change: bool


@gate(Act.VIEW_MONEY)
@require_safe
def checks(request: HttpRequest) -> HttpResponse:
    user = person(request)
    return page(request, "budgets/checks.html", _context(user, _form(user)))


@gate(*SETS_CHECKS)
@require_POST
def check_save(request: HttpRequest) -> HttpResponse:
    """Set the levels of a scope: of a row of the table, or of a new one."""
    user = person(request)
    form = _form(user, request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            check_set(
                user=user, levels=form.levels, at=clock.now(), budget_line=data["budget_line"],
                team=data["team"], channel=data["channel"],
            )  # fmt: skip
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            messages.success(request, "The checks hold from now on.")
            return redirect_to(request, reverse("budgets:checks"))
    return invalid(request, "budgets/checks.html", _context(user, form))


@gate(*SETS_CHECKS)
@require_POST
def check_remove(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = get_object_or_404(checks_for(user), pk=pk)
    check_clear(check=found, user=user, at=clock.now())
    messages.success(request, "The next wider check decides there now.")
    return redirect_to(request, reverse("budgets:checks"))


def _form(user: User, data: object = None) -> CheckForm:
    teams = open_teams_for(user)
    if not may(user, Act.CLOSE_PERIOD):
        teams = Team.objects.filter(
            pk__in=[team.pk for team in teams if may_set_check(user, None, team)]
        )
    lines = (
        BudgetLine.objects.for_user(user)
        .select_related("fiscal_year")
        .order_by("-fiscal_year__year", "name")
    )
    return CheckForm(lines, teams, data)


def _context(user: User, form: CheckForm) -> dict[str, object]:
    return {
        "title": "Spending checks",
        "rows": _rows(user),
        "form": form if any(can(user, act) for act in SETS_CHECKS) else None,
        "choices": CheckLevel.choices,
        "sections": section_tabs(user, "budgets:checks"),
        "crumbs": [("Budgets", reverse("budgets:centre")), ("Checks", "")],
    }


def _rows(user: User) -> list[CheckShown]:
    """The checks from the widest to the most specific."""
    found = list(checks_for(user))
    found.sort(key=lambda row: (row.budget_line is not None, row.team is not None, str(row)))
    rows = [_shown(user, row) for row in found]
    if not any(
        row.budget_line is None and row.team is None and row.channel is None for row in found
    ):
        default = [(stage, getattr(DEFAULT, stage)) for stage in STAGES]
        note = "The default, until somebody sets another"
        rows.insert(
            0, CheckShown("Everything", note, default, None, may_set_check(user, None, None))
        )
    return rows


def _shown(user: User, row: SpendingCheck) -> CheckShown:
    levels = [(stage, getattr(row, stage)) for stage in STAGES]
    if row.budget_line:
        scope, note = str(row.budget_line), f"Budget line of {row.budget_line.team}"
    else:
        parts = [str(one) for one in (row.team, row.channel) if one]
        scope, note = " · ".join(parts) or "Everything", _kind(row)
    may_change = may_set_check(user, row.budget_line, row.team)
    return CheckShown(scope, note, levels, row, may_change)


def _kind(row: SpendingCheck) -> str:
    """What a check is for, under its name."""
    if row.team and row.channel:
        return "Team and channel"
    return "Team" if row.team else "Channel" if row.channel else ""
