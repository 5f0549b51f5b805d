"""Months as people read them."""

from __future__ import annotations

from collections.abc import Iterable

from core.periods import MONTH_NAMES


def month_heads(labels: Iterable[str]) -> list[str]:
    """ "Nov 2026", "Dec", "Jan 2027", "Feb": the year only where it begins, for heads of columns."""
    heads, year = list[str](), ""
    for label in labels:
        name, _, own = label.rpartition(" ")
        heads.append(label if own != year else name)
        year = own
    return heads


def month_spans(keys: Iterable[str]) -> str:
    """ "Mar to May 2027, Aug 2027": months that follow each other in one piece."""
    runs: list[list[str]] = []
    for key in sorted(set(keys)):
        if runs and _next(runs[-1][-1]) == key:
            runs[-1].append(key)
        else:
            runs.append([key])
    return ", ".join(_span(run[0], run[-1]) for run in runs)


def _next(key: str) -> str:
    year, month = (int(part) for part in key.split("-"))
    return f"{year + month // 12}-{month % 12 + 1:02}"


def _span(first: str, last: str) -> str:
    if first == last:
        return month_name(first)
    start = month_name(first)
    return f"{start[:3] if first[:4] == last[:4] else start} to {month_name(last)}"


def month_name(key: str) -> str:
    """ "Nov 2026" for "2026-11"; anything else stays as it is."""
    year, _, number = key.partition("-")
    if len(key) == 7 and number.isdecimal() and 1 <= int(number) <= 12:
        return f"{MONTH_NAMES[int(number) - 1]} {year}"
    return key
