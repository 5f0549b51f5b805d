"""Errors that a person can act on, in one shape for pages, the API and commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class AdroitError(Exception):
    """Something a person asked for cannot be done.

    ``message`` says what and why in one sentence, ``remedy`` what to do next,
    ``where`` the field, row or object concerned.
    """

    status = 400
    code = "error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        where: str = "",
        remedy: str = "",
        details: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.where = where
        self.remedy = remedy
        self.details = tuple(details)

    @property
    def place(self) -> str:
        """``where`` as a person reads it ("row 12"); the name of a field is for programs only."""
        return self.where if " " in self.where else ""

    def as_dict(self) -> dict[str, Any]:
        """The one error shape: ``{"error": {"code", "message", "where", "remedy", "details"}}``."""
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "where": self.where,
                "remedy": self.remedy,
                "details": [dict(item) for item in self.details],
            }
        }


class Invalid(AdroitError):
    """The input is wrong; nothing was changed."""

    status = 422
    code = "invalid"


class NotAllowed(AdroitError):
    """In sight, but not allowed (out of sight is a 404)."""

    status = 403
    code = "not_allowed"


class Conflict(AdroitError):
    """The thing changed, was decided, or is in a state that does not allow this."""

    status = 409
    code = "conflict"


class TooThin(AdroitError):
    """There is not enough data for an honest answer."""

    status = 422
    code = "not_enough_data"


class TooSlow(AdroitError):
    """The database was given no more time for the question."""

    status = 503
    code = "too_slow"


class NoSpace(AdroitError):
    """A disk is full, of the files or of the database; nothing was changed."""

    status = 507
    code = "no_space"
