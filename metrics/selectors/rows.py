"""Groups to rows: keys, names, values, comparison, order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core import formats
from core.errors import Invalid
from metrics.models import Batch
from metrics.rules.buckets import Buckets
from metrics.rules.metric import Metric
from metrics.selectors.ask import Ask
from metrics.selectors.dimensions import Dimension
from metrics.selectors.groups import Calculator, Group
from metrics.selectors.labels import channel_keys, labels
from metrics.selectors.result import Column, QueryResult, Row


@dataclass(frozen=True, slots=True)
class Answer:
    """One period's groups. ``currency`` is empty when each row has its own."""

    ask: Ask
    groups: Sequence[Group]
    total: Group
    currency: str
    notes: Sequence[str]

    def calculator(self, metrics: Sequence[Metric]) -> Calculator:
        return Calculator(metrics, self.currency or None)

    def position(self, group: Group) -> tuple[Any, ...]:
        """The group's key with days as distances from the start, so that two periods align."""
        return tuple(
            (key - self.ask.period.start).days if by.key == "day" else key
            for key, by in zip(group.key, self.ask.by, strict=True)
        )


# A group and its values.
Entry = tuple[Group, Row]


def build_result(
    metrics: Sequence[Metric],
    answer: Answer,
    compared: Answer | None,
    *,
    find_batches: Callable[[], list[Batch]],
    order: str | Sequence[str] | None,
    limit: int | None,
) -> QueryResult:
    """Put the answer into rows; only rows that are given get keys and names."""
    ask = answer.ask
    calculate = answer.calculator(metrics)
    entries: list[Entry] = [(group, calculate(group)) for group in answer.groups]
    totals: Row = calculate(answer.total)
    if not answer.currency and answer.total.currency:
        totals["currency"] = answer.total.currency
    if compared:
        _compare(metrics, answer, compared, entries, totals)
    ordering = _ordering(order, ask.by, metrics)
    names = _names(ask.by, entries) if _by_name(ordering, ask.by) else None
    entries = _ordered(entries, ordering, ask.by, names or {})
    shown = entries[:limit] if limit is not None else entries
    return QueryResult(
        metrics=metrics,
        by=[dimension.key for dimension in ask.by],
        columns=_columns(metrics, ask.by),
        rows=_rows(ask, shown, names or _names(ask.by, shown)),
        totals=totals,
        row_count=len(entries),
        period=ask.period,
        compared=compared.ask.period if compared else None,
        currency=answer.currency,
        rates=ask.plan.used if ask.plan else (),
        refused=_refused(metrics, answer),
        notes=answer.notes,
        first_day=answer.total.first_day,
        last_day=answer.total.last_day,
        asked_as_of=ask.as_of,
        table=ask.table,
        has_whole_periods=ask.has_whole_periods,
        find_batches=find_batches,
    )


def _columns(metrics: Sequence[Metric], by: Sequence[Dimension]) -> list[Column]:
    dims = [Column(dimension.key, dimension.label) for dimension in by]
    return dims + [
        Column(
            key=metric.key,
            label=metric.label,
            unit=metric.unit.value,
            direction=metric.direction.value,
            in_micros=metric.in_micros,
            formula=metric.formula,
        )
        for metric in metrics
    ]


def _names(by: Sequence[Dimension], entries: Sequence[Entry]) -> dict[str, Mapping[Any, str]]:
    return {
        dimension.key: labels(dimension.key, _distinct(entries, place))
        for place, dimension in enumerate(by)
        if not dimension.is_time
    }


def _distinct(entries: Sequence[Entry], place: int) -> Collection[Any]:
    return {group.key[place] for group, _ in entries}


def _rows(ask: Ask, entries: Sequence[Entry], names: Mapping[str, Mapping[Any, str]]) -> list[Row]:
    """Each group's keys with their names, then its values."""
    keyed = [_keys_of(ask, place, entries, names) for place in range(len(ask.by))]
    if len(keyed) == 1:
        return [keyed[0][group.key[0]] | values for group, values in entries]
    rows = []
    for group, values in entries:
        row: Row = {}
        for found, key in zip(keyed, group.key, strict=True):
            row.update(found[key])
        row.update(values)
        rows.append(row)
    return rows


def _keys_of(
    ask: Ask, place: int, entries: Sequence[Entry], names: Mapping[str, Mapping[Any, str]]
) -> dict[Any, Row]:
    """For each distinct key of a dimension what it adds to a row."""
    name = ask.by[place].key
    keys = _distinct(entries, place)
    if name in ask.buckets:
        return {key: _bucket_keys(name, ask.buckets[name], key) for key in keys}
    if name == "day":
        return {key: {"day": key, "day_label": formats.day(key)} for key in keys}
    found: dict[Any, Row] = {key: {name: key, f"{name}_label": names[name][key]} for key in keys}
    if name == "channel":
        colours = channel_keys(keys)
        for key, row in found.items():
            row["channel_key"] = colours.get(key, "")
    return found


