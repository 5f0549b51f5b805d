"""The answer to a query: columns, rows, totals, and everything that says where they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from core.money import MICROS, Money
from core.periods import Period
from metrics.models import Batch
from metrics.rules.metric import Metric
from metrics.selectors.dimensions import Table
from metrics.selectors.rates import Rate

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``unit`` and ``direction`` are empty for what rows are split by.

    ``in_micros`` says that values are whole millionths of the unit.
    """

    key: str
    label: str
    unit: str = ""
    direction: str = ""
    in_micros: bool = False
    formula: str = ""


@dataclass(kw_only=True)
class QueryResult:
    """Rows are dicts: for each dimension its key and ``<dim>_label`` (``channel_key`` for
    channels, ``<dim>_start`` for weeks to years), for each metric its value: whole numbers for
    counts, whole micros for money and fractional counts, ``Decimal`` for shares and ratios, None
    for "not reported" or "cannot be said". With ``compare`` also ``<metric>_before`` and
    ``<metric>_change`` (relative). ``totals`` covers all rows, also those beyond ``limit``.
    """

    metrics: Sequence[Metric]
    by: Sequence[str]
    columns: Sequence[Column]
    rows: list[Row]
    totals: Row
    row_count: int
    period: Period
    compared: Period | None
    # Empty when every row has its own (split by currency, no conversion asked).
    currency: str
    rates: Sequence[Rate]
    # Metric -> why some value is missing although data is there.
    refused: Mapping[str, str]
    notes: Sequence[str]
    first_day: date | None
    last_day: date | None
    asked_as_of: datetime | None
    # The table that answered, and whether rows of whole periods were read beside it.
    table: Table
    has_whole_periods: bool
    find_batches: Callable[[], list[Batch]]

    @cached_property
    def batches(self) -> list[Batch]:
        """The imports behind the answer, oldest first; looked up when first asked for."""
        return self.find_batches()

    @property
    def known_at(self) -> datetime | None:
        """When the newest of it became known."""
        return self.batches[-1].known_at if self.batches else None

    @property
    def as_of(self) -> datetime | None:
        """The moment the answer is true for: the one asked for, else when the newest became known."""
        return self.asked_as_of or self.known_at

    def value(self, metric: str, row: Mapping[str, Any]) -> Money | Decimal | int | None:
        """A value of a row (or of ``totals``) as formats take it: ``Money``, decimal or whole."""
        found = next(m for m in self.metrics if m.key == metric.removesuffix("_before"))
        raw = row.get(metric)
        if raw is None or not found.in_micros:
            return raw
        if found.is_money:
            return Money(raw, self.currency or str(row["currency"]))
        return Decimal(raw) / MICROS
