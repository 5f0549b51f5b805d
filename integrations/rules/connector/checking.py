"""Whether a mapping file makes sense: every name is known, every function gets what it takes.

Only the columns of the platform's own tables are not known before the rows are there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from integrations.rules.connector.expressions import Call, Expression, Literal, Name, calls_in
from integrations.rules.connector.functions import (
    AGGREGATES,
    FUNCTIONS,
    NTH,
    ONE_OF,
    OR_ZERO,
    SPECIAL,
    Function,
)
from integrations.rules.connector.grammar import (
    DELIVERY,
    LEVELS,
    SETTINGS,
    Connector,
    Page,
    Query,
    Setting,
)
from integrations.rules.connector.problems import MappingInvalid
from integrations.rules.connector.values import Kind

# The columns a delivery report may have; the measures must be numbers.
MEASURES = ("clicks", "impressions", "spend", "conversions", "conversions_value")
DAYS = ("date_day", "date_month")
IDENTITIES = (
    "account_id", "account_name", "campaign_id", "campaign_name", "ad_group_id", "ad_group_name",
    "ad_id", "ad_name", "keyword_id", "keyword_text", "keyword_match_type", "search_query",
    "search_match_type", "base_url", "url_host", "url_path", "utm_source", "utm_medium",
    "utm_campaign", "utm_content", "utm_term", "country", "country_code", "global_region",
    "region", "currency",
)  # fmt: skip
_STANDARD = {
    **dict.fromkeys(IDENTITIES, Kind.TEXT),
    **dict.fromkeys(DAYS, Kind.DAY),
    **dict.fromkeys(MEASURES, Kind.NUMBER),
}


def is_aggregate(expression: Expression) -> bool:
    """Whether it adds up or counts rows."""
    return any(call.function in AGGREGATES for call in calls_in(expression))


def check(connector: Connector, file: str) -> None:
    """Raises ``MappingInvalid`` with the place of the first thing that makes no sense."""
    _Checker(connector, file).run()


class _Checker:
    def __init__(self, connector: Connector, file: str) -> None:
        self._connector = connector
        self._file = file
        self._kinds: dict[str, Mapping[str, Kind]] = {}
        self._open: list[str] = []

    def run(self) -> None:
        for name in self._connector.views:
            self._view(name, f"{self._file}: views.{name}")
        for level, query in self._connector.reports.items():
            kinds = self._query(query)
            if self._connector.kind == DELIVERY:
                _require_standard(level, query, kinds)
        for table, page in self._connector.pages.items():
            self._page(table, page)

    def _view(self, name: str, place: str) -> Mapping[str, Kind]:
        if name in self._open:
            raise MappingInvalid(place, f"reads from itself: {' > '.join([*self._open, name])}.")
        if name not in self._kinds:
            self._open.append(name)
            self._kinds[name] = self._query(self._connector.views[name])
            self._open.pop()
        return self._kinds[name]

    def _query(self, query: Query) -> Mapping[str, Kind]:
        known = [query.source]
        self._relation(query.source, query.place)
        for join in query.joins:
            self._relation(join.table, query.place)
            for expression in join.on.values():
                _Kinds(self._column, known, self._settings, query.place).of(expression)
            known.append(join.table)
        kinds = _Kinds(self._column, known, self._settings, query.place)
        for condition in query.where:
            kinds.require(condition, Kind.FLAG, "a condition")
        for name, expression in query.columns.items():
            if is_aggregate(expression):
                _require_pure_aggregate(expression, f"{query.place}.columns.{name}")
        return {name: kinds.of(expression) for name, expression in query.columns.items()}

    @property
    def _settings(self) -> Mapping[str, Setting]:
        return self._connector.settings

    def _relation(self, name: str, place: str) -> None:
        if name in self._connector.views:
            self._view(name, place)
        elif name not in self._connector.tables:
            raise MappingInvalid(place, f"there is no table or view “{name}”.")

    def _column(self, relation: str, column: str, place: str) -> Kind:
        if relation in self._connector.tables:
            return Kind.TEXT
        found = self._view(relation, place).get(column)
        if found is None:
            raise MappingInvalid(place, f"the view {relation} has no column “{column}”.")
        return found

    def _page(self, table: str, page: Page) -> None:
        place = f"{self._file}: pages.{table}"
        if table not in self._connector.tables:
            raise MappingInvalid(place, f"there is no table “{table}”.")
        for name, expression in page.columns.items():
            kinds = _Kinds(None, (), self._settings, f"{place}.columns.{name}")
            kinds.require(expression, Kind.TEXT, "a column of a page")


def _require_standard(level: str, query: Query, kinds: Mapping[str, Kind]) -> None:
    if level not in LEVELS:
        raise MappingInvalid(query.place, f"is no level; levels are {', '.join(LEVELS)}.")
    for name, kind in kinds.items():
        if _STANDARD.get(name) != kind:
            wanted = _STANDARD.get(name)
            why = f"must be a {wanted}, not a {kind}." if wanted else "is no column of a report."
            raise MappingInvalid(f"{query.place}.columns.{name}", why)
    if not set(DAYS) & set(kinds):
        raise MappingInvalid(query.place, "has neither date_day nor date_month.")


def _require_pure_aggregate(expression: Expression, place: str) -> None:
    """Beside a sum stand other sums and plain values, never a column of single rows."""
    match expression:
        case Name():
            raise MappingInvalid(place, f"{expression} stands outside of the sum.")
        case Call(function=function, arguments=arguments) if function in AGGREGATES:
            if any(is_aggregate(argument) for argument in arguments):
                raise MappingInvalid(place, f"{function} stands inside of another sum.")
        case Call(arguments=arguments):
            for argument in arguments:
                _require_pure_aggregate(argument, place)


class _Kinds:
    """The kind of an expression, where ``relations`` can be read."""

    def __init__(
        self,
        column: Callable[[str, str, str], Kind] | None,
        relations: list[str] | tuple[str, ...],
        settings: Mapping[str, Setting],
        place: str,
    ) -> None:
        self._column = column
        self._relations = list(relations)
        self._settings = settings
        self._place = place

    def of(self, expression: Expression) -> Kind:
        match expression:
            case Literal(value=int()):
                return Kind.NUMBER
            case Literal():
                return Kind.TEXT
            case Name():
                return self._name(expression)
            case Call():
                return self._call(expression)

    def require(self, expression: Expression, wanted: Kind, what: str) -> None:
        """Refuse what is not, and cannot be read as, the kind that is wanted."""
        found = self.of(expression)
        if found != wanted and (found, wanted) != (Kind.TEXT, Kind.NUMBER):
            raise self._wrong(f"{what} must be a {wanted}, not a {found}.")

    def _name(self, name: Name) -> Kind:
        if self._column is None:
            return Kind.TEXT
        match name.path:
            case (str() as first, str() as setting, str() as part) if first == SETTINGS:
                return self._setting(setting, part)
            case (str() as column,) if self._relations:
                return self._column(self._relations[0], column, self._place)
            case (str() as relation, str() as column) if relation in self._relations:
                return self._column(relation, column, self._place)
        raise self._wrong(f"“{name}” is neither a column nor joined.")

    def _setting(self, name: str, part: str) -> Kind:
        options = self._known_setting(name).options.values()
        if not all(part in option for option in options):
            raise self._wrong(f"the options of settings.{name} name no “{part}”.")
        kinds = {self.of(option[part]) for option in options}
        if len(kinds) != 1:
            raise self._wrong(f"settings.{name}.{part} is not of one kind in all options.")
        return kinds.pop()

    def _known_setting(self, name: str) -> Setting:
        if name not in self._settings:
            raise self._wrong(f"there is no setting “{name}”.")
        return self._settings[name]

    def _call(self, call: Call) -> Kind:
        if call.function in AGGREGATES:
            return self._aggregate(call)
        if call.function in SPECIAL:
            return self._special(call)
        function = FUNCTIONS.get(call.function)
        if function is None:
            known = ", ".join(sorted({*FUNCTIONS, *SPECIAL, *AGGREGATES}))
            raise self._wrong(f"there is no function “{call.function}”; there are {known}.")
        arguments = self._without_words(function, call)
        if not function.accepts(len(arguments)):
            raise self._wrong(f"{call.function} takes {len(function.takes)} values.")
        return self._alike(call) if function.alike else self._fixed(function, call, arguments)

    def _aggregate(self, call: Call) -> Kind:
        if len(call.arguments) != (1 if call.function == "sum" else 0):
            raise self._wrong("write sum(value) or count().")
        for argument in call.arguments:
            self.require(argument, Kind.NUMBER, "what is added up")
        return Kind.NUMBER

    def _special(self, call: Call) -> Kind:
        match call.function, call.arguments:
            case "or_zero", (number,) if not is_aggregate(number):
                self.require(number, Kind.NUMBER, OR_ZERO)
            case "one_of", (text, Name(path=("settings", str() as setting))):
                self.require(text, Kind.TEXT, ONE_OF)
                if self._known_setting(setting).options:
                    raise self._wrong(f"settings.{setting} is no list of words.")
            case "nth", (group, order):
                self.require(group, Kind.TEXT, NTH)
                self.require(order, Kind.TEXT, NTH)
            case _:
                raise self._wrong(f"{call.function} is not called like this.")
        return SPECIAL[call.function]

    def _without_words(self, function: Function, call: Call) -> tuple[Expression, ...]:
        if not function.words:
            return call.arguments
        match call.arguments[-1:]:
            case (Literal(value=str()),):
                return call.arguments[:-1]
        raise self._wrong(f"{call.function} ends with a text in quotes.")

    def _fixed(self, function: Function, call: Call, arguments: tuple[Expression, ...]) -> Kind:
        for argument, kind in zip(arguments, function.kinds(len(arguments)), strict=True):
            anything = call.function == "known"
            if not anything:
                self.require(argument, kind, f"what {call.function} takes")
            else:
                self.of(argument)
        return function.gives

    def _alike(self, call: Call) -> Kind:
        kinds = {self.of(argument) for argument in call.arguments}
        if len(kinds) == 1:
            return kinds.pop()
        if kinds == {Kind.TEXT, Kind.NUMBER}:
            return Kind.NUMBER
        raise self._wrong(f"{call.function} was given {' and '.join(sorted(kinds))}.")

    def _wrong(self, message: str) -> MappingInvalid:
        return MappingInvalid(self._place, message)
