"""What must be true before a document is drawn: every figure defined, used, and every sum right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import datetime

from reporting.rules.pack.content.documents import Sum
from reporting.rules.pack.content.follow_up import (
    AlertGroup,
    AlertsPage,
    BudgetPage,
    ChangesPage,
)
from reporting.rules.pack.content.performance import ChannelsPage
from reporting.rules.pack.errors import PackError, PartsDoNotAddUp, UnusedFigure
from reporting.rules.pack.figures import FigureStore, Ref, checked, refs_in
from reporting.rules.pack.numerals import printed_number


def check_usage(content: object, store: FigureStore) -> None:
    """Raises ``UndefinedFigure`` or ``UnusedFigure`` for ids that do not pair up."""
    used = {ref.id for ref in refs_in(content)}
    for name in sorted(used):
        store[Ref(name)]
    if unused := sorted(set(store.figures) - used):
        raise UnusedFigure(f"Defined but printed nowhere: {', '.join(unused[:5])}.")
    if empty := sorted(name for name, members in store.members.items() if not members):
        raise UnusedFigure(f"A provenance without a figure: {', '.join(empty[:5])}.")


def check_printed(printed: Iterable[str], store: FigureStore) -> None:
    """Raises ``UnusedFigure`` when a figure the content refers to did not reach paper."""
    if lost := sorted(set(store.figures) - set(printed)):
        raise UnusedFigure(f"Referred to but not drawn: {', '.join(lost[:5])}.")


def check_words(content: object) -> None:
    """Raises ``NumberWithoutFigure`` for a digit in any field declared as ``Sentence`` or ``Words``."""
    if isinstance(content, tuple):
        for item in content:
            check_words(item)
    elif is_dataclass(content):
        for item in fields(content):
            value = getattr(content, item.name)
            if item.type == "Sentence":
                checked(value)
            elif item.type == "Words":
                checked((value,))
            else:
                check_words(value)


def check_moment(moment: datetime) -> None:
    """Raises ``PackError`` for a moment without a time zone: as-of would be ambiguous."""
    if moment.utcoffset() is None or moment.utcoffset():
        raise PackError("An as-of moment must be in UTC.", where=str(moment))


def check_sums(sums: Iterable[Sum], store: FigureStore) -> None:
    """Raises ``PartsDoNotAddUp`` unless the printed parts sum to the printed total, unit by unit."""
    for item in sums:
        total, parts = store[item.total], [store[part] for part in item.parts]
        units = {_unit(figure.text) for figure in (total, *parts)}
        if len(units) > 1:
            raise PartsDoNotAddUp(
                f"The parts of {total.id} are printed in different units: {sorted(units)}."
            )
        found = sum(printed_number(part.text) for part in parts)
        if found != printed_number(total.text):
            raise PartsDoNotAddUp(
                f"{total.label or total.id} prints {total.text}, its parts sum to {found}.",
                remedy="Round the parts with parts_that_add_up.",
            )


def _unit(text: str) -> str:
    return "".join(character for character in text if character not in "0123456789.,+-−–\u00a0 ")


def sums_of(pages: Iterable[object]) -> list[Sum]:
    """The sums that pages promise by their form: total rows, groups with a total, bridges."""
    found: list[Sum] = []
    for page in pages:
        if isinstance(page, ChannelsPage):
            found += _column_sums(page, ("spend", "revenue"))
        elif isinstance(page, BudgetPage):
            found += _column_sums(page, ("planned", "actual", "committed", "available"))
        elif isinstance(page, AlertsPage):
            found += [_group_sum(group) for group in page.groups if group.total and group.rows]
        elif isinstance(page, ChangesPage) and page.bridge is not None:
            bridge = page.bridge
            found.append(Sum(bridge.end, (bridge.start, *(step.figure for step in bridge.steps))))
    return [item for item in found if item.parts]


def _group_sum(group: AlertGroup) -> Sum:
    stakes = tuple(row.stake for row in group.rows if row.stake is not None)
    return Sum(group.total or stakes[0], stakes)


def _column_sums(page: ChannelsPage | BudgetPage, names: Iterable[str]) -> list[Sum]:
    found = []
    for name in names:
        total = getattr(page.total, name)
        parts = tuple(getattr(row, name) for row in page.rows)
        if total is not None and all(parts):
            found.append(Sum(total, parts))
    return found


def digest(content: object) -> str:
    """SHA-256 over everything the document says, in hexadecimal; the same content gives the same digest."""
    lines: list[str] = []
    _write_canonical(content, lines)
    return hashlib.sha256("\n".join(lines).encode(errors="backslashreplace")).hexdigest()


def _write_canonical(value: object, lines: list[str]) -> None:
    """One line a leaf, named by its type; tuples in brackets, records with the names of their fields."""
    if isinstance(value, tuple):
        lines.append("(")
        for item in value:
            _write_canonical(item, lines)
        lines.append(")")
    elif is_dataclass(value) and not isinstance(value, type):
        lines.append(type(value).__name__)
        for name in value.__dataclass_fields__:
            lines.append(f".{name}")
            _write_canonical(getattr(value, name), lines)
    else:
        text = f"{type(value).__name__}:{value!s}"
        lines.append(text.replace("\\", "\\\\").replace("\n", "\\n"))
