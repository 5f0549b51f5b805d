"""The one query: every tile, table, target, alert, pack and export asks here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from psycopg import sql

from accounts.choices import Act
from accounts.models import Scope, User
from accounts.permissions import scope_for, sees_money
from core.errors import Invalid, NotAllowed
from core.known import known_at
from core.models import Organisation
from core.periods import Period
from metrics.models import Batch
from metrics.rules.buckets import buckets, period_before, year_before
from metrics.rules.metric import Metric
from metrics.rules.registry import measures_of, metric_for
from metrics.selectors import surveys, whole_periods
from metrics.selectors.ask import Ask
from metrics.selectors.dimensions import Dimension, dimension, smallest_table
from metrics.selectors.filters import Where, resolve
from metrics.selectors.groups import Group, read_groups, total
from metrics.selectors.growth import growth_of
from metrics.selectors.rates import RatePlan, rates_between
from metrics.selectors.result import QueryResult
from metrics.selectors.rows import Answer, build_result
from metrics.selectors.statement import statement

MAX_DIMENSIONS = 5
MATURED_NOTE = "Young days stand at what they are expected to be when final."
Compare = Period | str | None


def query(
    *,
    metrics: Sequence[str],
    period: Period,
    viewer: User | None,
    by: Sequence[str] = (),
    where: Where | None = None,
    compare: Compare = None,
    as_of: datetime | date | None = None,
    currency: str | None = None,
    order: str | Sequence[str] | None = None,
    limit: int | None = None,
    mature: bool = False,
) -> QueryResult:
    """Metrics of a period, split by dimensions, as this viewer may see them.

    ``viewer`` None is the product itself. ``by``: campaign, line, channel, team, platform,
    owner, objective, currency, source, creative, segment, ``segment:<attribute>``, day, week,
    month, quarter, year (of the books). ``where``: dimension -> number, name or several; a
    team stands for everything below it. ``compare``: another period, ``"previous"`` or
    ``"year"``. ``as_of``: what was known at that moment (a day: at its end), else at the moment
    that the page is read as of. ``order``: keys, ``-`` first for descending. Without ``currency`` amounts stay in the currency
    they are in when it is one, and go to the reporting currency when there are several.
    ``mature``: young days stand at what they are expected to be when final, ratios follow.

    Whole-period rows count in what contains them entirely, unless daily rows of the same
    line are there; they never appear as a day.

    Raises ``Invalid`` for an unknown metric, dimension or name and ``NotAllowed`` for
    amounts the viewer must not see. Amounts that cannot be joined are None, with the
    reason in ``refused``.
    """
    wanted = [metric_for(key) for key in dict.fromkeys(metrics)]
    organisation = Organisation.current()
    ask = asked(
        metrics=wanted, period=period, viewer=viewer, by=by, where=where, as_of=as_of, mature=mature
    )
    answer = _answer(ask, wanted, currency, organisation)
    before = _before(compare, period, organisation)
    compared = (
        _answer(replace(ask, period=before), wanted, answer.currency or currency, organisation)
        if before
        else None
    )
    return build_result(
        wanted, answer, compared, find_batches=_finder(answer.ask), order=order, limit=limit
    )


def asked(
    *,
    metrics: Sequence[Metric],
    period: Period,
    viewer: User | None,
    by: Sequence[str] = (),
    where: Where | None = None,
    as_of: datetime | date | None = None,
    mature: bool = False,
) -> Ask:
    """A question, checked against the viewer's rights, with the smallest table that answers it."""
    dimensions = [dimension(key) for key in dict.fromkeys(by)]
    _refuse_too_much(metrics, dimensions)
    scope = _scope(viewer, metrics)
    moment = known_at() if as_of is None else _moment(as_of, Organisation.current())
    found, measures = resolve(where, scope), measures_of(metrics)
    growth = growth_of(measures, period, moment) if mature else None
    return Ask(
        measures=measures,
        by=dimensions,
        where=found,
        period=period,
        scope=scope,
        as_of=moment,
        table=smallest_table(
            [*dimensions, *map(dimension, found)],
            as_of=moment is not None,
            of_few_lines=not {"campaign", "line"}.isdisjoint(found),
            mature=growth is not None,
        ),
        growth=growth,
    )


def _refuse_too_much(metrics: Sequence[Metric], by: Sequence[Dimension]) -> None:
    if not metrics:
        raise Invalid("A query needs at least one metric.", where="metrics")
    if len(by) > MAX_DIMENSIONS:
        raise Invalid(f"Numbers can be split {MAX_DIMENSIONS} ways at once.", where="by")


