"""Answers the queries of a mapping file from tables of rows.

A join finds at most one row, or is refused: rows must not multiply. What a joined row counts may
be added up only where no two rows share it. So nothing is counted twice, whatever a file says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from core.money import MICROS
from integrations.rules.connector import functions
from integrations.rules.connector.checking import is_aggregate
from integrations.rules.connector.expressions import (
    Call,
    Expression,
    Literal,
    Name,
    names_in,
)
from integrations.rules.connector.functions import FUNCTIONS, NTH, ONE_OF, OR_ZERO
from integrations.rules.connector.grammar import SETTINGS, Connector, Join, Query, Table
from integrations.rules.connector.problems import RowsRefused
from integrations.rules.connector.values import (
    NUMBER_TYPE,
    Column,
    Kind,
    Unreadable,
    joined,
    nothing,
    numbers_of,
    ranks,
    same,
    summed,
    texts_of,
)

Choices = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows under a name. ``is_there`` False: the table was not among those given.

    ``optional`` columns may be missing; ``unreported`` are those of a view that were made of
    nothing that was given.
    """

    name: str
    frame: pd.DataFrame
    optional: frozenset[str] = frozenset()
    unreported: frozenset[str] = frozenset()
    is_there: bool = True

    def reports(self, column: str) -> bool:
        """Whether the platform gave this figure at all, be it for no row."""
        return self.is_there and column in self.frame and column not in self.unreported


class Workspace:
    """The tables of one platform, and the views of them that were needed so far."""

    def __init__(
        self, connector: Connector, tables: Mapping[str, pd.DataFrame], choices: Choices
    ) -> None:
        self._connector = connector
        self._tables = tables
        self._choices = choices
        self._ready: dict[str, Relation] = {}

    def report(self, name: str) -> pd.DataFrame:
        """The answer to a report: texts, days, and numbers in millionths."""
        query = self._connector.reports[name]
        return self._rows(query).answer(query.columns)

    def relation(self, name: str) -> Relation:
        if name not in self._ready:
            view = self._connector.views.get(name)
            self._ready[name] = self._view(name, view) if view else self._table(name)
        return self._ready[name]

    def _view(self, name: str, query: Query) -> Relation:
        rows = self._rows(query)
        unreported = {column for column, each in query.columns.items() if not rows.tells(each)}
        return Relation(
            name,
            rows.answer(query.columns),
            unreported=frozenset(unreported),
            is_there=rows.source.is_there,
        )

    def _table(self, name: str) -> Relation:
        declared = self._connector.tables[name]
        given = self._tables.get(name)
        if given is None:
            if not declared.missing:
                raise RowsRefused(
                    f"The table {name} of {self._connector.name} is not there.",
                    "Export it too, under this name.",
                )
            return Relation(name, pd.DataFrame(), is_there=False)
        frame = pd.DataFrame(
            {str(column).casefold(): texts_of(given[column]) for column in given.columns}
        ).reset_index(drop=True)
        return Relation(name, _latest(frame, name, declared), declared.optional)

    def _rows(self, query: Query) -> Rows:
        rows = Rows(self.relation(query.source), self._choices, self._connector)
        for join in query.joins:
            rows.join(self.relation(join.table), join)
        for condition in query.where:
            rows.keep(condition)
        return rows


def _latest(frame: pd.DataFrame, name: str, declared: Table) -> pd.DataFrame:
    """One row for each key: the latest; of two as late always the same one, whatever their order."""
    absent = [column for column in declared.key if column not in frame]
    if set(absent) - declared.optional:
        raise RowsRefused(f"The table {name} has no column {absent[0]}.")
    key = list(declared.key)
    if absent or not key:
        return frame
    again = frame[frame.duplicated(key, keep=False)]
    late = [ranks(again[column]) for column in declared.latest if column in frame]
    whole = joined([again[column].fillna("") for column in sorted(map(str, frame))])
    order = pd.concat([*late, whole], axis=1, keys=range(len(late) + 1))
    newest = again.loc[order.sort_values(list(order.columns)).index]
    kept = newest.drop_duplicates(key, keep="last")
    if not declared.missing:
        _refuse_rivals(again, order, key, name)
    return frame.drop(again.index.difference(kept.index))


def _refuse_rivals(again: pd.DataFrame, order: pd.DataFrame, key: list[str], name: str) -> None:
    """Two different figures for one key, and neither later: leaving one out would lose it."""
    *late, _ = order.columns
    distinct = again.assign(**{f"order {column}": order[column] for column in order}).loc[
        ~order.duplicated()
    ]
    rivals = distinct[distinct.duplicated([*key, *(f"order {column}" for column in late)])]
    if len(rivals):
        what = ", ".join(f"{column} {rivals.iloc[0][column]}" for column in key)
        raise RowsRefused(
            f"The table {name} has different rows for {what}, and none is later.",
            "Export each of them once, or name in the mapping file what tells them apart.",
        )


