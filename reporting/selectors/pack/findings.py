"""Open findings and what ended, with the money at stake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from core.money import Money, convert
from insights.models import Finding
from metrics.selectors import METRICS
from reporting.rules.pack.content import AlertGroup, AlertRow, AlertsPage, Headline, OpenPoint
from reporting.rules.pack.figures import Name, Ref, Sentence, When, say
from reporting.rules.pack.judgement import Judgement
from reporting.selectors.pack.brief import Brief, Column, day_text
from reporting.selectors.pack.campaigns import attention, open_findings_of
from reporting.selectors.pack.goals import rate_to_report

MOST_ROWS = 14
_SPEND = METRICS["spend"]


def open_findings(brief: Brief) -> list[Finding]:
    """Open findings of the team and below, the largest stake first."""
    return sorted(open_findings_of(brief), key=lambda f: (-(stake(brief, f) or 0), f.pk))


def _ended(brief: Brief) -> list[Finding]:
    zone = ZoneInfo(brief.organisation.time_zone)
    first = datetime.combine(brief.period.start, time.min, zone)
    last = datetime.combine(brief.period.end, time.max, zone)
    rows = Finding.objects.filter(
        team__path__startswith=brief.team.path, ended_at__range=(first, last)
    )
    return list(rows.select_related("campaign__owner", "team").order_by("-ended_at", "pk"))


def stake(brief: Brief, finding: Finding) -> int | None:
    """Micros of the report's currency at stake; None when nobody said, or without a rate."""
    if finding.stake_micros is None or finding.currency in ("", brief.currency):
        return finding.stake_micros
    rate = rate_to_report(brief, finding.currency, finding.window_end)
    if rate is None:
        return None
    return convert(Money(finding.stake_micros, finding.currency), rate, brief.currency).micros


def alerts_page(brief: Brief) -> AlertsPage | None:
    """Findings that are open, and those that ended in the period; None when there is neither."""
    found, ended = open_findings(brief)[:MOST_ROWS], _ended(brief)[:MOST_ROWS]
    if not found and not ended:
        return None
    stakes = [stake(brief, finding) for finding in found]
    column = brief.column(_SPEND, [micros or 0 for micros in stakes])
    printed = column.printed([micros or 0 for micros in stakes])
    rows = tuple(
        _row(brief, finding, None if micros is None else _stake(brief, column, finding, micros, shown))
        for finding, micros, shown in zip(found, stakes, printed, strict=True)
    )  # fmt: skip
    total = _total(brief, column, stakes, sum(printed))
    groups = [AlertGroup("Open", Judgement.BEHIND, rows, total)] if rows else []
    if ended:
        over = tuple(_row(brief, finding, None) for finding in ended)
        groups.append(AlertGroup("Ended in the period", Judgement.AHEAD, over))
    return AlertsPage(
        Headline("Findings", _title(found, _total_money(brief, stakes)), ("What the daily check found and what it puts at stake a month, largest first.",)),
        (f"At stake, {column.unit}",),
        tuple(groups),
    )  # fmt: skip


def _total(brief: Brief, column: Column, stakes: Sequence[int | None], printed: int) -> Ref | None:
    known = [micros for micros in stakes if micros is not None]
    if not known:
        return None
    return brief.cell(
        column, "findings.total", sum(known), printed, label="At stake, open findings", note=_note(brief)
    )  # fmt: skip


def _note(brief: Brief) -> str:
    return brief.book.source(
        "a2", "At stake", formula="what a month like the last one costs against the first of the run",
        filters=f"{brief.team.name}; open findings", batches=_numbers(brief), query="findings",
    )  # fmt: skip


def _total_money(brief: Brief, stakes: Sequence[int | None]) -> Ref | None:
    """The same total as an amount with its currency, for a sentence."""
    known = [micros for micros in stakes if micros is not None]
    if not known:
        return None
    return brief.book.money(
        "findings.money", sum(known), label="At stake, open findings", footnote=_note(brief)
    )


def _numbers(brief: Brief) -> tuple[str, ...]:
    return tuple(f"F-{finding.pk}" for finding in open_findings(brief)[:MOST_ROWS])


def _stake(brief: Brief, column: Column, finding: Finding, micros: int, printed: int) -> Ref:
    label = f"At stake, finding {finding.pk}"
    return brief.cell(
        column, f"finding.{finding.pk}.stake", micros, printed, label=label, note=_note(brief)
    )


def _row(brief: Brief, finding: Finding, stake_ref: Ref | None) -> AlertRow:
    over = finding.ended_at is not None
    return AlertRow(
        When(f"{finding.found_at.day} {finding.found_at:%b}"),
        Name(subject(finding), 70),
        attention(brief, finding),
        Name(owner(finding)),
        say("ended {day}", day=When(day_text(finding.ended_at.date()))) if finding.ended_at else (),
        "Ended" if over else "Open",
        Judgement.AHEAD if over else Judgement.BEHIND,
        stake_ref,
    )


def subject(finding: Finding) -> str:
    """What it is about, without numbers: "Return is falling: Winter"."""
    about = finding.campaign or finding.team
    return f"{finding.get_kind_display()}: {about}"


def owner(finding: Finding) -> str:
    return finding.campaign.owner.name if finding.campaign else finding.team.name


def _title(found: Sequence[Finding], total: Ref | None) -> Sentence:
    if not found:
        return ("Nothing is open; what was found in the period has ended",)
    words = "One finding is open" if len(found) == 1 else "Several findings are open"
    if total is None:
        return (words,)
    return say(f"{words}, with {{total}} a month at stake", total=total)


def finding_points(brief: Brief) -> list[OpenPoint]:
    """Open findings as points of a review."""
    return [
        OpenPoint(
            Name(subject(finding), 80),
            attention(brief, finding),
            Name(owner(finding)),
            When(f"open since {day_text(finding.found_at.date())}"),
            Judgement.BEHIND,
        )
        for finding in open_findings(brief)[:MOST_ROWS]
    ]
