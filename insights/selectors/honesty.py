"""The honesty board: how good forecasts turned out, beside the seasonal naive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum

from accounts.models import User
from accounts.permissions import sees_money
from analytics.forecast import wilson
from analytics.results import Interval
from insights.models import (
    Forecast,
    ForecastScore,
    ForecastTally,
    ForecastTallyQuerySet,
    ModelVersion,
)
from insights.rules.honesty import FEWEST, SUMS, Sums
from insights.selectors.forecasts import subject_name
from metrics.selectors import METRICS, Metric

Span = ForecastTally.Span
Level = Forecast.Level
# Days ahead that the table tells of; the picture has them all.
AHEAD = (1, 7, 14, 30)
# Cut-offs the board looks back to.
WINDOW = timedelta(days=120)
WORST = 10


@dataclass(frozen=True, slots=True)
class Row:
    """How one version did for a metric at a level, so many days ahead."""

    level: str
    metric: Metric
    version: int
    ahead: int
    sums: Sums


@dataclass(frozen=True, slots=True)
class Calls:
    """How often the direction of next week was said right, of one subject."""

    level: str
    subject: str
    name: str
    metric: Metric
    hits: int
    n: int
    newest: Forecast

    @property
    def rate(self) -> float | None:
        return self.hits / self.n if self.n >= FEWEST else None

    @property
    def interval(self) -> Interval | None:
        return wilson(self.hits, self.n) if self.n >= FEWEST else None


def tallies_for(user: User, *, today: date) -> ForecastTallyQuerySet:
    """The sums a person may see: of their teams, amounts only where they may see amounts."""
    return ForecastTally.objects.for_user(user).filter(
        cutoff__gte=today - WINDOW, cutoff__lt=today, metric__in=_metrics(user)
    )


def _metrics(user: User) -> list[str]:
    """Metrics of the registry that the person may see."""
    money = sees_money(user)
    return [key for key, one in METRICS.items() if money or not one.is_money]


def levels_scored(rows: ForecastTallyQuerySet) -> list[str]:
    """The levels with scores, the highest first."""
    found = set(rows.filter(span=Span.DAY, horizon=1).values_list("level", flat=True).distinct())
    return [level for level in Level.values if level in found]


def metrics_scored(rows: ForecastTallyQuerySet, level: str) -> list[Metric]:
    """The metrics with scores at a level, in the registry's order."""
    own = rows.filter(level=level, span=Span.DAY, horizon=1)
    found = set(own.values_list("metric", flat=True).distinct())
    return [one for key, one in METRICS.items() if key in found]


def summary(rows: ForecastTallyQuerySet, *, level: str, ahead: int, span: str) -> list[Row]:
    """A row for each metric and version at a level."""
    own = rows.filter(level=level, horizon=ahead, span=span)
    found = own.values("metric", "version").annotate(**_added()).order_by("metric", "version")
    order = {key: place for place, key in enumerate(METRICS)}
    made = [Row(level, METRICS[row["metric"]], row["version"], ahead, _sums(row)) for row in found]
    return sorted(made, key=lambda one: (order[one.metric.key], -one.version))


def by_ahead(rows: ForecastTallyQuerySet, *, level: str, metric: str) -> dict[int, Sums]:
    """Of all versions together, single days by how far ahead they were."""
    own = rows.filter(level=level, metric=metric, span=Span.DAY)
    found = own.values("horizon").annotate(**_added()).order_by("horizon")
    return {row["horizon"]: _sums(row) for row in found}


def total_of(rows: ForecastTallyQuerySet, *, level: str, metric: str, ahead: int) -> Sums:
    """Totals over so many days of all versions together."""
    own = rows.filter(level=level, metric=metric, span=Span.TOTAL, horizon=ahead)
    return _sums(own.aggregate(**_added()))


def _added() -> dict[str, Sum]:
    return {f"sum_{name}": Sum(name) for name in SUMS}


def _sums(row: Mapping[str, Any]) -> Sums:
    return Sums(**{name: row[f"sum_{name}"] or 0 for name in SUMS})


def versions_named(numbers: Sequence[int]) -> dict[int, ModelVersion]:
    """Versions by their number in the database."""
    return ModelVersion.objects.in_bulk(set(numbers))


def in_use() -> ModelVersion | None:
    """The version that makes forecasts now."""
    found = ModelVersion.objects.filter(
        kind=ModelVersion.Kind.FORECAST, state=ModelVersion.State.CHAMPION
    )
    return found.order_by("team__path").first()


def benched() -> ModelVersion | None:
    """The version that was benched last, while the seasonal naive stands in for it."""
    found = ModelVersion.objects.filter(
        kind=ModelVersion.Kind.FORECAST, state=ModelVersion.State.BENCHED
    )
    return found.order_by("-state_at").first()


_RELATED = ("forecast__campaign", "forecast__line", "forecast__channel", "forecast__team")
_TOLD = [f"{of}{end}" for of in ("", "sum_") for end in ("yhat", "lo80", "hi80", "lo95", "hi95")]
_CAME = ["naive", "naive_total", "truth", "truth_total"]


