"""Targets: the list with their pace, one in full, and setting, changing and retiring them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, may, person, require
from analytics.results import Pace
from core import clock, formats
from core.errors import AdroitError
from core.exports import export_response
from core.forms import refuse
from core.known import known_at, page_as_known
from core.models import Event
from core.money import MICROS
from core.once import reading_once
from core.pages import form_page, page, redirect_to
from core.parts import Entry, Fact, Tab
from metrics.forms import TargetChangeForm, TargetFilter, TargetForm, initial_days
from metrics.models import Target
from metrics.selectors import (
    TargetProgress,
    as_they_stood,
    earlier_targets,
    in_force,
    metric_for,
    retired,
    target_progress,
    targets_visible,
)
from metrics.selectors.targets import shown_value
from metrics.selectors.words import written
from metrics.services import target_edit, target_retire, target_set
from metrics.views.pictures import target_chart
from metrics.views.tables import LABELS, EndedTable, GoalTable, goal_rows, situation, subject
from metrics.views.window import window_of

SHOWS = {"running": "Running", "coming": "Coming", "over": "Over", "retired": "Retired"}


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
@reading_once()
def goals(request: HttpRequest) -> HttpResponse:
    user, today = person(request), window_of(request).today
    filtered = TargetFilter(request.GET, targets_visible(user), request=request)
    show = request.GET.get("show", "running")
    show = show if show in SHOWS else "running"
    rows = filtered.qs if filtered.is_valid() else targets_visible(user)
    found = target_progress(list(rows.filter(_shown(show, today))), today=today, mature=True)
    earlier = target_progress(earlier_targets([p.target for p in found], today=today), today=today)
    table = GoalTable(request, goal_rows(found, earlier))
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title="Targets", filters=[("Shown", SHOWS[show])])
    context = {
        "title": situation(found) if show == "running" else f"Targets: {SHOWS[show].lower()}",
        "table": table,
        "filters": filtered.form,
        "tabs": _tabs(rows, show, today),
        "may_set": can(user, Act.DRAFT_REQUEST),
        "crumbs": [("Goals", "")],
    }
    return page(request, "metrics/goals.html", context, fragment="goals")


def _shown(show: str, today: date) -> Q:
    if show == "retired":
        return retired()
    days = {
        "running": Q(first_day__lte=today, last_day__gte=today),
        "coming": Q(first_day__gt=today),
        "over": Q(last_day__lt=today),
    }
    return in_force() & days[show]


def _tabs(rows: QuerySet[Target], show: str, today: date) -> list[Tab]:
    counts = {key: Count("pk", filter=_shown(key, today)) for key in SHOWS}
    found = rows.order_by().aggregate(**counts)
    return [Tab(label, f"?show={key}", key == show, found[key]) for key, label in SHOWS.items()]


def _target(user: User, pk: int) -> Target:
    return get_object_or_404(targets_visible(user), pk=pk)


def _owner_id(target: Target) -> int | None:
    """Whose business a target is: its campaign's owner; a team's has none below the director."""
    return target.campaign.owner_id if target.campaign else None


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def goal(request: HttpRequest, pk: int) -> HttpResponse:
    """One target: where it stands, how that was worked out, how earlier ones ended."""
    user, today = person(request), window_of(request).today
    target = as_they_stood([_target(user, pk)])[0]
    others = [t for t in earlier_targets([target], today=today) if t.pk != target.pk]
    found, *earlier = target_progress([target, *others], today=today, mature=True)
    so_far = target_progress([target], today=today)[0]
    label, tone = LABELS[found.status]
    context = {
        "title": f"{found.metric.label} of {subject(target)}",
        "found": found,
        "label": "Retired" if target.is_retired else label,
        "tone": "neutral" if target.is_retired else tone,
        "facts": _facts(found, so_far),
        "pace": _pace_pairs(found),
        "is_young": found.actual != so_far.actual,
        "chart": target_chart(found, today=today),
        "earlier": EndedTable(request, goal_rows(earlier), export=False) if earlier else None,
        "history": _history(target, today),
        "may_change": not target.is_retired
        and may(user, Act.DRAFT_REQUEST, team=target.team, owner_id=_owner_id(target)),
        "crumbs": [("Goals", reverse("metrics:goals")), (found.metric.label, "")],
    }
    return page(request, "metrics/goal.html", context, fragment="drawer")


def _facts(found: TargetProgress, so_far: TargetProgress) -> list[Fact]:
    """``so_far`` is the same with young days as they stand."""
    target, metric = found.target, found.metric
    campaign = target.campaign
    return [
        Fact("Target", written(metric, found.value)),
        Fact("Actual", written(metric, so_far.actual)),
        *(
            [Fact("When young days are final", written(metric, found.actual))]
            if found.actual != so_far.actual
            else []
        ),
        Fact("Expected today", written(metric, found.expected)),
        Fact("Days", formats.span(target.first_day, target.last_day)),
        Fact(
            "For",
            subject(target),
            url=reverse("reporting:campaign", args=[campaign.pk]) if campaign else "",
        ),
        Fact("Owner", person=target.owner.name),
        Fact("Tolerance", formats.percent(target.tolerance_percent / 100)),
    ]


def _pace_pairs(found: TargetProgress) -> list[tuple[str, str]]:
    """The pace in words; nothing when there is too little data for one."""
    pace, metric = found.progress.pace, found.metric
    if pace is None or pace.reason is not None:
        return []
    pairs = [("At the recent rate it ends at", written(metric, found.landing))]
    if pace.landing_interval:
        low, high = (
            _value(found, end) for end in (pace.landing_interval.low, pace.landing_interval.high)
        )
        level = formats.percent(pace.landing_interval.level)
        pairs.append((f"Range ({level} of simulated endings)", f"{low} to {high}"))
    pairs += _chance(found, pace)
    if pace.needed is not None:
        each = "as the ratio of" if metric.is_ratio else "on each of"
        pairs.append((f"Needed {each} the open days", _value(found, pace.needed)))
    pairs.append(("Days of history behind it", formats.number(pace.n)))
    if pace.days_missing:
        pairs.append(("Days without data so far", formats.number(pace.days_missing)))
    return pairs


def _chance(found: TargetProgress, pace: Pace) -> list[tuple[str, str]]:
    if pace.chance is None or found.metric.up_is_good is None:
        return []
    reached = pace.chance if found.metric.up_is_good else 1 - pace.chance
    share = formats.percent(min(max(reached, 0.01), 0.99), 0)
    # A simulation of the recent past never promises more than this.
    edge = "over " if reached > 0.99 else "under " if reached < 0.01 else ""
    return [("Simulated endings that reach the target", f"{edge}{share}")]


def _value(found: TargetProgress, value: float) -> str:
    shown = shown_value(found.target, found.metric, round(value * MICROS))
    return written(found.metric, shown)


def _history(target: Target, today: date) -> list[Entry]:
    verbs = {"target.set": "Set", "target.changed": "Changed", "target.retired": "Retired"}
    events = Event.objects.filter(subject_type="metrics.target", subject_id=str(target.pk))
    if at := known_at():
        events = events.filter(at__lte=at)
    return [
        Entry(
            title=verbs.get(event.action, event.action),
            when=formats.moment(event.at, today),
            who=event.actor_name,
            text=" · ".join(filter(None, (_change(target, event), event.reason))),
        )
        for event in events
    ]


def _change(target: Target, event: Event) -> str:
    before, after = event.before or {}, event.after or {}
    parts = [_part(target, name, before[name], after.get(name)) for name in before]
    return ", ".join(parts)


def _part(target: Target, name: str, old: Any, new: Any) -> str:
    if name != "value_micros":
        return f"{name.replace('_', ' ')}: {old} → {new}"
    metric = metric_for(target.metric)
    was, becomes = (written(metric, shown_value(target, metric, micros)) for micros in (old, new))
    return f"value: {was} → {becomes}"


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    user, window = person(request), window_of(request)
    initial: dict[str, Any] = {"owner": user.pk, "currency": window.currency}
    initial |= initial_days(window.period) | _asked(request)
    form = TargetForm(user, request.POST or None, initial=initial)
    if form.is_valid():
        try:
            target = target_set(user=user, at=clock.now(), **form.cleaned())
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "The target is set. It is compared with the facts every day.")
            return redirect_to(request, reverse("metrics:goal", args=[target.pk]))
    lead = "A metric, a value and a period, for a team, one of its channels or a campaign."
    return _form_page(request, form, "New target", "Set target", reverse("metrics:goals"), lead)


def _asked(request: HttpRequest) -> dict[str, str]:
    """What the link that led here knows already."""
    return {key: request.GET[key] for key in ("campaign", "team", "metric") if key in request.GET}


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    target = _target(user, pk)
    require(user, Act.DRAFT_REQUEST, team=target.team, owner_id=_owner_id(target))
    metric = metric_for(target.metric)
    form = TargetChangeForm(target, metric, request.POST or None)
    back = reverse("metrics:goal", args=[pk])
    if form.is_valid():
        try:
            target_edit(target=target, user=user, at=clock.now(), **form.cleaned())
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "The target is changed; what it was stands in its history.")
            return redirect_to(request, back)
    title = f"Change {metric.label} of {subject(target)}"
    return _form_page(request, form, title, "Save changes", back)


@gate(Act.DRAFT_REQUEST)
@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    target = _target(user, pk)
    target_retire(
        target=target,
        user=user,
        at=clock.now(),
        reason=request.POST.get("reason", "").replace("\0", ""),
    )
    messages.success(request, "The target is retired. It stays in the history.")
    return redirect_to(request, reverse("metrics:goals"))


def _form_page(
    request: HttpRequest, form: Any, title: str, save: str, back: str, lead: str = ""
) -> HttpResponse:
    crumbs = [("Goals", reverse("metrics:goals")), (title, "")]
    return form_page(request, form, title=title, save=save, back=back, crumbs=crumbs, lead=lead)
