"""What can go wrong with a platform, each with its remedy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.errors import AdroitError, Conflict
from core.text import cut

LONGEST = 400


class PlatformError(AdroitError):
    """The platform did not give what was asked for."""

    status = 409
    code = "platform"

    def __init__(self, message: str, **more: Any) -> None:
        """Platforms answer with whole pages at times; a person reads the beginning."""
        super().__init__(cut(" ".join(message.split()), LONGEST), **more)


class SignInAgain(PlatformError):
    """The credentials do not work any more; no repetition helps."""

    code = "sign_in_again"


class Later(PlatformError):
    """The platform allows no more for a while."""

    code = "later"

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message, remedy="Nothing to do: it goes on by itself.")
        self.until = until


class Unavailable(PlatformError):
    """No answer, or one that says the platform is out of order; whether it acted is not known."""

    code = "unavailable"


class Unreadable(PlatformError):
    """The platform answered, but not in the form it documents."""

    code = "unreadable"


class Refused(PlatformError):
    """The platform says no, in its own words."""

    code = "refused_by_platform"


class Busy(Conflict):
    """Somebody else is at work on this account now."""

    code = "busy"
