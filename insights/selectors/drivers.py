"""Why a metric changed between two periods: a tree of segments and the funnel, exact to the last digit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from accounts.models import User
from analytics.arrays import FloatArray
from analytics.drivers import Cells, chain, explain
from core.money import MICROS, Money
from core.once import once
from core.periods import Period
from insights.rules import drivers as rules
from insights.rules.drivers import Node, Step
from metrics.choices import MEASURES, MICRO_MEASURES
from metrics.models import Segment
from metrics.selectors import Metric, QueryResult, metric_for, query
from metrics.selectors.dimensions import SEGMENT_PREFIX, dimension

# Ways to split beside the attributes of segments, in the order that ties are decided in.
SPLITS = ("channel", "campaign", "team")
MOST_SPLITS = 5
DEPTH = 3
# How many weeks before a period the one to compare with begins, at least as many as it is long.
BACK = {"week": 1, "month": 4, "year": 52}
# A split whose rows are unnamed for more than this share of the volume explains nothing.
MOST_UNNAMED = 0.3
SEPARATOR = "\x1f"
NOT_BOTH = "One of the two periods has no {what}, so there is nothing to compare."
ONE_ONLY = "There is only one segment, so nothing can be told apart."


@dataclass(frozen=True, slots=True)
class Why:
    """A change with its parts; ``reason`` says why there are none.

    ``names`` has for each dimension what its segments are called, ``step`` how many millionths of
    the unit one whole number stands for. ``known_at``: what was known when it was worked out.
    """

    metric: Metric
    before: Period
    after: Period
    currency: str
    step: int
    tree: Node
    chain: tuple[Step, ...]
    # The funnel within the segment that carries the change, and the way to it.
    path: tuple[Node, ...]
    inner: tuple[Step, ...]
    reason: str
    known_at: datetime | None

    @property
    def change(self) -> int:
        return self.tree.change

    def amount(self, steps: int | None) -> Money | Decimal | None:
        """A number of steps as formats and charts take it."""
        if steps is None:
            return None
        if self.metric.is_money:
            return Money(steps * self.step, self.currency)
        return Decimal(steps * self.step) / MICROS

    def units(self, steps: int) -> Decimal:
        return Decimal(steps * self.step) / MICROS


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Sums of both periods by cell: measure -> (2, N) in units, and the labels of each dimension."""

    values: Mapping[str, FloatArray]
    labels: Mapping[str, list[str]]

    def of(self, measure: str, rows: FloatArray | None = None) -> FloatArray:
        found = self.values[measure]
        return found if rows is None else found * rows

    def total(self, measure: str, mask: FloatArray | None = None) -> tuple[float, float]:
        before, after = self.of(measure, mask).sum(axis=1)
        return float(before), float(after)

    def inside(self, path: Sequence[Node]) -> FloatArray:
        """1 for cells of the segments on a path, else 0."""
        count = next(iter(self.values.values())).shape[1]
        mask = np.ones(count)
        for node in path:
            mask *= np.array([label == node.segment for label in self.labels[node.dimension]])
        return mask


def why_changed(
    *,
    metric: str,
    before: Period,
    after: Period,
    viewer: User | None,
    where: Mapping[str, Any] | None = None,
    as_of: datetime | None = None,
    currency: str | None = None,
    first: str = "",
) -> Why:
    """The change of a metric from one period to another, split by ``first``, else by what explains most.

    Days that still grow stand at what they are expected to be when final, so that a young week is
    no loss. Raises what the one query raises.
    """
    wanted = metric_for(metric)
    sums, answer = _read(wanted, before, after, viewer, where, as_of, currency)
    bottom = wanted.denominator or rules.VOLUME_OF[wanted.numerator]
    times = wanted.factor
    cells = Cells(
        _splits(sums, bottom),
        before=sums.of(wanted.numerator)[0] * times,
        after=sums.of(wanted.numerator)[1] * times,
        volume_before=sums.of(bottom)[0],
        volume_after=sums.of(bottom)[1],
    )
    driver = explain(cells, is_ratio=wanted.is_ratio, depth=DEPTH, first=first)
    step = rules.step_size(wanted, driver.before, driver.after)
    tree = rules.exact(driver, step, is_ratio=wanted.is_ratio)
    path = rules.main_path(tree)
    return Why(
        metric=wanted,
        before=before,
        after=after,
        currency=answer.currency,
        step=step,
        tree=tree,
        chain=_chain(wanted, sums, None, step, tree.change),
        path=path,
        inner=_chain(wanted, sums, sums.inside(path), step, path[-1].change) if path else (),
        reason=_reason(wanted, tree),
        known_at=as_of or answer.as_of,
    )


