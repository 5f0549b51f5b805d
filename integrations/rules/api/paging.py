"""Which page comes next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from integrations.rules.api.filling import at
from integrations.rules.api.grammar import Paging

# What is remembered between two pages: {"token": "..."}, {"offset": 500} and so on.
Cursor = dict[str, Any]


def following(paging: Paging, answer: Any, items: Sequence[Any], cursor: Cursor) -> Cursor | None:
    """The cursor of the page after this one, None after the last.

    ``items`` are those of this page, ``cursor`` what it was asked with.
    """
    count = len(items)
    if paging.kind == "none" or (paging.unless and not at(answer, paging.unless)):
        return None
    if paging.kind == "offset":
        return _offset(paging, answer, count, cursor)
    if paging.kind == "keyset":
        answer = items[-1] if items else None
    told = at(answer, paging.source)
    if paging.kind == "page":
        page = int(cursor.get("value", 1))
        return {"value": page + 1} if told and page < int(told) and count else None
    return {"value": told} if told and told != cursor.get("value") else None


def _offset(paging: Paging, answer: Any, count: int, cursor: Cursor) -> Cursor | None:
    reached = int(cursor.get("value", 0)) + count
    total = at(answer, paging.source) if paging.source else None
    if not count or (total is not None and reached >= int(total)):
        return None
    return {"value": reached} if total is not None or count >= paging.size else None
