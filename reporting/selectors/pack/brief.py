"""What a report is about, and how its figures get into the book with their footnotes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any, TypeVar

from accounts.models import Team
from core.errors import TooThin
from core.models import Organisation
from core.money import MICROS
from core.periods import Period
from metrics.choices import Unit
from metrics.models import Batch
from metrics.selectors import METRICS, Metric, QueryResult, metric_for, query
from reporting.rules.pack.book import FigureBook
from reporting.rules.pack.figures import Ref
from reporting.rules.pack.numerals import count_text, currency_sign, parts_that_add_up, ratio_text

# What a report leads with: the first of these that the team reports.
HEADLINES = ("revenue", "order_value", "conversions", "leads", "clicks")
RETURNS = {
    "revenue": "roas",
    "order_value": "roas_order_value",
    "conversions": "cpa",
    "leads": "cpl",
}
_LETTERS = {"Value": "r", "Results": "n", "Cost": "e"}
_OTHER_LETTER = "m"
Kept = TypeVar("Kept")
# Amounts are printed in thousands from this many units on.
_THOUSANDS_FROM = 100_000


@dataclass(frozen=True, slots=True)
class Column:
    """How the numbers of one column are printed: whole multiples of ``size``, headed by ``unit``.

    ``base`` is what one printed unit of the exact value is in the stored number.
    """

    metric: Metric
    base: int
    size: int
    unit: str

    def printed(self, parts: Sequence[int]) -> list[int]:
        """Each part in multiples of ``size``, so that they sum to the rounded total."""
        return parts_that_add_up(list(parts), self.size)


@dataclass(frozen=True, slots=True, eq=False)
class Brief:
    """One report being composed: whose, of which period, known as of when, in which currency.

    ``book`` collects its figures. Questions are asked once and remembered.
    """

    team: Team
    period: Period
    as_of: datetime
    currency: str
    organisation: Organisation
    book: FigureBook
    _answers: dict[Any, QueryResult] = field(default_factory=dict)
    _read: dict[str, Any] = field(default_factory=dict)
    _numbers: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def period_text(self) -> str:
        """The period in full: "October 2026" for a calendar month."""
        start = self.period.start
        is_month = self.period.key == f"{start:%Y-%m}"
        return f"{start:%B %Y}" if is_month else self.period.label or days_text(self.period)

    def ask(
        self,
        metrics: Sequence[str],
        *,
        period: Period | None = None,
        by: Sequence[str] = (),
        where: Mapping[str, Any] | None = None,
        as_of: datetime | None = None,
        compare: str | None = None,
    ) -> QueryResult:
        """The one query for this team and everything below it, in the report's currency."""
        period = period or self.period
        wanted: dict[str, Any] = {"team": [self.team.pk], **(where or {})}
        key = (tuple(metrics), period.start, period.end, tuple(by), repr(wanted), as_of, compare)
        if key not in self._answers:
            self._answers[key] = query(
                metrics=metrics, period=period, viewer=None, by=by, where=wanted,
                as_of=as_of or self.as_of, currency=self.currency, compare=compare,
            )  # fmt: skip
        return self._answers[key]

    def once(self, name: str, read: Callable[[], Kept]) -> Kept:
        """Records that several pages look at, read from the database once."""
        if name not in self._read:
            self._read[name] = read()
        found: Kept = self._read[name]
        return found

    def note(self, metric: Metric, answer: QueryResult, split: str = "") -> str:
        """The footnote of a metric in an answer; ``split`` says by what it is split, for the reader."""
        name = f"{metric.label} by {split}" if split in answer.by else metric.label
        words = {"before": ", compared with", "year": ", fiscal year", "restated": ", as it was"}
        return self.book.source(
            self._note_id(metric, split),
            name + words.get(split, ""),
            formula=metric.formula,
            filters=f"{self.team.name} and below; {days_text(answer.period)}{_rates(answer)}",
            batches=batch_runs(answer.batches),
            query=command(metric, answer, self),
            as_of=answer.asked_as_of or self.as_of,
        )

    def _note_id(self, metric: Metric, split: str) -> str:
        """``r1``, ``r2`` …: a letter for the domain, numbered as they come up."""
        letter = _LETTERS.get(metric.domain, _OTHER_LETTER)
        known = sum(found[0] == letter for found in self._numbers.values())
        return self._numbers.setdefault((metric.key, split), f"{letter}{known + 1}")

    def batches(self) -> tuple[str, ...]:
        """The imports behind the report's period, for figures that are worked out of others."""
        return batch_runs(self.ask(HEADLINES).batches)

    def figure(self, key: str, metric: Metric, value: Fraction, *, label: str, note: str) -> Ref:
        """A metric's value in the form of its unit; ``value`` in units, a share as a part of one."""
        book = self.book
        if metric.unit == Unit.MONEY:
            return book.money(key, round(value * MICROS), label=label, footnote=note)
        if metric.unit == Unit.RATIO:
            return book.ratio(key, value, label=label, footnote=note)
        if metric.unit == Unit.PERCENT:
            return book.percent(key, value, label=label, footnote=note)
        return book.figure(
            key, whole_text(value), label=label, footnote=note, value=exact(value), unit=metric.label.lower()
        )  # fmt: skip

    def change(
        self, key: str, metric: Metric, now: Fraction, before: Fraction, *, label: str, note: str
    ) -> Ref | None:
        """The change from ``before``: relative, or in points for shares; None from nothing."""
        if metric.unit == Unit.PERCENT:
            return self.book.points(key, now - before, label=label, footnote=note)
        share = relative(now, before)
        return None if share is None else self.book.change(key, share, label=label, footnote=note)

    def column(self, metric: Metric, values: Iterable[int]) -> Column:
        """How a column of this metric is printed, from its largest value."""
        base = MICROS if metric.in_micros else 1
        if not metric.is_money:
            return Column(metric, base, base, "")
        sign = currency_sign(self.currency)
        largest = max((abs(value) for value in values), default=0)
        if largest >= _THOUSANDS_FROM * MICROS:
            return Column(metric, base, 1000 * MICROS, f"{sign}k")
        return Column(metric, base, MICROS, sign.strip())

    def cell(
        self, column: Column, key: str, value: int, printed: int, *, label: str, note: str
    ) -> Ref:
        """A number of a column whose head names the unit."""
        unit = self.currency if column.metric.is_money else column.metric.label.lower()
        head = f", {column.unit}" if column.unit else ""
        return self.book.figure(
            key, count_text(printed), label=f"{label}{head}", footnote=note,
            value=Decimal(value) / column.base, unit=unit,
        )  # fmt: skip


