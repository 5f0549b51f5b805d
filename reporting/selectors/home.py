"""What each persona sees first: where we stand, what needs them, what moves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count

from accounts.choices import Act, Role
from accounts.models import Membership, User
from accounts.permissions import scope_for, sees_money
from core import events, formats
from core.charts import Chart, Series
from core.known import known_at
from core.models import Event, Heartbeat, OutboxItem
from core.money import Money
from core.parts import Delta, Part, Ranked, Tile
from core.periods import Period
from insights.models import Finding, Verdict
from metrics.models import Batch
from metrics.selectors import (
    Metric,
    QueryResult,
    TargetProgress,
    metric_for,
    points_from,
    query,
    where_from,
)
from reporting.selectors.campaign import (
    Value,
    change,
    first_day,
    plain_number,
    unit_of,
    written,
)
from reporting.selectors.campaigns import values_of
from reporting.selectors.home_goals import Gap, gap_of, gap_title, gap_words
from reporting.selectors.window import Window
from reporting.selectors.young import as_final, hatched, young_of

LEADERS = ("revenue", "spend", "roas", "cpa", "conversions")
COUNTS = ("impressions", "clicks", "ctr", "conversions", "cvr")
SECONDS_ALIVE = 120


@dataclass(frozen=True, slots=True)
class Group:
    """A channel, team or campaign with its figures, for the tables of the home pages."""

    key: Any
    label: str
    channel: str
    values: dict[str, Money | Decimal | int | None]
    change: Delta | None = None
    share: Decimal = Decimal(0)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


def has_data() -> bool:
    """Whether anything was ever imported."""
    return Batch.objects.exists()


def headline(user: User, window: Window) -> QueryResult:
    """The main figures of everything the person sees, beside the same days before."""
    return query(
        metrics=LEADERS if sees_money(user) else COUNTS,
        period=window.to_date,
        compare=window.to_date.previous(),
        as_of=window.as_of,
        viewer=user,
        currency=window.currency,
    )


def headline_tiles(
    answer: QueryResult, goals: Sequence[TargetProgress], window: Window
) -> list[Tile]:
    """One tile for each figure, against its goals where there are some, else the days before."""
    return [
        _tile(answer, metric, gap_of(goals, metric, window), window) for metric in answer.metrics
    ]


def _tile(answer: QueryResult, metric: Metric, gap: Gap | None, window: Window) -> Tile:
    now = answer.value(metric.key, answer.totals)
    then = answer.value(f"{metric.key}_before", answer.totals)
    before = f"{written(metric, then)} in the days before" if then is not None else ""
    delta = change(now, then, metric)
    where = where_from([metric.key], window.to_date, currency=window.currency)
    if gap is None or gap.share is None:
        said = f"{gap_words(gap)}. {before}" if gap else before
        return Tile(metric.label, written(metric, now), delta, sentence=said, where=where)
    # Amounts of goals are in their own or the reporting currency; a tile shows one currency.
    is_same = not isinstance(gap.expected, Money) or gap.expected.currency == window.currency
    expected = f"Expected by now {written(metric, gap.expected)}" if is_same else ""
    return Tile(
        metric.label,
        written(metric, now),
        delta,
        share=gap.share,
        tone="bad" if gap.behind else "accent",
        target=expected or f"{formats.percent(gap.share, 0)} of what is expected by now",
        sentence=". ".join(filter(None, [gap_words(gap), before])),
        where=where,
    )


def situation(answer: QueryResult, window: Window, goals: Sequence[TargetProgress]) -> str:
    """The page's title: the main figure, against its goals if it has some, and where it goes."""
    metric = answer.metrics[0]
    figure = answer.value(metric.key, answer.totals)
    now = plain_number(figure)
    then = plain_number(answer.value(f"{metric.key}_before", answer.totals))
    if now is None:
        return f"No figures yet for {window.period.label}"
    value, gap = written(metric, figure), gap_of(goals, metric, window)
    if gap and (title := gap_title(metric, value, gap)):
        return title
    if not then:
        return f"{metric.label} is {value} in {window.period.label} to date"
    share = now / then - 1
    if abs(share) < Decimal("0.01"):
        return f"{metric.label} is {value}, level with the days before"
    verb = "up" if share > 0 else "down"
    return f"{metric.label} is {value}, {verb} {formats.percent(abs(share))} on the days before"


