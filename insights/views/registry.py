"""The model registry: which models there are, how good each is, training and asking for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person, require
from analytics.results import REASON_TEXT, Reason
from core import clock, formats, outbox
from core.charts import Chart, Series, Unit
from core.errors import AdroitError
from core.exports import export_response
from core.models import Event
from core.pages import page, redirect_to
from core.parts import Entry, Fact, Tab
from core.tables import Cell, Column, Table
from insights.forms import PromoteForm, TrainForm
from insights.models import ModelVersion
from insights.permissions import reach
from insights.selectors.versions import (
    Measured,
    beside,
    calibration_of,
    headline,
    history_of,
    measured,
    score_text,
    trainings_of,
    versions_for,
)
from insights.services.promotion import open_request, promote_ask
from insights.services.training import OPEN, train_request, trainable
from insights.views.forecast_tabs import tabs

State = ModelVersion.State
STATE_TONES = {
    State.CHAMPION: "good",
    State.CHALLENGER: "accent",
    State.BENCHED: "bad",
    State.RETIRED: "neutral",
}
REFUSED = {
    "stopped": "A person stopped this training.",
    "needs_person": "This training failed.",
    "done": "This training ended without a model.",
}
WORDS = {
    "model.trained": "Trained",
    "model.moved": "Moved",
    "model.drift": "Drift was noticed",
}


class ModelTable(Table):
    key = "models"
    noun = "versions"
    columns = (
        Column("name", "Model", kind="link", priority=1, sub="state_reason", sort="number"),
        Column("get_state_display", "State", kind="badge", sort="state", priority=1),
        Column("team", "For", sort="team__name", priority=2),
        Column("score", "Scored", kind="custom", sortable=False, priority=2),
        Column("rows", "Rows", kind="number", priority=3),
        Column("data", "Data version", kind="custom", sort="known_at", priority=3, nowrap=True),
        Column("trained_at", "Trained", kind="date", priority=3),
        Column("by", "By", kind="custom", sort="trained_by__name", priority=3, nowrap=True),
    )  # fmt: skip
    search = ("team__name", "state_reason")
    empty_title = "No model has been trained yet"
    empty_text = (
        "The first forecasts register a model by themselves, the night after facts came in. "
        "Or choose a kind and train one now."
    )

    def cell(self, record: ModelVersion, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "name":
            cell.url = reverse("insights:model", args=[record.pk])
        elif column.key == "get_state_display":
            cell.tone = STATE_TONES[State(record.state)]
        return cell

    def cell_score(self, row: ModelVersion) -> str:
        return thin(row) or headline(row)

    def cell_data(self, row: ModelVersion) -> str:
        known = formats.moment(row.known_at)
        return f"import {row.batch_id}, {known}" if row.batch_id else known

    def cell_by(self, row: ModelVersion) -> str:
        return row.trained_by.name if row.trained_by else "the schedule"


def thin(version: ModelVersion) -> str:
    """Why a version has no model, in words; empty when it has one."""
    known = {one.value for one in Reason}
    return REASON_TEXT[Reason(version.reason)] if version.reason in known else version.reason


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def models(request: HttpRequest) -> HttpResponse:
    user = person(request)
    visible = versions_for(user)
    kinds = list(dict.fromkeys(visible.order_by("kind").values_list("kind", flat=True)))
    chosen = request.GET.get("kind", "")
    shown = visible.filter(kind=chosen) if chosen in kinds else visible
    table = ModelTable(request, shown)
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title="Models", as_of=clock.now())
    context = {
        "title": _title(list(visible)),
        "tabs": tabs("models"),
        "kinds": _kind_tabs(kinds, chosen),
        "table": table,
        "form": _train_form(user),
        "trainings": trainings_of(user).filter(state__in=OPEN),
        "live": "models",
        "crumbs": [("Forecasts", reverse("insights:forecasts")), ("Models", "")],
    }
    return page(request, "insights/models.html", context, fragment="models")


def _kind_tabs(kinds: Sequence[str], chosen: str) -> list[Tab]:
    """Nothing to choose from with one kind alone."""
    if len(kinds) < 2:
        return []
    names = dict(ModelVersion.Kind.choices)
    every = Tab("All", "?", current=chosen not in kinds)
    return [every, *(Tab(names[kind], f"?kind={kind}", kind == chosen) for kind in kinds)]


def _train_form(user: User) -> TrainForm | None:
    form = TrainForm(user, trainable())
    return form if form.is_offered else None


def _title(visible: Sequence[ModelVersion]) -> str:
    if not visible:
        return "No model has been trained yet"
    used = [one for one in visible if one.state == State.CHAMPION]
    waiting = sum(one.state == State.CHALLENGER and not one.reason for one in visible)
    told = f"{len(used)} model{'s are' if len(used) != 1 else ' is'} in use"
    if waiting:
        return f"{told}, {waiting} challenge{'s it' if waiting == 1 else ' them'}"
    if not used:
        return f"{told}: the seasonal naive stands in"
    days = max((clock.now() - one.trained_at).days for one in used)
    return f"{told}, the oldest was trained {days} day{'s' if days != 1 else ''} ago"


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def model(request: HttpRequest, pk: int) -> HttpResponse:
    return _version_page(request, pk)


def _version_page(request: HttpRequest, pk: int, **more: Any) -> HttpResponse:
    user = person(request)
    version = get_object_or_404(versions_for(user), pk=pk)
    other = beside(version)
    trains = version.kind in dict(trainable())
    context = {
        "title": _version_title(version),
        "version": version,
        "facts": _facts(version),
        "thin": thin(version),
        "scores": [_score_row(one) for one in measured(version, other)],
        "other": other,
        "compared": _compared(version, other),
        "params": [(_label(key), _plain(value)) for key, value in version.params.items()],
        "chart": _calibration(version),
        "history": [_entry(event) for event in history_of(version)],
        "waiting": open_request(version),
        "form": PromoteForm() if _may_ask(user, version) else None,
        "may_train": trains and reach(user, Act.RUN_MODELS, version.team) is not None,
        "tabs": tabs("models"),
        "live": "models",
        "crumbs": [("Models", reverse("insights:models")), (str(version), "")],
    }
    return page(request, "insights/model.html", context | more, status=422 if more else 200)


def _compared(version: ModelVersion, other: ModelVersion | None) -> str:
    """On what the scores were reached."""
    cutoffs = version.scores.get("cutoffs", [])
    days = " and ".join(formats.day(date.fromisoformat(one), weekday=False) for one in cutoffs)
    told = f"Forecast from {days}, nothing after them seen" if days else ""
    alike = other and (version.record.get("in_use") or {}).get("version") == other.pk
    return f"{told}; both on the same days" if told and alike else told


def _version_title(version: ModelVersion) -> str:
    state = version.get_state_display().lower()
    told = headline(version)
    return f"{version}, {state}: {told}" if told else f"{version}, {state}"


def _facts(version: ModelVersion) -> list[Fact]:
    by = version.trained_by.name if version.trained_by else ""
    seconds = version.cpu_seconds
    return [
        Fact("State", version.get_state_display(), tone=STATE_TONES[State(version.state)]),
        Fact("For", version.team.name),
        Fact("Trained", formats.moment(version.trained_at)),
        Fact("By", "" if by else "the schedule", person=by),
        Fact("Rows", formats.number(version.rows)),
        Fact("Took", f"{seconds:.1f} s of processor" if seconds is not None else formats.NOTHING),
    ]  # fmt: skip


def _score_row(one: Measured) -> dict[str, Any]:
    word = {True: "better", False: "worse", None: ""}[one.better]
    tone = {True: "good", False: "bad", None: "neutral"}[one.better]
    return {
        "label": one.label,
        "value": score_text(one.value, one.key),
        "other": score_text(one.other, one.key),
        "word": word,
        "tone": tone,
    }


def _label(key: str) -> str:
    return key.replace("_", " ").capitalize()


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {one}" for key, one in value.items())
    return {True: "yes", False: "no", None: formats.NOTHING}.get(value, str(value))


def _calibration(version: ModelVersion) -> Chart | None:
    """What was said against what came; None where the record has nothing of it."""
    found = calibration_of(version)
    if not found:
        return None
    said = [Decimal(str(round(float(one["said"]), 4))) for one in found]
    came = [Decimal(str(round(float(one["came"]), 4))) for one in found]
    apart = max(abs(a - b) for a, b in zip(said, came, strict=True))
    return Chart(
        kind="bar",
        title=f"What was said and what came are at most {formats.points(apart).lstrip('+')} apart",
        sub="Of cases the model had not seen, grouped by what it said",
        x=[str(one.get("label") or formats.percent(one["said"], 0)) for one in found],
        x_label="Said",
        unit=Unit.percent(0),
        series=[Series("Came", came), Series("Said", said, style="target")],
        height=220,
        id="calibration",
    )


def _entry(event: Event) -> Entry:
    states = dict(State.choices)
    after = states.get((event.after or {}).get("state", ""), "")
    title = f"{after}" if event.action == "model.moved" else WORDS.get(event.action, event.action)
    chip = after if event.action == "model.trained" else ""
    return Entry(
        title=title, when=formats.moment(event.at), who=event.actor_name, text=event.reason, chip=chip
    )  # fmt: skip


def _may_ask(user: User, version: ModelVersion) -> bool:
    fits = version.state != State.CHAMPION and not version.reason
    return fits and reach(user, Act.PROPOSE_MODEL, version.team) is not None


@gate(Act.PROPOSE_MODEL)
@require_POST
def model_promote(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the version to be put in use; the request page follows."""
    user = person(request)
    version = get_object_or_404(versions_for(user), pk=pk)
    form = PromoteForm(request.POST)
    if not form.is_valid():
        return _version_page(request, pk, form=form)
    try:
        asked = promote_ask(
            version=version, user=user, reason=form.cleaned_data["reason"], at=clock.now()
        )
    except AdroitError as error:
        form.add_error(None, f"{error.message} {error.remedy}".strip())
        return _version_page(request, pk, form=form)
    messages.success(request, f"{asked.reference} asks for {version}; somebody else decides.")
    return redirect_to(request, asked.get_absolute_url())


