"""Mapping files: `integrations/connectors/<platform>.toml`, checked word by word when loaded.

    key, name               what it is called; the key is the word of `campaigns.choices.Platform`,
                            or a word of its own for a platform that has none there
    kind                    `delivery` (its reports are the levels) or `crm` (any reports)
    channel                 the key of the channel where its campaigns go
    reported_as             what the column `platform` of a report says
    [files]                 prefixes and suffixes that a warehouse puts around a table's name
    [settings.NAME]         what a person may choose: `what`, `default`, and `options` (for each
                            word some named expressions) or a list of words as the default
    [tables.NAME]           `key` and `latest`: of rows with one key only the latest counts;
                            `optional` columns; `missing = true` for histories and whatever else may
                            be absent: there any of several latest rows will do, elsewhere two
                            different ones are refused
    [views.NAME]            a query that other queries read from
    [reports.NAME]          a query that people ask for, one of the levels
    [pages.TABLE]           how a table is made of an API's answers: `rows` and `columns`; how the
                            API is asked stands in `connectors/api/`

A query has `from`, `joins` (`table`, `on`), `where` and `columns`. A column is an expression. With
a `sum(...)` or `count(...)` in any column, the rows are grouped by all the other columns.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.rules.connector.expressions import Expression, parse
from integrations.rules.connector.problems import MappingInvalid

LEVELS = (
    "account", "campaign", "ad_group", "ad", "keyword", "search", "url", "country", "region",
)  # fmt: skip
DELIVERY, CRM = "delivery", "crm"
SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a person may choose: one of ``options``, or, without them, a list of words.

    An option names expressions, the same names in each: ``settings.cost.amount`` in a query is the
    one of the option that was chosen.
    """

    what: str
    default: str | tuple[str, ...]
    options: Mapping[str, Mapping[str, Expression]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """``key`` and ``latest``: of rows with one key only the one with the latest values counts."""

    key: tuple[str, ...] = ()
    latest: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """``on``: a column of the joined table (or view) and what it must equal."""

    table: str
    on: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class Query:
    """``place`` is where it stands, for messages."""

    place: str
    source: str
    joins: tuple[Join, ...]
    where: tuple[Expression, ...]
    columns: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class Page:
    """How a table is made of an API's answers.

    ``rows`` is the way from an answer to its rows: ``results[]``, or ``data[].actions[]`` for the
    items of a list in each row, where ``up.`` then reads the row around an item.
    """

    rows: tuple[str, ...]
    columns: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class Connector:
    """A platform's mapping file."""

    key: str
    name: str
    kind: str
    reported_as: str
    channel: str
    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]
    settings: Mapping[str, Setting]
    tables: Mapping[str, Table]
    views: Mapping[str, Query]
    reports: Mapping[str, Query]
    pages: Mapping[str, Page]


def read(text: str, file: str) -> Connector:
    """Read a mapping file; raises ``MappingInvalid`` with the place of what is wrong."""
    try:
        source = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingInvalid(file, str(error)) from error
    return _Reader(file).connector(source)