def _scope(viewer: User | None, metrics: Sequence[Metric]) -> Scope:
    if viewer is None:
        return Scope(everything=True)
    amounts = [metric.label for metric in metrics if metric.is_money]
    if not amounts:
        return scope_for(viewer, Act.VIEW_CAMPAIGNS)
    if not sees_money(viewer):
        raise NotAllowed(
            f"Your role does not see amounts, and {', '.join(amounts)} are amounts.",
            code="no_money",
            remedy="Ask for counts, rates or ratios.",
        )
    return scope_for(viewer, Act.VIEW_MONEY)


def _moment(as_of: datetime | date, organisation: Organisation) -> datetime:
    """A moment as it is; a day means its last moment where the books are kept."""
    if isinstance(as_of, datetime):
        return as_of
    midnight = datetime.combine(as_of + timedelta(days=1), time(), ZoneInfo(organisation.time_zone))
    return midnight - timedelta(microseconds=1)


def _before(compare: Compare, period: Period, organisation: Organisation) -> Period | None:
    if compare is None or isinstance(compare, Period):
        return compare
    if compare == "previous":
        return period_before(period, organisation.calendar)
    if compare == "year":
        return year_before(period, organisation.calendar)
    raise Invalid(f"“{compare}” is not a comparison.", where="compare", remedy="previous or year.")


def _answer(
    ask: Ask, metrics: Sequence[Metric], currency: str | None, organisation: Organisation
) -> Answer:
    """Run one period: see what is there, decide the currency, ask."""
    ask, wanted = _prepared(ask, metrics, currency, organisation)
    groups = read_groups(ask, fetch(statement(ask), ask), wanted)
    notes = _whole_period_notes(ask) if ask.has_whole_periods else []
    if ask.growth:
        notes.append(MATURED_NOTE)
    return Answer(
        ask=ask,
        groups=_placed(ask, groups),
        total=total(groups, ask.measures),
        currency=wanted,
        notes=notes,
    )


def _placed(ask: Ask, groups: Sequence[Group]) -> list[Group]:
    """Groups that are a row: with data, and inside one bucket of each time dimension."""
    times = [place for place, by in enumerate(ask.by) if by.is_time]
    found = [group for group in groups if group.last_day is not None]
    if not ask.has_whole_periods:
        return found
    return [group for group in found if all(group.key[n] is not None for n in times)]


def _prepared(
    ask: Ask, metrics: Sequence[Metric], currency: str | None, organisation: Organisation
) -> tuple[Ask, str]:
    """Buckets, conversion and whole periods; and the currency, empty when each row has its own."""
    found, has_whole = fetch(surveys.survey(ask), ask)[0]
    calendar = organisation.calendar
    grains = [d.key for d in ask.by if d.is_time and d.key != "day"]
    ask = replace(
        ask,
        has_whole_periods=has_whole,
        growth=ask.growth and growth_of(ask.measures, ask.period, ask.as_of),
        buckets={grain: buckets(grain, ask.period, calendar) for grain in grains},
    )
    currencies = _currencies(ask, metrics, found or [])
    if currency is None and any(d.key == "currency" for d in ask.by):
        return ask, ""
    wanted = (currency or "").upper() or (
        currencies[0] if len(currencies) == 1 else organisation.reporting_currency
    )
    if not set(currencies) - {wanted}:
        return ask, wanted
    rates = rates_between(currencies, wanted, ask.period, as_of=ask.as_of)
    return replace(ask, plan=RatePlan.of(currencies, wanted, rates, ask.period)), wanted


def _currencies(ask: Ask, metrics: Sequence[Metric], found: Sequence[str]) -> list[str]:
    """The currencies whose amounts meet here; lines without facts do not count."""
    if not any(metric.needs_currency for metric in metrics):
        return []
    if len(found) < 2:
        return list(found)
    with_facts = fetch(surveys.currencies_with_facts(ask), ask)
    return sorted(row[0] for row in with_facts)


def _whole_period_notes(ask: Ask) -> list[str]:
    touching, counted = fetch(whole_periods.left_out(ask), ask)[0]
    notes = []
    if counted:
        notes.append(
            f"Rows that state a whole period at once: {counted}. They are in totals, not in days."
        )
    if touching > counted:
        notes.append(
            f"Whole-period rows left out: {touching - counted}. They reach beyond the period, or "
            "other rows of the same line state the same days."
        )
    return notes


def _finder(ask: Ask) -> Any:
    def find() -> list[Batch]:
        ids = [row[0] for row in fetch(surveys.batches_used(ask), ask)]
        found = Batch.objects.in_bulk(ids)
        return [found[pk] for pk in ids]

    return find


def fetch(what: sql.Composed, ask: Ask) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(what, ask.params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
