"""Looking at a source: after each load, and every day by the clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Min

from core import events
from core.events import SYSTEM
from core.models import OutboxItem
from integrations.choices import IssueState, Monitor, Severity
from integrations.models import QualityIssue, QualityScore, Source
from integrations.rules.monitors import SPECS, Signal, Spec, score
from integrations.selectors.quality import Setting, settings_of
from integrations.services.holds import hold_make
from integrations.services.quality.looking import links_of, observed_of
from integrations.services.quality.naming import parts_renew
from integrations.services.quality.probing import Asker, page_problem, probed
from metrics.models import Batch

JUDGED = timedelta(days=28)
LIVING = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Found:
    """A signal with how its monitor is set for the source."""

    spec: Spec
    setting: Setting
    signal: Signal


def quality_daily(*, now: datetime, ask: Asker = page_problem) -> dict[str, int]:
    """Schedule: look at every source that brought something in the last three months."""
    recent = Batch.objects.filter(known_at__gte=now - LIVING).values("source")
    open_ones = QualityIssue.objects.open().values("source")
    sources = Source.objects.filter(is_active=True, pk__in=recent) | Source.objects.filter(
        pk__in=open_ones
    )
    counts = {"sources": 0, "open": 0}
    for source in sources.select_related("team").order_by("pk"):
        counts["sources"] += 1
        counts["open"] += source_check(source, at=now, ask=ask)
    return counts


def source_look(item: OutboxItem, now: datetime) -> dict[str, int]:
    """Work of the outbox: look at a source after something came in."""
    source = Source.objects.select_related("team").get(pk=item.payload["source"])
    first = Batch.objects.filter(pk=item.payload["batch"]).values_list("first_day", flat=True)
    return {"open": source_check(source, at=now, first_day=first.first())}


def source_check(
    source: Source, *, at: datetime, first_day: date | None = None, ask: Asker | None = None
) -> int:
    """Judge the newest four weeks, what a load touched and what is open; returns the open issues.

    Landing pages are asked only when ``ask`` is given.
    """
    parts_renew(source.team, at=at)
    since = _since(source, at, first_day)
    links = links_of(source, since)
    seen = observed_of(source, at=at, since=since, links=probed(links, ask) if ask else links)
    settings = settings_of(source)
    looked = [spec for spec in SPECS.values() if ask or spec.monitor != Monitor.LANDING]
    found = [
        Found(spec, setting, signal)
        for spec in looked
        if (setting := settings[spec.monitor]).severity != Severity.OFF
        for signal in spec.look(seen, float(setting.threshold))
    ]
    with transaction.atomic():
        Source.objects.select_for_update().get(pk=source.pk)
        _sync(source, found, [spec.monitor for spec in looked], at)
    for item in _to_hold(source, found):
        _hold(*item, at)
    return _note_score(source, seen.today)


def _since(source: Source, at: datetime, first_day: date | None) -> date:
    standing = source.issues.exclude(state=IssueState.RECOVERED)
    oldest: date | None = standing.aggregate(day=Min("first_day"))["day"]
    days = [(at - JUDGED).date(), first_day, oldest]
    return min(day for day in days if day)


def _sync(source: Source, found: list[Found], looked: list[Monitor], at: datetime) -> None:
    known = {
        issue.cause: issue
        for issue in source.issues.exclude(state=IssueState.RECOVERED).filter(monitor__in=looked)
    }
    for item in found:
        issue = known.pop(item.signal.cause, None)
        if issue is None:
            _open(source, item, at)
        else:
            _seen_again(issue, item, at)
    for issue in known.values():
        _recover(issue, at)


def _open(source: Source, item: Found, at: datetime) -> None:
    issue = QualityIssue(source=source, cause=item.signal.cause, first_seen_at=at)
    _describe(issue, item, at)
    issue.save()
    _record(issue, "quality.opened", at, {"monitor": issue.monitor, "rows": issue.rows})


def _describe(issue: QualityIssue, item: Found, at: datetime) -> None:
    signal = item.signal
    issue.monitor, issue.severity = item.spec.monitor, item.setting.severity
    issue.title, issue.detail = signal.title[:300], signal.detail
    issue.first_day, issue.last_day = signal.first_day, signal.last_day
    issue.rows, issue.amount_micros = signal.rows, signal.amount_micros
    issue.last_seen_at = at
    issue.evidence = {
        "facts": [list(fact) for fact in signal.facts],
        "keys": [[line, day.isoformat()] for line, day in signal.keys],
        **signal.more,
    }


def _seen_again(issue: QualityIssue, item: Found, at: datetime) -> None:
    """What was accepted stays so while nothing is new about it."""
    before = _known(issue)
    _describe(issue, item, at)
    if issue.state == IssueState.ACCEPTED and not _known(issue) <= before:
        issue.state = IssueState.OPEN
        _record(issue, "quality.reopened", at, {"rows": issue.rows})
    issue.save()


def _known(issue: QualityIssue) -> set[tuple[object, ...]]:
    """What an issue is about, as far as it can grow: its rows, its days, or what it names."""
    evidence = issue.evidence
    if evidence.get("keys"):
        return {tuple(key) for key in evidence["keys"]}
    if evidence.get("days"):
        return {(day,) for day in evidence["days"]}
    return {(issue.cause, issue.rows)}


def _recover(issue: QualityIssue, at: datetime) -> None:
    issue.state, issue.recovered_at = IssueState.RECOVERED, at
    issue.save(update_fields=["state", "recovered_at"])
    _record(issue, "quality.recovered", at, {"title": issue.title})


def _to_hold(source: Source, found: list[Found]) -> Iterator[tuple[QualityIssue, Signal]]:
    """Open errors whose monitor was told to hold back what it finds."""
    for item in found:
        if item.setting.holds and item.setting.severity == Severity.ERROR and item.signal.keys:
            issue = source.issues.open().filter(cause=item.signal.cause).first()
            if issue:
                yield issue, item.signal


def _hold(issue: QualityIssue, signal: Signal, at: datetime) -> None:
    with transaction.atomic():
        hold_make(
            source=issue.source, keys=signal.keys, reason=signal.title, actor=SYSTEM, at=at,
            issue=issue,
        )  # fmt: skip
        issue.action = "held"
        issue.save(update_fields=["action"])


def _note_score(source: Source, day: date) -> int:
    states = list(source.issues.open().values_list("severity", flat=True))
    errors, warnings = states.count(Severity.ERROR), states.count(Severity.WARNING)
    QualityScore.objects.update_or_create(
        source=source,
        day=day,
        defaults={"score": score(errors, warnings), "errors": errors, "warnings": warnings},
    )
    return len(states)


def _record(issue: QualityIssue, action: str, at: datetime, after: dict[str, object]) -> None:
    events.record(
        actor=SYSTEM,
        action=action,
        subject=issue,
        at=at,
        after=after,
        team_path=issue.source.team.path,
        live=["imports"],
    )