def open_brief(*, team: Team, period: Period, as_of: datetime | None, at: datetime) -> Brief:
    """Begin a report; raises ``TooThin`` when nothing is known about the team in the period.

    Without ``as_of`` it is the moment at which the newest import became known, so that a report
    made again over the same data says the same.
    """
    moment = (as_of or _newest(at)).astimezone(UTC)
    organisation = Organisation.current()
    currency = _currency(team, period, moment, organisation)
    if currency is None:
        raise TooThin(
            f"Nothing is known about {team.name} for {days_text(period)}.",
            where="period",
            remedy="Choose a period with data, or import an export of the ad platform first.",
        )
    book = FigureBook(currency=currency, as_of=moment)
    return Brief(team, period, moment, currency, organisation, book)


def _newest(at: datetime) -> datetime:
    newest = Batch.objects.filter(known_at__lte=at).order_by("-known_at").first()
    return newest.known_at if newest else at


def _currency(
    team: Team, period: Period, as_of: datetime, organisation: Organisation
) -> str | None:
    """The reporting currency, or the data's own when there is no rate; None without any data."""

    def asked(currency: str | None) -> QueryResult:
        measures = [key for key, metric in METRICS.items() if not metric.is_ratio]
        return query(
            metrics=measures, period=period, viewer=None, where={"team": [team.pk]},
            as_of=as_of, currency=currency,
        )  # fmt: skip

    wanted = asked(organisation.reporting_currency)
    if wanted.first_day is None:
        return None
    return organisation.reporting_currency if not wanted.refused else asked(None).currency


def headline_metric(brief: Brief) -> Metric:
    """What the report leads with: revenue, or the nearest thing to it that is reported."""
    totals = brief.ask(HEADLINES).totals
    return metric_for(next((key for key in HEADLINES if totals[key]), "clicks"))


def return_metric(brief: Brief) -> Metric | None:
    """The metric that says best what spend brings."""
    key = RETURNS.get(headline_metric(brief).key)
    return metric_for(key) if key and brief.ask([key]).totals[key] is not None else None


def natural(metric: Metric, raw: int | Decimal | None) -> Fraction | None:
    """A stored value in units: an amount, a number, a ratio or a share of one."""
    if raw is None:
        return None
    return Fraction(raw) / MICROS if metric.in_micros else Fraction(raw)


def relative(now: Fraction, before: Fraction) -> Fraction | None:
    return now / before - 1 if before > 0 else None


def exact(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def whole_text(value: Fraction) -> str:
    """A count; small fractional ones keep one digit."""
    if value.denominator != 1 and abs(value) < 100:
        return ratio_text(value, 1)
    return count_text(int(exact(value).to_integral_value(ROUND_HALF_EVEN)))


def batch_runs(batches: Sequence[Batch]) -> tuple[str, ...]:
    """Imports by number, neighbours joined: ``B-3``, ``B-7…B-19``."""
    runs: list[tuple[int, int]] = []
    for number in sorted(batch.pk for batch in batches):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return tuple(f"B-{a}" if a == b else f"B-{a}…B-{b}" for a, b in runs)


def command(metric: Metric, answer: QueryResult, brief: Brief) -> str:
    """The command that gives the number again."""
    by = f" --by {','.join(answer.by)}" if answer.by else ""
    moment = (answer.asked_as_of or brief.as_of).astimezone(UTC)
    return (
        f"query --metrics {metric.key}{by} --period {answer.period.start}..{answer.period.end} "
        f"--where team={brief.team.pk} --currency {brief.currency} --as-of {moment:%Y-%m-%dT%H:%M:%S.%fZ}"
    )


def _rates(answer: QueryResult) -> str:
    bases = sorted({rate.base for rate in answer.rates})
    return f"; {', '.join(bases)} at budget rates" if bases else ""


def days_text(period: Period) -> str:
    """The days of a period: "1 Oct 2026 to 31 Oct 2026"."""
    return f"{day_text(period.start)} to {day_text(period.end)}"


def day_text(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def span(first: date, last: date) -> Period:
    """The days from ``first`` to ``last``."""
    return Period(f"{first}..{last}", first, last, f"{day_text(first)} to {day_text(last)}")


def months_until(brief: Brief, count: int) -> list[Period]:
    """The latest ``count`` fiscal months up to the end of the report's period."""
    first = brief.period.end - timedelta(days=32 * count)
    found = brief.organisation.calendar.months_between(first, brief.period.end)
    return list(found)[-count:]
