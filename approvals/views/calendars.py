"""Working hours: in which the clocks of decisions run."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.choices import Act
from accounts.models import Team
from accounts.permissions import gate, person
from accounts.selectors import teams_for
from approvals import services
from approvals.forms import CalendarForm
from approvals.models import WorkCalendar
from approvals.selectors.calendars import (
    WORKWEEK,
    calendar_row,
    calendars,
    countries,
    may_set_calendar,
)
from approvals.views.people_tables import CalendarTable
from core import clock
from core.errors import AdroitError, NotAllowed
from core.forms import refuse
from core.pages import form_page, page, redirect_to

SETTING = (Act.INVITE_USER, Act.DELEGATE)


@gate(*SETTING)
@require_safe
def calendar_list(request: HttpRequest) -> HttpResponse:
    """Every calendar, and the teams that could have one of their own."""
    user = person(request)
    rows = calendars()
    held = {row.team_id for row in rows}
    teams = [t for t in teams_for(user) if t.pk not in held and may_set_calendar(user, t)]
    context = {
        "title": "Working hours",
        "table": CalendarTable(request, rows, export=False),
        "teams": teams,
        "may_set_all": None not in held and may_set_calendar(user, None),
        "crumbs": [("Approvals", reverse("approvals:inbox")), ("Working hours", "")],
    }
    return page(request, "approvals/calendars.html", context)


@gate(*SETTING)
@require_http_methods(["GET", "POST"])
def calendar(request: HttpRequest, team: int) -> HttpResponse:
    """Set when a team works; 0 is everybody without a calendar of their own."""
    user = person(request)
    whose = get_object_or_404(teams_for(user), pk=team) if team else None
    if not may_set_calendar(user, whose):
        raise NotAllowed("You may not set these working hours.", remedy="Ask an administrator.")
    form = CalendarForm(countries(), request.POST or None, initial=_initial(whose))
    if form.is_valid():
        try:
            services.calendar_set(user=user, team=whose, at=clock.now(), **form.cleaned_data)
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "Saved. Steps that open from now on follow these hours.")
            return redirect_to(request, reverse("approvals:calendars"))
    name = whose.name if whose else "everybody"
    return form_page(
        request, form, title=f"Working hours of {name}", save="Save",
        back=reverse("approvals:calendars"),
        crumbs=[("Working hours", reverse("approvals:calendars")), (name.capitalize(), "")],
        lead="Reminders and due moments of decisions count these hours only.",
    )  # fmt: skip


def _initial(team: Team | None) -> dict[str, Any]:
    row = calendar_row(team) or WorkCalendar(days=WORKWEEK)
    own = row.days_off.all() if row.pk else ()
    return {
        "days": row.days or WORKWEEK,
        "opens": row.opens,
        "closes": row.closes,
        "time_zone": row.time_zone,
        "country": row.country,
        "part": row.part,
        "days_off": "\n".join(f"{day.day} {day.name}" for day in own),
    }
