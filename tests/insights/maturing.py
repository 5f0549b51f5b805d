"""Facts that came in every morning and grew as their platform restated them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from campaigns.models import AdAccount, CampaignLine
from tests.cast import Cast
from tests.world import load_rows, make_line

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
# What is known of a day 1, 2, 3 ... days later; final from the fifth on.
SHARES = (0.0, 0.5, 0.7, 0.85, 0.95, 1.0)
# Settled on the day from which on less than 1 % is to come.
FINAL = 5


def known_share(age: int, shares: Sequence[float] = SHARES) -> float:
    return shares[min(age, len(shares) - 1)]


def line_on(
    cast: Cast, platform: str = "google_ads", *, currency: str = "EUR", **fields: Any
) -> CampaignLine:
    """A line in an ad account of a platform."""
    account, _ = AdAccount.objects.get_or_create(
        platform=platform, external_id=f"{platform}-{currency}",
        defaults={"name": platform, "currency": currency, "team": cast.dach},
    )  # fmt: skip
    line = make_line(cast, currency=currency, **fields)
    line.ad_account = account
    line.save(update_fields=["ad_account"])
    return line


def come_in(
    lines: Iterable[CampaignLine],
    *,
    mornings: int = 10,
    final: int = 200,
    shares: Sequence[float] = SHARES,
    source: int = 1,
    today: date = TODAY,
    back: int = 10,
) -> None:
    """Every morning until ``today`` a file with the last days as they were known by then.

    The first one reaches ``back`` days, later ones as far as anything still changes.
    """
    lines = list(lines)
    for number in range(mornings - 1, -1, -1):
        morning = today - timedelta(days=number)
        rows = [
            {
                "line": line,
                "day": day,
                "clicks": 1000,
                "spend": "100",
                "conversions": round(final * share),
                "revenue": str(round(final * share * 3)),
            }
            for line in lines
            for age in range(1, (back if number == mornings - 1 else len(shares)) + 1)
            for day, share in [(morning - timedelta(days=age), known_share(age, shares))]
        ]
        at = datetime.combine(morning, datetime.min.time(), UTC) + timedelta(hours=5)
        load_rows(rows, known_at=at, source=source)
