"""A small company whose campaigns have weeks of figures, and a forecast of it made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from campaigns.models import CampaignLine
from insights.models import Forecast, ForecastIssue, ModelVersion
from insights.rules.forecast_run import Settings
from insights.services.forecasts import issue_with
from insights.services.versions import Trained, version_add
from tests.cast import Cast
from tests.world import load_rows, make_campaign, make_line

NOW = datetime(2026, 11, 22, 6, 15, tzinfo=UTC)
CUTOFF = date(2026, 11, 21)
DAY = timedelta(days=1)
QUICK = Settings(trees=False)
WEEKDAYS = (1.2, 1.1, 1.0, 1.0, 0.9, 0.6, 0.5)


def figures(
    line: CampaignLine, *, days: int = 70, level: float = 100, growth: float = 0.0
) -> list[dict[str, Any]]:
    """Days up to the cut-off with a weekday profile, each ``growth`` more than the one before."""
    rows = []
    for ago in range(days - 1, -1, -1):
        day = CUTOFF - ago * DAY
        size = level * WEEKDAYS[day.weekday()] * (1 + growth) ** (days - ago) * (1 + ago % 5 / 50)
        rows.append(
            {
                "line": line,
                "day": day,
                "impressions": round(size * 40),
                "clicks": round(size),
                "spend": f"{size * 0.5:.2f}",
                "conversions": round(size / 20),
                "revenue": f"{size * 2:.2f}",
            }
        )
    return rows


def come_in(rows: Iterable[dict[str, Any]], *, at: datetime = NOW - timedelta(hours=2)) -> None:
    load_rows(list(rows), known_at=at, source=1)


def small_company(cast: Cast) -> list[CampaignLine]:
    """Two campaigns of DACH, one of them in two channels, and one of the US."""
    boots = make_campaign(cast, "Winter boots")
    lines = [
        make_line(cast, boots, channel="search", name="Boots search"),
        make_line(cast, boots, channel="social", name="Boots social"),
        make_line(cast, channel="search", name="Jackets search"),
        make_line(
            cast, make_campaign(cast, "US tents", team=cast.us, owner=cast.other_manager),
            channel="search", name="Tents search",
        ),
    ]  # fmt: skip
    come_in(row for n, line in enumerate(lines) for row in figures(line, level=100 + 40 * n))
    return lines


def issue(now: datetime = NOW) -> ForecastIssue:
    """Forecast everything quickly, and return the issue."""
    version = ModelVersion.objects.filter(kind=ModelVersion.Kind.FORECAST).first()
    issue_with(settings=QUICK, version=version, now=now)
    return ForecastIssue.objects.latest("issued_at")


def by_hand(cast: Cast, metric: str = "clicks", **fields: Any) -> Forecast:
    """One forecast of a campaign of DACH without any engine: 10 a day, 8 to 12."""
    made = version_add(
        kind=ModelVersion.Kind.FORECAST, team=cast.company, user=None, at=NOW,
        trained=Trained(sha256="a" * 64, rows=1, batch=None, known_at=NOW),
    )  # fmt: skip
    run = ForecastIssue.objects.create(
        version=made, cutoff=CUTOFF, issued_at=NOW, known_at=NOW, horizon=30, currency="EUR",
        data_sha256="a" * 64, series=1,
    )  # fmt: skip
    campaign = make_campaign(cast)
    days: dict[str, Any] = {}
    for name, value in (
        ("yhat", 10.0),
        ("lo80", 9.0),
        ("hi80", 11.0),
        ("lo95", 8.0),
        ("hi95", 12.0),
    ):
        days[name] = [value] * 30
        days[f"sum_{name}"] = [value * n for n in range(1, 31)]
    plain: dict[str, Any] = {
        "level": "campaign", "subject": f"campaign:{campaign.pk}", "team": cast.dach,
        "campaign": campaign, "base7": 60.0, "call": 1, "chances": [0.1, 0.2, 0.7],
    }  # fmt: skip
    return Forecast.objects.create(
        issue=run, version=made, metric=metric, cutoff=CUTOFF, issued_at=NOW, known_at=NOW,
        horizon=30, method="sum", days_known=70, **plain | days | fields,
    )  # fmt: skip
