"""Pages on which experiments are planned, sealed, started and fed. What they say is in ``insights``."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person
from campaigns import services
from campaigns.choices import MetricKind
from campaigns.forms import ExperimentSheet, ReadingsForm
from campaigns.models import Experiment
from campaigns.selectors import experiments_for, readings_of
from core import clock, formats
from core.errors import AdroitError, Conflict
from core.money import MICROS
from core.pages import invalid, page, redirect_to

FLIGHT = timedelta(days=28)
DONE = {
    "seal": "The plan is sealed. Start it when the first unit may come.",
    "reopen": "The plan is open again.",
    "start": "It runs. The plan cannot change any more.",
    "stop": "It is stopped.",
    "archive": "It is in the archive; what was learnt stays findable.",
}


def _experiment(user: User, pk: int) -> Experiment:
    return get_object_or_404(experiments_for(user), pk=pk)


def _url(experiment: Experiment) -> str:
    return reverse("insights:experiment", args=[experiment.pk])


def _crumbs(experiment: Experiment | None, last: str) -> list[tuple[str, str]]:
    first = [("Experiments", reverse("insights:experiments"))]
    middle = [(experiment.name, _url(experiment))] if experiment else []
    return [*first, *middle, (last, "")]


@gate(Act.RUN_EXPERIMENT)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Plan an experiment; the size it needs stands beside the form."""
    user, today = person(request), clock.today()
    initial = {"starts_on": today, "ends_on": today + FLIGHT, "kind": "ab", "source": "typed"}
    sheet = ExperimentSheet(user, request.POST or None, initial=initial)
    if request.method == "POST" and "add" not in request.POST and sheet.is_valid():
        try:
            made = services.experiment_create(
                user=user, at=clock.now(), arms=sheet.arm_designs(),
                metrics=sheet.metric_designs(), **sheet.fields(),
            )  # fmt: skip
        except AdroitError as error:
            _refuse(sheet, error)
        else:
            messages.success(request, f"{made} is a draft. Seal its plan before the first unit.")
            return redirect_to(request, _url(made))
    return _sheet(request, sheet, None)


@gate(Act.RUN_EXPERIMENT)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    experiment = _experiment(user, pk)
    services.require_own(user, experiment)
    sheet = ExperimentSheet(user, request.POST or None, experiment)
    sheet.form.fields["team"].disabled = True
    if request.method == "POST" and "add" not in request.POST and sheet.is_valid():
        fields = sheet.fields()
        fields.pop("team")
        try:
            services.experiment_edit(
                experiment=experiment, user=user, at=clock.now(), arms=sheet.arm_designs(),
                metrics=sheet.metric_designs(), version=sheet.form.cleaned_data["version"], **fields,
            )  # fmt: skip
        except AdroitError as error:
            _refuse(sheet, error)
        else:
            messages.success(request, "Saved.")
            return redirect_to(request, _url(experiment))
    return _sheet(request, sheet, experiment)


def _refuse(sheet: ExperimentSheet, error: AdroitError) -> None:
    field = error.where if error.where in sheet.form.fields else None
    sheet.form.add_error(field, f"{error.message} {error.remedy}".strip())


def _sheet(
    request: HttpRequest, sheet: ExperimentSheet, experiment: Experiment | None
) -> HttpResponse:
    context = _size(sheet) | {
        "sheet": sheet,
        "experiment": experiment,
        "title": f"Change {experiment}" if experiment else "New experiment",
        "back": _url(experiment) if experiment else reverse("insights:experiments"),
        "crumbs": _crumbs(experiment, "Change" if experiment else "New"),
    }
    is_wrong = request.method == "POST" and "add" not in request.POST
    answer = invalid if is_wrong else page
    return answer(request, "campaigns/experiment_form.html", context)


@gate(Act.RUN_EXPERIMENT)
@require_POST
def size(request: HttpRequest) -> HttpResponse:
    """The size of what is filled in so far, while it is typed."""
    sheet = ExperimentSheet(person(request), request.POST)
    return page(request, "campaigns/_experiment_size.html", _size(sheet))


