"""Alerts: the list, one alert, and what people do about it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person
from automation import services
from automation.forms import SNOOZES, AlertFilter, AssignForm, RaiseForm, SnoozeForm
from automation.models import Alert
from automation.selectors import alerts_for
from automation.views.shown import AlertTable, alert_context
from core import clock
from core.errors import AdroitError, Invalid
from core.exports import export_response
from core.forms import refuse
from core.pages import invalid, page, redirect_to
from insights.models import Finding


def _alert(user: User, pk: int) -> Alert:
    return get_object_or_404(alerts_for(user), pk=pk)


def _url(alert: Alert) -> str:
    return reverse("automation:alert", args=[alert.pk])


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    user = person(request)
    visible = alerts_for(user)
    query = request.GET.copy()
    if "state" not in query and not query.get("all"):
        query.setlist("state", [Alert.State.OPEN, Alert.State.ACKNOWLEDGED, Alert.State.SNOOZED])
    filtered = AlertFilter(query, visible, request=request)
    table = AlertTable(request, filtered.qs)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Alerts", filters=[], as_of=clock.now())
    mine = visible.filter(owner=user, state=Alert.State.OPEN).count()
    title = f"{mine} alerts wait for you" if mine != 1 else "1 alert waits for you"
    context = {
        "title": title if mine else "No alert waits for you",
        "table": table,
        "filters": filtered.form,
        "crumbs": [("Alerts", "")],
    }
    return page(request, "automation/alerts.html", context, fragment="alerts")


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def alert(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    return page(
        request, "automation/alert.html", alert_context(user, _alert(user, pk), clock.now())
    )


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def for_finding(request: HttpRequest, finding_pk: int) -> HttpResponse:
    """The newest alert of a finding, for pages that know findings only.

    Some findings raise none: they lead to the list, which says so.
    """
    user = person(request)
    found = alerts_for(user).filter(finding=finding_pk).order_by("-opened_at").first()
    if found:
        return redirect_to(request, _url(found))
    seen = get_object_or_404(Finding.objects.for_user(user), pk=finding_pk)
    messages.info(request, f"{seen.title}. This is noted without an alert.")
    return redirect_to(request, reverse("automation:alerts"))


@gate(Act.VIEW_CAMPAIGNS)
@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = _alert(user, pk)
    services.alert_acknowledge(alert=found, user=user, at=clock.now())
    messages.success(request, "You have taken this alert.")
    return redirect_to(request, _url(found))


@gate(Act.VIEW_CAMPAIGNS)
@require_POST
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    user, now = person(request), clock.now()
    found = _alert(user, pk)
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        raise Invalid("Choose how long, and say why it may wait.", where="reason")
    label, length = SNOOZES[form.cleaned_data["length"]]
    reason = form.cleaned_data["reason"]
    services.alert_snooze(alert=found, user=user, until=now + length, reason=reason, at=now)
    messages.success(request, f"Quiet: {label.lower()}. It comes back by itself.")
    return redirect_to(request, _url(found))


@gate(Act.VIEW_CAMPAIGNS)
@require_POST
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = _alert(user, pk)
    form = AssignForm(found, request.POST)
    if not form.is_valid():
        raise Invalid("Choose somebody who can see this team.", where="owner")
    to = form.cleaned_data["owner"]
    services.alert_assign(alert=found, user=user, to=to, at=clock.now())
    messages.success(request, f"{to} has it now and was told.")
    return redirect_to(request, _url(found))


@gate(Act.VIEW_CAMPAIGNS)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = RaiseForm(user, request.POST or None, initial={"campaign": request.GET.get("campaign")})
    context = {
        "form": form,
        "crumbs": [("Alerts", reverse("automation:alerts")), ("Raise one", "")],
    }
    if form.is_valid():
        try:
            made = services.alert_raise(user=user, at=clock.now(), **form.cleaned_data)
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{made.owner} was told.")
            return redirect_to(request, _url(made))
    answer = invalid if form.is_bound else page
    return answer(request, "automation/raise.html", context, fragment="drawer")
