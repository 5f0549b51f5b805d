"""What changed after the fact: the first figure that was known of a day, and what it became.

Read from the differences that every batch appends (``LineDayDelta``), never from guesses
about two exports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from psycopg import sql

from accounts.models import User
from accounts.permissions import sees_money
from core.errors import Invalid
from core.money import MICROS, Money
from core.periods import Period
from metrics.choices import MEASURES, MICRO_MEASURES, MONEY_MEASURES
from metrics.models import Batch
from metrics.rules.metric import MEASURE_LABELS
from metrics.rules.registry import metric_for
from metrics.selectors.ask import TRUE, Ask, column_of, filters, lines, value
from metrics.selectors.dimensions import Table
from metrics.selectors.filters import Where
from metrics.selectors.labels import labels
from metrics.selectors.query import asked, fetch
from metrics.selectors.sql import comma

# What a report can be split by; the currency always is, amounts of two never meet.
SPLITS = ("source", "channel", "team", "campaign", "line", "day")
Amount = Money | Decimal | int


@dataclass(frozen=True, slots=True)
class Restated:
    """One measure of one place: ``first`` as it was first known, ``now`` as it is.

    ``keys`` and ``names`` say what it is about; ``whole_days`` is above 1 for a row that
    states a whole period. ``first`` None: nothing was known at ``since``.
    """

    measure: str
    keys: Mapping[str, Any]
    names: Mapping[str, str]
    whole_days: int
    currency: str
    first_raw: int | None
    change_raw: int
    changed_at: datetime
    batches: Sequence[Batch]

    @property
    def first(self) -> Amount | None:
        return None if self.first_raw is None else self._amount(self.first_raw)

    @property
    def now(self) -> Amount:
        return self._amount((self.first_raw or 0) + self.change_raw)

    @property
    def change(self) -> Amount:
        return self._amount(self.change_raw)

    @property
    def share(self) -> Decimal | None:
        """The change relative to what was first known."""
        return Decimal(self.change_raw) / Decimal(self.first_raw) if self.first_raw else None

    @property
    def day(self) -> date:
        found: date = self.keys["day"]
        return found

    def _amount(self, raw: int) -> Amount:
        if self.measure in MONEY_MEASURES:
            return Money(raw, self.currency)
        return Decimal(raw) / MICROS if self.measure in MICRO_MEASURES else raw


def restatements(
    *,
    viewer: User | None,
    measure: str,
    period: Period,
    by: Sequence[str] = ("source", "day"),
    where: Where | None = None,
    since: datetime | None = None,
    after: int | None = None,
    as_of: datetime | None = None,
) -> list[Restated]:
    """The days of ``period`` whose figure changed after it was first known.

    With ``since`` against what was known at that moment (``after``: when the batch of that
    number had arrived), so that days which came later count too. ``as_of``: as far as was known then. Newest day first, larger changes first.
    """
    _refuse(measure, by)
    ask = asked(
        metrics=[metric_for(measure)],
        period=period,
        viewer=viewer,
        by=by,
        where=where,
        as_of=as_of,
    )
    ask = replace(ask, table=Table.LINE_DAY, since=since, after=after)
    return _restated(ask, measure, fetch(_statement(ask, measure), ask))


def restatable(user: User) -> list[tuple[str, str]]:
    """The measures whose restatements a person may see, with their names."""
    money = sees_money(user)
    return [(m, MEASURE_LABELS[m]) for m in MEASURES if money or m not in MONEY_MEASURES]


def _refuse(measure: str, by: Sequence[str]) -> None:
    if measure not in MEASURES:
        raise Invalid(
            f"“{measure}” is not a measure of the facts.",
            where="measure",
            remedy=f"Use {', '.join(MEASURES)}.",
        )
    for key in by:
        if key not in SPLITS:
            raise Invalid(
                f"Restatements cannot be split by “{key}”.",
                where="by",
                remedy=f"Use {', '.join(SPLITS)}.",
            )


def _statement(ask: Ask, measure: str) -> sql.Composed:
    """Per place: keys, currency, days stated at once, the first figure, the change, when and by what."""
    dims = [column_of(d, "l" if d.of_line else "f") for d in ask.by]
    known = sql.SQL("d.known_at <= {}").format(value("as_of")) if ask.as_of else TRUE
    later = sql.SQL("NOT f.is_first AND f.change <> 0")
    return sql.SQL(
        "WITH lines AS ({lines}), stated AS ("
        " SELECT d.line_id, d.day, d.source, d.period_days, d.batch_id, d.known_at,"
        " d.{measure} AS change, {is_first} AS is_first FROM metrics_linedaydelta d"
        " WHERE d.day BETWEEN {first} AND {last} AND d.{measure} IS NOT NULL AND {known}"
        " AND d.line_id IN (SELECT id FROM lines))"
        " SELECT {keys}, sum(f.change) FILTER (WHERE f.is_first)::bigint,"
        " sum(f.change) FILTER (WHERE {later})::bigint,"
        " max(f.known_at) FILTER (WHERE {later}),"
        " array_agg(DISTINCT f.batch_id) FILTER (WHERE {later})"
        " FROM stated f JOIN lines l ON l.id = f.line_id WHERE {filters}"
        " GROUP BY {keys} HAVING count(*) FILTER (WHERE {later}) > 0"
    ).format(
        lines=lines(ask),
        measure=sql.Identifier(measure),
        is_first=_is_first(ask),
        first=value("first_day"),
        last=value("last_day"),
        known=known,
        keys=comma([*dims, sql.SQL("l.currency"), _whole_days(ask)]),
        later=later,
        filters=sql.SQL(" AND ").join([TRUE, *filters(ask, of_line=False)]),
    )


def _whole_days(ask: Ask) -> sql.Composable:
    """Days that a row states at once; beside a day they must not be added to daily rows."""
    by_day = any(d.key == "day" for d in ask.by)
    return sql.SQL("f.period_days") if by_day else sql.SQL("1::smallint")


def _is_first(ask: Ask) -> sql.Composed:
    if ask.after is not None:
        return sql.SQL("d.batch_id <= {}").format(value("after"))
    if ask.since:
        return sql.SQL("d.known_at <= {}").format(value("since"))
    return sql.SQL(
        "row_number() OVER (PARTITION BY d.line_id, d.day, d.source, d.period_days"
        " ORDER BY d.known_at, d.batch_id) = 1"
    ).format()


def _restated(ask: Ask, measure: str, rows: Sequence[tuple[Any, ...]]) -> list[Restated]:
    split = len(ask.by)
    names = {
        d.key: labels(d.key, {row[n] for row in rows})
        for n, d in enumerate(ask.by)
        if not d.is_time
    }
    batches = Batch.objects.in_bulk({pk for row in rows for pk in row[-1]})
    found = [
        Restated(
            measure=measure,
            keys={d.key: row[n] for n, d in enumerate(ask.by)},
            names={key: named[row[_place(ask, key)]] for key, named in names.items()},
            currency=row[split],
            whole_days=row[split + 1],
            first_raw=row[split + 2],
            change_raw=row[split + 3],
            changed_at=row[split + 4],
            batches=[batches[pk] for pk in sorted(row[-1])],
        )
        for row in rows
    ]
    found.sort(key=lambda one: -abs(one.change_raw))
    if "day" in ask.keys:
        found.sort(key=lambda one: one.day, reverse=True)
    return found


def _place(ask: Ask, key: str) -> int:
    return ask.keys.index(key)
