"""What each persona sees first: where we stand, what needs them, what moves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count

from accounts.choices import Act, Role
from accounts.models import Membership, User
from accounts.permissions import scope_for, sees_money
from core import events, formats
from core.charts import Chart, Series
from core.models import Event, Heartbeat, OutboxItem
from core.money import Money
from core.parts import Part, Ranked, Tile
from insights.models import Finding, Verdict
from metrics.selectors import QueryResult, metric_for, query
from reporting.selectors.campaign import change, first_day, plain_number, unit_of, written
from reporting.selectors.campaigns import values_of
from reporting.selectors.window import Window

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

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


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


def headline_tiles(answer: QueryResult) -> list[Tile]:
    """One tile for each figure, judged against the days before."""
    tiles = []
    for metric in answer.metrics:
        now = answer.value(metric.key, answer.totals)
        then = answer.value(f"{metric.key}_before", answer.totals)
        tiles.append(
            Tile(
                label=metric.label,
                value=written(metric, now),
                delta=change(now, then, metric),
                sentence=f"{written(metric, then)} in the days before" if then is not None else "",
            )
        )
    return tiles


def situation(answer: QueryResult, window: Window) -> str:
    """The page's title: the main figure and where it goes."""
    metric = answer.metrics[0]
    figure = answer.value(metric.key, answer.totals)
    now = plain_number(figure)
    then = plain_number(answer.value(f"{metric.key}_before", answer.totals))
    if now is None:
        return f"No figures yet for {window.period.label}"
    value = written(metric, figure)
    if not then:
        return f"{metric.label} is {value} in {window.period.label} to date"
    share = now / then - 1
    if abs(share) < Decimal("0.01"):
        return f"{metric.label} is {value}, level with the days before"
    verb = "up" if share > 0 else "down"
    return f"{metric.label} is {value}, {verb} {formats.percent(abs(share))} on the days before"


def trend(user: User, window: Window, key: str) -> Chart | None:
    """The figure by day (by week over long periods) with the days before it."""
    metric = metric_for(key)
    period = window.to_date
    by = "day" if period.days <= 100 else "week"
    answer = query(
        metrics=[key],
        by=[by],
        period=period,
        as_of=window.as_of,
        viewer=user,
        currency=window.currency,
    )
    rows = sorted(answer.rows, key=lambda row: first_day(row, by))
    if len(rows) < 2:
        return None
    values = [answer.value(key, row) for row in rows]
    half = len(values) // 2
    early, late = (_sum(values[:half]), _sum(values[-half:]))
    verb = "rose" if late > early else "fell"
    share = formats.percent(abs(late / early - 1)) if early else ""
    title = f"{metric.label} {verb} {share} from the first to the second half of the period"
    return Chart(
        kind="line",
        title=title if early else f"{metric.label} by {by}",
        sub=f"{metric.label} per {by}, {metric.formula.lower()} · {window.period.label} to date",
        x=[first_day(row, by) for row in rows],
        unit=unit_of(metric, window.currency),
        series=[Series("Actual", values, end=written(metric, values[-1]))],
        zero=True,
        id="home-trend",
    )


def _sum(values: Sequence[Money | Decimal | int | None]) -> Decimal:
    return sum((plain_number(value) or Decimal(0) for value in values), Decimal(0))


def groups(user: User, window: Window, by: str, *, limit: int | None = None) -> list[Group]:
    """Channels, teams or campaigns with their figures, the largest spend first."""
    metrics = ["spend", "revenue", "roas", "cpa", "conversions"]
    answer = query(
        metrics=metrics if sees_money(user) else list(COUNTS),
        by=[by],
        period=window.to_date,
        as_of=window.as_of,
        viewer=user,
        currency=window.currency,
        order="-spend" if sees_money(user) else "-clicks",
        limit=limit,
    )
    return [
        Group(row[by], row[f"{by}_label"], row.get(f"{by}_key", ""), values_of(answer, row))
        for row in answer.rows
    ]


def at_stake(user: User) -> list[Ranked]:
    """Open findings by what they put at stake, in the currency each is counted in."""
    found = list(Finding.objects.for_user(user).open().exclude(stake_micros=None)[:50])
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
