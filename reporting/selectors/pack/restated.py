"""What changed since the last report of the same kind: figures of its period that read differently now."""

from __future__ import annotations

from fractions import Fraction

from core.periods import Period
from metrics.selectors import Metric
from reporting.models import Report
from reporting.rules.pack.content import Change, ChangesPage, Headline, Note, RestatedRow
from reporting.rules.pack.figures import Name, When, say
from reporting.rules.pack.judgement import Judgement
from reporting.selectors.pack.brief import Brief, batch_runs, day_text, natural
from reporting.selectors.pack.scorecard import shown_metrics


def previous_report(brief: Brief, kind: str) -> Report | None:
    """The report before this one: of the same kind, team and length when there is such a one."""
    rows = Report.objects.filter(
        kind=kind, team=brief.team, last_day__lt=brief.period.end, as_of__lt=brief.as_of
    )
    known = list(rows.defer("pdf", "content").order_by("-last_day", "-made_at"))
    return next((r for r in known if _is_as_long(r, brief.period)), next(iter(known), None))


def _is_as_long(report: Report, period: Period) -> bool:
    days = (report.last_day - report.first_day).days + 1
    return abs(days - period.days) * 10 <= period.days * 2


def changes_page(brief: Brief, last: Report | None) -> ChangesPage | None:
    """The last report's figures, as they were and as they are now; None for the first report."""
    if last is None:
        return None
    period = brief.organisation.calendar.parse(last.period_key, today=last.last_day)
    rows = [row for metric in shown_metrics(brief) if (row := _row(brief, last, metric, period))]
    head = say(
        "Against {title}, known as of {day}. Nothing is overwritten: the earlier figure stays on file.",
        title=Name(last.title, 80), day=When(day_text(last.as_of.date())),
    )  # fmt: skip
    if not rows:
        note = Note(
            "What this means",
            ("No import since then changed a figure of the last report’s period.",),
        )
        return ChangesPage(
            Headline("What changed since the last report", ("No figure of the last report reads differently now",), head), notes=(note,)
        )  # fmt: skip
    name = Name(rows[0].name.text, 60)
    title = say("{name} reads differently now", name=name)
    if len(rows) > 1:
        title = say("{name} and other figures read differently now", name=name)
    return ChangesPage(
        Headline("What changed since the last report", title, head), restated=tuple(rows)
    )


def _row(brief: Brief, last: Report, metric: Metric, period: Period) -> RestatedRow | None:
    now_answer = brief.ask([metric.key], period=period)
    was_answer = brief.ask([metric.key], period=period, as_of=last.as_of)
    now = natural(metric, now_answer.totals[metric.key])
    was = natural(metric, was_answer.totals[metric.key])
    if now is None or was is None or now == was:
        return None
    name = f"{metric.label}, {period.label}"
    new = [b for b in now_answer.batches if b.known_at > last.as_of]
    change = _change(brief, metric, now, was)
    if change is None:
        return None
    return RestatedRow(
        Name(name, 70),
        brief.figure(
            f"restated.{metric.key}.was", metric, was, label=f"{name}, as it was",
            note=brief.note(metric, was_answer, "restated"),
        ),
        brief.figure(
            f"restated.{metric.key}.now", metric, now, label=f"{name}, as it is now", note=_now_note(brief)
        ),
        change,
        say("Imports since then: {names}.", names=Name(" ".join(batch_runs(new)), 90)),
        Name("Import"),
    )  # fmt: skip


def _now_note(brief: Brief) -> str:
    return brief.book.source(
        "h1", "Restated figure", formula="the metric over the last report’s period, as known now",
        filters=brief.team.name, batches=brief.batches(), query="query, as of now",
    )  # fmt: skip


def _change(brief: Brief, metric: Metric, now: Fraction, was: Fraction) -> Change | None:
    note = brief.book.source(
        "h2", "Change of a restated figure", formula="as it is ÷ as it was − 1; points for shares",
        filters=brief.team.name, batches=brief.batches(), query="as-of difference",
    )  # fmt: skip
    ref = brief.change(
        f"restated.{metric.key}.change", metric, now, was,
        label=f"{metric.label}, change since the last report", note=note,
    )  # fmt: skip
    if ref is None:
        return None
    grew, good = now > was, metric.up_is_good
    tone = Judgement.NEUTRAL if good is None else Judgement.AHEAD if grew == good else Judgement.BEHIND  # fmt: skip
    return Change(ref, tone)
