"""What an answer means: good, try later, sign in again, or no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from integrations.rules.api.filling import at
from integrations.rules.api.grammar import Errors


class Kind(StrEnum):
    GOOD = "good"
    EXPIRED = "expired"
    LIMITED = "limited"
    BUSY = "busy"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Said:
    """The verdict on an answer, with the platform's own words where it refuses."""

    kind: Kind
    code: str = ""
    message: str = ""


def judge(errors: Errors, status: int, answer: Any) -> Said:
    """``answer`` is the JSON that came, None where there was none.

    The platform's own code counts before the status: some answer 200 to everything.
    """
    code = _first(answer, errors.code)
    message = _first(answer, errors.message)[:500]
    by_code = (
        (errors.expired, Kind.EXPIRED),
        (errors.limited, Kind.LIMITED),
        (errors.busy, Kind.BUSY),
    )
    for codes, kind in by_code:
        if code in codes:
            return Said(kind, code, message)
    return Said(_by_status(errors, status, code), code, message)


def _by_status(errors: Errors, status: int, code: str) -> Kind:
    if status == 401:
        return Kind.EXPIRED
    if status == 429:
        return Kind.LIMITED
    if status >= 500 or status == 408:
        return Kind.BUSY
    if not 200 <= status < 300 or (errors.ok and code and code not in errors.ok):
        return Kind.REFUSED
    return Kind.GOOD


def _first(answer: Any, places: tuple[str, ...]) -> str:
    for place in places:
        found = at(answer, place)
        if found not in (None, "", []):
            return str(found)
    return ""


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds the platform asks us to wait, given as a number or as a date; None where it says nothing."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return int(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds()) if text else None
    except (TypeError, ValueError):
        return None
