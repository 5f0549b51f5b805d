"""Forecasts as they were issued: the one that stands, what it says, and earlier ones beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import F, QuerySet
from django.utils.functional import cached_property

from accounts.models import User
from analytics.results import REASON_TEXT, Reason
from core import formats
from core.known import known_at
from core.money import MICROS, Money
from insights.models import Forecast, ForecastIssue, ForecastOverride
from insights.rules.what_if import Ahead
from metrics.selectors import Metric, metric_for, written

DAY = timedelta(days=1)
# The spans that are told of everywhere.
SPANS = (7, 30)
Amount = Money | Decimal | None
_RELATED = ("team", "channel", "campaign", "line", "version", "issue")


def forecasts_visible(viewer: User | None) -> QuerySet[Forecast]:
    """Every forecast a person may see; ``viewer`` None is the product itself."""
    found = Forecast.objects.all() if viewer is None else Forecast.objects.for_user(viewer)
    return found.select_related(*_RELATED)


def issue_standing(as_of: datetime | None = None) -> ForecastIssue | None:
    """The newest issue of the version in use, or the one that stood at a moment.

    Without ``as_of`` the moment is the one the page is read as of.
    """
    moment = as_of or known_at()
    issues = ForecastIssue.objects.select_related("version")
    return (issues.filter(issued_at__lte=moment) if moment else issues).first()


def forecast_for(
    *, metric: str, subject: str, viewer: User | None, as_of: datetime | None = None
) -> Forecast | None:
    """The forecast that stands: pages, alerts and packs quote it by its number, never compute it.

    ``subject`` as ``Forecast.subject`` writes it: ``company``, ``team:4``, ``channel:search``,
    ``channel:search@4``, ``campaign:12``, ``line:33``. None when nobody issued one, or the person
    may not see it. ``as_of`` as in ``issue_standing``.
    """
    moment = as_of or known_at()
    found = forecasts_visible(viewer).filter(metric=metric, subject=subject)
    if moment:
        found = found.filter(issued_at__lte=moment)
    return found.order_by("-issued_at", "-pk").first()


def quotes_for(
    subject: str, metrics: Sequence[str], viewer: User, *, limit: int = 3
) -> list[Quoted]:
    """The forecasts of a subject that stand, of the first of these metrics that it has."""
    found = forecasts_visible(viewer).filter(subject=subject, metric__in=metrics)
    if moment := known_at():
        found = found.filter(issued_at__lte=moment)
    newest = found.order_by("metric", "-issued_at", "-pk").distinct("metric")
    by_metric = {one.metric: Quoted(one) for one in newest}
    return [by_metric[metric] for metric in metrics if metric in by_metric][:limit]


def earlier_than(forecast: Forecast, viewer: User | None, limit: int = 12) -> list[Forecast]:
    """What was said of the same before, the newest first."""
    same = forecasts_visible(viewer).filter(subject=forecast.subject, metric=forecast.metric)
    found = same.filter(issued_at__lt=forecast.issued_at).order_by("-issued_at", "-pk")
    return list(found[:limit])


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of the list: what is expected of a subject over the first days, without its days."""

    pk: int
    subject: str
    metric: str
    level: str
    currency: str
    ahead: Ahead
    next7: float | None
    base7: float | None
    call: int | None
    chances: Sequence[float]
    reason: str
    method: str
    name: str
    team: str

    @property
    def says(self) -> Says:
        return Says(metric_for(self.metric), self.currency)


def outcomes(
    issue: ForecastIssue, viewer: User, *, metric: str, level: str, days: int
) -> list[Outcome]:
    """What an issue expects of a metric over the first ``days``, for each subject of a level."""
    place = days - 1
    rows = (
        Forecast.objects.for_user(viewer)
        .filter(issue=issue, metric=metric, level=level)
        .annotate(
            **{f"at_{name}": F(f"sum_{name}__{place}") for name in Ahead.__slots__[1:]},
            at_value=F(f"sum_yhat__{place}"),
            at_next7=F("sum_yhat__6"),
        )
        .defer(*_ARRAYS)
        .select_related("team", "channel", "campaign", "line")
    )
    return [_outcome(row) for row in rows.order_by("subject")]


_ARRAYS = tuple(
    f"{of}{name}" for of in ("", "sum_") for name in ("yhat", "lo80", "hi80", "lo95", "hi95")
)


