"""What can be wrong: the mapping file, or the rows that were given to it."""

from __future__ import annotations


class MappingInvalid(Exception):
    """A mapping file does not follow the grammar; says the file, the place in it, and why."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place
        self.message = message


class RowsRefused(Exception):
    """The rows cannot be read as the mapping says: one sentence for a person and what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
