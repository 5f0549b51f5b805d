"""One experiment as a manager reads it: the sentence, the numbers beneath, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, may, person, require
from campaigns.choices import JUDGED, ExperimentDecision, ExperimentState
from campaigns.models import Experiment
from campaigns.selectors import conflicts_of, experiments_for
from campaigns.services import require_own
from core import clock, formats, known
from core.charts import Band, Chart, Series, Unit
from core.errors import AdroitError
from core.exports import export_response
from core.forms import refuse
from core.known import page_as_known
from core.models import Event
from core.pages import form_page, page, redirect_to
from core.parts import Entry, Fact, Ranked, Step
from insights.forms import ConcludeForm
from insights.rules.experiment_words import left_words
from insights.selectors.experiment_policy import PolicyReport, policy_report
from insights.selectors.experiment_rows import effect_rows, factor_rows, policy_rows, soundness
from insights.selectors.experiments import ExperimentResult, Look, result_of
from insights.services.experiments import experiment_propose, experiment_settle, requests_of
from insights.views.experiment_tables import EffectTable, FactorTable, PolicyTable

State = ExperimentState
LIFE = (State.DRAFT, State.SEALED, State.RUNNING, State.CONCLUDED, State.ARCHIVED)
WORDS = {
    "experiment.created": "Drafted", "experiment.changed": "Changed",
    "experiment.sealed": "Plan sealed", "experiment.reopened": "Plan opened again",
    "experiment.started": "Started", "experiment.read": "Figures came in",
    "experiment.stopped": "Stopped", "experiment.concluded": "Concluded",
    "experiment.archived": "Archived", "experiment.applied": "Result in use",
    "experiment.learnt": "Shares learnt anew", "experiment.spend_set": "Cost noted",
}  # fmt: skip
TOLD = 12
# A range this many times as wide as the narrowest one is left out of the picture.
WIDEST = 5


def _experiment(user: User, pk: int) -> Experiment:
    return get_object_or_404(experiments_for(user), pk=pk)


def _url(experiment: Experiment) -> str:
    return reverse("insights:experiment", args=[experiment.pk])


def _crumbs(*last: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Experiments", reverse("insights:experiments")), *last]


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def experiment(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = person(request), known.known_at() or clock.now()
    found = _experiment(user, pk)
    result = result_of(found, at)
    table = EffectTable(request, effect_rows(result))
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        title = f"{found}: {result.sentence}"
        return export_response(table, wanted, title=title, as_of=at)
    context = {
        "title": result.sentence,
        "experiment": found,
        "result": result,
        "kicker": f"{found.get_kind_display()} · {found} · {found.team}",
        "facts": _facts(found, result),
        "steps": _steps(found),
        "chart": _looks_chart(found, result) or _shares_chart(result),
        "table": table if result.report else None,
        "factors": FactorTable(request, factor_rows(result), prefixed=True) if result.factors else None,
        "policy": PolicyTable(request, policy_rows(result.policy), prefixed=True) if result.policy else None,
        "sound": soundness(result),
        "plan": _plan(found),
        "conflicts": conflicts_of(found, _others(user, found)),
        "history": _history(found, at),
        "left": left_words(result.best, found.unit) if result.best else "",
        "crumbs": _crumbs((found.name, "")),
    } | _may(user, found, result)  # fmt: skip
    return page(request, "insights/experiment.html", context)


def _others(user: User, found: Experiment) -> list[Experiment]:
    """Others that may run on the same days."""
    if found.state in (State.CONCLUDED, State.ARCHIVED, State.STOPPED):
        return []
    rows = experiments_for(user).filter(state__in=[State.DRAFT, State.SEALED, State.RUNNING])
    return list(rows.filter(starts_on__lte=found.ends_on, ends_on__gte=found.starts_on))


def _may(user: User, found: Experiment, result: ExperimentResult) -> dict[str, Any]:
    """Which buttons are there: those of the next steps of whoever may run it."""
    runs = may(user, Act.RUN_EXPERIMENT, team=found.team, owner_id=found.owner_id)
    asked = requests_of(found)
    waiting = next((one for one in asked if one.state in ("open", "changes", "approved")), None)
    proposes = found.state == State.RUNNING and bool(result.shares)
    if found.state == State.CONCLUDED and found.decision == ExperimentDecision.SHIP:
        proposes = found.applied_at is None and found.kind in JUDGED
    is_live = found.state in (State.RUNNING, State.STOPPED)
    return {
        "may_run": runs,
        "may_conclude": runs and is_live and bool(result.test or result.policy),
        "may_propose": runs and proposes and waiting is None,
        "asked": asked[0] if asked else None,
    }


def _facts(found: Experiment, result: ExperimentResult) -> list[Fact]:
    units = formats.number(result.units)
    planned = f" of {formats.number(found.end_units)}" if found.end_units else ""
    facts = [
        Fact("State", found.get_state_display()),
        Fact("Owner", person=found.owner.name),
        Fact("Days", formats.span(found.starts_on, found.ends_on)),
        Fact(f"{found.unit}s".capitalize(), f"{units}{planned}"),
    ]
    if found.campaign:
        url = reverse("reporting:campaign", args=[found.campaign.pk])
        facts.append(Fact("Campaign", str(found.campaign), url=url))
    if result.last_day:
        facts.append(Fact("Figures until", formats.day(result.last_day)))
    return facts


def _steps(found: Experiment) -> list[Step]:
    life = list(LIFE)
    if found.state == State.STOPPED:
        life.insert(3, State.STOPPED)
    at = life.index(State(found.state))
    states = ["done" if n < at else "current" if n == at else "todo" for n in range(len(life))]
    if found.state == State.STOPPED:
        states[at] = "failed"
    return [Step(one.label, state) for one, state in zip(life, states, strict=True)]


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(round(value, 5)))


def _looks_chart(found: Experiment, result: ExperimentResult) -> Chart | None:
    """The effect after every day with the range that holds however often one looks."""
    looks, test, best = readable_looks(result.looks), result.test, result.best
    if len(looks) < 2 or test is None or best is None:
        return None
    at_once = "once, at the end" if found.looks == "once" else "however often one looks"
    return Chart(
        kind="line",
        title=f"{best.arm} against {test.arms[0]}, day by day",
        sub=f"Change of {test.primary.name} per {found.unit} · range that holds {at_once}",
        x=[one.day for one in looks],
        unit=Unit.percent(1),
        series=[
            Series("Change", [_decimal(one.effect) for one in looks]),
            Series("No difference", [Decimal(0)] * len(looks), style="target", end="no difference"),
        ],
        bands=[
            Band(
                [_decimal(one.low) for one in looks],
                [_decimal(one.high) for one in looks],
                label=f"{formats.percent(1 - found.alpha, 0)} range",
                style="p80",
            )
        ],
        height=260,
        id="looks",
    )


def readable_looks(looks: Sequence[Look]) -> list[Look]:
    """Those from which on the range is not so wide that it hides all later ones."""
    widths = [one.high - one.low for one in looks if one.high is not None and one.low is not None]
    if not widths:
        return []
    widest = WIDEST * min(widths)
    first = next(
        place for place, one in enumerate(looks)
        if one.high is not None and one.low is not None and one.high - one.low <= widest
    )  # fmt: skip
    return list(looks[min(first, max(len(looks) - 2, 0)) :])


def _shares_chart(result: ExperimentResult) -> Chart | None:
    if not result.shares:
        return None
    return Chart(
        kind="bars_h",
        title="Next shares of the rotation",
        sub="How often each variant is drawn as the best · none gets less than 5 %",
        x=list(result.shares),
        unit=Unit.percent(0),
        series=[Series("Share", [_decimal(share) for share in result.shares.values()])],
        x_label="Variant",
        id="shares",
    )


def _plan(found: Experiment) -> list[tuple[str, str]]:
    primary = next(one for one in found.metrics.all() if one.role == "primary")
    least = formats.percent(primary.minimum_effect) if primary.minimum_effect else "not named"
    arms = ", ".join(f"{arm.name} ({formats.number(arm.weight, 0)})" for arm in found.arms.all())
    guards = [one.name for one in found.metrics.all() if one.role == "guardrail"]
    return [
        ("Hypothesis", found.hypothesis),
        ("Variants (parts)", arms),
        ("Decides", f"{primary.name} per {found.unit}"),
        ("Effect worth finding", least),
        ("Guardrails", ", ".join(guards) or "none"),
        ("Read", found.get_looks_display()),
        ("Ends at", f"{formats.number(found.end_units)} {found.unit}s" if found.end_units else "–"),
        ("False alarms at most", formats.percent(found.alpha)),
        ("Chance to find it", formats.percent(found.power, 0)),
        ("Sealed", formats.moment(found.sealed_at) if found.sealed_at else "not yet"),
    ]


def _history(found: Experiment, at: datetime) -> list[Entry]:
    rows = Event.objects.filter(
        subject_type="campaigns.experiment", subject_id=str(found.pk), at__lte=at
    ).order_by("-pk")[:TOLD]
    return [
        Entry(
            WORDS.get(one.action, one.action), formats.moment(one.at), one.actor_name,
            text=one.reason,
        )
        for one in rows
    ]  # fmt: skip


@gate(Act.RUN_EXPERIMENT)
@require_http_methods(["GET", "POST"])
def experiment_conclude(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what follows and what was learnt; the verdict is kept as it stands now."""
    user = person(request)
    found = _experiment(user, pk)
    require_own(user, found)
    form = ConcludeForm(request.POST or None)
    if form.is_valid():
        try:
            experiment_settle(experiment=found, user=user, at=clock.now(), **form.cleaned_data)
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "Concluded. The verdict is kept with every number.")
            return redirect_to(request, _url(found))
    said = result_of(found, clock.now(), is_over=True).sentence
    return form_page(
        request, form, title=f"Conclude {found}", save="Conclude", back=_url(found), lead=said,
        crumbs=_crumbs((found.name, _url(found)), ("Conclude", "")),
    )  # fmt: skip


