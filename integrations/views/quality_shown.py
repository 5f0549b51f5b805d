"""How issues, scores and levels are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from campaigns.models import CampaignLine
from core import formats
from core.charts import Chart, Series, Unit
from core.models import Event
from core.money import MICROS, Money
from core.parts import Entry, Fact
from core.tables import Cell, Column, Table
from integrations.choices import IssueState, Severity
from integrations.models import QualityIssue, QualityIssueQuerySet, QualityScore, Source
from integrations.rules.monitors import SPECS
from integrations.selectors import AccountDay, LevelDay
from integrations.selectors.quality import Setting
from metrics.choices import MICRO_MEASURES, MONEY_MEASURES

TONES = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.OFF: "neutral"}
STATE_TONES = {
    IssueState.OPEN: "bad",
    IssueState.ACCEPTED: "neutral",
    IssueState.RECOVERED: "good",
}
MOST_ROWS = 50
WORDS = {
    "quality.opened": "Found",
    "quality.reopened": "Something new is wrong",
    "quality.recovered": "Recovered",
    "quality.accept": "Accepted as it is",
    "quality.exclude": "Rows left out",
    "quality.refetch": "Fetched again",
    "quality.remap": "Put under a campaign",
    "quality.held": "Rows held back",
    "quality.released": "Rows released",
}
MONEY_FACTS = ("Spend in question", "Counted twice", "Spend so far")


class IssueTable(Table):
    """Issues, the worst first."""

    key = "issues"
    noun = "issues"
    columns = (
        Column("title", "What is wrong", kind="link", priority=1),
        Column("get_severity_display", "Severity", kind="badge", sort="severity", priority=1),
        Column("get_monitor_display", "Monitor", sort="monitor", priority=3),
        Column("source", "Source", sort="source__name", priority=3),
        Column("days", "Days", kind="custom", sort="first_day", priority=2),
        Column("rows", "Rows", kind="number", priority=3),
        Column("first_seen_at", "First seen", kind="datetime", priority=3),
        Column("last_seen_at", "Last seen", kind="datetime", priority=2),
        Column("get_state_display", "State", kind="badge", sort="state", priority=2),
    )
    default_sort = "get_severity_display"
    search = ("title", "detail")
    empty_title = "Nothing is wrong that a monitor could see"
    empty_text = "Every source is looked at after each load and every morning."

    def cell(self, record: QualityIssue, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "title":
            cell.url = reverse("integrations:quality-issue", args=[record.pk])
        elif column.key == "get_severity_display":
            cell.tone = TONES[Severity(record.severity)]
        elif column.key == "get_state_display":
            cell.tone = STATE_TONES[IssueState(record.state)]
        return cell

    def cell_days(self, row: QualityIssue) -> str:
        return formats.span(row.first_day, row.last_day) if row.first_day and row.last_day else ""


class ScoreTable(Table):
    """Sources with their score, the worst first."""

    key = "scores"
    noun = "sources"
    columns = (
        Column("name", "Source", kind="link", priority=1),
        Column("team", "Team", sort="team__name", priority=3),
        Column("score", "Score", kind="number", priority=1),
        Column("errors", "Open errors", kind="number", priority=2),
        Column("notes", "Open warnings", kind="number", priority=2),
        Column("scored_on", "Looked at", kind="date", priority=3),
    )
    default_sort = "score"
    search = ("name",)
    empty_title = "No source yet"
    empty_text = "A source is made with the first import of an account."

    def cell(self, record: Source, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "name":
            cell.url = reverse("integrations:quality-source", args=[record.pk])
        return cell


class LevelTable(Table):
    """Days with more than one level."""

    key = "levels"
    noun = "days"
    columns = (
        Column("day", "Day", kind="date", priority=1),
        Column("loaded_level", "Counts", priority=2),
        Column("loaded", "Loaded", kind="custom", sortable=False, priority=1),
        Column("level", "Beside it", priority=2),
        Column("total", "Its total", kind="custom", sortable=False, priority=2),
        Column("residual", "Residual", kind="custom", sortable=False, priority=1),
        Column("share", "Share", kind="percent_signed", priority=3, digits=2),
    )
    default_sort = "-day"
    empty_title = "One level only"
    empty_text = (
        "Every day of this source came at one level. When a file of another level comes, its totals "
        "stand here beside what counts."
    )

    def cell_loaded(self, row: Mapping[str, Any]) -> str:
        return str(row["loaded"])

    def cell_total(self, row: Mapping[str, Any]) -> str:
        return str(row["total"])

    def cell_residual(self, row: Mapping[str, Any]) -> str:
        return str(row["residual"])


def level_rows(days: Sequence[LevelDay], measure: str, currency: str) -> list[dict[str, Any]]:
    return [
        {
            "day": day.day,
            "loaded_level": day.loaded_level,
            "loaded": amount(day.loaded, measure, currency),
            "level": level,
            "total": amount(total, measure, currency),
            "residual": amount(day.residual(level), measure, currency),
            "share": _share(day.residual(level), day.loaded),
        }
        for day in days
        for level, total in sorted(day.beside.items())
    ]


def _share(residual: int | None, loaded: int | None) -> float | None:
    return residual / loaded if residual is not None and loaded else None


def account_rows(
    totals: Sequence[AccountDay], measure: str, source: Source
) -> list[dict[str, Any]]:
    return [
        {
            "span": formats.span(total.first_day, total.last_day),
            "url": reverse("integrations:run", args=[total.run]),
            "stated": amount(total.stated, measure, source.currency),
            "loaded": amount(total.loaded, measure, source.currency),
            "residual": amount(total.residual, measure, source.currency),
            "fits": total.residual == 0,
        }
        for total in totals
    ]


def level_title(days: Sequence[LevelDay]) -> str:
    """The situation in a sentence."""
    off = [day for day in days if any(day.residuals.values())]
    if not days:
        return "Every day came at one level"
    if not off:
        return "All levels say the same"
    return f"On {len(off)} of {len(days)} days the levels differ"


def amount(value: int | None, measure: str, currency: str) -> str:
    """A measure's sum as people read it."""
    if value is None:
        return formats.NOTHING
    if measure in MONEY_MEASURES:
        return formats.money_exact(Money(value, currency))
    return formats.number(value / MICROS if measure in MICRO_MEASURES else value)