def _read(
    metric: Metric,
    before: Period,
    after: Period,
    viewer: User | None,
    where: Mapping[str, Any] | None,
    as_of: datetime | None,
    currency: str | None,
) -> tuple[_Sums, QueryResult]:
    """Both periods, cell by cell, in one currency."""
    measures = _measures(metric, viewer)
    by = _dimensions(where)
    asked: dict[str, Any] = {
        "metrics": measures, "by": by, "where": where, "viewer": viewer, "as_of": as_of,
        "mature": True,
    }  # fmt: skip
    after_rows = query(**asked, period=after, currency=currency)
    before_rows = query(**asked, period=before, currency=after_rows.currency or currency)
    return _sums([before_rows, after_rows], measures, by), after_rows


def _measures(metric: Metric, viewer: User | None) -> list[str]:
    """What the tree and the funnel need, and this viewer may see."""
    needed = {*metric.measures, *rules.CHAINS.get(metric.key, ())}
    if not metric.denominator:
        needed.add(rules.VOLUME_OF[metric.numerator])
    if viewer is not None and not metric.needs_currency:
        needed -= {"spend", "revenue", "order_value"} - set(metric.measures)
        needed |= set(metric.measures)
    return [measure for measure in MEASURES if measure in needed]


def _dimensions(where: Mapping[str, Any] | None) -> list[str]:
    """What can be split by: not what is fixed to one value already."""
    fixed = {
        key for key, value in (where or {}).items()
        if isinstance(value, (int, str)) or len(value) == 1
    }  # fmt: skip
    if "campaign" in fixed:
        fixed |= {"team"}
    if "line" in fixed:
        fixed |= {"campaign", "channel", "team"}
    splits = [one for one in (*SPLITS, *attribute_splits()) if one not in fixed]
    return splits[:MOST_SPLITS]


def attribute_splits() -> list[str]:
    """``segment:<attribute>`` for the attributes that segments have."""

    def read() -> list[str]:
        rows = Segment.objects.values_list("attributes", flat=True)[:500]
        return sorted({f"{SEGMENT_PREFIX}{key}" for row in rows for key in row})

    return once("attribute_splits", read)


def _sums(answers: Sequence[QueryResult], measures: Sequence[str], by: Sequence[str]) -> _Sums:
    places: dict[tuple[Any, ...], int] = {}
    names: dict[tuple[Any, ...], list[str]] = {}
    for answer in answers:
        for row in answer.rows:
            key = tuple(row[one] for one in by)
            places.setdefault(key, len(places))
            names[key] = [_label(row, one) for one in by]
    values = {measure: np.zeros((2, len(places))) for measure in measures}
    for side, answer in enumerate(answers):
        for row in answer.rows:
            at = places[tuple(row[one] for one in by)]
            for measure in measures:
                scale = MICROS if measure in MICRO_MEASURES else 1
                values[measure][side, at] += (row[measure] or 0) / scale
    labels = {one: [names[key][n] for key in places] for n, one in enumerate(by)}
    return _Sums(values, labels)


def _label(row: Mapping[str, Any], by: str) -> str:
    """The name of a segment; "" where the source did not split by it."""
    key = row[by]
    return str(row[f"{by}_label"]) if key not in (None, "", 0) else ""


def _splits(sums: _Sums, bottom: str) -> dict[str, list[str]]:
    """The dimensions that are named for nearly everything; unnamed cells stand as such."""
    weight = sums.of(bottom).sum(axis=0)
    total = float(weight.sum())
    found = {}
    for one, labels in sums.labels.items():
        unnamed = float(weight[np.array([not label for label in labels], dtype=bool)].sum())
        if total and unnamed <= MOST_UNNAMED * total:
            found[one] = [label or "Not split" for label in labels]
    return found


def _chain(
    metric: Metric, sums: _Sums, mask: FloatArray | None, step: int, change: int
) -> tuple[Step, ...]:
    reported = {m for m in sums.values if sum(sums.total(m, mask)) > 0}
    names = rules.chain_of(metric, reported)
    if not names:
        return ()
    ends = [sums.total(measure, mask) for measure in names]
    before, after = ([end[side] for end in ends] for side in (0, 1))
    if metric.is_ratio:
        if not before[0] or not after[0]:
            return ()
        before, after = ([value / row[0] for value in row] for row in (before, after))
    links = chain(names, before, after)
    return rules.exact_chain(links[1:] if metric.is_ratio else links, step, change)


def _reason(metric: Metric, tree: Node) -> str:
    if tree.before is None or tree.after is None:
        return NOT_BOTH.format(what=metric.label.lower())
    if not tree.before and not tree.after:
        return f"There is no {metric.label.lower()} in either period."
    return "" if tree.children else ONE_ONLY


def dimension_label(key: str) -> str:
    """What a split is called: Channel, Campaign, Country."""
    return dimension(key).label if key else ""


def period_before(after: Period, how: str) -> Period:
    """The period to compare with, a key of ``BACK``: as long, and with the same weekdays."""
    weeks = max(BACK[how], -(-after.days // 7))
    back = timedelta(weeks=weeks)
    return Period(how, after.start - back, after.end - back)