def _outcome(row: Forecast) -> Outcome:
    found = [getattr(row, f"at_{name}") for name in Ahead.__slots__]
    return Outcome(
        pk=row.pk,
        subject=row.subject,
        metric=row.metric,
        level=row.level,
        currency=row.currency,
        ahead=Ahead(*found),
        next7=row.at_next7,  # type: ignore[attr-defined]
        base7=row.base7,
        call=row.call,
        chances=row.chances,
        reason=row.reason,
        method=row.method,
        name=subject_name(row),
        team=row.team.name,
    )


def subject_name(row: Forecast) -> str:
    """Whom or what it is about: ``Winter boots``, ``Search, DACH``, ``The company``."""
    if row.level == Forecast.Level.LINE and row.line:
        return row.line.name
    if row.level == Forecast.Level.CAMPAIGN and row.campaign:
        return row.campaign.name
    if row.level == Forecast.Level.CHANNEL and row.channel:
        return f"{row.channel.name}, {row.team.name}" if "@" in row.subject else row.channel.name
    return row.team.name


@dataclass(frozen=True, slots=True)
class Says:
    """How values of a metric are written."""

    metric: Metric
    currency: str

    def amount(self, value: float | None) -> Amount:
        """A value in units as formats, charts and tables take it."""
        if value is None:
            return None
        if self.metric.is_money:
            return Money(round(value * MICROS), self.currency)
        return Decimal(repr(round(value, 6)))

    def written(self, value: float | None) -> str:
        return written(self.metric, self.amount(value))

    def range(self, low: float | None, high: float | None) -> str:
        """``€390k to €440k``; empty where nothing can be said."""
        if low is None or high is None:
            return ""
        return f"{self.written(low)} to {self.written(high)}"


class Quoted:
    """A stored forecast as it is quoted: words and amounts, and the number to refer to it by."""

    def __init__(self, forecast: Forecast) -> None:
        self.forecast = forecast
        self.metric = metric_for(forecast.metric)
        self.says = Says(self.metric, forecast.currency)

    @cached_property
    def name(self) -> str:
        return subject_name(self.forecast)

    @property
    def days(self) -> list[date]:
        """The days it speaks of."""
        first = self.forecast.cutoff + DAY
        return [first + number * DAY for number in range(self.forecast.horizon)]

    def ahead(self, days: int) -> Ahead:
        """The first ``days`` together."""
        row, place = self.forecast, min(days, self.forecast.horizon) - 1
        return Ahead(
            row.sum_yhat[place],
            row.sum_lo80[place],
            row.sum_hi80[place],
            row.sum_lo95[place],
            row.sum_hi95[place],
        )

    def sentence(self, days: int, today: date | None = None) -> str:
        """``Revenue of 22–28 Nov: €412k expected (80 %: €390k to €440k).``"""
        ahead, span = self.ahead(days), formats.span(self.days[0], self.days[days - 1], today)
        if ahead.value is None:
            return f"{self.metric.label} of {span}: nothing can be said."
        ends = self.says.range(ahead.lo80, ahead.hi80)
        return f"{self.metric.label} of {span}: {self.says.written(ahead.value)} expected (80 %: {ends})."

    @property
    def next_week(self) -> str:
        """What the first seven days together are expected to be."""
        return self.says.written(self.ahead(7).value)

    @property
    def week_range(self) -> str:
        """The 80 % range of that."""
        ahead = self.ahead(7)
        return self.says.range(ahead.lo80, ahead.hi80)

    @property
    def call(self) -> str:
        """``Up, 78 % likely``."""
        return call_words(self.forecast.call, self.forecast.chances)

    @property
    def reason(self) -> str:
        """Why it is thin, in a sentence; empty when it is not."""
        return REASON_TEXT[Reason(self.forecast.reason)] if self.forecast.reason else ""


def overrides_of(forecast: Forecast) -> list[ForecastOverride]:
    """What people set beside it, the newest first, taken back or not."""
    return list(forecast.overrides.select_related("created_by", "undone_by"))


CALLS = {1: "up", 0: "flat", -1: "down"}


def call_words(call: int | None, chances: Sequence[float]) -> str:
    """``Up, 78 % likely``; an empty text where nothing can be said."""
    if call is None or not chances:
        return ""
    chance = formats.percent(chances[call + 1], 0)
    return f"{CALLS[call].capitalize()}, {chance} likely"


def parts_of(forecast: Forecast, viewer: User) -> dict[str, Forecast]:
    """Metric -> the forecast of the same issue and subject: what sliders turn."""
    same = forecasts_visible(viewer).filter(issue=forecast.issue_id, subject=forecast.subject)
    return {one.metric: one for one in same}
