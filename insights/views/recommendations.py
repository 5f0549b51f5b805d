"""Recommendations: read what is advised and why, change it, ask for it or decline it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, may, person
from core import clock, formats
from core.errors import AdroitError, Invalid
from core.forms import refuse
from core.money import Money
from core.pages import invalid, page, redirect_to
from core.parts import Fact, Limit
from core.tables import Cell, Column, Table
from insights import services
from insights.forms import DismissForm, ProposeForm, RecommendationFilter
from insights.models import Recommendation
from insights.services.words import UNITS, effect_written, marginal_count
from metrics.choices import MONEY_MEASURES
from metrics.selectors import MEASURE_LABELS

STATE_TONES = {
    "open": "accent",
    "proposed": "warn",
    "done": "good",
    "dismissed": "neutral",
    "expired": "neutral",
}
BINDING = {
    "max_shift": ("At most a fifth leaves one line", "of the giver's plan for the month"),
    "max_growth": ("A line grows by at most 30 %", "of the receiver's plan for the month"),
    "committed": ("What is committed stays", "in the giving line"),
    "ceiling": ("The receiver's ceiling", "in the receiving line"),
}


class RecommendationTable(Table):
    """What was advised and what became of it."""

    key = "recommendations"
    noun = "recommendations"
    columns = (
        Column("title", "Advice", kind="link", priority=1),
        Column("effect", "Expected", kind="custom", sort="effect_micros", priority=1),
        Column("range", "Range", kind="custom", sortable=False, priority=3, nowrap=True),
        Column("get_state_display", "State", kind="badge", sort="state", priority=2),
        Column("team", "Team", sort="team__name", priority=3),
        Column("created_at", "Since", kind="datetime", priority=3),
    )
    default_sort = "-effect"
    empty_title = "No advice at the moment"
    empty_text = "Advice appears when a check finds a cause, and a move gains more than the noise in the data."

    def cell(self, record: Recommendation, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "title":
            cell.url = reverse("insights:recommendation", args=[record.pk])
        elif column.key == "get_state_display":
            cell.tone = STATE_TONES[record.state]
        return cell

    def cell_effect(self, row: Recommendation) -> str:
        return effect_written(row, row.effect_micros)

    def cell_range(self, row: Recommendation) -> str:
        ends = (row.effect_low_micros, row.effect_high_micros)
        return " to ".join(effect_written(row, micros) for micros in ends)


def _recommendation(user: User, pk: int) -> Recommendation:
    rows = Recommendation.objects.for_user(user).select_related("team", "finding__campaign")
    return get_object_or_404(rows, pk=pk)


@gate(Act.VIEW_MONEY)
@require_safe
def recommendations(request: HttpRequest) -> HttpResponse:
    visible = Recommendation.objects.for_user(person(request)).select_related("team")
    filtered = RecommendationFilter(request.GET, visible, request=request)
    rows = filtered.qs if "state" in request.GET else filtered.qs.filter(state="open")
    count = visible.filter(state="open").count()
    context = {
        "title": _list_title(count),
        "table": RecommendationTable(request, rows),
        "filters": filtered.form,
        "crumbs": [("Recommendations", "")],
    }
    return page(request, "insights/recommendations.html", context, fragment="recommendations")


def _list_title(count: int) -> str:
    if count == 1:
        return "1 move would gain more than the noise"
    return f"{count} moves would gain more than the noise" if count else "No advice at the moment"


@gate(Act.VIEW_MONEY)
@require_http_methods(["GET", "POST"])
def recommendation(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the evidence; a POST asks for the move as the person changed it."""
    user = person(request)
    found = _recommendation(user, pk)
    advised = Money(found.evidence["amount_micros"], found.currency)
    form = ProposeForm(
        request.POST or None,
        initial={"amount": advised.rounded(), "reason": found.payload.get("hypothesis", "")},
    )
    if form.is_valid():
        amount = Money.parse(form.cleaned_data["amount"], found.currency)
        try:
            asked = services.recommendation_propose(
                recommendation=found,
                user=user,
                amount=amount,
                reason=form.cleaned_data["reason"],
                at=clock.now(),
            )
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{asked.reference} was sent for approval.")
            return redirect_to(request, reverse("approvals:request", args=[asked.pk]))
    answer = invalid if form.is_bound else page
    return answer(request, "insights/recommendation.html", _context(user, found, form))


def _context(user: User, found: Recommendation, form: ProposeForm) -> dict[str, Any]:
    evidence = found.evidence
    amount = Money(evidence["amount_micros"], found.currency)
    rows = []
    for side, sign in (("giver", -1), ("receiver", 1)):
        before = Money(evidence[side]["before_micros"], found.currency)
        change = Money(sign * amount.micros, found.currency)
        rows.append(
            {
                "name": evidence[side]["name"],
                "before": before,
                "change": change,
                "after": before + change,
                "marginal": marginal_count(found.metric, float(evidence[side]["marginal"])),
            }
        )
    return {
        "recommendation": found,
        "form": form,
        "dismiss_form": DismissForm(),
        "amount": amount,
        "low": effect_written(found, found.effect_low_micros),
        "middle": effect_written(found, found.effect_micros),
        "high": effect_written(found, found.effect_high_micros),
        "effect_sub": f"Change of credited {MEASURE_LABELS[found.metric].lower()} against keeping "
        "the plan · 80 % range · from each line’s own history, not a forecast",
        "marginal_of": _marginal_head(found),
        "loss": _about(evidence["chance_of_loss"]),
        "rows": rows,
        "limits": _limits(evidence),
        "facts": _facts(found),
        "may_propose": found.state == Recommendation.State.OPEN
        and may(user, Act.DRAFT_REQUEST, team=found.team, owner_id=user.pk),
        "editing_url": services.editing_url(found),
        "crumbs": [("Recommendations", reverse("insights:recommendations")), (found.title, "")],
    }


def _marginal_head(found: Recommendation) -> str:
    """What a column of marginals counts."""
    if found.metric in MONEY_MEASURES:
        return f"The next {found.currency} returns"
    return f"{MEASURE_LABELS[found.metric]} of the next {UNITS} {found.currency}"


def _about(chance: Any) -> str:
    """A probability from a simple model is never shown as more certain than five per cent."""
    share = Decimal(str(chance))
    return "under 5 %" if share < Decimal("0.05") else f"about {formats.percent(share, 0)}"


def _limits(evidence: dict[str, Any]) -> list[Limit]:
    if evidence["binding"] not in BINDING:
        return []
    label, note = BINDING[evidence["binding"]]
    return [Limit(label, note, 1, binding=True)]


def _facts(found: Recommendation) -> list[Fact]:
    cause = (
        [Fact("Because of", found.finding.title, url=_alert_url(found))] if found.finding else []
    )
    return [
        *cause,
        Fact("For", found.evidence["month"]),
        Fact("State", found.get_state_display(), tone=STATE_TONES[found.state]),
        Fact("Valid until", formats.moment(found.expires_at)),
        Fact("Pairs looked at", f"{found.evidence['considered']:,}"),
    ]


def _alert_url(found: Recommendation) -> str:
    return reverse("automation:for-finding", args=[found.finding_id])


@gate(Act.DRAFT_REQUEST)
@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = _recommendation(user, pk)
    form = DismissForm(request.POST)
    if not form.is_valid():
        raise Invalid("Say why, so that the next one can be better.", where="reason")
    services.recommendation_dismiss(
        recommendation=found, user=user, reason=form.cleaned_data["reason"], at=clock.now()
    )
    messages.success(request, "Declined; your reason is kept beside it.")
    return redirect_to(request, reverse("insights:recommendations"))
