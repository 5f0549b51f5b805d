"""Customer records as they were known at a moment, for chances: what was known, what came of it.

timelines   what happened to whom, in order
attributes  what a record said at a moment, before later imports changed it
people      leads
accounts    customers: leaving and buying more
tables      the same as a table with flags, as text that can be hashed and read again
"""

from insights.selectors.scoring.accounts import Accounts
from insights.selectors.scoring.people import Leads
from insights.selectors.scoring.tables import Columns, read_table, written_table
from insights.selectors.scoring.timelines import Book, Came, Look, Subject

__all__ = [
    "Accounts",
    "Book",
    "Came",
    "Columns",
    "Leads",
    "Look",
    "Subject",
    "book_of",
    "read_table",
    "written_table",
]

from collections.abc import Collection
from datetime import datetime

from insights.rules.scores import LEADS


def book_of(kind: str, path: str, now: datetime, only: Collection[int] | None = None) -> Book:
    """The records that a kind of chance is about, of a team and everything below it."""
    if kind == LEADS:
        return Leads(path, now, only)
    return Accounts(kind, path, now, only)
