"""Which export this is and which column goes where; what is not clear becomes a question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from integrations.rules.answers import (
    DIMENSIONS,
    EVENT_MEASURES,
    MEASURES,
    Choice,
    FileRefused,
    LayoutFound,
    Question,
    RowProblem,
)
from integrations.rules.codes import Code
from integrations.rules.layouts import GENERIC, Header, Layout, layouts, normal
from integrations.rules.options import ReadOptions

# Targets that are read but do not become columns of their own.
HELPERS = ("period_end", "hour", "month_name", "day_of_month", "spend_micros", "event_name")
TARGETS = (*DIMENSIONS, *MEASURES, *HELPERS, *(m for m in EVENT_MEASURES if m not in MEASURES))
# Two columns for one of these are a question; of other texts the first column is taken.
_ONE_ONLY = frozenset(
    {"day", "campaign_name", "campaign_external_id", "currency", "period_start", "period_end"}
    | {*MEASURES, *EVENT_MEASURES, "event_name", "spend_micros"}
)
_NAMES = {
    "day": "the day",
    "month_name": "the month",
    "campaign_name": "the campaign",
    "spend": "the cost",
    "event_name": "the event",
    "event_count": "the number of events",
}


@dataclass(frozen=True, slots=True)
class Table:
    """The header row and the first data rows below it, as text."""

    headers: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]

    def examples(self, column: int, at_most: int = 3) -> tuple[str, ...]:
        """The first different filled cells of a column; zeros tell little, so they come last."""
        cells = dict.fromkeys(self.filled(column))
        return tuple(sorted(cells, key=lambda cell: not cell.strip("0.,")))[:at_most]

    def filled(self, column: int) -> list[str]:
        """All filled cells of a column among the samples."""
        cells = (row[column].strip() for row in self.samples if column < len(row))
        return [cell for cell in cells if cell]


@dataclass(slots=True)
class Recognised:
    """``columns``: target to column. ``chosen``: targets a person decided. ``condition``: target to
    (value column, condition column) for values that count only in some rows."""

    layout: Layout
    found: LayoutFound
    keys: tuple[Header, ...]
    columns: dict[str, int] = field(default_factory=dict)
    condition: dict[str, tuple[int, int]] = field(default_factory=dict)
    chosen: frozenset[str] = frozenset()
    rivals: dict[int, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    def header_currency(self, target: str) -> str:
        """The currency a column's header names, as in "Amount spent (USD)"."""
        column = self.columns.get(target)
        return self.keys[column].currency if column is not None else ""


def recognise(table: Table, options: ReadOptions) -> Recognised:
    """Find the layout, then a column for every target it knows."""
    keys = tuple(map(normal, table.headers))
    layout = _best_layout(keys, options.source)
    result = Recognised(layout, _found(layout, keys), keys)
    choices = _choices(table, keys, options)
    result.chosen = frozenset(choices)
    result.columns = {target: at for target, at in choices.items() if at is not None}
    _fill_from_layout(result, table, choices)
    _settle_months(result, table)
    _settle_conditions(result)
    return result


def layout_of(headers: Sequence[str]) -> Layout:
    """The layout that a header row speaks for."""
    return _best_layout(tuple(map(normal, headers)), None)


def _best_layout(keys: Sequence[Header], source: str | None) -> Layout:
    """The layout most of whose telling headers are here; the connection's own one if it ties."""
    present = {header.key for header in keys}
    ranked = [
        (len(layout.distinctive & present), layout.key == source, layout.key)
        for layout in layouts().values()
        if layout.key != GENERIC and len(layout.distinctive & present) >= layout.at_least
    ]
    if ranked:
        return layouts()[max(ranked)[2]]
    return layouts().get(source or GENERIC, layouts()[GENERIC])