def _bucket_keys(name: str, found: Buckets, number: int) -> Row:
    """A bucket's key, label and start, and whether only a part of it was asked for."""
    period = found.periods[number - 1]
    return {
        name: period.start if name == "week" else period.key,
        f"{name}_label": period.label,
        f"{name}_start": period.start,
        f"{name}_is_cut": found.is_cut(number - 1),
    }


def _compare(
    metrics: Sequence[Metric],
    answer: Answer,
    compared: Answer,
    entries: Sequence[Entry],
    totals: Row,
) -> None:
    calculate = compared.calculator(metrics)
    before = {compared.position(group): calculate(group) for group in compared.groups}
    for group, values in entries:
        _put_before(metrics, values, before.get(answer.position(group), {}))
    _put_before(metrics, totals, calculate(compared.total))


def _put_before(metrics: Sequence[Metric], row: Row, before: Mapping[str, Any]) -> None:
    for metric in metrics:
        now, then = row[metric.key], before.get(metric.key)
        row[f"{metric.key}_before"] = then
        row[f"{metric.key}_change"] = (
            Decimal(now) / Decimal(then) - 1 if now is not None and then else None
        )


def _ordering(
    order: str | Sequence[str] | None, by: Sequence[Dimension], metrics: Sequence[Metric]
) -> list[tuple[str, bool]]:
    """(key, descending); by default time runs forward, otherwise the first metric falls."""
    given = [order] if isinstance(order, str) else list(order or ())
    known = {d.key for d in by} | {m.key for m in metrics}
    known |= {f"{m.key}_change" for m in metrics}
    for key in given:
        if key.lstrip("-") not in known:
            raise Invalid(f"Rows cannot be ordered by “{key}”.", where="order")
    if given:
        return [(key.lstrip("-"), key.startswith("-")) for key in given]
    times = [(d.key, False) for d in by if d.is_time]
    return [*times, (metrics[0].key, True)]


def _by_name(ordering: Sequence[tuple[str, bool]], by: Sequence[Dimension]) -> bool:
    named = {d.key for d in by if not d.is_time}
    return any(key in named for key, _ in ordering)


def _ordered(
    entries: list[Entry],
    ordering: Sequence[tuple[str, bool]],
    by: Sequence[Dimension],
    names: Mapping[str, Mapping[Any, str]],
) -> list[Entry]:
    """Sorted by each key in turn, what is missing last; ties keep the order of the dimensions' keys,
    in which they came.
    """
    entries = list(entries)
    places = {dimension.key: place for place, dimension in enumerate(by)}
    for key, descending in reversed(ordering):
        if key in places:
            entries.sort(key=_dimension_key(places[key], names.get(key)), reverse=descending)
        else:
            entries = _by_value(entries, key, descending)
    return entries


def _dimension_key(place: int, names: Mapping[Any, str] | None) -> Callable[[Entry], Any]:
    """Buckets and days in their order, everything else by its name."""
    if names is None:
        return lambda entry: entry[0][0][place]
    folded = {key: name.casefold() for key, name in names.items()}
    return lambda entry: folded[entry[0][0][place]]


def _by_value(entries: list[Entry], key: str, descending: bool) -> list[Entry]:
    known = [entry for entry in entries if entry[1][key] is not None]
    known.sort(key=lambda entry: entry[1][key], reverse=descending)
    return known + [entry for entry in entries if entry[1][key] is None]


def _refused(metrics: Sequence[Metric], answer: Answer) -> dict[str, str]:
    """Why a metric of some row or of the totals is missing although amounts are there."""
    wanted = answer.currency or None
    odd = [g for g in (answer.total, *answer.groups) if g.currency is None or g.currency != wanted]
    calculate = answer.calculator(metrics)
    found: dict[str, str] = {}
    for metric in metrics:
        for group in odd:
            stated = all(group.sums[measure] is not None for measure in metric.measures)
            if stated and calculate.is_refused(metric, group):
                found[metric.key] = _why(answer, group)
                break
    return found


def _why(answer: Answer, group: Group) -> str:
    currencies = " and ".join(sorted(group.paid_in))
    plan = answer.ask.plan
    if plan is None:
        return f"Amounts in {currencies} cannot be added up without a rate."
    gaps = ", ".join(
        f"from {currency} to {plan.to} on {formats.day(day, weekday=False)}"
        for currency, day in plan.gaps.items()
    )
    return f"Amounts in {currencies} cannot be given in {plan.to}: there is no rate {gaps}."
