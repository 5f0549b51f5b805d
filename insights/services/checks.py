"""The daily check: target, pace, trend and budget, compared for every live campaign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from insights.models import Finding
from insights.services.findings import Found, findings_sync
from insights.services.recommendations import recommend_for
from insights.services.trends import falling_returns

TREND_KINDS = (Finding.Kind.TREND,)
TARGET_KINDS = (Finding.Kind.TARGET_MISS, Finding.Kind.PACE)


def daily_check(*, now: datetime) -> dict[str, dict[str, int]]:
    """Schedule: look at everything, keep what holds, end what does not, advise what to do."""
    result = {
        "trend": _sync(TREND_KINDS, falling_returns(at=now), now),
    }
    for finding in (
        Finding.objects.open().filter(kind=Finding.Kind.TREND).select_related("team__parent")
    ):
        recommend_for(finding, at=now)
    return result


def _sync(kinds: Sequence[str], found: Iterator[Found], at: datetime) -> dict[str, int]:
    return asdict(findings_sync(kinds=kinds, found=found, at=at))