def _found(layout: Layout, keys: Sequence[Header]) -> LayoutFound:
    present = {header.key for header in keys}
    telling = sorted(layout.distinctive & present)
    known = present & (set(layout.columns) | set(layout.fallback) | layout.distinctive)
    language = _language(layout, known)
    confidence = round(min(0.99, 0.5 + 0.15 * len(telling)), 2) if telling else 0.3
    why = (
        f"headers only {layout.name} writes: {', '.join(telling[:4])}"
        if telling
        else "no platform was recognised; columns go by their names"
    )
    return LayoutFound(
        layout.key, layout.name, layout.platform, layout.kind, language, confidence, why
    )


def _language(layout: Layout, known: set[str]) -> str:
    """The language most of the headers are written in; English wins a tie, since "" tells less."""
    count = Counter(
        language for key in known for language in layout.languages.get(key, ()) if language != "any"
    )
    if not count:
        return ""
    best = max(count.values())
    return "en" if count["en"] == best else min(name for name in count if count[name] == best)


def _choices(table: Table, keys: Sequence[Header], options: ReadOptions) -> dict[str, int | None]:
    """What a person decided: target to column, or to None when the file has no such column."""
    said = dict(options.mapping)
    said |= {key: value for key, value in options.settings.items() if is_column_choice(key)}
    return {target: _resolve(target, header, table, keys) for target, header in said.items()}


def is_column_choice(key: str) -> bool:
    """Whether a setting names a column for a target (``currency`` and ``account`` name a value)."""
    return (key in TARGETS or key.startswith("segment.")) and key not in {"currency", "account"}


def _resolve(target: str, header: str, table: Table, keys: Sequence[Header]) -> int | None:
    wanted = header.strip()
    if not wanted:
        return None
    if wanted[0] == "#" and wanted[1:].isascii() and wanted[1:].isdigit():
        number = int(wanted[1:6])
        matches = [number - 1] if 1 <= number <= len(table.headers) else []
    else:
        exact = [at for at, text in enumerate(table.headers) if text.strip() == wanted]
        matches = exact or [at for at, key in enumerate(keys) if key.key == normal(wanted).key]
    if not matches:
        raise FileRefused(
            Code.UNKNOWN_CHOICE,
            f"The file has no column “{wanted}”, which was chosen for {target}.",
            column=wanted,
        )
    if len(matches) > 1:
        raise FileRefused(
            Code.AMBIGUOUS_COLUMN,
            f"The file has {len(matches)} columns “{wanted}”; say which by its number, such as "
            f"#{matches[0] + 1}.",
            column=wanted,
        )
    return matches[0]


def _fill_from_layout(result: Recognised, table: Table, choices: Mapping[str, int | None]) -> None:
    taken = set(result.columns.values())
    candidates = _candidates(result.layout.columns, result.keys, taken)
    for target, columns in _candidates(result.layout.fallback, result.keys, taken).items():
        candidates.setdefault(target, columns)
    for target, columns in candidates.items():
        if target in choices:
            _note_rivals(result, target, columns)
        elif len(columns) == 1 or target not in _ONE_ONLY:
            result.columns[target] = columns[0]
        else:
            result.questions.append(_which_column(target, columns, table))
    if "spend" in result.columns or any(q.key == "spend" for q in result.questions):
        result.columns.pop("spend_micros", None)


def _candidates(
    known: Mapping[str, str], keys: Sequence[Header], taken: set[int]
) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for column, header in enumerate(keys):
        target = known.get(header.key)
        if target and column not in taken:
            found.setdefault(target, []).append(column)
    return found


def _note_rivals(result: Recognised, target: str, columns: list[int]) -> None:
    """The revenue column that was not chosen is kept as the value of the orders."""
    for column in columns:
        result.rivals[column] = target
    free = "order_value" not in result.columns and "order_value" not in result.chosen
    if target == "revenue" and columns and free:
        result.columns["order_value"] = columns[0]


