"""Away and delegation: who decides while somebody is out of office."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person
from approvals import services
from approvals.forms import AbsenceForm, DelegationForm, SubstituteForm
from approvals.models import Absence, Delegation
from approvals.models.delegation import LONGEST
from approvals.selectors import (
    absences_of,
    delegations_of,
    last_day,
    own_limit,
    people_who_stand_in,
    substitute_of,
)
from approvals.views.calendars import SETTING
from approvals.views.people_tables import AbsenceTable, DelegationTable
from core import clock, formats
from core.errors import AdroitError
from core.forms import refuse
from core.models import Organisation
from core.money import Money
from core.pages import form_page, page, redirect_to

FARTHEST = date(9990, 1, 1)
CRUMBS = [("Approvals", "approvals:inbox"), ("Away and delegation", "approvals:away")]


def _crumbs(last: str = "") -> list[tuple[str, str]]:
    found = [(label, reverse(name)) for label, name in CRUMBS]
    return [*found, (last, "")] if last else [found[0], ("Away and delegation", "")]


@gate()
@require_safe
def away_page(request: HttpRequest) -> HttpResponse:
    """One's own delegations, absences and substitute, running and past."""
    user, now = person(request), clock.now()
    delegations = list(delegations_of(user))
    absences = list(absences_of(user))
    running = [row for row in delegations if not row.ended_at and row.ends_at > now]
    gone = [row for row in absences if not row.ended_at and row.ends_at > now]
    context = {
        "title": _title(user, running, gone, now),
        "may_delegate": can(user, Act.DELEGATE),
        "may_see_hours": any(can(user, act) for act in SETTING),
        "running": [(row, _until(row, now)) for row in running],
        "gone": [(row, _until(row, now)) for row in gone],
        "was_delegated": bool(delegations),
        "was_away": bool(absences),
        "limit": _limit_words(user),
        "substitute": SubstituteForm(
            people_who_stand_in(user), initial={"substitute": substitute_of(user)}
        ),
        "delegations": DelegationTable(request, delegations, now=now, prefixed=True),
        "absences": AbsenceTable(request, absences, now=now, prefixed=True),
        "user": user,
        "crumbs": _crumbs(),
    }
    return page(request, "approvals/away.html", context)


def _title(user: User, running: list[Delegation], gone: list[Absence], now: datetime) -> str:
    today = timezone.localtime(now).date()
    for row in running:
        if row.starts_at <= now and row.delegator_id == user.pk:
            return f"{row.delegate} decides for you until {last_day(row.ends_at, today)}"
        if row.starts_at <= now:
            return f"You decide for {row.delegator} until {last_day(row.ends_at, today)}"
    for absence in gone:
        if absence.starts_at <= now:
            return f"You are away until {last_day(absence.ends_at, today)}"
    return "Nobody decides for you right now" if can(user, Act.DELEGATE) else "You are not away"


def _until(row: Delegation | Absence, now: datetime) -> str:
    words = last_day(row.ends_at, timezone.localtime(now).date())
    is_midnight = timezone.localtime(row.ends_at).time() == time(0)
    return f"the end of {words}" if is_midnight else words


def _limit_words(user: User) -> str:
    limit = own_limit(user)
    if limit is None:
        return "You have no limit of your own, so you hand on whatever your role may decide."
    currency = Organisation.current().reporting_currency
    return f"You may decide up to {formats.money_whole(Money(limit, currency))} yourself."


def moments(first: date, last: date, now: datetime) -> tuple[datetime, datetime]:
    """From the start of the first day, or now, to the end of the last, at most 14 days when that long.

    Days are the reader's. Where the clocks change, fourteen days are an hour longer or shorter.
    """
    zone = timezone.get_current_timezone()
    # The last days of the calendar have none after them.
    first, last = min(first, FARTHEST), min(last, FARTHEST)
    starts = datetime.combine(first, time(0), zone)
    ends = datetime.combine(last + timedelta(days=1), time(0), zone)
    if first <= timezone.localtime(now).date() and starts <= now:
        starts = now
    if (last - first).days < LONGEST.days:
        ends = min(ends, starts + LONGEST)
    return starts, ends


