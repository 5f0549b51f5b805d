"""An API's answers unpacked into the tables a warehouse would make of them.

From there on there is one way for both. Numbers keep the digits they were written with: JSON is
read without floats.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd

from integrations.rules.connector.engine import apply
from integrations.rules.connector.expressions import Call, Expression, Literal, Name
from integrations.rules.connector.grammar import Connector, Page
from integrations.rules.connector.problems import RowsRefused
from integrations.rules.connector.values import TEXT_TYPE, Column, Kind, same, texts_of

UP = "up"

# One item of a list in an answer, and the rows around it, the nearest last.
_Item: TypeAlias = tuple[Any, ...]


def read_json(text: str | bytes) -> Any:
    """JSON with every number as it was written."""
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)


def pages_to_tables(pages: Iterable[Any], connector: Connector) -> dict[str, pd.DataFrame]:
    """All answers to one request (read with ``read_json``) as the tables they tell of.

    A page may be a list of pages. Raises ``RowsRefused`` for an answer of another shape.
    """
    flat = [each for page in pages for each in (page if isinstance(page, list) else [page])]
    made = {table: _table(flat, page, table) for table, page in connector.pages.items()}
    return {table: rows for table, rows in made.items() if _is_told(rows, connector, table)}


def _is_told(rows: pd.DataFrame, connector: Connector, table: str) -> bool:
    """Whether an answer tells of a table at all: its rows can be told apart, and a list inside of
    rows stands in one of them at least."""
    declared = connector.tables[table]
    is_inner = len(connector.pages[table].rows) > 1
    return set(declared.key) - declared.optional <= set(rows) and not (is_inner and rows.empty)


def _table(answers: Sequence[Any], page: Page, table: str) -> pd.DataFrame:
    items = [item for answer in answers for item in _items((answer,), page.rows, table)]
    index = pd.RangeIndex(len(items))
    columns = {name: _value(each, items, index) for name, each in page.columns.items()}
    # A value that no row has was not asked for, which is not the same as having none.
    there = {name: texts_of(column) for name, column in columns.items() if column.notna().any()}
    return pd.DataFrame(there if items else columns, index=index)


def _items(item: _Item, steps: Sequence[str], table: str) -> Iterator[_Item]:
    if not steps:
        yield item
        return
    found = item[-1].get(steps[0]) if isinstance(item[-1], Mapping) else None
    if found is None and (len(item) > 1 or isinstance(item[-1], Mapping)):
        return
    if not isinstance(found, list):
        raise RowsRefused(
            f"The answer has no list “{steps[0]}” to read {table} from.",
            "The platform may have answered with an error, or with a newer version of its API.",
        )
    for each in found:
        yield from _items((*item, each), steps[1:], table)


def _value(expression: Expression, items: Sequence[_Item], index: pd.Index[Any]) -> Column:
    match expression:
        case Literal(value=value):
            return same(Kind.TEXT, str(value), index)
        case Name(path=path):
            return pd.Series([_found(item, path) for item in items], index=index, dtype=TEXT_TYPE)
        case Call():
            return apply(expression, lambda argument: _value(argument, items, index))


def _found(item: _Item, path: Sequence[str | int]) -> str | None:
    """What stands at the end of a way into a row, as text; None where the way ends before."""
    depth = next((at for at, step in enumerate(path) if step != UP), len(path))
    value = item[-1 - depth]
    for step in path[depth:]:
        if isinstance(value, Mapping):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step] if step < len(value) else None
        else:
            return None
    return _text(value)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