def situation(found: QualityIssueQuerySet) -> str:
    """What is open, in a sentence."""
    errors = found.filter(severity=Severity.ERROR).count()
    warnings = found.filter(severity=Severity.WARNING).count()
    if not errors and not warnings:
        return "Nothing is wrong with the data"
    said = []
    if errors:
        said.append("1 error" if errors == 1 else f"{errors} errors")
    if warnings:
        said.append("1 warning" if warnings == 1 else f"{warnings} warnings")
    return f"{' and '.join(said)} in the data"


def standing(source: Any) -> str:
    if source.score is None:
        return f"{source.name} was not looked at yet"
    if not source.errors and not source.notes:
        return f"Nothing is wrong with {source.name}"
    return f"{source.name} scores {source.score} of 100"


def source_facts(source: Any) -> list[Fact]:
    found = [
        Fact("Team", source.team.name),
        Fact("Currency", source.currency),
        Fact("Open errors", str(source.errors), tone="bad" if source.errors else ""),
        Fact("Open warnings", str(source.notes), tone="warn" if source.notes else ""),
    ]
    if source.score is not None:
        found.insert(0, Fact("Score", f"{source.score} of 100"))
    return found


def history(scores: Sequence[QualityScore]) -> Chart | None:
    """The score over time; None before there are two days of it."""
    if len(scores) < 2:
        return None
    return Chart(
        kind="line",
        title=f"{scores[-1].score} today, {min(item.score for item in scores)} at the lowest",
        sub="Score per day, 0 to 100",
        x=[item.day for item in scores],
        unit=Unit.number(),
        series=[Series("Score", [item.score for item in scores], end=str(scores[-1].score))],
        id="quality-score",
    )


def monitors(settings: Mapping[str, Setting]) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "dialog": f"monitor-{key}",
            "label": SPECS[key].monitor.label,
            "text": SPECS[key].text,
            "unit": SPECS[key].unit,
            "may_hold": SPECS[key].may_hold,
            "setting": setting,
            "threshold": f"{setting.threshold.normalize():f}",
            "tone": TONES[Severity(setting.severity)],
            "severity": Severity(setting.severity).label,
        }
        for key, setting in settings.items()
    ]


def issue_facts(issue: QualityIssue, with_money: bool) -> list[Fact]:
    found = [
        Fact(
            "Source",
            issue.source.name,
            url=reverse("integrations:quality-source", args=[issue.source_id]),
        ),
        Fact("First seen", formats.moment(issue.first_seen_at)),
        Fact("Last seen", formats.moment(issue.last_seen_at)),
    ]
    if issue.recovered_at:
        found.append(Fact("Recovered", formats.moment(issue.recovered_at), tone="good"))
    if issue.first_day and issue.last_day:
        found.append(Fact("Days", formats.span(issue.first_day, issue.last_day)))
    if issue.rows:
        found.append(Fact("Rows", formats.number(issue.rows)))
    if issue.amount_micros is not None and with_money:
        money = Money(issue.amount_micros, issue.source.currency)
        found.append(Fact("In question", formats.money_exact(money)))
    return found


def evidence(issue: QualityIssue, with_money: bool) -> list[tuple[str, str]]:
    facts = [(label, text) for label, text in issue.evidence.get("facts", [])]
    return [fact for fact in facts if with_money or fact[0] not in MONEY_FACTS]


def rows_in_question(issue: QualityIssue) -> list[tuple[str, date]]:
    """The first rows an issue is about, by campaign line and day."""
    keys = issue.evidence.get("keys", [])[:MOST_ROWS]
    lines = CampaignLine.objects.filter(pk__in={line for line, _ in keys})
    names = dict(lines.values_list("pk", "name"))
    return [(names.get(line, str(line)), date.fromisoformat(day)) for line, day in keys]


def history_of(issue: QualityIssue) -> list[Entry]:
    """What happened to an issue, newest first."""
    events = Event.objects.filter(
        subject_type="integrations.qualityissue", subject_id=str(issue.pk)
    )
    return [
        Entry(
            WORDS.get(event.action, event.action),
            when=formats.moment(event.at),
            who=event.actor_name,
            text=event.reason,
        )
        for event in events.order_by("-pk")[:30]
    ]