def trend(user: User, window: Window, key: str) -> Chart | None:
    """The figure by day (by week over long periods) with as many days before it."""
    metric = metric_for(key)
    by = "day" if window.to_date.days <= 100 else "week"
    now = _series(user, window, key, by, window.to_date)
    if len(now) < 2:
        return None
    before = _series(user, window, key, by, window.to_date.previous())
    days, values = list(now), list(now.values())
    earlier = list(before.values())[: len(values)]
    series = [Series("Actual", values, end=written(metric, values[-1]))]
    if len(earlier) == len(values):
        series.append(Series("The days before", earlier, style="compare", end="days before"))
    young = young_of(metric, days, viewer=user, window=window, last_day=window.to_date.end)
    chart = Chart(
        kind="line",
        title=_trend_title(metric, as_final(young, days, values), earlier, by),
        sub=f"{metric.label} per {by}, {metric.formula.lower()} · {window.period.label} to date · grey: {formats.span(*_ends(before, window))}",
        x=days,
        unit=unit_of(metric, window.currency),
        series=series,
        zero=True,
        id="home-trend",
        where=points_from(key, days, window.to_date, currency=window.currency),
        today=window.today,
    )
    return hatched(chart, young, window)


def _series(user: User, window: Window, key: str, by: str, period: Period) -> dict[date, Value]:
    """A metric's values by the day that each of them begins with."""
    answer = query(
        metrics=[key],
        by=[by],
        period=period,
        as_of=window.as_of,
        viewer=user,
        currency=window.currency,
    )
    rows = sorted(answer.rows, key=lambda row: first_day(row, by))
    return {first_day(row, by): answer.value(key, row) for row in rows}


def _ends(before: Mapping[date, Value], window: Window) -> tuple[date, date]:
    earlier = window.to_date.previous()
    return (earlier.start, earlier.end) if before else (window.to_date.start, window.to_date.end)


def _trend_title(metric: Metric, values: Sequence[Value], earlier: Sequence[Value], by: str) -> str:
    """The finding: how many of the days ran above the same day before, and by how much in all."""
    pairs = [
        (now, then)
        for now, then in zip(map(plain_number, values), map(plain_number, earlier), strict=False)
        if now is not None and then is not None
    ]
    total = sum(then for _, then in pairs)
    if not total:
        return f"{metric.label} by {by}"
    above = sum(now > then for now, then in pairs)
    share = sum(now for now, _ in pairs) / total - 1
    side = "above" if share >= 0 else "below"
    count = above if share >= 0 else len(pairs) - above
    return f"{metric.label} runs {formats.percent(abs(share))} {side} the days before, on {count} of {len(pairs)} {by}s"


def groups(user: User, window: Window, by: str, *, limit: int | None = None) -> list[Group]:
    """Channels, teams or campaigns with their figures, the largest spend first."""
    metrics = ["spend", "revenue", "roas", "cpa", "conversions"]
    answer = query(
        metrics=metrics if sees_money(user) else list(COUNTS),
        by=[by],
        period=window.to_date,
        compare=window.to_date.previous(),
        as_of=window.as_of,
        viewer=user,
        currency=window.currency,
        order="-spend" if sees_money(user) else "-clicks",
        limit=limit,
    )
    main = metric_for("revenue" if sees_money(user) else "conversions")
    sizes = [plain_number(answer.value(main.key, row)) or Decimal(0) for row in answer.rows]
    largest = max(sizes, default=Decimal(0)) or Decimal(1)
    return [
        Group(
            row[by],
            row[f"{by}_label"],
            row.get(f"{by}_key", ""),
            values_of(answer, row),
            change(answer.value(main.key, row), answer.value(f"{main.key}_before", row), main),
            size / largest,
        )
        for row, size in zip(answer.rows, sizes, strict=True)
    ]


