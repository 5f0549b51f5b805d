"""Lines with half a year of ordinary days, and an outage of their conversions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from campaigns.models import CampaignLine
from insights.models import Finding
from insights.services import daily_check
from tests.cast import Cast
from tests.world import load_rows, make_line

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
LAST = date(2026, 11, 21)
# Four days of an outage that ended a month before the last day.
LOST = tuple(date(2026, 10, 20) + timedelta(days=n) for n in range(4))
DAYS = 150


def ordinary(line: CampaignLine, day: date, *, conversions: int | None = None) -> dict[str, Any]:
    """A day like others: its weekday, and a little scatter that is always the same."""
    wobble = (day.toordinal() * 7919 + line.pk * 104_729) % 21 - 10
    clicks = 1000 + 10 * wobble + (150 if day.weekday() > 4 else 0)
    usual = round(clicks * (0.05 + 0.0003 * ((day.toordinal() * 31 + line.pk) % 11 - 5)))
    count = usual if conversions is None else conversions
    return {
        "line": line, "day": day, "impressions": clicks * 40, "clicks": clicks,
        "spend": f"{clicks * 0.4:.2f}", "conversions": count, "revenue": f"{count * 30}",
    }  # fmt: skip


def months(
    lines: Sequence[CampaignLine],
    *,
    lost: Collection[date] = LOST,
    days: int = DAYS,
    last: date = LAST,
    overrides: Mapping[date, Mapping[str, Any]] | None = None,
) -> Iterator[dict[str, Any]]:
    """Every day of every line, without conversions on the lost ones."""
    for line in lines:
        for ago in range(days - 1, -1, -1):
            day = last - timedelta(days=ago)
            row = ordinary(line, day, conversions=0 if day in lost else None)
            yield row | dict((overrides or {}).get(day, {}))


def a_storm(cast: Cast, count: int = 3) -> list[CampaignLine]:
    """Lines of DACH that lost their conversions on the same days, known this morning."""
    lines = [make_line(cast, channel="social", name=f"Social {n}") for n in range(count)]
    load_rows(months(lines), known_at=NOW - timedelta(hours=1))
    return lines


def check(days: int = 0) -> dict[str, int]:
    return daily_check(now=NOW + timedelta(days=days))["anomalies"]


def incident(cast: Cast) -> Finding:
    """One incident of DACH, as the daily check keeps it."""
    a_storm(cast, 1)
    check()
    return Finding.objects.get(kind=Finding.Kind.ANOMALY)


def by_rule(cast: Cast) -> Finding:
    """An incident of DACH as the check writes them, without half a year of facts."""
    line = make_line(cast, channel="social")
    return Finding.objects.create(
        kind=Finding.Kind.ANOMALY, cause=f"anomaly:cvr:drop:2026-11-01:line:{line.pk}",
        team=cast.dach, campaign=line.campaign, line=line, metric="cvr",
        title=f"Conversion rate of {line} fell to nothing, 1\u20134 Nov", reason="Nothing came.",
        window_start=date(2026, 11, 1), window_end=date(2026, 11, 4),
        evidence={
            "lines": [line.pk], "way": "drop", "good": False, "running": False, "storm": "cvr:drop",
            "result": "revenue", "score": "3.1", "threshold": "2.5", "observed": "0.0",
            "expected": "0.05", "range": ["0.04", "0.06"], "n": 100, "method": "By rule",
            "no_advice": "check the tag.", "unit": "percent", "quiet": True, "severity": "critical",
            "facts": [["Seen", "0 %"], ["Expected", "5 %"], ["Would have been usual", "4 % to 6 %"]],
            "series": {"first": "2026-11-01", "values": ["0.05", "0.0"], "low": ["0.04", "0.04"],
                       "high": ["0.06", "0.06"]},
        },
        stake_micros=12_000_000_000, currency="EUR", found_at=NOW, seen_at=NOW,
    )  # fmt: skip
