"""What is out of the ordinary: the list of incidents, one of them with its reasons, and what people make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

import numpy as np
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, may, person, require, sees_money
from core import clock, formats, known
from core.charts import Band, Chart, Series
from core.errors import AdroitError
from core.exports import export_response
from core.known import page_as_known
from core.once import reading_once
from core.pages import page, redirect_to
from core.parts import Fact, Tab
from core.tables import Column, Table
from insights.models import Finding
from insights.selectors.drivers import Why
from insights.selectors.explanations import explanation_of, why_kept
from insights.selectors.incidents import (
    STATES,
    Incident,
    Judgement,
    anomalies_visible,
    incidents_of,
    series_of,
    state_of,
    storm_of,
)
from insights.services.anomaly_words import when
from insights.services.dismissals import anomaly_dismiss, anomaly_raise, dismissal_undo
from insights.services.explaining import incident_why
from insights.services.words import from_float
from insights.views.asked import AnomalyFilter, JudgeForm
from insights.views.drivers import drivers_file, drivers_url
from insights.views.understand import understand_tabs
from insights.views.why import why_context
from metrics.selectors import metric_for
from metrics.selectors.words import chart_unit

DAY = timedelta(days=1)
AGAINST = {"": "The same weekdays before", "month": "Four weeks before", "year": "A year before"}


class AnomalyTable(Table):
    key = "anomalies"
    noun = "incidents"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("title", "What", kind="link", url="url", sub="teams", priority=1, strong=True),
        Column("shape", "Shape", kind="custom", sortable=False, priority=3,
               help="The days around it; the pale band is what would have been usual, red is outside"),
        Column("when", "When", sort="first_day", nowrap=True),
        Column("seen", "Seen", kind="number", sortable=False, priority=3),
        Column("expected", "Expected", kind="number", sortable=False, priority=3),
        Column("score", "Score", kind="number", digits=1, priority=3,
               help="How far off beside how far off days usually are; told from 2.5 on"),
        Column("stake", "At stake", kind="money", priority=1),
        Column("state", "State", kind="badge", tone="state_tone"),
    )  # fmt: skip
    search = ("title", "teams")
    default_sort = "-stake"
    row_id = "pk"
    empty_title = "Nothing is out of the ordinary"
    empty_text = (
        "Every morning each metric of each line is compared with what its earlier days let expect. "
        "It needs 36 days of figures; import a longer history if the campaigns are older."
    )

    def cell_shape(self, row: Mapping[str, Any]) -> str:
        return shape(row["finding"])


class AnomalyFile(AnomalyTable):
    """The same without its pictures, for files."""

    columns: ClassVar[tuple[Column, ...]] = tuple(
        column for column in AnomalyTable.columns if column.key != "shape"
    )


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
@reading_once()
def anomalies(request: HttpRequest) -> HttpResponse:
    user, now = person(request), known.now()
    filters = AnomalyFilter(user, request.GET)
    found = incidents_of(user, at=now, **filters.asked())
    table = AnomalyTable(request, [_row(one, user) for one in found])
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(
            AnomalyFile(request, table.all_rows), wanted, title=_title(found, user), as_of=now
        )
    context = {
        "title": _title(found, user),
        "kicker": "Anomalies",
        "table": table,
        "filters": filters,
        "tabs": understand_tabs(user, "insights:anomalies"),
        "crumbs": [("Anomalies", "")],
    }
    return page(request, "insights/anomalies.html", context, fragment="anomalies")


def _title(found: Sequence[Incident], user: User) -> str:
    bad = [one for one in found if not one.is_good]
    running = sum(one.state == "running" for one in bad)
    if not bad:
        return (
            "Nothing is out of the ordinary"
            if not found
            else "Only good news is out of the ordinary"
        )
    stakes = [one.stake for one in bad if one.stake]
    goes_on = f"{running} {'goes' if running == 1 else 'go'} on" if running else "none goes on"
    incidents = "1 incident" if len(bad) == 1 else f"{len(bad)} incidents"
    if not (stakes and sees_money(user)):
        return f"{incidents} out of the ordinary; {goes_on}"
    total = sum(stakes[1:], stakes[0])
    puts = "puts" if len(bad) == 1 else "put"
    return f"{incidents} {puts} {formats.money(total)} at stake; {goes_on}"


def _row(one: Incident, user: User) -> dict[str, Any]:
    lead, evidence = one.lead, one.lead.evidence
    label, tone = STATES[one.state]
    more = f" and {len(one.others)} more" if one.others else ""
    facts = dict(evidence["facts"])
    return {
        "pk": lead.pk,
        "finding": lead,
        "title": f"{lead.title}{more}",
        "teams": one.teams,
        "url": reverse("insights:anomaly", args=[lead.pk]),
        "when": formats.span(one.first_day, one.last_day),
        "first_day": one.first_day,
        "seen": facts["Seen"],
        "expected": facts["Expected"],
        "score": float(evidence["score"]),
        "stake": one.stake if sees_money(user) else None,
        "state": label,
        "state_tone": "good" if one.is_good and one.state != "dismissed" else tone,
    }


def shape(finding: Finding) -> str:
    """The small picture: the days around an incident, the expected band, days outside in red."""
    said = Judgement.of(finding)
    seen = [value for value in said.values if value is not None]
    if len(seen) < 2:
        return ""
    # A band that reaches far above all days would press them flat.
    top = min(max([*seen, *(v for v in said.highs if v)]), 1.6 * max(seen)) or 1.0
    count = max(len(said.values) - 1, 1)
    points, lows, highs = (
        [_at(n, value, count, top) for n, value in enumerate(values)]
        for values in (said.values, said.lows, said.highs)
    )
    band = [(up, down) for up, down in zip(highs, lows, strict=True) if up and down]
    outside = [
        point.split(",")
        for point, value, low, high in zip(points, said.values, said.lows, said.highs, strict=True)
        if value is not None and low is not None and high is not None and not low <= value <= high
    ]
    return render_to_string(
        "insights/_shape.html",
        {
            "line": " ".join(point for point in points if point),
            "band": " ".join([*(up for up, _ in band), *(down for _, down in reversed(band))]),
            "outside": outside,
        },
    )


def _at(place: int, value: float | None, count: int, top: float) -> str:
    if value is None:
        return ""
    return f"{place / count * 100:.1f},{22 - min(max(value, 0) / top, 1) * 20:.1f}"


def _found(request: HttpRequest, pk: int) -> Finding:
    """The incident, if it is in sight; else it does not exist."""
    visible = anomalies_visible(person(request), known.now())
    found = next((one for one in visible if one.pk == pk), None)
    if found is None:
        raise Http404
    return found


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
@reading_once()
def anomaly(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    finding = _found(request, pk)
    why, number = _why(request, finding, user)
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return drivers_file(request, why, wanted)
    state = state_of(finding, known.now())
    against = request.GET.get("against", "")
    context = {
        "finding": finding,
        "title": finding.title,
        "state": state,
        "state_label": STATES[state][0],
        "state_tone": STATES[state][1],
        "dismissal": finding.dismissals.filter(undone_at=None).select_related("by").first(),
        "facts": _facts(finding, user),
        "chart": _chart(finding, user),
        "storm": [
            (one.title, reverse("insights:anomaly", args=[one.pk]))
            for one in storm_of(user, finding, known.now())
        ],
        "against": [
            Tab(label, f"?against={key}", key == against) for key, label in AGAINST.items()
        ],
        "quoted": number,
        "may_judge": may(user, Act.RUN_MODELS, team=finding.team, owner_id=user.pk),
        "form": JudgeForm(),
        "export_base": f"?against={against}&",
        "drivers_url": drivers_url(
            why.metric.key, why.after, **({"campaign": finding.campaign_id} if finding.campaign_id else {})
        ),
        "tabs": understand_tabs(user, "insights:anomalies"),
        "crumbs": [("Anomalies", reverse("insights:anomalies")), (finding.title, "")],
        **why_context(why),
    }  # fmt: skip
    return page(request, "insights/anomaly.html", context)


def _why(request: HttpRequest, finding: Finding, user: User) -> tuple[Why, int | None]:
    """The kept explanation with its number; worked out now for another comparison or another moment."""
    against = request.GET.get("against", "")
    kept = explanation_of(finding)
    if kept and not against and sees_money(user) and known.known_at() is None:
        return why_kept(kept), kept.pk
    return incident_why(finding, against if against in AGAINST and against else "week", user), None


def _facts(finding: Finding, user: User) -> list[Fact]:
    said, judged = dict(finding.evidence["facts"]), Judgement.of(finding)
    facts = [
        Fact("When", when(finding.window_start, finding.window_end)),
        Fact("Seen", said["Seen"]),
        Fact("Expected", said["Expected"]),
        Fact("Would have been usual", said["Would have been usual"]),
        Fact("Score", f"{judged.score:.1f} (told from {judged.threshold})"),
        Fact("Days judged", str(judged.n)),
    ]
    if sees_money(user) and finding.stake_micros is not None:
        stake = Incident(finding, (), "").stake
        facts.insert(0, Fact("At stake", formats.money(stake) if stake else formats.NOTHING))
    return facts


def _chart(finding: Finding, user: User) -> Chart | None:
    """The series with its expected range; None where no day can be told."""
    metric = metric_for(finding.metric)
    try:
        found, currency = series_of(finding, viewer=user, today=known.today())
    except AdroitError:
        return None
    days = [found.period.start + n * DAY for n in range(len(found.values))]
    if np.isnan(found.values).all():
        return None

    def shown(values: Any) -> list[Any]:
        return [
            None if np.isnan(value) else from_float(metric, max(float(value), 0.0), currency)
            for value in values
        ]

    detection = found.detection
    return Chart(
        kind="line",
        title=f"{metric.label} lay outside what its own past lets expect",
        sub=f"A day, {formats.span(days[0], days[-1])}; band: up to a score of {detection.threshold}, "
        f"learnt from {detection.n} days before",
        x=days,
        unit=chart_unit(metric, currency),
        series=[
            Series("Seen", shown(found.values)),
            Series("Expected", shown(detection.expected), style="compare"),
        ],
        bands=[
            Band(shown(detection.low), shown(detection.high), label="usual range", style="expected")
        ],
        zero=True,
        id="anomaly-series",
        summary="",
    )


@gate(Act.RUN_MODELS)
@require_POST
def dismiss_anomaly(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    finding = _found(request, pk)
    anomaly_dismiss(
        finding=finding, user=user, reason=request.POST.get("reason", ""), at=clock.now()
    )
    messages.success(request, "Noted: this was no anomaly. Its alert is closed.")
    return redirect_to(request, _url(pk))


@gate(Act.RUN_MODELS)
@require_POST
def restore_anomaly(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    dismissal_undo(finding=_found(request, pk), user=user, at=clock.now())
    messages.success(request, "Taken back: the incident is open again.")
    return redirect_to(request, _url(pk))


@gate(Act.RUN_MODELS)
@require_POST
def raise_anomaly(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    anomaly_raise(finding=_found(request, pk), user=user, at=clock.now())
    messages.success(request, "Its owner has an alert now.")
    return redirect_to(request, _url(pk))


def _url(pk: int) -> str:
    return reverse("insights:anomaly", args=[pk])
