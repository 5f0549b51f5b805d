"""Splits that were kept, and what is made of them: a request, a scenario."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, may, person, require
from core import clock, formats
from core.errors import AdroitError
from core.money import Money
from core.pages import page, redirect_to
from insights.models import AllocationPlan
from insights.services.allocations import (
    allocation_keep,
    allocation_scenario,
    editing_url,
    gain_words,
)
from insights.views.allocation_landing import amounts_of
from insights.views.allocation_question import Question
from insights.views.allocation_words import BADGES
from metrics.selectors import METRICS


@gate(Act.DRAFT_REQUEST)
@require_POST
def allocation_save(request: HttpRequest) -> HttpResponse:
    """Keep the split of the sliders, and lead to what was asked for: the page of it, or a request."""
    user, data = person(request), request.POST.dict()
    question = Question(user, data)
    found = question.answer()
    if found is None:
        messages.error(request, question.problem or "There is nothing to keep.")
        return redirect_to(request, f"{reverse('insights:allocation')}?{question.query}")
    try:
        chosen = amounts_of(found.basis, data)
        is_best = chosen == {share.unit.key: share.best.micros for share in found.shares}
        name = data.get("name", "").strip() or f"{question.period.label}, {clock.today():%-d %B}"
        plan = allocation_keep(
            user=user, found=found, name=name, amounts=None if is_best else chosen, at=clock.now()
        )
        if data.get("then") == "propose":
            return redirect_to(request, editing_url(plan))
    except AdroitError as error:
        messages.error(request, f"{error.message} {error.remedy}".strip())
        return redirect_to(request, f"{reverse('insights:allocation')}?{question.query}")
    messages.success(request, f"“{plan.name}” is kept.")
    return redirect_to(request, plan.get_absolute_url())


@gate(Act.VIEW_MONEY)
@require_safe
def allocation_kept(request: HttpRequest, pk: int) -> HttpResponse:
    """A split as it was worked out and kept."""
    user = person(request)
    plan = _plan(user, pk)
    result = plan.result
    rows = [
        {**row, "now": Money(row["now_micros"], plan.currency),
         "best": Money(row["best_micros"], plan.currency),
         "change": formats.money_signed(Money(row["best_micros"] - row["now_micros"], plan.currency))}
        for row in result["shares"]
    ]  # fmt: skip
    label, tone = BADGES[result["badge"]]
    context = {
        "title": f"{plan.name}: {gain_words(plan)}",
        "kicker": f"Kept split #{plan.pk} · {plan.team.name} · {METRICS[plan.metric].label.lower()} · by {plan.made_by.name}, {formats.moment(plan.made_at)}",
        "plan": plan,
        "rows": rows,
        "badge": label,
        "badge_tone": tone,
        "may_ask": may(user, Act.DRAFT_REQUEST, team=plan.team, owner_id=user.pk),
        "versions": list(plan.versions.select_related("team")),
        "moves": len(result["moves"]),
        "facts": [
            ("Limits", "any" if plan.inputs["shift_percent"] is None else f"±{plan.inputs['shift_percent']} % a channel"),
            ("Chosen", "by hand" if plan.inputs["by_hand"] else "by the optimiser"),
            ("Chance of a loss", formats.percent(result["chance_of_loss"], 0)),
            ("Draws that gain", formats.percent(result["draws_that_gain"], 0)),
        ],
        "crumbs": [("Allocation", reverse("insights:allocation")), (plan.name, "")],
    }  # fmt: skip
    return page(request, "insights/allocation_kept.html", context)


@gate(Act.DRAFT_REQUEST)
@require_POST
def allocation_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """To the page on which a person looks at the moves of a kept split and sends them."""
    user = person(request)
    plan = _plan(user, pk)
    require(user, Act.DRAFT_REQUEST, team=plan.team, owner_id=user.pk)
    return redirect_to(request, editing_url(plan))


@gate(Act.DRAFT_REQUEST)
@require_POST
def allocation_to_scenario(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    made = allocation_scenario(plan=_plan(user, pk), user=user, at=clock.now())
    messages.success(request, f"Scenario “{made}” is made. Everything else in it is as planned.")
    return redirect_to(request, reverse("budgets:scenario", args=[made.pk]))


def _plan(user: User, pk: int) -> AllocationPlan:
    plans = AllocationPlan.objects.for_user(user).select_related("team", "made_by", "scenario")
    found: AllocationPlan = get_object_or_404(plans, pk=pk)
    return found
