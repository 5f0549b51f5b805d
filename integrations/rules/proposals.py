"""What a person sees of each column: examples, where it goes, how sure that is, and why."""

from __future__ import annotations

import re
from collections.abc import Callable

from integrations.rules.answers import AMOUNTS, EVENT_MEASURES, MEASURES, ColumnProposal
from integrations.rules.currencies import is_code
from integrations.rules.dates import understand as understand_date
from integrations.rules.layouts import GENERIC, layouts, left_out
from integrations.rules.numbers import Sort, shape_of
from integrations.rules.numbers import understand as understand_number
from integrations.rules.recognise import Recognised, Table

_MOSTLY = 0.8
_LEAST_WORD = 4
_NUMBERS = frozenset({*MEASURES, *EVENT_MEASURES, "spend_micros", "day_of_month"})
_DATES = frozenset({"day", "hour", "period_start", "period_end"})
_RATIO = re.compile(r"\b(?:per|avg|average|rate|share|cost /|/ cost)\b|%")


def propose(result: Recognised, table: Table) -> tuple[ColumnProposal, ...]:
    """One proposal per column of the file, in its order."""
    targets = {column: target for target, column in result.columns.items()}
    return tuple(
        _propose(at, targets.get(at, ""), result, table) for at in range(len(table.headers))
    )


def _propose(at: int, target: str, result: Recognised, table: Table) -> ColumnProposal:
    confidence, why = _judge(at, target, result, table)
    return ColumnProposal(
        position=at,
        header=table.headers[at],
        examples=table.examples(at),
        target=target,
        confidence=confidence,
        why=why,
        alternatives=tuple(_alternatives(at, target, result)),
    )


def _judge(at: int, target: str, result: Recognised, table: Table) -> tuple[float, str]:
    if not target:
        return _why_not(at, result)
    if target in result.chosen:
        return 1.0, "chosen by a person"
    if at in result.rivals:
        return 0.6, f"the other column that could be {result.rivals[at].replace('_', ' ')}"
    if target in result.condition:
        return 0.7, "counts only in rows whose result is a purchase"
    base = 0.9 if result.layout.key == GENERIC else 0.97
    fits = _fits(target, table.filled(at))
    if fits is None:
        return base, "name; no values to look at"
    if not fits:
        return 0.3, "the name fits, the values do not"
    currency = result.keys[at].currency if target in AMOUNTS else ""
    reasons = ["name", "values", *([f"currency {currency}"] if currency else [])]
    return min(0.99, round(base + 0.02 * len(reasons), 2)), ", ".join(reasons)


def _why_not(at: int, result: Recognised) -> tuple[float, str]:
    key = result.keys[at].key
    asked = {question.key for question in result.questions}
    meant = result.layout.columns.get(key) or result.layout.fallback.get(key)
    if meant in asked:
        return 0.5, f"one of several columns that could be {meant.replace('_', ' ')}; please choose"
    if key in left_out():
        return 1.0, f"not imported: {left_out()[key]}"
    if any(
        key == known and target in result.columns for known, target in result.layout.columns.items()
    ):
        return 0.5, "not imported: another column is taken for this"
    if key in result.layout.fallback:
        return 0.9, "not imported: a more exact column is there"
    return 0.0, "no export we know calls a column like this" if key else "the column has no name"


def _fits(target: str, cells: list[str]) -> bool | None:
    """Whether most of the cells look like what the target holds; None when there are none."""
    test = _test_of(target)
    if not cells or test is None:
        return None if not cells else True
    return sum(map(test, cells)) >= _MOSTLY * len(cells)


def _test_of(target: str) -> Callable[[str], bool] | None:
    if target in _NUMBERS:
        return _is_number
    if target in _DATES:
        return lambda cell: understand_date(cell).looks_like_date
    if target == "currency":
        return lambda cell: is_code(cell.upper())
    return None


def _is_number(cell: str) -> bool:
    return understand_number(shape_of(cell)).sort is not Sort.NOT_A_NUMBER


def _alternatives(at: int, target: str, result: Recognised) -> list[str]:
    """Other targets whose known names occur in the header as words."""
    key = result.keys[at].key
    if not key or _RATIO.search(key) or key in left_out():
        return []
    generic = layouts()[GENERIC]
    words = f" {key} "
    found = {
        known_target: len(known)
        for known, known_target in {**generic.columns, **generic.fallback}.items()
        if len(known) >= _LEAST_WORD and f" {known} " in words and known_target != target
    }
    return sorted(found, key=lambda name: (-found[name], name))