def at_stake(user: User) -> list[Ranked]:
    """Open findings by what they put at stake, in the currency each is counted in."""
    found = list(Finding.objects.for_user(user).open(known_at()).exclude(stake_micros=None)[:50])
    found.sort(key=lambda f: -(f.stake_micros or 0))
    largest = max((f.stake_micros or 0 for f in found), default=0) or 1
    return [
        Ranked(
            f.title,
            formats.money(Money(f.stake_micros or 0, f.currency)),
            Decimal(f.stake_micros or 0) / largest,
            note=f.get_kind_display(),
            url=f"/alerts/finding/{f.pk}/",
        )
        for f in found[:5]
    ]


def outcomes(user: User) -> list[Part]:
    """How measured changes turned out, in the teams the person sees."""
    inside = scope_for(user, Act.VIEW_CAMPAIGNS).where("optimisation__campaign__team__path")
    counts = dict(
        Verdict.objects.filter(inside).order_by().values_list("outcome").annotate(n=Count("pk"))
    )
    shown = (
        (Verdict.Outcome.HELPED, "helped", "good"),
        (Verdict.Outcome.HURT, "hurt", "bad"),
        (Verdict.Outcome.CANNOT_TELL, "can’t tell", "neutral"),
    )
    return [Part(label, counts[key], tone) for key, label, tone in shown if counts.get(key)]


@dataclass(frozen=True, slots=True)
class Health:
    """One part of the running system: what it says, and what to do when it is wrong."""

    name: str
    state: str
    tone: str
    remedy: str


def system_health(now: datetime) -> list[Health]:
    """Beat, worker, waiting work, work that needs a person, and the seals of the trail."""
    beats = dict(Heartbeat.objects.values_list("name", "at"))
    stuck = OutboxItem.objects.filter(state=OutboxItem.State.NEEDS_PERSON).count()
    waiting = OutboxItem.objects.filter(
        state=OutboxItem.State.PENDING, not_before__lt=now - timedelta(minutes=5)
    ).count()
    unsealed = Event.objects.filter(seal=None, at__lt=now - timedelta(hours=2)).count()
    return [
        _beat("Clock", beats.get("beat"), now),
        _beat("Worker", beats.get("worker"), now),
        _beat("Worker for event streams", beats.get("quick"), now),
        _count("Work that waits", waiting, "Start another worker, or look at its log."),
        _count("Work that needs a person", stuck, "Open the job and decide: again, or not at all."),
        _count("Events without a seal", unsealed, "The hourly seal has not run; check the clock."),
    ]


def _beat(name: str, at: datetime | None, now: datetime) -> Health:
    if at is None:
        return Health(name, "never heard of", "warn", "Start the product with make run.")
    alive = (now - at).total_seconds() < SECONDS_ALIVE
    remedy = "" if alive else "It has stopped; the supervisor's log says why."
    return Health(name, f"heard {formats.ago(at, now)}", "good" if alive else "bad", remedy)


def _count(name: str, count: int, remedy: str) -> Health:
    return Health(name, f"{count:,}", "bad" if count else "good", remedy if count else "")


def people_by_role() -> list[tuple[str, int]]:
    """How many active people hold each role."""
    held = Membership.objects.filter(user__is_active=True).order_by()
    counts = dict(held.values_list("role").annotate(n=Count("user", distinct=True)))
    return [(Role(role).label, counts.get(role, 0)) for role in Role.values]


def chain_state() -> dict[str, Any]:
    """The head of the trail's chain, for those who keep it."""
    head = events.head()
    return {"position": head.position, "digest": head.digest}