@gate(Act.RUN_EXPERIMENT)
@require_POST
def experiment_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Send what follows from the test for approval."""
    user = person(request)
    found = _experiment(user, pk)
    asked = experiment_propose(
        experiment=found, user=user, reason=request.POST.get("reason", ""), at=clock.now()
    )
    messages.success(request, f"{asked.reference} was sent for approval.")
    return redirect_to(request, reverse("approvals:request", args=[asked.pk]))


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def experiment_policy(request: HttpRequest, pk: int) -> HttpResponse:
    """What other rules of choosing would have brought, from the logged choices."""
    user, at = person(request), known.known_at() or clock.now()
    found = _experiment(user, pk)
    report = policy_report(found, at=at)
    table = PolicyTable(request, policy_rows(report))
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title=f"Rules of choosing: {found}", as_of=at)
    context = {
        "title": _policy_title(report),
        "experiment": found,
        "report": report,
        "table": table,
        "contexts": _contexts(report),
        "crumbs": _crumbs((found.name, _url(found)), ("Rules of choosing", "")),
    }
    return page(request, "insights/experiment_policy.html", context, fragment="policy")


def _policy_title(report: PolicyReport) -> str:
    known_ones = [one for one in report.checks if one.value.self_normalised.value is not None]
    if not known_ones:
        return f"{formats.number(report.choices)} choices are settled; 100 that weigh are needed"
    best = max(known_ones, key=lambda one: one.value.self_normalised.value or 0)
    value = best.value.self_normalised
    return f"“{best.name}” would bring most: {formats.percent(value.value or 0)} of units"


def _contexts(report: PolicyReport) -> list[dict[str, Any]]:
    return [
        {
            "name": one.context,
            "choices": one.choices,
            "bars": [
                Ranked(arm, formats.percent(share, 0), share, tone="accent")
                for arm, share in zip(report.arms, one.shares, strict=True)
            ],
        }
        for one in report.contexts
    ]
