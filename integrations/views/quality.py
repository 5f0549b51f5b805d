"""How good the data is: issues, sources with their score, and what a person does about them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, may, person, sees_money
from campaigns.models import Campaign
from core import clock
from core.errors import Invalid
from core.exports import export_response
from core.pages import page, redirect_to
from integrations.choices import IssueState, Severity
from integrations.forms.quality import IssueFilter, LevelForm
from integrations.models import Hold, QualityIssue, Source
from integrations.rules.monitors import FORMULA, SPECS
from integrations.selectors import (
    account_days,
    holds_of,
    issues_for,
    level_days,
    scored_sources_for,
    scores_of,
    settings_of,
)
from integrations.services import quality
from integrations.services.holds import hold_release
from integrations.views import quality_shown as shown
from integrations.views.typed import keys, typed

HISTORY = timedelta(days=90)


def _source(user: User, pk: int) -> Source:
    return get_object_or_404(scored_sources_for(user), pk=pk)


def _issue(user: User, pk: int) -> QualityIssue:
    return get_object_or_404(issues_for(user), pk=pk)


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        ("Imports", reverse("integrations:imports")),
        ("Data quality", reverse("integrations:quality") if more else ""),
        *more,
    ]


def _url(issue: QualityIssue) -> str:
    return reverse("integrations:quality-issue", args=[issue.pk])


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def issues(request: HttpRequest) -> HttpResponse:
    """Open issues first, and every source with its score."""
    user = person(request)
    visible = issues_for(user)
    query = request.GET.copy()
    if "state" not in query and not query.get("all"):
        query.setlist("state", [IssueState.OPEN])
    filtered = IssueFilter(query, visible, request=request)
    table = shown.IssueTable(request, filtered.qs)
    sources = shown.ScoreTable(request, scored_sources_for(user))
    for made, title in ((table, "Data issues"), (sources, "Data quality by source")):
        if wanted := request.GET.get(f"{made.key}.export" if made is sources else "export"):
            return export_response(made, wanted, title=title, as_of=clock.now())
    context = {
        "title": shown.situation(visible.open()),
        "table": table,
        "sources": sources,
        "filters": filtered.form,
        "formula": FORMULA,
        "crumbs": _crumbs(),
    }
    return page(request, "integrations/quality.html", context, fragment="issues")


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """One source: its score over time, what is open, what is held back, how it is watched."""
    user = person(request)
    found = _source(user, pk)
    now = clock.now()
    open_issues = issues_for(user).filter(source=found).exclude(state=IssueState.RECOVERED)
    context = {
        "source": found,
        "title": shown.standing(found),
        "facts": shown.source_facts(found),
        "chart": shown.history(scores_of(found, (now - HISTORY).date())),
        "table": shown.IssueTable(request, open_issues),
        "holds": holds_of(found),
        "monitors": shown.monitors(settings_of(found)),
        "formula": FORMULA,
        "may_set": _may(user, found, Act.CONFIRM_PARTIAL),
        "severities": Severity.choices,
        "crumbs": _crumbs((found.name, "")),
    }
    return page(request, "integrations/quality_source.html", context, fragment="issues")


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """One issue with its evidence, what may be done, and what was done."""
    user = person(request)
    found = _issue(user, pk)
    may_act = found.state == IssueState.OPEN and _may(user, found.source, Act.UPLOAD_IMPORT)
    context = {
        "issue": found,
        "spec": SPECS[found.monitor],
        "tone": shown.TONES[Severity(found.severity)],
        "facts": shown.issue_facts(found, sees_money(user)),
        "evidence": shown.evidence(found, sees_money(user)),
        "rows": shown.rows_in_question(found),
        "may_act": may_act,
        "connected": hasattr(found.source, "connection"),
        "campaigns": _targets(user) if may_act and SPECS[found.monitor].action == "remap" else [],
        "history": shown.history_of(found),
        "holds": found.holds.filter(released_at=None),
        "may_release": _may(user, found.source, Act.CONFIRM_PARTIAL),
        "crumbs": _crumbs(
            (found.source.name, reverse("integrations:quality-source", args=[found.source_id])),
            (SPECS[found.monitor].monitor.label, ""),
        ),
    }
    return page(request, "integrations/quality_issue.html", context)


def _targets(user: User) -> Any:
    return Campaign.objects.for_user(user).order_by("name")[:500]


def _may(user: User, found: Source, act: Act) -> bool:
    return may(user, act, team=found.team, owner_id=user.pk)


@gate(Act.UPLOAD_IMPORT)
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the data as it is, with the reason."""
    user = person(request)
    found = _issue(user, pk)
    reason = typed(request, "reason")
    quality.issue_accept(found, user=user, reason=reason, at=clock.now())
    messages.success(request, "Accepted. It comes back when something new is wrong.")
    return redirect_to(request, _url(found))


