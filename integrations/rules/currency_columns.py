"""The currency of every row: a column, the headers, signs beside the amounts, or the account's."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.money import COMMON_CURRENCIES
from integrations.rules.answers import AMOUNTS, Caution, Choice, FileRefused, Question
from integrations.rules.cells import Column, changed, constant
from integrations.rules.codes import Code
from integrations.rules.currencies import is_code, signs
from integrations.rules.issues import Issues
from integrations.rules.measures import Measured
from integrations.rules.number_columns import FINE
from integrations.rules.options import ReadOptions
from integrations.rules.recognise import Recognised


@dataclass(slots=True)
class Currencies:
    """``codes``: ISO code per data record, "" where a row names none it may have."""

    codes: Column
    cautions: list[Caution] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def currencies_of(
    count: int,
    named: Column | None,
    found: Recognised,
    measured: Measured,
    options: ReadOptions,
    issues: Issues,
) -> Currencies:
    """Settle the currency of ``count`` data records; adds row problems where two names disagree."""
    if named is not None:
        return _from_column(named, found, measured, issues)
    by_header = {found.header_currency(target) for target in AMOUNTS} - {""}
    codes = set(filter(is_code, by_header))
    if len(codes) > 1 or any(not codes <= signs()[mark] for mark in by_header):
        raise _mixed(by_header)
    if not codes:
        return _from_signs(count, by_header, measured, options)
    column = constant(codes.pop(), count)
    _check_signs(column, measured, issues)
    return Currencies(column)


def _from_column(
    named: Column, found: Recognised, measured: Measured, issues: Issues
) -> Currencies:
    at = found.columns["currency"]
    codes = changed(named, lambda text: text.strip().upper())
    spends = _rows_with_amounts(measured, len(codes.codes))
    blank = codes.among({""}) & spends
    issues.add_all(blank, at, Code.INVALID_CURRENCY, "The row has an amount but no currency.")
    issues.add_values(
        codes, _is_wrong, at, Code.INVALID_CURRENCY, "“{value}” is no currency code such as EUR."
    )
    _check_headers(codes, found, measured, issues)
    _check_signs(codes, measured, issues)
    return Currencies(codes)


def _is_wrong(text: str) -> bool:
    return bool(text) and not is_code(text)


def _rows_with_amounts(
    measured: Measured, count: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    there = np.zeros(count, dtype=bool)
    for target in AMOUNTS:
        if target in measured.numbers:
            there |= measured.numbers[target].states == FINE
    return there


def _check_headers(codes: Column, found: Recognised, measured: Measured, issues: Issues) -> None:
    for target, at in measured.columns.items():
        code = found.header_currency(target)
        if code and target in AMOUNTS:
            sentence = f"The header says {code}, the currency column says otherwise."
            issues.add_all(~codes.among({""} | signs()[code]), at, Code.CURRENCY_MISMATCH, sentence)


def _check_signs(codes: Column, measured: Measured, issues: Issues) -> None:
    """A sign beside an amount must be able to mean the currency the row names."""
    for target in AMOUNTS:
        for sign, written in measured.signs.get(target, {}).items():
            issues.add_all(
                written & ~codes.among(signs()[sign]),
                measured.columns[target],
                Code.CURRENCY_MISMATCH,
                f"The amount is written with {sign}, but the file names another currency.",
            )


def _from_signs(
    count: int, by_header: set[str], measured: Measured, options: ReadOptions
) -> Currencies:
    used = by_header | {sign for target in AMOUNTS for sign in measured.signs.get(target, ())}
    chosen = options.settings.get("currency", "").upper() or None
    if not used:
        return _assumed(count, chosen or options.currency, chosen is not None)
    possible = frozenset.intersection(*(signs()[sign] for sign in used))
    if not possible:
        raise _mixed(used)
    if chosen in possible or options.currency in possible or len(possible) == 1:
        code = chosen if chosen in possible else options.currency
        return Currencies(constant(str(code if code in possible else min(possible)), count))
    sentence = f"The amounts are written with {', '.join(sorted(used))}. Which currency is that?"
    return _ask(count, sentence, tuple(sorted(possible)))


def _assumed(count: int, code: str | None, chosen: bool) -> Currencies:
    """The file names no currency: the account's, or the one a person said."""
    if code is None:
        return _ask(count, "The file names no currency. Which one is it?", COMMON_CURRENCIES)
    if not is_code(code):
        raise FileRefused(Code.UNKNOWN_CHOICE, f"“{code}” is no currency code such as EUR.")
    if chosen:
        return Currencies(constant(code, count))
    sentence = f"The file names no currency; the account's, {code}, was taken."
    return Currencies(constant(code, count), [Caution(Code.CURRENCY_ASSUMED, sentence)])


def _ask(count: int, sentence: str, codes: tuple[str, ...]) -> Currencies:
    options = tuple(Choice(code, code) for code in codes)
    question = Question("currency", Code.AMBIGUOUS_CURRENCY, sentence, options, free=True)
    return Currencies(constant("", count), questions=[question])


def _mixed(what: set[str]) -> FileRefused:
    return FileRefused(
        Code.MIXED_CURRENCY,
        f"The file holds several currencies ({', '.join(sorted(what))}), which are never added. "
        "Export each account by itself.",
    )


def refuse_mixture(codes: Column, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> None:
    """Refuse a file whose good rows are in more than one currency."""
    kept = {codes.values[int(code)] for code in np.unique(codes.codes[keep])} - {""}
    if len(kept) > 1:
        raise _mixed(kept)
