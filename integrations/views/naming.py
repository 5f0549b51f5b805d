"""How campaigns are named: the rules of teams, tried on the names there are, and their versions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person
from core import clock
from core.errors import AdroitError
from core.forms import refuse
from core.pages import invalid, page, redirect_to
from core.tables import Cell, Column, Table
from integrations.forms.quality import NamingForm
from integrations.models import NamingRule
from integrations.selectors import rules_for
from integrations.services import quality
from integrations.views.typed import keys

MOST_NAMES = 60


class RuleTable(Table):
    """The rules that hold, one for each team."""

    key = "rules"
    noun = "rules"
    columns = (
        Column("team", "Team", kind="link", sort="team__name", priority=1),
        Column("pattern", "Pattern", kind="code", priority=1),
        Column("version", "Version", kind="number", priority=2),
        Column("saved_by", "By", kind="user", sort="saved_by__name", priority=3),
        Column("saved_at", "Saved", kind="datetime", priority=2),
    )
    default_sort = "team"
    search = ("pattern", "team__name")
    empty_title = "No naming rule yet"
    empty_text = "With a rule, names are taken apart and figures can be split by market or product."

    def cell(self, record: NamingRule, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "team":
            cell.url = f"{reverse('integrations:naming-edit')}?team={record.team_id}"
        return cell


def _crumbs(last: str = "") -> list[tuple[str, str]]:
    found = [("Imports", reverse("integrations:imports"))]
    if not last:
        return [*found, ("Naming", "")]
    return [*found, ("Naming", reverse("integrations:naming")), (last, "")]


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def naming(request: HttpRequest) -> HttpResponse:
    """The rules of the teams in sight."""
    user = person(request)
    table = RuleTable(request, rules_for(user).current(), export=False)
    context = {
        "title": "How campaigns are named",
        "table": table,
        "may_edit": can(user, Act.CONFIRM_PARTIAL),
        "crumbs": _crumbs(),
    }
    return page(request, "integrations/naming.html", context, fragment="rules")


@gate(Act.CONFIRM_PARTIAL)
@require_http_methods(["GET", "POST"])
def naming_edit(request: HttpRequest) -> HttpResponse:
    """Write a rule; ``try`` shows what it makes of the names there are, ``save`` keeps a version."""
    user = person(request)
    rule = _rule(user, request)
    form = NamingForm(user, request.POST or None, rule=rule)
    preview: quality.Preview | None = None
    if form.is_valid():
        try:
            preview = _preview(form)
            if "save" in request.POST:
                saved = _save(form, user)
                messages.success(request, f"{saved} holds for {saved.team} from now on.")
                return redirect_to(request, reverse("integrations:naming"))
        except AdroitError as error:
            refuse(form, error)
    elif rule and not form.is_bound:
        preview = quality.naming_preview(rule.team, pattern=rule.pattern, allowed=rule.allowed)
    context: dict[str, Any] = {
        "title": f"Naming rule of {rule.team}" if rule else "A naming rule",
        "form": form,
        "preview": preview,
        "cells_of_names": _cells(preview) if preview else [],
        "fitting": f"{preview.fitting} of {len(preview.names)} names fit" if preview else "",
        "versions": rules_for(user).filter(team=rule.team) if rule else [],
        "crumbs": _crumbs(str(rule.team) if rule else "New"),
    }
    answer = invalid if form.is_bound and form.errors else page
    return answer(request, "integrations/naming_edit.html", context)


def _cells(preview: quality.Preview) -> list[dict[str, Any]]:
    """The names with their parts in the order of the pattern, those that do not fit first."""
    ordered = sorted(preview.names, key=lambda item: item.fits)[:MOST_NAMES]
    return [
        {
            "name": item.name,
            "values": [item.parts.get(part, "") for part in preview.pattern.parts],
            "problem": " ".join(item.problems),
        }
        for item in ordered
    ]


def _rule(user: User, request: HttpRequest) -> NamingRule | None:
    wanted = request.POST.get("team") or request.GET.get("team", "")
    if not (teams := keys([wanted])):
        return None
    found = rules_for(user).current().filter(team=teams[0]).first()
    if found is None and request.method == "GET":
        return get_object_or_404(rules_for(user).current(), team=teams[0])
    return found


def _preview(form: NamingForm) -> quality.Preview:
    data = form.cleaned_data
    return quality.naming_preview(data["team"], pattern=data["pattern"], allowed=data["allowed"])


def _save(form: NamingForm, user: User) -> NamingRule:
    data = form.cleaned_data
    return quality.naming_save(
        data["team"],
        pattern=data["pattern"],
        allowed=data["allowed"],
        utm=data["utm"],
        version=data["version"],
        user=user,
        at=clock.now(),
    )