@dataclass(slots=True)
class _Joined:
    """A joined relation and, for each row, the place of its match (-1 for none)."""

    relation: Relation
    places: Any
    is_shared: bool


@dataclass(slots=True)
class Rows:
    """The rows of a query on their way: joined, filtered, and turned into columns."""

    source: Relation
    choices: Choices
    connector: Connector
    index: pd.Index[Any] = field(init=False)
    joined: dict[str, _Joined] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = self.source.frame.index

    def join(self, relation: Relation, join: Join) -> None:
        """Find the one row of ``relation`` for each row; raises when it has several."""
        if not relation.is_there:
            self.joined[relation.name] = _Joined(relation, None, is_shared=False)
            return
        right = joined([_column(relation, name).astype("string") for name in join.on])
        wanted = [self.value(each).astype("string") for each in join.on.values()]
        keyed = right[right.notna()]
        repeated = keyed[keyed.duplicated()]
        if len(repeated):
            what = " and ".join(join.on)
            text = " ".join(str(repeated.iloc[0]).split("\x1f"))
            raise RowsRefused(
                f"{relation.name} has several rows for {what} {text}, so it cannot be joined."
            )
        left = joined(wanted)
        found = pd.Index(keyed).get_indexer(pd.Index(left))
        places = pd.Series(found, index=self.index).where(left.notna().to_numpy(), -1)
        matched = places[places >= 0]
        positions = pd.Series(keyed.index, dtype="int64")
        places = places.map(positions).fillna(-1).astype("int64")
        self.joined[relation.name] = _Joined(relation, places, bool(matched.duplicated().any()))

    def keep(self, condition: Expression) -> None:
        """Leave out the rows for which the condition does not hold."""
        held = self.value(condition).fillna(value=False).astype(bool)
        self.index = self.index[held.to_numpy()]

    def answer(self, columns: Mapping[str, Expression]) -> pd.DataFrame:
        """Rows as columns; grouped where one of them adds up."""
        adds_up = any(is_aggregate(expression) for expression in columns.values())
        return self._grouped(columns) if adds_up else self._plain(columns)

    def _plain(self, columns: Mapping[str, Expression]) -> pd.DataFrame:
        found = {name: self.value(each) for name, each in columns.items()}
        return pd.DataFrame(found, index=self.index).reset_index(drop=True)

    def _grouped(self, columns: Mapping[str, Expression]) -> pd.DataFrame:
        """Rows grouped by the columns that do not add up, in their order."""
        keys = {name: self.value(each) for name, each in columns.items() if not is_aggregate(each)}
        by = pd.DataFrame(keys, index=self.index)
        numbers = by.groupby(list(keys), dropna=False, sort=True).ngroup()
        groups = by.groupby(numbers).head(1).assign(number=numbers).set_index("number").sort_index()
        totals = _Totals(self, numbers, groups.index)
        found = {
            name: totals.value(each) if is_aggregate(each) else groups[name]
            for name, each in columns.items()
        }
        return pd.DataFrame(found).reset_index(drop=True)

    def value(self, expression: Expression) -> Column:
        """An expression's value in every row."""
        match expression:
            case Literal(value=value):
                return _constant(value, self.index)
            case Name():
                return self._name(expression)
            case Call():
                return self._call(expression)

    def _name(self, name: Name) -> Column:
        if name.path[0] == SETTINGS:
            return self.value(self._option(name))
        if len(name.path) == 1:
            return _column(self.source, str(name.path[0])).loc[self.index]
        owner, column = map(str, name.path)
        if owner == self.source.name:
            return _column(self.source, column).loc[self.index]
        return self._of_joined(self.joined[owner], column)

    def _of_joined(self, joined: _Joined, column: str) -> Column:
        if joined.places is None:
            return nothing(Kind.TEXT, self.index)
        places = joined.places.loc[self.index]
        taken = _column(joined.relation, column).reindex(places.where(places >= 0, -1))
        return taken.set_axis(self.index)

    def _option(self, name: Name) -> Expression:
        _, setting, part = map(str, name.path)
        known = self.connector.settings[setting]
        chosen = str(self.choices.get(setting, known.default))
        if chosen not in known.options:
            raise RowsRefused(
                f"“{chosen}” is no choice for {setting}.",
                f"Choose one of {', '.join(known.options)}.",
            )
        return known.options[chosen][part]

    def _list(self, setting: str) -> Sequence[str]:
        chosen = self.choices.get(setting, self.connector.settings[setting].default)
        return [word.strip() for word in chosen.split(",")] if isinstance(chosen, str) else chosen

    def _call(self, call: Call) -> Column:
        if call.function == OR_ZERO:
            return self._or_zero(call.arguments[0])
        if call.function == ONE_OF:
            text, wanted = call.arguments
            (setting,) = names_in(wanted)
            return functions.one_of(self.value(text), self._list(str(setting.path[1])))
        if call.function == NTH:
            return functions.nth(*map(self.value, call.arguments))
        return apply(call, self.value)

    def _or_zero(self, expression: Expression) -> Column:
        """Zero where the platform gives the figure but none for the row; else no data."""
        numbers = self.number(expression)
        return numbers.fillna(0) if self.tells(expression) else numbers

    def tells(self, expression: Expression) -> bool:
        """Whether something of an expression was given; a plain value always is."""
        names = list(names_in(expression))
        return not names or any(self._is_reported(name) for name in names)

    def _is_reported(self, name: Name) -> bool:
        if name.path[0] == SETTINGS:
            return self.tells(self._option(name)) if len(name.path) > 2 else False
        owner = str(name.path[0]) if len(name.path) > 1 else self.source.name
        relation = self.source if owner == self.source.name else self.joined[owner].relation
        return relation.reports(str(name.path[-1]))

    def number(self, expression: Expression) -> Column:
        """An expression's value as a number; the message of a bad cell says where it stands."""
        return _as_number(self.value(expression), expression, self.source)

    def require_unshared(self, expression: Expression) -> None:
        """Refuse to add up what several rows share: it would be counted once for each."""
        for name in names_in(expression):
            owner = self.joined.get(str(name.path[0])) if len(name.path) > 1 else None
            if owner and owner.is_shared:
                raise RowsRefused(
                    f"{name} belongs to several rows of {self.source.name} at once, so adding it "
                    "up would count it several times.",
                    f"Give the rows of {self.source.name} once for each key.",
                )


