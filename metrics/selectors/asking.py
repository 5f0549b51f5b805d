"""A question as a URL writes it: ``metrics=spend,roas&by=campaign&period=2026-10&channel=search``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from core.errors import Invalid
from core.known import known_at
from core.models import Organisation
from core.periods import Period
from metrics.rules.moments import as_of_moment
from metrics.selectors.dimensions import DIMENSIONS, SEGMENT_PREFIX

MAX_ROWS = 10_000
OWN = {"metrics", "by", "period", "as_of", "currency", "compare", "order", "limit", "mature"}


def question(given: QueryDict, *, today: date) -> dict[str, Any]:
    """What ``query`` takes; raises ``Invalid`` for what it would not understand."""
    as_of = as_of_moment(_one_text(given, "as_of"))
    return timeless(given, today=today) | {"as_of": as_of}


def timeless(given: QueryDict, *, today: date) -> dict[str, Any]:
    """The same without its moment, where the page or answer is read as of one already."""
    calendar = Organisation.current().calendar
    compare: Any = _one_text(given, "compare") or None
    if compare and compare not in ("previous", "year"):
        compare = calendar.parse(compare, today=today)
    period = _one_text(given, "period")
    if not period:
        raise Invalid("Say which period.", where="period", remedy="For example period=2026-10.")
    return {
        "metrics": _listed(given, "metrics"),
        "by": _listed(given, "by"),
        "where": {key: given.getlist(key) for key in given if _is_filter(key)},
        "period": calendar.parse(period, today=today),
        "compare": compare,
        "currency": _one_text(given, "currency") or None,
        "order": _listed(given, "order"),
        "limit": _limit(_one_text(given, "limit")),
        "mature": _is_yes(_one_text(given, "mature")),
    }


def question_text(
    metrics: Sequence[str],
    period: Period,
    *,
    where: Mapping[str, Any] | None = None,
    currency: str = "",
    as_of: datetime | None = None,
) -> str:
    """The same, to be put behind a ``?``; as of the page's moment unless another is given."""
    at = as_of or known_at()
    asked = {
        "metrics": ",".join(metrics),
        "period": f"{period.start}..{period.end}",
        **(where or {}),
        "currency": currency,
        "as_of": at.isoformat() if at else "",
    }
    given = {key: value for key, value in asked.items() if value != ""}
    return urlencode(given, doseq=True, safe=",:")


def where_from(
    metrics: Sequence[str],
    period: Period,
    where: Mapping[str, Any] | None = None,
    currency: str = "",
) -> str:
    """The address of what stands behind these figures: facts, imports, rows of files."""
    asked = question_text(metrics, period, where=where, currency=currency)
    return f"{reverse('metrics:lineage')}?{asked}"


def points_from(
    metric: str,
    starts: Sequence[date],
    period: Period,
    where: Mapping[str, Any] | None = None,
    currency: str = "",
) -> list[str]:
    """The same for each point of a line; a point reaches to the next one, the last to the end."""
    day = timedelta(days=1)
    step = min((b - a for a, b in pairwise(starts)), default=day)
    found = []
    for start in starts:
        first, last = max(start, period.start), min(start + step - day, period.end)
        found.append(where_from([metric], Period("point", first, last), where, currency))
    return found


def _one_text(given: QueryDict, name: str) -> str:
    return given.getlist(name)[-1] if name in given else ""


def _listed(given: QueryDict, name: str) -> list[str]:
    return [part.strip() for part in ",".join(given.getlist(name)).split(",") if part.strip()]


def _is_filter(key: str) -> bool:
    """Every other parameter must be a dimension: a typing error never widens an answer."""
    if key in OWN:
        # ``currency`` asks for a conversion; lines of one are chosen by where they are.
        return False
    if key in DIMENSIONS or key.startswith(SEGMENT_PREFIX):
        return True
    raise Invalid(f"“{key}” is not a parameter of the query.", code="unknown_dimension", where=key)


def _is_yes(text: str) -> bool:
    if text.lower() not in ("", "true", "false"):
        raise Invalid(f"“{text}” is neither true nor false.", where="mature")
    return text.lower() == "true"


def _limit(text: str) -> int:
    if not text:
        return MAX_ROWS
    if not text.isdecimal() or not 0 < int(text) <= MAX_ROWS:
        raise Invalid(f"A limit goes from 1 to {MAX_ROWS}.", where="limit")
    return int(text)