@gate(Act.DELEGATE)
@require_http_methods(["GET", "POST"])
def delegate(request: HttpRequest) -> HttpResponse:
    """Hand the right to decide to somebody for a time."""
    user, now = person(request), clock.now()
    today = timezone.localtime(now).date()
    first: dict[str, Any] = {
        "starts_on": today,
        "ends_on": today + timedelta(days=6),
        "delegate": substitute_of(user),
    }
    form = DelegationForm(people_who_stand_in(user), request.POST or None, initial=first)
    if form.is_valid():
        data = form.cleaned_data
        starts, ends = moments(data["starts_on"], data["ends_on"], now)
        try:
            made = services.delegation_create(
                user=user, delegate=data["delegate"], starts_at=starts, ends_at=ends,
                cap_micros=form.cap_micros, reason=data["reason"], at=now,
            )  # fmt: skip
        except AdroitError as error:
            refuse(form, _at_day(error))
        else:
            messages.success(request, f"{made.delegate} decides for you and was told.")
            return redirect_to(request, reverse("approvals:away"))
    return form_page(
        request, form, title="Delegate your right to decide", save="Delegate",
        back=reverse("approvals:away"), crumbs=_crumbs("Delegate"), kicker="Away and delegation",
        lead=f"{_limit_words(user)} Both names stand with every decision. "
        "Nobody decides what either of you took part in.",
    )  # fmt: skip


def _at_day(error: AdroitError) -> AdroitError:
    """The form asks for days where the service speaks of moments."""
    error.where = {"starts_at": "starts_on", "ends_at": "ends_on"}.get(error.where, error.where)
    return error


@gate(Act.DELEGATE)
@require_POST
def delegation_end(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = get_object_or_404(delegations_of(user), pk=pk)
    services.delegation_end(delegation=found, user=user, at=clock.now())
    messages.success(request, "The delegation has ended.")
    return redirect_to(request, reverse("approvals:away"))


@gate()
@require_http_methods(["GET", "POST"])
def absent(request: HttpRequest) -> HttpResponse:
    """Say that one is away; whoever may decide can name who does it meanwhile."""
    user, now = person(request), clock.now()
    today = timezone.localtime(now).date()
    delegates = people_who_stand_in(user) if can(user, Act.DELEGATE) else User.objects.none()
    first = {"starts_on": today, "ends_on": today, "delegate": substitute_of(user)}
    form = AbsenceForm(delegates, request.POST or None, initial=first)
    if form.is_valid():
        data = form.cleaned_data
        starts, ends = moments(data["starts_on"], data["ends_on"], now)
        try:
            services.absence_create(
                user=user, starts_at=starts, ends_at=ends, note=data["note"],
                delegate=data.get("delegate"), at=now,
            )  # fmt: skip
        except AdroitError as error:
            refuse(form, _at_day(error))
        else:
            messages.success(request, "You are shown as away in that time.")
            return redirect_to(request, reverse("approvals:away"))
    return form_page(
        request, form, title="Out of office", save="Say I am away", back=reverse("approvals:away"),
        crumbs=_crumbs("Out of office"), kicker="Away and delegation",
        lead="It is shown beside your name, and ends by itself after the last day.",
    )  # fmt: skip


@gate()
@require_POST
def absence_end(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = get_object_or_404(absences_of(user), pk=pk)
    services.absence_end(absence=found, user=user, at=clock.now())
    messages.success(request, "Welcome back.")
    return redirect_to(request, reverse("approvals:away"))


@gate(Act.DELEGATE)
@require_POST
def substitute(request: HttpRequest) -> HttpResponse:
    """Name one's standing substitute, or nobody."""
    user = person(request)
    form = SubstituteForm(people_who_stand_in(user), request.POST)
    form.is_valid()
    chosen = form.cleaned_data.get("substitute")
    services.substitute_set(user=user, substitute=chosen, at=clock.now())
    messages.success(request, f"{chosen} is your substitute." if chosen else "You have none now.")
    return redirect_to(request, reverse("approvals:away"))