def _which_column(target: str, columns: list[int], table: Table) -> Question:
    names = Counter(table.headers[column].strip() for column in columns)
    options = []
    for column in columns:
        header = table.headers[column].strip()
        value = header if names[header] == 1 else f"#{column + 1}"
        label = header if names[header] == 1 else f"{header} (column {column + 1})"
        options.append(Choice(value, label, ", ".join(table.examples(column))))
    listed = " and ".join(f"“{option.label}”" for option in options)
    sentence = f"{listed} could both be {target.replace('_', ' ')}. Which one counts?"
    return Question(target, Code.AMBIGUOUS_COLUMN, sentence, tuple(options))


def _settle_months(result: Recognised, table: Table) -> None:
    """A column "month" beside a column "day" of small numbers is a date in two parts.

    So are the two that a person named as such; a day the layout only supposed gives way to them.
    """
    month, day = result.columns.get("month_name"), result.columns.get("day")
    if month is None:
        return
    if "day_of_month" in result.columns:
        if "day" not in result.chosen:
            result.columns.pop("day", None)
        return
    if day is not None and _are_days_of_month(table.filled(day)):
        result.columns["day_of_month"] = result.columns.pop("day")
    elif day is not None or "period_start" in result.columns:
        result.columns.pop("month_name")
    else:
        result.columns["day"] = result.columns.pop("month_name")


def _are_days_of_month(cells: list[str]) -> bool:
    return bool(cells) and all(
        cell.isascii() and cell.isdigit() and len(cell) <= 2 and 1 <= int(cell) <= 31
        for cell in cells
    )


def _settle_conditions(result: Recognised) -> None:
    positions = {header.key: column for column, header in reversed(list(enumerate(result.keys)))}
    for target, rule in result.layout.conditional.items():
        value = next((positions[key] for key in rule.value if key in positions), None)
        when = next((positions[key] for key in rule.when if key in positions), None)
        if target not in result.columns and value is not None and when is not None:
            result.columns[target] = value
            result.condition[target] = (value, when)


def require(result: Recognised, table: Table, *, has_period: bool) -> None:
    """Ask for every column without which the rows mean nothing.

    ``has_period``: the lines above the header name the days, so a day column is not needed to know
    what the rows cover.
    """
    for target in _missing(result, has_period=has_period):
        if any(question.key == target for question in result.questions):
            continue
        name = _NAMES.get(target, target)
        result.problems.append(
            RowProblem(
                None,
                target,
                Code.MISSING_COLUMN,
                f"There is no column for {name}. Add it to the export"
                + (" (segment by day)." if target == "day" else ", or say which column it is."),
            )
        )
        result.questions.append(_where_is(target, name, result, table))


def _missing(result: Recognised, *, has_period: bool) -> list[str]:
    columns = result.columns
    if result.layout.required:
        return [group[0] for group in result.layout.required if not set(group) & set(columns)]
    has_day = (
        "day" in columns
        or "hour" in columns
        or {"period_start", "period_end"} <= set(columns)
        or {"month_name", "day_of_month"} <= set(columns)
        or has_period
    )
    if result.layout.kind == "events":
        wanted = {"event_name": "event_name" in columns, "event_count": "event_count" in columns}
    else:
        wanted = {
            "campaign_name": "campaign_name" in columns or "campaign_external_id" in columns,
            "spend": "spend" in columns or "spend_micros" in columns or "spend" in result.chosen,
        }
    day = "month_name" if "day_of_month" in columns else "day"
    return [target for target, there in {day: has_day, **wanted}.items() if not there]


def _where_is(target: str, name: str, result: Recognised, table: Table) -> Question:
    free = [at for at in range(len(table.headers)) if at not in result.columns.values()]
    options = tuple(
        Choice(f"#{at + 1}", table.headers[at].strip(), ", ".join(table.examples(at)))
        for at in free
        if table.headers[at].strip()
    )
    return Question(target, Code.MISSING_COLUMN, f"Which column is {name}?", options)
