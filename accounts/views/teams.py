"""The tree of teams."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services
from accounts.choices import Act
from accounts.forms import TeamForm
from accounts.models import Team
from accounts.permissions import can, gate, person
from accounts.selectors import indented, members_of, team_tree, teams_for
from accounts.views.common import settings_tabs
from core import clock
from core.errors import AdroitError
from core.forms import refuse
from core.pages import form_page, page, redirect_to
from core.tables import Column, Table


class TeamTable(Table):
    """The tree from the top down."""

    key = "teams"
    columns = (
        Column("name", "Team", kind="link", sortable=False, priority=1),
        Column("people_count", "People with a role here", kind="number", sortable=False),
        Column("child_count", "Teams below", kind="number", sortable=False, priority=3),
        Column("state", "State", kind="badge", sortable=False, priority=1),
    )
    per_page = 200
    noun = "teams"
    search = ("name",)
    empty_title = "No team in your sight"
    empty_text = "Ask an administrator for a role in a team."

    def cell(self, record: Team, column: Column) -> Any:
        cell = super().cell(record, column)
        if column.key == "name":
            cell.value = indented(record)
            cell.url = reverse("accounts:team", args=[record.pk])
        elif column.key == "state":
            cell.value, cell.tone = ("Archived", "neutral") if record.is_archived else ("", "")
        return cell


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    """Every team in sight."""
    user = person(request)
    context = {
        "title": "Who belongs to whom",
        "lead": "A role for a team reaches every team below it.",
        "tabs": settings_tabs(request, "teams"),
        "table": TeamTable(request, team_tree(user), export=False),
        "may_change": can(user, Act.GIVE_ROLE),
        "crumbs": [("Settings", reverse("accounts:settings")), ("Teams", "")],
    }
    return page(request, "accounts/teams.html", context, fragment="teams")


def _team(request: HttpRequest, pk: int) -> Team:
    return get_object_or_404(teams_for(person(request)).select_related("parent"), pk=pk)


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One team: who has a role there or above it, and the teams below."""
    team = _team(request, pk)
    below = teams_for(person(request)).filter(parent=team)
    context = {
        "team": team,
        "members": members_of(team),
        "below": below,
        "may_change": can(person(request), Act.GIVE_ROLE),
        "tabs": settings_tabs(request, "teams"),
        "crumbs": [("Teams", reverse("accounts:teams")), (team.name, "")],
    }
    return page(request, "accounts/team.html", context)


@gate(Act.GIVE_ROLE)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new team."""
    form = TeamForm(request.POST or None, initial={"parent": request.GET.get("parent")})
    if form.is_valid():
        try:
            team = services.team_create(by=person(request), at=clock.now(), **form.cleaned_data)
        except AdroitError as error:
            refuse(form, error)
        else:
            return _back(request, team, f"{team.name} is there. Give people roles in it.")
    return _form(request, form, None)


@gate(Act.GIVE_ROLE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a team, or put it under another one."""
    team = _team(request, pk)
    initial = {"name": team.name, "parent": team.parent_id}
    form = TeamForm(request.POST or None, team=team, initial=initial)
    if form.is_valid():
        data, by, at = form.cleaned_data, person(request), clock.now()
        try:
            team = services.team_rename(team=team, name=data["name"], by=by, at=at)
            team = services.team_move(team=team, parent=data["parent"], by=by, at=at)
        except AdroitError as error:
            refuse(form, error)
        else:
            return _back(request, team, "Saved.")
    return _form(request, form, team)


def _form(request: HttpRequest, form: TeamForm, team: Team | None) -> HttpResponse:
    back = reverse("accounts:team", args=[team.pk]) if team else reverse("accounts:teams")
    title = f"Rename or move {team.name}" if team else "New team"
    return form_page(
        request,
        form,
        title=title,
        lead="Who holds a role above the team sees it from the next click on.",
        save="Save" if team else "Create the team",
        back=back,
        crumbs=[("Teams", reverse("accounts:teams")), (title, "")],
    )


@gate(Act.GIVE_ROLE)
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    team = services.team_archive(team=_team(request, pk), by=person(request), at=clock.now())
    return _back(request, team, f"{team.name} is archived; what it did stays readable.")


@gate(Act.GIVE_ROLE)
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    team = services.team_restore(team=_team(request, pk), by=person(request), at=clock.now())
    return _back(request, team, f"{team.name} is in use again.")


def _back(request: HttpRequest, team: Team, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect_to(request, reverse("accounts:team", args=[team.pk]))
