"""What was changed, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from django.db.models import Q

from campaigns.models import Optimisation
from core.money import MICROS
from insights.models import Verdict as Measured
from insights.services import verdict_ready_on
from metrics.choices import Unit
from metrics.selectors import metric_for
from reporting.rules.pack.content import DecisionRow, DecisionsPage, Headline, Note
from reporting.rules.pack.figures import Name, Ref, Sentence, When, say
from reporting.rules.pack.judgement import Verdict
from reporting.rules.pack.numerals import money_text, percent_text, ratio_text
from reporting.rules.pack.scale import Interval
from reporting.selectors.pack.brief import Brief, day_text, exact

MOST_ROWS = 40
HOW_MEASURED = Note(
    "How effects are measured",
    (
        (
            "Each changed line before and after, against lines of the same channel or team that nobody "
            "touched. A verdict needs the range clear of zero; with too few untouched lines there is none."
        ),
    ),
)
NOTHING_LOGGED = Note(
    "What this means",
    ("No change was logged and no earlier one came due. What is not logged cannot be measured.",),
)
VERDICTS = {
    Measured.Outcome.HELPED: Verdict.HELPED,
    Measured.Outcome.HURT: Verdict.HURT,
    Measured.Outcome.CANNOT_TELL: Verdict.CANNOT_TELL,
    Measured.Outcome.MEASURING: Verdict.MEASURING,
}


def changes_of(brief: Brief) -> list[Optimisation]:
    """Changes made in the period, and earlier ones whose verdict came due in it; newest first."""
    first, last = brief.period.start, brief.period.end
    due = Q(made_on__lt=first, verdict__ready_on__range=(first, last))

    def read() -> list[Optimisation]:
        rows = Optimisation.objects.filter(
            Q(made_on__range=(first, last)) | due,
            campaign__team__path__startswith=brief.team.path,
        )
        return list(rows.select_related("campaign", "line", "verdict").order_by("-made_on", "-pk"))

    return brief.once("changes", read)


def decisions_page(brief: Brief) -> DecisionsPage:
    """Changes with before, after and effect; without any, the page says that."""
    changes = changes_of(brief)
    rows = tuple(_row(brief, change) for change in changes[:MOST_ROWS])
    note = HOW_MEASURED if rows else NOTHING_LOGGED
    return DecisionsPage(
        Headline("Changes and what came of them", _title(brief, rows), _standfirst(brief)),
        ("Before → after",), ("Effect, %",), rows, "%", (note,),
    )  # fmt: skip


def _row(brief: Brief, change: Optimisation) -> DecisionRow:
    measured: Measured | None = getattr(change, "verdict", None)
    before = after = effect = interval = None
    if measured:
        before, after = (_value(brief, measured, side) for side in ("before", "after"))
        effect, interval = _effect(brief, measured), _interval(measured)
    return DecisionRow(
        When(f"{change.made_on.day} {change.made_on:%b}"),
        Name(change.what),
        Name(f"{change.by_name} · {change.line or change.campaign}"),
        Name(_method(measured)),
        (Name(_method_note(measured), 60),),
        VERDICTS[Measured.Outcome(measured.outcome)] if measured else Verdict.MEASURING,
        before,
        after,
        effect,
        interval,
        Name(_since(change, measured), 40),
    )


def _numbers(brief: Brief) -> tuple[str, ...]:
    return tuple(f"C-{change.pk}" for change in changes_of(brief)[:MOST_ROWS])


def _method(measured: Measured | None) -> str:
    if measured is None:
        return "Untouched lines"
    return "Untouched lines" if measured.effect_micros is not None else "Before and after"


def _method_note(measured: Measured | None) -> str:
    if measured is None or measured.outcome == Measured.Outcome.MEASURING:
        return "data not mature"
    return measured.reason if measured.effect_micros is None else metric_for(measured.metric).label


def _since(change: Optimisation, measured: Measured | None) -> str:
    if change.undone_at:
        return f"Taken back {day_text(change.undone_at.date())}"
    if measured is None or measured.outcome == Measured.Outcome.MEASURING:
        return f"Due {day_text(verdict_ready_on(change))}"
    return ""


def _value(brief: Brief, measured: Measured, side: str) -> Ref | None:
    value = _decimal(measured.evidence.get(side))
    if value is None:
        return None
    note = brief.book.source(
        "c2", "Before and after", formula="the metric over the days before, and over the settled days after",
        filters=f"{brief.team.name}; changed lines", batches=_numbers(brief), query="verdicts",
    )  # fmt: skip
    metric = metric_for(measured.metric)
    label = f"{metric.label} {side}, change {measured.optimisation_id}"
    key = f"change.{measured.optimisation_id}.{side}"
    text = _text(metric.unit, Fraction(value), measured.evidence.get("currency") or brief.currency)
    return brief.book.figure(key, text, label=label, footnote=note, value=value)


def _text(unit: str, value: Fraction, currency: str) -> str:
    if unit == Unit.MONEY:
        return money_text(round(value * MICROS), currency)
    return percent_text(value) if unit == Unit.PERCENT else ratio_text(value)


def _decimal(text: object) -> Decimal | None:
    try:
        return Decimal(str(text)) if text is not None else None
    except InvalidOperation:
        return None


def _effect(brief: Brief, measured: Measured) -> Ref | None:
    if measured.effect_micros is None:
        return None
    note = brief.book.source(
        "c1", "Measured effect",
        formula="relative change against untouched lines, difference in differences, 80% interval",
        filters=f"{brief.team.name}; changes of the period", batches=_numbers(brief), query="verdicts",
    )  # fmt: skip
    share = Fraction(measured.effect_micros, MICROS)
    key = f"change.{measured.optimisation_id}.effect"
    label = f"Effect of change {measured.optimisation_id} on {metric_for(measured.metric).label}"
    return brief.book.change(key, share, label=label, footnote=note, digits=0)


def _interval(measured: Measured) -> Interval | None:
    ends = (measured.effect_micros, measured.low_micros, measured.high_micros)
    if None in ends:
        return None
    middle, low, high = (float(exact(Fraction(end or 0, MICROS // 100))) for end in ends)
    return Interval(middle, low, high)


_SAID = {
    Verdict.HELPED: "helped",
    Verdict.HURT: "hurt",
    Verdict.CANNOT_TELL: "without a clear effect",
    Verdict.MEASURING: "still being measured",
}
_SAID_ALONE = {
    Verdict.HELPED: "The one change of the period helped",
    Verdict.HURT: "The one change of the period hurt",
    Verdict.CANNOT_TELL: "The one change of the period had no clear effect",
    Verdict.MEASURING: "The one change of the period is still being measured",
}


def _title(brief: Brief, rows: Sequence[DecisionRow]) -> Sentence:
    """How many changes there were, and how many of each verdict."""
    if not rows:
        return say("Nothing was changed in {period}", period=When(brief.period_text))
    if len(rows) == 1:
        return (_SAID_ALONE[rows[0].verdict],)
    counts = {verdict: sum(row.verdict is verdict for row in rows) for verdict in _SAID}
    shown = {verdict.name.lower(): count for verdict, count in counts.items() if count}
    refs = {key: _count(brief, key, count) for key, count in {"all": len(rows), **shown}.items()}
    listed = [f"{{{verdict.name.lower()}}} {said}" for verdict, said in _SAID.items() if counts[verdict]]  # fmt: skip
    return say("Of {all} changes, " + ", ".join(listed), **refs)


def _count(brief: Brief, key: str, count: int) -> Ref:
    note = brief.book.source(
        "c3", "Changes by verdict", formula="number of changes of each verdict",
        filters=f"{brief.team.name}; made or due in the period", batches=_numbers(brief), query="verdicts",
    )  # fmt: skip
    return brief.book.count(f"changes.{key}", count, label=f"Changes: {key}", footnote=note)


def _standfirst(brief: Brief) -> Sentence:
    return say(
        "Changes made or come due in {period}. Effect on the metric that each change was to move, with its range.",
        period=When(brief.period_text),
    )  # fmt: skip
