"""A checked query, and the pieces of SQL that follow from its scope and filters.

Texts are our own names; what a person typed is only ever a parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import sql

from accounts.models import Scope
from core.periods import Period
from metrics.rules.buckets import Buckets
from metrics.selectors.dimensions import Dimension, Table, dimension
from metrics.selectors.growth import Growth
from metrics.selectors.rates import RatePlan

TRUE = sql.SQL("true").format()
_WORDS = ("objective", "currency", "platform")
# Lines with their ad account's platform; where that is none of the known ones, with their channel.
PLATFORM_LINES = sql.SQL(
    "(SELECT i.*, CASE WHEN coalesce(a.platform, 'other') = 'other' THEN 'channel:' || h.key"
    " ELSE a.platform END AS platform FROM campaigns_campaignline i"
    " JOIN campaigns_channel h ON h.id = i.channel_id"
    " LEFT JOIN campaigns_adaccount a ON a.id = i.ad_account_id)"
)


@dataclass(frozen=True, slots=True)
class Ask:
    """A query, checked: filters are numbers, ``table`` the smallest that has everything."""

    measures: Sequence[str]
    by: Sequence[Dimension]
    where: Mapping[str, list[Any]]
    period: Period
    scope: Scope
    as_of: datetime | None
    table: Table
    buckets: Mapping[str, Buckets] = field(default_factory=dict)
    plan: RatePlan | None = None
    growth: Growth | None = None
    has_whole_periods: bool = False
    # What restatements are measured against: a moment, or the batch that was newest then.
    since: datetime | None = None
    after: int | None = None

    @property
    def dims(self) -> list[str]:
        """Names of the result's first columns, one per dimension."""
        return [f"d{number}" for number in range(len(self.by))]

    @property
    def keys(self) -> list[str]:
        """What the answer is split by, in its order."""
        return [d.key for d in self.by]

    @property
    def params(self) -> dict[str, Any]:
        """Every value any part of the statement may name."""
        found: dict[str, Any] = {
            "first_day": self.period.start,
            "last_day": self.period.end,
            "as_of": self.as_of,
            "since": self.since,
            "after": self.after,
            "paths": [f"{path}%" for path in self.scope.paths],
        }
        found |= {f"where_{n}": values for n, values in enumerate(self.where.values())}
        found |= {f"starts_{grain}": b.starts for grain, b in self.buckets.items()}
        found |= {f"attribute_{key}": dimension(key).attribute for key in self.attributes}
        if self.growth:
            found |= self.growth.params(self.measures)
        if self.plan:
            found |= {
                "rate_spans": self.plan.spans,
                "rate_currencies": [currency for currency, _, _ in self.plan.table],
                "rate_numbers": [span for _, span, _ in self.plan.table],
                "rates": [rate for _, _, rate in self.plan.table],
            }
        return found

    @property
    def has_platform(self) -> bool:
        """Whether the lines must say which platform they belong to."""
        return bool(self.growth or "platform" in self.where or "platform" in self.keys)

    @property
    def attributes(self) -> list[str]:
        """``segment:<attribute>`` keys in use, as splits or filters."""
        used = dict.fromkeys([*(d.key for d in self.by), *self.where])
        return [key for key in used if dimension(key).attribute]

    def attribute_name(self, key: str) -> str:
        """What the statement calls an attribute: a name of ours, whatever a person typed."""
        return f"a{self.attributes.index(key)}"


def value(name: str, cast: str = "") -> sql.Composed:
    """A parameter, with its type where PostgreSQL cannot guess it."""
    return sql.SQL("{}{}").format(sql.Placeholder(name), sql.SQL(f"::{cast}" if cast else ""))


def lines(ask: Ask) -> sql.Composed:
    """The campaign lines in scope that pass the filters, with what they belong to."""
    conditions = [in_scope(ask, "c"), *filters(ask, of_line=True)]
    return sql.SQL(
        "SELECT l.id, l.campaign_id, l.channel_id, l.currency, c.team_id, c.owner_id, c.objective{}{}"
        " FROM {} l JOIN campaigns_campaign c ON c.id = l.campaign_id{} WHERE {}"
    ).format(
        sql.SQL(", l.platform" if ask.has_platform else ""),
        *_name_parts(ask)[:1],
        PLATFORM_LINES if ask.has_platform else sql.Identifier("campaigns_campaignline"),
        *_name_parts(ask)[1:],
        sql.SQL(" AND ").join(conditions),
    )


def _name_parts(ask: Ask) -> tuple[sql.Composed, sql.Composed]:
    """The parts of names that a query is about: their columns, and where they come from."""
    used = {d.key: d for d in [*ask.by, *map(dimension, ask.where)] if d.part}.values()
    columns = [sql.SQL(", {} AS {}").format(column_of(d), sql.Identifier(d.column)) for d in used]
    joins = [
        sql.SQL(" LEFT JOIN campaigns_linepart {0} ON {0}.line_id = l.id AND {0}.key = {1}").format(
            sql.Identifier(d.column), sql.Literal(d.part)
        )
        for d in used
    ]
    return sql.Composed(columns), sql.Composed(joins)


def in_scope(ask: Ask, table: str) -> sql.Composed:
    if ask.scope.everything:
        return TRUE
    return sql.SQL(
        "{}.team_id IN (SELECT id FROM accounts_team WHERE path LIKE ANY({}::text[]))"
    ).format(sql.Identifier(table), sql.Placeholder("paths"))


def filters(ask: Ask, *, of_line: bool, table: str = "") -> list[sql.Composed]:
    """Conditions of ``where``, on the lines or on the facts; ``table`` overrides where columns are."""
    found = []
    for number, key in enumerate(ask.where):
        wanted = dimension(key)
        if wanted.of_line != of_line:
            continue
        column = attribute_of(ask, wanted) if wanted.attribute else column_of(wanted, table)
        array = "text[]" if wanted.attribute or wanted.part or key in _WORDS else "bigint[]"
        found.append(sql.SQL("{} = ANY({})").format(column, value(f"where_{number}", array)))
    return found


def attribute_of(ask: Ask, wanted: Dimension) -> sql.Composed:
    """The value of a segment's attribute; a fact without a segment has none."""
    return sql.SQL("coalesce({}, '')").format(sql.Identifier("s", ask.attribute_name(wanted.key)))


def column_of(wanted: Dimension, table: str = "") -> sql.Composed:
    if wanted.part and not table:
        return sql.SQL("coalesce({}, '')").format(sql.Identifier(wanted.column, "value"))
    if not table:
        of_campaign = wanted.column in ("team_id", "owner_id", "objective")
        table = ("c" if of_campaign else "l") if wanted.of_line else "f"
    return sql.SQL("{}").format(sql.Identifier(table, wanted.column))