@dataclass(frozen=True, slots=True)
class _Totals:
    """Values of groups: sums of rows, and what is made of them."""

    rows: Rows
    numbers: Column
    groups: pd.Index[Any]

    def value(self, expression: Expression) -> Column:
        match expression:
            case Call(function="count"):
                sizes = self.numbers.groupby(self.numbers).size() * MICROS
                return sizes.reindex(self.groups).astype(NUMBER_TYPE)
            case Call(function="sum", arguments=(what,)):
                return self._sum(what)
            case Call():
                return apply(expression, self.value)
            case Literal(value=value):
                return _constant(value, self.groups)
        raise TypeError(expression)

    def _sum(self, what: Expression) -> Column:
        self.rows.require_unshared(what)
        try:
            return summed(self.rows.number(what), self.numbers).reindex(self.groups)
        except Unreadable as error:
            raise RowsRefused(f"{_named(what)}: {error}.") from error


def apply(call: Call, value: Any) -> Column:
    """Call a function with the values of its arguments, texts read as numbers where it takes them."""
    function = FUNCTIONS[call.function]
    words: list[object] = []
    arguments = call.arguments
    if function.words:
        *front, last = arguments
        arguments = tuple(front)
        words = [last.value] if isinstance(last, Literal) else []
    values = [value(argument) for argument in arguments]
    for place, kind in enumerate(function.kinds(len(values))):
        if kind == Kind.NUMBER or (function.alike and _mixed(values)):
            values[place] = _as_number(values[place], arguments[place], None)
    try:
        return function.run(*values, *words)
    except Unreadable as error:
        raise RowsRefused(f"{_named(call)}: {error}.", "Mend the cell and try again.") from error


def _mixed(values: Sequence[Column]) -> bool:
    return len({str(each.dtype) for each in values}) > 1


def _as_number(column: Column, expression: Expression, source: Relation | None) -> Column:
    if str(column.dtype) != "string":
        return column
    try:
        return numbers_of(column)
    except Unreadable as error:
        where = f"{source.name}.{_named(expression)}" if source else _named(expression)
        raise RowsRefused(f"{where}: {error}.", "Mend the cell and try again.") from error


def _named(expression: Expression) -> str:
    return ", ".join(str(name) for name in names_in(expression)) or "value"


def _constant(value: str | int, index: pd.Index[Any]) -> Column:
    if isinstance(value, int):
        return same(Kind.NUMBER, value * MICROS, index)
    return same(Kind.TEXT, value, index)


def _column(relation: Relation, name: str) -> Column:
    """A column of a table; one that may be missing is without data then."""
    if name in relation.frame:
        return relation.frame[name]
    if name in relation.optional or not relation.is_there:
        return nothing(Kind.TEXT, relation.frame.index)
    there = ", ".join(map(str, relation.frame.columns[:12]))
    raise RowsRefused(
        f"The table {relation.name} has no column {name}; it has {there}.",
        "Export the table with this column.",
    )