@gate(Act.RUN_MODELS)
@require_POST
def model_train(request: HttpRequest) -> HttpResponse:
    """Have a kind of model trained; the page that follows shows how far it is."""
    user = person(request)
    form = TrainForm(user, trainable(), request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a model and a team that you may train for.")
        return redirect_to(request, reverse("insights:models"))
    wanted = form.cleaned_data
    item = train_request(kind=wanted["kind"], team=wanted["team"], user=user, at=clock.now())
    return redirect_to(request, reverse("insights:training", args=[item.pk]))


@gate(Act.RUN_MODELS)
@require_safe
def training(request: HttpRequest, pk: int) -> HttpResponse:
    """A training on its way: how far it is, the version when it is there, or why there is none."""
    item = get_object_or_404(trainings_of(person(request)), pk=pk)
    result = item.result or {}
    if made := result.get("version"):
        return redirect_to(request, reverse("insights:model", args=[made]))
    title = f"Training: {item.payload['title']}"
    context = {
        "item": item,
        "title": title,
        "share": item.progress_done / item.progress_total if item.progress_total else None,
        "is_open": item.state in OPEN,
        "refused": result.get("refused") or REFUSED.get(item.state, ""),
        "remedy": result.get("remedy", ""),
        "crumbs": [("Models", reverse("insights:models")), (title, "")],
    }
    return page(request, "insights/training.html", context, fragment="work")


@gate(Act.RUN_MODELS)
@require_POST
def training_stop(request: HttpRequest, pk: int) -> HttpResponse:
    item = get_object_or_404(trainings_of(person(request)), pk=pk)
    outbox.stop(item.pk, now=clock.now())
    return redirect_to(request, reverse("insights:training", args=[pk]))
