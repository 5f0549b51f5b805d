"""From the statement's rows to metric values, and what cannot be added up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from metrics.choices import MONEY_MEASURES
from metrics.rules.metric import Metric, Sums
from metrics.selectors.ask import Ask

Value = int | Decimal | None


class Group(NamedTuple):
    """One group of facts: what it is about, its sums, and the currency its amounts are in.

    ``currency`` None says that amounts of several currencies met and no rate joins them.
    ``key`` holds bucket numbers (from 1) for weeks to years.
    """

    key: tuple[Any, ...]
    sums: Sums
    currency: str | None
    paid_in: frozenset[str]
    first_day: date | None
    last_day: date | None

    @property
    def has_data(self) -> bool:
        return self.last_day is not None

    @property
    def has_amounts(self) -> bool:
        return any(self.sums.get(measure) is not None for measure in MONEY_MEASURES)


def read_groups(ask: Ask, rows: Sequence[tuple[Any, ...]], currency: str) -> list[Group]:
    """Rows of the statement; ``currency`` is the one amounts are wanted in, "" each in its own."""
    dims, measures = len(ask.by), ask.measures
    last = dims + len(measures)
    place = next((n for n, d in enumerate(ask.by) if d.key == "currency"), None)
    if ask.plan:
        to = ask.plan.to
        joined = {how: _joined(to, *how) for how in {row[-3:] for row in rows}}
        return [
            Group(
                row[:dims],
                dict(zip(measures, row[dims:last], strict=True)),
                *joined[row[-3:]],
                row[last],
                row[last + 1],
            )
            for row in rows
        ]
    among = (
        {own: frozenset([own]) for own in {row[place] for row in rows}} if place is not None else {}
    )
    of_all = frozenset([currency])
    return [
        Group(
            row[:dims],
            # Not strict: both lengths are ours, and this line runs for every row of an answer.
            dict(zip(measures, row[dims:last])),  # noqa: B905
            currency if place is None else row[place],
            of_all if place is None else among[row[place]],
            row[last],
            row[last + 1],
        )
        for row in rows
    ]


def _joined(to: str, paid_in: str | None, unrated: int, amounts: int) -> tuple[Any, frozenset[str]]:
    """The currency after conversion: the wanted one, its own when nothing was converted, or none."""
    found = frozenset(paid_in.split(",") if paid_in else ())
    if not unrated:
        return to, found
    return (next(iter(found)) if unrated == amounts and len(found) == 1 else None), found


def total(groups: Iterable[Group], measures: Sequence[str]) -> Group:
    """All groups together: sums of sums."""
    held = [group for group in groups if group.has_data]
    currencies = {group.currency for group in held}
    any_currency = held[0].currency if held else None
    with_amounts = held
    if len(currencies) > 1:
        with_amounts = [group for group in held if group.has_amounts]
        currencies = {group.currency for group in with_amounts}
    return Group(
        key=(),
        sums={m: _add([g.sums[m] for g in held]) for m in measures},
        currency=currencies.pop() if len(currencies) == 1 else None if currencies else any_currency,
        paid_in=frozenset().union(*(group.paid_in for group in with_amounts)),
        first_day=min((g.first_day for g in held if g.first_day), default=None),
        last_day=max((g.last_day for g in held if g.last_day), default=None),
    )


def _add(values: list[int | Decimal | None]) -> int | Decimal | None:
    known = values if None not in values else [value for value in values if value is not None]
    return sum(known) if known else None  # type: ignore[arg-type]


class Calculator:
    """The metrics of groups, None where currencies cannot be joined.

    ``wanted`` is the column's currency, None when each row has its own. A ratio of two
    amounts needs only that both are in one currency.
    """

    def __init__(self, metrics: Sequence[Metric], wanted: str | None) -> None:
        self._wanted = wanted
        self._metrics = metrics
        self._all = [(metric.key, metric.calculator()) for metric in metrics]

    def __call__(self, group: Group) -> dict[str, Value]:
        sums = group.sums
        found = {key: calculate(sums) for key, calculate in self._all}
        if group.currency is None or group.currency != (self._wanted or group.currency):
            for metric in self._metrics:
                if self.is_refused(metric, group):
                    found[metric.key] = None
        return found

    def is_refused(self, metric: Metric, group: Group) -> bool:
        """Whether the group's amounts stand in the way of this metric."""
        if not metric.needs_currency or not group.has_amounts:
            return False
        if group.currency is None:
            return True
        return metric.is_money and self._wanted not in (None, group.currency)