class _Reader:
    """Reads one file; every method names the place it reads."""

    def __init__(self, file: str) -> None:
        self._file = file

    def connector(self, source: Mapping[str, Any]) -> Connector:
        top = self._table(
            source,
            "",
            needs={"key", "name", "kind", "tables", "reports"},
            may={"reported_as", "channel", "files", SETTINGS, "views", "pages"},
        )
        self._refuse(top["kind"] not in (DELIVERY, CRM), "kind", f"must be {DELIVERY} or {CRM}.")
        files = self._table(top.get("files", {}), "files", may={"prefixes", "suffixes"})
        return Connector(
            key=self._word(top["key"], "key"),
            name=self._word(top["name"], "name"),
            kind=top["kind"],
            reported_as=self._word(top.get("reported_as", top["key"]), "reported_as"),
            channel=self._word(top.get("channel", ""), "channel"),
            prefixes=self._words(files.get("prefixes", []), "files.prefixes"),
            suffixes=self._words(files.get("suffixes", []), "files.suffixes"),
            settings=dict(self._each(top, SETTINGS, self._setting)),
            tables=dict(self._each(top, "tables", self._declared)),
            views=dict(self._each(top, "views", self._query)),
            reports=dict(self._each(top, "reports", self._query)),
            pages=dict(self._each(top, "pages", self._page)),
        )

    def _each(self, top: Mapping[str, Any], section: str, read: Any) -> Iterator[tuple[str, Any]]:
        group = top.get(section, {})
        self._refuse(not isinstance(group, dict), section, "is no table.")
        for name, source in group.items():
            yield name, read(source, f"{section}.{name}")

    def _setting(self, source: object, place: str) -> Setting:
        found = self._table(source, place, needs={"what", "default"}, may={"options"})
        options = found.get("options", {})
        default = found["default"]
        if not options:
            return Setting(found["what"], self._words(default, f"{place}.default"))
        self._refuse(
            default not in options, f"{place}.default", f"must be one of {', '.join(options)}."
        )
        named = {
            word: self._expressions(option, f"{place}.options.{word}")
            for word, option in options.items()
        }
        self._refuse(
            len({frozenset(option) for option in named.values()}) > 1,
            f"{place}.options",
            "must name the same expressions each.",
        )
        return Setting(found["what"], default, named)

    def _declared(self, source: object, place: str) -> Table:
        found = self._table(source, place, may={"key", "latest", "optional", "missing"})
        table = Table(
            key=self._words(found.get("key", []), f"{place}.key"),
            latest=self._words(found.get("latest", []), f"{place}.latest"),
            optional=frozenset(self._words(found.get("optional", []), f"{place}.optional")),
            missing=found.get("missing", False) is True,
        )
        self._refuse(bool(table.latest and not table.key), place, "has `latest` but no `key`.")
        return table

    def _query(self, source: object, place: str) -> Query:
        found = self._table(source, place, needs={"from", "columns"}, may={"joins", "where"})
        conditions = self._words(found.get("where", []), f"{place}.where")
        return Query(
            place=f"{self._file}: {place}",
            source=self._word(found["from"], f"{place}.from"),
            joins=tuple(self._joins(found.get("joins", []), f"{place}.joins")),
            where=tuple(parse(text, self._at(f"{place}.where")) for text in conditions),
            columns=self._expressions(found["columns"], f"{place}.columns"),
        )

    def _joins(self, source: object, place: str) -> Iterator[Join]:
        self._refuse(not isinstance(source, list), place, "is no list.")
        for number, each in enumerate(source if isinstance(source, list) else [], start=1):
            at = f"{place}[{number}]"
            found = self._table(each, at, needs={"table", "on"})
            table = self._word(found["table"], f"{at}.table")
            yield Join(table, self._expressions(found["on"], f"{at}.on"))

    def _page(self, source: object, place: str) -> Page:
        found = self._table(source, place, needs={"rows", "columns"})
        steps = self._word(found["rows"], f"{place}.rows").split(".")
        self._refuse(
            not all(step.endswith("[]") for step in steps),
            f"{place}.rows",
            "must name lists, as in results[] or data[].actions[].",
        )
        return Page(
            tuple(step.removesuffix("[]") for step in steps),
            self._expressions(found["columns"], f"{place}.columns"),
        )

    def _expressions(self, source: object, place: str) -> dict[str, Expression]:
        self._refuse(not isinstance(source, dict) or not source, place, "must name columns.")
        named = source if isinstance(source, dict) else {}
        return {name: parse(text, self._at(f"{place}.{name}")) for name, text in named.items()}

    def _table(
        self,
        source: object,
        place: str,
        *,
        needs: Collection[str] = (),
        may: Collection[str] = (),
    ) -> dict[str, Any]:
        """A table with all the keys it needs and none that nobody knows."""
        if not isinstance(source, dict):
            raise MappingInvalid(self._at(place), "is no table.")
        known = {*needs, *may}
        unknown = sorted(set(source) - known)
        listed = ", ".join(sorted(known))
        self._refuse(bool(unknown), place, f"unknown key {', '.join(unknown)}; known: {listed}.")
        absent = sorted(set(needs) - set(source))
        self._refuse(bool(absent), place, f"{', '.join(absent)} is missing.")
        return source

    def _word(self, value: object, place: str) -> str:
        if not isinstance(value, str):
            raise MappingInvalid(self._at(place), f"{value!r} is no text.")
        return value

    def _words(self, value: object, place: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise MappingInvalid(self._at(place), f"{value!r} is no list of texts.")
        return tuple(value)

    def _refuse(self, wrong: bool, place: str, message: str) -> None:
        if wrong:
            raise MappingInvalid(self._at(place), message)

    def _at(self, place: str) -> str:
        return f"{self._file}: {place}" if place else self._file