@gate(Act.UPLOAD_IMPORT)
@require_POST
def exclude(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold the rows in question back."""
    user = person(request)
    found = _issue(user, pk)
    reason = typed(request, "reason")
    quality.issue_exclude(found, user=user, reason=reason, at=clock.now())
    messages.success(request, "These rows count nowhere until somebody releases them.")
    return redirect_to(request, _url(found))


@gate(Act.UPLOAD_IMPORT)
@require_POST
def refetch(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the connection for the days again."""
    user = person(request)
    found = _issue(user, pk)
    said = quality.issue_refetch(found, user=user, at=clock.now())
    messages.success(request, said)
    return redirect_to(request, _url(found))


@gate(Act.UPLOAD_IMPORT)
@require_POST
def remap(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an unknown campaign under a known one."""
    user = person(request)
    found = _issue(user, pk)
    wanted = keys([request.POST.get("campaign", "")])
    if not wanted:
        raise Invalid("Choose the campaign it belongs to.", where="campaign")
    campaign = get_object_or_404(Campaign.objects.for_user(user), pk=wanted[0])
    quality.issue_remap(found, user=user, campaign=campaign, at=clock.now())
    messages.success(request, f"It belongs to {campaign} now, with all its numbers.")
    return redirect_to(request, _url(found))


@gate(Act.CONFIRM_PARTIAL)
@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Let held rows count again."""
    user = person(request)
    hold = get_object_or_404(Hold, pk=pk, source__in=Source.objects.for_user(user))
    hold_release(hold, user=user, reason=typed(request, "reason"), at=clock.now())
    messages.success(request, "These rows count again.")
    return redirect_to(request, reverse("integrations:quality-source", args=[hold.source_id]))


@gate(Act.CONFIRM_PARTIAL)
@require_POST
def monitor(request: HttpRequest, pk: int) -> HttpResponse:
    """Set one monitor for one source."""
    user = person(request)
    found = _source(user, pk)
    quality.monitor_set(
        found,
        monitor=request.POST.get("monitor", ""),
        severity=request.POST.get("severity", ""),
        threshold=_number(request.POST.get("threshold", "")),
        holds=request.POST.get("holds") == "on",
        user=user,
        at=clock.now(),
    )
    messages.success(request, "Saved; the next look at this source uses it.")
    return redirect_to(request, reverse("integrations:quality-source", args=[found.pk]))


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise Invalid("A threshold is a number, such as 2 or 1.5.", where="threshold") from error
    if not value.is_finite() or value >= 10**6:
        raise Invalid("A threshold is below a million.", where="threshold")
    return value


@gate(Act.VIEW_CAMPAIGNS)
@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at the source now, in place of tomorrow morning."""
    found = _source(person(request), pk)
    count = quality.source_check(found, at=clock.now())
    said = "Nothing is wrong." if not count else f"{count} open."
    messages.info(request, f"Looked at {found}: {said}")
    return redirect_to(request, reverse("integrations:quality-source", args=[found.pk]))


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def levels(request: HttpRequest, pk: int) -> HttpResponse:
    """Account, campaign, ad group and ad totals of a source side by side."""
    user = person(request)
    found = _source(user, pk)
    form = LevelForm(request.GET or None, today=clock.today(), with_money=sees_money(user))
    period, measure = form.chosen
    days = level_days(found, period, measure)
    table = shown.LevelTable(request, shown.level_rows(days, measure, found.currency))
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title=f"Levels of {found}", as_of=clock.now())
    context = {
        "source": found,
        "title": shown.level_title(days),
        "filters": form,
        "table": table,
        "accounts": shown.account_rows(account_days(found, period, measure), measure, found),
        "crumbs": _crumbs(
            (found.name, reverse("integrations:quality-source", args=[found.pk])), ("Levels", "")
        ),
    }
    return page(request, "integrations/quality_levels.html", context, fragment="levels")
