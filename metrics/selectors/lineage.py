"""Where a number comes from: the question, the table that answered it, the facts, the batches.

What stands behind a batch (the import, its file and the rows in it) is known above and
comes through ``origins``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg import sql

from accounts.models import User
from campaigns.models import CampaignLine
from core.money import MICROS, Money
from core.periods import Period
from metrics.choices import MICRO_MEASURES, MONEY_MEASURES
from metrics.models import Batch
from metrics.rules.metric import Metric
from metrics.rules.registry import measures_of, metric_for
from metrics.selectors.ask import Ask, filters, lines, value
from metrics.selectors.dimensions import Table
from metrics.selectors.filters import Where
from metrics.selectors.history import rows_known
from metrics.selectors.labels import labels
from metrics.selectors.origins import BatchOrigin, batch_origins
from metrics.selectors.query import asked, fetch, query
from metrics.selectors.result import QueryResult
from metrics.selectors.sql import FACT_KEY, comma, names
from metrics.selectors.statement import segments_of

# Beyond these only the newest day's facts are listed: a person narrows the question down.
MOST_FACTS = 2_000
TABLES = {
    Table.CHANNEL_DAY: "One row for each team, channel, currency and day",
    Table.LINE_DAY: "One row for each campaign line, source and day",
    Table.SEGMENT_DAY: "One row for each campaign line, segment and day",
    Table.FACT: "The facts themselves: one row for each line, day, source, creative and segment",
}
AS_KNOWN = {
    Table.LINE_DAY: "today’s rows, less every difference that became known later",
    Table.FACT: "each fact in the version that was in force",
}


@dataclass(frozen=True, slots=True)
class FactBehind:
    """One fact of the number, as it was known; ``period_days`` above 1 states a whole period."""

    line: CampaignLine
    day: date
    period_days: int
    source: str
    creative: str
    segment: str
    batch: Batch
    origin: BatchOrigin | None
    sums: Mapping[str, int | None]

    def amount(self, measure: str) -> Money | Decimal | int | None:
        raw = self.sums[measure]
        if raw is None or measure not in MICRO_MEASURES:
            return raw
        if measure in MONEY_MEASURES:
            return Money(raw, self.line.currency)
        return Decimal(raw) / MICROS


@dataclass(frozen=True, slots=True)
class Lineage:
    """Everything behind some metrics. ``facts`` are all there are unless ``listed_day`` is set."""

    answer: QueryResult
    metrics: Sequence[Metric]
    measures: Sequence[str]
    facts: Sequence[FactBehind]
    listed_day: date | None
    origins: Mapping[int, BatchOrigin]

    @property
    def table_words(self) -> str:
        """The table that was read, and how the past was read from it."""
        said = TABLES[self.answer.table]
        past = AS_KNOWN.get(self.answer.table, "") if self.answer.asked_as_of else ""
        return f"{said}; {past}." if past else f"{said}."

    @property
    def adds_up(self) -> bool | None:
        """Whether the listed facts are exactly the number; None where they cannot show it."""
        answer = self.answer
        if self.listed_day or answer.rates or answer.has_whole_periods or not self.facts:
            return None
        return all(
            _sum(fact.sums[m] for fact in self.facts) == answer.totals[m] for m in self.measures
        )


def lineage(
    *,
    viewer: User,
    metrics: Sequence[str],
    period: Period,
    where: Where | None = None,
    currency: str | None = None,
) -> Lineage:
    """What is behind the totals of a question, read as of the page's moment."""
    wanted = [metric_for(key) for key in dict.fromkeys(metrics)]
    measures = measures_of(wanted)
    answer = query(
        metrics=[*metrics, *measures], period=period, viewer=viewer, where=where, currency=currency,
    )  # fmt: skip
    ask = asked(metrics=wanted, period=period, viewer=viewer, where=where)
    facts, listed_day = _facts(ask)
    origins = batch_origins(viewer, [batch.pk for batch in answer.batches])
    return Lineage(
        answer=answer,
        metrics=wanted,
        measures=list(measures),
        facts=_named(facts, list(measures), origins),
        listed_day=listed_day,
        origins=origins,
    )


def _facts(ask: Ask) -> tuple[list[tuple[Any, ...]], date | None]:
    """Rows of facts, newest day first; of the newest day alone where there are too many."""
    rows = fetch(_statement(ask), ask)
    if len(rows) <= MOST_FACTS:
        return rows, None
    day = rows[0][1]
    narrow = replace(ask, period=Period("day", day, day))
    return fetch(_statement(narrow), narrow)[:MOST_FACTS], day


def _statement(ask: Ask) -> sql.Composed:
    ready = [sql.SQL("lines AS MATERIALIZED ({})").format(lines(ask))]
    source = sql.SQL("{} f JOIN lines l ON l.id = f.line_id").format(rows_known(ask, Table.FACT))
    if ask.attributes:
        ready.append(sql.SQL("segments AS MATERIALIZED ({})").format(segments_of(ask)))
        source = sql.SQL("{} LEFT JOIN segments s ON s.id = f.segment_id").format(source)
    days = sql.SQL("f.day BETWEEN {} AND {}").format(value("first_day"), value("last_day"))
    return sql.SQL(
        "WITH {ready} SELECT {columns} FROM {source} WHERE {conditions}"
        " ORDER BY f.day DESC, f.line_id, f.source, f.creative_id, f.segment_id LIMIT {most}"
    ).format(
        ready=comma(ready),
        columns=names((*FACT_KEY, "batch_id", *ask.measures), "f"),
        source=source,
        conditions=sql.SQL(" AND ").join([days, *filters(ask, of_line=False)]),
        most=sql.Literal(MOST_FACTS + 1),
    )


def _named(
    rows: Sequence[tuple[Any, ...]], measures: Sequence[str], origins: Mapping[int, BatchOrigin]
) -> list[FactBehind]:
    """Facts with the names of what they are about, looked up once for all of them."""
    parts = CampaignLine.objects.select_related("campaign").in_bulk({row[0] for row in rows})
    batches = Batch.objects.in_bulk({row[6] for row in rows})
    sources, creatives, segments = (
        labels(key, {row[place] for row in rows})
        for key, place in (("source", 2), ("creative", 3), ("segment", 4))
    )
    return [
        FactBehind(
            line=parts[line],
            day=day,
            source=sources[source],
            creative=creatives[creative] if creative else "",
            segment=segments[segment] if segment else "",
            period_days=period_days,
            batch=batches[batch],
            origin=origins.get(batch),
            sums=dict(zip(measures, sums, strict=True)),
        )
        for line, day, source, creative, segment, period_days, batch, *sums in rows
    ]


def _sum(values: Iterable[int | None]) -> int | None:
    known = [one for one in values if one is not None]
    return sum(known) if known else None