def _size(sheet: ExperimentSheet) -> dict[str, Any]:
    found = sheet.size() if sheet.form.is_bound else None
    problem = sheet.size_problem() if sheet.form.is_bound else ""
    return {
        "size": found,
        "size_problem": problem
        or (
            ""
            if found
            else "Name the metric that decides, its level today and the effect worth finding."
        ),
        "found": [(f"{days} days", formats.percent(effect)) for days, effect in found.found]
        if found
        else [],
    }


@gate(Act.RUN_EXPERIMENT)
@require_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """One step of its life: seal, reopen, start, stop or archive."""
    user = person(request)
    experiment = _experiment(user, pk)
    wanted = request.POST.get("step", "")
    services.experiment_step(
        experiment=experiment, step=wanted, user=user, at=clock.now(),
        reason=request.POST.get("reason", ""),
    )  # fmt: skip
    messages.success(request, DONE[wanted])
    return redirect_to(request, _url(experiment))


@gate(Act.RUN_EXPERIMENT)
@require_http_methods(["GET", "POST"])
def readings(request: HttpRequest, pk: int) -> HttpResponse:
    """Type in totals, or bring a file of totals or of units."""
    user = person(request)
    experiment = _experiment(user, pk)
    services.require_own(user, experiment)
    if not experiment.is_open:
        raise Conflict(
            f"“{experiment}” is {experiment.get_state_display().lower()}, so it takes no figures."
        )
    initial = {"day": clock.today()} | _totals(experiment)
    form = ReadingsForm(experiment, request.POST or None, request.FILES or None, initial=initial)
    if form.is_valid():
        try:
            rows, name = form.readings()
            done = services.figures_record(
                experiment=experiment, rows=rows, user=user, at=clock.now(),
                day=form.cleaned_data["day"], file_name=name,
                spends=form.spends(),
            )  # fmt: skip
        except AdroitError as error:
            form.add_error(None, f"{error.message} {error.remedy}".strip())
        else:
            messages.success(request, _said(done))
            return redirect_to(request, _url(experiment))
    return _readings_page(request, experiment, form)


def _said(done: services.Recorded) -> str:
    if not done.added:
        return "Nothing new: these figures were known."
    return f"{done.added} figures are in."


def _totals(experiment: Experiment) -> dict[str, Any]:
    """What is known so far, as it would be typed."""
    found: dict[str, Any] = {
        f"spend-{arm.pk}": None if arm.spend_micros is None else Decimal(arm.spend_micros) / MICROS
        for arm in experiment.arms.all()
    }
    for one in readings_of(experiment):
        found[f"total-{one.arm_id}-{one.metric_id}"] = (
            found.get(f"total-{one.arm_id}-{one.metric_id}", 0) + one.total
        )
        key = f"units-{one.arm_id}-{one.metric_id}"
        found[key] = found.get(key, 0) + one.units
        found[f"units-{one.arm_id}"] = max(found.get(f"units-{one.arm_id}", 0), found[key])
    return {name: _whole(value) for name, value in found.items()}


def _whole(value: Any) -> Any:
    """A count without decimals."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _readings_page(
    request: HttpRequest, experiment: Experiment, form: ReadingsForm
) -> HttpResponse:
    rows = [
        {
            "arm": arm,
            "units": form[f"units-{arm.pk}"],
            "spend": form[f"spend-{arm.pk}"] if experiment.currency else None,
            "cells": [
                {
                    "metric": one,
                    "total": form[f"total-{arm.pk}-{one.pk}"],
                    "spread": form[f"spread-{arm.pk}-{one.pk}"]
                    if one.kind == MetricKind.MEAN
                    else None,
                }
                for one in form.metrics
            ],
        }
        for arm in form.arms
    ]
    context = {
        "title": f"Figures of {experiment}",
        "experiment": experiment,
        "form": form,
        "rows": rows,
        "metrics": form.metrics,
        "back": _url(experiment),
        "sample": _sample(form),
        "crumbs": _crumbs(experiment, "Figures"),
    }
    answer = invalid if form.is_bound else page
    return answer(request, "campaigns/experiment_readings.html", context)


def _sample(form: ReadingsForm) -> str:
    names = ",".join(
        f"{one.name},{one.name} sd" if one.kind == MetricKind.MEAN else one.name
        for one in form.metrics
    )
    return f"day,arm,units,{names}"