def _without(*kept: str) -> list[str]:
    """The arrays of forecasts and scores that are not needed."""
    return [
        *(f"forecast__{one}" for one in _TOLD if one not in kept),
        *(one for one in _CAME if one not in kept),
    ]


@dataclass(frozen=True, slots=True)
class Miss:
    """A forecast whose total was far off."""

    forecast: Forecast
    metric: Metric
    days: int
    told: float
    came: float
    naive: float | None

    @property
    def off(self) -> float:
        """Error over what came."""
        return (self.told - self.came) / abs(self.came)

    @property
    def naive_off(self) -> float | None:
        return None if self.naive is None else (self.naive - self.came) / abs(self.came)


def worst(user: User, *, level: str, metric: str, ahead: int, today: date) -> list[Miss]:
    """The totals that were the furthest off, each series once, the worst first."""
    place = ahead - 1
    scores = (
        ForecastScore.objects.filter(
            forecast__in=Forecast.objects.for_user(user),
            forecast__level=level,
            forecast__metric=metric,
            final_days__gte=ahead,
            cutoff__gte=today - WINDOW,
        )
        .select_related(*_RELATED)
        .defer(*_without("sum_yhat", "truth_total", "naive_total"))
        .order_by("-cutoff")
    )
    found: dict[str, Miss] = {}
    for score in scores:
        miss = _miss(score, place)
        known = found.get(score.forecast.subject)
        if miss and (known is None or abs(miss.off) > abs(known.off)):
            found[score.forecast.subject] = miss
    return sorted(found.values(), key=lambda one: -abs(one.off))[:WORST]


def _miss(score: ForecastScore, place: int) -> Miss | None:
    told = score.forecast
    if place >= len(score.truth_total):
        return None
    came, said = score.truth_total[place], told.sum_yhat[place]
    if not came or said is None:
        return None
    return Miss(told, METRICS[told.metric], place + 1, said, came, score.naive_total[place])


def calls_of(user: User, *, level: str, metric: str, today: date) -> list[Calls]:
    """The hit rate of each subject's calls for next week, the best known first."""
    rows = (
        ForecastScore.objects.filter(
            forecast__in=Forecast.objects.for_user(user),
            forecast__level=level,
            forecast__metric=metric,
            forecast__call__isnull=False,
            came__isnull=False,
            cutoff__gte=today - WINDOW,
        )
        .select_related(*_RELATED)
        .defer(*_without())
        .order_by("forecast__subject", "-cutoff")
    )
    found: dict[str, list[ForecastScore]] = {}
    for row in rows:
        found.setdefault(row.forecast.subject, []).append(row)
    made = [
        Calls(
            level=level,
            subject=subject,
            name=subject_name(own[0].forecast),
            metric=METRICS[metric],
            hits=sum(one.came == one.forecast.call for one in own),
            n=len(own),
            newest=own[0].forecast,
        )
        for subject, own in found.items()
    ]
    return sorted(made, key=lambda one: (-one.n, -(one.rate or 0), one.name))


# What is shown first of what was scored: the furthest ahead that there are enough cases of.
FIRST = (
    (Span.TOTAL, 30), (Span.TOTAL, 14), (Span.TOTAL, 7), (Span.DAY, 30), (Span.DAY, 14), (Span.DAY, 7),
    (Span.DAY, 1),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the board shows of one metric at one level, for one person."""

    level: str
    metric: Metric | None
    span: str
    ahead: int
    levels: Sequence[str]
    metrics: Sequence[Metric]
    sums: Sums
    by_ahead: Mapping[int, Sums]
    rows: Sequence[Row]
    week: Sums
    cutoffs: int


def board_for(
    user: User, *, level: str, metric: str, ahead: tuple[str, int] | None, today: date
) -> Board:
    """The board as asked for; what was not asked for, or was never scored, is chosen."""
    rows = tallies_for(user, today=today)
    levels = levels_scored(rows)
    level = level if level in levels else _chosen(levels, Level.CAMPAIGN)
    metrics = metrics_scored(rows, level)
    keys = [one.key for one in metrics]
    key = metric if metric in keys else _chosen(keys, "spend")
    own = rows.filter(level=level, metric=key)
    span, days = ahead or _furthest(own)
    return Board(
        level=level,
        metric=METRICS.get(key),
        span=span,
        ahead=days,
        levels=levels,
        metrics=metrics,
        sums=_sums(own.filter(span=span, horizon=days).aggregate(**_added())),
        by_ahead=by_ahead(rows, level=level, metric=key),
        rows=summary(rows, level=level, ahead=days, span=span),
        week=total_of(rows, level=level, metric=key, ahead=7),
        cutoffs=own.filter(span=span, horizon=days).values("cutoff").distinct().count(),
    )


def _chosen(known: Sequence[str], wanted: str) -> str:
    return wanted if wanted in known else next(iter(known), "")


def _furthest(rows: ForecastTallyQuerySet) -> tuple[str, int]:
    """The furthest ahead with enough cases to judge by."""
    found = rows.values("span", "horizon").annotate(cases=Sum("n")).filter(cases__gte=FEWEST)
    known = {(row["span"], row["horizon"]) for row in found}
    return next(
        ((str(span), days) for span, days in FIRST if (span, days) in known), (str(Span.TOTAL), 30)
    )
