"""Names as the database tells them apart: by its own ``lower()``, asked once for many."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection


class Folded:
    """The folded form of each name; what was not asked for at first is asked for when needed."""

    def __init__(self, names: Iterable[str]) -> None:
        self._known = folded(names)

    def learn(self, name: str, form: str) -> None:
        """Take over what a query has folded already."""
        self._known[name] = form

    def of(self, name: str) -> str:
        if name not in self._known:
            self._known |= folded([name])
        return self._known[name]


def folded(names: Iterable[str]) -> dict[str, str]:
    """Each name and how the unique indexes on ``lower(name)`` see it."""
    asked = sorted(set(names))
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, lower(name) FROM unnest(%s::text[]) AS name", [asked])
        return dict(cursor.fetchall())
