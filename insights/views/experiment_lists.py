"""Experiments as lists: tests, their calendar, what was learnt, and what holdouts added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import can, gate, person, require, sees_money
from campaigns.choices import ExperimentKind, ExperimentState
from campaigns.models import Experiment
from campaigns.selectors import conflicts_among, experiments_for, last_day, learnings_for
from core import clock, formats, known
from core.exports import export_response
from core.known import page_as_known
from core.money import MICROS, Money
from core.pages import page
from core.parts import Tab
from core.tables import Column, Table
from insights.forms import ExperimentFilter, LearningFilter
from insights.rules.experiment_words import OUTCOME_WORDS, TONES
from insights.selectors.experiments import ExperimentResult, results_of

State = ExperimentState
STATE_TONES = {
    State.DRAFT: "neutral", State.SEALED: "neutral", State.RUNNING: "accent", State.STOPPED: "bad",
    State.CONCLUDED: "good", State.ARCHIVED: "neutral",
}  # fmt: skip
LIVE = (State.DRAFT, State.SEALED, State.RUNNING, State.STOPPED)
PLANNED = (State.DRAFT, State.SEALED, State.RUNNING)
LISTS = (
    ("Tests", "insights:experiments"),
    ("Calendar", "insights:experiments-calendar"),
    ("Learnings", "insights:experiments-learnings"),
    ("Holdouts", "insights:experiments-holdouts"),
)


def tabs(current: str) -> list[Tab]:
    return [Tab(label, reverse(name), label == current) for label, name in LISTS]


class TestTable(Table):
    key = "experiments"
    noun = "tests"
    columns = (
        Column("name", "Test", kind="link", url="url", priority=1, sub="kind"),
        Column("says", "Says", priority=2),
        Column("state", "State", kind="badge", tone="tone", priority=1),
        Column("progress", "Units", kind="bar", priority=3, help="Of those planned for its end"),
        Column("starts_on", "From", kind="date", priority=3),
        Column("ends_on", "Until", kind="date", priority=3),
        Column("team", "Team", priority=3),
        Column("owner", "Owner", kind="user", priority=3, default_visible=False),
    )
    search = ("name", "says", "team")
    row_id = "pk"
    empty_title = "No test is planned"
    empty_text = "Plan one: say what you expect to change, for whom, and how you will know."


TestTable.__test__ = False  # type: ignore[attr-defined]


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def experiments(request: HttpRequest) -> HttpResponse:
    user, at = person(request), known.known_at() or clock.now()
    form = ExperimentFilter(request.GET)
    rows = form.kept(experiments_for(user).filter(created_at__lte=at), LIVE)
    results = results_of(rows, at)
    table = TestTable(request, [_row(one, results[one.pk]) for one in rows])
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title="Experiments", as_of=at)
    context = {
        "title": _title(list(results.values())),
        "tabs": tabs("Tests"),
        "table": table,
        "filters": form,
        "may_run": can(user, Act.RUN_EXPERIMENT),
        "crumbs": [("Experiments", "")],
    }
    return page(request, "insights/experiments.html", context, fragment="experiments")


def _row(one: Experiment, result: ExperimentResult) -> dict[str, Any]:
    return {
        "pk": one.pk,
        "name": one.name,
        "url": reverse("insights:experiment", args=[one.pk]),
        "kind": one.get_kind_display(),
        "says": result.sentence,
        "state": one.get_state_display(),
        "tone": STATE_TONES[State(one.state)],
        "progress": min(result.units / one.end_units, 1) if one.end_units else None,
        "starts_on": one.starts_on,
        "ends_on": last_day(one),
        "team": one.team.name,
        "owner": one.owner.name,
    }


def _title(results: Sequence[ExperimentResult]) -> str:
    """The finding: who wins, else how many run."""
    running = [one for one in results if one.experiment.state == State.RUNNING]
    stopped = sum(one.experiment.state == State.STOPPED for one in results)
    won = [one for one in running if one.outcome == "better"]
    if len(won) == 1:
        return f"{won[0].experiment}: {won[0].sentence}"
    if won:
        return f"{len(won)} of {len(running)} running tests have a winner"
    if running:
        tail = f", {stopped} {'was' if stopped == 1 else 'were'} stopped" if stopped else ""
        return f"{len(running)} {'test runs' if len(running) == 1 else 'tests run'}, none is decided{tail}"
    return "No test is running"


class CalendarTable(Table):
    key = "calendar"
    noun = "tests"
    columns = (
        Column("name", "Test", kind="link", url="url", priority=1, sub="where"),
        Column("state", "State", kind="badge", tone="tone", priority=2),
        Column("starts_on", "From", kind="date", priority=1),
        Column("ends_on", "Until", kind="date", priority=2),
        Column("when", "When", kind="custom", sortable=False, priority=3),
        Column("disturbs", "Disturbed by", priority=2),
    )
    default_sort = "starts_on"
    search = ("name", "where", "disturbs")
    empty_title = "Nothing is planned"
    empty_text = "Tests stand here from the day on which they are drafted."

    def cell_when(self, row: Mapping[str, Any]) -> str:
        """A bar on the common time axis, today as a line; the dates say the same in words."""
        return format_html(
            '<svg class="interval" aria-hidden="true"><line class="axis" x1="0" x2="100%" y1="9" '
            'y2="9"/><line class="range" x1="{}%" x2="{}%" y1="9" y2="9"/><line class="raw" '
            'x1="{}%" x2="{}%" y1="2" y2="16"/></svg>',
            *row["place"],
        )


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    user, today = person(request), clock.today()
    rows = list(experiments_for(user).filter(ends_on__gte=today - timedelta(days=60)))
    rows = [one for one in rows if one.state in PLANNED or last_day(one) >= today]
    conflicts = conflicts_among([one for one in rows if one.state in PLANNED])
    table = CalendarTable(request, _calendar_rows(rows, conflicts, today))
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title="Calendar of experiments", as_of=clock.now())
    context = {
        "title": _calendar_title(len(rows), conflicts),
        "tabs": tabs("Calendar"),
        "table": table,
        "conflicts": conflicts,
        "may_run": can(user, Act.RUN_EXPERIMENT),
        "crumbs": [("Experiments", reverse("insights:experiments")), ("Calendar", "")],
    }
    return page(request, "insights/experiments_calendar.html", context, fragment="calendar")


def _calendar_rows(
    rows: Sequence[Experiment], conflicts: Sequence[Any], today: date
) -> list[dict[str, Any]]:
    first = min((one.starts_on for one in rows), default=today)
    last = max((last_day(one) for one in rows), default=today)
    days = max((last - first).days, 1)

    def place(day: date) -> str:
        return f"{100 * min(max((day - first).days / days, 0), 1):.1f}"

    disturbed: dict[int, list[str]] = {}
    for one in conflicts:
        disturbed.setdefault(one.first.pk, []).append(one.second.name)
        disturbed.setdefault(one.second.pk, []).append(one.first.name)
    return [
        {
            "pk": one.pk,
            "name": one.name,
            "url": reverse("insights:experiment", args=[one.pk]),
            "where": str(one.campaign or one.audience or one.team),
            "state": one.get_state_display(),
            "tone": STATE_TONES[State(one.state)],
            "starts_on": one.starts_on,
            "ends_on": last_day(one),
            "disturbs": ", ".join(disturbed.get(one.pk, ())) or None,
            "place": (place(one.starts_on), place(last_day(one)), place(today), place(today)),
        }
        for one in rows
    ]


def _calendar_title(tests: int, conflicts: Sequence[Any]) -> str:
    if not conflicts:
        said = "1 test" if tests == 1 else f"{tests} tests"
        return f"{said}, none disturbs another" if tests else "Nothing is planned"
    first = conflicts[0]
    if len(conflicts) == 1:
        return f"{first.words} for {_days(first)}"
    return f"{len(conflicts)} pairs of tests disturb each other"


def _days(conflict: Any) -> str:
    days = (conflict.to_day - conflict.from_day).days + 1
    return f"{days} {'day' if days == 1 else 'days'}"


class LearningTable(Table):
    key = "learnings"
    noun = "learnings"
    columns = (
        Column("name", "Test", kind="link", url="url", priority=1, sub="learning"),
        Column("verdict", "Verdict", kind="badge", tone="tone", priority=1),
        Column("effect", "Effect", kind="percent_signed", digits=1, priority=2),
        Column("range", "Range", sortable=False, nowrap=True, priority=3),
        Column("decision", "Decided", priority=3),
        Column("tags", "Tags", sortable=False, priority=3),
        Column("concluded_at", "Since", kind="date", priority=3),
    )
    default_sort = "-concluded_at"
    empty_title = "Nothing was learnt yet"
    empty_text = "A test that is concluded leaves its learning here, whether it won or not."


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def learnings(request: HttpRequest) -> HttpResponse:
    user, at = person(request), known.known_at() or clock.now()
    visible = list(learnings_for(user, as_of=at))
    form = LearningFilter(visible, request.GET)
    rows = list(learnings_for(user, as_of=at, **form.asked()))
    table = LearningTable(request, [learning_row(one) for one in rows])
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title="Learnings", as_of=at)
    context = {
        "title": _learnings_title(rows),
        "tabs": tabs("Learnings"),
        "table": table,
        "filters": form,
        "crumbs": [("Experiments", reverse("insights:experiments")), ("Learnings", "")],
    }
    return page(request, "insights/experiments_learnings.html", context, fragment="learnings")


def learning_row(one: Experiment) -> dict[str, Any]:
    ends = (one.effect_low, one.effect_high)
    return {
        "pk": one.pk,
        "name": one.name,
        "url": reverse("insights:experiment", args=[one.pk]),
        "learning": one.learning,
        "verdict": OUTCOME_WORDS.get(one.outcome, one.get_kind_display()),  # type: ignore[call-overload]
        "tone": TONES.get(one.outcome, "neutral"),  # type: ignore[call-overload]
        "effect": one.effect,
        "range": " to ".join(formats.percent_signed(end, 1) for end in ends if end is not None),
        "decision": one.get_decision_display(),
        "tags": ", ".join(one.tags),
        "concluded_at": one.concluded_at.date() if one.concluded_at else None,
    }


def _learnings_title(rows: Sequence[Experiment]) -> str:
    if not rows:
        return "Nothing was learnt yet"
    won = sum(one.outcome == "better" for one in rows)
    said = "1 test was" if len(rows) == 1 else f"{len(rows)} tests were"
    return f"{said} concluded, {won} with a winner"


class HoldoutTable(Table):
    key = "holdouts"
    noun = "holdouts"
    columns = (
        Column("name", "Holdout", kind="link", url="url", priority=1, sub="says"),
        Column("state", "State", kind="badge", tone="tone", priority=2),
        Column("added", "Added", kind="number", priority=1),
        Column("range", "95 % range", sortable=False, nowrap=True, priority=2),
        Column("relative", "Lift", kind="percent_signed", digits=1, priority=2),
        Column("cost", "Cost of one added", kind="money", priority=3),
        Column("cost_range", "Range of the cost", sortable=False, nowrap=True, priority=3),
        Column("held_out", "Held out", kind="number", priority=3),
        Column("treated", "Treated", kind="number", priority=3),
    )
    default_sort = "-added"
    empty_title = "Nobody is held out"
    empty_text = (
        "Hold a random part of an audience out of a campaign: the difference is what it adds."
    )


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def holdouts(request: HttpRequest) -> HttpResponse:
    user, at = person(request), known.known_at() or clock.now()
    rows = list(experiments_for(user).filter(kind=ExperimentKind.HOLDOUT, created_at__lte=at))
    results = list(results_of(rows, at).values())
    shown = [row for one in results for row in holdout_rows(one, with_money=sees_money(user))]
    table = HoldoutTable(request, shown)
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title="Holdouts", as_of=at)
    context = {
        "title": _holdouts_title(results),
        "tabs": tabs("Holdouts"),
        "table": table,
        "may_run": can(user, Act.RUN_EXPERIMENT),
        "crumbs": [("Experiments", reverse("insights:experiments")), ("Holdouts", "")],
    }
    return page(request, "insights/experiments_holdouts.html", context, fragment="holdouts")


def holdout_rows(result: ExperimentResult, *, with_money: bool) -> list[dict[str, Any]]:
    """A row for each treated arm; one without figures where nothing was read."""
    one = result.experiment
    row = {
        "pk": one.pk,
        "name": one.name,
        "url": reverse("insights:experiment", args=[one.pk]),
        "says": result.sentence,
        "state": one.get_state_display(),
        "tone": STATE_TONES[State(one.state)],
    }
    if not result.lifts or result.outcome == "invalid":
        return [row]
    return [row | _lift_row(one, arm, lift, with_money) for arm, lift in result.lifts.items()]


def _lift_row(one: Experiment, arm: str, lift: Any, with_money: bool) -> dict[str, Any]:
    ends = lift.added_interval
    row = {
        "arm": arm,
        "added": round(lift.added),
        "range": f"{formats.number(ends.low)} to {formats.number(ends.high)}",
        "relative": lift.relative,
        "held_out": lift.n_held_out,
        "treated": lift.n_treated,
    }
    if with_money and lift.cost_per_added and lift.cost_interval and one.currency:
        low, high = (
            formats.money(_money(end, one.currency))
            for end in (lift.cost_interval.low, lift.cost_interval.high)
        )
        row |= {"cost": _money(lift.cost_per_added, one.currency), "cost_range": f"{low} to {high}"}
    return row


def _money(value: float, currency: str) -> Money:
    return Money(round(value * MICROS), currency)


def _holdouts_title(results: Sequence[ExperimentResult]) -> str:
    clear = [
        one for one in results
        if one.lifts and next(iter(one.lifts.values())).added_interval.low > 0
    ]  # fmt: skip
    if not results:
        return "Nobody is held out"
    if len(clear) == 1:
        return clear[0].sentence
    return f"{len(clear)} of {len(results)} holdouts show that something was added"
