"""What people typed and ticked in forms without fields, as the database can hold it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, QueryDict

from core.tables import Table

LONGEST_KEY = 18  # digits that certainly fit into a key


def typed(request: HttpRequest, name: str) -> str:
    """The text of a field; NUL characters, which no column takes, are dropped."""
    return str(request.POST.get(name, "")).replace("\0", "")


def keys(texts: Iterable[str]) -> list[int]:
    """Those of the texts that can be keys of rows."""
    return [int(text) for text in texts if text.isdecimal() and len(text) <= LONGEST_KEY]


def filters_of(request: HttpRequest) -> QueryDict:
    """The filters of the page the rows were ticked on."""
    return QueryDict(typed(request, "filters").lstrip("?"))


def left_by_search(table: Table, query: QueryDict) -> Any:
    """All rows that the search box of that page left, as its "all" says."""
    table.state.q = query.get("q", "").replace("\0", "").strip()
    return table.rows
